/**
 * Converse's happenings as canonical events: what a stream tells bit by bit and a reply at once.
 *
 * Text and reasoning open with their first delta (the API announces only tools and images); what
 * canonical has no word for becomes an opaque block, whole when it stops.
 */
import { settled } from "./call-finish.ts";
import { toDataUri } from "../lib/data-uri.ts";
import { defined } from "../lib/defined.ts";
import type { BlockStart, ChatEvent, Delta } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { ID } from "./bedrock-converse.blocks.ts";
import { parsed, readStreamError } from "./bedrock-converse.errors.ts";
import { readFinish, readUsage } from "./bedrock-converse.usage.ts";

interface OpenBlock {
  readonly block: number;
  readonly kind: BlockStart["kind"];
  /** The only member of an opaque block, and what it said at its start. */
  readonly member: string;
  readonly value: JsonObject;
  /** A tool's input in pieces. */
  json: string;
  /** A server tool's results in pieces. */
  readonly results: JsonValue[];
}

/** An image comes in pieces too, each of them base64 of its own. */
interface HeldImage {
  format: string;
  readonly pieces: Uint8Array[];
}

/** Mutated by each step: a stream has one reader, and a copy per event would cost more than the event. */
export class ConverseReader {
  /** By the wire's index. */
  readonly #open = new Map<JsonValue | undefined, OpenBlock>();
  readonly #images = new Map<JsonValue | undefined, HeldImage>();
  readonly #events: ChatEvent[] = [];
  #blocks = 0;
  #hasCalls = false;
  #isFinished = false;

  /** The events since the last time. */
  take(): readonly ChatEvent[] {
    return this.#events.splice(0);
  }

