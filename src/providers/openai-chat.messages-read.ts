/** The messages of an OpenAI chat request, read into canonical messages of ordered blocks. */
import { defined } from "../lib/defined.ts";
import type { Block, CacheMark, Message, Native, ToolCallBlock } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import {
  arrayField,
  asObject,
  nativeRest,
  objectField,
  requiredObject,
  requiredString,
  stringField,
  names,
  argumentsField,
} from "./body-fields.ts";
import { readBlock } from "./anthropic-messages.blocks.ts";
import { split } from "./anthropic-messages.request-read.ts";
import { readFile, readImageUrl } from "./openai-chat.media.ts";
import { partReasoning, reasoningPieces } from "./openai-chat.pieces.ts";

export const readMessages = (value: JsonValue | undefined): readonly Message[] => {
  if (!isArray(value)) throw invalidRequest("messages", "must be an array");
  const legacy: LegacyCalls = new Map();
  return value.flatMap((message, at) =>
    turnsOf(readMessage(asObject(message, `messages.${at}`), at, legacy)),
  );
};

/** Results are turns of their own; Anthropic's stand in a user's, and Cursor sends them so. */
const turnsOf = (message: Message): readonly Message[] =>
  message.role === "user" && message.blocks.some(({ kind }) => kind === "tool-result")
    ? split(message.role, message.blocks).map((part) => ({ ...message, ...part }))
    : [message];

/** Ids given to `function_call`s, which have none, by function name: the result names only the function. */
type LegacyCalls = Map<string, string>;

/** Fields of a message that have a canonical word. */
const KNOWN: ReadonlySet<string> = new Set(["role", "content", "name", "cache_control"]);
const KNOWN_ASSISTANT: ReadonlySet<string> = new Set([
  ...KNOWN,
  ...names(
    "content_blocks refusal tool_calls function_call",
    "reasoning_content reasoning reasoning_details images",
  ),
]);
const KNOWN_TOOL: ReadonlySet<string> = new Set([...KNOWN, "tool_call_id"]);

const readMessage = (message: JsonObject, at: number, legacy: LegacyCalls): Message => {
  const path = `messages.${at}`;
  const role = requiredString(message, "role", path);
  switch (role) {
    case "system":
    case "developer":
    case "user":
      return {
        role,
        blocks: marked(readContent(message, path, readPart), message, path),
        ...extras(message, path, KNOWN),
      };
    case "assistant":
      return {
        role,
        blocks: marked(readAssistant(message, at, legacy), message, path),
        ...extras(message, path, KNOWN_ASSISTANT),
      };
    case "tool":
      return {
        ...readResult(message, path, requiredString(message, "tool_call_id", path)),
        ...extras(message, path, KNOWN_TOOL),
      };
    case "function": {
      const name = requiredString(message, "name", path);
      return readResult(message, path, legacy.get(name) ?? `call_${name}`);
    }
    default:
      throw invalidRequest(`${path}.role`, "must be developer, system, user, assistant, tool or function");
  }
};

const extras = (message: JsonObject, path: string, known: ReadonlySet<string>) =>
  defined({
    name: stringField(message, "name", path),
    native: nativeRest("openai-chat", said(message), known),
  });

/** Answers hold an empty list of annotations, and clients send it back. */
const said = ({ annotations, ...message }: JsonObject): JsonObject =>
  isArray(annotations) && annotations.length === 0 ? message : { ...message, ...defined({ annotations }) };

/** A mark on the whole message is a breakpoint after its last block. */
const marked = (blocks: readonly Block[], message: JsonObject, path: string): readonly Block[] => {
  const cache = objectField(message, "cache_control", path);
  const last = blocks.at(-1);
  if (cache === undefined || last === undefined) return blocks;
  return [...blocks.slice(0, -1), { ...last, cache: last.cache ?? cache }];
};

const readResult = (message: JsonObject, path: string, callId: string): Message => {
  const content = readContent(message, path, readPart);
  return { role: "tool", blocks: marked([{ kind: "tool-result", callId, content }], message, path) };
};

