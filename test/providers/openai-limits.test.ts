import { expect, test } from "bun:test";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import { openaiResponses } from "../../src/providers/openai-responses.ts";
import type { Chat } from "../../src/schema/chat.ts";

const CHAT: Chat = { model: "m", messages: [], stream: false, includeUsage: false };
const called = (name: string, id = "c1"): Chat["messages"] => [
  { role: "user", blocks: [{ kind: "text", text: "Hi" }] },
  { role: "assistant", blocks: [{ kind: "tool-call", id, name, arguments: "{}" }] },
  { role: "tool", blocks: [{ kind: "tool-result", callId: id, content: [{ kind: "text", text: "ok" }] }] },
];
const TARGET = { provider: "openai", option: () => undefined };

test.each([
  ["chat", openaiChat],
  ["responses", openaiResponses],
] as const)("the ids of calls are as short as %s takes them", (_api, dialect) => {
  const idsOf = (id: string): readonly string[] => {
    const { body } = dialect.writeRequest({ ...CHAT, messages: called("f", id) }, TARGET);
    const said = JSON.stringify(body);
    return [...said.matchAll(/"(?:id|tool_call_id|call_id)":"([^"]+)"/g)].map(([, found]) => found ?? "");
  };
  expect(idsOf("c".repeat(40))).toEqual(["c".repeat(40), "c".repeat(40)]);
  const [call, result] = idsOf("c".repeat(41));
  expect(call).toMatch(/^[0-9a-f]{40}$/);
  expect(result).toBe(call);
});

test("instructions are an item where the answer is to be JSON", () => {
  const messages = [
    { role: "system", blocks: [{ kind: "text", text: "Answer in JSON" }] },
    { role: "user", blocks: [{ kind: "text", text: "Hi" }] },
  ] as const;
  const inputOf = (format: Chat["format"]): unknown => {
    const { body } = openaiResponses.writeRequest({ ...CHAT, messages, ...(format && { format }) }, TARGET);
    return [body["instructions"], body["input"]];
  };
  expect(inputOf({ kind: "json" })).toMatchObject([undefined, [{ role: "system" }, { role: "user" }]]);
  expect(inputOf(undefined)).toMatchObject(["Answer in JSON", [{ role: "user" }]]);
});

test("a limit is no less than the Responses API takes", () => {
  const limit = (maxTokens: number): unknown => {
    const { body, notes } = openaiResponses.writeRequest({ ...CHAT, maxTokens }, TARGET);
    return [body["max_output_tokens"], notes];
  };
  expect(limit(1)).toEqual([16, ["max_output_tokens (16)"]]);
  expect(limit(16)).toEqual([16, []]);
});
