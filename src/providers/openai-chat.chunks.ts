/**
 * Chunks of an OpenAI-shaped answer to canonical events.
 *
 * A whole reply is read as one chunk whose deltas are its messages, so JSON and streams cannot
 * disagree. Compatible servers leave out indexes, ids and roles, and repeat what was said; each such
 * habit is met where the field is read.
 */
import type { ChatEvent, Finish, Native } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { nativeRest, names } from "./body-fields.ts";
import { callId } from "./call-ids.ts";
import type { Run } from "./choice-blocks.ts";
import { ChoiceBlocks } from "./choice-blocks.ts";
import { ReadCalls } from "./openai-chat.calls-read.ts";
import type { ReasoningPiece } from "./openai-chat.pieces.ts";
import { heard, partReasoning, reasoningPieces } from "./openai-chat.pieces.ts";
import { readFinish, readUsage, usageOf } from "./openai-chat.words.ts";
import { type Said, ThinkTags } from "./think-tags.ts";

/** Reads chunks in order; `take` hands over the events since it was last called. */
export class ChunkReader {
  #started = false;
  #id = "";
  #choices: ReadChoice[] = [];
  #events: ChatEvent[] = [];

  take(): readonly ChatEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** A chunk of a stream, whose choices hold a `delta`, or a whole reply, whose choices hold a `message`. */
  read(chunk: JsonObject): void {
    const { choices } = chunk;
    if (!this.#started && !isPrelude(chunk)) this.#start(chunk);
    if (this.#started && isArray(choices))
      for (const choice of choices) if (isObject(choice)) this.#readChoice(choice);
    const counts = usageOf(chunk);
    if (counts !== undefined) this.#events.push({ type: "usage", usage: readUsage(counts) });
  }

  /** Whether every choice has said why it ended. */
  get finished(): boolean {
    return this.#choices.length > 0 && this.#choices.every((choice) => choice.finished);
  }

  get started(): boolean {
    return this.#started;
  }

  /** Ends the answer; a choice that never said why ends for an unknown reason. */
  end(): void {
    if (!this.#started) this.#start(NOTHING);
    for (const choice of this.#choices) choice.finish(this.#events, undefined);
    this.#events.push({ type: "end" });
  }

  #start(chunk: JsonObject): void {
    const { id, model, created, service_tier: tier } = chunk;
    this.#started = true;
    this.#id = isString(id) ? id : "";
    const native = startNative(chunk);
    this.#events.push({
      type: "start",
      id: this.#id,
      model: isString(model) ? model : "",
      ...(isNumber(created) ? { created } : {}),
      ...(isString(tier) ? { serviceTier: tier } : {}),
      ...(native === undefined ? {} : { native }),
    });
  }

  #readChoice(choice: JsonObject): void {
    const index = isNumber(choice["index"]) ? choice["index"] : 0;
    let known = this.#choices.find((candidate) => candidate.index === index);
    if (known === undefined) this.#choices.push((known = new ReadChoice(index, this.#id)));
    const first = this.#events.length;
    const said = known.newIn(choice);
    if (said !== undefined) known.read(this.#events, said);
    if (choice["logprobs"] != null) attachLogprobs(this.#events, first, choice["logprobs"]);
    const finish = choice["finish_reason"];
    if (isString(finish) && finish !== "") known.finish(this.#events, finish);
  }
}

/** One choice of an answer while it is being read. */
class ReadChoice {
  readonly index: number;
  finished = false;
  readonly #blocks: ChoiceBlocks;
  readonly #calls: ReadCalls;
  #text: Run | undefined;
  #reasoning: Run | undefined;
  #audio: Record<string, JsonValue | undefined> | undefined;
  readonly #waiting: JsonObject[] = [];
  readonly #tags = new ThinkTags();
  #hasDeltas = false;

  constructor(index: number, id: string) {
    this.index = index;
    this.#blocks = new ChoiceBlocks(index);
    this.#calls = new ReadCalls(this.#blocks, (at) => callId(id, index, at));
  }

  /** A `message` amid deltas repeats what they said: github.com/perplexityai/api-discussion/issues/209. */
  newIn({ delta, message }: JsonObject): JsonObject | undefined {
    this.#hasDeltas ||= isObject(delta);
    const said = this.#hasDeltas ? delta : message;
    return isObject(said) ? said : undefined;
  }

  read(events: ChatEvent[], delta: JsonObject): void {
    const { tool_calls: calls, function_call: older } = delta;
    if (saysMore(delta)) this.#wait(events, delta);
    if ((isArray(calls) && calls.length > 0) || isObject(older)) this.#settle(events);
    if (isArray(calls)) for (const call of calls) if (isObject(call)) this.#calls.read(events, call);
    if (isObject(older)) this.#calls.readLegacy(events, older);
    if (this.#waiting.length > 0 && !this.#calls.isOpen) this.#release(events);
  }

  /** What is said amid the arguments of a call waits until they are whole: it would close the call. */
  #wait(events: ChatEvent[], delta: JsonObject): void {
    if (this.#calls.isOpen) this.#waiting.push(delta);
    else this.#readSpoken(events, delta);
  }

  #release(events: ChatEvent[]): void {
    for (const delta of this.#waiting.splice(0)) this.#readSpoken(events, delta);
  }

  /** Everything but the calls. */
  #readSpoken(events: ChatEvent[], delta: JsonObject): void {
    if (isArray(delta["content_blocks"])) this.#readBlocks(events, delta["content_blocks"]);
    else this.#readSaid(events, delta);
    const { refusal, images, audio, annotations } = delta;
    if (isString(refusal) && refusal !== "") this.#refuse(events, refusal);
    // OpenRouter, "Image generation": images come beside the content, as parts.
    if (isArray(images) && !hasImages(delta["content_blocks"]))
      for (const image of images) this.#opaque(events, "openai-chat", image);
    if (isArray(annotations)) for (const annotation of annotations) this.#cite(events, annotation, 0);
    if (isObject(audio)) this.#audio = heard(this.#audio, audio);
  }

  finish(events: ChatEvent[], raw: string | undefined): void {
    if (this.finished) return; // some servers repeat the reason in the usage chunk
    this.finished = true;
    this.#calls.finish(events);
    this.#release(events);
    this.#settle(events);
    if (this.#audio !== undefined) this.#opaque(events, "openai-chat", { audio: this.#audio });
    this.#blocks.close(events);
    events.push({
      type: "finish",
      choice: this.index,
      finish: calledFinish(raw === undefined ? "unknown" : readFinish(raw), this.#calls.hasAny),
      ...(raw === undefined ? {} : { raw }),
    });
  }

  #readSaid(events: ChatEvent[], delta: JsonObject): void {
    const pieces = reasoningPieces(delta);
    if (pieces.length > 0) this.#settle(events);
    for (const piece of pieces) this.#reason(events, piece);
    const { content } = delta;
    if (isString(content)) this.#speak(events, content);
    else if (isArray(content)) for (const part of content) if (isObject(part)) this.#part(events, part);
  }

  /** Mistral's and Databricks' content is a list of parts when there is thinking (docs.mistral.ai, Reasoning). */
  #part(events: ChatEvent[], part: JsonObject): void {
    const reasoning = partReasoning(part);
    if (part["type"] === "text") this.#say(events, isString(part["text"]) ? part["text"] : "", 0);
    else if (reasoning !== undefined) this.#reason(events, { key: 0, ...reasoning });
    else this.#opaque(events, "openai-chat", part);
  }

  /** `content_blocks` of gateways that were asked not to be strict: all that `content` says and more. */
  #readBlocks(events: ChatEvent[], blocks: readonly JsonValue[]): void {
    blocks.forEach((block, at) => {
      if (!isObject(block)) return;
      const key = isNumber(block["index"]) ? block["index"] : at;
      this.#contentBlock(events, isObject(block["delta"]) ? block["delta"] : block, key);
    });
  }

  #contentBlock(events: ChatEvent[], block: JsonObject, key: number): void {
    const { type, text, thinking, signature, data, citation, citations } = block;
    if (isString(type) && !SAID_TYPES.has(type)) {
      const dialect = type === "image_url" ? "openai-chat" : "anthropic-messages";
      if (type !== "tool_use") this.#opaque(events, dialect, block);
      return;
    }
    if (isString(text)) this.#say(events, text, key);
    if (isString(thinking) || isString(signature))
      this.#reason(events, {
        key,
        text: isString(thinking) ? thinking : "",
        ...(isString(signature) ? { signature } : {}),
      });
    if (isString(data)) this.#reason(events, { key, text: "", data });
    if (citation !== undefined) this.#cite(events, citation, key);
    if (isArray(citations)) for (const each of citations) this.#cite(events, each, key);
  }

  #speak(events: ChatEvent[], content: string): void {
    if (content !== "") this.#split(events, this.#tags.split(content));
  }

  #split(events: ChatEvent[], said: readonly Said[]): void {
    for (const { isThought, text } of said)
      if (isThought) this.#reason(events, { key: 0, text });
      else this.#say(events, text, 0);
  }

  /** Something else is said: what was held back is no tag, and no other will come. */
  #settle(events: ChatEvent[]): void {
    this.#split(events, this.#tags.finish());
    this.#tags.settle();
  }

  #say(events: ChatEvent[], text: string, key: number): void {
    if (text === "") return;
    this.#text = this.#blocks.continued(events, "text", key);
    this.#blocks.say(events, this.#text, { kind: "text", text });
  }

  #refuse(events: ChatEvent[], text: string): void {
    const run = this.#blocks.continued(events, "refusal");
    this.#blocks.say(events, run, { kind: "refusal", text });
  }

  /** A citation belongs to the text before it, which may be closed already. */
  #cite(events: ChatEvent[], citation: JsonValue, key: number): void {
    this.#text ??= this.#blocks.continued(events, "text", key);
    this.#blocks.say(events, this.#text, { kind: "citation", citation });
  }

  #reason(events: ChatEvent[], piece: ReasoningPiece): void {
    const { key, text, signature, data } = piece;
    if (data !== undefined) {
      this.#blocks.opened(events, { kind: "redacted", data }, key);
      return;
    }
    if (text !== "") {
      this.#reasoning = this.#blocks.continued(events, "reasoning", key);
      this.#blocks.say(events, this.#reasoning, { kind: "reasoning", text });
    }
    if (signature !== undefined && signature !== "") this.#sign(events, signature, key);
  }

  /** A signature may come after the text that follows its reasoning has begun. */
  #sign(events: ChatEvent[], signature: string, key: number): void {
    if (this.#reasoning?.key !== key) this.#reasoning = this.#blocks.continued(events, "reasoning", key);
    this.#blocks.say(events, this.#reasoning, { kind: "signature", signature });
  }

  #opaque(events: ChatEvent[], dialect: Native["dialect"], value: JsonValue): void {
    if (isObject(value)) this.#blocks.opened(events, { kind: "opaque", dialect, value });
  }
}

