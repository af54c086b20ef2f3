/**
 * Requests to Gemini's `generateContent` (ai.google.dev/api/generate-content), written from canonical.
 *
 * The model and the stream are said in the URL. Clients of other dialects also send fields of this API in
 * their own bodies, spelled either way; they are laid under what canonical says.
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Chat } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Note, RequestTarget, Written } from "./dialect.ts";
import { writeContents } from "./gemini.contents.ts";
import { camel, camelKeys } from "./gemini.fields.ts";
import type { ModelFacts } from "./gemini.models.ts";
import { factsOf } from "./gemini.models.ts";
import { readable } from "./readable-blocks.ts";
import { writeSchema } from "./gemini.schema.ts";
import { SPEECH, writeSpeech } from "./gemini.speech.ts";
import { writeThinking } from "./gemini.thinking.ts";
import { isSearched, writeTools } from "./gemini.tools.ts";
import { SEARCH_FIELD } from "./server-tools.ts";

export const writeRequest = (chat: Chat, { provider }: RequestTarget): Written<JsonObject> => {
  const notes = new Set<Note>();
  const facts = factsOf(chat.model);
  const extended = readExtended(chat, facts, notes);
  const { tools, toolConfig } = writeTools(chat, notes, facts.signsCalls && provider !== "vertex-ai");
  const generationConfig = {
    ...writeGeneration(chat, facts, extended.generation, notes),
    ...writeFormat(chat, facts.signsCalls || tools === undefined, notes),
    ...writePenalties(chat, takesPenalties(facts, provider), notes),
    ...writeCount(chat.candidates, !facts.signsCalls || provider !== "google", notes),
  };
  const config = { ...extended.toolConfig, ...toolConfig };
  const body = {
    ...extended.top,
    ...writeContents(readable(chat.messages), facts, notes),
    ...defined({
      serviceTier: TIERS.get(chat.serviceTier ?? ""),
      tools,
      toolConfig: Object.keys(config).length === 0 ? undefined : config,
      generationConfig: Object.keys(generationConfig).length === 0 ? undefined : generationConfig,
    }),
  };
  for (const [note, asks] of FOREIGN) if (asks(chat)) notes.add(note);
  return { body, notes: [...notes] };
};

/** "up to 5 character sequences": `stopSequences` in the API reference. */
const MAX_STOPS = 5;

const writeGeneration = (
  chat: Chat,
  facts: ModelFacts,
  extended: JsonObject,
  notes: Set<Note>,
): JsonObject => {
  const thinking = thinkingOf(
    writeThinking(chat.reasoning, facts, notes),
    asObject(extended["thinkingConfig"]),
  );
  return {
    ...extended,
    ...defined({
      temperature: chat.temperature,
      topP: chat.topP,
      topK: chat.topK,
      maxOutputTokens: chat.maxTokens,
      stopSequences: writeStop(chat.stop, notes),
      seed: chat.seed === undefined ? undefined : chat.seed | 0, // 32 bits: github.com/flachesis/gemini-rust/pull/60
      responseLogprobs: chat.logprobs === true ? true : undefined,
      logprobs: chat.logprobs === true ? chat.topLogprobs : undefined,
      thinkingConfig: Object.keys(thinking).length === 0 ? undefined : thinking,
    }),
  };
};

const takesPenalties = ({ penalties }: ModelFacts, provider: string): boolean =>
  penalties === "everywhere" || (penalties === "vertex" && provider !== "google");

/** Where a model knows none, one of 0 alone is taken: github.com/google-gemini/cookbook/issues/1290. */
const writePenalties = (chat: Chat, takes: boolean, notes: Set<Note>): JsonObject => {
  const { presencePenalty, frequencyPenalty } = chat;
  if (takes) return defined({ presencePenalty, frequencyPenalty });
  if (presencePenalty) notes.add("presence_penalty");
  if (frequencyPenalty) notes.add("frequency_penalty");
  return {};
};

/**
 * "Multiple candidates is not enabled for this model" since Gemini 3 (github.com/googleapis/js-genai/issues/1609), but on
 * Vertex AI (github.com/googleapis/python-genai/issues/1723).
 */
const writeCount = (count = 1, takes: boolean, notes: Set<Note>): JsonObject => {
  if (count === 1) return {};
  if (takes) return { candidateCount: count };
  notes.add("n");
  return {};
};

/** A level and a budget together are refused: ai.google.dev/gemini-api/docs/gemini-3, "Thinking level". */
const thinkingOf = ({ includeThoughts, ...amount }: JsonObject = {}, own: JsonObject): JsonObject => {
  const isSaid = own["thinkingLevel"] !== undefined || own["thinkingBudget"] !== undefined;
  return { ...defined({ includeThoughts }), ...(isSaid ? {} : amount), ...own };
};

const writeStop = (stop: readonly string[] | undefined, notes: Set<Note>): readonly string[] | undefined => {
  const said = (stop ?? []).filter((text) => text !== "");
  if (said.length === 0) return undefined;
  if (said.length > MAX_STOPS) notes.add(`stop (cut to ${MAX_STOPS})`);
  return said.slice(0, MAX_STOPS);
};

