/**
 * Output items of a response to canonical events.
 *
 * Items of a stream come in pieces and are whole once they are done; of a reply they come whole. What
 * was told in pieces is not told again, so one reader serves both.
 */
import type { BlockStart, ChatEvent, Delta } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { argumentsText } from "./openai-chat.pieces.ts";
import { readCitation } from "./openai-responses.citations.ts";
import { PARAGRAPH, reasoningText } from "./openai-responses.items-read.ts";
import { signatureOf } from "./openai-responses.proofs.ts";
import { ID, readEnding, readUsage } from "./openai-responses.words.ts";

/** Text of a message, or a refusal. */
export type PartKind = "text" | "refusal";

export class OutputReader {
  #hasStarted = false;
  #hasCalls = false;
  #blocks = 0;
  readonly #items = new Map<number, ReadItem>();
  #events: ChatEvent[] = [];

  /** The events since it was last called. */
  take(): readonly ChatEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  start(response: JsonObject): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const { id, model, created_at: created, service_tier: tier } = response;
    this.#events.push({
      type: "start",
      id: text(id),
      model: text(model),
      ...(isNumber(created) ? { created } : {}),
      ...(isString(tier) && tier !== "auto" ? { serviceTier: tier } : {}), // which one it is comes later
    });
  }

  /** A call has its name before it has arguments; other items open with their first content. */
  added(index: number, item: JsonObject): void {
    const read = this.#item(index);
    if (isCall(item)) this.#openCall(read, item);
  }

  said(index: number, at: number, kind: PartKind, said: string, logprobs: JsonValue | undefined): void {
    if (said === "") return;
    const part = this.#part(index, at, kind);
    part.isEmpty = false;
    const known = isArray(logprobs) && logprobs.length > 0;
    this.#events.push({
      type: "block-delta",
      choice: 0,
      block: part.block,
      delta: { kind, text: said },
      ...(known ? { logprobs: { content: logprobs, refusal: null } } : {}),
    });
  }

  cited(index: number, at: number, annotation: JsonValue): void {
    const part = this.#part(index, at, "text");
    part.citations++;
    this.#delta(part.block, { kind: "citation", citation: readCitation(annotation) });
  }

  /**
   * `part` numbers the pieces of a summary; vLLM numbers deltas of content so, which are one text
   * (github.com/vllm-project/vllm/pull/35184). What a server shows beside its summary is not repeated.
   */
  thought(index: number, source: "summary" | "content", part: number, said: string): void {
    const item = this.#item(index);
    item.source ??= source;
    if (item.source !== source || said === "") return;
    const block = (item.block ??= this.#open({ kind: "reasoning" }));
    const next = source === "summary" && item.thoughtPart !== undefined && item.thoughtPart !== part;
    item.thoughtPart = part;
    item.isEmpty = false;
    this.#delta(block, { kind: "reasoning", text: next ? PARAGRAPH + said : said });
  }

  argued(index: number, said: string): void {
    const { block } = this.#item(index);
    if (block === undefined || said === "") return;
    this.#item(index).isEmpty = false;
    this.#delta(block, { kind: "arguments", text: said });
  }

  partDone(index: number, at: number, part: JsonObject): void {
    const kind = PARTS.get(part["type"]);
    if (kind === undefined) return;
    const known = this.#part(index, at, kind);
    if (known.isEmpty) this.said(index, at, kind, text(part[PART_TEXT[kind]]), part["logprobs"]);
    const annotations = part["annotations"];
    const cited = isArray(annotations) ? annotations.slice(known.citations) : [];
    for (const annotation of cited) this.cited(index, at, annotation);
    this.#stop(known);
  }

  /** The item as a whole: says what was not said yet. */
  done(index: number, item: JsonObject): void {
    const read = this.#item(index);
    if (read.isDone) return;
    read.isDone = true;
    if (item["type"] === "message") this.#message(index, item);
    else if (item["type"] === "reasoning") this.#reasoning(index, read, item);
    else if (isCall(item)) this.#call(index, read, item);
    else {
      const block = this.#open({ kind: "opaque", dialect: ID, value: item });
      this.#events.push({ type: "block-stop", choice: 0, block });
    }
  }

  /** The response as a whole, which ends the answer. */
  end(response: JsonObject): void {
    this.start(response);
    const { output, usage } = response;
    if (isArray(output))
      for (const [index, item] of output.entries()) if (isObject(item)) this.done(index, item);
    for (const item of this.#items.values()) {
      for (const part of item.parts.values()) this.#stop(part);
      this.#stop(item);
    }
    this.#events.push({ type: "finish", choice: 0, ...readEnding(response, this.#hasCalls) });
    if (isObject(usage)) this.#events.push({ type: "usage", usage: readUsage(usage) });
    this.#events.push({ type: "end" });
  }

  #message(index: number, item: JsonObject): void {
    const { content } = item;
    if (!isArray(content)) return;
    for (const [at, part] of content.entries()) if (isObject(part)) this.partDone(index, at, part);
  }

  #reasoning(index: number, read: ReadItem, item: JsonObject): void {
    if (read.isEmpty) this.thought(index, read.source ?? "summary", 0, reasoningText(item));
    const encrypted = text(item["encrypted_content"]);
    if (encrypted !== "") {
      read.block ??= this.#open({ kind: "reasoning" });
      this.#delta(read.block, { kind: "signature", signature: signatureOf(encrypted) });
    }
    this.#stop(read);
  }

  #call(index: number, read: ReadItem, item: JsonObject): void {
    this.#openCall(read, item);
    if (read.isEmpty) this.argued(index, argumentsText(item["arguments"] ?? item["input"]));
    this.#stop(read);
  }

  #openCall(read: ReadItem, item: JsonObject): void {
    this.#hasCalls = true;
    read.block ??= this.#open({
      kind: "tool-call",
      id: text(item["call_id"]),
      name: text(item["name"]),
      ...(item["type"] === "custom_tool_call" ? { custom: true } : {}),
    });
  }

  #item(index: number): ReadItem {
    let item = this.#items.get(index);
    if (item === undefined) this.#items.set(index, (item = new ReadItem()));
    return item;
  }

  /** A part's block; the part before it is over. */
  #part(index: number, at: number, kind: PartKind): ReadPart {
    const { parts } = this.#item(index);
    let part = parts.get(at);
    if (part !== undefined) return part;
    for (const before of parts.values()) this.#stop(before);
    part = { block: this.#open({ kind }), isEmpty: true, citations: 0, isStopped: false };
    parts.set(at, part);
    return part;
  }

  #open(start: BlockStart): number {
    if (!this.#hasStarted) this.start({});
    const block = this.#blocks++;
    this.#events.push({ type: "block-start", choice: 0, block, start });
    return block;
  }

  #delta(block: number, delta: Delta): void {
    this.#events.push({ type: "block-delta", choice: 0, block, delta });
  }

  #stop(run: { readonly block?: number | undefined; isStopped: boolean }): void {
    if (run.block === undefined || run.isStopped) return;
    run.isStopped = true;
    this.#events.push({ type: "block-stop", choice: 0, block: run.block });
  }
}

interface ReadPart {
  readonly block: number;
  isEmpty: boolean;
  citations: number;
  isStopped: boolean;
}

/** An item while it is read; the block is that of a call or of reasoning. */
class ReadItem {
  readonly parts = new Map<number, ReadPart>();
  block: number | undefined;
  isEmpty = true;
  isDone = false;
  isStopped = false;
  source: "summary" | "content" | undefined;
  thoughtPart: number | undefined;
}

const PARTS: ReadonlyMap<JsonValue | undefined, PartKind> = new Map<JsonValue | undefined, PartKind>([
  ["output_text", "text"],
  ["refusal", "refusal"],
]);
const PART_TEXT = { text: "text", refusal: "refusal" } as const;

const isCall = ({ type }: JsonObject): boolean => type === "function_call" || type === "custom_tool_call";

const text = (value: JsonValue | undefined): string => (isString(value) ? value : "");
