/** One choice of a canonical answer, written as a Gemini candidate while it happens. */
import { parseDataUri } from "../lib/data-uri.ts";
import { defined } from "../lib/defined.ts";
import type { BlockStart, ChatEvent, Delta } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import type { Note } from "./dialect.ts";
import { writeCitations } from "./gemini.citations-write.ts";
import { ID } from "./gemini.parts.ts";
import { whyBlocked, whyStopped } from "./gemini.refusals.ts";
import { bareSignature, wrapForeign } from "./gemini.signatures.ts";
import { writeFinish, writeLogprobs } from "./gemini.words-write.ts";

type Finish = Extract<ChatEvent, { type: "finish" }>;
type BlockDelta = Extract<ChatEvent, { type: "block-delta" }>;

interface OpenBlock {
  readonly start: BlockStart;
  /** Of a call its arguments, of thoughts their signature, of a refusal its text. */
  text: string;
  /** Of a block that only one API has, everything that was said of it. */
  value: JsonObject;
}

export class CandidateWriter {
  readonly index: number;
  readonly #showsThoughts: boolean;
  readonly #notes: Set<Note>;
  readonly #open = new Map<number, OpenBlock>();
  readonly #citations: JsonValue[] = [];
  readonly #metadata: Record<string, JsonValue | undefined> = {};
  #parts: JsonObject[] = [];
  #logprobs: JsonObject | undefined;
  #said = "";
  #refusal = "";
  #hasParts = false;
  /** The proof of thoughts, which belongs to the call behind them where that carries the same. */
  #proof: string | undefined;
  /** A call whose arguments are no JSON object: this API cannot say it. */
  #malformed: string | undefined;
  #finish: Finish | undefined;

  constructor(index: number, showsThoughts: boolean, notes: Set<Note>) {
    this.index = index;
    this.#showsThoughts = showsThoughts;
    this.#notes = notes;
  }

  start(block: number, start: BlockStart): void {
    const value = start.kind === "opaque" ? start.value : {};
    this.#open.set(block, { start, text: "", value });
  }

  delta({ block, delta, logprobs }: BlockDelta): void {
    if (logprobs !== undefined && logprobs !== null) this.#logprobs = writeLogprobs(logprobs);
    const open = this.#open.get(block);
    if (open !== undefined) this.#take(open, delta);
  }

  stop(block: number): void {
    const open = this.#open.get(block);
    if (open === undefined) return;
    this.#open.delete(block);
    this.#close(open);
  }

  finish(event: Finish): void {
    this.#finish = event;
  }

