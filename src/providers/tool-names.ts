/**
 * Names of tools that are longer than most vendors take them: 64 characters (OpenAI's "string too long. Expected a
 * string with maximum length 64": github.com/BerriAI/litellm/issues/17904, Gemini's "a maximum length of 64":
 * github.com/Yeachan-Heo/oh-my-claudecode/issues/235, Converse's API_runtime_ToolSpecification.html). Those of MCP
 * servers in Claude Code are, and Anthropic takes them: elsewhere they are cut, alike in every turn, and what is
 * called comes back under its own name.
 */
import { defined } from "../lib/defined.ts";
import type { Block, Chat, Tool, ToolChoice } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { digestOf } from "./call-ids.ts";

const LONGEST = 64;
const DIGEST = 8;

/** The chat with every name short enough; the very same where they are. */
export const withShortNames = (chat: Chat): Chat => {
  const { tools, toolChoice, messages } = chat;
  const isCalled = messages.some(({ blocks }) => blocks.some(isLongCall));
  if (!isCalled && tools?.some(isLongTool) !== true) return chat;
  return {
    ...chat,
    ...defined({ tools: tools?.map(shortTool), toolChoice: toolChoice && shortChoice(toolChoice) }),
    messages: messages.map((message) => ({ ...message, blocks: message.blocks.map(shortCall) })),
  };
};

/** What the client calls the tools whose names were cut; undefined where none was. */
export const longNames = ({ tools }: JsonObject): ReadonlyMap<string, string> | undefined => {
  const long = isArray(tools) ? tools.flatMap(namesIn).filter(isLong) : [];
  return long.length === 0 ? undefined : new Map(long.map((name) => [shortName(name), name]));
};

const isLongTool = (tool: Tool): boolean => tool.kind === "function" && isLong(tool.name);
const isLongCall = (block: Block): boolean => block.kind === "tool-call" && isLong(block.name);
const isLong = (name: string): boolean => name.length > LONGEST;

const shortName = (name: string): string =>
  isLong(name) ? `${name.slice(0, LONGEST - DIGEST - 1)}_${digestOf(name, DIGEST)}` : name;

const shortTool = (tool: Tool): Tool =>
  tool.kind === "function" ? { ...tool, name: shortName(tool.name) } : tool;

const shortChoice = (choice: ToolChoice): ToolChoice => {
  if (choice.mode === "tool") return { ...choice, name: shortName(choice.name) };
  return choice.mode === "allowed" ? { ...choice, names: choice.names.map(shortName) } : choice;
};

const shortCall = (block: Block): Block =>
  block.kind === "tool-call" ? { ...block, name: shortName(block.name) } : block;

/** A tool of any client's API: its name stands in it, or in the function that it is, or several do. */
const namesIn = (tool: JsonValue): readonly string[] => {
  if (!isObject(tool)) return [];
  const { name, function: called, functionDeclarations, function_declarations: declarations } = tool;
  const declared = functionDeclarations ?? declarations;
  return [
    ...(isString(name) ? [name] : []),
    ...(called === undefined ? [] : namesIn(called)),
    ...(isArray(declared) ? declared.flatMap(namesIn) : []),
  ];
};
