/** Requests of Cohere's chat API, version 2 (docs.cohere.com/reference/chat). */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Chat, Reasoning, ResponseFormat } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isNumber } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import { writeMessages } from "./cohere.messages.ts";
import type { Note, RequestTarget, Written } from "./dialect.ts";
import { readable } from "./readable-blocks.ts";
import type { FunctionTool, OfferedTool } from "./tool-offer.ts";
import { chosenNames, mustCall, offeredTools } from "./tool-offer.ts";
import { carriedFields, noteNative, noteUnsaid } from "./unsaid.ts";

export const writeRequest = (chat: Chat, _target: RequestTarget): Written<JsonObject> => {
  const notes: Note[] = [];
  const native = carriedFields(chat.native, EXTENDED, notes);
  const { messages, documents } = writeMessages(readable(chat.messages), notes);
  const body = {
    ...native,
    model: chat.model,
    messages,
    ...writeDocuments(documents, native),
    ...writeTools(chat, notes),
    ...defined({
      max_tokens: chat.maxTokens,
      temperature: chat.temperature,
      p: clamped("top_p", chat.topP, 0.01, 0.99, notes),
      k: clamped("top_k", chat.topK, 0, 500, notes),
      stop_sequences: writeStop(chat.stop, notes),
      seed: chat.seed,
      frequency_penalty: clamped("frequency_penalty", chat.frequencyPenalty, 0, 1, notes),
      presence_penalty: clamped("presence_penalty", chat.presencePenalty, 0, 1, notes),
      logprobs: chat.logprobs,
      response_format: writeFormat(chat.format),
      thinking: writeThinking(chat.reasoning, notes),
      stream: chat.stream ? true : undefined,
    }),
  };
  noteUnsaid(chat, FOREIGN, notes);
  return { body, notes: [...new Set(notes)] };
};

/** Fields of this API that clients set in a body of another shape. */
const EXTENDED = names("documents citation_options safety_mode strict_tools k p priority raw_prompting");

const FOREIGN = ["n", "logit_bias", "top_logprobs", "parallel_tool_calls", "user", "service_tier"] as const;

/** "Up to 5 strings" */
const MAX_STOPS = 5;

/** What an effort stands for, in tokens; from `high` on, thinking is as long as the model likes. */
const BUDGETS = table({ minimal: 1024, low: 2048, medium: 8192 });

const writeDocuments = (files: readonly JsonObject[], native: JsonObject): JsonObject => {
  const given = isArray(native["documents"]) ? native["documents"] : [];
  return files.length === 0 ? {} : { documents: [...given, ...files] };
};

/** The API has no name for one tool: a named one is required by offering no other. */
const writeTools = (chat: Chat, notes: Note[]): JsonObject => {
  const offered = offeredTools(chat, chosenNames(chat), notes);
  if (offered.length === 0) {
    if (mustCall(chat)) notes.push("tool_choice");
    return {};
  }
  const choice = mustCall(chat) ? "REQUIRED" : chat.toolChoice?.mode === "none" ? "NONE" : undefined;
  return {
    tools: offered.map((offer) => writeTool(offer, notes)),
    ...defined({ strict_tools: writeStrict(offered, notes), tool_choice: choice }),
  };
};

const writeTool = ({ tool, path }: OfferedTool, notes: Note[]): JsonObject => {
  if (tool.cache !== undefined && !notes.includes("cache_control")) notes.push("cache_control");
  noteNative(tool.native, path, notes);
  const { name, description, parameters = { type: "object", properties: {} } } = tool;
  return { type: "function", function: defined({ name, description, parameters }) };
};

/**
 * Here all tools are strict or none is, and each must have a required parameter
 * (docs.cohere.com/docs/structured-outputs, "Structured Outputs (Tools)").
 */
const writeStrict = (offered: readonly OfferedTool[], notes: Note[]): true | undefined => {
  const strict = offered.filter(({ tool }) => tool.strict === true);
  if (strict.length === offered.length && strict.every(({ tool }) => hasRequired(tool))) return true;
  for (const { path } of strict) notes.push(`${path} (strict)`);
  return undefined;
};

const hasRequired = ({ parameters }: FunctionTool): boolean =>
  isArray(parameters?.["required"]) && parameters["required"].length > 0;

const clamped = (
  name: string,
  value: number | undefined,
  least: number,
  most: number,
  notes: Note[],
): number | undefined => {
  if (value === undefined) return undefined;
  const within = Math.min(Math.max(value, least), most);
  if (within !== value) notes.push(`${name} (clamped to ${within})`);
  return within;
};

const writeStop = (stop: readonly string[] | undefined, notes: Note[]): readonly string[] | undefined => {
  if (stop === undefined || stop.length === 0) return undefined;
  if (stop.length > MAX_STOPS) notes.push(`stop (cut to ${MAX_STOPS})`);
  return stop.slice(0, MAX_STOPS);
};

/** `JsonResponseFormatV2` of Cohere's SDK: one type for JSON with and without a schema. */
const writeFormat = (format: ResponseFormat | undefined): JsonObject | undefined => {
  switch (format?.kind) {
    case "json":
      return { type: "json_object" };
    case "schema":
      return { type: "json_object", json_schema: format.schema };
    default:
      return undefined;
  }
};

/** docs.cohere.com/docs/reasoning: on or off, with a budget where one is wanted. */
const writeThinking = (reasoning: Reasoning | undefined, notes: Note[]): JsonObject | undefined => {
  if (reasoning === undefined) return undefined;
  const { effort, mode, native } = reasoning;
  for (const field of Object.keys(native?.fields ?? {}))
    if (!THINKING.has(field)) notes.push(`thinking.${field}`);
  if (mode === "disabled" || (mode === undefined && effort === "none")) return { type: "disabled" };
  const own = native?.fields["token_budget"];
  const budget = isNumber(own) ? own : (reasoning.budgetTokens ?? BUDGETS.get(effort ?? ""));
  return { type: "enabled", ...defined({ token_budget: budget }) };
};

const THINKING = names("type budget_tokens token_budget");
