import { expect, test } from "bun:test";
import { defined, present } from "../../src/lib/defined.ts";

test("defined keeps every field but the undefined ones", () => {
  const fields = defined({ a: 1, b: undefined, c: null, d: false, e: "" });
  expect(Object.keys(fields)).toEqual(["a", "c", "d", "e"]);
});

test("present keeps every value but the undefined ones", () => {
  expect(present([1, undefined, 0, 2])).toEqual([1, 0, 2]);
});
