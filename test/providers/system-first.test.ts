/** Words of the system amid a conversation, for servers whose templates take them at its beginning only. */
import { expect, test } from "bun:test";
import { createCatalog } from "../../src/providers/catalog.ts";
import { clientDialect, upstreamDialect } from "../../src/providers/dialects.ts";
import type { ClientDialectId } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const catalog = createCatalog();

const written = (provider: string, client: ClientDialectId, asked: JsonObject) => {
  const systemFirst = catalog.find(provider)?.quirks?.systemFirst;
  const target = { provider, option: () => undefined, systemFirst };
  const chat = clientDialect(client).readRequest(asked);
  const { body, notes } = upstreamDialect("openai-chat").writeRequest(chat, target);
  return { messages: body["messages"], notes };
};

const text = (said: string) => ({ type: "text", text: said });
const user = { role: "user", content: "Hi" };
const assistant = { role: "assistant", content: "Hello" };

/** As Claude Code lists its agents: github.com/anthropics/claude-code/issues/77698. */
const CLAUDE_CODE: JsonObject = {
  model: "m",
  max_tokens: 10,
  system: [
    { type: "text", text: "You are an agent" },
    { type: "text", text: "Be brief" },
  ],
  messages: [user, { role: "system", content: "Agents: one" }, assistant, user],
};

test.each(["vllm", "llama.cpp", "sglang", "ollama", "lmstudio", "dashscope"])(
  "%s gets them as a user's, in the turn beside them",
  (provider) => {
    expect(written(provider, "anthropic-messages", CLAUDE_CODE)).toEqual({
      messages: [
        { role: "system", content: "You are an agent\n\nBe brief" },
        { role: "user", content: [text("Hi"), text("Agents: one")] },
        assistant,
        user,
      ],
      notes: ["messages.2.role (user)"],
    });
  },
);

test("what comes first already stays as it is", () => {
  const { messages, notes } = written("vllm", "anthropic-messages", { ...CLAUDE_CODE, messages: [user] });
  expect(messages).toEqual([{ role: "system", content: "You are an agent\n\nBe brief" }, user]);
  expect(notes).toEqual([]);
});

test("so does a developer's of the Responses API, and those at the beginning are one", () => {
  const developer = { role: "developer", content: "Be brief" };
  const { messages } = written("vllm", "openai-responses", {
    model: "m",
    instructions: "Be kind",
    input: [developer, user, assistant, developer, user],
  });
  expect(messages).toEqual([
    { role: "system", content: "Be kind\n\nBe brief" },
    user,
    assistant,
    { role: "user", content: [text("Be brief"), text("Hi")] },
  ]);
});

test("vendors that take them anywhere get them where they were said", () => {
  const { messages } = written("deepseek", "anthropic-messages", CLAUDE_CODE);
  expect(messages).toMatchObject([{}, user, { role: "system", content: "Agents: one" }, assistant, user]);
});
