/** One attempt's leash: it ends when the client leaves, when time is up, or when we let go of it. */
import type { Departure } from "./departure.ts";

export interface Leash {
  /** Passed to the upstream call. */
  readonly signal: AbortSignal;
  /** The deadline was what ended it. */
  readonly timedOut: boolean;
  /** The answer has begun: the deadline no longer counts, the client's leaving still does. */
  answered(): void;
  /** The time starts anew: of an attempt that is several exchanges, each has its own. */
  renew(): void;
  /** Ends the upstream call. */
  abort(): void;
}

export const leash = (departure: Pick<Departure, "onLeave">, limitMs: number): Leash => {
  const controller = new AbortController();
  let timedOut = false;
  let isBegun = false;
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort();
  }, limitMs);
  departure.onLeave(() => controller.abort());
  return {
    signal: controller.signal,
    get timedOut() {
      return timedOut;
    },
    answered: () => {
      isBegun = true;
      clearTimeout(timer);
    },
    renew: () => {
      if (!isBegun && !controller.signal.aborted) timer.refresh();
    },
    abort: () => {
      clearTimeout(timer);
      controller.abort();
    },
  };
};
