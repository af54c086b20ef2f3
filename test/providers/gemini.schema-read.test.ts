import { expect, test } from "bun:test";
import { readSchema } from "../../src/providers/gemini.schema-read.ts";
import type { JsonObject } from "../../src/schema/json.ts";

test.each<[string, JsonObject, JsonObject]>([
  ["types in small letters", { type: "STRING" }, { type: "string" }],
  ["types as a list", { type: ["string", "null"] }, { type: ["string", "null"] }],
  ["no type", { type: "TYPE_UNSPECIFIED", description: "x" }, { description: "x" }],
  ["null", { type: "INTEGER", nullable: true }, { type: ["integer", "null"] }],
  [
    "null among words",
    { type: "STRING", nullable: true, enum: ["A"] },
    { type: ["string", "null"], enum: ["A", null] },
  ],
  [
    "null among alternatives",
    { nullable: true, anyOf: [{ type: "STRING" }, { type: "INTEGER" }] },
    { anyOf: [{ type: "string" }, { type: "integer" }, { type: "null" }] },
  ],
  ["an enum", { type: "STRING", format: "enum", enum: ["A"] }, { type: "string", enum: ["A"] }],
  ["another format", { type: "STRING", format: "date-time" }, { type: "string", format: "date-time" }],
  ["an example", { type: "NUMBER", example: 1.5 }, { type: "number", examples: [1.5] }],
  [
    "counts that are texts",
    { type: "ARRAY", min_items: "1", maxItems: "3" },
    { type: "array", minItems: 1, maxItems: 3 },
  ],
  [
    "alternatives",
    { anyOf: [{ type: "STRING" }, { type: "NULL" }] },
    { anyOf: [{ type: "string" }, { type: "null" }] },
  ],
  [
    "what is closed already",
    { type: "OBJECT", additionalProperties: true },
    { type: "object", additionalProperties: true },
  ],
])("%s", (_name, schema, expected) => {
  expect(readSchema(schema)).toEqual(expected);
});

test("properties stand in the order that was asked for, at every depth", () => {
  const inner = {
    type: "OBJECT",
    properties: { b: { type: "STRING" }, a: { type: "STRING" } },
    propertyOrdering: ["a", "b"],
  };
  const schema = {
    type: "OBJECT",
    properties: { list: { type: "ARRAY", items: inner }, first: inner },
    property_ordering: ["first"],
  };
  expect(JSON.stringify(readSchema(schema)["properties"])).toBe(
    '{"first":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}},' +
      '"list":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}}}',
  );
});

test("an answer's objects hold what is listed and nothing else", () => {
  const schema = {
    type: "OBJECT",
    properties: { at: { type: "OBJECT", properties: { x: { type: "NUMBER" } } } },
  };
  expect(readSchema(schema, true)).toEqual({
    type: "object",
    additionalProperties: false,
    properties: {
      at: { type: "object", additionalProperties: false, properties: { x: { type: "number" } } },
    },
  });
});
