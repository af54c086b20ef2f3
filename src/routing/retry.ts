/**
 * Retry: the same target again, after a wait.
 *
 * A status on the list and a failure of the network are tried again; waits grow from one second by
 * two, with jitter, or are the provider's own when asked for. A wait the provider asks for counts
 * against a minute in all, as the reference does.
 */
import type { Outcome, ReplyHead } from "../schema/outcome.ts";
import type { Dispatch, RoutedCall } from "../schema/plan.ts";
import { providerWaitMs } from "./retry-after.ts";
import { statusOf } from "../schema/outcome.ts";

export interface RetryPolicy {
  /** Tries after the first one. */
  readonly attempts: number;
  readonly onStatusCodes: readonly number[];
  readonly useRetryAfterHeader: boolean;
}

export const DEFAULT_RETRY_STATUSES: readonly number[] = [429, 500, 502, 503, 504];

const FIRST_WAIT_MS = 1000;

export const retry =
  <Call extends RoutedCall, Reply extends ReplyHead>(
    dispatch: Dispatch<Call, Reply>,
    policy: RetryPolicy,
  ): Dispatch<Call, Reply> =>
  async (call) => {
    for (let made = 0; ; made++) {
      const outcome = await dispatch(call);
      if (!isRetryable(outcome, policy)) return counted(outcome, made);
      const wait = made < policy.attempts ? waitMs(outcome, policy, made, call) : undefined;
      if (wait === undefined || !call.hasTries()) return counted(outcome, -1);
      if (outcome.kind === "refused" || outcome.kind === "answered") outcome.reply.discard();
      await pause(call, wait);
      if (call.signal.aborted) return { kind: "cancelled" };
    }
  };

/** Network failures are tried again whatever the list says: nothing has been answered yet. */
const isRetryable = (outcome: Outcome, policy: RetryPolicy): boolean => {
  if (outcome.kind === "cancelled") return false;
  if (outcome.kind === "failed" && outcome.cause === "network") return true;
  if (outcome.kind === "failed" && outcome.cause !== "timeout" && outcome.cause !== "malformed") return false;
  return policy.onStatusCodes.includes(statusOf(outcome));
};

/** How long to wait before the next try; undefined when the provider asks for more than is left. */
const waitMs = (
  outcome: Outcome,
  policy: RetryPolicy,
  made: number,
  call: RoutedCall,
): number | undefined => {
  const asked = policy.useRetryAfterHeader ? askedWait(outcome, call) : undefined;
  const wait = asked ?? backoffMs(made, call.world.random());
  return wait < call.patience.leftMs ? wait : undefined;
};

const askedWait = (outcome: Outcome, call: RoutedCall): number | undefined =>
  outcome.kind === "refused" ? providerWaitMs(outcome.reply.headers, call.world.date()) : undefined;

/** Between half of 1, 2, 4… seconds and all of it, so that clients that failed together do not come back together. */
export const backoffMs = (made: number, chance: number): number =>
  FIRST_WAIT_MS * 2 ** made * (0.5 + chance / 2);

const pause = async (call: RoutedCall, ms: number): Promise<void> => {
  call.patience.leftMs -= ms;
  const before = call.world.now();
  await call.world.sleep(ms, call.signal);
  call.waited(call.world.now() - before);
};

const counted = <Reply extends ReplyHead>(outcome: Outcome<Reply>, retries: number): Outcome<Reply> =>
  outcome.kind === "cancelled" ? outcome : { ...outcome, retries };
