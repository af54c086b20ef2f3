import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { MOMENT_MS, Moments } from "../../src/lib/moments.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const recorded = () => {
  const moments = new Moments();
  const done: string[] = [];
  return { moments, done, later: (name: string) => moments.later(() => void done.push(name)) };
};

describe("work for later", () => {
  test("is done once, between one and two moments later", () => {
    const { done, later } = recorded();
    later("a");
    jest.advanceTimersByTime(MOMENT_MS);
    expect(done).toEqual([]);
    jest.advanceTimersByTime(MOMENT_MS);
    expect(done).toEqual(["a"]);
    jest.advanceTimersByTime(10 * MOMENT_MS);
    expect(done).toEqual(["a"]);
  });

  test("waits a whole moment even when it comes just before the timer", () => {
    const { done, later } = recorded();
    later("a");
    jest.advanceTimersByTime(MOMENT_MS - 1);
    later("b");
    jest.advanceTimersByTime(MOMENT_MS);
    expect(done).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(done).toEqual(["a", "b"]);
  });

  test("is not done when it was dropped", () => {
    const { done, later } = recorded();
    const dropped = later("a");
    later("b");
    dropped.drop();
    jest.advanceTimersByTime(2 * MOMENT_MS);
    expect(done).toEqual(["b"]);
  });

  test("may ask for more work", () => {
    const { moments, done, later } = recorded();
    moments.later(() => void later("a"));
    jest.advanceTimersByTime(2 * MOMENT_MS);
    expect(done).toEqual([]);
    jest.advanceTimersByTime(2 * MOMENT_MS);
    expect(done).toEqual(["a"]);
  });

  test("needs one timer for all, and none when there is nothing to do", () => {
    const { later } = recorded();
    expect(jest.getTimerCount()).toBe(0);
    for (let made = 0; made < 100; made++) later("a");
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(2 * MOMENT_MS);
    expect(jest.getTimerCount()).toBe(0);
  });
});
