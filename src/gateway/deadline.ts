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

export const leash = (
  departure: Pick<Departure, "onLeave" | "onStay">,
  limitMs: number,
  startedAt = performance.now(),
): Leash => new Deadline(departure, limitMs, startedAt);

/** A class, for an object with getters of its own costs as much as a timer. */
class Deadline implements Leash {
  readonly ending = new Ender();
  readonly #limitMs: number;
  #startedAt: number;
  #timer: Timer | undefined;
  #isBegun = false;
  #timedOut = false;

  constructor(departure: Pick<Departure, "onLeave" | "onStay">, limitMs: number, startedAt: number) {
    this.#limitMs = limitMs;
    this.#startedAt = startedAt;
    if (limitMs < FAR_MS) this.#watch();
    else departure.onStay(() => this.#watch());
    departure.onLeave(() => this.ending.abort());
  }

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  get timedOut(): boolean {
    return this.#timedOut;
  }

  answered(): void {
    this.#isBegun = true;
    clearTimeout(this.#timer);
  }

  renew(): void {
    this.#startedAt = performance.now();
    if (this.#timer === undefined) return; // it is yet to come, and reckons from here
    clearTimeout(this.#timer);
    this.#watch();
  }

  abort(): void {
    clearTimeout(this.#timer);
    this.ending.abort();
  }

  #watch(): void {
    if (this.#isBegun || this.ending.aborted) return;
    const leftMs = this.#startedAt + this.#limitMs - performance.now();
    this.#timer = setTimeout(() => this.#expire(), leftMs);
  }

  #expire(): void {
    this.#timedOut = !this.ending.aborted;
    this.ending.abort();
  }
}
