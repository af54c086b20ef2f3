/** Streams of Anthropic's Messages API read into canonical events. */
import type { Reducer, Stage } from "../lib/reducer.ts";
import { seal } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { BlockStart, ChatEvent, Delta } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString, parsedObject } from "../schema/json.ts";
import { ID, parsedArguments, readSignature } from "./anthropic-messages.blocks.ts";
import { readStreamError } from "./anthropic-messages.errors.ts";
import { readRefusal, readStop, replyNative, text } from "./anthropic-messages.response.ts";
import { mergedUsage, readTier, readUsage } from "./anthropic-messages.usage.ts";

export const readStream = (): Stage<SseEvent, ChatEvent> => seal(reader);

interface OpenBlock {
  readonly block: number;
  readonly kind: BlockStart["kind"];
  /** JSON that arrived in pieces: a tool's input. */
  json: string;
  /** The input that stood in the block's start. */
  readonly input: JsonValue | undefined;
}

/** Mutated by the steps: a stream has one reader, and a copy per event would cost more than the event. */
interface State {
  /** By the wire's index. */
  readonly open: Map<JsonValue | undefined, OpenBlock>;
  blocks: number;
  usage: JsonObject;
  over: boolean;
}

const NONE: readonly ChatEvent[] = [];

const reader: Reducer<State, SseEvent, ChatEvent> = {
  start: () => ({ open: new Map(), blocks: 0, usage: {}, over: false }),
  step: (state, frame) => [state, state.over || frame.data === "" ? NONE : read(state, frame)],
  end: () => NONE,
};

const read = (state: State, frame: SseEvent): readonly ChatEvent[] => {
  const event = parsedObject(frame.data);
  if (event === undefined) return failed(state, { error: { message: "A stream event is not JSON" } });
  switch (event["type"] ?? frame.event) {
    case "message_start":
      return messageStart(state, event["message"]);
    case "content_block_start":
      return blockStart(state, event["index"], event["content_block"]);
    case "content_block_delta":
      return blockDelta(state, event["index"], event["delta"]);
    case "content_block_stop":
      return blockStop(state, event["index"]);
    case "message_delta":
      return messageDelta(state, event);
    case "message_stop":
      state.over = true;
      return [{ type: "end" }];
    case "error":
      return failed(state, event);
    default:
      return NONE; // `ping`, and what later versions add
  }
};

const failed = (state: State, event: JsonObject): readonly ChatEvent[] => {
  state.over = true;
  return [{ type: "error", fault: readStreamError(event) }];
};

const messageStart = (state: State, message: JsonValue | undefined): readonly ChatEvent[] => {
  if (!isObject(message)) return NONE;
  state.usage = isObject(message["usage"]) ? message["usage"] : {};
  const serviceTier = readTier(state.usage);
  const native = replyNative(message);
  return [
    {
      type: "start",
      id: text(message["id"]),
      model: text(message["model"]),
      ...(serviceTier === undefined ? {} : { serviceTier }),
      ...(native === undefined ? {} : { native }),
    },
    { type: "usage", usage: readUsage(state.usage) },
  ];
};

const blockStart = (
  state: State,
  index: JsonValue | undefined,
  content: JsonValue | undefined,
): readonly ChatEvent[] => {
  if (!isObject(content)) return NONE;
  const start = startOf(content);
  const open: OpenBlock = { block: state.blocks++, kind: start.kind, json: "", input: content["input"] };
  state.open.set(index, open);
  const first: ChatEvent = { type: "block-start", choice: 0, block: open.block, start };
  const more = initialDeltas(start, content);
  return more.length === 0 ? [first] : [first, ...more.map((delta) => deltaEvent(open, delta))];
};

const startOf = (content: JsonObject): BlockStart => {
  switch (content["type"]) {
    case "text":
      return { kind: "text" };
    case "thinking":
      return { kind: "reasoning" };
    case "redacted_thinking":
      return { kind: "redacted", data: text(content["data"]) };
    case "tool_use":
      return { kind: "tool-call", id: text(content["id"]), name: text(content["name"]) };
    default:
      return { kind: "opaque", dialect: ID, value: content };
  }
};

/** Compatible servers may put content into the start of a block, where Anthropic leaves it empty. */
const initialDeltas = ({ kind }: BlockStart, { text: said, thinking, signature }: JsonObject) =>
  [
    kind === "text" ? textDelta("text", text(said)) : undefined,
    kind === "reasoning" ? textDelta("reasoning", text(thinking)) : undefined,
    kind === "reasoning" ? signatureDelta(readSignature(signature)) : undefined,
  ].filter((delta) => delta !== undefined);