/** Clients run no call that they are not told of: github.com/maximhq/bifrost/issues/6123. */
const calledFinish = (finish: Finish, hasCalls: boolean): Finish =>
  hasCalls && (finish === "stop" || finish === "unknown") ? "tool-calls" : finish;

const NOTHING: JsonObject = Object.freeze({});

/** Whether anything is said beside calls; servers spell out what they do not say. */
const saysMore = (delta: JsonObject): boolean => {
  for (const name in delta) if (!CALLS.has(name) && delta[name] !== null && delta[name] !== "") return true;
  return false;
};

const CALLS = names("role tool_calls function_call");

/** Whether the blocks say the images, which then stand beside the content once more. */
const hasImages = (blocks: JsonValue | undefined): boolean =>
  isArray(blocks) &&
  blocks.some((each) => {
    const block = isObject(each) && isObject(each["delta"]) ? each["delta"] : each;
    return isObject(block) && block["type"] === "image_url";
  });

/** Types of a content block whose content is read; others are opaque. */
const SAID_TYPES: ReadonlySet<string> = new Set(["text", "thinking", "redacted_thinking"]);

/** Fields of a chunk that are read, or that say nothing about the answer (`obfuscation` is padding). */
const READ_FIELDS: ReadonlySet<string> = names(
  "id object created model choices usage service_tier obfuscation",
);

