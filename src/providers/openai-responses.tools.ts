/** Tools and the choice between them in the Responses API, both ways. */
import { defined, present } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Chat, Tool, ToolChoice } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import {
  arrayField,
  asObject,
  booleanField,
  names,
  nativeRest,
  objectField,
  requiredString,
  stringField,
} from "./body-fields.ts";
import { customFunction, customName, flatCustomTool } from "./custom-tools.ts";
import type { Note } from "./dialect.ts";
import { typeOf } from "./openai-chat.pieces.ts";
import { clientFunction, clientToolOf } from "./openai-responses.client-tools.ts";
import { hostedChoice, hostedTool } from "./openai-responses.hosted.ts";
import type { ToolList } from "./openai-responses.stand-ins.ts";
import { functionName, standInsOf, toolLists } from "./openai-responses.stand-ins.ts";
import { ID } from "./openai-responses.words.ts";
import { askedSearch, SEARCH_FIELD, serverToolOf } from "./server-tools.ts";

export const readTools = (body: JsonObject): readonly Tool[] | undefined => {
  const lists = toolLists(body).filter(({ tools }) => tools != null);
  return lists.length === 0 ? undefined : withoutRepeats(lists.flatMap(readList));
};

/** What a search finds may have been declared before. */
const withoutRepeats = (tools: readonly Tool[]): readonly Tool[] => {
  const known = new Set<string>();
  return tools.filter((tool) => {
    if (tool.kind === "opaque") return true;
    const isNew = !known.has(tool.name);
    known.add(tool.name);
    return isNew;
  });
};

/** A choice of a hosted tool has no canonical word: it stays in `native`. */
export const readToolChoice = (body: JsonObject): ToolChoice | undefined => {
  const choice = body["tool_choice"] ?? undefined;
  if (choice === undefined) return undefined;
  if (isObject(choice)) return readChoice(choice, body);
  const word = isString(choice) ? CHOICE_WORDS.get(choice) : undefined;
  if (word === undefined) throw invalidRequest("tool_choice", "must be auto, none, required or an object");
  return word;
};

export const writeTools = (chat: Chat, notes: Set<Note>): readonly JsonObject[] => {
  const { tools = [] } = chat;
  const search = askedSearch(chat);
  return present([
    ...tools.map((tool, at) => writeTool(tool, `tools.${at}`, notes)),
    search && hostedTool(search, SEARCH_FIELD, notes),
  ]);
};

export const writeToolChoice = (
  { toolChoice }: Chat,
  tools: readonly JsonObject[],
  notes: Set<Note>,
): JsonValue | undefined => {
  if (toolChoice === undefined) return undefined;
  if (tools.length === 0) {
    notes.add("tool_choice"); // a choice among no tools
    return undefined;
  }
  switch (toolChoice.mode) {
    case "tool":
      return namedTool(toolChoice.name, tools);
    case "allowed":
      return {
        type: "allowed_tools",
        mode: toolChoice.required ? "required" : "auto",
        tools: toolChoice.names.map((name) => namedTool(name, tools)),
      };
    default:
      return toolChoice.mode;
  }
};

const CHOICE_WORDS = table<ToolChoice>({
  auto: { mode: "auto" },
  none: { mode: "none" },
  required: { mode: "required" },
});

const FUNCTION_FIELDS: ReadonlySet<string> = names("type name description parameters strict");

const readList = ({ tools, path }: ToolList): readonly Tool[] => {
  if (!isArray(tools)) throw invalidRequest(path, "must be an array");
  return tools.flatMap((tool, at) => readTool(asObject(tool, `${path}.${at}`), `${path}.${at}`, undefined));
};

