/**
 * Names of tools as Bedrock takes them: "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+", and no more than
 * 64 of them (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html). Gemini's API and MCP
 * have dots and colons in theirs (github.com/RooCodeInc/Roo-Code/pull/10022); clients are told their own names again.
 */
import { defined } from "../lib/defined.ts";
import type { Block, Chat, Message, Tool, ToolChoice } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { digestOf } from "./call-ids.ts";

const PLAIN = /^[a-zA-Z0-9_-]{1,64}$/;

/** The same for the same, so that earlier calls are of the tools that are offered; no two are alike. */
export const plainName = (name: string): string =>
  PLAIN.test(name) ? name : `${name.replaceAll(/[^a-zA-Z0-9_-]/g, "_").slice(0, 55)}_${digestOf(name, 8)}`;

export const withPlainNames = (chat: Chat): Chat => ({
  ...chat,
  ...defined({ tools: chat.tools?.map(named), toolChoice: chat.toolChoice && chosen(chat.toolChoice) }),
  messages: chat.messages.map(calledPlainly),
});

/** What the client calls the tools that it offers, by the name that the model calls; undefined where nothing differs. */
export const givenNames = ({ tools }: JsonObject): ReadonlyMap<string, string> | undefined => {
  const odd = listOf(tools)
    .flatMap(namesIn)
    .filter((name) => !PLAIN.test(name));
  return odd.length === 0 ? undefined : new Map(odd.map((name) => [plainName(name), name]));
};

const named = (tool: Tool): Tool =>
  tool.kind === "function" ? { ...tool, name: plainName(tool.name) } : tool;

const chosen = (choice: ToolChoice): ToolChoice => {
  if (choice.mode === "tool") return { ...choice, name: plainName(choice.name) };
  return choice.mode === "allowed" ? { ...choice, names: choice.names.map(plainName) } : choice;
};

const calledPlainly = (message: Message): Message => ({
  ...message,
  blocks: message.blocks.map((block): Block =>
    block.kind === "tool-call" ? { ...block, name: plainName(block.name) } : block,
  ),
});

/** In the words of each API: beside the type, in `function` or `custom`, or several in a list. */
const namesIn = (tool: JsonValue): readonly string[] => {
  if (!isObject(tool)) return [];
  const { name, function: nested, custom, functionDeclarations } = tool;
  const holders = [nested, custom, ...listOf(functionDeclarations)].filter(isObject);
  return [name, ...holders.map((holder) => holder["name"])].filter(isString);
};

const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (isArray(value) ? value : []);
