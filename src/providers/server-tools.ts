/** Tools that a vendor runs itself, by what they do: the same one has another name with each vendor. */
import { table } from "../lib/table.ts";
import type { Chat, Tool } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";

export type ServerToolKind = "web_search" | "web_fetch" | "code_execution";

export interface ServerTool {
  readonly kind: ServerToolKind;
  /** What is said of it, under Anthropic's names where that API has one. */
  readonly options: JsonObject;
}

/** The tool as one that its vendor runs, where it is one that other vendors have too. */
export const serverToolOf = (tool: Tool): ServerTool | undefined => {
  if (tool.kind !== "opaque") return undefined;
  const { type } = tool.value;
  if (!isString(type)) return undefined;
  if (tool.dialect === "anthropic-messages") return anthropicTool(type, tool.value);
  if (tool.dialect === "gemini") return geminiTool(type, tool.value);
  return tool.dialect === "openai-responses" ? responsesTool(type, tool.value) : undefined;
};

/** The field with which clients of OpenAI's chat ask for a search. */
export const SEARCH_FIELD = "web_search_options";

/** The search that a chat's field asks for: `WebSearchOptions` of the OpenAI SDK 7.57. */
export const askedSearch = ({ native }: Chat): ServerTool | undefined => {
  const asked = native?.dialect === "openai-chat" ? native.fields[SEARCH_FIELD] : undefined;
  if (!isObject(asked)) return undefined;
  const { user_location: place, ...rest } = asked;
  const location = isObject(place) && isObject(place["approximate"]) ? place["approximate"] : undefined;
  return {
    kind: "web_search",
    options: said({ ...rest, ...(location && { user_location: { type: "approximate", ...location } }) }),
  };
};

/** Versions are dates: `web_search_20260318`. */
const DATED = /^(web_search|web_fetch|code_execution)_\d{8}$/;

const anthropicTool = (type: string, value: JsonObject): ServerTool | undefined => {
  const kind = DATED.exec(type)?.[1];
  return isKind(kind) ? { kind, options: said(value) } : undefined;
};

const isKind = (word: string | undefined): word is ServerToolKind =>
  word === "web_search" || word === "web_fetch" || word === "code_execution";

/** `WebSearchTool`, `WebSearchPreviewTool` and `Tool.CodeInterpreter` of the OpenAI SDK 7.57. */
const responsesTool = (type: string, value: JsonObject): ServerTool | undefined => {
  const { filters, container, ...rest } = value;
  if (type === "code_interpreter")
    return { kind: "code_execution", options: isAutomatic(container) ? said(rest) : said(value) };
  if (!/^web_search(?:_|$)/.test(type)) return undefined;
  return { kind: "web_search", options: said({ ...rest, ...(isObject(filters) ? filters : {}) }) };
};

/** `GoogleSearch`, `UrlContext` and `ToolCodeExecution` of the Google Gen AI SDK 3.1. */
const GOOGLES = table<ServerToolKind>({
  googleSearch: "web_search",
  urlContext: "web_fetch",
  codeExecution: "code_execution",
});

const geminiTool = (type: string, value: JsonObject): ServerTool | undefined => {
  const kind = GOOGLES.get(type);
  const options = value[type];
  return kind && { kind, options: isObject(options) ? said(options) : {} };
};

/** A container that the vendor chooses is what every vendor's tool has. */
const isAutomatic = (container: JsonValue | undefined): boolean =>
  container === undefined || (isObject(container) && Object.keys(container).join() === "type");

/** What a tool is called, and where a cached prompt ends in it. */
const HEAD = names("type name cache_control");

const said = (value: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([name, option]) => option != null && !HEAD.has(name)));
