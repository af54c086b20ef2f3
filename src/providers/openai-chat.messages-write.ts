/** Canonical messages written as the messages of an OpenAI chat request. */
import { toDataUri } from "../lib/data-uri.ts";
import { defined, present } from "../lib/defined.ts";
import type {
  Block,
  FileBlock,
  ImageBlock,
  Message,
  Native,
  ReasoningBlock,
  RedactedBlock,
  ToolCallBlock,
  ToolResultBlock,
} from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import { shortCallId } from "./call-ids.ts";
import type { Note } from "./dialect.ts";
import { nameOfFile } from "./openai-chat.media.ts";
import { typeOf } from "./openai-chat.pieces.ts";
import { DETAILS, detailsOf } from "./openrouter-details.ts";
import { titled } from "./readable-blocks.ts";

export const writeMessages = (
  messages: readonly Message[],
  notes: Set<Note>,
  reasoningField?: string,
): readonly JsonObject[] => {
  const written: JsonObject[] = [];
  const hasCalled = messages.some(({ blocks }) => blocks.some(isCall));
  let media: readonly JsonObject[] = []; // tool messages hold only text: their images wait for the run to end
  const release = () => {
    if (media.length > 0) written.push({ role: "user", content: media });
    media = [];
  };
  messages.forEach((message, at) => {
    const place = { path: `messages.${at}`, notes, hasCalled, ...defined({ reasoningField }) };
    if (message.role !== "tool") {
      release();
      const body = writeMessage(message, place);
      if (message.blocks.length === 0 || saysAnything(message, body)) written.push(body);
      return;
    }
    for (const result of message.blocks) {
      if (result.kind !== "tool-result") continue; // a tool message holds only tool results
      written.push({ ...writeResult(result, place), ...writeExtras(message, place) });
      media = [...media, ...resultMedia(result, place)];
    }
  });
  release();
  return written;
};

/** Where a block stands, and where to say that it could not be carried. */
interface Place {
  readonly path: string;
  readonly notes: Set<Note>;
  /** Whether the conversation called tools. */
  readonly hasCalled: boolean;
  /** Where the vendor wants an assistant's reasoning back, if anywhere. */
  readonly reasoningField?: string;
}

const inside = (place: Place, at: number): Place => ({ ...place, path: `${place.path}.content.${at}` });
const note = (place: Place, what: string): undefined => void place.notes.add(`${place.path} (${what})`);

const writeMessage = (message: Message, place: Place): JsonObject => {
  noteMarks(message.blocks, place);
  return {
    role: message.role,
    ...(message.role === "assistant"
      ? writeAssistant(message.blocks, place)
      : { content: message.role === "user" ? writeUser(message, place) : writeSystem(message, place) }),
    ...writeExtras(message, place),
  };
};

/** A turn of which nothing could be carried is left out: servers refuse one that is empty. */
const saysAnything = ({ role }: Message, { content, ...more }: JsonObject): boolean =>
  role !== "assistant" || content !== "" || Object.keys(more).some((name) => TOLD.has(name));

/** What an assistant's message may say in place of content. */
const TOLD = names("tool_calls refusal reasoning_content reasoning reasoning_details");

const writeExtras = ({ name, native }: Message, place: Place): JsonObject => ({
  ...defined({ name }),
  ...writeNative(native, place),
});

/** OpenAI refuses unknown fields in parts, and caches by itself. */
const noteMarks = (blocks: readonly Block[], { notes }: Place): void => {
  if (blocks.some((block) => block.cache !== undefined)) notes.add("cache_control");
};

const writeNative = (native: Native | undefined, place: Place): JsonObject => {
  if (native === undefined) return {};
  if (native.dialect === "openai-chat") return native.fields;
  for (const name of Object.keys(native.fields)) note(place, name);
  return {};
};

const writeSystem = ({ blocks }: Message, place: Place): string =>
  blocks.flatMap((block, at) => writeText(block, inside(place, at)) ?? []).join("\n\n");

/** A block as bare text, which has no place for anything else. */
const writeText = (block: Block, place: Place): string | undefined => {
  if (block.kind !== "text") return note(place, kindOf(block));
  if (block.citations !== undefined) note(place, "citations");
  for (const name of Object.keys(block.native?.fields ?? {})) note(place, name);
  return block.text;
};

const writeUser = ({ blocks }: Message, place: Place): JsonValue => {
  const [first] = blocks;
  if (first === undefined) return "";
  if (blocks.length === 1 && first.kind === "text" && first.native === undefined) return first.text;
  return present(blocks.map((block, at) => writePart(block, inside(place, at))));
};

const writePart = (block: Block, place: Place): JsonObject | undefined => {
  const part = partOf(block, place);
  return part === undefined ? undefined : { ...part, ...writeNative(block.native, place) };
};

