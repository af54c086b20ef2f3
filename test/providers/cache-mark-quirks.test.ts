import { expect, test } from "bun:test";
import { spliceJson } from "../../src/lib/json-splice.ts";
import { cacheMarkEdits } from "../../src/providers/cache-mark-quirks.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const edited = (body: JsonObject): unknown =>
  JSON.parse(spliceJson(JSON.stringify(body), cacheMarkEdits(body)));

const MARK = { type: "ephemeral", ttl: "1h" };
const SCOPED = { ...MARK, scope: "global" };

test("marks lose their scope wherever they stand", () => {
  const body = (cache_control: JsonObject) => ({
    system: [{ type: "text", text: "Be kind", cache_control }],
    tools: [
      { name: "find", input_schema: {}, cache_control },
      { name: "see", input_schema: {} },
    ],
    messages: [
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: [{ type: "text", text: "b", cache_control }] },
        ],
      },
      { role: "user", content: "Go on" },
    ],
  });
  expect(edited(body(SCOPED))).toEqual(body(MARK));
  expect(cacheMarkEdits(body(MARK))).toEqual([]);
});

const asked = (content: JsonObject[] | string, more: JsonObject = {}) => ({
  ...more,
  messages: [{ role: "user", content }],
});
const HI = { type: "text", text: "Hi" };

test.each([
  ["a text", "Hi", [{ ...HI, cache_control: MARK }]],
  ["the last block", [HI, HI], [HI, { ...HI, cache_control: MARK }]],
  [
    "no block that has one",
    [{ ...HI, cache_control: { type: "ephemeral" } }],
    [{ ...HI, cache_control: { type: "ephemeral" } }],
  ],
  [
    "no thought",
    [{ type: "thinking", thinking: "a", signature: "b" }],
    [{ type: "thinking", thinking: "a", signature: "b" }],
  ],
])("the mark of the body stands on %s", (_, content, marked) => {
  expect(edited(asked(content, { cache_control: SCOPED }))).toEqual(asked(marked));
});
