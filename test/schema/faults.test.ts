import { Type } from "@sinclair/typebox";
import { describe, expect, test } from "bun:test";
import { closed, dictionary, oneOf, open } from "../../src/schema/build.ts";
import { faultLine, faultsOf, ruleFault, type Rule, type Schema } from "../../src/schema/faults.ts";
import type { JsonValue } from "../../src/schema/json.ts";

const lines = (schema: Schema, value: JsonValue): readonly string[] => faultsOf(schema, value).map(faultLine);

const cases: readonly [string, Schema, JsonValue, readonly string[]][] = [
  ["another type", Type.String(), 5, ["path: , message: Expected string, received number"]],
  ["null", Type.String(), null, ["path: , message: Expected string, received null"]],
  ["an array for an object", open({}), [], ["path: , message: Expected object, received array"]],
  [
    "an object for an array",
    Type.Array(Type.Any()),
    {},
    ["path: , message: Expected array, received object"],
  ],
  ["a text for a boolean", Type.Boolean(), "yes", ["path: , message: Expected boolean, received string"]],
  ["not a number", Type.Number(), Number.NaN, ["path: , message: Expected number, received nan"]],
  ["an endless number", Type.Number(), Infinity, ["path: , message: Number must be finite"]],
  ["a fraction", Type.Integer(), 1.5, ["path: , message: Expected integer, received float"]],
  [
    "too small",
    Type.Number({ minimum: 0 }),
    -1,
    ["path: , message: Number must be greater than or equal to 0"],
  ],
  ["too large", Type.Number({ maximum: 9 }), 10, ["path: , message: Number must be less than or equal to 9"]],
  [
    "too few",
    Type.Array(Type.Any(), { minItems: 1 }),
    [],
    ["path: , message: Array must contain at least 1 element(s)"],
  ],
  [
    "too short",
    Type.String({ minLength: 2 }),
    "a",
    ["path: , message: String must contain at least 2 character(s)"],
  ],
  ["a missing key", open({ a: Type.String() }), {}, ["path: a, message: Required"]],
  ["an unknown word", oneOf(["a", "b"], "Only a or b"), "secret", ["path: , message: Only a or b"]],
  [
    "an unknown word without words for it",
    Type.Unsafe({ type: "string", enum: ["a", "b"] }),
    "secret",
    ["path: , message: Invalid enum value. Expected 'a' | 'b'"],
  ],
  [
    "no option of a union",
    Type.Union([Type.Array(Type.String()), Type.Array(open({}))]),
    ["a", {}],
    ["path: , message: Invalid input"],
  ],
  [
    "an unknown key",
    closed({}),
    { a: 1, b: 2 },
    ["path: , message: Unrecognized key(s) in object: 'a', 'b'"],
  ],
  [
    "a dictionary's value",
    dictionary(Type.String()),
    { a: "x", b: 1 },
    ["path: b, message: Expected string, received number"],
  ],
];

describe("a fault is told in the words that clients know", () => {
  test.each([...cases])("%s", (_name, schema, value, expected) => {
    expect(lines(schema, value)).toEqual([...expected]);
  });
});

test("paths go through objects and arrays, in the order of the schema", () => {
  const schema = open({ b: Type.Array(open({ c: Type.String() })), a: Type.Number() });
  expect(lines(schema, { a: "x", b: [{ c: "fine" }, {}] })).toEqual([
    "path: b,1,c, message: Required",
    "path: a, message: Expected number, received string",
  ]);
});

test("a schema may refer to one it stands in", () => {
  const tree = open({ children: Type.Optional(Type.Array(Type.Ref("Tree"))) }, { $id: "Tree" });
  expect(lines(tree, { children: [{ children: [1] }] })).toEqual([
    "path: children,0,children,0, message: Expected object, received number",
  ]);
});

describe("a named rule", () => {
  const rule: Rule = (_value, path, sound) => [ruleFault(path, sound ? "sound" : "unsound")];
  const rules = new Map([["whole", rule]]);
  const schema = open({ word: Type.Optional(oneOf(["a"], "Only a")) }, { rule: "whole" });
  const ask = (value: JsonValue) => faultsOf(schema, value, rules).map(({ message }) => message);

  test("is asked of a value with the right types", () => expect(ask({ word: "a" })).toEqual(["sound"]));
  test("hears of faults below", () => expect(ask({ word: "b" })).toEqual(["Only a", "unsound"]));
  test("is not asked where a type is wrong", () => {
    expect(ask({ word: 1 })).toEqual(["Expected string, received number"]);
  });
});
