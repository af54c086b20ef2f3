/**
 * Anthropic's usage objects, read and written.
 *
 * `input_tokens` leaves out what was read from or written to the cache; canonical `input` is the sum
 * (the `Usage` type of Anthropic's SDK: "Total input tokens in a request is the summation of …").
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import { ID } from "./anthropic-messages.blocks.ts";

export const readUsage = (usage: JsonObject): Usage => {
  const cacheRead = count(usage["cache_read_input_tokens"]);
  const cacheWrite = count(usage["cache_creation_input_tokens"]);
  const details = usage["output_tokens_details"];
  const writes = usage["cache_creation"];
  return {
    input: (count(usage["input_tokens"]) ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: count(usage["output_tokens"]) ?? 0,
    ...defined({
      cacheRead,
      cacheWrite,
      cacheWriteLong: isObject(writes) ? positive(writes["ephemeral_1h_input_tokens"]) : undefined,
      reasoning: isObject(details) ? count(details["thinking_tokens"]) : undefined,
    }),
    native: { dialect: ID, fields: usage },
  };
};

/** A later usage over an earlier one: each is a running total, and leaves out what does not apply. */
export const mergedUsage = (known: JsonObject, later: JsonObject): JsonObject => {
  const merged: Record<string, JsonValue | undefined> = { ...known };
  for (const [key, value] of Object.entries(later)) if (value != null) merged[key] = value;
  return merged;
};

/** The `usage` of a message: every key that the API always sends. */
export const writeUsage = (usage: Usage | undefined, serviceTier: string | undefined): JsonObject => ({
  ...MESSAGE_KEYS,
  ...(usage?.native?.dialect === ID ? usage.native.fields : writes(usage)),
  ...counts(usage),
  ...(serviceTier === undefined ? {} : defined({ service_tier: WRITTEN_TIERS.get(serviceTier) })),
});

/** What others tell of how long their caches keep what was written. */
const writes = ({ cacheWrite = 0, cacheWriteLong: long }: Partial<Usage> = {}): JsonObject =>
  long === undefined
    ? {}
    : { cache_creation: { ephemeral_5m_input_tokens: cacheWrite - long, ephemeral_1h_input_tokens: long } };

/** The `usage` of a `message_delta` event. */
export const writeDeltaUsage = (usage: Usage | undefined): JsonObject => {
  const native = usage?.native?.dialect === ID ? usage.native.fields : {};
  return { server_tool_use: native["server_tool_use"] ?? null, ...counts(usage) };
};

/** The tier that answered, in canonical words; `batch` has none. */
export const readTier = (usage: JsonObject): string | undefined => {
  const tier = usage["service_tier"];
  return isString(tier) ? READ_TIERS.get(tier) : undefined;
};

const READ_TIERS = table({ standard: "default", priority: "priority" });
const WRITTEN_TIERS = table({ default: "standard", priority: "priority" });

const MESSAGE_KEYS: JsonObject = Object.freeze({
  cache_creation: null,
  inference_geo: null,
  server_tool_use: null,
  service_tier: null,
  speed: null,
});

const count = (value: JsonValue | undefined): number | undefined => (isNumber(value) ? value : undefined);

const positive = (value: JsonValue | undefined): number | undefined => count(value) || undefined;

const counts = (usage: Usage | undefined): JsonObject => {
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0, reasoning } = usage ?? {};
  return {
    input_tokens: Math.max(input - cacheRead - cacheWrite, 0),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    output_tokens: output,
    output_tokens_details: reasoning === undefined ? null : { thinking_tokens: reasoning },
  };
};
