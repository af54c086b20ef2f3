/**
 * Cohere's stream events read into canonical events; a whole reply is read as the events of its stream.
 *
 * Event types: docs.cohere.com/docs/streaming and docs.cohere.com/docs/tool-use-streaming.
 */
import { table } from "../lib/table.ts";
import type { BlockStart, ChatEvent, Delta, Fault, Finish, Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { settled } from "./call-finish.ts";
import { isCitation } from "./cohere.messages.ts";
import { readError } from "./openai-chat.errors.ts";

/** The events of the stream that would have said the same as this reply. */
export function* eventsOf(reply: JsonObject): Iterable<JsonObject> {
  const message = objectOf(reply["message"]);
  const content = listOf(message["content"]);
  yield { type: "message-start", id: reply["id"] };
  for (const [index, part] of content.entries()) {
    const isFirstText = part["type"] === "text" && content.findIndex(({ type }) => type === "text") === index;
    yield wrapped("content-start", index, { content: { type: part["type"] } });
    yield {
      ...wrapped("content-delta", index, { content: part }),
      ...(isFirstText ? { logprobs: reply["logprobs"] } : {}),
    };
  }
  if (textOf(message["tool_plan"]) !== "")
    yield wrapped("tool-plan-delta", 0, { tool_plan: message["tool_plan"] });
  for (const [index, call] of listOf(message["tool_calls"]).entries()) {
    yield wrapped("tool-call-start", index, { tool_calls: call });
    yield wrapped("tool-call-end", index, {});
  }
  for (const [index, citation] of listOf(message["citations"]).entries())
    yield wrapped("citation-start", index, { citations: citation });
  const { finish_reason, usage } = reply;
  yield { type: "message-end", delta: { finish_reason, usage } };
}

const wrapped = (type: string, index: number, message: JsonObject): JsonObject => ({
  type,
  index,
  delta: { message },
});

/** Holds what is open; one reader a stream. */
export class EventReader {
  /** Open blocks of content, by the wire's index. */
  readonly #content = new Map<JsonValue | undefined, OpenBlock>();
  readonly #calls = new Map<JsonValue | undefined, OpenBlock>();
  /** Calls of which no argument has come yet. */
  readonly #silent = new Set<OpenBlock>();
  #plan: OpenBlock | undefined;
  /** Where a citation goes that does not say it. */
  #lastText: OpenBlock | undefined;
  #blocks = 0;
  #isOver = false;

  read(event: JsonObject): readonly ChatEvent[] {
    if (this.#isOver) return NONE;
    const message = objectOf(objectOf(event["delta"])["message"]);
    switch (event["type"]) {
      case "message-start":
        return [{ type: "start", id: textOf(event["id"]), model: "" }]; // the API names no model
      case "content-start":
        return this.#contentStart(event, objectOf(message["content"]));
      case "content-delta":
        return this.#contentDelta(event, objectOf(message["content"]));
      case "content-end":
        return this.#stop(this.#content, event["index"]);
      case "tool-plan-delta":
        return this.#planDelta(textOf(message["tool_plan"]));
      case "tool-call-start":
        return this.#callStart(event, objectOf(message["tool_calls"]));
      case "tool-call-delta":
        return this.#callDelta(event, objectOf(message["tool_calls"]));
      case "tool-call-end":
        return this.#stop(this.#calls, event["index"]);
      case "citation-start":
        return this.#citation(message["citations"]);
      case "message-end":
        return this.#end(objectOf(event["delta"]));
      case undefined:
        return this.#failed(faultOf(event));
      default:
        return NONE; // `citation-end`, `debug`, and what later versions add
    }
  }

  #open(start: BlockStart): readonly [OpenBlock, ChatEvent] {
    const open: OpenBlock = { block: this.#blocks++, kind: start.kind, isStopped: false };
    if (open.kind === "text") this.#lastText = open;
    return [open, { type: "block-start", choice: 0, block: open.block, start }];
  }

  #contentStart(event: JsonObject, content: JsonObject): readonly ChatEvent[] {
    const kind = content["type"] === "thinking" ? "reasoning" : "text";
    const [open, start] = this.#open({ kind });
    this.#content.set(event["index"], open);
    const first = said(open, content);
    return first === undefined ? [start] : [start, first];
  }

  #contentDelta(event: JsonObject, content: JsonObject): readonly ChatEvent[] {
    const open = this.#content.get(event["index"]);
    if (open === undefined) {
      const type = isString(content["thinking"]) ? "thinking" : "text";
      return this.#contentStart(event, { ...content, type });
    }
    const delta = said(open, content);
    if (delta === undefined) return NONE;
    const logprobs = readLogprobs(event["logprobs"]);
    return [logprobs === undefined ? delta : { ...delta, logprobs }];
  }

  #planDelta(plan: string): readonly ChatEvent[] {
    if (plan === "") return NONE;
    const events: ChatEvent[] = [];
    if (this.#plan === undefined) {
      const [open, start] = this.#open({ kind: "reasoning" });
      this.#plan = open;
      events.push(start);
    }
    events.push(deltaOf(this.#plan, { kind: "reasoning", text: plan }));
    return events;
  }

  #callStart(event: JsonObject, call: JsonObject): readonly ChatEvent[] {
    const { name, arguments: json } = objectOf(call["function"]);
    const [open, start] = this.#open({ kind: "tool-call", id: textOf(call["id"]), name: textOf(name) });
    this.#calls.set(event["index"], open);
    const stopped = stop(this.#plan);
    this.#silent.add(open);
    return [...stopped, start, ...this.#arguments(open, textOf(json))];
  }

  #callDelta(event: JsonObject, call: JsonObject): readonly ChatEvent[] {
    const open = this.#calls.get(event["index"]);
    const json = textOf(objectOf(call["function"])["arguments"]);
    if (json === "") return NONE;
    // The start was lost, and with it which tool is called.
    if (open === undefined) return this.#failed(faultOf({ message: "A tool's input came for no call" }));
    return this.#arguments(open, json);
  }

  /** "Cohere sometimes returns `null`" for what a call takes that takes nothing (github.com/vercel/ai/pull/4755). */
  #arguments(open: OpenBlock, json: string): readonly ChatEvent[] {
    if (json === "") return NONE;
    const isNothing = this.#silent.delete(open) && json === "null";
    return [deltaOf(open, { kind: "arguments", text: isNothing ? "{}" : json })];
  }

  /** Citations of plans and thoughts have no text of the answer to stand at. */
  #citation(citation: JsonValue | undefined): readonly ChatEvent[] {
    if (!isObject(citation) || !isCitation(citation)) return NONE;
    const type = citation["type"] ?? TEXT_CITATION;
    const named = this.#content.get(citation["content_index"]);
    const open = named?.kind === "text" ? named : this.#lastText;
    if (type !== TEXT_CITATION || open === undefined) return NONE;
    return [deltaOf(open, { kind: "citation", citation })];
  }

  #stop(
    opened: ReadonlyMap<JsonValue | undefined, OpenBlock>,
    index: JsonValue | undefined,
  ): readonly ChatEvent[] {
    return stop(opened.get(index));
  }

  #end(delta: JsonObject): readonly ChatEvent[] {
    const fault = endFault(delta);
    if (fault !== undefined) return this.#failed(fault);
    this.#isOver = true;
    const open = [...this.#content.values(), ...this.#calls.values(), ...(this.#plan ? [this.#plan] : [])];
    const raw = delta["finish_reason"];
    const usage = readUsage(delta["usage"]);
    return [
      ...open.sort((a, b) => a.block - b.block).flatMap(stop),
      { type: "finish", choice: 0, ...readFinish(raw, this.#calls.size > 0) },
      ...(usage === undefined ? [] : [{ type: "usage", usage } as const]),
      { type: "end" },
    ];
  }

  #failed(fault: Fault): readonly ChatEvent[] {
    this.#isOver = true;
    return [{ type: "error", fault }];
  }
}