/** Before Gemini 3, "function calling with a response mime type: 'application/json' is unsupported": googleapis/python-genai#867. */
const writeFormat = ({ format }: Chat, takes: boolean, notes: Set<Note>): JsonObject => {
  if (format === undefined || format.kind === "text") return {};
  if (!takes) {
    notes.add("response_format");
    return {};
  }
  const json = { responseMimeType: "application/json" };
  const isBound = format.kind === "schema" && Object.keys(format.schema).length > 0;
  return isBound ? { ...json, responseJsonSchema: writeSchema(format.schema) } : json;
};

/** Canonical fields that this API has no word for, by OpenAI's name, when they ask for anything. */
const FOREIGN: readonly (readonly [Note, (chat: Chat) => boolean])[] = [
  ["logit_bias", ({ logitBias = {} }) => Object.keys(logitBias).length > 0],
  ["top_logprobs", ({ logprobs, topLogprobs = 0 }) => logprobs !== true && topLogprobs > 0],
  ["user", ({ user }) => user !== undefined],
  ["service_tier", ({ serviceTier = "auto" }) => !USUAL_TIERS.has(serviceTier) && !TIERS.has(serviceTier)],
];

/** ai.google.dev/gemini-api/docs/optimization; who says none gets the standard one. */
const TIERS = table({ flex: "flex", priority: "priority" });
const USUAL_TIERS: ReadonlySet<string> = new Set(["auto", "default", "standard_only"]);

/** Fields of this API that clients set in a body of their own. */
interface Extended {
  readonly top: JsonObject;
  readonly toolConfig: JsonObject;
  readonly generation: JsonObject;
}

type Fields = Record<string, JsonValue | undefined>;

/** Where a field of a client's body goes, by its name in camel case. */
const TOP: ReadonlySet<string> = new Set(["safetySettings", "labels", "cachedContent", "modelArmorConfig"]);
const GENERATION: ReadonlySet<string> = new Set([
  "audioTimestamp",
  "enableEnhancedCivicAnswers",
  "routingConfig",
  "thinkingConfig",
  "imageConfig",
  "speechConfig",
  "mediaResolution",
  "responseModalities",
]);
const OPENAI_NAMES = table({ modalities: "responseModalities" });

/** Sent in a body by some clients, but headers of Anthropic's API: nothing is lost without them. */
const HEADERS_IN_BODY: ReadonlySet<string> = new Set(["anthropic_version", "anthropic_beta"]);

const readExtended = (chat: Chat, { speaks }: ModelFacts, notes: Set<Note>): Extended => {
  const sorted: { top: Fields; toolConfig: Fields; generation: Fields } = {
    top: {},
    toolConfig: {},
    generation: {},
  };
  const fields = chat.native?.fields ?? {};
  if (speaks) Object.assign(sorted.generation, writeSpeech(fields, notes));
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined || HEADERS_IN_BODY.has(field)) continue;
    if (speaks && SPEECH.has(field)) continue;
    if (field === SEARCH_FIELD && isSearched(chat)) continue; // one of the tools
    // Google's OpenAI-shaped API takes its own fields here: ai.google.dev/gemini-api/docs/openai, extra_body.
    const google = field === "extra_body" ? asObject(value)["google"] : undefined;
    if (isObject(google)) {
      for (const [name, inner] of Object.entries(google))
        if (!sort(sorted, name, inner)) notes.add(`extra_body.google.${name}`);
    } else if (!sort(sorted, field, value)) notes.add(field);
  }
  return sorted;
};

/** False when the field is none of this API's. */
const sort = (
  sorted: { top: Fields; toolConfig: Fields; generation: Fields },
  field: string,
  value: JsonValue | undefined,
): boolean => {
  const name = OPENAI_NAMES.get(field) ?? camel(field);
  if (TOP.has(name)) sorted.top[name] = value;
  else if (name === "toolConfig") Object.assign(sorted.toolConfig, toolConfigOf(value));
  else if (name === "generationConfig") Object.assign(sorted.generation, camelKeys(value));
  else if (GENERATION.has(name)) sorted.generation[name] = generationValue(name, value);
  else return false;
  return true;
};

/** Arguments in pieces are in a form of Gemini's own, which no other dialect's clients could read. */
const toolConfigOf = (value: JsonValue | undefined): JsonObject => {
  const { functionCallingConfig, ...rest } = camelKeys(value);
  const { streamFunctionCallArguments: _, ...calling } = camelKeys(functionCallingConfig);
  return Object.keys(calling).length === 0 ? rest : { ...rest, functionCallingConfig: calling };
};

const generationValue = (name: string, value: JsonValue | undefined): JsonValue | undefined => {
  if (name === "responseModalities")
    return isArray(value) ? value.map((word) => (isString(word) ? word.toUpperCase() : word)) : value;
  return isObject(value) ? camelKeys(value) : value;
};

const asObject = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