/** A null field says nothing: servers spell out what they do not have. */
const startNative = (chunk: JsonObject): Native | undefined => {
  const stated = Object.entries(chunk).filter(([, value]) => value !== null);
  return nativeRest("openai-chat", Object.fromEntries(stated), READ_FIELDS);
};

/**
 * Azure opens with chunks that have neither an id nor anything said, only its filter's verdicts: on the prompt, and where
 * it filters while it streams on a choice (github.com/langchain-ai/langchain/issues/18977).
 */
const isPrelude = ({ id, choices }: JsonObject): boolean =>
  (id === "" || id === undefined) && isArray(choices) && !choices.some(saysAnything);

const saysAnything = (choice: JsonValue): boolean =>
  isObject(choice) && (choice["delta"] ?? choice["message"] ?? choice["finish_reason"]) != null;

/** Logprobs ride on the text they are about, else on the first delta of their chunk. */
const attachLogprobs = (events: ChatEvent[], first: number, logprobs: JsonValue | undefined): void => {
  let target = -1;
  for (let at = first; at < events.length; at++) {
    const event = events[at];
    if (event?.type !== "block-delta") continue;
    if (event.delta.kind === "text") {
      target = at;
      break;
    }
    if (target === -1) target = at;
  }
  const event = events[target];
  if (event?.type === "block-delta" && logprobs !== undefined) events[target] = { ...event, logprobs };
};
