/**
 * Requests of the OpenAI chat API, both ways: everything but the messages and the tools.
 *
 * Fields: `ChatCompletionCreateParamsBase` of the OpenAI SDK 7.57. Clients also send fields of other
 * APIs in this shape (`thinking`, `top_k`, `cache_control`), which are read too.
 */
import { defined } from "../lib/defined.ts";
import type { Chat, Native, Reasoning, ResponseFormat } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { booleanField, nativeRest, numberField, objectField, stringField, names } from "./body-fields.ts";
import type { Note, RequestTarget, Written } from "./dialect.ts";
import { readSchema, writeFormat } from "./openai-chat.format.ts";
import { readMessages } from "./openai-chat.messages-read.ts";
import { writeMessages } from "./openai-chat.messages-write.ts";
import { writeSearch } from "./openai-chat.search.ts";
import { writeThinking } from "./openai-chat.thinking.ts";
import { readable } from "./readable-blocks.ts";
import { readToolChoice, readTools, writeToolChoice, writeTools } from "./openai-chat.tools.ts";
import { callsOneByOne, takenBy } from "./openai.models.ts";
import { systemFirst } from "./system-first.ts";
import { userId } from "./user-id.ts";

export const readRequest = (body: JsonObject): Chat => ({
  model: stringField(body, "model") ?? "",
  messages: readMessages(body["messages"]),
  stream: booleanField(body, "stream") ?? false,
  includeUsage:
    booleanField(objectField(body, "stream_options") ?? {}, "include_usage", "stream_options") ?? false,
  ...defined({
    tools: readTools(body),
    toolChoice: readToolChoice(body),
    parallelToolCalls: readParallel(body),
    maxTokens: numberField(body, "max_completion_tokens") ?? numberField(body, "max_tokens"),
    temperature: numberField(body, "temperature"),
    topP: numberField(body, "top_p"),
    topK: numberField(body, "top_k"),
    stop: readStop(body),
    seed: numberField(body, "seed"),
    presencePenalty: numberField(body, "presence_penalty"),
    frequencyPenalty: numberField(body, "frequency_penalty"),
    logitBias: objectField(body, "logit_bias"),
    logprobs: booleanField(body, "logprobs"),
    topLogprobs: numberField(body, "top_logprobs"),
    candidates: numberField(body, "n"),
    format: readFormat(body),
    reasoning: readReasoning(body),
    user: stringField(body, "user") ?? stringField(body, "safety_identifier"),
    serviceTier: stringField(body, "service_tier"),
    native: readNative(body),
  }),
});

export const writeRequest = (asked: Chat, target: RequestTarget): Written<JsonObject> => {
  const notes = new Set<Note>();
  const thinking = writeThinking(asked, target.thinking, notes);
  const chat = takenBy(asked, stringField(thinking, "reasoning_effort"), notes);
  const isSerial = callsOneByOne(chat.model);
  const search = writeSearch(chat, notes);
  const tools = writeTools(chat.tools ?? [], notes, search.tool);
  const isAsked = target.systemFirst === true;
  const messages = systemFirst(readable(chat.messages), { model: chat.model, isAsked }, notes);
  const body = defined({
    model: chat.model === "" ? undefined : chat.model,
    messages: writeMessages(messages, notes, target.reasoningField),
    ...(tools.length === 0
      ? {}
      : { tools, parallel_tool_calls: isSerial ? undefined : chat.parallelToolCalls }),
    tool_choice: writeToolChoice(chat, tools, notes),
    max_completion_tokens: chat.maxTokens,
    temperature: chat.temperature,
    top_p: chat.topP,
    top_k: target.takesTopK === true ? chat.topK : undefined,
    stop: writeStop(chat.stop, notes),
    seed: chat.seed,
    presence_penalty: chat.presencePenalty,
    frequency_penalty: chat.frequencyPenalty,
    logit_bias: chat.logitBias,
    logprobs: chat.logprobs,
    top_logprobs: chat.topLogprobs,
    n: chat.candidates,
    response_format: chat.format === undefined ? undefined : writeFormat(chat.format, true),
    ...thinking,
    user: userId(chat.user),
    service_tier: writeServiceTier(chat.serviceTier),
    web_search_options: search.options,
    stream: chat.stream || undefined,
    ...writeNative(chat.native, notes),
    stream_options: writeStreamOptions(chat),
  });
  if (chat.topK !== undefined && target.takesTopK !== true) notes.add("top_k");
  return { body, notes: [...notes] };
};

/** Request fields that have a canonical word; `functions` and `function_call` are the older tools. */
const KNOWN: ReadonlySet<string> = names(
  "model messages stream stream_options",
  "tools tool_choice functions function_call parallel_tool_calls",
  "max_tokens max_completion_tokens temperature top_p top_k stop seed",
  "presence_penalty frequency_penalty logit_bias logprobs top_logprobs n",
  "response_format reasoning_effort thinking user safety_identifier service_tier",
);

const STREAM_OPTIONS: ReadonlySet<string> = new Set(["include_usage"]);

/** Sent in a body by some clients, but headers of the Anthropic API: nothing is lost without them. */
const HEADERS_IN_BODY: ReadonlySet<string> = new Set(["anthropic_version", "anthropic_beta"]);

