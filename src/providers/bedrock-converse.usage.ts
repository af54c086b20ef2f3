/** Converse's token counts and stop reasons. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Finish, Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject } from "../schema/json.ts";
import { ID } from "./bedrock-converse.blocks.ts";

/**
 * `inputTokens` leaves out what was read from or written to the cache (userguide/prompt-caching.html).
 * Nova's InvokeModel counts by longer names. What was measured rides along with the counts.
 */
export const readUsage = (usage: JsonObject, metrics: JsonValue | undefined): Usage => {
  const cacheRead = count(usage["cacheReadInputTokens"] ?? usage["cacheReadInputTokenCount"]);
  const cacheWrite = count(usage["cacheWriteInputTokens"] ?? usage["cacheWriteInputTokenCount"]);
  return {
    input: (count(usage["inputTokens"]) ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: count(usage["outputTokens"]) ?? 0,
    ...defined({ cacheRead, cacheWrite, cacheWriteLong: longWrites(usage["cacheDetails"]) }),
    native: { dialect: ID, fields: { ...usage, ...defined({ metrics }) } },
  };
};

/** `CacheDetail` of AWS's SDK: what was written, by how long it is kept. */
const longWrites = (details: JsonValue | undefined): number | undefined => {
  const kept = (isArray(details) ? details : []).filter(isObject).filter(({ ttl }) => ttl === "1h");
  return kept.reduce((sum, { inputTokens }) => sum + (count(inputTokens) ?? 0), 0) || undefined;
};

const count = (value: JsonValue | undefined): number | undefined => (isNumber(value) ? value : undefined);

export const readFinish = (reason: string): Finish => FINISHES.get(reason) ?? "unknown";

/** `stopReason` of API_runtime_Converse. */
const FINISHES = table<Finish>({
  end_turn: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  stop_sequence: "stop-sequence",
  guardrail_intervened: "content-filter",
  content_filtered: "content-filter",
  // What the model garbled is left out, and an answer without it must not look whole.
  malformed_model_output: "refusal",
  malformed_tool_use: "refusal",
  model_context_window_exceeded: "context-length",
});
