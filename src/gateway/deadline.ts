/** One attempt's leash: it ends when the client leaves, when time is up, or when we let go of it. */
import type { Ending } from "../lib/ending.ts";
import { Ender } from "../lib/ending.ts";
import type { Departure } from "./departure.ts";

export interface Leash {
  /** Passed to the upstream call. */
  readonly ending: Ending;
  /** The same for what knows signals only. */
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
  const ender = new Ender();
  let timedOut = false;
  let isBegun = false;
  const timer = setTimeout(() => {
    timedOut = true;
    ender.abort();
  }, limitMs);
  departure.onLeave(() => ender.abort());
  return {
    ending: ender,
    get signal() {
      return ender.signal;
    },
    get timedOut() {
      return timedOut;
    },
    answered: () => {
      isBegun = true;
      clearTimeout(timer);
    },
    renew: () => {
      if (!isBegun && !ender.aborted) timer.refresh();
    },
    abort: () => {
      clearTimeout(timer);
      ender.abort();
    },
  };
};
