/** The tables of variants have every word that the vendors' SDKs know: a newer SDK with another one fails here. */
import { expect, test } from "bun:test";
import type { ErrorType } from "@anthropic-ai/sdk/resources/shared";
import type { BetaStopReason } from "@anthropic-ai/sdk/resources/beta/messages/messages";
import type { StopReason } from "@anthropic-ai/sdk/resources/messages/messages";
import { BlockedReason, FinishReason } from "@google/genai";
import type { ChatCompletion } from "openai/resources/chat/completions";
import type { Response, ResponseError } from "openai/resources/responses/responses";
import { variantFolders } from "../support/case-variants.ts";

type Words<Word extends string> = Readonly<Record<Word, true>>;

const CLAUDE: Words<StopReason | BetaStopReason> = {
  end_turn: true,
  max_tokens: true,
  stop_sequence: true,
  tool_use: true,
  pause_turn: true,
  compaction: true,
  refusal: true,
  model_context_window_exceeded: true,
};

/** Those of the memory tool's files are not among the answers of the Messages API. */
const CLAUDE_ERRORS: Words<Exclude<ErrorType, `memory_${string}`>> = {
  invalid_request_error: true,
  authentication_error: true,
  billing_error: true,
  permission_error: true,
  not_found_error: true,
  rate_limit_error: true,
  timeout_error: true,
  api_error: true,
  overloaded_error: true,
  conflict_error: true,
};

const CHAT: Words<ChatCompletion.Choice["finish_reason"]> = {
  stop: true,
  length: true,
  tool_calls: true,
  content_filter: true,
  function_call: true,
};

const RESPONSES: Words<NonNullable<Response.IncompleteDetails["reason"]>> = {
  max_output_tokens: true,
  max_messages: true,
  content_filter: true,
  steered: true,
};

const RESPONSE_ERRORS: Words<ResponseError["code"]> = {
  server_error: true,
  rate_limit_exceeded: true,
  invalid_prompt: true,
  data_residency_mismatch: true,
  bio_policy: true,
  misalignment_policy_violation: true,
  vector_store_timeout: true,
  invalid_image: true,
  invalid_image_format: true,
  invalid_base64_image: true,
  invalid_image_url: true,
  image_too_large: true,
  image_too_small: true,
  image_parse_error: true,
  image_content_policy_violation: true,
  invalid_image_mode: true,
  image_file_too_large: true,
  unsupported_image_media_type: true,
  empty_image_file: true,
  failed_to_download_image: true,
  image_file_not_found: true,
};

const FOLDERS = variantFolders();

test.each([
  ["anthropic-messages/finishes", Object.keys(CLAUDE)],
  ["anthropic-messages/errors", Object.keys(CLAUDE_ERRORS)],
  ["openai-chat/finishes", Object.keys(CHAT)],
  ["openai-responses/finishes", Object.keys(RESPONSES)],
  ["openai-responses/stream-errors", Object.keys(RESPONSE_ERRORS)],
  ["gemini/finishes", [...Object.values(FinishReason), ...Object.values(BlockedReason)]],
])("%s has every word of the vendor's SDK", (name, words) => {
  const table = FOLDERS.find(({ path }) => path.endsWith(name));
  const text = JSON.stringify(table?.list.map(({ fill, body }) => ({ fill, body })) ?? []);
  expect(words.filter((word) => !text.includes(`"${word}"`))).toEqual([]);
});