  /** What was said since it was last asked; undefined when nothing was. */
  take(): JsonObject | undefined {
    if (this.#parts.length === 0 && this.#logprobs === undefined) return undefined;
    return { ...this.#content(), index: this.index, ...this.#tokens() };
  }

  /** The end: what is left, why it ended, and where it comes from. */
  end(): JsonObject {
    for (const block of this.#open.keys()) this.stop(block);
    this.#release();
    const reason = this.#reason(this.#refused());
    this.#saySomething();
    const told = { ...this.#content(), ...reason, index: this.index, ...this.#tokens() };
    return { ...told, ...defined({ citationMetadata: this.#cited() }), ...this.#metadata };
  }

  /** Why the prompt was refused, when it was: then there is no candidate at all. */
  get blocked(): JsonObject | undefined {
    const why = whyBlocked(this.#refusal);
    if (why === undefined || this.#hasParts || this.#finish?.raw === undefined) return undefined;
    const { raw } = this.#finish;
    return { blockReason: raw, ...(why === raw ? {} : { blockReasonMessage: why }) };
  }

  #content(): JsonObject {
    const parts = this.#parts;
    this.#parts = [];
    return parts.length === 0 ? {} : { content: { parts, role: "model" } };
  }

  #tokens(): JsonObject {
    const logprobsResult = this.#logprobs;
    this.#logprobs = undefined;
    return defined({ logprobsResult });
  }

  #push(part: JsonObject): void {
    this.#release();
    this.#parts.push(part);
    this.#hasParts = true;
  }

  #take(open: OpenBlock, delta: Delta): void {
    switch (delta.kind) {
      case "text":
        if (delta.text === "") return;
        this.#said += delta.text;
        return this.#push({ text: delta.text });
      case "reasoning":
        if (this.#showsThoughts && delta.text !== "") this.#push({ text: delta.text, thought: true });
        return;
      case "citation":
        this.#citations.push(delta.citation);
        return;
      case "opaque":
        open.value = { ...open.value, ...delta.value };
        return;
      case "signature":
        open.text += delta.signature;
        return;
      case "arguments":
      case "refusal":
        open.text += delta.text;
    }
  }

  #close({ start, text, value }: OpenBlock): void {
    switch (start.kind) {
      case "text":
        return;
      case "refusal":
        this.#refusal += text;
        return;
      case "reasoning":
        this.#release();
        this.#proof = this.#showsThoughts && text !== "" ? text : undefined;
        return;
      case "redacted":
        if (this.#showsThoughts) this.#push(thoughtProof(wrapForeign("redacted", start.data)));
        return;
      case "tool-call":
        return this.#call(start, text);
      case "opaque":
        return this.#opaque(start.dialect, value);
    }
  }

  #release(): void {
    if (this.#proof === undefined) return;
    const proof = bareSignature(this.#proof) ?? wrapForeign("signature", this.#proof);
    this.#proof = undefined;
    this.#parts.push(thoughtProof(proof));
  }

  /** Calls are told whole: their arguments are an object here. */
  #call(start: Extract<BlockStart, { kind: "tool-call" }>, text: string): void {
    const args = start.custom === true ? { input: text } : objectIn(text);
    if (args === undefined) {
      this.#malformed = start.name;
      this.#notes.add(`functionCall ${start.name} (arguments)`);
      return;
    }
    const { id, name, signature: thoughtSignature } = start;
    if (thoughtSignature !== undefined && bareSignature(this.#proof) === thoughtSignature)
      this.#proof = undefined;
    this.#push({ functionCall: { id, name, args }, ...defined({ thoughtSignature }) });
  }

  #opaque(dialect: string, value: JsonObject): void {
    const { type, ...rest } = value;
    const image = isObject(value["image_url"]) ? value["image_url"]["url"] : undefined;
    if (isString(image)) return this.#push(imagePart(image));
    const { audio, mimeType } = value;
    if (isObject(audio) && isString(mimeType))
      return this.#push({ inlineData: { mimeType, ...defined({ data: audio["data"] }) } });
    if (dialect !== ID || !isString(type)) {
      this.#notes.add(`content (${isString(type) ? type : "opaque"})`);
    } else if (METADATA.has(type)) Object.assign(this.#metadata, rest);
    else this.#push(rest);
  }

  /** A refusal in words of the model's own is its answer; one of ours says the reason, which is given back. */
  #refused(): string | undefined {
    const why = this.#hasParts ? undefined : whyStopped(this.#refusal);
    if (this.#refusal !== "" && why === undefined) this.#push({ text: this.#refusal });
    return why;
  }

  #reason(why: string | undefined): JsonObject {
    const { finish, raw } = this.#finish ?? { finish: "unknown", raw: undefined };
    if (this.#malformed !== undefined && finish !== "length") return malformedCall(this.#malformed);
    const finishReason = writeFinish(finish, raw);
    return { finishReason, ...(why === undefined || why === finishReason ? {} : { finishMessage: why }) };
  }

  /** Clients take a chunk without content for a failed one (`isValidResponse` of the SDK); the vendor fills its last, too. */
  #saySomething(): void {
    const mayBeSilent = !this.#hasParts && CUT_OFF.has(this.#finish?.finish);
    if (this.#parts.length === 0 && !mayBeSilent) this.#push({ text: "" });
  }

  #cited(): JsonObject | undefined {
    const grounding = this.#metadata["groundingMetadata"];
    const { metadata, lost } = writeCitations(this.#said, this.#citations, grounding);
    if (lost > 0) this.#notes.add("citations");
    return metadata;
  }
}

/** Ends of an answer that may have said nothing at all. */
const CUT_OFF: ReadonlySet<string | undefined> = new Set(["content-filter", "refusal"]);

/** What stands beside a candidate's content. */
const METADATA: ReadonlySet<string> = new Set(["groundingMetadata", "urlContextMetadata", "safetyRatings"]);

const thoughtProof = (thoughtSignature: string): JsonObject => ({
  text: "",
  thought: true,
  thoughtSignature,
});

const malformedCall = (name: string): JsonObject => ({
  finishReason: "MALFORMED_FUNCTION_CALL",
  finishMessage: `Malformed function call: the arguments of ${name} are not a JSON object`,
});

const objectIn = (text: string): JsonObject | undefined => {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // a model's broken JSON, or a call that was cut short
  }
};

const imagePart = (url: string): JsonObject => {
  const inline = parseDataUri(url);
  return inline === undefined
    ? { fileData: { fileUri: url } }
    : { inlineData: { mimeType: inline.mediaType, data: inline.data } };
};
