/**
 * How many tokens a chat may have, for providers that do not count: an estimate by the kinds of characters.
 *
 * It is fitted to OpenAI's o200k vocabulary, which today's open models are near. Texts of a few hundred
 * characters and more come out within a quarter of that; a tokenizer itself would be megabytes, and still
 * another vendor's.
 */
import type { Block, Chat, MediaSource, Message, Tool } from "../schema/chat.ts";
import type { ImageSize } from "./image-size.ts";
import { imageSize } from "./image-size.ts";

/** The tokens of the conversation and its tools; at least one. */
export const estimateTokens = (chat: Chat): number => {
  const messages = sum(chat.messages, messageTokens);
  const tools = sum(chat.tools ?? [], toolTokens);
  const format = chat.format?.kind === "schema" ? jsonTokens(chat.format.schema) : 0;
  return Math.max(1, Math.round(messages + tools + format));
};

/** The tokens of a text, as a fraction: texts are added up before they are rounded. */
export const textTokens = (text: string): number =>
  text.length <= SLICES * SLICE ? runTokens(text) : sampledTokens(text);

/** Of a longer text, these many pieces of this length tell how many tokens the rest has. */
const SLICES = 32;
const SLICE = 4096;

const sampledTokens = (text: string): number => {
  const step = text.length / SLICES;
  let tokens = 0;
  for (let at = 0; at < SLICES; at++) tokens += runTokens(text.slice(at * step, at * step + SLICE));
  return (tokens * step) / SLICE;
};

const runTokens = (text: string): number => sum(text.match(RUNS) ?? [], costOf);

/** Role and borders of a message, as OpenAI's chat templates have them. */
const MESSAGE_TOKENS = 4;
/** What the templates put around a function's description. */
const TOOL_TOKENS = 8;
/** An image whose size is not known counts as one of a megapixel. */
const USUAL_SIZE: ImageSize = { width: 1000, height: 1000 };
/** Pixels of a patch's side, which is one token: platform.claude.com/docs/en/build-with-claude/vision. */
const PATCH = 28;
/** Larger images are made smaller before they are read. */
const MOST_IMAGE_TOKENS = 1600;
/** Of a PDF, whose texts are packed and whose pages count as images besides. */
const PDF_BYTES_A_TOKEN = 20;
/** Thirty tokens a second of 16-bit samples at 24 kHz. */
const AUDIO_BYTES_A_TOKEN = 1600;

