/**
 * Anthropic's blocks that are made of text, for dialects without a word for them: what the model is to read
 * is said as text, and what is lost of them (that they may be cited) is noted by the writer.
 */
import type { Block, Message, OpaqueBlock } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import { nativeOf, readContent } from "./anthropic-messages.blocks.ts";

/** The messages with such blocks said as text; the very same where there are none. */
export const readable = (messages: readonly Message[]): readonly Message[] =>
  messages.some(({ blocks }) => blocks.some(isCovered))
    ? messages.map((message) => ({ ...message, blocks: message.blocks.flatMap(uncovered) }))
    : messages;

/** A text file where only its text can be said: its name stands before it. */
export const titled = (name: string | undefined, text: string): string =>
  name === undefined ? text : `${name}\n${text}`;

const isCovered = (block: Block): boolean =>
  block.kind === "tool-result" ? block.content.some(isCovered) : contentOf(block) !== undefined;

const uncovered = (block: Block): readonly Block[] => {
  if (block.kind === "tool-result") return [{ ...block, content: block.content.flatMap(uncovered) }];
  const content = contentOf(block);
  return content === undefined || block.kind !== "opaque" ? [block] : asText(block, content);
};

/** Search results, documents made of parts, tools that were found, and the summary that stands for an older conversation. */
const contentOf = (block: Block): JsonValue | undefined => {
  if (block.kind !== "opaque" || block.dialect !== "anthropic-messages") return undefined;
  const { type, content, source } = block.value;
  if (type === "search_result") return content;
  if (type === "tool_reference") return foundTool(block.value);
  if (type === "compaction") return isString(content) ? content : undefined;
  return type === "document" && isObject(source) && source["type"] === "content"
    ? source["content"]
    : undefined;
};

/** What a search among the client's own tools found. */
export const foundTool = ({ tool_name: name }: JsonObject): string =>
  `Found: ${isString(name) ? name : "a tool"}`;

/** One text, so that what follows keeps its place; what is no text stands behind it. */
const asText = ({ value }: OpaqueBlock, content: JsonValue): readonly Block[] => {
  const read = readContent(content, "content");
  const texts = read.flatMap((block) => (block.kind === "text" ? [block.text] : []));
  const head = [value["title"], value["source"]].filter(isString);
  const text = [...head, ...texts].join("\n") + (value["type"] === "compaction" ? "\n\n" : "");
  return [{ kind: "text", text, ...marksOf(value) }, ...read.filter(({ kind }) => kind !== "text")];
};

const SAID: ReadonlySet<string> = new Set([
  "type",
  "content",
  "source",
  "title",
  "tool_name",
  "cache_control",
]);

const marksOf = (value: JsonObject): Pick<Block, "cache" | "native"> => {
  const cache = value["cache_control"];
  const native = nativeOf(value, SAID);
  return { ...(isObject(cache) ? { cache } : {}), ...(native === undefined ? {} : { native }) };
};
