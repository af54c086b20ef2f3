/** Proofs of thoughts that OpenRouter wants back: github.com/musistudio/claude-code-router/issues/1057. */
import { describe, expect, test } from "bun:test";
import { createCatalog } from "../../src/providers/catalog.ts";
import { clientDialect, upstreamDialect } from "../../src/providers/dialects.ts";
import type { ClientDialectId, DialectId } from "../../src/schema/chat.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { isArray } from "../../src/schema/json.ts";

const reasoningField = createCatalog().find("openrouter")?.quirks?.reasoningField;
const CALL = { id: "tool_f_1", type: "function", function: { name: "f", arguments: "{}" } };

const answer = (details: readonly JsonObject[]): JsonObject => ({
  id: "gen-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [
    {
      index: 0,
      finish_reason: "tool_calls",
      message: { role: "assistant", content: "", reasoning_details: details, tool_calls: [CALL] },
    },
  ],
});

const shown = (client: ClientDialectId, details: readonly JsonObject[]): JsonObject => {
  const reply = upstreamDialect("openai-chat").readReply(answer(details));
  const options = { provider: "openrouter", strict: true, includeUsage: false, now: 1 };
  return clientDialect(client).writeReply(reply, options).body;
};

const sent = (client: ClientDialectId, body: JsonObject, dialect: DialectId = "openai-chat") => {
  const target = { provider: "openrouter", option: () => undefined, reasoningField };
  return upstreamDialect(dialect).writeRequest(clientDialect(client).readRequest(body), target);
};

const messagesOf = ({ body }: { readonly body: JsonObject }): readonly JsonValue[] =>
  isArray(body["messages"]) ? body["messages"] : [];

const claudes = (content: JsonValue | undefined): JsonObject => ({
  model: "m",
  max_tokens: 10,
  messages: [
    { role: "user", content: "Hi" },
    { role: "assistant", content: content ?? [] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "tool_f_1", content: "r" }] },
  ],
});

const GEMINI: JsonObject = {
  type: "reasoning.encrypted",
  data: "SIG:DATA",
  id: "functions.f:0",
  format: "google-gemini-v1",
  index: 0,
};
const CLAUDE: JsonObject = {
  type: "reasoning.text",
  text: "Hm",
  signature: "EqQB",
  format: "anthropic-claude-v1",
  index: 0,
};

describe("a proof that clients of another API give back", () => {
  test.each<[string, JsonObject]>([
    ["Gemini's, with its call", GEMINI],
    ["Claude's", CLAUDE],
    [
      "OpenAI's",
      { type: "reasoning.encrypted", data: "gAAA", id: "rs_1", format: "openai-responses-v1", index: 0 },
    ],
    ["a maker's without a call", { ...CLAUDE, format: "xai-responses-v1" }],
  ])("is what it was: %s", (_, detail) => {
    const { content } = shown("anthropic-messages", [detail]);
    const { notes, ...request } = sent("anthropic-messages", claudes(content));
    expect(messagesOf(request)[1]).toEqual({
      role: "assistant",
      content: null,
      reasoning_details: [detail],
      tool_calls: [CALL],
    });
    expect(notes).toEqual([]);
    const { output } = shown("openai-responses", [detail]);
    const items = [
      ...(isArray(output) ? output : []),
      { type: "function_call_output", call_id: "tool_f_1", output: "r" },
    ];
    const again = sent("openai-responses", {
      model: "m",
      input: [{ role: "user", content: "Hi" }, ...items],
    });
    expect(messagesOf(again)[1]).toMatchObject({ reasoning_details: [detail] });
  });

  test("is not shown to a model of another maker", () => {
    const { content } = shown("anthropic-messages", [GEMINI]);
    const { body, notes } = sent("anthropic-messages", claudes(content), "bedrock-converse");
    expect(JSON.stringify(body)).not.toContain("SIG:DATA");
    expect(notes).toContain("messages.1.content.0 (reasoning)");
    const { edits } = clientDialect("anthropic-messages").withoutForeign?.(claudes(content)) ?? { edits: [] };
    expect(edits).toEqual([{ op: "remove", path: ["messages", 1, "content", 0] }]);
  });
});

test("thoughts without a proof, and those of others, stay here", () => {
  const unsigned = { type: "thinking", thinking: "Hm", signature: "unsigned:" };
  const gemini = { type: "thinking", thinking: "Hm", signature: "gemini:abc" };
  const text = { type: "text", text: "Hello" };
  const { body, notes } = sent("anthropic-messages", claudes([unsigned, gemini, text]));
  expect(messagesOf({ body })[1]).toEqual({ role: "assistant", content: "Hello" });
  expect(notes).toEqual(["messages.1 (reasoning)"]);
});
