/** Tools of clients whose schemas Kimi refuses as they are, each with what is sent in its place. */
import { describe, expect, test } from "bun:test";
import { kimiSchema } from "../../src/providers/kimi-schema.ts";
import { quirkEdits } from "../../src/providers/quirks.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const TEXT = { type: "string" };
const NODE = { type: "object", properties: { next: { $ref: "#/$defs/Node" } } };

/** github.com/MoonshotAI/walle, docs/mfjs-spec.md */
const PLACES: readonly [string, JsonObject, JsonObject][] = [
  [
    "a type beside alternatives is said in each",
    { type: "string", description: "D", minLength: 1, anyOf: [{ enum: ["a"] }, { type: "null" }] },
    { description: "D", anyOf: [{ type: "string", minLength: 1, enum: ["a"] }, { type: "null" }] },
  ],
  [
    "but where one says another",
    { type: ["string", "boolean"], anyOf: [{ type: "array", items: TEXT }, { type: "boolean" }, TEXT] },
    { anyOf: [{ type: "array", items: TEXT }, { type: "boolean" }, TEXT] },
  ],
  [
    "so is what else they share",
    {
      type: "object",
      properties: { a: TEXT, b: TEXT },
      required: ["c"],
      anyOf: [{ required: ["a"] }, { properties: { b: { type: "number" } } }],
    },
    {
      anyOf: [
        { type: "object", properties: { a: TEXT, b: TEXT, c: {} }, required: ["c", "a"] },
        { type: "object", properties: { a: TEXT, b: { type: "number" }, c: {} }, required: ["c"] },
      ],
    },
  ],
  [
    "a reference is no alternative of that type",
    { type: "object", anyOf: [{ $ref: "#/$defs/Node" }, { type: "null" }] },
    { anyOf: [{ $ref: "#/$defs/Node" }, { type: "null" }] },
  ],
  [
    "beside a reference no rule stands (github.com/lidge-jun/opencodex/issues/2673)",
    { $ref: "#/definitions/Node", type: "object", description: "D", default: {} },
    { description: "D", $ref: "#/$defs/Node" },
  ],
  [
    "several types are alternatives, each with what is about it",
    { type: ["string", "array", "null"], description: "D", minLength: 1, items: { type: ["string"] } },
    {
      description: "D",
      anyOf: [{ type: "string", minLength: 1 }, { type: "array", items: TEXT }, { type: "null" }],
    },
  ],
  [
    "so are values of several types",
    { type: ["string", "null"], enum: ["a", null] },
    { anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }] },
  ],
  [
    "a type that no value is of is none",
    { type: ["string", "null"], enum: ["a"] },
    { type: "string", enum: ["a"] },
  ],
  ["values tell their type", { enum: ["a", "b"] }, { type: "string", enum: ["a", "b"] }],
  [
    "values that are not of the type are none",
    { type: "integer", enum: [1, null] },
    { type: "integer", enum: [1] },
  ],
  [
    "what is required is among the properties",
    { type: "object", required: ["a"] },
    { type: "object", required: ["a"], properties: { a: {} } },
  ],
  [
    "elements are of one schema",
    { type: "array", items: [TEXT, { type: "number" }] },
    { type: "array", items: { anyOf: [TEXT, { type: "number" }] } },
  ],
  ["nothing fits: it stays", { type: "string", enum: [1] }, { type: "string", enum: [1] }],
];

