/** Tools and the choice between them, written for Gemini. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Chat, Tool, ToolChoice } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import type { Note } from "./dialect.ts";
import { writeSchema } from "./gemini.schema.ts";
import type { ServerTool, ServerToolKind } from "./server-tools.ts";
import { askedSearch, SEARCH_FIELD, serverToolOf } from "./server-tools.ts";

export interface WrittenTools {
  readonly tools?: readonly JsonObject[];
  readonly toolConfig?: JsonObject;
}

/** `combines`: functions may be called beside tools of Google's own, where what those did is asked for. */
export const writeTools = (chat: Chat, notes: Set<Note>, combines: boolean): WrittenTools => {
  const declarations: JsonObject[] = [];
  const builtIn: JsonObject[] = [];
  const hasFunctions = callsFunctions(chat);
  (chat.tools ?? []).forEach((tool, at) => {
    // Gemini 2 refuses functions beside tools of Google's own; Gemini 3 wants their calls back in the
    // history (ai.google.dev/gemini-api/docs/tool-combination), where other APIs have no place for them.
    const own = builtInTool(tool) ?? (hasFunctions ? undefined : servedTool(tool, at, notes));
    if (own !== undefined) builtIn.push(own);
    else if (tool.kind === "opaque") notes.add(`tools.${at} (${typeOf(tool.value)})`);
    else if (isOffered(tool.name, chat.toolChoice)) declarations.push(declarationOf(tool, at, notes));
  });
  const search = isSearched(chat) ? askedSearch(chat) : undefined;
  if (search !== undefined) builtIn.push(served(search, SEARCH_FIELD, notes));
  if (chat.parallelToolCalls === false) notes.add("parallel_tool_calls");
  const tools = [
    ...(declarations.length === 0 ? [] : [{ functionDeclarations: declarations }]),
    ...(chat.toolChoice?.mode === "none" ? [] : builtIn), // the API's own word for none is of functions alone
  ];
  const hasBoth = declarations.length > 0 && tools.length > 1;
  const toolConfig = {
    ...configOf(chat, declarations.length > 0, notes),
    // "Please enable tool_config.include_server_side_tool_invocations": github.com/eclipse-theia/theia/pull/17707
    ...(combines && hasBoth ? { includeServerSideToolInvocations: true } : {}),
  };
  return {
    ...(tools.length === 0 ? {} : { tools }),
    ...(Object.keys(toolConfig).length === 0 ? {} : { toolConfig }),
  };
};

type FunctionTool = Extract<Tool, { kind: "function" }>;

/**
 * Google's own tools, which clients declare as functions of these names or as tools of these types
 * (ai.google.dev/gemini-api/docs/tools).
 */
const BUILT_IN = table({
  googleSearch: "googleSearch",
  google_search: "googleSearch",
  googleSearchRetrieval: "googleSearchRetrieval",
  google_search_retrieval: "googleSearchRetrieval",
  googleMaps: "googleMaps",
  google_maps: "googleMaps",
  computerUse: "computerUse",
  computer_use: "computerUse",
  codeExecution: "codeExecution",
  code_execution: "codeExecution",
  urlContext: "urlContext",
  url_context: "urlContext",
  enterpriseWebSearch: "enterpriseWebSearch",
  enterprise_web_search: "enterpriseWebSearch",
  fileSearch: "fileSearch",
  parallelAiSearch: "parallelAiSearch",
  exaAiSearch: "exaAiSearch",
  retrieval: "retrieval",
});

/** Those that a function of any kind stands for by its name, as in Portkey's gateway. */
const BY_NAME: ReadonlySet<string> = new Set([
  "googleSearch",
  "googleSearchRetrieval",
  "googleMaps",
  "computerUse",
]);

/** A function of the client's own that is only called alike (`code_execution`, `retrieval`) takes something. */
const builtInName = (tool: Tool): string | undefined => {
  const own = BUILT_IN.get(named(tool).name);
  if (own === undefined || tool.kind !== "function" || BY_NAME.has(own)) return own;
  const { properties } = tool.parameters ?? {};
  return isObject(properties) && Object.keys(properties).length > 0 ? undefined : own;
};

