/** Content blocks of Converse's requests (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html). */
import type {
  Block,
  CacheMark,
  Native,
  OpaqueBlock,
  ToolCallBlock,
  ToolResultBlock,
} from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { isForeign, parsedArguments } from "./anthropic-messages.blocks.ts";
import type { DocumentNames } from "./bedrock-converse.media.ts";
import type { Family } from "./bedrock-converse.families.ts";
import { writeAudio, writeMedia } from "./bedrock-converse.media.ts";
import { names } from "./body-fields.ts";
import { digestOf } from "./call-ids.ts";
import type { Note } from "./dialect.ts";
import { foundTool } from "./readable-blocks.ts";

export const ID = "bedrock-converse";

/** Who reads the blocks, and what writing one may add to. */
export interface Writing {
  readonly family: Family;
  readonly documents: DocumentNames;
  readonly notes: Note[];
}

/** Blocks as the API takes them, a cache point after each that carries a mark. */
export const writeBlocks = (blocks: readonly Block[], path: string, writing: Writing): JsonObject[] =>
  blocks.flatMap((block, index) => {
    const written = writeNoted(block, `${path}.${index}`, writing);
    return written === undefined ? [] : [written, ...pointOf(markOf(block), `${path}.${index}`, writing)];
  });

const writeNoted = (block: Block, path: string, writing: Writing): JsonObject | undefined => {
  noteNative(block, path, writing.notes);
  return writeBlock(block, path, writing);
};

/** A cache point stands beside the result of a tool, not in it: a mark inside stands for all before it. */
const markOf = (block: Block): CacheMark | undefined => {
  if (block.kind === "tool-result")
    return block.cache ?? block.content.map(markOf).findLast((mark) => mark !== undefined);
  if (block.kind !== "opaque" || block.dialect !== "anthropic-messages") return block.cache;
  const mark = block.value["cache_control"];
  return isObject(mark) ? mark : undefined;
};

/**
 * `API_runtime_CachePointBlock`: five minutes unless an hour is asked for. Models that cache nothing answer with 403
 * (github.com/BerriAI/litellm/pull/39210).
 */
export const pointOf = (
  mark: CacheMark | undefined,
  path: string,
  { family, notes }: Pick<Writing, "family" | "notes">,
): readonly JsonObject[] => {
  if (mark === undefined) return [];
  const isLong = mark["ttl"] === "1h";
  if (!family.caches) notes.push(`${path}.cache_control`);
  else if (isLong && !family.cachesAnHour) notes.push(`${path}.cache_control.ttl`);
  const point = { type: "default", ...(isLong && family.cachesAnHour ? { ttl: "1h" } : {}) };
  return family.caches ? [{ cachePoint: point }] : [];
};

/** Fields of Anthropic's documents that Converse has too. */
const CARRIED: ReadonlySet<string> = new Set(["context", "citations"]);

const noteNative = (block: Block, path: string, notes: Note[]): void => {
  const native: Native | undefined = block.native;
  for (const field of Object.keys(native?.fields ?? {})) {
    const isCarried = block.kind === "file" && native?.dialect === "anthropic-messages" && CARRIED.has(field);
    if (!isCarried) notes.push(`${path}.${field}`);
  }
};

const writeBlock = (block: Block, path: string, writing: Writing): JsonObject | undefined => {
  const { documents, notes } = writing;
  switch (block.kind) {
    case "text":
      if ((block.citations ?? []).length > 0) notes.push(`${path}.citations`);
      return writeText(block.text);
    case "refusal":
      return writeText(block.text);
    case "reasoning":
      if (block.signature !== undefined && block.signature !== "" && !isForeign(block.signature))
        return { reasoningContent: { reasoningText: { text: block.text, signature: block.signature } } };
      notes.push(`${path} (reasoning)`); // taken back only with the signature that proves whose it is
      return undefined;
    case "redacted":
      if (!isForeign(block.data)) return { reasoningContent: { redactedContent: block.data } };
      notes.push(`${path} (reasoning)`);
      return undefined;
    case "image":
      if (block.detail !== undefined && block.detail !== "auto" && !notes.includes("detail"))
        notes.push("detail");
      return writeMedia(block, path, documents, notes);
    case "file":
      return writeMedia(block, path, documents, notes);
    case "audio":
      return writeAudio(block.data, block.format, path, notes);
    case "tool-call":
      return writeToolUse(block, path, writing);
    case "tool-result":
      return writeToolResult(block, path, writing);
    case "opaque":
      return writeOpaque(block, path, writing);
  }
};

/** The API refuses blank text. */
const writeText = (text: string): JsonObject | undefined => (text.trim() === "" ? undefined : { text });