/** Words, digits, whitespace, letters of other scripts, and marks with the line break behind them. */
const RUNS =
  / ?[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+| ?\d+|[ \t]*(?:\r?\n)+|\s+| ?[\u0370-\u052f]+| ?[\u0590-\u0dff\u0f00-\u109f\u1780-\u17ff]+|[\u0e00-\u0eff]+| ?[\u1100-\u11ff\uac00-\ud7af]+|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+| ?[!-/:-@[-`{-~]+(?:\r?\n)*|[^]/gu;

/** Up to which character a run that starts with it costs what. The runs of ASCII have their own rules. */
const COSTS: readonly (readonly [last: number, cost: (run: string) => number])[] = [
  [0x024f, (run) => wordsTokens(run)],
  [0x036f, () => 1],
  [0x052f, (run) => Math.max(1, run.length / 4)], // Greek and Cyrillic
  [0x08ff, (run) => Math.max(1, run.length / 3.9)], // Hebrew and Arabic
  [0x0dff, (run) => Math.max(1, run.length / 5)], // the scripts of India
  [0x0eff, (run) => run.length / 2.1], // Thai and Lao, which are written without spaces
  [0x10ff, (run) => Math.max(1, run.length / 4.1)],
  [0x11ff, (run) => run.length * 0.55],
  [0x17ff, (run) => Math.max(1, run.length / 4.1)],
  [0x1eff, (run) => wordsTokens(run)], // Vietnamese
  [0x303f, () => 1],
  [0x9fff, (run) => run.length * 0.85], // Japanese and Chinese
  [0xd7af, (run) => run.length * 0.55], // Korean
  [0xffff, () => 1.6],
  [Infinity, () => 1.6], // emoji
];

const costOf = (run: string): number => {
  const first = run.charCodeAt(run.length > 1 && run.startsWith(" ") ? 1 : 0);
  if (first > 0x7f) return COSTS.find(([last]) => first <= last)?.[1](run) ?? 1;
  if (isLetter(first)) return wordsTokens(run);
  if (first <= SPACE) return run.includes("\n") ? 0.9 : 0.6;
  if (first >= ZERO && first <= ZERO + 9) return digitsTokens(run);
  return Math.max(0.7, run.trim().length * 0.4);
};

const SPACE = 0x20;
const ZERO = 0x30;

const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** Three digits are one token, and the space before them another. */
const digitsTokens = (run: string): number =>
  run.startsWith(" ") ? 0.9 + Math.ceil((run.length - 1) / 3) : Math.ceil(run.length / 3);

/** The words of `camelCase` and of `HTTPServer` count for themselves. */
const wordsTokens = (run: string): number =>
  SIMPLE.test(run) ? wordTokens(run.trimStart()) : sum(run.trimStart().match(WORDS) ?? [], wordTokens);

const SIMPLE = /^ ?[A-Z]?[a-z]+$/;
const WORDS = /[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+/g;

/** Most words of up to six letters are one token; what is longer is put together of pieces. */
const wordTokens = (word: string): number => {
  if (/^[A-Z]{4,}$/.test(word)) return word.length / 2.5;
  const accented = /^[A-Za-z]*$/.test(word) ? 0 : word.length * (word.length > 4 ? 0.24 : 0.12);
  return 0.97 + accented + Math.max(0, word.length - 6) / 7;
};

const messageTokens = (message: Message): number => MESSAGE_TOKENS + sum(message.blocks, blockTokens);

const blockTokens = (block: Block): number => {
  switch (block.kind) {
    case "text":
    case "refusal":
    case "reasoning":
      return textTokens(block.text);
    case "redacted":
      return block.data.length / 8;
    case "image":
      return imageTokens(block.source);
    case "audio":
      return bytesOf(block.data) / AUDIO_BYTES_A_TOKEN;
    case "file":
      return fileTokens(block.source);
    case "tool-call":
      return MESSAGE_TOKENS + textTokens(block.name) + textTokens(block.arguments);
    case "tool-result":
      return MESSAGE_TOKENS + sum(block.content, blockTokens);
    case "opaque":
      return jsonTokens(block.value);
  }
};

const toolTokens = (tool: Tool): number => {
  if (tool.kind === "opaque") return TOOL_TOKENS + jsonTokens(tool.value);
  const { name, description = "", parameters = {} } = tool;
  return TOOL_TOKENS + textTokens(name) + textTokens(description) + jsonTokens(parameters);
};

/** The templates say schemas shorter than JSON does. */
const jsonTokens = (value: object): number => textTokens(JSON.stringify(value)) * 0.8;

const imageTokens = (source: MediaSource): number => {
  const { width, height } = (source.kind === "data" ? imageSize(source.data) : undefined) ?? USUAL_SIZE;
  return Math.min(MOST_IMAGE_TOKENS, Math.ceil(width / PATCH) * Math.ceil(height / PATCH));
};

const fileTokens = (source: MediaSource): number => {
  if (source.kind === "text") return textTokens(source.text);
  if (source.kind !== "data") return MOST_IMAGE_TOKENS;
  if (source.mediaType.startsWith("text/"))
    return textTokens(Buffer.from(source.data, "base64").toString("utf8"));
  return source.mediaType.startsWith("image/")
    ? imageTokens(source)
    : bytesOf(source.data) / PDF_BYTES_A_TOKEN;
};

const bytesOf = (base64: string): number => (base64.length * 3) / 4;

const sum = <T>(items: Iterable<T>, tokensOf: (item: T) => number): number => {
  let total = 0;
  for (const item of items) total += tokensOf(item);
  return total;
};
