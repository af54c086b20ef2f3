/** The ways a chat stream is handed on: its own bytes with a tap on them, its own events in other frames, or translated. */
import type { Bytes } from "../lib/bytes.ts";
import type { Stage } from "../lib/reducer.ts";
import { endsFrame, findFrames } from "../lib/sse-frames.ts";
import type { SseEvent } from "../lib/sse.ts";
import { dataFrame, namedFrame } from "../lib/sse.ts";
import type { ChatDialect, Glance } from "../providers/dialect.ts";
import type { ChatEvent, Fault, Usage } from "../schema/chat.ts";
import { parsedObject } from "../schema/json.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { Relayed } from "./relay.ts";
import type { OpenedStream } from "./reply-head.ts";

const interrupted = (reason: string): Fault => ({
  status: 502,
  message: `The stream was interrupted: ${reason}`,
  type: "upstream_error",
  param: null,
  code: "stream_interrupted",
});

/**
 * The client's dialect is the upstream's: bytes go through as they are, the frames that matter are looked at.
 * Some servers end after a finish, without what closes a stream; `isOne` says that no other answer was going on.
 */
export const tapped = (
  stream: OpenedStream,
  dialect: ChatDialect,
  recorder: Recorder,
  isOne = true,
): Relayed => {
  const isFinishEnough = isOne && dialect.saysEnd !== true;
  const finder = findFrames(dialect.marks);
  let isComplete = false;
  let hasEnded = false;
  let isBetween = true;
  let { pause } = dialect;
  const look = (events: readonly SseEvent[]): void => {
    for (const event of events) {
      const glance = dialect.glance(event);
      noteGlance(recorder, glance);
      hasEnded ||= glance.end === true;
      isComplete ||=
        hasEnded || glance.fault !== undefined || (isFinishEnough && glance.finish !== undefined);
    }
  };
  const handOn = (chunk: Bytes): Bytes => {
    look(finder.push(chunk));
    isBetween = endsFrame(chunk);
    return chunk;
  };
  return {
    first() {
      noteGlance(recorder, stream.opening); // the model's name, which no mark is needed for
      const [chunk] = stream.chunks;
      const opening =
        chunk !== undefined && stream.chunks.length === 1 ? chunk : Buffer.concat(stream.chunks);
      if (hasIds(opening)) pause ??= LINE_OF_COMMENT;
      return handOn(opening);
    },
    next: handOn,
    last() {
      const unclosed = finder.unclosed();
      look(finder.close());
      if (!hasEnded && !unclosed.every(isWhole)) return undefined; // cut in what came behind the finish
      // Clients drop a frame that no blank line follows.
      return isComplete ? (unclosed.length === 0 ? "" : "\n\n") : undefined;
    },
    isBetweenFrames: () => isBetween,
    get pause() {
      return pause;
    },
    hasEnded: () => hasEnded,
    broken: (reason) => dialect.writeStreamError(interrupted(reason)),
  };
};

/** Where frames have ids, OpenAI's package for Python takes every blank line for an event, and finds no JSON in it. */
const LINE_OF_COMMENT = ": ping\n"; // https://github.com/theopenco/llmgateway/pull/2334

const hasIds = (opening: Bytes): boolean => /^id:/m.test(utf8.decode(opening));

const utf8 = new TextDecoder();

const isWhole = ({ data }: SseEvent): boolean => parsedObject(data) !== undefined;

/**
 * The client's dialect in frames of another kind: each event's JSON goes through as it is. Complete is only
 * what was ended, for better or worse: there are no bytes of the upstream's that could tell more.
 */
export const reframed = (stream: OpenedStream, dialect: ChatDialect, recorder: Recorder): Relayed => {
  let isComplete = false;
  let hasEnded = false;
  const write = (events: readonly SseEvent[]): string => {
    let text = "";
    for (const event of events) {
      const glance = dialect.glance(event);
      noteGlance(recorder, glance);
      hasEnded ||= glance.end === true;
      isComplete ||= glance.end === true || glance.fault !== undefined;
      text += event.event === undefined ? dataFrame(event.data) : namedFrame(event.event, event.data);
    }
    return text;
  };
  return {
    first: () => write(stream.events),
    next: (chunk) => write(stream.decoder.push(chunk)),
    last() {
      const text = write(stream.decoder.close());
      return isComplete ? text : undefined;
    },
    isBetweenFrames: () => true,
    pause: dialect.pause,
    hasEnded: () => hasEnded,
    broken: (reason) => dialect.writeStreamError(interrupted(reason)),
  };
};

/** Takes a glance into the record. */
export const noteGlance = (recorder: Recorder, glance: Glance): void => {
  if (glance.model !== undefined) recorder.responseModel ??= glance.model;
  if (glance.usage !== undefined) recorder.usage = latest(recorder.usage, glance.usage);
  if (glance.finish !== undefined) recorder.finish = glance.finish;
  if (glance.fault !== undefined)
    recorder.error = { code: glance.fault.type ?? "upstream_error", message: glance.fault.message };
};

/** A running total replaces the one before; a frame that counts only output keeps the input that was told before it. */
const latest = (known: Usage | null, told: Usage): Usage =>
  known === null || told.input > 0 ? told : { ...known, output: told.output };

/** Upstream frames to canonical events to the client's frames. */
export const translated = (
  stream: OpenedStream,
  reader: Stage<SseEvent, ChatEvent>,
  writer: Stage<ChatEvent, string>,
  client: ChatDialect,
  recorder: Recorder,
): Relayed => {
  let isComplete = false;
  let hasEnded = false;
  const write = (events: readonly ChatEvent[]): string => {
    let text = "";
    for (const event of events) {
      isComplete = noteEvent(recorder, event) || isComplete;
      hasEnded ||= event.type === "end";
      for (const frame of writer.push(event)) text += frame;
    }
    return text;
  };
  const read = (events: readonly SseEvent[]): string => {
    let text = "";
    for (const event of events) text += write(reader.push(event));
    return text;
  };
  return {
    first: () => read(stream.events),
    next: (chunk) => read(stream.decoder.push(chunk)),
    last() {
      const text = read(stream.decoder.close()) + write(reader.close());
      return isComplete ? text + writer.close().join("") : undefined;
    },
    isBetweenFrames: () => true,
    pause: client.pause,
    hasEnded: () => hasEnded,
    // The writer numbers its frames: it writes the last one, too.
    broken: (reason) =>
      writer.push({ type: "error", fault: interrupted(reason) }).join("") ||
      client.writeStreamError(interrupted(reason)),
  };
};

/** Takes a canonical event into the record; true when it closes the answer, for better or worse. */
export const noteEvent = (recorder: Recorder, event: ChatEvent): boolean => {
  switch (event.type) {
    case "start":
      recorder.responseModel ??= event.model;
      return false;
    case "usage":
      recorder.usage = event.usage;
      return false;
    case "finish":
      recorder.finish = event.raw ?? event.finish;
      return false;
    case "error":
      recorder.error = { code: event.fault.type ?? "upstream_error", message: event.fault.message };
      return true;
    default:
      return event.type === "end";
  }
};
