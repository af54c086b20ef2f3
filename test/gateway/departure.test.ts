import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { leash } from "../../src/gateway/deadline.ts";
import { watchDeparture } from "../../src/gateway/departure.ts";
import { MOMENT_MS, Moments } from "../../src/lib/moments.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const aMoment = (): void => void jest.advanceTimersByTime(2 * MOMENT_MS);

/** A request that tells whether anybody asked for its signal. */
const watched = () => {
  const controller = new AbortController();
  let looks = 0;
  const request = {
    get signal() {
      looks++;
      return controller.signal;
    },
  };
  const departure = watchDeparture(request, new Moments());
  return { departure, leave: () => controller.abort(), looks: () => looks };
};

const counter = () => {
  let count = 0;
  return { count: () => count, add: () => void count++ };
};

describe("a client", () => {
  test("that leaves ends what depends on it", () => {
    const { departure, leave } = watched();
    const early = counter();
    departure.onLeave(early.add);
    aMoment();
    const late = counter();
    departure.onLeave(late.add);
    leave();
    expect([early.count(), late.count(), departure.signal.aborted]).toEqual([1, 1, true]);
  });

  test("that left within the first moment is noticed after it", () => {
    const { departure, leave } = watched();
    const ends = counter();
    departure.onLeave(ends.add);
    leave();
    expect(departure.signal.aborted).toBe(false);
    aMoment();
    expect([ends.count(), departure.signal.aborted]).toEqual([1, true]);
    departure.onLeave(ends.add);
    expect(ends.count()).toBe(2);
  });

  test("that left within the first moment is noticed at once by whoever must know", () => {
    const { departure, leave, looks } = watched();
    const ends = counter();
    departure.onLeave(ends.add);
    leave();
    departure.attend();
    expect([ends.count(), departure.signal.aborted]).toEqual([1, true]);
    const looked = looks();
    departure.attend();
    aMoment();
    expect([ends.count(), looks()]).toEqual([1, looked]);
  });

  test("that became the end of a session is not watched any more", () => {
    const { departure, leave } = watched();
    const ends = counter();
    departure.onLeave(ends.add);
    aMoment();
    departure.handOver();
    leave();
    expect([ends.count(), departure.signal.aborted]).toEqual([0, false]);
  });
});

describe("a call", () => {
  test("that is over within a moment never asks for the signal", () => {
    const { departure, looks } = watched();
    const begins = counter();
    departure.onStay(begins.add);
    departure.over();
    aMoment();
    expect([looks(), begins.count()]).toEqual([0, 0]);
  });

  test("that stays begins what only a long one needs, and later at once", () => {
    const { departure } = watched();
    const begins = counter();
    departure.onStay(begins.add);
    expect(begins.count()).toBe(0);
    aMoment();
    expect(begins.count()).toBe(1);
    departure.onStay(begins.add);
    expect(begins.count()).toBe(2);
  });
});

describe("a leash", () => {
  test.each([50, 999, 1000, 60_000])("of %d ms ends at its time", (limitMs) => {
    const held = leash(watched().departure, limitMs);
    jest.advanceTimersByTime(limitMs - 1);
    expect([held.ending.aborted, held.timedOut]).toEqual([false, false]);
    jest.advanceTimersByTime(1);
    expect([held.ending.aborted, held.timedOut]).toEqual([true, true]);
  });

  test.each([500, 5000])("of %d ms does not end what has answered", (limitMs) => {
    for (const waited of [0, 2 * MOMENT_MS]) {
      const held = leash(watched().departure, limitMs);
      jest.advanceTimersByTime(waited);
      held.answered();
      jest.advanceTimersByTime(2 * limitMs);
      expect([held.ending.aborted, held.timedOut]).toEqual([false, false]);
    }
  });

  test.each([500, 5000])("of %d ms that is renewed ends that long after", (limitMs) => {
    for (const waited of [0, MOMENT_MS / 2, 3 * MOMENT_MS]) {
      const held = leash(watched().departure, limitMs);
      jest.advanceTimersByTime(waited);
      held.renew();
      jest.advanceTimersByTime(limitMs - 1);
      expect(held.timedOut).toBe(false);
      jest.advanceTimersByTime(1);
      expect(held.timedOut).toBe(true);
      held.renew();
      expect(held.ending.aborted).toBe(true);
    }
  });

  test.each([500, 5000])("of %d ms ends with its client, and is not late", (limitMs) => {
    const { departure, leave } = watched();
    const held = leash(departure, limitMs);
    aMoment();
    leave();
    expect([held.ending.aborted, held.timedOut]).toEqual([true, false]);
    jest.advanceTimersByTime(2 * limitMs);
    expect(held.timedOut).toBe(false);
  });

  test("that was let go stays so", () => {
    const held = leash(watched().departure, 5000);
    held.abort();
    aMoment();
    expect([held.ending.aborted, held.timedOut, jest.getTimerCount()]).toEqual([true, false, 0]);
  });
});
