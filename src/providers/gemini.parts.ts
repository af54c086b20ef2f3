/** Canonical blocks written as the parts of Gemini's contents. */
import { parseDataUri } from "../lib/data-uri.ts";
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type {
  AudioBlock,
  Block,
  FileBlock,
  ImageBlock,
  MediaSource,
  OpaqueBlock,
  ReasoningBlock,
  ToolCallBlock,
  ToolResultBlock,
} from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString, parsedObject } from "../schema/json.ts";
import type { Note } from "./dialect.ts";
import type { ModelFacts } from "./gemini.models.ts";
import { bareSignature } from "./gemini.signatures.ts";
import { titled } from "./readable-blocks.ts";

export const ID = "gemini";

/** What is known where parts are written: the calls of the history by id, and the model. */
export interface Surroundings {
  readonly facts: ModelFacts;
  /** Names of the functions that were called, by the id of the call. */
  readonly calls: ReadonlyMap<string, string>;
  readonly notes: Set<Note>;
}

/** A block, and where in the client's request it stands. */
export type Placed = readonly [block: Block, path: string];

/** The parts of one turn, in order. */
export const writeParts = (blocks: readonly Placed[], around: Surroundings): JsonObject[] => {
  const writer = new PartWriter(around);
  for (const [block, path] of blocks) writer.write(block, path);
  return writer.end();
};

/** A signature that proves nothing, for calls that another model made: ai.google.dev/gemini-api/docs/thought-signatures. */
export const UNSIGNED = "skip_thought_signature_validator";

