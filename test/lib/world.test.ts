import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { realWorld } from "../../src/lib/world.ts";

describe("sleep", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const asleep = (ms: number, signal: AbortSignal) => {
    const seen = { isOver: false, done: Promise.resolve() };
    seen.done = realWorld.sleep(ms, signal).then(() => void (seen.isOver = true));
    return seen;
  };

  /** Lets what has been resolved be heard. */
  const turn = async (): Promise<void> => {
    for (let count = 0; count < 5; count++) await Promise.resolve();
  };

  test("lasts as long as it was asked to", async () => {
    const sleep = asleep(1000, new AbortController().signal);
    jest.advanceTimersByTime(999);
    await turn();
    expect(sleep.isOver).toBe(false);
    jest.advanceTimersByTime(1);
    await sleep.done;
    expect(sleep.isOver).toBe(true);
  });

  test("ends at once when its signal aborts, and leaves no timer", async () => {
    const controller = new AbortController();
    const sleep = asleep(60_000, controller.signal);
    expect(jest.getTimerCount()).toBe(1);
    controller.abort();
    await sleep.done;
    expect(jest.getTimerCount()).toBe(0);
  });

  test("does not begin when its signal is aborted already", async () => {
    await asleep(60_000, AbortSignal.abort()).done;
    expect(jest.getTimerCount()).toBe(0);
  });
});

test("the clock goes on, dates are dates, chance is a share", () => {
  const before = realWorld.now();
  expect(realWorld.now()).toBeGreaterThanOrEqual(before);
  expect(Math.abs(realWorld.date() - Date.now())).toBeLessThan(1000);
  for (let count = 0; count < 100; count++) expect(realWorld.random()).toBeWithin(0, 1);
});

test("no id comes twice", () => {
  const ids = Array.from({ length: 1000 }, () => realWorld.id());
  expect(new Set(ids).size).toBe(1000);
});
