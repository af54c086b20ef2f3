/** Canonical events written as a stream of Anthropic's Messages API. */
import type { Reducer, Stage } from "../lib/reducer.ts";
import { seal } from "../lib/reducer.ts";
import { namedFrame } from "../lib/sse.ts";
import type { BlockStart, ChatEvent, Delta, Usage } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import { ID, isCitation, UNSIGNED } from "./anthropic-messages.blocks.ts";
import { writeError } from "./anthropic-messages.errors.ts";
import { messageOf, stopReason } from "./anthropic-messages.response.ts";
import { writeDeltaUsage } from "./anthropic-messages.usage.ts";

export const writeStream = (): Stage<ChatEvent, string> => seal(writer);

type Start = Extract<ChatEvent, { type: "start" }>;
type Finish = Extract<ChatEvent, { type: "finish" }>;

interface WrittenBlock {
  readonly index: number;
  /** The wire's type, which names the deltas of blocks that only this API has. */
  readonly type: string;
  open: boolean;
  /** Of thinking: its proof was written. */
  isSigned: boolean;
}

/** Mutated by the steps, as the reader's. */
interface State {
  /** The start is held until something follows it, so that it can carry the first usage. */
  held: Start | undefined;
  readonly blocks: Map<number, WrittenBlock>;
  usage: Usage | undefined;
  finish: Finish | undefined;
  calls: boolean;
  refused: boolean;
  over: boolean;
}

const NONE: readonly string[] = [];

const writer: Reducer<State, ChatEvent, string> = {
  start: () => ({
    held: undefined,
    blocks: new Map(),
    usage: undefined,
    finish: undefined,
    calls: false,
    refused: false,
    over: false,
  }),
  step: (state, event) => [state, state.over ? NONE : write(state, event)],
  end: () => NONE,
};

const write = (state: State, event: ChatEvent): readonly string[] => {
  switch (event.type) {
    case "start":
      state.held = event;
      return NONE;
    case "usage":
      state.usage = event.usage;
      return NONE;
    case "block-start":
      return event.choice === 0 ? [...release(state), ...blockStart(state, event.block, event.start)] : NONE;
    case "block-delta":
      return event.choice === 0 ? blockDelta(state.blocks.get(event.block), event.delta) : NONE;
    case "block-stop":
      return event.choice === 0 ? blockStop(state.blocks.get(event.block)) : NONE;
    case "finish":
      if (event.choice === 0) state.finish = event;
      return release(state);
    case "end":
      state.over = true;
      return [...release(state), ...messageEnd(state)];
    case "error":
      state.over = true;
      return [namedFrame("error", JSON.stringify(writeError(event.fault, null)))];
  }
};

const frame = (type: string, fields: JsonObject): string =>
  namedFrame(type, JSON.stringify({ type, ...fields }));

const release = (state: State): readonly string[] => {
  if (state.held === undefined) return NONE;
  const message = messageOf({ ...state.held, ...(state.usage && { usage: state.usage }) }, [], undefined);
  state.held = undefined;
  return [frame("message_start", { message })];
};

/** The API has one answer to a request: other choices, and other dialects' blocks, are not written. */
const blockStart = (state: State, block: number, start: BlockStart): readonly string[] => {
  const content = contentOf(start);
  if (content === undefined) return NONE;
  if (start.kind === "tool-call") state.calls = true;
  if (start.kind === "refusal") state.refused = true;
  const index = state.blocks.size;
  const type = isString(content["type"]) ? content["type"] : "";
  state.blocks.set(block, { index, type, open: true, isSigned: false });
  return [frame("content_block_start", { index, content_block: content })];
};

const contentOf = (start: BlockStart): JsonObject | undefined => {
  switch (start.kind) {
    case "text":
    case "refusal":
      return { type: "text", text: "" };
    case "reasoning":
      return { type: "thinking", thinking: "", signature: "" };
    case "redacted":
      return { type: "redacted_thinking", data: start.data };
    case "tool-call":
      return { type: "tool_use", id: start.id, name: start.name, input: {}, caller: { type: "direct" } };
    case "opaque":
      return start.dialect === ID ? start.value : undefined;
  }
};

const blockDelta = (block: WrittenBlock | undefined, delta: Delta): readonly string[] => {
  const written = block === undefined ? undefined : deltaOf(block, delta);
  if (block === undefined || written === undefined) return NONE;
  if (delta.kind === "signature") block.isSigned = true;
  return [frame("content_block_delta", { index: block.index, delta: written })];
};

const deltaOf = (block: WrittenBlock, delta: Delta): JsonObject | undefined => {
  switch (delta.kind) {
    case "text":
    case "refusal":
      return { type: "text_delta", text: delta.text };
    case "reasoning":
      return { type: "thinking_delta", thinking: delta.text };
    case "signature":
      return { type: "signature_delta", signature: delta.signature };
    case "arguments":
      return { type: "input_json_delta", partial_json: delta.text };
    case "citation":
      return isCitation(delta.citation) ? { type: "citations_delta", citation: delta.citation } : undefined;
    case "opaque":
      if (!("input" in delta.value)) return { type: `${block.type}_delta`, ...delta.value };
      return { type: "input_json_delta", partial_json: JSON.stringify(delta.value["input"]) };
  }
};

const blockStop = (block: WrittenBlock | undefined): readonly string[] => {
  if (block?.open !== true) return NONE;
  block.open = false;
  const { index } = block;
  const isUnsigned = block.type === "thinking" && !block.isSigned;
  return [
    ...(isUnsigned ? [frame("content_block_delta", { index, delta: UNSIGNED_DELTA })] : []),
    frame("content_block_stop", { index }),
  ];
};

const UNSIGNED_DELTA: JsonObject = Object.freeze({ type: "signature_delta", signature: UNSIGNED });

const messageEnd = (state: State): readonly string[] => {
  const finish = state.finish?.finish ?? "unknown";
  const delta = {
    container: null,
    stop_details: null,
    stop_reason: stopReason(finish, state.calls, state.refused),
    stop_sequence: state.finish?.stopSequence ?? null,
  };
  return [
    ...[...state.blocks.values()].flatMap(blockStop),
    frame("message_delta", { delta, usage: writeDeltaUsage(state.usage) }),
    frame("message_stop", {}),
  ];
};
