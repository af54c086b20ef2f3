import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { endOfString, isTooDeep } from "../../src/lib/json-guard.ts";

/** How deep a parsed value nests: what the guard must find without parsing. */
const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe("the depth of a JSON text", () => {
  test("is that of its value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(3), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const depth = depthOf(JSON.parse(text));
        expect(isTooDeep(text, depth)).toBe(false);
        if (depth > 0) expect(isTooDeep(text, depth - 1)).toBe(true);
      }),
    );
  });

  test("does not count what stands in strings", () => {
    const nasty = fc.string({ unit: fc.constantFrom("[", "{", "]", "}", '"', "\\", "a", "\n") });
    fc.assert(
      fc.property(nasty, nasty, (key, value) => {
        const text = JSON.stringify({ [key]: [value, { [value]: key }] });
        expect(isTooDeep(text, 3)).toBe(false);
        expect(isTooDeep(text, 2)).toBe(true);
      }),
    );
  });

  test.each<[string, string, number, boolean]>([
    ["a scalar has none", '"[[["', 0, false],
    ["an empty array has one", "[]", 0, true],
    ["neighbours do not add up", "[[],[],{},[]]", 2, false],
    ["an escaped quote ends nothing", '["\\"[[[["]', 1, false],
    ["an escaped backslash does not escape the quote", '["\\\\",[[]]]', 2, true],
    ["an odd run of backslashes does", '["\\\\\\"[[[",1]', 1, false],
    ["a text that never closes counts, too", "[[[[", 3, true],
    ["a string that never closes swallows the rest", '["[[[[', 1, false],
    ["nothing has none", "", 0, false],
  ])("%s", (_name, text, limit, expected) => {
    expect(isTooDeep(text, limit)).toBe(expected);
  });

  test("is found in a bomb that no parser would survive", () => {
    expect(isTooDeep("[".repeat(5_000_000), 128)).toBe(true);
    expect(isTooDeep("[]".repeat(1_000_000), 128)).toBe(false);
  });
});

describe("the end of a string", () => {
  test("is the quote that JSON ends it with", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, after) => {
        const written = JSON.stringify(value);
        expect(endOfString(written + after, 0)).toBe(written.length - 1);
      }),
    );
  });

  test("that never ends is the last character", () => {
    expect(endOfString('"abc', 0)).toBe(3);
    expect(endOfString('"abc\\"', 0)).toBe(5);
  });
});
