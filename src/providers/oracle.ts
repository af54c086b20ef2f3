/**
 * The dialect of Oracle's OCI Generative AI chat (docs.oracle.com, "generative-ai-inference", Chat).
 *
 * Its replies are OpenAI's in another spelling: they are spelled back, and read as OpenAI's.
 */
import type { Reducer } from "../lib/reducer.ts";
import { seal } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { ChatEvent, ChatReply, Fault } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import type { Glance, UpstreamDialect } from "./dialect.ts";
import { ChunkReader } from "./openai-chat.chunks.ts";
import { readError, readStreamError } from "./openai-chat.errors.ts";
import { glanceReply as glanceChunk } from "./openai-chat.glance.ts";
import { readReply as readOpenaiReply } from "./openai-chat.response.ts";
import { DONE } from "./openai-chat.stream-read.ts";
import { failureOf, toChunk, toReply } from "./oracle.chunks.ts";
import { writeRequest } from "./oracle.request.ts";
import { parsedFrame } from "./parsed-frame.ts";

const readReply = (body: JsonObject): ChatReply => {
  const reply = toReply(body);
  if (reply === undefined) throw new MalformedReply("The reply has no chatResponse", body);
  return readOpenaiReply(reply);
};

interface Reading {
  readonly chunks: ChunkReader;
  /** After the end, or an error, nothing more is read. */
  isOver: boolean;
}

const reader: Reducer<Reading, SseEvent, ChatEvent> = {
  start: () => ({ chunks: new ChunkReader(), isOver: false }),
  step: (state, { data }) => [state, state.isOver || data === "" ? NONE : readFrame(state, data)],
  end: (state) => (!state.isOver && state.chunks.finished ? ended(state) : NONE),
};

const NONE: readonly ChatEvent[] = [];

const readFrame = (state: Reading, data: string): readonly ChatEvent[] => {
  if (data === DONE) return state.chunks.started ? ended(state) : NONE;
  const event = parsedFrame(data);
  const fault = faultIn(event);
  if (fault !== undefined) {
    state.isOver = true;
    return [{ type: "error", fault }];
  }
  state.chunks.read(toChunk(event));
  return state.chunks.take();
};

const ended = (state: Reading): readonly ChatEvent[] => {
  state.isOver = true;
  state.chunks.end();
  return state.chunks.take();
};

/** `{code, message}`: the code is the kind of error too ("Error" of Oracle's SDK). */
const readCodedError: UpstreamDialect["readError"] = (status, body) => {
  const fault = readError(status, body);
  return { ...fault, type: fault.type ?? fault.code };
};

/** What a reply or an event says went wrong. */
const faultIn = (event: JsonObject): Fault | undefined => {
  if (isError(event)) return readStreamError(event);
  const { chatResponse: response } = event;
  const failure = failureOf(isObject(response) ? response : event);
  return failure === undefined ? undefined : readStreamError(failure);
};

/** `{code, message}`; the message of a chunk is an object. */
const isError = (event: JsonObject): boolean => isString(event["message"]) || isObject(event["error"]);

const glance = ({ data }: SseEvent): Glance => {
  if (data === DONE) return { end: true };
  if (data === "") return {};
  const event = parsedFrame(data);
  const fault = faultIn(event);
  if (fault !== undefined) return { fault };
  const told = glanceChunk(toChunk(event));
  return isObject(event["message"]) && CONTENT.test(data) ? { ...told, content: true } : told;
};

/** A field of a message that holds more than an empty string. */
const CONTENT = /"(?:text|thinking|reasoningContent|toolPlan|name|arguments)":\s*"[^"]/;

const glanceReply = (body: JsonObject): Glance => {
  const fault = faultIn(body);
  if (fault !== undefined) return { fault };
  const reply = toReply(body);
  return reply === undefined ? {} : glanceChunk(reply);
};

export const oracle: UpstreamDialect = Object.freeze<UpstreamDialect>({
  id: "oracle",
  writeRequest,
  readReply,
  readStream: () => seal(reader),
  readError: readCodedError,
  glance,
  glanceReply,
});
