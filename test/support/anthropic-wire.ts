/**
 * Anthropic's messages wire as the vendor speaks it: replies, named events, errors and models.
 *
 * Shapes: https://docs.anthropic.com/en/api/messages, /messages-streaming and the types of the
 * `@anthropic-ai/sdk` package; errors: https://docs.anthropic.com/en/api/errors.
 */
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import {
  type Answer,
  contentText,
  listOf,
  objectOf,
  type Prompt,
  SIGNATURE,
  textOf,
  TOKENS,
} from "./model.ts";
import type { VendorFault, Wire } from "./wire.ts";

const FAULTS: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ["invalid_request_error", "messages: at least one message is required"],
  401: ["authentication_error", "invalid x-api-key"],
  403: ["permission_error", "Your API key may not use this resource."],
  404: ["not_found_error", "model: not found"],
  413: ["request_too_large", "Request exceeds the maximum size"],
  429: ["rate_limit_error", "This request would exceed your rate limit."],
  500: ["api_error", "Internal server error"],
  503: ["api_error", "Service unavailable"],
  529: ["overloaded_error", "Overloaded"],
};

export const anthropicWire: Wire = {
  readPrompt: (body) => ({
    model: textOf(body["model"]),
    stream: body["stream"] === true,
    includeUsage: true,
    text: lastUserText(userContents(body)),
    toolResults: userContents(body).flatMap(toolResultsOf),
    schema: schemaOf(body),
  }),
  reply: (prompt, answer, serial) => ({
    ...messageOf(prompt, serial),
    content: [...blocksOf(answer)],
    stop_reason: stopOf(answer),
    usage: { ...startUsage(), output_tokens: TOKENS.output, output_tokens_details: detailsOf(answer) },
  }),
  *frames(prompt, answer, serial) {
    const message = { ...messageOf(prompt, serial), usage: { ...startUsage(), output_tokens: 1 } };
    yield frame({ type: "message_start", message });
    let index = 0;
    for (const block of openBlocks(answer)) {
      yield frame({ type: "content_block_start", index, content_block: block.start });
      if (index === 0) yield frame({ type: "ping" });
      for (const delta of block.deltas) yield frame({ type: "content_block_delta", index, delta });
      yield frame({ type: "content_block_stop", index });
      index++;
    }
    yield frame({
      type: "message_delta",
      delta: { stop_reason: stopOf(answer), stop_sequence: null, stop_details: null, container: null },
      usage: deltaUsage(answer),
    });
    yield frame({ type: "message_stop" });
  },
  fault: (status): VendorFault => ({
    body: faultOf(status),
    headers: status === 429 ? { "retry-after": "1", "anthropic-ratelimit-requests-remaining": "0" } : {},
  }),
  errorFrame: () => frame(faultOf(529)),
  headers: (serial) => ({ "request-id": `req_${serial}`, "anthropic-organization-id": "org_1" }),
  models: () => ({
    data: ["echo", "tools"].map(modelOf),
    first_id: "echo",
    has_more: false,
    last_id: "tools",
  }),
};

const userContents = (body: JsonObject): readonly JsonValue[] =>
  listOf(body["messages"])
    .map(objectOf)
    .filter((message) => message["role"] === "user")
    .map((message) => message["content"] ?? "");

const lastUserText = (contents: readonly JsonValue[]): string =>
  contents.map(contentText).findLast((text) => text !== "") ?? "";

const toolResultsOf = (content: JsonValue): readonly string[] =>
  listOf(content)
    .map(objectOf)
    .filter((block) => block["type"] === "tool_result")
    .map((block) => contentText(block["content"]));

const schemaOf = (body: JsonObject): JsonObject | undefined => {
  const format = objectOf(objectOf(body["output_config"])["format"]);
  return format["type"] === "json_schema" ? objectOf(format["schema"]) : undefined;
};

/** The message as `message_start` shows it: nothing said yet. */
const messageOf = (prompt: Prompt, serial: number): JsonObject => ({
  id: `msg_${String(serial).padStart(24, "0")}`,
  type: "message",
  role: "assistant",
  model: prompt.model,
  content: [],
  container: null,
  diagnostics: null,
  stop_details: null,
  stop_reason: null,
  stop_sequence: null,
});

const stopOf = (answer: Answer): string => (answer.calls.length > 0 ? "tool_use" : "end_turn");

const startUsage = (): JsonObject => ({
  input_tokens: TOKENS.input - TOKENS.cacheRead, // the vendor counts cached tokens apart
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: TOKENS.cacheRead,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  inference_geo: null,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: "standard",
  speed: "standard",
});

const detailsOf = (answer: Answer): JsonObject | null =>
  answer.thinking.length > 0 ? { thinking_tokens: TOKENS.thinking } : null;

const deltaUsage = (answer: Answer): JsonObject => ({
  input_tokens: TOKENS.input - TOKENS.cacheRead,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: TOKENS.cacheRead,
  output_tokens: TOKENS.output,
  output_tokens_details: detailsOf(answer),
  server_tool_use: null,
});

interface OpenBlock {
  /** The block as `content_block_start` shows it. */
  readonly start: JsonObject;
  readonly deltas: Iterable<JsonObject>;
  /** The block as a whole reply shows it. */
  whole(): JsonObject;
}

function* openBlocks(answer: Answer): Generator<OpenBlock> {
  if (answer.thinking.length > 0) yield thinkingBlock(answer.thinking);
  if (answer.calls.length === 0) yield textBlock(answer.texts);
  for (const [index, call] of answer.calls.entries()) yield callBlock(index, call.name, call.arguments);
}

function* blocksOf(answer: Answer): Generator<JsonObject> {
  for (const block of openBlocks(answer)) yield block.whole();
}

const thinkingBlock = (texts: readonly string[]): OpenBlock => ({
  start: { type: "thinking", thinking: "", signature: "" },
  deltas: [
    ...texts.map((thinking) => ({ type: "thinking_delta", thinking })),
    { type: "signature_delta", signature: SIGNATURE },
  ],
  whole: () => ({ type: "thinking", thinking: texts.join(""), signature: SIGNATURE }),
});

const textBlock = (texts: Iterable<string>): OpenBlock => ({
  start: { type: "text", text: "", citations: null },
  deltas: textDeltas(texts),
  whole: () => ({ type: "text", text: [...texts].join(""), citations: null }),
});

function* textDeltas(texts: Iterable<string>): Generator<JsonObject> {
  for (const text of texts) yield { type: "text_delta", text };
}

const callBlock = (index: number, name: string, input: string): OpenBlock => {
  const call = { type: "tool_use", id: `toolu_${index}${name}`, name, caller: { type: "direct" } };
  const pieces = ["", ...(input.match(/.{1,6}/gs) ?? [])]; // the vendor opens with an empty piece
  return {
    start: { ...call, input: {} },
    deltas: pieces.map((piece) => ({ type: "input_json_delta", partial_json: piece })),
    whole: () => ({ ...call, input: objectOf(JSON.parse(input)) }),
  };
};

const frame = (event: JsonObject): string =>
  `event: ${textOf(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`;

const faultOf = (status: number): JsonObject => {
  const [type, message] = FAULTS[status] ?? ["api_error", "Internal server error"];
  return { type: "error", error: { type, message, details: null }, request_id: "req_fault" };
};

const modelOf = (id: string): JsonObject => ({
  type: "model",
  id,
  display_name: id,
  created_at: "2026-01-01T00:00:00Z",
  capabilities: null,
  deprecated_at: null,
  lifecycle: "active",
  line: null,
  max_input_tokens: 200_000,
  max_tokens: 64_000,
  retires_at: null,
});