class PartWriter {
  readonly #around: Surroundings;
  readonly #parts: JsonObject[] = [];
  /** Stood in a block of its own, and belongs to the part that follows. */
  #signature: string | undefined;
  #hasCall = false;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  write(block: Block, path: string): void {
    const { notes } = this.#around;
    if (block.cache !== undefined) notes.add("cache_control");
    for (const name of Object.keys(block.native?.fields ?? {})) notes.add(`${path}.${name}`);
    switch (block.kind) {
      case "text":
        if (block.citations !== undefined) notes.add(`${path}.citations`);
        return this.#say(block.text);
      case "refusal":
        return this.#say(block.text);
      case "reasoning":
        return this.#reason(block, path);
      case "tool-call":
        return this.#call(block, path);
      case "tool-result":
        return this.#result(block, path);
      case "opaque":
        return this.#opaque(block, path);
      case "redacted":
        notes.add(`${path} (reasoning)`);
        return;
      default:
        return this.#media(block, path);
    }
  }

  end(): JsonObject[] {
    this.#release();
    return this.#parts;
  }

  #push(part: JsonObject): void {
    const signature = part["thoughtSignature"] ?? this.#signature;
    this.#signature = undefined;
    this.#parts.push(signature === undefined ? part : { ...part, thoughtSignature: signature });
  }

  /** A signature without a part to follow came with the end of a text. */
  #release(): void {
    if (this.#signature !== undefined) this.#push({ text: "" });
  }

  #say(text: string): void {
    if (text !== "") this.#push({ text });
  }

  /** Thoughts of other models mean nothing to this one; their signatures would be refused. */
  #reason(block: ReasoningBlock, path: string): void {
    const signature = bareSignature(block.signature);
    if (signature === undefined) {
      this.#around.notes.add(`${path} (reasoning)`);
      return;
    }
    this.#release();
    if (block.text !== "") this.#parts.push({ text: block.text, thought: true });
    this.#signature = signature;
  }

  #call(block: ToolCallBlock, path: string): void {
    const { facts } = this.#around;
    const args = argumentsOf(block);
    if (args === undefined) this.#around.notes.add(`${path} (arguments)`);
    // Of parallel calls only the first is signed.
    const borrowed = facts.signsCalls && !this.#hasCall ? UNSIGNED : undefined;
    this.#hasCall = true;
    this.#push({
      functionCall: {
        ...(facts.signsCalls ? { id: block.id } : {}),
        name: block.name,
        args: args ?? {},
      },
      ...defined({ thoughtSignature: block.signature ?? this.#signature ?? borrowed }),
    });
  }

  #result(block: ToolResultBlock, path: string): void {
    const { facts, calls, notes } = this.#around;
    const media = block.content.filter(({ kind }) => kind !== "text");
    const placed = media.map((part, at): Placed => [part, `${path}.content.${at}`]);
    // A part of a response has no resolution of its own.
    const written = writeParts(placed, { ...this.#around, facts: { ...facts, looksCloser: false } });
    const parts = facts.signsCalls ? written.filter(isMedia) : [];
    for (const part of block.content) if (part.cache !== undefined) notes.add("cache_control");
    const texts = block.content.flatMap((part) => (part.kind === "text" ? [part.text] : []));
    this.#push({
      functionResponse: {
        ...(facts.signsCalls ? { id: block.callId } : {}),
        name: calls.get(block.callId) ?? block.callId,
        response: { [block.isError === true ? "error" : "output"]: texts.join("\n") },
        ...(parts.length > 0 ? { parts } : {}),
      },
    });
    for (const part of written) if (!parts.includes(part)) this.#push(part); // older models see it beside the response
  }

  #opaque({ dialect, value }: OpaqueBlock, path: string): void {
    const { type, ...part } = value;
    const media = dialect === "openai-chat" && isString(type) ? mediaByUrl(type, value[type]) : undefined;
    if (dialect === ID) this.#push(part);
    else if (media === undefined) this.#around.notes.add(`${path} (${isString(type) ? type : "opaque"})`);
    else this.#push(media);
  }

  #media(block: ImageBlock | AudioBlock | FileBlock, path: string): void {
    const { facts, notes } = this.#around;
    if (block.kind === "audio") {
      const mimeType = AUDIO_TYPES.get(block.format) ?? `audio/${block.format}`;
      this.#push({ inlineData: { mimeType, data: parseDataUri(block.data)?.data ?? block.data } });
      return;
    }
    if (block.kind === "file" && block.source.kind === "text")
      return this.#push({ text: titled(block.name, block.source.text) });
    if (block.kind === "file") return this.#push(mediaPart(block.source, "application/pdf"));
    const level = facts.looksCloser ? LEVELS.get(block.detail ?? "") : undefined;
    if (level === undefined && (block.detail ?? "auto") !== "auto") notes.add(`${path}.detail`);
    const mediaResolution = level === undefined ? undefined : { level };
    this.#push({ ...mediaPart(block.source, "image/jpeg"), ...defined({ mediaResolution }) });
  }
}

/** ai.google.dev/gemini-api/docs/generate-content/media-resolution, as github.com/langchain4j/langchain4j/pull/4337 asks for it. */
const LEVELS = table({ low: "MEDIA_RESOLUTION_LOW", high: "MEDIA_RESOLUTION_HIGH" });

/**
 * Parts of OpenAI's compatible servers: images that a model drew before, and what else clients of OpenRouter
 * (openrouter.ai/docs/features/multimodal/videos) and vLLM (docs.vllm.ai, Multimodal Inputs) send.
 */
const USUAL_TYPES = table({ image_url: "image/png", video_url: "video/mp4", audio_url: "audio/mp3" });

const mediaByUrl = (type: string, media: JsonValue | undefined): JsonObject | undefined => {
  const usual = USUAL_TYPES.get(type);
  const url = isObject(media) ? media["url"] : undefined;
  if (usual === undefined || !isString(url)) return undefined;
  const data = parseDataUri(url);
  return mediaPart(data === undefined ? { kind: "url", url } : { kind: "data", ...data }, usual);
};

const isMedia = (part: JsonObject): boolean =>
  part["inlineData"] !== undefined || part["fileData"] !== undefined;

