/**
 * Canonical events written as the events of a response, and as the response that they amount to.
 *
 * Every block becomes an output item, texts in a row the parts of one message.
 */
import type { BlockStart, ChatEvent, Fault, Finish, Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import type { ReplyOptions } from "./dialect.ts";
import { writeCitation } from "./openai-responses.citations.ts";
import { errorFields, failure } from "./openai-responses.errors.ts";
import type { CallStart, ItemStatus, PartKind } from "./openai-responses.items-open.ts";
import { OpenCall, OpenMessage, OpenReasoning, wholeItem } from "./openai-responses.items-open.ts";
import { Line } from "./openai-responses.line.ts";
import { responseOf } from "./openai-responses.object.ts";
import type { ProofKind } from "./openai-responses.proofs.ts";
import { writeProof } from "./openai-responses.proofs.ts";
import type { StandIns } from "./openai-responses.stand-ins.ts";
import { standInsOf } from "./openai-responses.stand-ins.ts";
import { ID, incompleteReason, writeUsage } from "./openai-responses.words.ts";

type Event<Type extends ChatEvent["type"]> = Extract<ChatEvent, { readonly type: Type }>;

const NO_REQUEST: JsonObject = Object.freeze({});

export class ResponseWriter {
  readonly #options: ReplyOptions;
  readonly #line = new Line();
  readonly #standIns: StandIns;
  /** What every event with the response in it says of it. */
  #base: JsonObject = NO_REQUEST;
  #ending: JsonObject = { status: "in_progress" };
  /** What the ids of items are made of. */
  #stem = "";
  #message: OpenMessage | undefined;
  #reasoning: OpenReasoning | undefined;
  #call: OpenCall | undefined;
  #usage: Usage | undefined;
  #finish: Finish = "unknown";
  #isOver = false;

  constructor(options: ReplyOptions) {
    this.#options = options;
    this.#standIns = standInsOf(options.request ?? NO_REQUEST);
  }

  /** The response as it stands. */
  get response(): JsonObject {
    const usage = this.#usage === undefined ? null : writeUsage(this.#usage);
    return { ...this.#base, ...this.#ending, output: this.#line.items, usage };
  }

  write(event: ChatEvent): readonly string[] {
    if (!this.#isOver) this.#take(event);
    return this.#line.take();
  }

  /** The API gives one answer: other choices are not written. */
  #take(event: ChatEvent): void {
    switch (event.type) {
      case "start":
        return this.#start(event);
      case "block-start":
        return event.choice === 0 ? this.#open(event.block, event.start) : undefined;
      case "block-delta":
        return event.choice === 0 ? this.#delta(event) : undefined;
      case "block-stop":
        return event.choice === 0 ? this.#stop() : undefined;
      case "finish":
        if (event.choice === 0) this.#finish = event.finish;
        return;
      case "usage":
        this.#usage = event.usage;
        return;
      case "end":
        return this.#end();
      case "error":
        return this.#fail(event.fault);
    }
  }

  #start(event: Event<"start">): void {
    const { request = NO_REQUEST, now, kept } = this.#options;
    const { id, model, created = now, serviceTier } = event;
    const name = kept?.id ?? (id === "" ? String(created) : id);
    this.#stem = name.replace(MADE_BY, "").replaceAll(/[^\w-]/g, "_");
    this.#base = responseOf({ id: `resp_${this.#stem}`, model, created, serviceTier }, request, kept);
    this.#tell("created");
    this.#tell("in_progress");
  }

  #tell(what: string): void {
    this.#line.say(`response.${what}`, `"response":${JSON.stringify(this.response)}`);
  }

  readonly #idOf = (prefix: string, index: number): string => `${prefix}_${this.#stem}_${index}`;

  #nextId(prefix: string): string {
    return this.#idOf(prefix, this.#line.opened);
  }

  #open(block: number, start: BlockStart): void {
    switch (start.kind) {
      case "text":
      case "refusal":
        return this.#openPart(block, start.kind);
      case "reasoning":
        this.#close("completed");
        this.#reasoning = new OpenReasoning(this.#line, this.#nextId("rs"), block);
        return;
      case "redacted":
        this.#close("completed");
        return this.#prove("redacted", start.data);
      case "tool-call":
        return this.#openCall(block, start);
      case "opaque":
        if (start.dialect !== ID) return;
        this.#close("completed");
        return wholeItem(this.#line, start.value);
    }
  }

  #openPart(block: number, kind: PartKind): void {
    if (this.#message === undefined) this.#close("completed");
    this.#message ??= new OpenMessage(this.#line, this.#nextId("msg"));
    this.#message.openPart(block, kind);
  }

  #openCall(block: number, start: CallStart): void {
    this.#close("completed");
    if (start.signature !== undefined) this.#prove("call", start.signature);
    this.#call = new OpenCall(this.#line, block, start, this.#standIns.get(start.name), this.#idOf);
  }

  /** A reasoning item that shows nothing and carries a proof. */
  #prove(kind: ProofKind, value: string): void {
    const encrypted = writeProof({ kind, value }, this.#options.provider);
    const id = this.#nextId("rs");
    wholeItem(this.#line, { id, type: "reasoning", summary: [], encrypted_content: encrypted });
  }

  #delta({ block, delta, logprobs }: Event<"block-delta">): void {
    switch (delta.kind) {
      case "text":
      case "refusal":
        return this.#message?.say(block, delta.text, tokensOf(logprobs));
      case "reasoning":
        return this.#reasoning?.think(block, delta.text);
      case "signature":
        return this.#reasoning?.sign(block, delta.signature);
      case "arguments":
        return this.#call?.argue(block, delta.text);
      case "citation": {
        const annotation = writeCitation(delta.citation);
        return annotation === undefined ? undefined : this.#message?.cite(block, annotation);
      }
      case "opaque":
        return; // of another dialect: this one's own come whole
    }
  }

  /** A message stays open for the texts that may follow, and how the last item ended is said by the end. */
  #stop(): void {
    this.#closeReasoning();
  }

  #closeReasoning(): void {
    this.#reasoning?.close((value) => writeProof({ kind: "signature", value }, this.#options.provider));
    this.#reasoning = undefined;
  }

  #close(status: ItemStatus): void {
    this.#closeReasoning();
    this.#message?.close(status);
    this.#call?.close(status);
    this.#message = undefined;
    this.#call = undefined;
  }

  #end(): void {
    const reason = incompleteReason(this.#finish);
    const status = reason === undefined ? "completed" : "incomplete";
    this.#close(status);
    this.#ending = { status, incomplete_details: reason === undefined ? null : { reason } };
    this.#isOver = true;
    this.#tell(status);
  }

  #fail(fault: Fault): void {
    this.#line.say("error", JSON.stringify(errorFields(fault)).slice(1, -1));
    this.#ending = { status: "failed", error: failure(fault), store: false };
    this.#isOver = true;
    if (this.#base !== NO_REQUEST) this.#tell("failed");
  }
}

/** Prefixes of other APIs' ids, which say of what kind they are. */
const MADE_BY = /^(?:resp|msg|chatcmpl)[_-]/;

/** The chat API's logprobs object holds the list that this API takes. */
const tokensOf = (logprobs: JsonValue | undefined): JsonValue | undefined =>
  isObject(logprobs) ? logprobs["content"] : undefined;
