import { expect, test } from "bun:test";
import { createCalls } from "../../src/gateway/calls.ts";

test("calls in flight are counted", () => {
  const calls = createCalls();
  calls.opened();
  calls.opened();
  expect(calls.inFlight).toBe(2);
  calls.closed();
  expect(calls.inFlight).toBe(1);
});

test("at a shutdown every open stream hears of it, those that ended do not", () => {
  const calls = createCalls();
  const heard: string[] = [];
  calls.onShutdown(() => heard.push("first"));
  const leave = calls.onShutdown(() => heard.push("ended"));
  calls.onShutdown(() => heard.push("last"));
  leave();
  calls.endStreams();
  expect(heard).toEqual(["first", "last"]);
});

test("a stream may leave while it hears of the shutdown", () => {
  const calls = createCalls();
  const heard: string[] = [];
  const join = (name: string): void => {
    const leave = calls.onShutdown(() => {
      heard.push(name);
      leave();
    });
  };
  join("a");
  join("b");
  calls.endStreams();
  calls.endStreams();
  expect(heard).toEqual(["a", "b"]);
});