const partOf = (block: Block, place: Place): JsonObject | undefined => {
  switch (block.kind) {
    case "text":
      if (block.citations !== undefined) note(place, "citations");
      return { type: "text", text: block.text };
    case "refusal":
      return { type: "text", text: block.text };
    case "image":
      return imagePart(block, place);
    case "audio":
      return { type: "input_audio", input_audio: { data: block.data, format: block.format } };
    case "file":
      return filePart(block, place);
    case "opaque":
      return block.dialect === "openai-chat" ? block.value : note(place, kindOf(block));
    default:
      return note(place, kindOf(block));
  }
};

const imagePart = (image: ImageBlock, place: Place): JsonObject | undefined => {
  const { source } = image;
  // Servers of this API take no more, and Codex shows pictures as they are: github.com/farion1231/cc-switch/pull/7476
  const detail = image.detail === "original" ? "high" : image.detail;
  switch (source.kind) {
    case "url":
      return { type: "image_url", image_url: defined({ url: source.url, detail }) };
    case "data":
      return {
        type: "image_url",
        image_url: defined({ url: toDataUri(source.mediaType, source.data), detail }),
      };
    default:
      return note(place, `image by ${source.kind}`);
  }
};

const filePart = ({ source, name }: FileBlock, place: Place): JsonObject | undefined => {
  switch (source.kind) {
    case "id":
      return { type: "file", file: { file_id: source.id } };
    case "data": {
      const filename = name ?? nameOfFile(source.mediaType);
      return { type: "file", file: { filename, file_data: toDataUri(source.mediaType, source.data) } };
    }
    case "text":
      return { type: "text", text: titled(name, source.text) };
    case "url":
      return note(place, "file by url");
  }
};

const writeAssistant = (blocks: readonly Block[], place: Place): JsonObject => {
  const text = blocks.flatMap((block, at) => writeSpoken(block, at, place) ?? []).join("");
  const refusal = blocks.map((block) => (block.kind === "refusal" ? block.text : "")).join("");
  const calls = blocks.filter((block) => block.kind === "tool-call").map((call) => writeCall(call, place));
  return {
    content: text === "" && (calls.length > 0 || refusal !== "") ? null : text,
    ...(refusal === "" ? {} : { refusal }),
    ...writeReasoning(blocks, place),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
};

const isCall = (block: Block): boolean => block.kind === "tool-call";

/**
 * Who called tools must bring the field from then on, also where another model thought nothing aloud or the client kept
 * no thoughts, and the answers without a call have it too (https://api-docs.deepseek.com/guides/thinking_mode;
 * github.com/openclaw/openclaw/issues/73417).
 */
const writeReasoning = (blocks: readonly Block[], { reasoningField, hasCalled }: Place): JsonObject => {
  if (reasoningField === undefined) return {};
  if (reasoningField === DETAILS) {
    const details = detailsOf(blocks);
    return details.length === 0 ? {} : { [DETAILS]: details };
  }
  const text = blocks.map((block) => (block.kind === "reasoning" ? block.text : "")).join("");
  return text === "" && !hasCalled ? {} : { [reasoningField]: text };
};

/** The text of an assistant's block; reports the kinds that a message of this API has no place for. */
const writeSpoken = (block: Block, at: number, place: Place): string | undefined => {
  switch (block.kind) {
    case "refusal":
    case "tool-call":
      return undefined; // they have fields of their own
    case "reasoning":
    case "redacted":
      return isTold(block, place) ? undefined : note(place, "reasoning"); // once a message: notes are a set
    default:
      return writeText(block, inside(place, at));
  }
};

const isTold = (block: ReasoningBlock | RedactedBlock, { reasoningField }: Place): boolean =>
  reasoningField === DETAILS
    ? detailsOf([block]).length > 0
    : reasoningField !== undefined && block.kind === "reasoning";

const writeCall = (call: ToolCallBlock, place: Place): JsonObject => {
  const native = writeNative(call.native, place);
  if (call.signature !== undefined) note(place, "signature");
  const { name } = call;
  const id = shortCallId(call.id);
  if (call.custom === true) return { id, type: "custom", custom: { name, input: call.arguments }, ...native };
  const called = { name, arguments: call.arguments === "" ? "{}" : call.arguments };
  return { id, type: "function", function: called, ...native };
};

const writeResult = (result: ToolResultBlock, place: Place): JsonObject => {
  noteMarks([result, ...result.content], place);
  if (result.isError === true) place.notes.add("is_error");
  const texts = result.content.flatMap((block) => (block.kind === "text" ? [block.text] : []));
  return {
    role: "tool",
    tool_call_id: shortCallId(result.callId),
    content: texts.length > 1 ? texts.map((text) => ({ type: "text", text })) : (texts[0] ?? ""),
    ...writeNative(result.native, place),
  };
};

const resultMedia = (result: ToolResultBlock, place: Place): readonly JsonObject[] =>
  present(
    result.content.map((block, at) =>
      block.kind === "text" ? undefined : writePart(block, inside(place, at)),
    ),
  );

const kindOf = (block: Block): string => (block.kind === "opaque" ? typeOf(block.value) : block.kind);
