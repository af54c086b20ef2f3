/** Fallback: targets in order until one is accepted. */
import type { Outcome, ReplyHead } from "../schema/outcome.ts";
import { statusOf } from "../schema/outcome.ts";
import type { Dispatch, RoutedCall } from "../schema/plan.ts";
import { isElsewhere } from "./elsewhere.ts";
import { isListed } from "./status.ts";

export interface FallbackPolicy {
  /** Statuses that make the next target be tried; without it, everything that is not 2xx. */
  readonly onStatusCodes?: readonly number[] | undefined;
}

export const fallback =
  <Call extends RoutedCall, Reply extends ReplyHead>(
    children: readonly Dispatch<Call, Reply>[],
    policy: FallbackPolicy,
  ): Dispatch<Call, Reply> =>
  async (call) => {
    let outcome: Outcome<Reply> = { kind: "cancelled" }; // a fallback without targets does not compile
    for (const [index, child] of children.entries()) {
      outcome = await child(call);
      const isLast = index === children.length - 1;
      if (isLast || call.signal.aborted || !call.hasTries() || !fallsThrough(outcome, policy)) return outcome;
      if (outcome.kind === "answered" || outcome.kind === "refused") outcome.reply.discard();
    }
    return outcome;
  };

const fallsThrough = (outcome: Outcome, policy: FallbackPolicy): boolean => {
  if (outcome.kind === "cancelled") return false;
  if (isElsewhere(outcome)) return true;
  if (policy.onStatusCodes !== undefined) return isListed(outcome, policy.onStatusCodes);
  const status = statusOf(outcome);
  if (status === 101) return false; // a connection that was opened
  return status < 200 || status > 299;
};
