/** Tools and tool choice of Anthropic's requests, read and written. */
import { defined } from "../lib/defined.ts";
import type { Chat, Tool, ToolChoice } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { ID, nativeOf } from "./anthropic-messages.blocks.ts";
import type { ModelFacts } from "./claude.models.ts";
import { isRecursive, toolSchema } from "./claude.schema.ts";
import type { Note } from "./dialect.ts";
import type { ServerTool } from "./server-tools.ts";
import { askedSearch, SEARCH_FIELD, serverToolOf } from "./server-tools.ts";
import { distinctTools, type FunctionTool } from "./tool-offer.ts";

export interface ReadChoice {
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
}

export interface WrittenTools {
  readonly tools?: readonly JsonObject[];
  readonly tool_choice?: JsonObject;
}

export const readTools = (tools: JsonValue | undefined): readonly Tool[] | undefined => {
  if (tools == null) return undefined;
  if (!isArray(tools)) throw invalidRequest("tools", "Input should be a valid list");
  return tools.map((tool, index) => readTool(tool, `tools.${index}`));
};

export const readToolChoice = (choice: JsonValue | undefined): ReadChoice => {
  if (choice == null) return {};
  if (!isObject(choice)) throw invalidRequest("tool_choice", "Input should be an object");
  const disabled = choice["disable_parallel_tool_use"];
  return {
    toolChoice: readMode(choice),
    ...(typeof disabled === "boolean" ? { parallelToolCalls: !disabled } : {}),
  };
};

/** Whether the model must call a tool. */
export const isForced = (choice: ToolChoice | undefined): boolean =>
  choice?.mode === "required" || choice?.mode === "tool" || (choice?.mode === "allowed" && choice.required);

export const writeTools = (chat: Chat, facts: ModelFacts, notes: Note[]): WrittenTools => {
  const allowed =
    chat.toolChoice?.mode === "allowed" ? new Set<JsonValue | undefined>(chat.toolChoice.names) : undefined;
  const tools = distinctTools(chat, notes).flatMap(([index, tool]) => {
    if (allowed !== undefined && !allowed.has(nameOf(tool))) return [];
    const written = writeTool(tool, facts, `tools.${index}`, notes);
    return written === undefined ? [] : [written];
  });
  const search = askedSearch(chat);
  if (search !== undefined) tools.push(writeSearch(search, SEARCH_FIELD, notes));
  if (tools.length > 0) return { tools, ...defined({ tool_choice: writeToolChoice(chat, facts, notes) }) };
  if (isForced(chat.toolChoice)) notes.push("tool_choice"); // the API takes no choice without tools
  return {};
};

const MARK = "cache_control";
const KNOWN = new Set(["type", "name", "description", "input_schema", "strict", MARK]);
/** Fields of Anthropic's tools that clients set inside OpenAI's `function` object. */
const EXTRAS = new Set(["defer_loading", "allowed_callers", "input_examples", "eager_input_streaming"]);

export const readTool = (tool: JsonValue, path: string): Tool => {
  if (!isObject(tool)) throw invalidRequest(path, "Input should be an object");
  const { type, name, description, input_schema: schema, strict } = tool;
  if (type != null && type !== "custom") return { kind: "opaque", dialect: ID, value: tool };
  if (!isString(name)) throw invalidRequest(`${path}.name`, "Field required");
  if (description != null && !isString(description))
    throw invalidRequest(`${path}.description`, "Input should be a valid string");
  if (schema != null && !isObject(schema))
    throw invalidRequest(`${path}.input_schema`, "Input should be an object");
  return {
    kind: "function",
    name,
    ...defined({
      description: description ?? undefined,
      parameters: schema ?? undefined,
      strict: typeof strict === "boolean" ? strict : undefined,
      cache: isObject(tool[MARK]) ? tool[MARK] : undefined,
      native: nativeOf(tool, KNOWN),
    }),
  };
};

