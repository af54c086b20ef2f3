/** Messages of Cohere's chat requests (docs.cohere.com/reference/chat, "messages"). */
import { toDataUri } from "../lib/data-uri.ts";
import { defined, present } from "../lib/defined.ts";
import type {
  Block,
  FileBlock,
  ImageBlock,
  Message,
  TextBlock,
  ToolCallBlock,
  ToolResultBlock,
} from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Note } from "./dialect.ts";
import { argumentsJson } from "./tool-offer.ts";
import { noteExtras, noteMarks, unsaid } from "./unsaid.ts";

export interface WrittenMessages {
  readonly messages: readonly JsonObject[];
  /** Text files, which this API takes beside the conversation. */
  readonly documents: readonly JsonObject[];
}

export const writeMessages = (messages: readonly Message[], notes: Note[]): WrittenMessages => {
  const documents: JsonObject[] = [];
  const written: JsonObject[] = [];
  let shown: JsonObject[] = []; // images of tool results wait for the run of results to end
  const release = (): void => {
    if (shown.length > 0) written.push({ role: "user", content: shown });
    shown = [];
  };
  messages.forEach((message, index) => {
    const path = `messages.${index}`;
    noteExtras(message, path, notes);
    if (message.role !== "tool") release();
    written.push(...writeMessage(message, { path: `${path}.content`, notes, documents, shown }));
  });
  release();
  return { messages: written, documents };
};

/** A citation of this API: of all dialects only its own name their sources. */
export const isCitation = (citation: JsonValue): boolean =>
  isObject(citation) && isArray(citation["sources"]);

/** Where blocks stand, and where what they cannot say is told. */
interface Place {
  readonly path: string;
  readonly notes: Note[];
  readonly documents: JsonObject[];
  /** What tools showed, for which their own messages have no place. */
  readonly shown: JsonObject[];
}

const writeMessage = (message: Message, place: Place): readonly JsonObject[] => {
  switch (message.role) {
    case "system":
    case "developer":
      return [{ role: "system", content: contentOf(message.blocks, place) }];
    case "user":
      return [{ role: "user", content: contentOf(message.blocks, place) }];
    case "assistant":
      return writeAssistant(message.blocks, place);
    case "tool":
      return message.blocks.flatMap((block, index) =>
        block.kind === "tool-result" ? [writeResult(block, at(place, index))] : [],
      );
  }
};

const at = (place: Place, index: number): Place => ({ ...place, path: `${place.path}.${index}` });

/** A lone text goes as a string, everything else as parts. */
const contentOf = (blocks: readonly Block[], place: Place, isElsewhere = nowhere): JsonValue => {
  const parts = present(
    blocks.map((block, index) => (isElsewhere(block) ? undefined : partOf(block, at(place, index)))),
  );
  const [first] = parts;
  if (first === undefined) return "";
  return parts.length === 1 && first["type"] === "text" ? (first["text"] ?? "") : parts;
};

/** Blocks that are said elsewhere in the message. */
type Elsewhere = (block: Block) => boolean;
const nowhere: Elsewhere = () => false;

const partOf = (block: Block, place: Place): JsonObject | undefined => {
  noteMarks(block, place);
  switch (block.kind) {
    case "text":
    case "refusal":
      return { type: "text", text: block.text };
    case "reasoning":
      if (block.signature !== undefined) place.notes.push(`${place.path} (signature)`);
      return { type: "thinking", thinking: block.text };
    case "image":
      return imagePart(block, place);
    case "file":
      return filePart(block, place);
    case "opaque":
      if (isDocument(block.value)) return block.value;
      return unsaid(place, isString(block.value["type"]) ? block.value["type"] : "opaque");
    default:
      return unsaid(place, block.kind);
  }
};

/** A part of a tool's result that can be cited, in this API's own shape. */
const isDocument = (value: JsonObject): boolean =>
  value["type"] === "document" && isObject(value["document"]);

const imagePart = ({ source, detail }: ImageBlock, place: Place): JsonObject | undefined => {
  switch (source.kind) {
    case "url":
      return { type: "image_url", image_url: defined({ url: source.url, detail }) };
    case "data": {
      const url = toDataUri(source.mediaType, source.data);
      return { type: "image_url", image_url: defined({ url, detail }) };
    }
    default:
      return unsaid(place, `image by ${source.kind}`);
  }
};

/** Text files become `documents`, which the model reads and cites; the API takes no others. */
const filePart = ({ source, name }: FileBlock, place: Place): undefined => {
  const text = textOf(source);
  if (text === undefined)
    return unsaid(place, source.kind === "data" ? source.mediaType : `file by ${source.kind}`);
  place.documents.push({ data: defined({ title: name, text }) });
  return undefined;
};

const textOf = (source: FileBlock["source"]): string | undefined => {
  if (source.kind === "text") return source.text;
  if (source.kind !== "data" || !source.mediaType.startsWith("text/")) return undefined;
  return Buffer.from(source.data, "base64").toString("utf8");
};

/**
 * Beside calls, what was thought and said is the plan that led to them: "text content is not allowed when tool_calls
 * are provided" (github.com/vercel/ai/issues/5794). Who said nothing at all has no turn.
 */
const writeAssistant = (blocks: readonly Block[], place: Place): readonly JsonObject[] => {
  const calls = blocks.flatMap((block, index) =>
    block.kind === "tool-call" ? [writeCall(block, at(place, index))] : [],
  );
  const isElsewhere: Elsewhere = (block) => block.kind === "tool-call" || (calls.length > 0 && isWord(block));
  const plan = calls.length === 0 ? "" : planOf(blocks, place);
  const content = contentOf(blocks, place, isElsewhere);
  if (content === "" && calls.length === 0) return [];
  const citations = citationsOf(blocks, place);
  return [
    {
      role: "assistant",
      ...(content === "" ? {} : { content }),
      ...(plan === "" ? {} : { tool_plan: plan }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
      ...(citations.length === 0 ? {} : { citations }),
    },
  ];
};

const planOf = (blocks: readonly Block[], place: Place): string =>
  present(blocks.map((block, index) => (isWord(block) ? partOf(block, at(place, index)) : undefined)))
    .flatMap(({ text, thinking }) => [text, thinking].filter(isString))
    .join("");

const isWord: Elsewhere = ({ kind }) => kind === "reasoning" || kind === "text" || kind === "refusal";

const writeCall = (block: ToolCallBlock, place: Place): JsonObject => {
  noteMarks(block, place);
  const { id, name } = block;
  return {
    id,
    type: "function",
    function: { name, arguments: argumentsJson(block, place.path, place.notes) },
  };
};

const citationsOf = (blocks: readonly Block[], place: Place): readonly JsonValue[] => {
  const texts = blocks.filter((block): block is TextBlock => block.kind === "text");
  const citations = texts.flatMap((block) => block.citations ?? []);
  const own = citations.filter(isCitation);
  if (own.length < citations.length) place.notes.push(`${place.path} (citations)`);
  return own;
};

/** `ToolContent` of Cohere's SDK is a text or a document: the user shows the images. */
const writeResult = (block: ToolResultBlock, place: Place): JsonObject => {
  noteMarks(block, place);
  if (block.isError === true) place.notes.push(`${place.path}.is_error`);
  const inside = { ...place, path: `${place.path}.content` };
  const content = contentOf(block.content, inside, isImage);
  const images = block.content.map((part, index) =>
    isImage(part) ? partOf(part, at(inside, index)) : undefined,
  );
  place.shown.push(...present(images));
  return { role: "tool", tool_call_id: block.callId, content };
};

const isImage: Elsewhere = ({ kind }) => kind === "image";
