/** A world for tests: its clock stands still unless somebody sleeps in it, its chance is what was asked for. */
import type { World } from "../../src/lib/world.ts";

/** 2026-11-21T12:00:00Z */
export const START_DATE = Date.UTC(2026, 10, 21, 12);

export interface FakeWorld extends World {
  /** Every sleep, in milliseconds. */
  readonly slept: readonly number[];
  /** Lets time go by. */
  advance(ms: number): void;
}

export interface WorldOptions {
  /** What chance says, one after the other; the last one stays. */
  readonly chances?: readonly number[];
  /** Called when somebody falls asleep. */
  readonly onSleep?: (ms: number) => void;
}

export const fakeWorld = ({ chances = [0.5], onSleep }: WorldOptions = {}): FakeWorld => {
  const slept: number[] = [];
  let elapsed = 0;
  let serial = 0;
  let drawn = 0;
  return {
    slept,
    advance: (ms) => void (elapsed += ms),
    now: () => elapsed,
    date: () => START_DATE + elapsed,
    random: () => chances[Math.min(drawn++, chances.length - 1)] ?? 0,
    sleep: async (ms, signal) => {
      slept.push(ms);
      onSleep?.(ms);
      if (!signal.aborted) elapsed += ms;
    },
    id: () => `id-${++serial}`,
  };
};