const deltaEvent = (open: OpenBlock, delta: Delta): ChatEvent => ({
  type: "block-delta",
  choice: 0,
  block: open.block,
  delta,
});

const blockDelta = (
  state: State,
  index: JsonValue | undefined,
  delta: JsonValue | undefined,
): readonly ChatEvent[] => {
  if (!isObject(delta)) return NONE;
  const open = state.open.get(index);
  if (open === undefined) return unopened(state, index, delta);
  const read = deltaOf(open, delta);
  return read === undefined ? NONE : [deltaEvent(open, read)];
};

/** The start of its block was lost: text can do without, but of an input nobody knows which tool's it is. */
const unopened = (state: State, index: JsonValue | undefined, delta: JsonObject): readonly ChatEvent[] => {
  if (isString(delta["text"])) return blockStart(state, index, { type: "text", text: delta["text"] });
  if (isString(delta["thinking"]))
    return blockStart(state, index, { type: "thinking", thinking: delta["thinking"] });
  if (delta["type"] !== "input_json_delta") return NONE;
  return failed(state, { error: { message: "A tool's input came for no call" } });
};

const deltaOf = (open: OpenBlock, delta: JsonObject): Delta | undefined => {
  if (delta["type"] === "input_json_delta") return inputDelta(open, text(delta["partial_json"]));
  switch (open.kind) {
    case "text":
      if (isString(delta["text"])) return textDelta("text", delta["text"]);
      return delta["citation"] === undefined ? undefined : { kind: "citation", citation: delta["citation"] };
    case "reasoning":
      if (isString(delta["thinking"])) return textDelta("reasoning", delta["thinking"]);
      return signatureDelta(readSignature(delta["signature"]));
    case "opaque": {
      const { type: _, ...value } = delta;
      return { kind: "opaque", value };
    }
    default:
      return undefined;
  }
};

const signatureDelta = (signature: string | undefined): Delta | undefined =>
  signature === undefined ? undefined : { kind: "signature", signature };

const textDelta = (kind: "text" | "reasoning", said: string): Delta | undefined =>
  said === "" ? undefined : { kind, text: said };

/** Pieces of a server tool's input are no tool call of the client's: they wait until they are whole. */
const inputDelta = (open: OpenBlock, json: string): Delta | undefined => {
  open.json += json;
  return open.kind === "tool-call" && json !== "" ? { kind: "arguments", text: json } : undefined;
};

const blockStop = (state: State, index: JsonValue | undefined): readonly ChatEvent[] => {
  const open = state.open.get(index);
  if (open === undefined) return NONE;
  state.open.delete(index);
  const stop: ChatEvent = { type: "block-stop", choice: 0, block: open.block };
  const last = lastDelta(open);
  return last === undefined ? [stop] : [deltaEvent(open, last), stop];
};

const lastDelta = (open: OpenBlock): Delta | undefined => {
  if (open.kind === "tool-call" && open.json === "") {
    return { kind: "arguments", text: JSON.stringify(open.input ?? {}) };
  }
  if (open.kind !== "opaque" || open.json === "") return undefined;
  return { kind: "opaque", value: { input: parsedArguments(open.json) ?? open.json } };
};

const refusal = (block: number, said: string): readonly ChatEvent[] => [
  { type: "block-start", choice: 0, block, start: { kind: "refusal" } },
  { type: "block-delta", choice: 0, block, delta: { kind: "refusal", text: said } },
  { type: "block-stop", choice: 0, block },
];

const messageDelta = (state: State, event: JsonObject): readonly ChatEvent[] => {
  const { delta, usage } = event;
  const events: ChatEvent[] = [];
  if (isObject(delta) && isString(delta["stop_reason"])) {
    for (const { text: said } of readRefusal(delta["stop_details"]))
      events.push(...refusal(state.blocks++, said));
    const stop = readStop(delta["stop_reason"], delta["stop_sequence"]);
    events.push({ type: "finish", choice: 0, ...stop });
  }
  if (isObject(usage)) {
    // A running total, not an increment: it replaces what it states and leaves the rest.
    state.usage = mergedUsage(state.usage, usage);
    events.push({ type: "usage", usage: readUsage(state.usage) });
  }
  return events;
};
