/** Messages of OCI's generic chat format (docs.oracle.com, "GenericChatRequest"). */
import { toDataUri } from "../lib/data-uri.ts";
import { defined, present } from "../lib/defined.ts";
import type {
  Block,
  FileBlock,
  ImageBlock,
  Message,
  ToolCallBlock,
  ToolResultBlock,
} from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import type { Note } from "./dialect.ts";
import { titled } from "./readable-blocks.ts";
import { argumentsJson } from "./tool-offer.ts";
import { noteExtras, noteMarks, unsaid } from "./unsaid.ts";

export const writeMessages = (messages: readonly Message[], notes: Note[]): readonly JsonObject[] =>
  messages.flatMap((message, index) => {
    const path = `messages.${index}`;
    // An assistant's and a user's name have a place; a tool's has none.
    const { name, ...unnamed } = message;
    noteExtras(message.role === "tool" ? message : unnamed, path, notes);
    return writeMessage(message, name, { path: `${path}.content`, notes });
  });

/** Where blocks stand, and where what they cannot say is told. */
interface Place {
  readonly path: string;
  readonly notes: Note[];
}

const at = (place: Place, index: number): Place => ({ ...place, path: `${place.path}.${index}` });

const writeMessage = (message: Message, name: string | undefined, place: Place): readonly JsonObject[] => {
  const { blocks } = message;
  switch (message.role) {
    case "system":
    case "developer": // DEVELOPER is a role of some models only
      return [{ role: "SYSTEM", content: contentOf(blocks, place), ...defined({ name }) }];
    case "user":
      return [{ role: "USER", content: contentOf(blocks, place), ...defined({ name }) }];
    case "assistant":
      return [writeAssistant(blocks, name, place)];
    case "tool":
      return blocks.flatMap((block, index) =>
        block.kind === "tool-result" ? [writeResult(block, at(place, index))] : [],
      );
  }
};

const contentOf = (blocks: readonly Block[], place: Place): readonly JsonObject[] =>
  present(blocks.map((block, index) => partOf(block, at(place, index))));

const partOf = (block: Block, place: Place): JsonObject | undefined => {
  if (block.kind === "tool-call") return undefined; // stands beside the content
  noteMarks(block, place);
  switch (block.kind) {
    case "text":
      if (block.citations !== undefined) place.notes.push(`${place.path} (citations)`);
      return { type: "TEXT", text: block.text };
    case "refusal":
      return { type: "TEXT", text: block.text };
    case "image":
      return imagePart(block, place);
    case "audio": {
      const url = toDataUri(`audio/${block.format}`, block.data);
      return { type: "AUDIO", audioUrl: { url } };
    }
    case "file":
      return filePart(block, place);
    case "opaque":
      return unsaid(place, isString(block.value["type"]) ? block.value["type"] : "opaque");
    default:
      return unsaid(place, block.kind);
  }
};

const imagePart = ({ source, detail }: ImageBlock, place: Place): JsonObject | undefined => {
  const url = urlOf(source);
  if (url === undefined) return unsaid(place, `image by ${source.kind}`);
  return { type: "IMAGE", imageUrl: defined({ url, detail: detail?.toUpperCase() }) };
};

const filePart = ({ source, name }: FileBlock, place: Place): JsonObject | undefined => {
  if (source.kind === "text") return { type: "TEXT", text: titled(name, source.text) };
  const url = urlOf(source);
  return url === undefined
    ? unsaid(place, `file by ${source.kind}`)
    : { type: "DOCUMENT", documentUrl: { url } };
};

const urlOf = (source: FileBlock["source"]): string | undefined => {
  if (source.kind === "url") return source.url;
  return source.kind === "data" ? toDataUri(source.mediaType, source.data) : undefined;
};

/** Beside calls, content must be absent and not empty ("AssistantMessage" of Oracle's SDK). */
const writeAssistant = (blocks: readonly Block[], name: string | undefined, place: Place): JsonObject => {
  const content = contentOf(blocks, place);
  const calls = blocks.flatMap((block, index) =>
    block.kind === "tool-call" ? [writeCall(block, at(place, index))] : [],
  );
  return {
    role: "ASSISTANT",
    ...(content.length === 0 && calls.length > 0 ? {} : { content }),
    ...(calls.length === 0 ? {} : { toolCalls: calls }),
    ...defined({ name }),
  };
};

const writeCall = (block: ToolCallBlock, place: Place): JsonObject => {
  noteMarks(block, place);
  const { id, name } = block;
  return { type: "FUNCTION", id, name, arguments: argumentsJson(block, place.path, place.notes) };
};

const writeResult = (block: ToolResultBlock, place: Place): JsonObject => {
  noteMarks(block, place);
  if (block.isError === true) place.notes.push(`${place.path}.is_error`);
  const content = contentOf(block.content, { ...place, path: `${place.path}.content` });
  return { role: "TOOL", toolCallId: block.callId, content };
};
