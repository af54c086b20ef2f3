/**
 * Tools of free text, which OpenAI's APIs alone have, as functions of one text for everybody else.
 *
 * What the model calls is then written as the call that the client knows. The grammar of an input is told in
 * words: nothing enforces it.
 */
import { defined } from "../lib/defined.ts";
import type { Block, Chat, Tool } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString, parsedObject } from "../schema/json.ts";

/** A chat in which free text is an argument. */
export const withoutCustomTools = (chat: Chat): Chat => ({
  ...chat,
  ...defined({ tools: chat.tools?.map(withoutCustomTool) }),
  messages: chat.messages.map((message) => ({ ...message, blocks: message.blocks.map(withoutFreeText) })),
});

/** What the chat API says of a custom tool, as the Responses API says it. */
export const flatCustomTool = ({ custom, ...tool }: JsonObject): JsonObject => {
  const said = isObject(custom) ? custom : {};
  const { format } = said;
  const grammar = isObject(format) ? format["grammar"] : undefined;
  return { ...tool, ...said, ...(isObject(grammar) ? { format: { type: "grammar", ...grammar } } : {}) };
};

/** The function that stands for a custom tool, as the Responses API says that. */
export const customFunction = (tool: JsonObject, name: string): Tool => {
  const format = isObject(tool["format"]) ? tool["format"] : {};
  const isGrammar = format["type"] === "grammar";
  const said = [tool["description"], isGrammar ? grammarText(format) : undefined].filter(isString);
  return {
    kind: "function",
    name,
    parameters: PARAMETERS,
    ...defined({
      description: said.length === 0 ? undefined : said.join("\n\n"),
      native: isGrammar ? ({ dialect: "openai-responses", fields: { format } } as const) : undefined,
    }),
  };
};

/** Arguments that stand for a custom tool's free text. */
export const customArguments = (input: string): string => JSON.stringify({ input });

/** The free text that a model wrote as arguments; broken JSON is taken as the text itself. */
export const customInput = (text: string): string => {
  const input = parsedObject(text)?.["input"];
  return isString(input) ? input : text;
};

/** The name of a custom tool of the chat API; undefined for any other tool. */
export const customName = (tool: JsonValue): string | undefined => {
  if (!isObject(tool) || tool["type"] !== "custom" || !isObject(tool["custom"])) return undefined;
  const { name } = tool["custom"];
  return isString(name) ? name : undefined;
};

const withoutCustomTool = (tool: Tool): Tool => {
  const name = tool.kind === "opaque" && tool.dialect === "openai-chat" ? customName(tool.value) : undefined;
  return tool.kind === "opaque" && name !== undefined
    ? customFunction(flatCustomTool(tool.value), name)
    : tool;
};

const withoutFreeText = (block: Block): Block => {
  if (block.kind !== "tool-call" || block.custom !== true) return block;
  const { custom: _, ...call } = block;
  return { ...call, arguments: customArguments(call.arguments) };
};

const PARAMETERS: JsonObject = Object.freeze({
  type: "object",
  properties: { input: { type: "string", description: "The whole input, as free text" } },
  required: ["input"],
  additionalProperties: false,
});

const grammarText = ({ syntax, definition }: JsonObject): string | undefined =>
  isString(definition)
    ? `The input must follow this ${isString(syntax) ? `${syntax} ` : ""}grammar:\n${definition}`
    : undefined;
