/** Tools and the choice between them in the OpenAI chat API, both ways. */
import { defined, present } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Chat, Tool, ToolChoice } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import {
  arrayField,
  asObject,
  booleanField,
  nativeRest,
  objectField,
  requiredObject,
  requiredString,
  stringField,
  names,
} from "./body-fields.ts";
import { readTool as readAnthropicTool } from "./anthropic-messages.tools.ts";
import type { Note } from "./dialect.ts";
import { typeOf } from "./openai-chat.pieces.ts";

/** `tools`, or the older `functions`. */
export const readTools = (body: JsonObject): readonly Tool[] | undefined => {
  const tools = arrayField(body, "tools")?.flatMap((tool, at) => {
    const given = asObject(tool, `tools.${at}`);
    return bareTools(given) ?? [readTool(given, at)];
  });
  const functions = arrayField(body, "functions")?.map((value, at) =>
    readFunction(asObject(value, `functions.${at}`), {}, `functions.${at}`),
  );
  return tools === undefined && functions === undefined
    ? undefined
    : [...(tools ?? []), ...(functions ?? [])];
};

/** `tool_choice`, or the older `function_call`. */
export const readToolChoice = (body: JsonObject): ToolChoice | undefined => {
  const choice = body["tool_choice"] ?? undefined;
  if (choice !== undefined) return readChoice(choice);
  const older = body["function_call"] ?? undefined;
  if (older === undefined) return undefined;
  if (isObject(older)) return { mode: "tool", name: requiredString(older, "name", "function_call") };
  return readChoiceWord(older, "function_call");
};

/** The tools, but for the one that is said elsewhere. */
export const writeTools = (
  tools: readonly Tool[],
  notes: Set<Note>,
  elsewhere?: Tool,
): readonly JsonObject[] =>
  present(tools.map((tool, at) => (tool === elsewhere ? undefined : writeTool(tool, `tools.${at}`, notes))));

export const writeToolChoice = (
  { toolChoice }: Chat,
  tools: readonly JsonObject[],
  notes: Set<Note>,
): JsonValue | undefined => {
  if (toolChoice === undefined) return undefined;
  if (tools.length === 0) {
    notes.add("tool_choice"); // the API refuses a choice without tools
    return undefined;
  }
  switch (toolChoice.mode) {
    case "tool":
      return namedTool(toolChoice.name, tools);
    case "allowed":
      return {
        type: "allowed_tools",
        allowed_tools: {
          mode: toolChoice.required ? "required" : "auto",
          tools: toolChoice.names.map((name) => namedTool(name, tools)),
        },
      };
    default:
      return toolChoice.mode;
  }
};

/** Words for the choice; `any` is Mistral's word for `required` (docs.mistral.ai, Chat completion). */
const CHOICE_WORDS = table<ToolChoice>({
  auto: { mode: "auto" },
  none: { mode: "none" },
  required: { mode: "required" },
  any: { mode: "required" },
});

const TOOL_FIELDS: ReadonlySet<string> = new Set(["type", "function", "cache_control"]);
const FUNCTION_FIELDS: ReadonlySet<string> = names("name description parameters strict cache_control");

/** Google's own tools as its API has them, `{googleSearch: {}}`: docs.praison.ai/docs/tools/gemini-internal-tools (LiteLLM's clients). */
const bareTools = (tool: JsonObject): readonly Tool[] | undefined => {
  const named = Object.entries(tool);
  if (named.length === 0 || "function" in tool || !named.every(([, options]) => isObject(options)))
    return undefined;
  return named.map(([type, options]) => ({
    kind: "opaque",
    dialect: "openai-chat",
    value: { type, [type]: options },
  }));
};

const readTool = (tool: JsonObject, at: number): Tool => {
  const path = `tools.${at}`;
  if (tool["type"] == null && isObject(tool["input_schema"])) return readAnthropicTool(tool, path); // of Cursor's
  const type = stringField(tool, "type", path) ?? "function";
  if (type === "function") return readFunction(requiredObject(tool, "function", path), tool, path);
  const { [type]: options, cache_control: mark } = tool;
  if (type === "custom") return { kind: "opaque", dialect: "openai-chat", value: tool };
  // Anthropic's own tools in this shape: {type: "computer", computer: {name: "computer_20250124", …}}.
  if (isObject(options) && isString(options["name"]))
    return {
      kind: "opaque",
      dialect: "anthropic-messages",
      value: { ...options, ...defined({ cache_control: mark }), type: options["name"], name: type },
    };
  return {
    kind: "opaque",
    dialect: isString(tool["name"]) ? "anthropic-messages" : "openai-chat",
    value: tool,
  };
};

