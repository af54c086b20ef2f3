/** Results of tools that their client put behind other things, written for the APIs that want them first. */
import { describe, expect, test } from "bun:test";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import { gemini } from "../../src/providers/gemini.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import { openaiResponses } from "../../src/providers/openai-responses.ts";
import type { Chat } from "../../src/schema/chat.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";

const TARGET = { provider: "other", option: () => undefined };
const DATA = "iVBORw0KGgo=";

const called = (id: string): JsonObject => ({ functionCall: { id, name: "read_file", args: { path: id } } });
const answered = (id: string): JsonObject => ({
  functionResponse: { id, name: "read_file", response: { output: `what ${id} says` } },
});
const image: JsonObject = { inlineData: { mimeType: "image/png", data: DATA } };

/** As Gemini CLI 0.61 sends two files that were read at once, of which the first is a picture. */
const PICTURE_AND_TEXT = gemini.readRequest({
  contents: [
    { role: "user", parts: [{ text: "Read both" }] },
    { role: "model", parts: [called("a"), called("b")] },
    { role: "user", parts: [answered("a"), image, answered("b")] },
  ],
});

const said = (text: string): JsonObject => ({ role: "user", content: text });

/** A message that its user sent while the tools ran. */
const INTERRUPTED = openaiResponses.readRequest({
  input: [
    said("Read both"),
    { type: "function_call", call_id: "a", name: "read_file", arguments: '{"path":"a"}' },
    { type: "function_call", call_id: "b", name: "read_file", arguments: '{"path":"b"}' },
    said("Be quick"),
    { type: "function_call_output", call_id: "a", output: "what a says" },
    { role: "developer", content: "Be brief" },
    { type: "function_call_output", call_id: "b", output: "what b says" },
    said("Thanks"),
  ],
});

const messagesFor = (dialect: typeof openaiChat, chat: Chat): JsonValue | undefined =>
  dialect.writeRequest(chat, TARGET).body["messages"];

describe("behind a picture", () => {
  test("reach OpenAI right behind their calls", () => {
    expect(messagesFor(openaiChat, PICTURE_AND_TEXT)).toMatchObject([
      { role: "user" },
      { role: "assistant", tool_calls: [{ id: "a" }, { id: "b" }] },
      { role: "tool", tool_call_id: "a", content: "what a says" },
      { role: "tool", tool_call_id: "b", content: "what b says" },
      { role: "user", content: [{ type: "image_url" }] },
    ]);
  });

  test("reach Anthropic in one turn, before it", () => {
    expect(messagesFor(anthropicMessages, PICTURE_AND_TEXT)).toMatchObject([
      { role: "user" },
      { role: "assistant", content: [{ id: "a" }, { id: "b" }] },
      {
        role: "user",
        content: [{ tool_use_id: "a" }, { tool_use_id: "b" }, { type: "image", source: { data: DATA } }],
      },
    ]);
  });
});

describe("behind what the user said meanwhile", () => {
  test("reach OpenAI right behind their calls", () => {
    expect(messagesFor(openaiChat, INTERRUPTED)).toMatchObject([
      { role: "user" },
      { role: "assistant" },
      { role: "tool", tool_call_id: "a" },
      { role: "tool", tool_call_id: "b" },
      { role: "user", content: "Be quick" },
      { role: "developer", content: "Be brief" },
      { role: "user", content: "Thanks" },
    ]);
  });

  test("reach Anthropic in one turn, before it", () => {
    expect(messagesFor(anthropicMessages, INTERRUPTED)).toMatchObject([
      { role: "user" },
      { role: "assistant" },
      { role: "user", content: [{ tool_use_id: "a" }, { tool_use_id: "b" }, { text: "Be quick" }] },
      { role: "user", content: "Thanks" },
    ]);
  });
});

test("what the model said between calls stays where it was", () => {
  const chat = openaiResponses.readRequest({
    input: [
      said("Read a"),
      { type: "function_call", call_id: "a", name: "read_file", arguments: "{}" },
      { type: "function_call_output", call_id: "a", output: "what a says" },
      { role: "assistant", content: "Read." },
      said("And b"),
    ],
  });
  expect(chat.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "user"]);
});
