/** What a limit is called where a model takes one name alone. */
import { expect, test } from "bun:test";
import { spliceJson } from "../../src/lib/json-splice.ts";
import { createCatalog } from "../../src/providers/catalog.ts";
import { quirkEdits } from "../../src/providers/quirks.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const catalog = createCatalog();

test.each<[string, string, JsonObject, JsonObject]>([
  ["openai", "gpt-5-mini", { max_tokens: 5 }, { max_completion_tokens: 5 }],
  ["openai", "o3", { max_tokens: 5, max_completion_tokens: 7 }, { max_completion_tokens: 7 }],
  ["openai", "gpt-4o", { max_tokens: 5 }, { max_tokens: 5 }],
  ["openai", "gpt-5-chat-latest", { max_tokens: 5 }, { max_tokens: 5 }],
  ["azure-openai", "gpt-5", { max_tokens: 5 }, { max_completion_tokens: 5 }],
  ["azure-openai", "my-deployment", { max_tokens: 5 }, { max_tokens: 5 }],
  ["github", "openai/o3-mini", { max_tokens: 5 }, { max_completion_tokens: 5 }],
  ["github", "mistral-ai/mistral-medium-2505", { max_completion_tokens: 5 }, { max_tokens: 5 }],
  ["azure-ai", "Llama-3.3-70B-Instruct", { max_tokens: 5, max_completion_tokens: 7 }, { max_tokens: 7 }],
])("%s's %s is told %j as %j", (provider, model, said, told) => {
  const body = { model, ...said };
  const { edits, notes } = quirkEdits(catalog.find(provider)?.quirks, body);
  expect(JSON.parse(spliceJson(JSON.stringify(body), edits))).toEqual({ model, ...told });
  expect(notes).toEqual([]);
});