const readMode = (choice: JsonObject): ToolChoice => {
  switch (choice["type"]) {
    case "auto":
    case "none":
      return { mode: choice["type"] };
    case "any":
      return { mode: "required" };
    case "tool":
      if (isString(choice["name"])) return { mode: "tool", name: choice["name"] };
      throw invalidRequest("tool_choice.name", "Field required");
    default:
      throw invalidRequest("tool_choice.type", "Input should be 'auto', 'any', 'tool' or 'none'");
  }
};

const nameOf = (tool: Tool): JsonValue | undefined =>
  tool.kind === "function" ? tool.name : (tool.value["name"] ?? tool.value["type"]);

const writeTool = (tool: Tool, facts: ModelFacts, path: string, notes: Note[]): JsonObject | undefined => {
  if (tool.kind === "opaque")
    return searchTool(tool, path, notes) ?? writeOpaque(tool.dialect, tool.value, path, notes);
  return {
    ...extrasOf(tool, path, notes),
    name: tool.name,
    ...defined({ description: tool.description }),
    ...writeSchema(tool, facts, path, notes),
    ...(tool.cache === undefined ? {} : { [MARK]: tool.cache }),
  };
};

/** The API refuses a schema whose `type` is not `object`; the rest of it is the client's, unless it is strict. */
const writeSchema = (
  { parameters, strict }: FunctionTool,
  { schemas }: ModelFacts,
  path: string,
  notes: Note[],
): JsonObject => {
  const isStrict = strict === true && schemas && !isRecursive(parameters);
  const { schema, lost } = toolSchema(parameters, isStrict);
  const missing = [...lost, ...(strict === true && !isStrict ? ["strict"] : [])];
  if (missing.length > 0) notes.push(`${path} (${missing.join(", ")})`);
  return { input_schema: schema, ...(isStrict ? { strict: true } : {}) };
};

/** The API's own search for another vendor's. One that must not leave the vendor's cache has no counterpart. */
const searchTool = (tool: Tool, path: string, notes: Note[]): JsonObject | undefined => {
  const found = serverToolOf(tool);
  if (found?.kind !== "web_search" || (tool.kind === "opaque" && tool.dialect === ID)) return undefined;
  return found.options["external_web_access"] === false ? undefined : writeSearch(found, path, notes);
};

const writeSearch = ({ options }: ServerTool, path: string, notes: Note[]): JsonObject => {
  const { external_web_access: _, allowed_domains, user_location, ...rest } = options;
  for (const option of Object.keys(rest)) notes.push(`${path}.${option}`);
  return { type: "web_search_20250305", name: "web_search", ...defined({ allowed_domains, user_location }) };
};

const extrasOf = (tool: FunctionTool, path: string, notes: Note[]): JsonObject => {
  const { native } = tool;
  if (native === undefined) return {};
  if (native.dialect === ID) return native.fields;
  const kept: Record<string, JsonValue | undefined> = {};
  for (const [field, value] of Object.entries(native.fields)) {
    if (EXTRAS.has(field)) kept[field] = value;
    else notes.push(`${path}.${field}`);
  }
  return kept;
};

/** Anthropic's own tools in a request of another API: known by their date, or by being the one that has none. */
const OWN = /_\d{8}$|^mcp_toolset$/;

export const writeOpaque = (
  dialect: string,
  value: JsonObject,
  path: string,
  notes: Note[],
): JsonObject | undefined => {
  const { type } = value;
  if (dialect === ID || (isString(type) && OWN.test(type))) return value;
  notes.push(`${path} (${isString(type) ? type : "unknown"})`);
  return undefined;
};

export const writeToolChoice = (chat: Chat, facts: ModelFacts, notes: Note[]): JsonObject | undefined => {
  const single = chat.parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  const choice = chat.toolChoice;
  if (choice?.mode === "none") return { type: "none" };
  if (isForced(choice)) {
    if (facts.forcedTools) return { ...forced(choice), ...single };
    notes.push("tool_choice (auto)");
    return { type: "auto", ...single };
  }
  return choice === undefined && chat.parallelToolCalls !== false ? undefined : { type: "auto", ...single };
};

const forced = (choice: ToolChoice | undefined): JsonObject =>
  choice?.mode === "tool" ? { type: "tool", name: choice.name } : { type: "any" };
