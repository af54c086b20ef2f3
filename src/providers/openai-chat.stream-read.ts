/** Streams of OpenAI-shaped APIs, read into canonical events. */
import type { Reducer } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { ChatEvent } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { ChunkReader } from "./openai-chat.chunks.ts";
import { readStreamError } from "./openai-chat.errors.ts";
import { failureOf } from "./openai-chat.failures.ts";

interface Reading {
  readonly chunks: ChunkReader;
  /** After the end, or an error, nothing more is read. */
  isOver: boolean;
}

export const streamReader: Reducer<Reading, SseEvent, ChatEvent> = {
  start: () => ({ chunks: new ChunkReader(), isOver: false }),
  step: (state, frame) => [state, state.isOver ? NOTHING : readFrame(state, frame)],
  // Some compatible servers close after the finish reason without a [DONE].
  end: (state) => (!state.isOver && state.chunks.finished ? ended(state) : NOTHING),
};

/** What an error frame holds, or `undefined` for any other frame. */
export const errorOf = (body: JsonObject, event: string | undefined): JsonObject | undefined => {
  if (Boolean(body["error"]) || event === "error") return body;
  const failure = failureOf(body);
  if (failure !== undefined) return failure;
  // vLLM and others: {"object": "error", "message": …} or a bare message, without choices.
  return !isArray(body["choices"]) && isString(body["message"]) ? body : undefined;
};

/** The JSON of a frame; `undefined` when it is none. */
export const parseChunk = (data: string): JsonValue | undefined => {
  try {
    return JSON.parse(data) as JsonValue; // what JSON.parse gives is JSON
  } catch {
    return undefined;
  }
};

/** What follows it is not looked at, as the openai package (core/streaming) does. */
export const DONE = "[DONE]";

const NOTHING: readonly ChatEvent[] = [];

const readFrame = (state: Reading, { data, event }: SseEvent): readonly ChatEvent[] => {
  if (data.startsWith(DONE)) return state.chunks.started ? ended(state) : NOTHING;
  const body = parseChunk(data);
  if (!isObject(body)) {
    const message = isString(body) ? body : event === "error" ? data : "A chunk is not JSON";
    return failed(state, { message });
  }
  const error = errorOf(body, event);
  if (error !== undefined) return failed(state, error);
  state.chunks.read(body);
  return state.chunks.take();
};

const ended = (state: Reading): readonly ChatEvent[] => {
  state.isOver = true;
  state.chunks.end();
  return state.chunks.take();
};

const failed = (state: Reading, body: JsonObject): readonly ChatEvent[] => {
  state.isOver = true;
  return [{ type: "error", fault: readStreamError(body) }];
};