const readAssistant = (message: JsonObject, at: number, legacy: LegacyCalls): readonly Block[] => {
  const path = `messages.${at}`;
  const refusal = stringField(message, "refusal", path) ?? "";
  const calls = (arrayField(message, "tool_calls", path) ?? []).map((call, index) =>
    readCall(asObject(call, `${path}.tool_calls.${index}`), `${path}.tool_calls.${index}`),
  );
  const called = new Set(calls.map(({ id }) => id));
  return [
    ...readSaid(message, path).filter((block) => block.kind !== "tool-call" || !called.has(block.id)),
    ...drawn(message, path),
    ...(refusal === "" ? [] : [{ kind: "refusal", text: refusal } as const]),
    ...calls,
    ...readLegacyCall(message, at, legacy),
  ];
};

/** Images of an earlier answer, beside its content as compatible servers give them: only who draws takes them back. */
const drawn = (message: JsonObject, path: string): readonly Block[] =>
  isArray(message["content_blocks"])
    ? []
    : (arrayField(message, "images", path) ?? [])
        .filter(isObject)
        .map((value): Block => ({ kind: "opaque", dialect: "openai-chat", value }));

/**
 * `content_blocks` says all that `content` says, and the thinking too: but for deltas of a stream, of which clients
 * that put an answer together keep the last (`ChatCompletionStream` of the OpenAI SDK).
 */
const readSaid = (message: JsonObject, path: string): readonly Block[] => {
  const blocks = arrayField(message, "content_blocks", path) ?? [];
  if (blocks.length > 0 && !blocks.some(isDelta))
    return readParts(blocks, `${path}.content_blocks`, readAssistantPart);
  const content = readContent(message, path, readAssistantPart);
  const hasThinking = content.some(({ kind }) => kind === "reasoning" || kind === "redacted");
  return hasThinking ? content : [...readReasoning(message), ...content];
};

const isDelta = (block: JsonValue): boolean => isObject(block) && isObject(block["delta"]);

const readReasoning = (message: JsonObject): readonly Block[] =>
  reasoningPieces(message).map((piece): Block => {
    if (piece.data !== undefined) return { kind: "redacted", data: piece.data };
    return { kind: "reasoning", text: piece.text, ...defined({ signature: piece.signature }) };
  });

type PartReader = (part: JsonObject, path: string) => Block | undefined;

const readContent = (message: JsonObject, path: string, read: PartReader): readonly Block[] => {
  const content = message["content"];
  if (content === undefined || content === null || content === "") return [];
  if (isString(content)) return [{ kind: "text", text: content }];
  if (isArray(content)) return readParts(content, `${path}.content`, read);
  throw invalidRequest(`${path}.content`, "must be a string or an array of parts");
};

const readParts = (parts: readonly JsonValue[], path: string, read: PartReader): readonly Block[] =>
  parts.flatMap((part, at) => read(asObject(part, `${path}.${at}`), `${path}.${at}`) ?? []);

const readPart: PartReader = (part, path) => {
  const marks = marksOf(part, path);
  switch (requiredString(part, "type", path)) {
    case "text":
      return { kind: "text", text: requiredString(part, "text", path), ...citationsOf(part), ...marks };
    case "image_url":
      return { ...readImage(part, path), ...marks };
    case "input_audio": {
      const audio = requiredObject(part, "input_audio", path);
      const inside = `${path}.input_audio`;
      return {
        kind: "audio",
        data: requiredString(audio, "data", inside),
        format: requiredString(audio, "format", inside),
        ...marks,
      };
    }
    case "file":
      return { ...readFile(requiredObject(part, "file", path), `${path}.file`), ...marks };
    case "refusal":
      return { kind: "refusal", text: requiredString(part, "refusal", path), ...marks };
    default:
      return isAnthropics(part)
        ? readBlock(part, path)
        : { kind: "opaque", dialect: "openai-chat", value: part };
  }
};