/** The fault that the end of a message reports; the answer before it is not one. */
export const endFault = (delta: JsonObject): Fault | undefined => {
  const status = FAULTS.get(textOf(delta["finish_reason"]));
  const error = textOf(delta["error"]);
  if (status === undefined && error === "") return undefined;
  return readError(status ?? 500, { message: error === "" ? "The generation failed" : error });
};

/** An event without a type, which is how an error stands in a stream: `{message}`. */
export const faultOf = (event: JsonObject): Fault => readError(500, event);

export const readUsage = (usage: JsonValue | undefined): Usage | undefined => {
  if (!isObject(usage)) return undefined;
  const tokens = objectOf(usage["tokens"]);
  const billed = objectOf(usage["billed_units"]);
  const cacheRead = usage["cached_tokens"];
  return {
    input: countOf(tokens["input_tokens"]) ?? countOf(billed["input_tokens"]) ?? 0,
    output: countOf(tokens["output_tokens"]) ?? countOf(billed["output_tokens"]) ?? 0,
    ...(isNumber(cacheRead) ? { cacheRead } : {}),
    native: { dialect: "cohere", fields: usage },
  };
};

interface OpenBlock {
  readonly block: number;
  readonly kind: BlockStart["kind"];
  isStopped: boolean;
}

type DeltaEvent = Extract<ChatEvent, { readonly type: "block-delta" }>;

