/** The response object around its output: what the request asked for, said back. */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import type { KeptAnswer } from "./dialect.ts";

/** What an answer says of itself before it says anything. */
export interface ResponseHead {
  readonly id: string;
  readonly model: string;
  readonly created: number;
  readonly serviceTier: string | undefined;
}

/**
 * `Response` of the OpenAI SDK, without status, output and what ends it. A provider's own values are
 * not known for what the client left open.
 */
export const responseOf = (
  head: ResponseHead,
  request: JsonObject,
  kept: KeptAnswer | undefined,
): JsonObject => ({
  id: head.id,
  object: "response",
  access_programs: null,
  created_at: head.created,
  background: false,
  error: null,
  incomplete_details: null,
  ...Object.fromEntries(
    Object.entries(ECHOED).map(([name, otherwise]) => [name, request[name] ?? otherwise]),
  ),
  model: head.model,
  parallel_tool_calls: request["parallel_tool_calls"] ?? true,
  previous_response_id: kept?.previousId ?? null,
  reasoning: { effort: null, summary: null, ...asObject(request["reasoning"]) },
  service_tier: head.serviceTier ?? null,
  store: kept?.isStored ?? false,
  text: { format: { type: "text" }, ...asObject(request["text"]) },
});

/** Request fields that come back as they were, and what stands in their place otherwise. */
const ECHOED: Readonly<Record<string, JsonValue>> = Object.freeze({
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  prompt_cache_key: null,
  safety_identifier: null,
  temperature: null,
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: null,
  truncation: "disabled",
  user: null,
});

const asObject = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
