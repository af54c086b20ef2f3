/** Everything impure that a call needs: clock, chance, sleep. Tests bring their own. */
import type { Ending } from "./ending.ts";

export interface World {
  /** Monotonic milliseconds, for durations. */
  now(): number;
  /** Milliseconds since 1970, for dates. */
  date(): number;
  /** [0, 1) */
  random(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal: Ending): Promise<void>;
  id(): string;
}

export const realWorld: World = Object.freeze({
  now: () => performance.now(),
  date: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms: number, signal: Ending) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done, { once: true });
    }),
  id: () => Bun.randomUUIDv7(),
});