const writeToolUse = (block: ToolCallBlock, path: string, { family, notes }: Writing): JsonObject => {
  const input = block.custom === true ? undefined : parsedArguments(block.arguments);
  if (input === undefined) notes.push(`${path} (arguments)`);
  if (block.signature !== undefined) notes.push(`${path} (signature)`);
  return { toolUse: { toolUseId: toolId(block.id, family), name: block.name, input: input ?? {} } };
};

const writeToolResult = (block: ToolResultBlock, path: string, writing: Writing): JsonObject => {
  const isError = block.isError === true;
  const content = block.content.flatMap((part, index) =>
    writeResultPart(part, `${path}.content.${index}`, writing),
  );
  return {
    toolResult: {
      toolUseId: toolId(block.callId, writing.family),
      content: content.length === 0 ? [{ text: isError ? FAILED : "" }] : content,
      ...(isError ? { status: "error" } : {}),
    },
  };
};

/**
 * A list of nothing is refused by other models than Claude, which take an empty text (github.com/stdapi-ai/stdapi.ai/issues/226,
 * github.com/strands-agents/harness-sdk/issues/2122), and nothing at all "when status value is error".
 */
const FAILED = "error";

/** `API_runtime_ToolResultContentBlock`. */
const RESULT_PARTS = names("document image json searchResult text video");

const writeResultPart = (part: Block, path: string, writing: Writing): readonly JsonObject[] => {
  const written = writeNoted(part, path, writing);
  if (written === undefined) return [];
  if (Object.keys(written).every((member) => RESULT_PARTS.has(member))) return [written];
  writing.notes.push(`${path} (${part.kind})`);
  return [];
};

/**
 * `API_runtime_ToolUseBlock` takes up to 64 of these characters; other providers make ids such as `functions.find:0`.
 * Mistral's models take nine letters and digits, or what Bedrock made itself (github.com/anomalyco/opencode/pull/48843).
 */
const toolId = (id: string, { shortIds }: Family): string => {
  if (shortIds && !/^(?:[a-zA-Z0-9]{9}|tooluse_.+)$/.test(id)) return digestOf(id, 9);
  const plain = id.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
  return plain.length > 64 ? digestOf(id, 64) : plain;
};

const writeOpaque = (block: OpaqueBlock, path: string, writing: Writing): JsonObject | undefined => {
  const { value } = block;
  if (block.dialect === ID) {
    const { type: _, ...union } = value;
    return union;
  }
  const type = isString(value["type"]) ? value["type"] : "opaque";
  const written =
    block.dialect === "anthropic-messages" ? writeAnthropic(type, value, path, writing) : undefined;
  if (written === undefined) writing.notes.push(`${path} (${type})`);
  return written;
};

/** Blocks of Anthropic's that Converse has under other names. */
const writeAnthropic = (
  type: string,
  value: JsonObject,
  path: string,
  { documents, notes }: Writing,
): JsonObject | undefined => {
  const { source, title, content, citations, context } = value;
  const cited = isObject(citations) ? { citations } : {};
  if (type === "search_result")
    return { searchResult: { source, title, content: textsOf(content, `${path}.content`, notes), ...cited } };
  if (type === "tool_reference") return { text: foundTool(value) };
  if (type !== "document" || !isObject(source) || source["type"] !== "content") return undefined;
  const parts = isString(source["content"]) ? [{ text: source["content"] }] : source["content"];
  const name = documents.take(isString(title) ? title : undefined);
  const texts = textsOf(parts, `${path}.source.content`, notes);
  const said = isString(context) ? { context } : {};
  const isCited = isObject(citations) && citations["enabled"] === true;
  return {
    document: { name, ...(isCited ? { source: { content: texts } } : plainText(texts)), ...said, ...cited },
  };
};

/** Texts that are not to be cited are refused as such (github.com/strands-agents/harness-sdk/pull/3582). */
const plainText = (texts: readonly JsonObject[]): JsonObject => {
  const text = texts.map((part) => (isString(part["text"]) ? part["text"] : "")).join("\n");
  return { format: "txt", source: { bytes: Buffer.from(text).toString("base64") } };
};

/** `DocumentContentBlock` and `SearchResultContentBlock` of AWS's SDK are texts. */
const textsOf = (content: JsonValue | undefined, path: string, notes: Note[]): readonly JsonObject[] =>
  (isArray(content) ? content : []).flatMap((part, index) => {
    if (isObject(part) && isString(part["text"])) return [{ text: part["text"] }];
    const type = isObject(part) ? part["type"] : undefined;
    notes.push(`${path}.${index} (${isString(type) ? type : "opaque"})`);
    return [];
  });