const builtInTool = (tool: Tool): JsonObject | undefined => {
  const own = builtInName(tool);
  const { options } = named(tool);
  if (own === undefined) return undefined;
  // A place to look around is said in the tool, and belongs into the request's `toolConfig`.
  const { retrievalConfig: _, ...said } = options;
  return { [own]: isSchema(said) ? {} : said };
};

/** The parameters of a function that is only a name for the tool say nothing of it. */
const isSchema = ({ type, properties }: JsonObject): boolean => isString(type) || isObject(properties);

/** Whether a search that the chat asks for in a field is made. */
export const isSearched = (chat: Chat): boolean => askedSearch(chat) !== undefined && !callsFunctions(chat);

const callsFunctions = ({ tools = [] }: Chat): boolean =>
  tools.some((tool) => tool.kind === "function" && builtInName(tool) === undefined);

/** What Google runs for the tools that other vendors run. */
const SERVED: Readonly<Record<ServerToolKind, string>> = Object.freeze({
  web_search: "googleSearch",
  web_fetch: "urlContext",
  code_execution: "codeExecution",
});

const servedTool = (tool: Tool, at: number, notes: Set<Note>): JsonObject | undefined => {
  const found = serverToolOf(tool);
  return found === undefined ? undefined : served(found, `tools.${at}`, notes);
};

/** What is said of the tool has no place here. */
const served = ({ kind, options }: ServerTool, path: string, notes: Set<Note>): JsonObject => {
  for (const option of Object.keys(options)) notes.add(`${path}.${option}`);
  return { [SERVED[kind]]: {} };
};

interface NamedTool {
  readonly name: string;
  readonly options: JsonObject;
}

const named = (tool: Tool): NamedTool => {
  if (tool.kind === "function") return { name: tool.name, options: tool.parameters ?? {} };
  const name = typeOf(tool.value);
  const options = tool.value[name];
  return { name, options: isObject(options) ? options : {} };
};

const typeOf = ({ type }: JsonObject): string => (isString(type) ? type : "unknown");

/** Tools that may be called but need not have no word of their own: the others are not declared. */
const isOffered = (name: string, choice: ToolChoice | undefined): boolean =>
  choice?.mode !== "allowed" || choice.names.includes(name);

/** "The schema must describe an object": `parametersJsonSchema` of the Google Gen AI SDK. */
const declarationOf = (tool: FunctionTool, at: number, notes: Set<Note>): JsonObject => {
  if (tool.strict === true) notes.add(`tools.${at}.strict`);
  if (tool.cache !== undefined) notes.add("cache_control");
  for (const name of Object.keys(tool.native?.fields ?? {})) notes.add(`tools.${at}.${name}`);
  const { name, description, parameters } = tool;
  const takes = parameters !== undefined && Object.keys(parameters).length > 0;
  const parametersJsonSchema = takes ? { type: "object", ...writeSchema(parameters) } : undefined;
  return { name, ...defined({ description, parametersJsonSchema }) };
};

const configOf = (chat: Chat, hasFunctions: boolean, notes: Set<Note>): JsonObject => {
  const retrievalConfig = (chat.tools ?? [])
    .map((tool) => named(tool).options["retrievalConfig"])
    .find(isObject);
  const functionCallingConfig = chat.toolChoice && modeOf(chat.toolChoice);
  if (!hasFunctions && functionCallingConfig?.["mode"] === "ANY") notes.add("tool_choice"); // the API takes no choice without functions
  return defined({
    functionCallingConfig: hasFunctions ? functionCallingConfig : undefined,
    retrievalConfig,
  });
};

const modeOf = (choice: ToolChoice): Readonly<Record<string, JsonValue>> => {
  switch (choice.mode) {
    case "auto":
      return { mode: "AUTO" };
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "tool":
      return { mode: "ANY", allowedFunctionNames: [choice.name] };
    case "allowed":
      return choice.required ? { mode: "ANY", allowedFunctionNames: choice.names } : { mode: "AUTO" };
  }
};
