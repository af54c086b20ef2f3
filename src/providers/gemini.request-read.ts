/** Requests of Gemini's `generateContent` (ai.google.dev/api/generate-content), read into canonical. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Chat, Native, Reasoning, ResponseFormat } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isString } from "../schema/json.ts";
import { booleanField, names, numberField, objectField, stringField } from "./body-fields.ts";
import { readMessages } from "./gemini.contents-read.ts";
import { camelKeys } from "./gemini.fields.ts";
import { ID } from "./gemini.parts.ts";
import { readSchema } from "./gemini.schema-read.ts";
import { readToolConfig, readTools } from "./gemini.tools-read.ts";

/** `model` and `stream` stand in the path; who read it has laid them over the body. */
export const readRequest = (body: JsonObject): Chat => {
  const request = camelKeys(body);
  const config = camelKeys(objectField(request, "generationConfig"));
  const { toolChoice, rest: toolConfig } = readToolConfig(objectField(request, "toolConfig"));
  const format = readFormat(config);
  return {
    model: stringField(request, "model") ?? "",
    messages: readMessages(request),
    stream: request["stream"] === true,
    includeUsage: true, // streams of this dialect always carry usage
    ...defined({
      tools: readTools(request["tools"]),
      toolChoice,
      ...readSampling(config),
      format,
      serviceTier: TIERS.get(tierOf(request)),
      reasoning: readThinking(camelKeys(objectField(config, "thinkingConfig", CONFIG))),
      native: nativeOf(request, config, toolConfig, format),
    }),
  };
};

/** Whether the answer's thoughts are to be shown. */
export const showsThoughts = (body: JsonObject): boolean => {
  const config = camelKeys(camelKeys(body)["generationConfig"]);
  return camelKeys(config["thinkingConfig"])["includeThoughts"] === true;
};

const CONFIG = "generationConfig";

const readSampling = (config: JsonObject) => ({
  maxTokens: numberField(config, "maxOutputTokens", CONFIG),
  temperature: numberField(config, "temperature", CONFIG),
  topP: numberField(config, "topP", CONFIG),
  topK: numberField(config, "topK", CONFIG),
  stop: readStop(config["stopSequences"]),
  seed: numberField(config, "seed", CONFIG),
  presencePenalty: numberField(config, "presencePenalty", CONFIG),
  frequencyPenalty: numberField(config, "frequencyPenalty", CONFIG),
  logprobs: booleanField(config, "responseLogprobs", CONFIG),
  topLogprobs: numberField(config, "logprobs", CONFIG),
  candidates: numberField(config, "candidateCount", CONFIG),
});

const readStop = (stop: JsonValue | undefined): readonly string[] | undefined => {
  if (stop === undefined || stop === null) return undefined;
  if (isArray(stop) && stop.every(isString)) return stop.length === 0 ? undefined : stop;
  throw invalidRequest(`${CONFIG}.stopSequences`, "must be an array of strings");
};

const JSON_TYPE = "application/json";

/** A schema takes JSON for granted; the word of an enum (`text/x.enum`) is none, and stays native. */
const readFormat = (config: JsonObject): ResponseFormat | undefined => {
  const type = stringField(config, "responseMimeType", CONFIG);
  if (type !== undefined && type !== JSON_TYPE) return undefined;
  const schema = objectField(config, "responseJsonSchema", CONFIG);
  if (schema !== undefined) return { kind: "schema", schema };
  const own = objectField(config, "responseSchema", CONFIG);
  if (own !== undefined) return { kind: "schema", schema: readSchema(own, true) };
  return type === JSON_TYPE ? { kind: "json" } : undefined;
};

/**
 * "0 is DISABLED. -1 is AUTOMATIC": `ThinkingConfig` of the Google Gen AI SDK. The vendor's own examples write
 * levels in small letters, too (ai.google.dev/gemini-api/docs/thinking, "REST").
 */
const readThinking = (config: JsonObject): Reasoning | undefined => {
  const path = `${CONFIG}.thinkingConfig`;
  const budget = numberField(config, "thinkingBudget", path);
  const shows = booleanField(config, "includeThoughts", path);
  const effort = LEVELS.get(stringField(config, "thinkingLevel", path)?.toUpperCase() ?? "");
  if (budget === 0) return { mode: "disabled" };
  if (budget !== undefined && budget > 0)
    return { mode: "enabled", budgetTokens: budget, ...defined({ effort }) };
  if (effort !== undefined) return { effort };
  return budget === -1 || shows === true ? { mode: "adaptive" } : undefined;
};

const LEVELS = table({ MINIMAL: "minimal", LOW: "low", MEDIUM: "medium", HIGH: "high" });

/** `ServiceTier` of the Google Gen AI SDK, and as its enum was spelled before. */
const tierOf = (request: JsonObject): string =>
  (stringField(request, "serviceTier") ?? "").toLowerCase().replace(/^service_tier_/, "");

const TIERS = table({ flex: "flex", priority: "priority", standard: "default" });

const REQUEST = names(
  "model stream contents systemInstruction tools toolConfig generationConfig serviceTier",
);

const GENERATION = names(
  "maxOutputTokens temperature topP topK stopSequences seed presencePenalty frequencyPenalty",
  "responseLogprobs logprobs candidateCount responseMimeType responseSchema responseJsonSchema thinkingConfig",
);

/** What no other API has a word for, by its own name wherever it stood. */
const nativeOf = (
  request: JsonObject,
  config: JsonObject,
  toolConfig: JsonObject | undefined,
  format: ResponseFormat | undefined,
): Native | undefined => {
  const fields = defined({
    ...without(request, REQUEST),
    ...without(config, GENERATION),
    ...unread(config, format),
    responseModalities: isPlainText(config["responseModalities"]) ? undefined : config["responseModalities"],
    toolConfig,
  });
  return Object.keys(fields).length === 0 ? undefined : { dialect: ID, fields };
};

const without = (object: JsonObject, known: ReadonlySet<string>): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name, value]) => value !== null && !known.has(name)));

/** A type of answer that is neither text nor JSON, with its schema. */
const unread = (config: JsonObject, format: ResponseFormat | undefined): JsonObject => {
  const { responseMimeType: type, responseSchema, responseJsonSchema } = config;
  if (format !== undefined || type === undefined || type === null || type === "text/plain") return {};
  return { responseMimeType: type, responseSchema, responseJsonSchema };
};

const isPlainText = (modalities: JsonValue | undefined): boolean =>
  isArray(modalities) && modalities.every((word) => isString(word) && word.toUpperCase() === "TEXT");
