/** Streams of Gemini's `streamGenerateContent?alt=sse`, read into canonical events. */
import type { Reducer, Stage } from "../lib/reducer.ts";
import { seal } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { ChatEvent } from "../schema/chat.ts";
import { isObject } from "../schema/json.ts";
import { ChunkReader } from "./gemini.chunks.ts";
import { errorOf, readInnerError } from "./gemini.errors.ts";
import { parsedFrame } from "./gemini.fields.ts";

export const readStream = (): Stage<SseEvent, ChatEvent> => seal(reader);

interface Reading {
  readonly chunks: ChunkReader;
  /** After an error nothing more is read. */
  isOver: boolean;
}

const NOTHING: readonly ChatEvent[] = [];

const reader: Reducer<Reading, SseEvent, ChatEvent> = {
  start: () => ({ chunks: new ChunkReader(), isOver: false }),
  step: (state, frame) => [state, state.isOver || frame.data === "" ? NOTHING : readFrame(state, frame)],
  // Usage may follow the finish reason, and no frame says that it was the last.
  end: (state) => (!state.isOver && state.chunks.finished ? ended(state) : NOTHING),
};

const readFrame = (state: Reading, { data }: SseEvent): readonly ChatEvent[] => {
  const body = parsedFrame(data);
  if (errorOf(body) !== undefined) return failed(state, body);
  if (!isObject(body)) return failed(state, { error: { message: "A chunk is not a JSON object" } });
  state.chunks.read(body);
  return state.chunks.take();
};

const ended = (state: Reading): readonly ChatEvent[] => {
  state.isOver = true;
  state.chunks.end();
  return state.chunks.take();
};

const failed = (state: Reading, body: unknown): readonly ChatEvent[] => {
  state.isOver = true;
  return [{ type: "error", fault: readInnerError(body) }];
};
