/**
 * OpenAI's chat wire as a vendor speaks it: replies, chunks, errors and models.
 *
 * Shapes: https://platform.openai.com/docs/api-reference/chat and the types of the `openai` package;
 * errors: https://platform.openai.com/docs/guides/error-codes.
 */
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { type Answer, contentText, listOf, objectOf, type Prompt, textOf, TOKENS } from "./model.ts";
import type { VendorFault, Wire } from "./wire.ts";

const CREATED = 1_790_000_000;

const FAULTS: Readonly<Record<number, readonly [type: string, code: string | null, message: string]>> = {
  400: ["invalid_request_error", null, "Invalid value for 'messages'."],
  401: ["invalid_request_error", "invalid_api_key", "Incorrect API key provided."],
  403: ["invalid_request_error", "unsupported_country_region_territory", "Country not supported."],
  404: ["invalid_request_error", "model_not_found", "The model does not exist."],
  413: ["invalid_request_error", null, "Request body is too large."],
  429: ["requests", "rate_limit_exceeded", "Rate limit reached for requests."],
  500: ["server_error", null, "The server had an error."],
  503: ["server_error", null, "The engine is overloaded, please try again later."],
};

export const openaiWire: Wire = {
  readPrompt: (body) => ({
    model: textOf(body["model"]),
    stream: body["stream"] === true,
    includeUsage: objectOf(body["stream_options"])["include_usage"] === true,
    text: lastUserText(listOf(body["messages"])),
    toolResults: messagesOf(body, "tool").map((message) => contentText(message["content"])),
    schema: schemaOf(body),
  }),
  reply: (prompt, answer, serial) => ({
    id: idOf(serial),
    object: "chat.completion",
    created: CREATED,
    model: prompt.model,
    choices: [{ index: 0, message: messageOf(answer), logprobs: null, finish_reason: finishOf(answer) }],
    usage: usageOf(answer),
    service_tier: "default",
    system_fingerprint: "fp_44709d6fcb",
  }),
  *frames(prompt, answer, serial) {
    const chunk = (fields: JsonObject): string => chunkFrame(prompt, serial, fields);
    for (const delta of deltasOf(answer)) yield chunk({ choices: [choiceOf(delta, null)] });
    yield chunk({ choices: [choiceOf({}, finishOf(answer))] });
    if (prompt.includeUsage) yield chunk({ choices: [], usage: usageOf(answer) });
    yield "data: [DONE]\n\n";
  },
  fault: (status): VendorFault => ({
    body: { error: faultOf(status) },
    headers: status === 429 ? { "retry-after": "1", "retry-after-ms": "20" } : {},
  }),
  errorFrame: () => `data: ${JSON.stringify({ error: faultOf(503) })}\n\n`,
  headers: (serial) => ({ "x-request-id": `req_${serial}`, "openai-version": "2020-10-01" }),
  models: () => ({
    object: "list",
    data: ["echo", "tools"].map((id) => ({ id, object: "model", created: CREATED, owned_by: "system" })),
  }),
};

const messagesOf = (body: JsonObject, role: string): readonly JsonObject[] =>
  listOf(body["messages"])
    .map(objectOf)
    .filter((message) => message["role"] === role);

const lastUserText = (messages: readonly JsonValue[]): string =>
  messages
    .map(objectOf)
    .filter((message) => message["role"] === "user")
    .map((message) => contentText(message["content"]))
    .findLast((text) => text !== "") ?? "";

const schemaOf = (body: JsonObject): JsonObject | undefined => {
  const format = objectOf(body["response_format"]);
  return format["type"] === "json_schema" ? objectOf(objectOf(format["json_schema"])["schema"]) : undefined;
};

const idOf = (serial: number): string => `chatcmpl-${String(serial).padStart(29, "0")}`;

const finishOf = (answer: Answer): string => (answer.calls.length > 0 ? "tool_calls" : "stop");

const callsOf = (answer: Answer): readonly JsonObject[] =>
  answer.calls.map((call, index) => ({
    id: `call_${index}${call.name}`,
    type: "function",
    function: { name: call.name, arguments: call.arguments },
  }));

const messageOf = (answer: Answer): JsonObject => ({
  role: "assistant",
  content: answer.calls.length > 0 ? null : [...answer.texts].join(""),
  refusal: null,
  annotations: [],
  // Not OpenAI's own: how the compatible servers spell thinking, https://api-docs.deepseek.com/guides/reasoning_model
  ...(answer.thinking.length > 0 && { reasoning_content: answer.thinking.join("") }),
  ...(answer.calls.length > 0 && { tool_calls: [...callsOf(answer)] }),
});

const usageOf = (answer: Answer): JsonObject => ({
  prompt_tokens: TOKENS.input,
  completion_tokens: TOKENS.output,
  total_tokens: TOKENS.input + TOKENS.output,
  prompt_tokens_details: { cached_tokens: TOKENS.cacheRead, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: answer.thinking.length > 0 ? TOKENS.thinking : 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
});

function* deltasOf(answer: Answer): Generator<JsonObject> {
  const calls = callsOf(answer);
  yield { role: "assistant", content: calls.length > 0 ? null : "", refusal: null };
  for (const text of answer.thinking) yield { reasoning_content: text };
  for (const text of answer.texts) yield { content: text };
  for (const [index, call] of calls.entries()) yield* callDeltas(index, call);
}

/** A call opens with its id, name and no arguments; the arguments follow in pieces. */
function* callDeltas(index: number, call: JsonObject): Generator<JsonObject> {
  const { name, arguments: whole } = objectOf(call["function"]);
  yield { tool_calls: [{ index, ...call, function: { name: textOf(name), arguments: "" } }] };
  for (const piece of textOf(whole).match(/.{1,6}/gs) ?? []) {
    yield { tool_calls: [{ index, function: { arguments: piece } }] };
  }
}

const choiceOf = (delta: JsonObject, finish: string | null): JsonObject => ({
  index: 0,
  delta,
  logprobs: null,
  finish_reason: finish,
});

/** With `include_usage` every chunk but the usage chunk says `usage: null`. */
const chunkFrame = (prompt: Prompt, serial: number, fields: JsonObject): string => {
  const chunk = {
    id: idOf(serial),
    object: "chat.completion.chunk",
    created: CREATED,
    model: prompt.model,
    service_tier: "default",
    system_fingerprint: "fp_44709d6fcb",
    ...(prompt.includeUsage && { usage: null }),
    ...fields,
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
};

const faultOf = (status: number): JsonObject => {
  const [type, code, message] = FAULTS[status] ?? ["server_error", null, "The server had an error."];
  return { message, type, param: status === 400 ? "messages" : null, code };
};
