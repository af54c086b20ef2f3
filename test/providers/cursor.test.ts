/** Anthropic's words in a chat of OpenAI's, as Cursor sends them to a Claude: github.com/automazeio/vibeproxy/issues/411 */
import { expect, test } from "bun:test";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const USER = { role: "user", content: "Hello" };
const TOOL = { name: "read", description: "Reads", input_schema: { type: "object", properties: {} } };
const CALL = { type: "tool_use", id: "toolu_1", name: "read", input: { path: "a" } };
const IMAGE = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo" } };
const RESULT = { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "b" }, IMAGE] };
const ASKED: JsonObject = {
  model: "claude-opus-5",
  max_tokens: 10,
  tools: [TOOL],
  tool_choice: { type: "any" },
  messages: [
    USER,
    { role: "assistant", content: [{ type: "text", text: "I see" }, CALL] },
    { role: "user", content: [RESULT, { type: "text", text: "Go on" }] },
  ],
};
const target = { provider: "test", option: () => undefined };

test("they reach Claude as they are", () => {
  const { body, notes } = anthropicMessages.writeRequest(openaiChat.readRequest(ASKED), target);
  expect(body).toEqual(ASKED);
  expect(notes).toEqual([]);
});

test("they reach others in OpenAI's words", () => {
  const { body } = openaiChat.writeRequest(openaiChat.readRequest(ASKED), target);
  expect(body).toMatchObject({
    tools: [{ type: "function", function: { name: "read", parameters: TOOL.input_schema } }],
    tool_choice: "required",
    messages: [
      USER,
      { role: "assistant", content: "I see", tool_calls: [{ id: "toolu_1", function: { name: "read" } }] },
      { role: "tool", tool_call_id: "toolu_1", content: "b" },
      { role: "user", content: [{ type: "image_url" }] },
      { role: "user", content: "Go on" },
    ],
  });
});

test("a call that is said in both words is one", () => {
  const call = { id: "toolu_1", type: "function", function: { name: "read", arguments: "{}" } };
  const { messages } = openaiChat.readRequest({
    ...ASKED,
    messages: [USER, { role: "assistant", content: [CALL], tool_calls: [call] }],
  });
  expect(messages[1]?.blocks).toEqual([{ kind: "tool-call", id: "toolu_1", name: "read", arguments: "{}" }]);
});

test("a second function of a name is left out for Claude", () => {
  const named = (name: string) => ({ type: "function", function: { name, parameters: { type: "object" } } });
  const asked = { ...ASKED, tools: ["a", "b", "a"].map(named), tool_choice: { type: "tool", name: "b" } };
  const { body, notes } = anthropicMessages.writeRequest(openaiChat.readRequest(asked), target);
  expect(body).toMatchObject({ tools: [{ name: "a" }, { name: "b" }] });
  expect(body["tools"]).toHaveLength(2);
  expect(notes).toContain("tools.2 (a second a)");
});
