/** Calls, targets and outcomes as routing sees them, without a gateway around them. */
import { GatewayError, type ErrorCode } from "../../src/schema/errors.ts";
import type { FailureCause, Outcome, ReplyHead } from "../../src/schema/outcome.ts";
import type { Dispatch, MatchScope, RoutedCall } from "../../src/schema/plan.ts";
import type { AttemptRecord } from "../../src/schema/record.ts";
import { fakeWorld, type FakeWorld, type WorldOptions } from "../support/world.ts";

export interface FakeCall extends RoutedCall {
  readonly world: FakeWorld;
  /** Milliseconds of waiting that were told. */
  readonly told: number[];
  leave(): void;
}

export interface CallOptions extends WorldOptions {
  /** Tries at targets that are left. */
  readonly tries?: number;
  readonly patienceMs?: number;
  readonly scope?: Partial<MatchScope>;
  /** The client leaves while somebody sleeps. */
  readonly leavesAsleep?: boolean;
}

export const fakeCall = (options: CallOptions = {}): FakeCall & { takeTry(): void } => {
  const { tries = Number.POSITIVE_INFINITY, patienceMs = 60_000, scope, leavesAsleep = false } = options;
  const controller = new AbortController();
  const told: number[] = [];
  let left = tries;
  return {
    signal: controller.signal,
    world: fakeWorld({
      ...options,
      onSleep: (ms) => {
        options.onSleep?.(ms);
        if (leavesAsleep) controller.abort();
      },
    }),
    scope: () => ({ metadata: {}, params: {}, url: { pathname: "/v1/chat/completions" }, ...scope }),
    hasTries: () => left > 0,
    takeTry: () => void left--,
    patience: { leftMs: patienceMs },
    waited: (ms) => void told.push(ms),
    told,
    leave: () => controller.abort(),
  };
};

export interface FakeReply extends ReplyHead {
  readonly discards: number;
}

const RECORD: AttemptRecord = {
  target: "config",
  provider: "p",
  requestModel: null,
  mode: "passthrough",
  status: null,
  outcome: "answered",
  reason: null,
  ttftMs: null,
  durationMs: 0,
};

const replyOf = (status: number, headers: Readonly<Record<string, string>>): FakeReply => {
  const reply = { status, headers: new Headers(headers), discards: 0, discard: () => void reply.discards++ };
  return reply;
};

/** What a target says with this status. */
export const said = (
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Extract<Outcome<FakeReply>, { kind: "answered" | "refused" }> => ({
  kind: status >= 400 ? "refused" : "answered",
  attempt: RECORD,
  retries: 0,
  reply: replyOf(status, headers),
});

const CODES: Readonly<Record<FailureCause, ErrorCode>> = {
  timeout: "request_timeout",
  network: "upstream_unreachable",
  malformed: "upstream_malformed",
  unsupported: "unsupported_endpoint",
  unprepared: "missing_credential",
};

export const failed = (cause: FailureCause, code: ErrorCode = CODES[cause]): Outcome<FakeReply> => ({
  kind: "failed",
  attempt: RECORD,
  retries: 0,
  cause,
  error: new GatewayError(code, cause),
});

export const CANCELLED: Outcome<FakeReply> = { kind: "cancelled" };

export interface FakeTarget {
  readonly dispatch: Dispatch<FakeCall, FakeReply>;
  readonly tries: number;
}

/** A target that says one after the other; the last one again and again. */
export const target = (...outcomes: readonly Outcome<FakeReply>[]): FakeTarget => {
  let tries = 0;
  return {
    dispatch: async () => {
      const outcome = outcomes[Math.min(tries++, outcomes.length - 1)];
      if (outcome === undefined) throw new Error("This target has nothing to say");
      return outcome;
    },
    get tries() {
      return tries;
    },
  };
};
