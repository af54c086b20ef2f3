/** A field of the wrong type is the client's to repair: it is named, and what it meant is not left out in silence. */
import { describe, expect, test } from "bun:test";
import { clientDialect } from "../../src/providers/dialects.ts";
import type { ClientDialectId } from "../../src/schema/chat.ts";
import { GatewayError } from "../../src/schema/errors.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";

const faultOf = (client: ClientDialectId, body: JsonObject): unknown => {
  try {
    return clientDialect(client).readRequest(body);
  } catch (error) {
    return error instanceof GatewayError ? { param: error.param, status: error.status } : error;
  }
};

const USER = { role: "user", content: "Hi" };
const anthropic = (more: JsonObject): JsonObject => ({
  model: "m",
  max_tokens: 9,
  messages: [USER],
  ...more,
});
const part = (value: JsonObject): JsonObject => anthropic({ messages: [{ role: "user", content: [value] }] });
const image = (source: JsonValue): JsonObject => part({ type: "image", source });
const tool = (more: JsonObject): JsonObject => anthropic({ tools: [{ name: "t", ...more }] });
const SOURCE = "messages.0.content.0.source";

/** platform.claude.com/docs/en/api/messages/create: the types of these fields. */
const ANTHROPIC: readonly (readonly [string, JsonObject])[] = [
  [SOURCE, part({ type: "image" })],
  [SOURCE, image("aGk=")],
  [SOURCE, part({ type: "document", source: null })],
  [`${SOURCE}.type`, image({ media_type: "image/png", data: "aGk=" })],
  [`${SOURCE}.data`, image({ type: "base64", media_type: "image/png", data: 5 })],
  [`${SOURCE}.media_type`, image({ type: "base64", data: "aGk=" })],
  [`${SOURCE}.url`, image({ type: "url", url: ["https://a.example"] })],
  [`${SOURCE}.file_id`, image({ type: "file" })],
  [
    `${SOURCE}.content.0.text`,
    part({ type: "document", source: { type: "content", content: [{ type: "text" }] } }),
  ],
  [
    "messages.0.content.0.content.0",
    part({ type: "search_result", source: "s", title: "t", content: ["a"] }),
  ],
  ["tools.0.input_schema", tool({ input_schema: "object" })],
  ["tools.0.description", tool({ input_schema: {}, description: ["a"] })],
  ["thinking", anthropic({ thinking: true })],
  ["thinking.type", anthropic({ thinking: { type: 1 } })],
  ["thinking.budget_tokens", anthropic({ thinking: { type: "enabled", budget_tokens: "1024" } })],
];

const chat = (message: JsonObject): JsonObject => ({
  model: "m",
  messages: [USER, { role: "assistant", ...message }],
});
const called = (json: JsonValue): JsonObject =>
  chat({ tool_calls: [{ id: "c", type: "function", function: { name: "t", arguments: json } }] });
const item = (json: JsonValue): JsonObject => ({
  model: "m",
  input: [{ type: "function_call", call_id: "c", name: "t", arguments: json }],
});
const ARGUMENTS = "messages.1.tool_calls.0.function.arguments";

const CALLING = "toolConfig.functionCallingConfig";
const THINKING = "generationConfig.thinkingConfig";
const gemini = (more: JsonObject): JsonObject => ({ contents: [{ parts: [{ text: "Hi" }] }], ...more });

describe("a wrong type is named", () => {
  test.each(ANTHROPIC)("%s", (param, body) => {
    expect(faultOf("anthropic-messages", body)).toEqual({ param, status: 400 });
  });

  test.each<[string, ClientDialectId, JsonObject]>([
    [ARGUMENTS, "openai-chat", called(["a"])],
    [ARGUMENTS, "openai-chat", called(5)],
    [
      "messages.1.function_call.arguments",
      "openai-chat",
      chat({ function_call: { name: "t", arguments: true } }),
    ],
    [
      "tool_choice.allowed_tools.tools.0.function.name",
      "openai-chat",
      {
        model: "m",
        messages: [USER],
        tool_choice: {
          type: "allowed_tools",
          allowed_tools: { mode: "auto", tools: [{ type: "function", function: {} }] },
        },
      },
    ],
    ["input.0.arguments", "openai-responses", item([])],
    [CALLING, "gemini", gemini({ toolConfig: { functionCallingConfig: ["ANY"] } })],
    [
      `${CALLING}.allowedFunctionNames.1`,
      "gemini",
      gemini({ toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["a", 5] } } }),
    ],
    [
      `${THINKING}.includeThoughts`,
      "gemini",
      gemini({ generationConfig: { thinkingConfig: { includeThoughts: "yes" } } }),
    ],
  ])("%s of %s", (param, client, body) => {
    expect(faultOf(client, body)).toEqual({ param, status: 400 });
  });
});

test("the object that a call's arguments say, and none, are understood", () => {
  for (const [json, expected] of [
    [{ a: 1 }, '{"a":1}'],
    [null, ""],
  ] as const) {
    const blocks = [{ kind: "tool-call", arguments: expected }];
    expect(faultOf("openai-chat", called(json))).toMatchObject({ messages: [{}, { blocks }] });
    expect(faultOf("openai-responses", item(json))).toMatchObject({ messages: [{ blocks }] });
  }
});
