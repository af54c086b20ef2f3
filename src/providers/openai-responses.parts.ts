/** Content parts of messages and tool outputs in the Responses API, both ways. */
import { toDataUri } from "../lib/data-uri.ts";
import { defined, present } from "../lib/defined.ts";
import type { Block, FileBlock, ImageBlock, Native, TextBlock } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { asObject, names, nativeRest, requiredObject, requiredString, stringField } from "./body-fields.ts";
import type { Note } from "./dialect.ts";
import { nameOfFile, readFile, readImageUrl } from "./openai-chat.media.ts";
import { typeOf } from "./openai-chat.pieces.ts";
import { readCitation, writeCitation } from "./openai-responses.citations.ts";
import { titled } from "./readable-blocks.ts";
import { ID } from "./openai-responses.words.ts";

/** Content as the API takes it: a text or a list of parts. */
export const readContent = (content: JsonValue | undefined, path: string): readonly Block[] => {
  if (content === undefined || content === null) return [];
  if (isString(content)) return [{ kind: "text", text: content }];
  if (isArray(content))
    return content.map((part, at) => readPart(asObject(part, `${path}.${at}`), `${path}.${at}`));
  throw invalidRequest(path, "must be a string or an array of parts");
};

/** Where a block stands, and where to say that it could not be carried. */
export interface Place {
  readonly path: string;
  readonly notes: Set<Note>;
}

export const note = ({ path, notes }: Place, what: string): undefined => void notes.add(`${path} (${what})`);

/** Parts of what is said to the model. */
export const writeInput = (blocks: readonly Block[], place: Place): readonly JsonObject[] =>
  present(blocks.map((block, at) => inputPart(block, { ...place, path: `${place.path}.content.${at}` })));

/** A part of what the model said; undefined for a block that is an item of its own, or none. */
export const outputPart = (block: Block, place: Place): JsonObject | undefined => {
  if (block.kind === "refusal") return { type: "refusal", refusal: block.text };
  if (block.kind !== "text") return undefined;
  return { type: "output_text", text: block.text, annotations: annotationsOf(block, place) };
};

/** What a block calls itself in a note. */
export const kindOf = (block: Block): string => (block.kind === "opaque" ? typeOf(block.value) : block.kind);

const readPart = (part: JsonObject, path: string): Block => {
  switch (requiredString(part, "type", path)) {
    case "input_text":
    case "output_text":
    case "text":
      return readText(part, path);
    case "refusal":
      return { kind: "refusal", text: requiredString(part, "refusal", path) };
    case "input_image":
      return { ...readImage(part, path), ...nativeOf(part, IMAGE_FIELDS) };
    case "input_file":
      return { ...readFile(part, path), ...nativeOf(part, FILE_FIELDS) };
    case "input_audio": {
      const audio = requiredObject(part, "input_audio", path);
      const inside = `${path}.input_audio`;
      const format = requiredString(audio, "format", inside);
      return { kind: "audio", data: requiredString(audio, "data", inside), format };
    }
    default:
      return { kind: "opaque", dialect: ID, value: part };
  }
};

const TEXT_FIELDS = names("type text annotations logprobs");
const IMAGE_FIELDS = names("type image_url file_id detail");
const FILE_FIELDS = names("type file_data file_id file_url filename detail mime_type");

const nativeOf = (part: JsonObject, known: ReadonlySet<string>): { readonly native?: Native } => {
  const stated = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== null));
  return defined({ native: nativeRest(ID, stated, known) });
};

const readText = (part: JsonObject, path: string): TextBlock => {
  const annotations = part["annotations"];
  return {
    kind: "text",
    text: requiredString(part, "text", path),
    ...(isArray(annotations) && annotations.length > 0 ? { citations: annotations.map(readCitation) } : {}),
    ...nativeOf(part, TEXT_FIELDS),
  };
};

const readImage = (part: JsonObject, path: string): Block => {
  const detail = stringField(part, "detail", path);
  const id = stringField(part, "file_id", path);
  if (id !== undefined) return { kind: "image", source: { kind: "id", id }, ...defined({ detail }) };
  const image = part["image_url"];
  // The chat API's spelling, which clients send here too.
  const url = isObject(image) ? requiredString(image, "url", `${path}.image_url`) : image;
  if (!isString(url)) throw invalidRequest(path, "needs image_url or file_id");
  return readImageUrl(url, { detail });
};

const inputPart = (block: Block, place: Place): JsonObject | undefined => {
  if (block.cache !== undefined) place.notes.add("cache_control");
  const part = partOf(block, place);
  if (part === undefined || block.native === undefined) return part;
  if (block.native.dialect === ID) return { ...part, ...block.native.fields };
  for (const name of Object.keys(block.native.fields)) note(place, name);
  return part;
};

const partOf = (block: Block, place: Place): JsonObject | undefined => {
  switch (block.kind) {
    case "text":
      if (block.citations !== undefined) note(place, "citations");
      return { type: "input_text", text: block.text };
    case "refusal":
      return { type: "input_text", text: block.text };
    case "image":
      return imagePart(block, place);
    case "file":
      return filePart(block);
    case "opaque":
      return block.dialect === ID ? block.value : note(place, kindOf(block));
    default:
      return note(place, block.kind);
  }
};

const imagePart = ({ source, detail = "auto" }: ImageBlock, place: Place): JsonObject | undefined => {
  switch (source.kind) {
    case "url":
      return { type: "input_image", image_url: source.url, detail };
    case "data":
      return { type: "input_image", image_url: toDataUri(source.mediaType, source.data), detail };
    case "id":
      return { type: "input_image", file_id: source.id, detail };
    case "text":
      return note(place, "image by text");
  }
};

const filePart = ({ source, name }: FileBlock): JsonObject => {
  switch (source.kind) {
    case "url": // beside which a name is refused: github.com/0xPlaygrounds/rig/pull/2166
      return { type: "input_file", file_url: source.url };
    case "id":
      return { type: "input_file", file_id: source.id };
    case "text":
      return { type: "input_text", text: titled(name, source.text) };
    case "data": {
      const filename = name ?? nameOfFile(source.mediaType);
      return { type: "input_file", filename, file_data: toDataUri(source.mediaType, source.data) };
    }
  }
};

const annotationsOf = (block: TextBlock, place: Place): readonly JsonValue[] => {
  const citations = block.citations ?? [];
  const annotations = present(citations.map(writeCitation));
  if (annotations.length < citations.length) note(place, "citations");
  return annotations;
};
