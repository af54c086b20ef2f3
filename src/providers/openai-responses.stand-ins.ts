/**
 * Tools that only the Responses API has, as plain functions for everybody else.
 *
 * Coding agents declare free-text tools, a local shell and namespaces. Another provider is given a
 * function in their place; what the model calls is then written as the call that the client knows.
 */
import { defined } from "../lib/defined.ts";
import type { Tool } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString, parsedObject } from "../schema/json.ts";

/** What a function of this name stands for. */
export interface StandIn {
  readonly kind: "function" | "custom" | "local_shell";
  readonly name: string;
  readonly namespace?: string;
}

export type StandIns = ReadonlyMap<string, StandIn>;

/** Functions that are not what the client declared, by name. */
export const standInsOf = (tools: JsonValue | undefined): StandIns => {
  const found = new Map<string, StandIn>();
  for (const tool of isArray(tools) ? tools : []) if (isObject(tool)) addStandIns(found, tool, undefined);
  return found;
};

/** The function's name: a namespace has no place of its own elsewhere. */
export const functionName = (name: string, namespace: JsonValue | undefined): string =>
  isString(namespace) && namespace !== "" ? `${namespace}__${name}` : name;

export const LOCAL_SHELL = "local_shell";

/** Arguments that stand for a shell call's action. */
export const shellArguments = ({ type: _, ...action }: JsonObject): string =>
  JSON.stringify(Object.fromEntries(Object.entries(action).filter(([, value]) => value !== null)));

/** The action of a local shell call; undefined when the model wrote no command. */
export const shellAction = (text: string): JsonObject | undefined => {
  const action = parsedObject(text);
  return isArray(action?.["command"]) ? { env: {}, ...action, type: "exec" } : undefined;
};

export const shellFunction: Tool = Object.freeze({
  kind: "function",
  name: LOCAL_SHELL,
  description: "Runs a command in a shell on the user's machine and gives back what it printed.",
  parameters: {
    type: "object",
    properties: {
      command: { type: "array", items: { type: "string" }, description: "The program and its arguments" },
      env: { type: "object", additionalProperties: { type: "string" } },
      timeout_ms: { type: "integer" },
      user: { type: "string" },
      working_directory: { type: "string" },
    },
    required: ["command"],
  },
});

const addStandIns = (found: Map<string, StandIn>, tool: JsonObject, namespace: string | undefined): void => {
  const { type, name, tools } = tool;
  if (type === LOCAL_SHELL) found.set(LOCAL_SHELL, { kind: "local_shell", name: LOCAL_SHELL });
  if (!isString(name)) return;
  if (type === "namespace" && isArray(tools))
    for (const inner of tools) if (isObject(inner)) addStandIns(found, inner, name);
  if (type !== "custom" && (type !== "function" || namespace === undefined)) return;
  found.set(functionName(name, namespace), { kind: type, name, ...defined({ namespace }) });
};
