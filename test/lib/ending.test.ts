import { describe, expect, test } from "bun:test";
import { Ender } from "../../src/lib/ending.ts";
import type { Ending } from "../../src/lib/ending.ts";

interface Ended {
  readonly ending: Ending;
  readonly abort: (reason?: unknown) => void;
}

const ended: readonly (readonly [string, () => Ended])[] = [
  [
    "an Ender",
    () => {
      const ender = new Ender();
      return { ending: ender, abort: (reason) => ender.abort(reason) };
    },
  ],
  [
    "an AbortSignal",
    () => {
      const controller = new AbortController();
      return { ending: controller.signal, abort: (reason) => controller.abort(reason) };
    },
  ],
];

describe.each(ended)("%s", (_, make) => {
  test("has not ended before it does", () => {
    const { ending } = make();
    expect(ending.aborted).toBe(false);
    expect(ending.reason).toBeUndefined();
    expect(() => ending.throwIfAborted()).not.toThrow();
  });

  test("ends once, for its first reason", () => {
    const { ending, abort } = make();
    const reason = new Error("first");
    abort(reason);
    abort(new Error("second"));
    expect(ending.aborted).toBe(true);
    expect(ending.reason).toBe(reason);
    expect(() => ending.throwIfAborted()).toThrow(reason);
  });

  test("has a reason where none was given", () => {
    const { ending, abort } = make();
    abort();
    expect(ending.reason).toBeInstanceOf(DOMException);
    expect(ending.reason).toHaveProperty("name", "AbortError");
  });

  test("tells each listener once, in their order, when it has ended", () => {
    const { ending, abort } = make();
    const heard: string[] = [];
    ending.addEventListener("abort", () => heard.push(`first ${ending.aborted} ${String(ending.reason)}`), {
      once: true,
    });
    ending.addEventListener("abort", () => heard.push("second"));
    abort("why");
    abort("again");
    expect(heard).toEqual(["first true why", "second"]);
  });

  test("does not tell who has left", () => {
    const { ending, abort } = make();
    const heard: string[] = [];
    const leaving = (): void => void heard.push("left");
    ending.addEventListener("abort", leaving);
    ending.addEventListener("abort", () => heard.push("stayed"));
    ending.removeEventListener("abort", leaving);
    ending.removeEventListener("abort", leaving);
    abort();
    expect(heard).toEqual(["stayed"]);
  });

  test("does not tell who leaves while it is told", () => {
    const { ending, abort } = make();
    const heard: string[] = [];
    const second = (): void => void heard.push("second");
    ending.addEventListener("abort", () => {
      heard.push("first");
      ending.removeEventListener("abort", second);
    });
    ending.addEventListener("abort", second);
    abort();
    expect(heard).toEqual(["first"]);
  });

  test("does not tell who came after it had ended", () => {
    const { ending, abort } = make();
    abort();
    ending.addEventListener("abort", () => {
      throw new Error("It is told too late");
    });
    abort();
  });
});

describe("the platform's signal of an Ender", () => {
  test("is one, and ends with it", () => {
    const ender = new Ender();
    const { signal } = ender;
    expect(ender.signal).toBe(signal);
    const reason = new Error("why");
    const heard: unknown[] = [];
    signal.addEventListener("abort", () => heard.push(signal.reason));
    expect(signal.aborted).toBe(false);
    ender.abort(reason);
    expect(heard).toEqual([reason]);
  });

  test("has ended when it is asked for too late", () => {
    const ender = new Ender();
    ender.abort("why");
    expect(ender.signal.aborted).toBe(true);
    expect(ender.signal.reason).toBe("why");
  });

  test("ends though a listener of the Ender fails", () => {
    const ender = new Ender();
    const { signal } = ender;
    const heard: string[] = [];
    ender.addEventListener("abort", () => {
      throw new Error("of the listener");
    });
    ender.addEventListener("abort", () => heard.push("next"));
    try {
      ender.abort();
    } catch {
      // Whoever ends it may hear of that.
    }
    expect(heard).toEqual(["next"]);
    expect(signal.aborted).toBe(true);
  });
});
