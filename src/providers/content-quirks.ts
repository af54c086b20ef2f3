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
import type { QuirkEdits } from "./quirks.ts";

export const contentEdits = ({ textContent }: Quirks, messages: JsonValue | undefined): QuirkEdits => {
  const contents = isArray(messages) ? messages.map(contentOf) : [];
  const edits = contents.flatMap((content, at): JsonEdit[] => {
    const isMissing = content === null && textContent === "always";
    const value = isArray(content) ? textOf(content) : isMissing ? "" : undefined;
    return value === undefined ? [] : [{ op: "set", path: ["messages", at, "content"], value }];
  });
  const isMarked = contents.some(
    (content) => isArray(content) && textOf(content) !== undefined && marks(content),
  );
  return { edits, notes: isMarked ? ["cache_control"] : [] };
};

/** Null where there is none. */
const contentOf = (message: JsonValue): JsonValue | undefined =>
  isObject(message) ? (message["content"] ?? null) : undefined;

const marks = (content: readonly JsonValue[]): boolean =>
  content.some((part) => isObject(part) && part["cache_control"] != null);

/** The texts as one; undefined where there is anything else. */
export const textOf = (content: readonly JsonValue[]): string | undefined => {
  const texts = content.map((part) => (isObject(part) && part["type"] === "text" ? part["text"] : undefined));
  return texts.every(isString) ? texts.join("\n\n") : undefined;
};
