/**
 * Contents that are nothing but texts, for vendors that want one string.
 *
 * DeepSeek: "invalid type: sequence, expected a string" (github.com/QwenLM/qwen-code/issues/2695). SambaNova: "Expected
 * one of: ['str'], got list" (github.com/BerriAI/litellm/pull/16612). Workers AI: "'array' not in 'string'"
 * (github.com/anomalyco/opencode/issues/30381), and null is none either (github.com/we-promise/sure/pull/467). Groq:
 * "('messages.0.content' : value must be a string)" (github.com/livekit/agents/issues/1790). Fireworks takes lists, and no
 * marks for a cache in them (github.com/musistudio/claude-code-router/issues/377).
 */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Quirks } from "../schema/provider-row.ts";

export const contentEdits = (
  { textContent }: Quirks,
  messages: JsonValue | undefined,
): readonly JsonEdit[] => {
  if (textContent === undefined || !isArray(messages)) return [];
  return messages.flatMap((message, at): JsonEdit[] => {
    const content = isObject(message) ? message["content"] : undefined;
    const value = isArray(content) ? textOf(content) : undefined;
    if (value !== undefined) return [{ op: "set", path: ["messages", at, "content"], value }];
    const isMissing = isObject(message) && (content === null || content === undefined);
    return isMissing && textContent === "always"
      ? [{ op: "set", path: ["messages", at, "content"], value: "" }]
      : [];
  });
};

/** The texts as one; undefined where there is anything else. */
export const textOf = (content: readonly JsonValue[]): string | undefined => {
  const texts = content.map((part) => (isObject(part) && part["type"] === "text" ? part["text"] : undefined));
  return texts.every(isString) ? texts.join("\n\n") : undefined;
};
