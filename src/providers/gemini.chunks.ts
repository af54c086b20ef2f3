/**
 * Chunks of a Gemini answer to canonical events.
 *
 * A stream's chunk is a whole reply that holds only what is new, so a reply is read as a stream of one.
 */
import { toDataUri } from "../lib/data-uri.ts";
import { defined } from "../lib/defined.ts";
import type { ChatEvent, DialectId, Finish } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { callId } from "./call-ids.ts";
import type { Run } from "./choice-blocks.ts";
import { ChoiceBlocks } from "./choice-blocks.ts";
import { citationsOf } from "./gemini.citations.ts";
import { objectsIn } from "./gemini.fields.ts";
import { ID } from "./gemini.parts.ts";
import { heardPiece } from "./gemini.speech.ts";
import { blockedPrompt, stoppedAnswer } from "./gemini.refusals.ts";
import { markedSignature } from "./gemini.signatures.ts";
import { isCutOff, readFinish, readLogprobs, readUsage } from "./gemini.words.ts";

/** Reads chunks in order; `take` hands over the events since it was last called. */
export class ChunkReader {
  #started = false;
  #id = "";
  readonly #choices: ReadChoice[] = [];
  #events: ChatEvent[] = [];

  take(): readonly ChatEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  read(chunk: JsonObject): void {
    if (!this.#started) this.#start(chunk);
    const { candidates, promptFeedback: feedback, usageMetadata: usage } = chunk;
    for (const candidate of objectsIn(candidates)) this.#readCandidate(candidate);
    const reason = isObject(feedback) ? feedback["blockReason"] : undefined;
    if (isObject(feedback) && isString(reason)) this.#block(reason, feedback["blockReasonMessage"]);
    if (isObject(usage)) this.#events.push({ type: "usage", usage: readUsage(usage) });
  }

  get hasChoices(): boolean {
    return this.#choices.length > 0;
  }

  /** Whether every candidate has said why it ended: the stream has no other end. */
  get finished(): boolean {
    return this.hasChoices && this.#choices.every((choice) => choice.finished);
  }

  /** Ends the answer; a candidate that never said why ends for an unknown reason. */
  end(): void {
    for (const choice of this.#choices) choice.close(this.#events);
    this.#events.push({ type: "end" });
  }

  #start({ responseId, modelVersion, createTime }: JsonObject): void {
    this.#started = true;
    this.#id = isString(responseId) ? responseId : "";
    const created = isString(createTime) ? Date.parse(createTime) : Number.NaN;
    this.#events.push({
      type: "start",
      id: this.#id,
      model: isString(modelVersion) ? modelVersion : "",
      ...(Number.isNaN(created) ? {} : { created: Math.floor(created / 1000) }),
    });
  }

  #readCandidate(candidate: JsonObject): void {
    const choice = this.#choice(isNumber(candidate["index"]) ? candidate["index"] : 0);
    choice.read(this.#events, candidate);
  }

  /** A prompt that was refused has no candidates. */
  #block(reason: string, message: JsonValue | undefined): void {
    const choice = this.#choice(0);
    const why = isString(message) && message !== "" ? message : reason;
    if (!choice.finished) choice.block(reason, blockedPrompt(why));
  }

  #choice(index: number): ReadChoice {
    let known = this.#choices.find((choice) => choice.index === index);
    if (known === undefined) this.#choices.push((known = new ReadChoice(index, this.#id)));
    return known;
  }
}

/** Why a candidate ended, and what is said of it to a client that was told nothing else. */
interface End {
  readonly finish: Finish;
  readonly raw?: string;
  readonly why?: string;
}

/** One candidate while it is being read. */
class ReadChoice {
  readonly index: number;
  readonly #id: string;
  /** Why it ended: said when the answer is over, because more may follow. */
  #end: End | undefined;
  readonly #blocks: ChoiceBlocks;
  #text: Run | undefined;
  #calls = 0;
  #isHeard = false;
  /** Everything said, for citations, which name stretches of it. */
  #said = "";
  /** Thoughts are shown: the client asked for them. */
  #isThinking = false;
  readonly #metadata: Record<string, JsonValue | undefined> = {};

  constructor(index: number, id: string) {
    this.index = index;
    this.#id = id;
    this.#blocks = new ChoiceBlocks(index);
  }

  get finished(): boolean {
    return this.#end !== undefined;
  }

  /**
   * A round of the vendor's own tools ends with a reason, and the answer goes on: github.com/0xPlaygrounds/rig/pull/2328,
   * "an intermediate `finishReason`".
   */
  read(events: ChatEvent[], candidate: JsonObject): void {
    const { content, finishReason, finishMessage, logprobsResult } = candidate;
    const first = events.length;
    const parts = isObject(content) ? content["parts"] : undefined;
    for (const part of objectsIn(parts)) this.#part(events, part);
    if (events.length > first) this.#end = undefined;
    if (isObject(logprobsResult)) attachLogprobs(events, first, readLogprobs(logprobsResult));
    for (const name of METADATA) this.#metadata[name] = candidate[name] ?? this.#metadata[name];
    if (isString(finishReason) && finishReason !== "") {
      const why = isString(finishMessage) && finishMessage !== "" ? finishMessage : finishReason;
      this.#end = {
        finish: readFinish(finishReason, this.#calls > 0),
        raw: finishReason,
        why: stoppedAnswer(why),
      };
    }
  }