  /** Neither the model nor an id is told: who asked knows the one, and may give the other. */
  start(serviceTier?: JsonValue, native?: JsonObject): void {
    const type = isObject(serviceTier) ? serviceTier["type"] : undefined;
    this.#events.push({
      type: "start",
      id: "",
      model: "",
      ...defined({
        serviceTier: isString(type) ? type : undefined,
        native:
          native === undefined || Object.keys(native).length === 0
            ? undefined
            : ({ dialect: ID, fields: native } as const),
      }),
    });
  }

  blockStart(index: JsonValue | undefined, start: JsonValue | undefined): void {
    if (!isObject(start)) return;
    const { toolUse, image } = start;
    if (isObject(image)) this.#image(index, image);
    else if (isObject(toolUse) && toolUse["type"] === undefined)
      this.#opened(index, { kind: "tool-call", id: text(toolUse["toolUseId"]), name: text(toolUse["name"]) });
    else this.#openedOpaque(index, start);
  }

  blockDelta(index: JsonValue | undefined, delta: JsonValue | undefined): void {
    if (!isObject(delta)) return;
    if (isString(delta["text"])) this.#said(index, "text", delta["text"]);
    else if (isObject(delta["toolUse"])) this.#input(index, text(delta["toolUse"]["input"]));
    else if (isObject(delta["reasoningContent"])) this.#reasoning(index, delta["reasoningContent"]);
    else if (isObject(delta["image"])) this.#image(index, delta["image"]);
    else if (delta["citation"] !== undefined) this.citation(index, delta["citation"]);
    else this.#piece(index, delta);
  }

  citation(index: JsonValue | undefined, citation: JsonValue): void {
    this.#delta(this.#ensured(index, "text"), { kind: "citation", citation });
  }

  blockStop(index: JsonValue | undefined): void {
    this.#lastOfImage(index);
    const open = this.#open.get(index);
    if (open === undefined) return;
    this.#open.delete(index);
    if (open.kind === "opaque") this.#lastOfOpaque(open);
    this.#events.push({ type: "block-stop", choice: 0, block: open.block });
  }

  /** A whole block that canonical has no word for. */
  opaque(index: JsonValue | undefined, value: JsonObject): void {
    this.#openedOpaque(index, value);
  }

  finish(reason: JsonValue | undefined, additional: JsonValue | undefined): void {
    this.#isFinished = true;
    const raw = text(reason);
    const sequence = isObject(additional) ? additional["stop_sequence"] : undefined;
    this.#events.push({
      type: "finish",
      choice: 0,
      finish: settled(readFinish(raw), this.#hasCalls),
      ...(raw === "" ? {} : { raw }),
      ...(isString(sequence) ? { stopSequence: sequence } : {}),
    });
  }

  usage(usage: JsonValue | undefined, metrics: JsonValue | undefined): void {
    if (isObject(usage)) this.#events.push({ type: "usage", usage: readUsage(usage, metrics) });
  }

  /** Only an answer with a stop reason is complete. */
  end(): void {
    if (this.#isFinished) this.#events.push({ type: "end" });
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  #opened(index: JsonValue | undefined, start: BlockStart, member = "", value: JsonObject = {}): OpenBlock {
    this.#hasCalls ||= start.kind === "tool-call";
    const open = { block: this.#blocks++, kind: start.kind, member, value, json: "", results: [] };
    this.#open.set(index, open);
    this.#events.push({ type: "block-start", choice: 0, block: open.block, start });
    return open;
  }

  #openedOpaque(index: JsonValue | undefined, value: JsonObject): void {
    const [member, inner] = Object.entries(value)[0] ?? [];
    if (member === undefined || !isObject(inner)) return;
    // A union of Converse's has one member; that is its type.
    this.#opened(index, { kind: "opaque", dialect: ID, value: { type: member, ...value } }, member, inner);
  }

  #ensured(index: JsonValue | undefined, kind: "text" | "reasoning"): OpenBlock {
    const open = this.#open.get(index);
    if (open?.kind === kind) return open;
    if (open !== undefined) this.blockStop(index);
    return this.#opened(index, { kind });
  }

  #delta({ block }: OpenBlock, delta: Delta): void {
    this.#events.push({ type: "block-delta", choice: 0, block, delta });
  }

  #said(index: JsonValue | undefined, kind: "text" | "reasoning", said: string): void {
    const open = this.#ensured(index, kind);
    if (said !== "") this.#delta(open, { kind, text: said });
  }

  #input(index: JsonValue | undefined, json: string): void {
    const open = this.#open.get(index);
    if (json === "") return;
    // The start was lost, and with it which tool is called.
    if (open === undefined) this.#events.push({ type: "error", fault: readStreamError(ORPHAN) });
    else if (open.kind === "tool-call") this.#delta(open, { kind: "arguments", text: json });
    else open.json += json;
  }

  #reasoning(index: JsonValue | undefined, piece: JsonObject): void {
    if (isString(piece["text"])) this.#said(index, "reasoning", piece["text"]);
    if (isString(piece["signature"]) && piece["signature"] !== "")
      this.#delta(this.#ensured(index, "reasoning"), { kind: "signature", signature: piece["signature"] });
    if (isString(piece["redactedContent"])) {
      if (this.#open.has(index)) this.blockStop(index);
      this.#opened(index, { kind: "redacted", data: piece["redactedContent"] });
    }
  }

  #image(index: JsonValue | undefined, { format, source }: JsonObject): void {
    const held = this.#images.get(index) ?? { format: "png", pieces: [] };
    if (isString(format)) held.format = format;
    const bytes = isObject(source) ? source["bytes"] : undefined;
    if (isString(bytes)) held.pieces.push(Buffer.from(bytes, "base64"));
    this.#images.set(index, held);
  }

  /** Images are parts that OpenAI's compatible servers give. */
  #lastOfImage(index: JsonValue | undefined): void {
    const { format, pieces } = this.#images.get(index) ?? { pieces: [] };
    this.#images.delete(index);
    if (pieces.length === 0) return;
    const url = toDataUri(`image/${format}`, Buffer.concat(pieces).toString("base64"));
    const value = { type: "image_url", image_url: { url } };
    this.#opened(index, { kind: "opaque", dialect: "openai-chat", value });
  }

  /** Pieces of an opaque block wait until they are whole. */
  #piece(index: JsonValue | undefined, delta: JsonObject): void {
    const open = this.#open.get(index);
    const [member, piece] = Object.entries(delta)[0] ?? [];
    if (open === undefined) {
      if (member !== undefined) this.#openedOpaque(index, delta);
    } else if (isArray(piece)) open.results.push(...piece);
    else if (isObject(piece))
      this.#delta(open, { kind: "opaque", value: { [open.member]: { ...open.value, ...piece } } });
  }

  #lastOfOpaque(open: OpenBlock): void {
    if (open.json === "" && open.results.length === 0) return;
    const more = open.json === "" ? { content: open.results } : { input: parsed(open.json) };
    this.#delta(open, { kind: "opaque", value: { [open.member]: { ...open.value, ...more } } });
  }
}

const ORPHAN = { event: "error", data: '{"message":"A tool\'s input came for no call"}' };

const text = (value: JsonValue | undefined): string => (isString(value) ? value : "");