const NONE: readonly ChatEvent[] = [];
const TEXT_CITATION = "TEXT_CONTENT";

/** `ChatFinishReason` of Cohere's SDK; ERROR and TIMEOUT are faults. */
const FINISHES = table<Finish>({
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop-sequence",
  MAX_TOKENS: "length",
  TOOL_CALL: "tool-calls",
});
const FAULTS = table({ ERROR: 500, TIMEOUT: 504 });

const readFinish = (
  raw: JsonValue | undefined,
  hasCalls: boolean,
): { readonly finish: Finish; readonly raw?: string } =>
  isString(raw) ? { finish: settled(FINISHES.get(raw) ?? "unknown", hasCalls), raw } : { finish: "unknown" };

const deltaOf = ({ block }: OpenBlock, delta: Delta): DeltaEvent => ({
  type: "block-delta",
  choice: 0,
  block,
  delta,
});

const said = (open: OpenBlock, content: JsonObject): DeltaEvent | undefined => {
  const kind = open.kind === "reasoning" ? "reasoning" : "text";
  const text = textOf(content[kind === "reasoning" ? "thinking" : "text"]);
  return text === "" ? undefined : deltaOf(open, { kind, text });
};

const stop = (open: OpenBlock | undefined): readonly ChatEvent[] => {
  if (open === undefined || open.isStopped) return NONE;
  open.isStopped = true;
  return [{ type: "block-stop", choice: 0, block: open.block }];
};

/** Cohere gives the tokens of a piece of text together: the piece stands for one token of OpenAI's list. */
const readLogprobs = (value: JsonValue | undefined): JsonObject | undefined => {
  const items = isObject(value) ? [value] : listOf(value);
  if (items.length === 0) return undefined;
  const content = items.map((item) => ({
    token: textOf(item["text"]),
    logprob: numbersOf(item["logprobs"]).reduce((sum, number) => sum + number, 0),
    bytes: null,
    top_logprobs: [],
  }));
  return { content, refusal: null };
};

const numbersOf = (value: JsonValue | undefined): readonly number[] =>
  isArray(value) ? value.filter(isNumber) : [];
const textOf = (value: JsonValue | undefined): string => (isString(value) ? value : "");
const countOf = (value: JsonValue | undefined): number | undefined => (isNumber(value) ? value : undefined);
const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
const listOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  isArray(value) ? value.filter(isObject) : [];
