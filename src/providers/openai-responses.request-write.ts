/** A canonical request written for the Responses API: everything but the items and the tools. */
import { defined } from "../lib/defined.ts";
import type { Chat } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Note, RequestTarget, Written } from "./dialect.ts";
import { refusesReasoning, writeReasoning } from "./openai-chat.effort.ts";
import { writeFormat } from "./openai-chat.format.ts";
import { writeServiceTier } from "./openai-chat.request.ts";
import { writeMessages } from "./openai-responses.items-write.ts";
import { writeTools, writeToolChoice } from "./openai-responses.tools.ts";
import { takenBy } from "./openai.models.ts";
import { readable } from "./readable-blocks.ts";
import { ID } from "./openai-responses.words.ts";
import { askedSearch, SEARCH_FIELD } from "./server-tools.ts";
import { userId } from "./user-id.ts";

export const writeRequest = (asked: Chat, { provider }: RequestTarget): Written<JsonObject> => {
  const notes = new Set<Note>();
  const tools = writeTools(asked, notes);
  const native = writeNative(asked, notes);
  const { reasoning, model } = asked;
  const effort = reasoning === undefined ? undefined : writeReasoning(reasoning, model, notes);
  const chat = takenBy(asked, effort, notes);
  const thinks = chat.reasoning !== undefined && effort !== "none" && !refusesReasoning(chat.model);
  const body = defined({
    store: false, // clients of other APIs bring the whole conversation
    ...native,
    model: chat.model === "" ? undefined : chat.model,
    ...writeMessages(readable(chat.messages), notes, {
      hasInstructions: chat.format?.kind !== "json",
      provider,
    }),
    ...(tools.length === 0 ? {} : { tools, parallel_tool_calls: chat.parallelToolCalls }),
    tool_choice: native["tool_choice"] ?? writeToolChoice(chat, tools, notes),
    max_output_tokens: writeLimit(chat.maxTokens, notes),
    temperature: chat.temperature,
    top_p: chat.topP,
    top_logprobs: chat.topLogprobs,
    include: writeInclude(chat, thinks, native["include"]),
    text: writeText(chat, native),
    reasoning: writeThinking(chat, effort, native["reasoning"]),
    user: userId(chat.user),
    service_tier: writeServiceTier(chat.serviceTier),
    stream: chat.stream || undefined,
  });
  noteForeign(chat, notes);
  return { body: withoutChatFields(body), notes: [...notes] };
};

/** Fields of the chat API that this one has too; `verbosity` has moved into `text`. */
const SHARED = names(
  "metadata store prompt_cache_key prompt_cache_retention safety_identifier moderation verbosity",
);

/** Headers of another API that some clients send in a body: nothing is lost without them. */
const HEADERS_IN_BODY = names("anthropic_version anthropic_beta");

const writeNative = (chat: Chat, notes: Set<Note>): JsonObject => {
  const { native } = chat;
  if (native === undefined || native.dialect === ID) return native?.fields ?? {};
  const kept: Record<string, JsonValue | undefined> = {};
  for (const [name, value] of Object.entries(native.fields)) {
    if (native.dialect === "openai-chat" && SHARED.has(name)) kept[name] = value;
    else if (!HEADERS_IN_BODY.has(name) && !(name === SEARCH_FIELD && askedSearch(chat))) notes.add(name);
  }
  return kept;
};

const withoutChatFields = ({ verbosity: _, ...body }: JsonObject): JsonObject => body;

/** "Expected a value >= 16", where Claude Code asks for one token: github.com/vectorize-io/hindsight/issues/58. */
const LEAST = 16;

const writeLimit = (limit: number | undefined, notes: Set<Note>): number | undefined => {
  if (limit === undefined || limit >= LEAST) return limit;
  notes.add(`max_output_tokens (${LEAST})`);
  return LEAST;
};

/** Encrypted reasoning is what lets the next turn go on thinking when nothing is kept. */
const writeInclude = (
  { logprobs }: Chat,
  thinks: boolean,
  native: JsonValue | undefined,
): readonly JsonValue[] | undefined => {
  const include = [
    ...(Array.isArray(native) ? (native as readonly JsonValue[]) : []), // a JSON list holds JSON values
    ...(thinks ? ["reasoning.encrypted_content"] : []),
    ...(logprobs === true ? ["message.output_text.logprobs"] : []),
  ];
  return include.length === 0 ? undefined : include;
};

const writeText = ({ format }: Chat, native: JsonObject): JsonObject | undefined => {
  const text = {
    ...(isObject(native["text"]) ? native["text"] : {}),
    ...(format === undefined ? {} : { format: writeFormat(format, false) }),
    ...defined({ verbosity: native["verbosity"] }),
  };
  return Object.keys(text).length === 0 ? undefined : text;
};

/** Who asked for thinking wants to see it; who gave an effort only did not. */
const writeThinking = (
  { reasoning, model }: Chat,
  effort: string | undefined,
  native: JsonValue | undefined,
): JsonObject | undefined => {
  const isAsked = reasoning?.mode === "enabled" || reasoning?.mode === "adaptive";
  const isShown = isAsked && !refusesReasoning(model);
  const written = {
    ...(isObject(native) ? native : {}),
    ...defined({ effort, summary: isShown ? "auto" : undefined }),
  };
  return Object.keys(written).length === 0 ? undefined : written;
};

/** Canonical fields that this API has no word for, by OpenAI's name, when they ask for anything. */
const FOREIGN: readonly (readonly [Note, (chat: Chat) => boolean])[] = [
  ["n", ({ candidates = 1 }) => candidates > 1],
  ["stop", ({ stop = [] }) => stop.length > 0],
  ["seed", ({ seed }) => seed !== undefined],
  ["top_k", ({ topK }) => topK !== undefined],
  ["presence_penalty", ({ presencePenalty = 0 }) => presencePenalty !== 0],
  ["frequency_penalty", ({ frequencyPenalty = 0 }) => frequencyPenalty !== 0],
  ["logit_bias", ({ logitBias = {} }) => Object.keys(logitBias).length > 0],
];

const noteForeign = (chat: Chat, notes: Set<Note>): void => {
  for (const [name, asks] of FOREIGN) if (asks(chat)) notes.add(name);
};