/** Parts that Cursor sends to a Claude behind this API, too: github.com/automazeio/vibeproxy/issues/411 */
const isAnthropics = ({ type, source }: JsonObject): boolean =>
  type === "tool_result" || ((type === "image" || type === "document") && isObject(source));

/** Assistant parts may be Anthropic's blocks, as earlier answers carried them. */
const readAssistantPart: PartReader = (part, path) => {
  switch (requiredString(part, "type", path)) {
    case "text":
    case "refusal":
      return readPart(part, path);
    case "thinking":
    case "reasoning":
      return { kind: "reasoning", text: "", ...partReasoning(part) };
    case "redacted_thinking":
      return { kind: "redacted", data: requiredString(part, "data", path) };
    case "tool_use":
      return readBlock(part, path);
    case "image_url":
      return { kind: "opaque", dialect: "openai-chat", value: part };
    default:
      return { kind: "opaque", dialect: "anthropic-messages", value: part };
  }
};

const PART_FIELDS: ReadonlySet<string> = names(
  "type text image_url input_audio file refusal cache_control citations",
);

const marksOf = (part: JsonObject, path: string): { readonly cache?: CacheMark; readonly native?: Native } =>
  defined({
    cache: objectField(part, "cache_control", path),
    native: nativeRest("openai-chat", part, PART_FIELDS),
  });

const citationsOf = (part: JsonObject): { readonly citations?: readonly JsonValue[] } =>
  isArray(part["citations"]) ? { citations: part["citations"] } : {};

const readImage = (part: JsonObject, path: string): Block => {
  const image = part["image_url"];
  if (isString(image)) return readImageUrl(image);
  const inside = `${path}.image_url`;
  const fields = requiredObject(part, "image_url", path);
  return readImageUrl(requiredString(fields, "url", inside), {
    detail: stringField(fields, "detail", inside),
    mediaType: stringField(fields, "mime_type", inside),
  });
};

const CALL_FIELDS: ReadonlySet<string> = new Set([
  "id",
  "type",
  "index",
  "function",
  "custom",
  "cache_control",
]);

const SIGNED_CALL_FIELDS: ReadonlySet<string> = new Set([...CALL_FIELDS, "extra_content"]);

/** Where Google's OpenAI-shaped API puts it: ai.google.dev/gemini-api/docs/thought-signatures. */
const googleSignature = (call: JsonObject): string | undefined => {
  const extra = call["extra_content"];
  const google = isObject(extra) ? extra["google"] : undefined;
  const signature = isObject(google) ? google["thought_signature"] : undefined;
  return isString(signature) ? signature : undefined;
};

const readCall = (call: JsonObject, path: string): ToolCallBlock => {
  const id = requiredString(call, "id", path);
  const proof = googleSignature(call);
  const marks = defined({
    cache: objectField(call, "cache_control", path),
    native: nativeRest("openai-chat", call, proof === undefined ? CALL_FIELDS : SIGNED_CALL_FIELDS),
  });
  if (call["type"] === "custom") {
    const custom = requiredObject(call, "custom", path);
    const name = requiredString(custom, "name", `${path}.custom`);
    const input = stringField(custom, "input", `${path}.custom`) ?? "";
    return { kind: "tool-call", id, name, arguments: input, custom: true, ...marks };
  }
  const called = requiredObject(call, "function", path);
  return {
    kind: "tool-call",
    id,
    name: requiredString(called, "name", `${path}.function`),
    arguments: argumentsField(called, `${path}.function`),
    ...defined({ signature: stringField(called, "thought_signature", `${path}.function`) ?? proof }),
    ...marks,
  };
};

const readLegacyCall = (message: JsonObject, at: number, legacy: LegacyCalls): readonly Block[] => {
  const path = `messages.${at}`;
  const call = objectField(message, "function_call", path);
  if (call === undefined) return [];
  const name = requiredString(call, "name", `${path}.function_call`);
  const id = `call_${at}`;
  legacy.set(name, id);
  return [{ kind: "tool-call", id, name, arguments: argumentsField(call, `${path}.function_call`) }];
};
