/**
 * Tools of the Responses API that the client runs, as functions for everybody else: two shells, patches, and the search
 * for further tools (what users miss without it: github.com/openai/codex/issues/26234).
 *
 * `Tool.LocalShell`, `FunctionShellTool`, `ApplyPatchTool` and `ToolSearchTool` of the OpenAI SDK 7.57, with the items of
 * their calls. What a patch looks like: openrouter.ai/docs/guides/features/server-tools/apply-patch.
 */
import type { Tool } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject, isString, parsedObject } from "../schema/json.ts";

export interface ClientTool {
  /** Also the name of the function that stands for it. */
  readonly type: string;
  readonly description: string;
  readonly parameters: JsonObject;
  /** The type of the item that calls it, and the front of that item's id. */
  readonly call: string;
  readonly prefix: string;
  /** Where the item says what is to be done. */
  readonly field: "action" | "operation" | "arguments";
  /** What is in the field unless the model says something else. */
  readonly defaults: JsonObject;
  /** What is always in it, and no argument. */
  readonly fixed: JsonObject;
  /** What stands in the item beside it. */
  readonly beside: JsonObject;
  /** Whether the model said enough for a call. */
  readonly isWhole: (said: JsonObject) => boolean;
}

/** The tool as it was declared; undefined for one that OpenAI runs. */
export const clientToolOf = (declared: JsonObject): ClientTool | undefined =>
  isHosted(declared) ? undefined : TOOLS.find(({ type }) => type === declared["type"]);

/** The tool that an item of the input calls. */
export const calledTool = (item: JsonObject): ClientTool | undefined =>
  isHosted(item) ? undefined : TOOLS.find(({ call }) => call === item["type"]);

/** Of a search the client says itself what it is. */
export const clientFunction = (tool: ClientTool, declared: JsonObject): Tool => {
  const { description, parameters } = declared;
  return {
    kind: "function",
    name: tool.type,
    description: isString(description) ? description : tool.description,
    parameters: isObject(parameters) ? parameters : tool.parameters,
  };
};

/** Arguments that stand for a call. */
export const clientArguments = ({ field, fixed }: ClientTool, item: JsonObject): string => {
  const said = isObject(item[field]) ? item[field] : {};
  return JSON.stringify(
    Object.fromEntries(Object.entries(said).filter(([name, value]) => value !== null && !(name in fixed))),
  );
};

/** The fields of a call out of its arguments; undefined when the model said too little. */
export const clientCall = (tool: ClientTool, text: string): JsonObject | undefined => {
  const said = parsedObject(text);
  if (said === undefined || !tool.isWhole(said)) return undefined;
  return { [tool.field]: { ...tool.defaults, ...said, ...tool.fixed }, ...tool.beside };
};

const isHosted = ({ type, environment, execution }: JsonObject): boolean =>
  type === "tool_search" || type === "tool_search_call"
    ? execution !== "client"
    : isObject(environment) && environment["type"] !== "local";

const TEXTS: JsonObject = Object.freeze({ type: "array", items: { type: "string" } });

const TOOLS: readonly ClientTool[] = [
  {
    type: "local_shell",
    description: "Runs a command in a shell on the user's machine and gives back what it printed.",
    parameters: {
      type: "object",
      properties: {
        command: { ...TEXTS, description: "The program and its arguments" },
        env: { type: "object", additionalProperties: { type: "string" } },
        timeout_ms: { type: "integer" },
        user: { type: "string" },
        working_directory: { type: "string" },
      },
      required: ["command"],
    },
    call: "local_shell_call",
    prefix: "lsh",
    field: "action",
    defaults: { env: {} },
    fixed: { type: "exec" },
    beside: {},
    isWhole: ({ command }) => isArray(command),
  },
  {
    type: "shell",
    description: "Runs commands in a shell on the user's machine and gives back what each of them printed.",
    parameters: {
      type: "object",
      properties: {
        commands: { ...TEXTS, description: "Lines for the shell, which may run at the same time" },
        timeout_ms: { type: "integer" },
        max_output_length: { type: "integer", description: "How many characters of output are wanted" },
      },
      required: ["commands"],
    },
    call: "shell_call",
    prefix: "sh",
    field: "action",
    defaults: { timeout_ms: null, max_output_length: null },
    fixed: {},
    beside: { environment: { type: "local" } },
    isWhole: ({ commands }) => isArray(commands),
  },
  {
    type: "apply_patch",
    description:
      "Creates, changes or deletes one file on the user's machine. The diff of a new file is its lines, each " +
      "behind a +. The diff of a change is hunks: a line @@, which may name the function or class around it, " +
      "then about three lines of context behind a space, removed lines behind a -, added lines behind a +, " +
      "and again context. Line numbers are not given.",
    parameters: {
      type: "object",
      properties: {
        type: { type: "string", enum: ["create_file", "update_file", "delete_file"] },
        path: { type: "string" },
        diff: { type: "string", description: "Left out of a deletion" },
      },
      required: ["type", "path"],
    },
    call: "apply_patch_call",
    prefix: "apc",
    field: "operation",
    defaults: {},
    fixed: {},
    beside: {},
    isWhole: ({ type, path, diff }) =>
      isString(path) && (type === "delete_file" || (isString(type) && isString(diff))),
  },
  {
    type: "tool_search",
    description: "Finds further tools, which can be called from then on.",
    parameters: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
    call: "tool_search_call",
    prefix: "tsc",
    field: "arguments",
    defaults: {},
    fixed: {},
    beside: { execution: "client" },
    isWhole: () => true,
  },
];
