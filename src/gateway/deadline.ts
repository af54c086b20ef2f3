/** One attempt's leash: it ends when the client leaves, when time is up, or when we let go of it. */
import type { Ending } from "../lib/ending.ts";
import { Ender } from "../lib/ending.ts";
import { MOMENT_MS } from "../lib/moments.ts";
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

/** A far deadline gets its timer once the call has lasted a moment: most have answered by then. */
const FAR_MS = 10 * MOMENT_MS;

export const leash = (departure: Pick<Departure, "onLeave" | "onStay">, limitMs: number): Leash => {
  const ender = new Ender();
  let timedOut = false;
  let isBegun = false;
  let startedAt = performance.now();
  let timer: Timer | undefined;
  const expire = (): void => {
    timedOut = !ender.aborted;
    ender.abort();
  };
  const watch = (): void => {
    if (!isBegun && !ender.aborted) timer = setTimeout(expire, startedAt + limitMs - performance.now());
  };
  if (limitMs < FAR_MS) watch();
  else departure.onStay(watch);
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
      startedAt = performance.now();
      if (timer === undefined) return; // it is yet to come, and reckons from here
      clearTimeout(timer);
      watch();
    },
    abort: () => {
      clearTimeout(timer);
      ender.abort();
    },
  };
};