  block(raw: string, why: string): void {
    this.#end = { finish: "content-filter", raw, why };
  }

  close(events: ChatEvent[]): void {
    const { finish, raw, why }: End = this.#end ?? { finish: "unknown" };
    if (why !== undefined && isCutOff(finish) && this.#said === "" && this.#calls === 0)
      this.#refuse(events, why);
    this.#cite(events);
    this.#blocks.close(events);
    // The API's word for an answer of calls is that of any other answer: it would hide them.
    const word = finish === "tool-calls" ? undefined : raw;
    events.push({ type: "finish", choice: this.index, finish, ...defined({ raw: word }) });
  }

  #part(events: ChatEvent[], part: JsonObject): void {
    const { text, functionCall: call, inlineData: data, thoughtSignature } = part;
    const signature = isString(thoughtSignature) ? thoughtSignature : undefined;
    const isThought = part["thought"] === true;
    if (isString(text)) {
      this.#say(events, isThought ? "reasoning" : "text", text);
      if (signature !== undefined) this.#sign(events, signature);
    } else if (isObject(call)) {
      if (signature !== undefined) this.#sign(events, signature);
      this.#call(events, call, signature);
    } else if (isObject(data) && !isThought) {
      if (signature !== undefined) this.#sign(events, signature);
      this.#media(events, data);
    } else this.#other(events, part);
  }

  #say(events: ChatEvent[], kind: "text" | "reasoning", text: string): void {
    if (text === "") return;
    const run = this.#blocks.continued(events, kind);
    if (kind === "reasoning") this.#isThinking = true;
    else {
      this.#said += text;
      this.#text = run;
    }
    this.#blocks.say(events, run, { kind, text });
  }

  /**
   * The proof of the thoughts before it, for clients that were shown any: it ends the open thoughts, or
   * stands in a block of its own. To other clients a call carries its own; that of a text may be left out
   * (ai.google.dev/gemini-api/docs/thought-signatures).
   */
  #sign(events: ChatEvent[], signature: string): void {
    if (!this.#isThinking) return;
    const run = this.#blocks.continued(events, "reasoning");
    this.#blocks.say(events, run, { kind: "signature", signature: markedSignature(signature) });
    this.#blocks.close(events);
  }

  /** Calls come whole. Models before Gemini 3 give them no ids. */
  #call(events: ChatEvent[], { id, name, args }: JsonObject, signature: string | undefined): void {
    const own = callId(this.#id, this.index, this.#calls++);
    const run = this.#blocks.opened(events, {
      kind: "tool-call",
      id: isString(id) && id !== "" ? id : own,
      name: isString(name) ? name : "",
      ...defined({ signature }),
    });
    this.#blocks.say(events, run, { kind: "arguments", text: JSON.stringify(args ?? {}) });
    this.#blocks.close(events);
  }

  /** Images ride as parts that OpenAI's compatible servers give, speech as OpenAI's; other media stay as they are. */
  #media(events: ChatEvent[], { mimeType, data }: JsonObject): void {
    if (isString(mimeType) && mimeType.startsWith("image/") && isString(data))
      this.#opaque(events, "openai-chat", {
        type: "image_url",
        image_url: { url: toDataUri(mimeType, data) },
      });
    else if (isString(mimeType) && mimeType.startsWith("audio/") && isString(data)) {
      this.#opaque(events, "openai-chat", heardPiece(this.#id, !this.#isHeard, mimeType, data));
      this.#isHeard = true;
    } else this.#opaque(events, ID, { type: "inlineData", inlineData: { mimeType, data } });
  }

  /** Code that the API ran, its results, and what later versions add. */
  #other(events: ChatEvent[], part: JsonObject): void {
    const type = Object.keys(part).find((name) => isObject(part[name]));
    if (type !== undefined) this.#opaque(events, ID, { type, ...part });
  }

  #opaque(events: ChatEvent[], dialect: DialectId, value: JsonObject): void {
    this.#blocks.opened(events, { kind: "opaque", dialect, value });
    this.#blocks.close(events);
  }

  #refuse(events: ChatEvent[], text: string): void {
    const run = this.#blocks.opened(events, { kind: "refusal" });
    this.#blocks.say(events, run, { kind: "refusal", text });
  }

  /** Citations belong to the last text; where they come from is kept whole beside them. */
  #cite(events: ChatEvent[]): void {
    const { groundingMetadata, citationMetadata, ...rest } = this.#metadata;
    const text = this.#text;
    if (text !== undefined)
      for (const citation of citationsOf(this.#said, groundingMetadata, citationMetadata))
        this.#blocks.say(events, text, { kind: "citation", citation });
    for (const [type, value] of Object.entries({ groundingMetadata, ...rest }))
      if (says(value)) this.#opaque(events, ID, { type, [type]: value });
  }
}

/** Of a candidate's metadata, what says where its text comes from and how it was judged. */
const METADATA = ["groundingMetadata", "citationMetadata", "urlContextMetadata", "safetyRatings"] as const;

const says = (value: JsonValue | undefined): boolean =>
  isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;

/** Logprobs ride on the first text of their chunk. */
const attachLogprobs = (events: ChatEvent[], first: number, logprobs: JsonObject): void => {
  for (let at = first; at < events.length; at++) {
    const event = events[at];
    if (event?.type !== "block-delta" || event.delta.kind !== "text") continue;
    events[at] = { ...event, logprobs };
    return;
  }
};