/** What a function says beyond OpenAI's four fields are Anthropic's (`defer_loading`, `input_examples`). */
const readFunction = (value: JsonObject, tool: JsonObject, path: string): Tool => {
  const inside = tool === value || tool["function"] === undefined ? path : `${path}.function`;
  const extra = { ...rest(tool, TOOL_FIELDS), ...rest(value, FUNCTION_FIELDS) };
  return {
    kind: "function",
    name: requiredString(value, "name", inside),
    ...defined({
      description: stringField(value, "description", inside),
      parameters: objectField(value, "parameters", inside),
      strict: booleanField(value, "strict", inside),
      cache: objectField(tool, "cache_control", path) ?? objectField(value, "cache_control", inside),
      native:
        Object.keys(extra).length === 0
          ? undefined
          : ({ dialect: "anthropic-messages", fields: extra } as const),
    }),
  };
};

const rest = (body: JsonObject, known: ReadonlySet<string>): JsonObject =>
  nativeRest("openai-chat", body, known)?.fields ?? {};

const readChoice = (choice: JsonValue): ToolChoice => {
  if (!isObject(choice)) return readChoiceWord(choice, "tool_choice");
  switch (choice["type"]) {
    case "function":
    case "custom": {
      const named = requiredObject(choice, choice["type"], "tool_choice");
      return { mode: "tool", name: requiredString(named, "name", `tool_choice.${choice["type"]}`) };
    }
    case "allowed_tools":
      return readAllowed(choice);
    case "tool": // Anthropic's words, as its tools above
      return { mode: "tool", name: requiredString(choice, "name", "tool_choice") };
    case "auto":
    case "any":
    case "none":
      return readChoiceWord(choice["type"], "tool_choice");
    default:
      throw invalidRequest("tool_choice.type", "must be function, custom or allowed_tools");
  }
};

const readAllowed = (choice: JsonObject): ToolChoice => {
  const path = "tool_choice.allowed_tools";
  const allowed = requiredObject(choice, "allowed_tools", "tool_choice");
  const tools = arrayField(allowed, "tools", path) ?? [];
  return {
    mode: "allowed",
    names: tools.map((tool, at) => toolName(asObject(tool, `${path}.tools.${at}`), `${path}.tools.${at}`)),
    required: allowed["mode"] === "required",
  };
};

const toolName = (tool: JsonObject, path: string): string => {
  const kind = tool["type"] === "custom" ? "custom" : "function";
  const inner = tool[kind];
  return isObject(inner)
    ? requiredString(inner, "name", `${path}.${kind}`)
    : requiredString(tool, "name", path);
};

const readChoiceWord = (word: JsonValue, path: string): ToolChoice => {
  const choice = isString(word) ? CHOICE_WORDS.get(word) : undefined;
  if (choice === undefined) throw invalidRequest(path, "must be auto, none, required or an object");
  return choice;
};

const writeTool = (tool: Tool, path: string, notes: Set<Note>): JsonObject | undefined => {
  if (tool.kind === "opaque") {
    if (tool.dialect === "openai-chat") return tool.value;
    notes.add(`${path} (${typeOf(tool.value)})`);
    return undefined;
  }
  if (tool.cache !== undefined) notes.add("cache_control");
  for (const name of Object.keys(tool.native?.fields ?? {})) notes.add(`${path} (${name})`);
  const { name, description, parameters, strict } = tool;
  return { type: "function", function: defined({ name, description, parameters, strict }) };
};

const namedTool = (name: string, tools: readonly JsonObject[]): JsonObject => {
  const isCustom = tools.some((tool) => isObject(tool["custom"]) && tool["custom"]["name"] === name);
  return isCustom ? { type: "custom", custom: { name } } : { type: "function", function: { name } };
};
