/** Usage counts and endings of the Responses API, both ways. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Finish, Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";

export const ID = "openai-responses";

export const readUsage = (usage: JsonObject): Usage => {
  const input = objectOf(usage["input_tokens_details"]);
  const output = objectOf(usage["output_tokens_details"]);
  return {
    input: countOf(usage["input_tokens"]) ?? 0,
    output: countOf(usage["output_tokens"]) ?? 0,
    ...defined({
      cacheRead: countOf(input["cached_tokens"]),
      cacheWrite: countOf(input["cache_write_tokens"]),
      reasoning: countOf(output["reasoning_tokens"]),
    }),
    native: { dialect: ID, fields: usage },
  };
};

/** `ResponseUsage` of the OpenAI SDK, whose details are always there. */
export const writeUsage = ({ input, output, cacheRead, cacheWrite, reasoning }: Usage): JsonObject => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cacheRead ?? 0, cache_write_tokens: cacheWrite ?? 0 },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoning ?? 0 },
  total_tokens: input + output,
});

export interface Ending {
  readonly finish: Finish;
  readonly raw?: string;
}

/**
 * Why a response ended; a complete one does not say whether it waits for its calls, and an incomplete one
 * must not look whole, whatever its reason.
 */
export const readEnding = (response: JsonObject, hasCalls: boolean): Ending => {
  if (response["status"] !== "incomplete") return { finish: hasCalls ? "tool-calls" : "stop" };
  const reason = objectOf(response["incomplete_details"])["reason"];
  if (!isString(reason)) return { finish: "length" };
  return { finish: REASONS.get(reason) ?? "length", raw: reason };
};

/** The reason of an incomplete response, or undefined for an answer that is complete. */
export const incompleteReason = (finish: Finish): string | undefined => INCOMPLETE[finish];

/** `IncompleteDetails.reason` of the SDK. */
const REASONS = table<Finish>({
  max_output_tokens: "length",
  max_messages: "length",
  content_filter: "content-filter",
  steered: "pause", // another response goes on
});

const INCOMPLETE: Readonly<Partial<Record<Finish, string>>> = Object.freeze({
  length: "max_output_tokens",
  "context-length": "max_output_tokens",
  "content-filter": "content_filter",
  refusal: "content_filter",
});

const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
const countOf = (value: JsonValue | undefined): number | undefined => (isNumber(value) ? value : undefined);