const readTool = (tool: JsonObject, path: string, namespace: string | undefined): readonly Tool[] => {
  switch (requiredString(tool, "type", path)) {
    case "function":
      return [readFunction(tool, path, namespace)];
    case "custom":
      return [customFunction(tool, functionName(requiredString(tool, "name", path), namespace))];
    case "namespace":
      return readNamespace(tool, path);
    default: {
      const client = clientToolOf(tool);
      return [
        client === undefined ? { kind: "opaque", dialect: ID, value: tool } : clientFunction(client, tool),
      ];
    }
  }
};

const readNamespace = (tool: JsonObject, path: string): readonly Tool[] => {
  const namespace = requiredString(tool, "name", path);
  return (arrayField(tool, "tools", path) ?? []).flatMap((inner, at) =>
    readTool(asObject(inner, `${path}.tools.${at}`), `${path}.tools.${at}`, namespace),
  );
};

const readFunction = (tool: JsonObject, path: string, namespace: string | undefined): Tool => {
  const stated = Object.fromEntries(Object.entries(tool).filter(([, value]) => value !== null));
  return {
    kind: "function",
    name: functionName(requiredString(tool, "name", path), namespace),
    ...defined({
      description: stringField(tool, "description", path),
      parameters: objectField(tool, "parameters", path),
      strict: booleanField(tool, "strict", path),
      native: nativeRest(ID, stated, FUNCTION_FIELDS),
    }),
  };
};

const readChoice = (choice: JsonObject, body: JsonObject): ToolChoice | undefined => {
  switch (choice["type"]) {
    case "function":
    case "custom":
      return { mode: "tool", name: requiredString(choice, "name", "tool_choice") };
    case "allowed_tools":
      return readAllowed(choice);
    default: {
      const { type } = choice;
      const isRun = isString(type) && standInsOf(body).get(type)?.tool !== undefined;
      return isRun ? { mode: "tool", name: type } : undefined;
    }
  }
};

/** Hosted tools among the allowed are named by their type, which no function has. */
const readAllowed = (choice: JsonObject): ToolChoice => ({
  mode: "allowed",
  names: (arrayField(choice, "tools", "tool_choice") ?? []).map((tool, at) => {
    const path = `tool_choice.tools.${at}`;
    const named = asObject(tool, path);
    return stringField(named, "name", path) ?? requiredString(named, "type", path);
  }),
  required: choice["mode"] === "required",
});

const writeTool = (tool: Tool, path: string, notes: Set<Note>): JsonObject | undefined => {
  if (tool.kind === "opaque") return writeOpaque(tool, path, notes);
  if (tool.cache !== undefined) notes.add("cache_control");
  const { native } = tool;
  if (native !== undefined && native.dialect !== ID)
    for (const name of Object.keys(native.fields)) notes.add(`${path} (${name})`);
  return {
    ...(native?.dialect === ID ? native.fields : {}),
    type: "function",
    name: tool.name,
    ...defined({ description: tool.description }),
    parameters: tool.parameters ?? { type: "object", properties: {} },
    // Left out, this API tries to be strict; elsewhere it means that nobody asked for that.
    strict: tool.strict ?? false,
  };
};

/** A custom tool of the chat API says the same in an object of its own. */
const writeOpaque = (tool: OpaqueTool, path: string, notes: Set<Note>): JsonObject | undefined => {
  const { dialect, value } = tool;
  if (dialect === ID) return value;
  if (dialect === "openai-chat" && customName(value) !== undefined) return flatCustomTool(value);
  const found = serverToolOf(tool);
  const hosted = found && hostedTool(found, path, notes);
  if (hosted === undefined) notes.add(`${path} (${typeOf(value)})`);
  return hosted;
};

type OpaqueTool = Extract<Tool, { readonly kind: "opaque" }>;

const namedTool = (name: string, tools: readonly JsonObject[]): JsonObject => {
  const declared = tools.find((tool) => tool["name"] === name);
  const hosted = declared === undefined ? hostedChoice(name, tools) : undefined;
  return hosted ?? { type: declared?.["type"] === "custom" ? "custom" : "function", name };
};