describe("a place of a schema", () => {
  test.each(PLACES)("%s", (_, said, sent) => {
    const within = (place: JsonObject) => ({ type: "object", properties: { p: place }, required: ["p"] });
    expect(kimiSchema(within(said))).toEqual(within(sent));
    expect(kimiSchema(within(sent))).toEqual(within(sent));
    expect(kimiSchema({ type: "array", items: said })).toEqual({ type: "array", items: sent });
  });

  test("what is referred to is in $defs", () => {
    const properties = { list: { $ref: "#/$defs/Node" } };
    const said = {
      type: "object",
      properties: { list: { $ref: "#/definitions/Node" } },
      definitions: { Node: NODE },
    };
    expect(kimiSchema(said)).toEqual({ type: "object", properties, $defs: { Node: NODE } });
    expect(kimiSchema({ $ref: "#/definitions/Node", definitions: { Node: NODE } })).toEqual({
      $ref: "#/$defs/Node",
      $defs: { Node: NODE },
    });
  });

  test("what another place is like has a name there", () => {
    const said = {
      type: "object",
      properties: { a: TEXT, b: { type: "array", items: { $ref: "#/properties/a" } } },
    };
    expect(kimiSchema(said)).toEqual({
      type: "object",
      properties: { a: TEXT, b: { type: "array", items: { $ref: "#/$defs/properties_a" } } },
      $defs: { properties_a: TEXT },
    });
    const told = { ...said, properties: { ...said.properties, a: { ...TEXT, description: "A" } } };
    const again = {
      ...told,
      properties: { ...told.properties, b: { $ref: "#/properties/a", description: "B" } },
    };
    expect(kimiSchema(again)["properties"]).toEqual({
      a: { ...TEXT, description: "A" },
      b: { $ref: "#/$defs/properties_a" }, // github.com/MoonshotAI/kimi-cli/issues/2061
    });
    const itself = { type: "object", properties: { a: { type: "array", items: { $ref: "#" } } } };
    expect(kimiSchema(itself)).toEqual(itself);
    const nowhere = { type: "object", properties: { a: { $ref: "#/$defs/None" } } };
    expect(kimiSchema(nowhere)).toEqual(nowhere);
  });
});

describe("a request", () => {
  const tool = (name: string, parameters: JsonObject) => ({
    type: "function",
    function: { name, parameters },
  });
  const ONE_OF = {
    type: "object",
    properties: { a: TEXT, b: TEXT },
    anyOf: [{ required: ["a"] }, { required: ["b"] }],
  };
  const LISTED = { type: "object", properties: { p: { type: ["string", "null"], enum: ["a", null] } } };
  const SENT = {
    type: "object",
    properties: { p: { anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }] } },
  };
  const path = (at: number) => ["tools", at, "function", "parameters"];

  test("what is called is one object", () => {
    const body = { tools: [tool("a", {}), tool("b", ONE_OF), tool("c", { ...LISTED })] };
    const { edits, notes } = quirkEdits({ kimiSchemas: true }, body);
    expect(edits).toEqual([
      {
        op: "set",
        path: path(1),
        value: {
          type: "object",
          properties: { a: TEXT, b: TEXT },
          description: `{anyOf: ${JSON.stringify(ONE_OF.anyOf)}}`,
        },
      },
      { op: "set", path: path(2), value: SENT },
    ]);
    expect(notes).toEqual(["tools.1.function.parameters (anyOf)"]);
    expect(
      quirkEdits({ kimiSchemas: true }, { tools: [tool("a", SENT), { type: "builtin_function" }] }).edits,
    ).toEqual([]);
  });

  test("of the tools that a choice leaves", () => {
    const body = {
      model: "kimi-k3",
      tools: [tool("a", {}), tool("b", LISTED)],
      tool_choice: { type: "function", function: { name: "b" } },
    };
    const { edits } = quirkEdits({ kimiSchemas: true, toolChoices: "auto" }, body);
    expect(edits.filter(({ path: [field] }) => field === "tools")).toEqual([
      { op: "set", path: ["tools"], value: [tool("b", LISTED)] },
      { op: "set", path: path(0), value: SENT },
    ]);
    expect(
      quirkEdits({ kimiSchemas: true, toolChoices: "auto" }, { ...body, tool_choice: "none" }).edits,
    ).not.toContainEqual(expect.objectContaining({ path: path(1) }));
  });

  test("an answer's schema", () => {
    const json_schema = { name: "n", schema: LISTED };
    const { edits } = quirkEdits(
      { kimiSchemas: true },
      { response_format: { type: "json_schema", json_schema } },
    );
    expect(edits).toEqual([{ op: "set", path: ["response_format", "json_schema", "schema"], value: SENT }]);
  });
});