/** "Up to 4 sequences": `stop` in the SDK's types. */
const MAX_STOPS = 4;

/** Anthropic's word for "no priority tier" (its API reference, `service_tier`). */
const STANDARD_TIER = "standard_only";

/** The `function_call` of an answer to `functions` has room for one. */
const readParallel = (body: JsonObject): boolean | undefined =>
  booleanField(body, "parallel_tool_calls") ??
  (body["functions"] != null && body["tools"] == null ? false : undefined);

const MODES: readonly NonNullable<Reasoning["mode"]>[] = ["enabled", "disabled", "adaptive"];

const readStop = (body: JsonObject): readonly string[] | undefined => {
  const stop = body["stop"];
  if (stop === undefined || stop === null) return undefined;
  if (isString(stop)) return [stop];
  if (isArray(stop) && stop.every(isString)) return stop;
  throw invalidRequest("stop", "must be a string or an array of strings");
};

const writeStop = (stop: readonly string[] | undefined, notes: Set<Note>): readonly string[] | undefined => {
  if (stop === undefined || stop.length === 0) return undefined;
  if (stop.length > MAX_STOPS) notes.add(`stop (cut to ${MAX_STOPS})`);
  return stop.slice(0, MAX_STOPS);
};

const readFormat = (body: JsonObject): ResponseFormat | undefined => {
  const format = objectField(body, "response_format");
  switch (format?.["type"]) {
    case "text":
      return { kind: "text" };
    case "json_object":
      return readJsonFormat(format);
    case "json_schema":
      return readSchemaFormat(format);
    default:
      return undefined; // another server's format, kept in `native`
  }
};

/** Cohere and Together take the schema of a `json_object` beside its type, and their users send it so. */
const readJsonFormat = ({ schema, json_schema }: JsonObject): ResponseFormat => {
  const given = schema ?? json_schema;
  return isObject(given) ? { kind: "schema", schema: given } : { kind: "json" };
};

const readSchemaFormat = (format: JsonObject): ResponseFormat => {
  const path = "response_format.json_schema";
  const schema = objectField(format, "json_schema", "response_format");
  if (schema === undefined) throw invalidRequest(path, "is required");
  const isBare = schema["schema"] == null && saysType(schema);
  return readSchema(isBare ? { ...schema, schema } : schema, path);
};

/** Portkey's gateway takes a schema without its wrapping for Gemini's models. */
const saysType = ({ type, properties }: JsonObject): boolean => isString(type) || isObject(properties);

/** `thinking` is Anthropic's object, which clients of the OpenAI shape send to reach Claude. */
const readReasoning = (body: JsonObject): Reasoning | undefined => {
  const effort = stringField(body, "reasoning_effort");
  const thinking = objectField(body, "thinking");
  if (thinking === undefined) return effort === undefined ? undefined : { effort };
  return defined({
    effort,
    mode: MODES.find((mode) => mode === thinking["type"]),
    budgetTokens: numberField(thinking, "budget_tokens", "thinking"),
    native: { dialect: "anthropic-messages", fields: thinking } as const,
  });
};

export const writeServiceTier = (tier: string | undefined): string | undefined =>
  tier === STANDARD_TIER ? "default" : tier;

const readNative = (body: JsonObject): Native | undefined => {
  const options = nativeRest("openai-chat", objectField(body, "stream_options") ?? {}, STREAM_OPTIONS);
  const fields = defined({
    ...nativeRest("openai-chat", body, KNOWN)?.fields,
    safety_identifier: isString(body["user"]) ? (body["safety_identifier"] ?? undefined) : undefined,
    stream_options: options?.fields,
    response_format: readFormat(body) === undefined ? (body["response_format"] ?? undefined) : undefined,
  });
  return Object.keys(fields).length === 0 ? undefined : { dialect: "openai-chat", fields };
};

const writeNative = (native: Native | undefined, notes: Set<Note>): JsonObject => {
  if (native === undefined) return {};
  if (native.dialect === "openai-chat") return native.fields;
  const { said, left } =
    native.dialect === "openai-responses" ? saidHere(native.fields) : { said: {}, left: native.fields };
  for (const name of Object.keys(left)) if (!HEADERS_IN_BODY.has(name)) notes.add(name);
  return said;
};

/** What the Responses API says of the text is said of the answer here. */
const saidHere = ({
  text,
  ...left
}: JsonObject): { readonly said: JsonObject; readonly left: JsonObject } => {
  const { verbosity, ...more } = isObject(text) ? text : {};
  const rest = Object.keys(more).length === 0 ? undefined : more;
  return { said: defined({ verbosity }), left: { ...left, ...defined({ text: rest }) } };
};

const writeStreamOptions = (chat: Chat): JsonObject | undefined => {
  if (!chat.stream) return undefined;
  const kept = chat.native?.dialect === "openai-chat" ? chat.native.fields["stream_options"] : undefined;
  const options = {
    ...(chat.includeUsage ? { include_usage: true } : {}),
    ...(isObject(kept) ? kept : {}),
  };
  return Object.keys(options).length === 0 ? undefined : options;
};