/** Arguments of a custom tool are free text; those of a function must be an object here. */
const argumentsOf = (block: ToolCallBlock): JsonObject | undefined => {
  if (block.custom === true) return { input: block.arguments };
  return block.arguments.trim() === "" ? {} : parsedObject(block.arguments);
};

/**
 * Public and signed URLs are fetched by the API, files of its own are named by their URI
 * (ai.google.dev/gemini-api/docs/file-input-methods).
 */
export const mediaPart = (source: MediaSource, usual: string): JsonObject => {
  switch (source.kind) {
    case "data":
      return { inlineData: { mimeType: takenType(source.mediaType), data: source.data } };
    case "text":
      return { text: source.text };
    case "id":
      return filePart(source.id, source.mediaType, usual);
    case "url":
      // Clients of other gateways put bare base64 where a URL goes.
      return isBareBase64(source.url)
        ? { inlineData: { mimeType: source.mediaType ?? usual, data: source.url } }
        : filePart(source.url, source.mediaType, usual);
  }
};

/**
 * "Unsupported MIME type": `application/json` and code (github.com/googleapis/python-genai/issues/744), on Vertex AI every
 * text but plain (github.com/QuantumNous/new-api/pull/1139), SVG (github.com/google-gemini/gemini-cli/issues/3054), and
 * `image/jpg` (github.com/CherryHQ/cherry-studio/pull/3088).
 */
const takenType = (type: string): string =>
  TEXT.test(type) ? "text/plain" : type === "image/jpg" ? "image/jpeg" : type;

const TEXT = /^text\/|[/+](?:json|jsonl|x-ndjson|xml|(?:x-)?yaml|(?:x-)?javascript|typescript|x-sh|sql|csv)$/;

/** Files of Google's own know their type, and a name that is no place tells none. */
const filePart = (fileUri: string, said: string | undefined, usual: string): JsonObject => {
  const guessed = isOwnFile(fileUri) || !isPlace(fileUri) ? undefined : (typeOfUrl(fileUri) ?? usual);
  return { fileData: { ...defined({ mimeType: said ?? guessed }), fileUri } };
};

export const isOwnFile = (uri: string): boolean => OWN_FILE.test(uri);

const OWN_FILE = /^(?:https:\/\/generativelanguage\.googleapis\.com\/.*)?files\/[\w-]+$/;

const isPlace = (uri: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(uri);

const isBareBase64 = (text: string): boolean => !isOwnFile(text) && /^[\w+/-]+={0,2}$/.test(text);

const VIDEO_HOSTS: ReadonlySet<string> = new Set([
  "www.youtube.com",
  "m.youtube.com",
  "youtube.com",
  "youtu.be",
]);

const typeOfUrl = (url: string): string | undefined => {
  if (VIDEO_HOSTS.has(URL.parse(url)?.hostname ?? "")) return "video/mp4";
  const extension = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(url)?.[1];
  return extension === undefined ? undefined : EXTENSION_TYPES.get(extension.toLowerCase());
};

const EXTENSION_TYPES = table({
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  gif: "image/gif",
  heic: "image/heic",
  heif: "image/heif",
  pdf: "application/pdf",
  txt: "text/plain",
  csv: "text/csv",
  html: "text/html",
  md: "text/markdown",
  json: "application/json",
  mp3: "audio/mp3",
  wav: "audio/wav",
  ogg: "audio/ogg",
  flac: "audio/flac",
  aac: "audio/aac",
  m4a: "audio/m4a",
  mp4: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
  avi: "video/avi",
  flv: "video/x-flv",
  wmv: "video/wmv",
  "3gp": "video/3gpp",
  mpg: "video/mpeg",
  mpeg: "video/mpeg",
});

/** OpenAI's words for formats, and those that clients send besides. */
const AUDIO_TYPES = table({
  mp3: "audio/mp3",
  mpga: "audio/mpga",
  wav: "audio/wav",
  opus: "audio/ogg",
  pcm16: "audio/pcm",
  "x-aac": "audio/aac",
  "x-m4a": "audio/m4a",
});
