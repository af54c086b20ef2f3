/** Words of `reasoning_effort` that a vendor's models would refuse. */
import { expect, test } from "bun:test";
import { createCatalog } from "../../src/providers/catalog.ts";
import { quirkEdits } from "../../src/providers/quirks.ts";

const catalog = createCatalog();

test.each<[string, string, string, string | undefined]>([
  ["groq", "qwen/qwen3-32b", "low", "default"],
  ["groq", "qwen/qwen3.6-27b", "max", "default"],
  ["groq", "qwen/qwen3-32b", "none", undefined],
  ["groq", "openai/gpt-oss-120b", "minimal", "low"],
  ["groq", "openai/gpt-oss-120b", "xhigh", "high"],
  ["groq", "openai/gpt-oss-120b", "none", "low"],
  ["groq", "openai/gpt-oss-120b", "medium", undefined],
  ["groq", "openai/gpt-oss-120b", "a word of tomorrow", undefined],
  ["groq", "some/model", "xhigh", undefined],
  ["mistral-ai", "mistral-medium-latest", "low", "high"],
  ["mistral-ai", "mistral-medium-latest", "none", undefined],
  ["mistral-ai", "zai-glm-5-3", "medium", "high"],
  ["fireworks-ai", "accounts/fireworks/models/glm-5p1", "low", "high"],
  ["moonshot", "kimi-k3", "medium", "high"],
  ["ollama", "anything", "xhigh", "max"],
  ["ollama", "anything", "minimal", "low"],
  ["cerebras", "gpt-oss-120b", "max", "high"],
  ["openai", "gpt-5.2", "xhigh", undefined],
])("%s's %s is asked with %s as %p", (provider, model, asked, nearest) => {
  const quirks = catalog.find(provider)?.quirks;
  const { edits, notes } = quirkEdits(quirks, { model, reasoning_effort: asked });
  const path = ["reasoning_effort"];
  expect(edits).toEqual(nearest === undefined ? [] : [{ op: "set", path, value: nearest }]);
  expect(notes).toEqual(nearest === undefined ? [] : [`reasoning_effort (${nearest})`]);
});
