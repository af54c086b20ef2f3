/**
 * Names of tools are what each vendor takes. Most take 64 letters, digits, underscores and dashes (OpenAI's "string too
 * long. Expected a string with maximum length 64": github.com/BerriAI/litellm/issues/17904, Converse's
 * API_runtime_ToolSpecification.html); Anthropic takes 128 of them (`tool_use.name` "should match pattern
 * '^[a-zA-Z0-9_-]{1,128}$'"), and Gemini dots and colons too, but "must start with a letter or an underscore"
 * (github.com/Finerestaurant/kicad-mcp-python/issues/2, github.com/21st-dev/magic-mcp/issues/34). Those of MCP servers
 * are what they like, and each client's own vendor takes them: elsewhere they are told otherwise, alike in every turn,
 * and what is called comes back under its own name.
 */
import { defined } from "../lib/defined.ts";
import type { Block, Chat, Tool, ToolChoice } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { digestOf } from "./call-ids.ts";
import { functionName, toolLists } from "./openai-responses.stand-ins.ts";

/** What a vendor takes of a name. */
export interface NameRule {
  readonly longest: number;
  readonly first: RegExp;
  /** The rest of it, and what it is not. */
  readonly refused: RegExp;
}

export const PLAIN_NAMES: NameRule = Object.freeze({ longest: 64, first: /^[\w-]/, refused: /[^\w-]/g });
export const CLAUDE_NAMES: NameRule = Object.freeze({ ...PLAIN_NAMES, longest: 128 });
export const GEMINI_NAMES: NameRule = Object.freeze({ longest: 64, first: /^[a-z_]/i, refused: /[^\w.:-]/g });

const RULES: readonly NameRule[] = [PLAIN_NAMES, CLAUDE_NAMES, GEMINI_NAMES];
const DIGEST = 8;

/** The chat with every name as the vendor takes it; the very same where they are. */
export const withTakenNames = (chat: Chat, rule: NameRule): Chat => {
  const { tools, toolChoice, messages } = chat;
  const taken = (name: string): string => takenName(name, rule);
  const isOther = (named: Tool | Block): boolean => isNamed(named) && taken(named.name) !== named.name;
  if (tools?.some(isOther) !== true && !messages.some(({ blocks }) => blocks.some(isOther))) return chat;
  const renamed = <T extends Tool | Block>(named: T): T =>
    isNamed(named) ? { ...named, name: taken(named.name) } : named;
  return {
    ...chat,
    ...defined({ tools: tools?.map(renamed), toolChoice: toolChoice && takenChoice(toolChoice, taken) }),
    messages: messages.map((message) => ({ ...message, blocks: message.blocks.map(renamed) })),
  };
};

/** What the client calls the tools that a vendor knows by another name; undefined where none could be. */
export const ownNames = (body: JsonObject): ReadonlyMap<string, string> | undefined => {
  const own = toolLists(body).flatMap(({ tools }) => (isArray(tools) ? tools.flatMap(namesIn) : []));
  const others = own.flatMap((name) => RULES.map((rule) => [takenName(name, rule), name] as const));
  const differing = others.filter(([taken, name]) => taken !== name);
  return differing.length === 0 ? undefined : new Map(differing);
};

const isNamed = (named: Tool | Block): named is NamedTool =>
  named.kind === "function" || named.kind === "tool-call";

type NamedTool = Extract<Tool | Block, { readonly kind: "function" | "tool-call" }>;

/** Two names that would be alike are told apart by their digest. */
const takenName = (name: string, { longest, first, refused }: NameRule): string => {
  const begun = name === "" || first.test(name) ? name : `_${name}`;
  const spelled = begun.replaceAll(refused, "_");
  if (spelled === name && name.length <= longest) return name;
  return `${spelled.slice(0, longest - DIGEST - 1)}_${digestOf(name, DIGEST)}`;
};

const takenChoice = (choice: ToolChoice, taken: (name: string) => string): ToolChoice => {
  if (choice.mode === "tool") return { ...choice, name: taken(choice.name) };
  return choice.mode === "allowed" ? { ...choice, names: choice.names.map(taken) } : choice;
};

/** A tool of any client's API: its name stands in it, or in the function that it is, or several do, which may share one. */
const namesIn = (tool: JsonValue): readonly string[] => {
  if (!isObject(tool)) return [];
  const { name, tools, function: called, functionDeclarations, function_declarations: declarations } = tool;
  if (isArray(tools)) return tools.flatMap(namesIn).map((inner) => functionName(inner, name));
  const declared = functionDeclarations ?? declarations;
  return [
    ...(isString(name) ? [name] : []),
    ...(called === undefined ? [] : namesIn(called)),
    ...(isArray(declared) ? declared.flatMap(namesIn) : []),
  ];
};
