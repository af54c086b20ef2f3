/** What Anthropic's and OpenAI's newer clients say of thinking, as the rows' vendors are told. */
import { describe, expect, test } from "bun:test";
import { createCatalog } from "../../src/providers/catalog.ts";
import { clientDialect, upstreamDialect } from "../../src/providers/dialects.ts";
import type { ClientDialectId } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const catalog = createCatalog();

const THINKING_FIELDS = ["thinking", "enable_thinking", "thinking_budget", "reasoning", "reasoning_effort"];

const told = (provider: string, client: ClientDialectId, asked: JsonObject) => {
  const row = catalog.find(provider);
  const target = { provider, option: () => undefined, thinking: row?.quirks?.thinking };
  const { body, notes } = upstreamDialect("openai-chat").writeRequest(
    clientDialect(client).readRequest(asked),
    target,
  );
  const said = Object.entries(body).filter(([name]) => THINKING_FIELDS.includes(name));
  return { said: Object.fromEntries(said), notes };
};

const ON: JsonObject = { thinking: { type: "enabled", budget_tokens: 5000 } };
const OFF: JsonObject = { thinking: { type: "disabled" } };
const BUDGET = "thinking.budget_tokens";

describe("an Anthropic client", () => {
  test.each<[string, string, JsonObject, JsonObject, readonly string[]]>([
    ["deepseek", "deepseek-v4-flash", OFF, { thinking: { type: "disabled" } }, []],
    ["deepseek", "deepseek-chat", ON, { thinking: { type: "enabled" } }, [BUDGET]],
    [
      "deepseek",
      "deepseek-v4-pro",
      { ...ON, output_config: { effort: "max" } },
      { reasoning_effort: "max", thinking: { type: "enabled" } },
      [BUDGET],
    ],
    ["deepseek", "deepseek-v4-pro", { thinking: { type: "adaptive" } }, {}, []],
    ["z-ai", "glm-5.2", OFF, { thinking: { type: "disabled" } }, []],
    ["zhipu", "glm-4.6", ON, { thinking: { type: "enabled" } }, [BUDGET]],
    ["z-ai", "glm-5.3", OFF, {}, ["thinking"]],
    ["zhipu", "glm-4-plus", ON, {}, ["thinking"]],
    ["moonshot", "kimi-k2.6", OFF, { thinking: { type: "disabled" } }, []],
    ["moonshot-ai", "kimi-k3", OFF, {}, ["thinking"]],
    ["moonshot", "moonshot-v1-8k", ON, {}, ["thinking"]],
    ["dashscope", "qwen-plus", ON, { enable_thinking: true, thinking_budget: 5000 }, []],
    ["dashscope-cn", "qwen3-32b", OFF, { enable_thinking: false }, []],
    ["dashscope", "qwen3-32b", ON, {}, ["thinking"]],
    ["dashscope", "qwen3-coder-plus", ON, {}, ["thinking"]],
    ["dashscope", "qwen2.5-72b-instruct", ON, {}, ["thinking"]],
    ["dashscope", "qwen3-vl-plus", ON, { enable_thinking: true, thinking_budget: 5000 }, []],
    ["dashscope", "qwen3.5-plus", ON, { enable_thinking: true, thinking_budget: 5000 }, []],
    ["dashscope", "qwen3-235b-a22b-thinking-2507", OFF, {}, ["thinking"]],
    ["together-ai", "zai-org/GLM-5.1", OFF, { reasoning: { enabled: false } }, []],
    ["together-ai", "moonshotai/Kimi-K2.6", ON, { reasoning: { enabled: true } }, [BUDGET]],
    ["together-ai", "MiniMaxAI/MiniMax-M2.7", OFF, {}, ["thinking"]],
    ["openrouter", "google/gemini-2.5-flash", ON, { reasoning: { max_tokens: 5000 } }, []],
    [
      "openrouter",
      "openai/gpt-5",
      { ...ON, output_config: { effort: "low" } },
      { reasoning_effort: "low" },
      [BUDGET],
    ],
    ["openrouter", "deepseek/deepseek-v3.2", OFF, { reasoning: { enabled: false } }, []],
    ["openrouter", "minimax/minimax-m2", OFF, {}, ["thinking"]],
    ["groq", "qwen/qwen3-32b", ON, {}, ["thinking"]],
  ])("of %s's %s says %j", (provider, model, asked, said, notes) => {
    const body = { model, max_tokens: 9000, messages: [{ role: "user", content: "x" }], ...asked };
    expect(told(provider, "anthropic-messages", body)).toEqual({ said, notes: [...notes] });
  });
});

test("no effort at all is none", () => {
  const body = { model: "deepseek-v4-pro", input: "x", reasoning: { effort: "none" } };
  expect(told("deepseek", "openai-responses", body).said).toEqual({ thinking: { type: "disabled" } });
  expect(told("groq", "openai-responses", { ...body, model: "qwen/qwen3-32b" }).said).toEqual({
    reasoning_effort: "none",
  });
});

test("how many of the likeliest tokens are looked at is said where the vendor has the word", () => {
  const chat = { model: "m", messages: [], stream: false, includeUsage: false, topK: 5 };
  const written = (takesTopK: boolean) =>
    upstreamDialect("openai-chat").writeRequest(chat, { provider: "p", option: () => undefined, takesTopK });
  expect(written(true)).toMatchObject({ body: { top_k: 5 }, notes: [] });
  expect(written(false).notes).toEqual(["top_k"]);
  for (const id of ["together-ai", "openrouter", "vllm"])
    expect(catalog.find(id)?.quirks?.takesTopK).toBe(true);
});
