/** Content blocks of Anthropic's requests, read and written. */
import { defined } from "../lib/defined.ts";
import type {
  Block,
  CacheMark,
  FileBlock,
  ImageBlock,
  MediaSource,
  Native,
  ReasoningBlock,
  TextBlock,
  ToolCallBlock,
  ToolResultBlock,
} from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString, parsedObject } from "../schema/json.ts";
import { names, nativeRest } from "./body-fields.ts";
import type { Note } from "./dialect.ts";
import { noteNative } from "./unsaid.ts";

export const ID = "anthropic-messages";

/** Content as the API takes it: a text or a list of blocks. */
export const readContent = (content: JsonValue | undefined, path: string): readonly Block[] => {
  if (isString(content)) return [{ kind: "text", text: content }];
  if (content === undefined) throw invalidRequest(path, "Field required");
  if (!isArray(content)) throw invalidRequest(path, "Input should be a text or a list of content blocks");
  return content.map((block, index) => readBlock(block, `${path}.${index}`));
};

/** Blocks as the API takes them; what it has no word for goes into `notes`. */
export const writeBlocks = (blocks: readonly Block[], path: string, notes: Note[]): JsonObject[] =>
  blocks.flatMap((block, index) => {
    const written = writeBlock(block, `${path}.${index}`, notes);
    return written === undefined ? [] : [written];
  });

/** The JSON of a tool call's arguments; `undefined` for a custom tool's free text and a model's broken JSON. */
export const parsedArguments = (text: string): JsonObject | undefined =>
  text.trim() === "" ? {} : parsedObject(text);

/** The fields that are not `known`, as what only this dialect has a word for. */
export const nativeOf = (value: JsonObject, known: ReadonlySet<string>): Native | undefined =>
  nativeRest(ID, value, known);

/** Citations that the API made: of all dialects only its own name a location. */
export const isCitation = (citation: JsonValue): boolean =>
  isObject(citation) && isString(citation["type"]) && citation["type"].endsWith("_location");

/**
 * Stands for the signature of thinking that has none. Clients give it back with the thinking, and are not always
 * led to where that came from: an empty one could be any server's own, and this one is told to be nobody's.
 */
export const UNSIGNED = "unsigned:";

/** A signature that proves something. */
export const readSignature = (signature: JsonValue | undefined): string | undefined =>
  isString(signature) && signature !== "" && signature !== UNSIGNED ? signature : undefined;

/** A signature that another dialect's reader has marked as its own vendor's; this API's are base64. */
export const isForeign = (signature: JsonValue | undefined): boolean =>
  isString(signature) && FOREIGN.test(signature);

const FOREIGN = /^[a-z-]+:/;

const MARK = "cache_control";
const KNOWN = {
  text: names("type text citations cache_control"),
  image: names("type source cache_control"),
  document: names("type source title cache_control"),
  toolUse: names("type id name input cache_control"),
  directToolUse: names("type id name input caller cache_control"),
  toolResult: names("type tool_use_id content is_error cache_control"),
};

const readBlock = (value: JsonValue, path: string): Block => {
  if (!isObject(value)) throw invalidRequest(path, "Input should be an object");
  const type = value["type"];
  if (!isString(type)) throw invalidRequest(`${path}.type`, "Field required");
  switch (type) {
    case "text":
      return readText(value, path);
    case "image":
      return readImage(value);
    case "document":
      return readDocument(value);
    case "thinking":
      return readThinking(value, path);
    case "redacted_thinking":
      return { kind: "redacted", data: text(value, "data", path) };
    case "tool_use":
      return readToolUse(value, path);
    case "tool_result":
      return readToolResult(value, path);
    default:
      return { kind: "opaque", dialect: ID, value };
  }
};

const text = (value: JsonObject, key: string, path: string): string => {
  const field = value[key];
  if (isString(field)) return field;
  throw invalidRequest(
    `${path}.${key}`,
    field === undefined ? "Field required" : "Input should be a valid string",
  );
};

const marks = (value: JsonObject, known: ReadonlySet<string>): { cache?: CacheMark; native?: Native } =>
  defined({
    cache: isObject(value[MARK]) ? value[MARK] : undefined,
    native: nativeOf(value, known),
  });

const readText = (value: JsonObject, path: string): TextBlock => {
  const citations = value["citations"];
  return {
    kind: "text",
    text: text(value, "text", path),
    ...(isArray(citations) && citations.length > 0 ? { citations } : {}),
    ...marks(value, KNOWN.text),
  };
};

const readThinking = (value: JsonObject, path: string): ReasoningBlock => ({
  kind: "reasoning",
  text: text(value, "thinking", path),
  ...defined({ signature: readSignature(value["signature"]) }),
});

const readImage = (value: JsonObject): Block => {
  const source = readSource(value["source"]);
  if (source === undefined) return { kind: "opaque", dialect: ID, value };
  return { kind: "image", source, ...marks(value, KNOWN.image) };
};

/** A document made of content blocks has no canonical source and stays as it is. */
const readDocument = (value: JsonObject): Block => {
  const source = readSource(value["source"]);
  if (source === undefined) return { kind: "opaque", dialect: ID, value };
  const name = isString(value["title"]) ? value["title"] : undefined;
  return { kind: "file", source, ...defined({ name }), ...marks(value, KNOWN.document) };
};

const readSource = (source: JsonValue | undefined): MediaSource | undefined => {
  if (!isObject(source)) return undefined;
  const { type, url, data, media_type: mediaType, file_id: id } = source;
  if (type === "url" && isString(url)) return { kind: "url", url };
  if (type === "file" && isString(id)) return { kind: "id", id };
  if (!isString(data) || !isString(mediaType)) return undefined;
  if (type === "base64") return { kind: "data", mediaType, data };
  return type === "text" ? { kind: "text", mediaType, text: data } : undefined;
};

const readToolUse = (value: JsonObject, path: string): ToolCallBlock => ({
  kind: "tool-call",
  id: text(value, "id", path),
  name: text(value, "name", path),
  arguments: JSON.stringify(value["input"] ?? {}),
  ...marks(value, isDirect(value["caller"]) ? KNOWN.directToolUse : KNOWN.toolUse),
});

/** A call that the model made itself, which is what the API assumes when nothing is said. */
const isDirect = (caller: JsonValue | undefined): boolean => isObject(caller) && caller["type"] === "direct";

const readToolResult = (value: JsonObject, path: string): ToolResultBlock => ({
  kind: "tool-result",
  callId: text(value, "tool_use_id", path),
  content: value["content"] == null ? [] : readContent(value["content"], `${path}.content`),
  ...(value["is_error"] === true ? { isError: true } : {}),
  ...marks(value, KNOWN.toolResult),
});

const writeBlock = (block: Block, path: string, notes: Note[]): JsonObject | undefined => {
  const written = content(block, path, notes);
  if (written === undefined || block.kind === "opaque") return written;
  const native = nativeFields(block.native, path, notes);
  return { ...native, ...written, ...(block.cache === undefined ? {} : { [MARK]: block.cache }) };
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
      return { type: "redacted_thinking", data: block.data };
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
const PICTURES: readonly (readonly [start: string, mediaType: string])[] = Object.freeze([
  ["/9j/", "image/jpeg"],
  ["iVBORw0KGgo", "image/png"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
]);

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
