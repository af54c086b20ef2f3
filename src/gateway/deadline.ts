/** One attempt's leash: it ends when the client leaves, when time is up, or when we let go of it. */
import type { RoutedCall } from "../schema/plan.ts";

export interface Leash {
  /** Passed to the upstream call. */
  readonly signal: AbortSignal;
  /** The deadline was what ended it. */
  readonly timedOut: boolean;
  /** The answer has begun: the deadline no longer counts, the client's leaving still does. */
  answered(): void;
  /** Ends the upstream call. */
  abort(): void;
}

export const leash = (call: RoutedCall, limitMs: number): Leash => {
  const controller = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort();
  }, limitMs);
  return {
    signal: AbortSignal.any([call.signal, controller.signal]),
    get timedOut() {
      return timedOut;
    },
    answered: () => clearTimeout(timer),
    abort: () => {
      clearTimeout(timer);
      controller.abort();
    },
  };
};
