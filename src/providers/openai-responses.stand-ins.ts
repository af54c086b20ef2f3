/**
 * Tools that only the Responses API has, as plain functions for everybody else.
 *
 * Coding agents declare free-text tools, a local shell and namespaces. Another provider is given a
 * function in their place; what the model calls is then written as the call that the client knows.
 */
import { defined } from "../lib/defined.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { ClientTool } from "./openai-responses.client-tools.ts";
import { clientToolOf } from "./openai-responses.client-tools.ts";

/** What a function of this name stands for. */
export interface StandIn {
  readonly kind: "function" | "custom" | "client";
  readonly name: string;
  readonly namespace?: string;
  /** What the client runs. */
  readonly tool?: ClientTool;
}

export type StandIns = ReadonlyMap<string, StandIn>;

/** Functions that are not what the client declared, by name. */
export const standInsOf = (request: JsonObject): StandIns => {
  const found = new Map<string, StandIn>();
  for (const { tools } of toolLists(request))
    for (const tool of isArray(tools) ? tools : []) if (isObject(tool)) addStandIns(found, tool, undefined);
  return found;
};

/** A list of tools, and what holds it. */
export interface ToolList {
  readonly tools: JsonValue | undefined;
  readonly path: string;
}

/** Where a request declares tools: they may come later in a conversation too, and be found by a search. */
export const toolLists = ({ tools, input }: JsonObject): readonly ToolList[] => [
  { tools, path: "tools" },
  ...(isArray(input) ? input : []).flatMap((item, at) =>
    isObject(item) && LATER.has(item["type"]) ? [{ tools: item["tools"], path: `input.${at}.tools` }] : [],
  ),
];

const LATER = new Set<unknown>(["additional_tools", "tool_search_output"]);

/** The function's name: a namespace has no place of its own elsewhere. */
export const functionName = (name: string, namespace: JsonValue | undefined): string =>
  isString(namespace) && namespace !== "" ? `${namespace}__${name}` : name;

/** The functions that stand for the tools of a list, by name. */
export const functionNames = (tools: JsonValue | undefined): readonly string[] =>
  (isArray(tools) ? tools : []).flatMap((tool) => (isObject(tool) ? namesIn(tool) : []));

const namesIn = ({ name, namespace, tools }: JsonObject): readonly string[] => {
  if (!isString(name)) return [];
  if (!isArray(tools)) return [functionName(name, namespace)];
  return tools.flatMap((inner) => (isObject(inner) ? namesIn({ ...inner, namespace: name }) : []));
};

const addStandIns = (found: Map<string, StandIn>, tool: JsonObject, namespace: string | undefined): void => {
  const { type, name, tools } = tool;
  const client = clientToolOf(tool);
  if (client !== undefined) found.set(client.type, { kind: "client", name: client.type, tool: client });
  if (!isString(name)) return;
  if (type === "namespace" && isArray(tools))
    for (const inner of tools) if (isObject(inner)) addStandIns(found, inner, name);
  if (type !== "custom" && (type !== "function" || namespace === undefined)) return;
  found.set(functionName(name, namespace), { kind: type, name, ...defined({ namespace }) });
};
