/** Content blocks as Anthropic's requests take them. */
import type {
  Block,
  FileBlock,
  ImageBlock,
  MediaSource,
  Native,
  ReasoningBlock,
  TextBlock,
  ToolCallBlock,
  ToolResultBlock,
} from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import { ID, isCitation, isForeign, parsedArguments } from "./anthropic-messages.blocks.ts";
import type { Note } from "./dialect.ts";
import { noteNative } from "./unsaid.ts";

/** Blocks as the API takes them; what it has no word for goes into `notes`. */
export const writeBlocks = (blocks: readonly Block[], path: string, notes: Note[]): JsonObject[] =>
  blocks.flatMap((block, index) => {
    const written = writeBlock(block, `${path}.${index}`, notes);
    return written === undefined ? [] : [written];
  });

const writeBlock = (block: Block, path: string, notes: Note[]): JsonObject | undefined => {
  const written = content(block, path, notes);
  if (written === undefined || block.kind === "opaque") return written;
  const native = nativeFields(block.native, path, notes);
  return { ...native, ...written, ...(block.cache === undefined ? {} : { cache_control: block.cache }) };
};

/** What only this dialect has a word for; that of another is noted. */
export const nativeFields = (native: Native | undefined, path: string, notes: Note[]): JsonObject => {
  if (native?.dialect === ID) return native.fields;
  noteNative(native, path, notes);
  return {};
};

const content = (block: Block, path: string, notes: Note[]): JsonObject | undefined => {
  switch (block.kind) {
    case "text":
      return writeText(block, path, notes);
    case "refusal":
      return isBlank(block.text) ? undefined : { type: "text", text: block.text };
    case "reasoning":
      return writeThinking(block, path, notes);
    case "redacted":
      if (!isForeign(block.data)) return { type: "redacted_thinking", data: block.data };
      notes.push(`${path} (reasoning)`);
      return undefined;
    case "image":
      return writeImage(block, notes);
    case "file":
      return writeFile(block, path, notes);
    case "tool-call":
      return writeToolUse(block, path, notes);
    case "tool-result":
      return writeToolResult(block, path, notes);
    case "opaque":
      if (block.dialect === ID) return block.value;
      notes.push(`${path} (${isString(block.value["type"]) ? block.value["type"] : "opaque"})`);
      return undefined;
    case "audio":
      notes.push(`${path} (audio)`);
      return undefined;
  }
};

/** The API refuses text blocks without a visible character. */
const isBlank = (text: string): boolean => text.trim() === "";

const writeText = (block: TextBlock, path: string, notes: Note[]): JsonObject | undefined => {
  if (isBlank(block.text)) return undefined;
  const citations = block.citations ?? [];
  if (citations.length === 0) return { type: "text", text: block.text };
  if (citations.every(isCitation)) return { type: "text", text: block.text, citations };
  notes.push(`${path}.citations`);
  return { type: "text", text: block.text };
};

/** Thinking is only taken back with the signature that proves whose it is. */
const writeThinking = (block: ReasoningBlock, path: string, notes: Note[]): JsonObject | undefined => {
  if (block.signature !== undefined && block.signature !== "" && !isForeign(block.signature)) {
    return { type: "thinking", thinking: block.text, signature: block.signature };
  }
  notes.push(`${path} (reasoning)`);
  return undefined;
};

const writeImage = (block: ImageBlock, notes: Note[]): JsonObject => {
  if (block.detail !== undefined && block.detail !== "auto" && !notes.includes("detail")) {
    notes.push("detail");
  }
  // OpenAI clients also put documents where images go.
  const isPdf = block.source.kind === "data" && block.source.mediaType === PDF;
  return { type: isPdf ? "document" : "image", source: writeSource(block.source) };
};

const PDF = "application/pdf";

/**
 * How the data of the API's four kinds of picture begins. It refuses a name that the data belies ("Image does not
 * match the provided media type": github.com/n8n-io/n8n/issues/12955) and other spellings of a right one, such as
 * `image/jpg` (github.com/NousResearch/hermes-agent/issues/55432); OpenAI's API does not mind.
 */
const PICTURES: readonly (readonly [start: string, mediaType: string])[] = [
  ["/9j/", "image/jpeg"],
  ["iVBORw0KGgo", "image/png"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
];

const mediaTypeOf = (stated: string, data: string): string => {
  if (!stated.startsWith("image/")) return stated;
  const known = PICTURES.find(([start]) => data.startsWith(start))?.[1];
  return known ?? (stated === "image/jpg" ? "image/jpeg" : stated);
};

const writeSource = (source: MediaSource): JsonObject => {
  switch (source.kind) {
    case "url":
      return { type: "url", url: source.url };
    case "id":
      return { type: "file", file_id: source.id };
    case "text":
      return { type: "text", media_type: "text/plain", data: source.text };
    case "data":
      return { type: "base64", media_type: mediaTypeOf(source.mediaType, source.data), data: source.data };
  }
};

const writeFile = (block: FileBlock, path: string, notes: Note[]): JsonObject | undefined => {
  const { source } = block;
  const title = block.name === undefined ? {} : { title: block.name };
  if (source.kind !== "data" || source.mediaType === PDF) {
    return { type: "document", source: writeSource(source), ...title };
  }
  if (source.mediaType.startsWith("image/")) return { type: "image", source: writeSource(source) };
  if (TEXTUAL.test(source.mediaType)) {
    return { type: "document", source: writeSource(decoded(source.mediaType, source.data)), ...title };
  }
  notes.push(`${path} (${source.mediaType})`);
  return undefined;
};

/** What a model can read as it stands: the API takes documents of plain text only. */
const TEXTUAL = /^text\/|[/+](?:json|jsonl|x-ndjson|xml|yaml|x-yaml|toml|javascript|sql)$/;

const decoded = (mediaType: string, base64: string): MediaSource => ({
  kind: "text",
  mediaType,
  text: Buffer.from(base64, "base64").toString("utf8"),
});

const writeToolUse = (block: ToolCallBlock, path: string, notes: Note[]): JsonObject => {
  const input = block.custom === true ? undefined : parsedArguments(block.arguments);
  if (input === undefined) notes.push(`${path} (arguments)`);
  if (block.signature !== undefined) notes.push(`${path} (signature)`);
  return { type: "tool_use", id: toolId(block.id), name: block.name, input: input ?? {} };
};

/** One block that is nothing but text may be said as that text. */
export const shortest = (content: readonly JsonObject[]): readonly JsonObject[] | string => {
  const [only, ...others] = content;
  const isPlain = only !== undefined && others.length === 0 && Object.keys(only).length === 2;
  return isPlain && only["type"] === "text" && isString(only["text"]) ? only["text"] : content;
};

const writeToolResult = (block: ToolResultBlock, path: string, notes: Note[]): JsonObject => {
  const written = writeBlocks(block.content, `${path}.content`, notes);
  return {
    type: "tool_result",
    tool_use_id: toolId(block.callId),
    ...(written.length === 0 ? {} : { content: shortest(written) }),
    ...(block.isError === true ? { is_error: true } : {}),
  };
};

/** The API takes ids of these characters only; other providers make ids such as `functions.find:0`. */
const toolId = (id: string): string => id.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
