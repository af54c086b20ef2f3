/** Chat requests in OCI's generic format, which all models but Cohere's take ("GenericChatRequest" of Oracle's SDK). */
import { defined } from "../lib/defined.ts";
import type { Chat, ResponseFormat } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Note } from "./dialect.ts";
import { inPairs, isGemini } from "./oracle.gemini.ts";
import { writeMessages } from "./oracle.messages.ts";
import { readable } from "./readable-blocks.ts";
import type { OfferedTool } from "./tool-offer.ts";
import { chosenNames, mustCall, offeredTools } from "./tool-offer.ts";
import { noteNative, noteUnsaid } from "./unsaid.ts";

/** `extended`: fields of this API that the client set in a body of another shape. */
export const writeGeneric = (chat: Chat, extended: JsonObject, notes: Note[]): JsonObject => {
  const messages = writeMessages(readable(chat.messages), notes);
  const request = {
    apiFormat: "GENERIC",
    ...writeExtended(extended),
    messages: isGemini(chat.model) ? inPairs(messages) : messages,
    ...writeTools(chat, notes),
    ...writeLimit(chat),
    ...defined({
      temperature: chat.temperature,
      topP: chat.topP,
      topK: chat.topK,
      stop: chat.stop,
      seed: chat.seed,
      presencePenalty: chat.presencePenalty,
      frequencyPenalty: chat.frequencyPenalty,
      logitBias: chat.logitBias,
      logProbs: chat.logprobs === true ? (chat.topLogprobs ?? 1) : undefined,
      numGenerations: chat.candidates,
      responseFormat: writeFormat(chat.format),
      reasoningEffort: writeEffort(chat, notes),
      serviceTier: writeTier(chat.serviceTier, notes),
    }),
    ...(chat.stream ? { isStream: true, streamOptions: { isIncludeUsage: true } } : {}),
  };
  noteUnsaid(chat, ["user"], notes);
  return request;
};

const writeExtended = ({ is_echo, verbosity, metadata, prediction, ...more }: JsonObject): JsonObject =>
  defined({
    isEcho: is_echo,
    verbosity: upper(verbosity),
    metadata,
    prediction: writePrediction(prediction),
    webSearchOptions: writeSearch(more["web_search_options"]),
  });

/** "StaticContent" of Oracle's SDK. */
const writePrediction = (prediction: JsonValue | undefined): JsonObject | undefined => {
  if (!isObject(prediction)) return undefined;
  const { content } = prediction;
  const parts = isArray(content) ? content : [{ text: content }];
  const texts = parts.map((part) => ({ type: "TEXT", text: isObject(part) ? part["text"] : part }));
  return { type: "CONTENT", content: texts };
};

/** "WebSearchOptions" and "ApproximateLocation" of Oracle's SDK. */
const writeSearch = (options: JsonValue | undefined): JsonObject | undefined => {
  if (!isObject(options)) return undefined;
  const { search_context_size: size, user_location: location } = options;
  const place = isObject(location) ? location["approximate"] : undefined;
  return defined({ searchContextSize: upper(size), userLocation: isObject(place) ? place : undefined });
};

const upper = (value: JsonValue | undefined): JsonValue | undefined =>
  isString(value) ? value.toUpperCase() : value;

/** OpenAI's own reasoning models refuse `maxTokens`, as they do at OpenAI. */
const writeLimit = ({ model, maxTokens }: Chat): JsonObject =>
  model.startsWith("openai.") ? defined({ maxCompletionTokens: maxTokens }) : defined({ maxTokens });

const writeTools = (chat: Chat, notes: Note[]): JsonObject => {
  const { toolChoice } = chat;
  const allowed = toolChoice?.mode === "allowed" ? chosenNames(chat) : undefined;
  const offered = offeredTools(chat, allowed, notes);
  if (offered.length === 0) {
    if (mustCall(chat)) notes.push("tool_choice");
    return {};
  }
  return {
    tools: offered.map((offer) => writeTool(offer, notes)),
    ...defined({ toolChoice: writeChoice(chat), isParallelToolCalls: chat.parallelToolCalls }),
  };
};

const writeTool = ({ tool, path }: OfferedTool, notes: Note[]): JsonObject => {
  if (tool.cache !== undefined && !notes.includes("cache_control")) notes.push("cache_control");
  if (tool.strict === true) notes.push(`${path} (strict)`);
  noteNative(tool.native, path, notes);
  const { name, description, parameters } = tool;
  return { type: "FUNCTION", ...defined({ name, description, parameters }) };
};

const writeChoice = (chat: Chat): JsonObject | undefined => {
  const { toolChoice } = chat;
  if (toolChoice === undefined) return undefined;
  if (toolChoice.mode === "tool") return { type: "FUNCTION", name: toolChoice.name };
  if (mustCall(chat)) return { type: "REQUIRED" };
  return { type: toolChoice.mode === "none" ? "NONE" : "AUTO" };
};

const writeFormat = (format: ResponseFormat | undefined): JsonObject | undefined => {
  switch (format?.kind) {
    case undefined:
      return undefined;
    case "text":
      return { type: "TEXT" };
    case "json":
      return { type: "JSON_OBJECT" };
    case "schema": {
      const { name = "response", description, schema, strict } = format;
      return { type: "JSON_SCHEMA", jsonSchema: defined({ name, description, schema, isStrict: strict }) };
    }
  }
};

const EFFORTS: ReadonlySet<string> = new Set(["none", "minimal", "low", "medium", "high"]);

/** The largest thinking budget, in tokens, that an effort stands for; beyond the last it is high. */
const BUDGETS = [
  [2048, "LOW"],
  [8192, "MEDIUM"],
] as const;

/** "Model grok-4.20 does not support parameter reasoningEffort": of Grok, only the third's smallest does. */
const EFFORTLESS = /^xai\.grok-(?!3-mini)/; // github.com/BerriAI/litellm/pull/40732

const writeEffort = ({ model, reasoning }: Chat, notes: Note[]): string | undefined => {
  if (reasoning === undefined) return undefined;
  const { effort, mode, budgetTokens: budget } = reasoning;
  if (EFFORTLESS.test(model)) {
    notes.push("reasoning_effort");
    return undefined;
  }
  if (mode === "disabled") return "NONE";
  if (effort !== undefined) {
    if (EFFORTS.has(effort)) return effort.toUpperCase();
    notes.push("reasoning_effort (high)");
    return "HIGH";
  }
  return budget === undefined ? undefined : (BUDGETS.find(([most]) => budget <= most)?.[1] ?? "HIGH");
};

const TIERS: ReadonlySet<string> = new Set(["auto", "default", "priority"]);

const writeTier = (tier: string | undefined, notes: Note[]): string | undefined => {
  if (tier === undefined || tier === "standard_only") return undefined;
  if (TIERS.has(tier)) return tier.toUpperCase();
  notes.push("service_tier");
  return undefined;
};
