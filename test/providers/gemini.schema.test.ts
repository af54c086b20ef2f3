/** What Gemini reads of the schemas that clients send. */
import { expect, test } from "bun:test";
import { writeSchema } from "../../src/providers/gemini.schema.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const DEFS = { A: { type: "object", properties: { x: { type: "integer" } } } };
const A = DEFS.A;

/** What a client says of the property `p`, and what is sent of it. */
const PROPERTIES: readonly (readonly [string, JsonObject, JsonObject])[] = [
  // github.com/anomalyco/opencode/issues/12295, and as github.com/google-gemini/gemini-cli/pull/9574 has it
  [
    "a reference with words beside it",
    { $ref: "#/$defs/A", title: "T", default: 1 },
    { ...A, title: "T", default: 1 },
  ],
  ["a reference of an older draft", { $ref: "#/definitions/A" }, A],
  // github.com/DEEIX-AI/DEEIX-Chat/issues/546
  [
    "a reference to a neighbour",
    { type: "array", items: { $ref: "#/properties/q" } },
    { type: "array", items: { type: "string" } },
  ],
  ["a reference to nothing", { $ref: "other.json", description: "D" }, { description: "D" }],
  ["Pydantic's default", { allOf: [{ $ref: "#/$defs/A" }], default: null }, { ...A, default: null }],
  [
    "what holds together",
    { allOf: [{ $ref: "#/$defs/A" }, { properties: { y: {} }, required: ["y"] }], required: ["x"] },
    { type: "object", properties: { x: { type: "integer" }, y: {} }, required: ["y", "x"] },
  ],
  // github.com/BerriAI/litellm/pull/42259
  ["one text", { const: "USD" }, { type: "string", enum: ["USD"] }],
  ["one number", { const: 1, title: "V" }, { type: "integer", enum: [1], title: "V" }],
  ["one of the two", { const: true }, { type: "boolean" }],
  ["null", { const: null }, { type: "null" }],
  // github.com/router-for-me/CLIProxyAPI/pull/4545
  [
    "a word or null",
    { type: ["string", "null"], enum: ["a", null] },
    { type: ["string", "null"], enum: ["a"] },
  ],
  ["numbers", { type: "integer", enum: [1, 2] }, { type: "integer", enum: [1, 2] }],
  ["OpenAPI's words", { type: "STRING", nullable: true }, { type: ["string", "null"] }],
  [
    "alternatives or null",
    { anyOf: [{ const: "a" }], nullable: true },
    { anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }] },
  ],
  [
    "a tuple",
    { type: "array", items: [{ type: "string" }] },
    { type: "array", prefixItems: [{ type: "string" }] },
  ],
  ["an array of anything", { type: "array" }, { type: "array" }],
  [
    "open objects",
    { type: "object", additionalProperties: { const: "x" } },
    { type: "object", additionalProperties: { type: "string", enum: ["x"] } },
  ],
];

test.each(PROPERTIES)("%s", (_, asked, sent) => {
  const schema = { type: "object", properties: { p: asked, q: { type: "string" } } };
  const defs = JSON.stringify(asked).includes("definitions") ? { definitions: DEFS } : { $defs: DEFS };
  expect(writeSchema({ $schema: "http://json-schema.org/draft-07/schema#", ...schema, ...defs })).toEqual({
    type: "object",
    properties: { p: sent, q: { type: "string" } },
  });
});

test("properties may be called as words of schemas are", () => {
  const properties = { $ref: { type: "string" }, const: { type: "string" }, allOf: { type: "string" } };
  expect(writeSchema({ type: "object", properties })).toEqual({ type: "object", properties });
});

test("a schema that holds itself is referred to, by the name that is known", () => {
  const node = (next: JsonObject) => ({ type: "object", properties: { next } });
  const self = { $ref: "#/definitions/Node", description: "The next" };
  const schema = { type: "object", properties: { first: self }, definitions: { Node: node(self) } };
  expect(writeSchema(schema)).toEqual({
    type: "object",
    properties: { first: { ...node({ $ref: "#/$defs/Node" }), description: "The next" } },
    $defs: { Node: node({ $ref: "#/$defs/Node" }) },
  });
});

test("schemas that would grow without bounds stay references", () => {
  const level = (at: number): JsonObject => ({
    type: "object",
    properties: { a: { $ref: `#/$defs/L${at + 1}` }, b: { $ref: `#/$defs/L${at + 1}` } },
  });
  const $defs = Object.fromEntries([...Array(30).keys()].map((at) => [`L${at}`, level(at)]));
  const written = JSON.stringify(writeSchema({ $ref: "#/$defs/L0", $defs: { ...$defs, L30: {} } }));
  expect(written.length).toBeLessThan(1_000_000);
});
