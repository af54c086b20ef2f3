/** Tools and calls as APIs without OpenAI's finer choices can say them. */
import type { Chat, Tool, ToolCallBlock } from "../schema/chat.ts";
import { isString, parsedObject } from "../schema/json.ts";
import type { Note } from "./dialect.ts";

export type FunctionTool = Extract<Tool, { readonly kind: "function" }>;

/** A function that may be called, with its place in the client's list. */
export interface OfferedTool {
  readonly tool: FunctionTool;
  readonly path: string;
}

/**
 * The functions that the model may call: where an API cannot name the ones that are allowed, only those
 * are offered. Tools of another kind are noted.
 */
export const offeredTools = (chat: Chat, names: ReadonlySet<string> | undefined, notes: Note[]) =>
  (chat.tools ?? []).flatMap((tool, index): OfferedTool[] => {
    const path = `tools.${index}`;
    if (tool.kind === "opaque") {
      notes.push(`${path} (${isString(tool.value["type"]) ? tool.value["type"] : "unknown"})`);
      return [];
    }
    return names === undefined || names.has(tool.name) ? [{ tool, path }] : [];
  });

/**
 * The tools with their places in the client's list, without a second function of a name, which OpenAI's API does not
 * mind and others refuse: "Tool names must be unique" (github.com/eclipse-theia/theia/issues/16122).
 */
export const distinctTools = ({ tools = [] }: Chat, notes: Note[]): readonly (readonly [number, Tool])[] => {
  const known = new Set<string>();
  return [...tools.entries()].filter(([index, tool]) => {
    if (tool.kind === "opaque") return true;
    const isNew = !known.has(tool.name);
    if (!isNew) notes.push(`tools.${index} (a second ${tool.name})`);
    known.add(tool.name);
    return isNew;
  });
};

/** The names that a tool choice leaves; `undefined` when it leaves all. */
export const chosenNames = ({ toolChoice }: Chat): ReadonlySet<string> | undefined => {
  if (toolChoice?.mode === "tool") return new Set([toolChoice.name]);
  return toolChoice?.mode === "allowed" ? new Set(toolChoice.names) : undefined;
};

/** Whether one of the tools must be called. */
export const mustCall = ({ toolChoice }: Chat): boolean =>
  toolChoice?.mode === "required" ||
  toolChoice?.mode === "tool" ||
  (toolChoice?.mode === "allowed" && toolChoice.required);

/** The arguments of a call as the JSON text of an object; what is none is noted and left out. */
export const argumentsJson = (call: ToolCallBlock, path: string, notes: Note[]): string => {
  if (call.signature !== undefined) notes.push(`${path} (signature)`);
  const text = call.arguments.trim() === "" ? "{}" : call.arguments;
  if (call.custom !== true && parsedObject(text) !== undefined) return text;
  notes.push(`${path} (arguments)`);
  return "{}";
};
