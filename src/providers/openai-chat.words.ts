/** Finish words and usage counts of OpenAI-shaped APIs, both ways. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Finish, Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject } from "../schema/json.ts";

export const readFinish = (word: string): Finish => FINISHES.get(word) ?? "unknown";

/** The word for a client that may or may not know others than OpenAI's five. */
export const writeFinish = (finish: Finish, raw: string | undefined, strict: boolean): string =>
  strict ? FINISH_WORDS[finish] : (raw ?? FINISH_WORDS[finish]);

export const readUsage = (usage: JsonObject): Usage => {
  const input = objectOf(usage["prompt_tokens_details"]);
  const output = objectOf(usage["completion_tokens_details"]);
  const reasoning = countOf(output["reasoning_tokens"]) ?? countOf(usage["reasoning_tokens"]);
  return defined({
    input: countOf(usage["prompt_tokens"]) ?? 0,
    output: (countOf(usage["completion_tokens"]) ?? 0) + uncountedReasoning(usage, reasoning),
    cacheRead: countOf(input["cached_tokens"]) ?? firstCount(usage, CACHE_READ),
    cacheWrite: firstCount(input, CACHE_WRITE) ?? firstCount(usage, CACHE_WRITE),
    reasoning,
    audioInput: countOf(input["audio_tokens"]),
    audioOutput: countOf(output["audio_tokens"]),
    searchUnits: countOf(usage["search_units"]),
    native: { dialect: "openai-chat" as const, fields: usage },
  });
};

/**
 * The counts of a chunk or a reply. Groq's streams carry them in `x_groq` (console.groq.com, API reference),
 * Moonshot's in the choice that ends (platform.moonshot.ai, "Chat").
 */
export const usageOf = ({ usage, x_groq: groq, choices }: JsonObject): JsonObject | undefined => {
  if (isObject(usage)) return usage;
  if (isObject(groq) && isObject(groq["usage"])) return groq["usage"];
  if (!isArray(choices)) return undefined;
  for (const choice of choices) if (isObject(choice) && isObject(choice["usage"])) return choice["usage"];
  return undefined;
};

/** `CompletionUsage` of the OpenAI SDK; the two `cache_…_input_tokens` are what gateway users read. */
export const writeUsage = (usage: Usage): JsonObject => ({
  prompt_tokens: usage.input,
  completion_tokens: usage.output,
  total_tokens: usage.input + usage.output,
  prompt_tokens_details: defined({
    cached_tokens: usage.cacheRead ?? 0,
    cache_write_tokens: usage.cacheWrite,
    audio_tokens: usage.audioInput,
  }),
  ...(usage.reasoning === undefined && usage.audioOutput === undefined
    ? {}
    : {
        completion_tokens_details: defined({
          reasoning_tokens: usage.reasoning,
          audio_tokens: usage.audioOutput,
        }),
      }),
  ...((usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0) > 0
    ? {
        cache_read_input_tokens: usage.cacheRead ?? 0,
        cache_creation_input_tokens: usage.cacheWrite ?? 0,
      }
    : {}),
});

/** OpenAI's words, those of compatible servers, and Anthropic's, which loose gateways pass on. */
const FINISHES = table<Finish>({
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
  eos: "stop", // Together
  eos_token: "stop", // Text Generation Inference
  model_length: "context-length", // Mistral
  sensitive: "content-filter", // Zhipu
  end_turn: "stop",
  stop_sequence: "stop-sequence",
  max_tokens: "length",
  incomplete: "length", // github.com/theopenco/llmgateway/pull/1682
  tool_use: "tool-calls",
  pause_turn: "pause",
  refusal: "refusal",
  model_context_window_exceeded: "context-length",
});

const FINISH_WORDS: Readonly<Record<Finish, string>> = Object.freeze({
  stop: "stop",
  "stop-sequence": "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
  refusal: "content_filter",
  pause: "stop",
  "context-length": "length",
  unknown: "stop",
});

/** Where servers that came before `prompt_tokens_details` count: DeepSeek, Moonshot, loose gateways. */
const CACHE_READ = ["prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens"];
/** OpenRouter's word, and the one of Alibaba and loose gateways. */
const CACHE_WRITE = ["cache_write_tokens", "cache_creation_input_tokens"];

/** xAI (docs.x.ai, "Reasoning") leaves reasoning out of `completion_tokens` but not out of the total. */
const uncountedReasoning = (usage: JsonObject, reasoning = 0): number => {
  const answer = (countOf(usage["prompt_tokens"]) ?? 0) + (countOf(usage["completion_tokens"]) ?? 0);
  return usage["total_tokens"] === answer + reasoning ? reasoning : 0;
};

const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
const countOf = (value: JsonValue | undefined): number | undefined => (isNumber(value) ? value : undefined);

const firstCount = (usage: JsonObject, names: readonly string[]): number | undefined => {
  for (const name of names) {
    const count = countOf(usage[name]);
    if (count !== undefined) return count;
  }
  return undefined;
};
