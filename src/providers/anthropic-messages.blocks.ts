/** Content blocks of Anthropic's requests read, and what all of the dialect knows of them. */
import { defined } from "../lib/defined.ts";
import type {
  Block,
  CacheMark,
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

export const ID = "anthropic-messages";

/** Content as the API takes it: a text or a list of blocks. */
export const readContent = (content: JsonValue | undefined, path: string): readonly Block[] => {
  if (isString(content)) return [{ kind: "text", text: content }];
  if (content === undefined) throw invalidRequest(path, "Field required");
  if (!isArray(content)) throw invalidRequest(path, "Input should be a text or a list of content blocks");
  return content.map((block, index) => readBlock(block, `${path}.${index}`));
};

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

export const readBlock = (value: JsonValue, path: string): Block => {
  if (!isObject(value)) throw invalidRequest(path, "Input should be an object");
  const type = value["type"];
  if (!isString(type)) throw invalidRequest(`${path}.type`, "Field required");
  switch (type) {
    case "text":
      return readText(value, path);
    case "image":
      return readImage(value, path);
    case "document":
      return readDocument(value, path);
    case "thinking":
      return readThinking(value, path);
    case "redacted_thinking":
      return { kind: "redacted", data: text(value, "data", path) };
    case "tool_use":
      return readToolUse(value, path);
    case "tool_result":
      return readToolResult(value, path);
    case "search_result":
      readContent(value["content"], `${path}.content`); // judged here, where its path is known
      return { kind: "opaque", dialect: ID, value };
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

const readImage = (value: JsonObject, path: string): Block => {
  const source = readSource(value["source"], `${path}.source`);
  if (source === undefined) return { kind: "opaque", dialect: ID, value };
  return { kind: "image", source, ...marks(value, KNOWN.image) };
};

/** A document made of content blocks has no canonical source and stays as it is. */
const readDocument = (value: JsonObject, path: string): Block => {
  const source = readSource(value["source"], `${path}.source`);
  if (source === undefined) return { kind: "opaque", dialect: ID, value };
  const name = isString(value["title"]) ? value["title"] : undefined;
  return { kind: "file", source, ...defined({ name }), ...marks(value, KNOWN.document) };
};

/** `undefined` for a kind of source that has no canonical word. */
const readSource = (source: JsonValue | undefined, path: string): MediaSource | undefined => {
  if (!isObject(source))
    throw invalidRequest(path, source === undefined ? "Field required" : "Input should be an object");
  switch (text(source, "type", path)) {
    case "url":
      return { kind: "url", url: text(source, "url", path) };
    case "file":
      return { kind: "id", id: text(source, "file_id", path) };
    case "base64":
      return {
        kind: "data",
        mediaType: text(source, "media_type", path),
        data: text(source, "data", path),
      };
    case "text":
      return {
        kind: "text",
        mediaType: text(source, "media_type", path),
        text: text(source, "data", path),
      };
    case "content":
      readContent(source["content"], `${path}.content`); // judged here, where its path is known
      return undefined;
    default:
      return undefined;
  }
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
