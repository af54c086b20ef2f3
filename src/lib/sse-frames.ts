/**
 * Cuts a passing stream's bytes at its blank lines and finds the few frames worth reading.
 *
 * A relay that hands bytes on must not pay for decoding every event. This looks for marks in the bytes
 * (a native search: 2 µs for six marks in 20 KB) and decodes only the frames that hold one.
 */
import { createParser } from "eventsource-parser";
import type { Bytes } from "./bytes.ts";
import type { Stage } from "./reducer.ts";
import { EventTooLarge, MAX_EVENT_BYTES } from "./sse.ts";
import type { SseEvent } from "./sse.ts";

export interface FrameFinder {
  /** The events among the frames completed by `chunk` that hold a mark, in order. */
  push(chunk: Bytes): readonly SseEvent[];
  /** The same for a last frame that no blank line follows: some servers leave it out. */
  close(): readonly SseEvent[];
}

/** Texts to look for, as bytes. */
export type Marks = readonly Buffer[];

export const marksOf = (...texts: readonly string[]): Marks =>
  Object.freeze(texts.map((text) => Buffer.from(text)));

export const findFrames = (marks: Marks): FrameFinder => {
  let rest: Buffer = EMPTY;
  return {
    push(chunk) {
      const bytes = joined(rest, chunk);
      const end = endOfLastFrame(bytes);
      rest = end === bytes.length ? EMPTY : bytes.subarray(end);
      if (rest.length > MAX_EVENT_BYTES) throw new EventTooLarge();
      return end === 0 ? NONE : markedEvents(bytes, end, marks);
    },
    close() {
      const last = rest;
      rest = EMPTY;
      return marks.some((mark) => last.includes(mark)) ? parseFrames(last) : NONE;
    },
  };
};

/** Decodes frame by frame and stops after the first event that `isEnough`; later frames are not looked at. */
export const decodeUntil = (isEnough: (event: SseEvent) => boolean): Stage<Bytes, SseEvent> => {
  let rest: Buffer = EMPTY;
  return {
    push(chunk) {
      rest = joined(rest, chunk);
      const events: SseEvent[] = [];
      for (let end = endOfFrame(rest, 0); end !== -1 && !events.some(isEnough); end = endOfFrame(rest, 0)) {
        events.push(...parseFrames(rest.subarray(0, end)));
        rest = rest.subarray(end);
      }
      if (rest.length > MAX_EVENT_BYTES) throw new EventTooLarge();
      return events;
    },
    close: () => NONE,
  };
};

/** Every event of some whole frames. */
export const parseFrames = (bytes: Buffer): readonly SseEvent[] => {
  const events: SseEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => events.push(event === undefined ? { data } : { event, data }),
  });
  parser.feed(bytes.toString());
  parser.feed("\n\n");
  return events;
};

const EMPTY = Buffer.alloc(0);
const NONE: readonly SseEvent[] = Object.freeze([]);
/** Lines end in LF or CRLF; no server is known to send CR alone. */
const LF = Buffer.from("\n\n");
const CRLF = Buffer.from("\r\n\r\n");

/** A view of the chunk; a copy only where a frame was cut. */
const joined = (rest: Buffer, chunk: Bytes): Buffer =>
  rest.length === 0
    ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    : Buffer.concat([rest, chunk]);

/** Just after the last blank line, or 0. */
const endOfLastFrame = (bytes: Buffer): number => {
  if (endsWith(bytes, LF) || endsWith(bytes, CRLF)) return bytes.length;
  const lf = bytes.lastIndexOf(LF);
  const crlf = bytes.lastIndexOf(CRLF);
  return Math.max(lf === -1 ? 0 : lf + LF.length, crlf === -1 ? 0 : crlf + CRLF.length);
};

const endsWith = (bytes: Buffer, tail: Buffer): boolean =>
  bytes.length >= tail.length && bytes.subarray(bytes.length - tail.length).equals(tail);

const markedEvents = (bytes: Buffer, end: number, marks: Marks): readonly SseEvent[] => {
  let events: SseEvent[] | undefined;
  // Where each mark comes next: a mark is searched for again only once its place has been passed.
  const next = marks.map((mark) => indexBefore(bytes, mark, 0, end));
  for (let from = 0; ;) {
    const at = Math.min(...next);
    if (at === NOWHERE) return events ?? NONE;
    from = startOfFrame(bytes, at, from);
    const to = endOfFrame(bytes, at); // there is one: `end` is after it
    (events ??= []).push(...parseFrames(bytes.subarray(from, to)));
    for (const [index, mark] of marks.entries())
      if ((next[index] ?? 0) < to) next[index] = indexBefore(bytes, mark, to, end);
    from = to;
  }
};

const NOWHERE = Number.POSITIVE_INFINITY;

const indexBefore = (bytes: Buffer, mark: Buffer, from: number, end: number): number => {
  const at = bytes.indexOf(mark, from);
  return at === -1 || at >= end ? NOWHERE : at;
};

/** Just after the last blank line before `at`, looking back no further than `from`. */
const startOfFrame = (bytes: Buffer, at: number, from: number): number => {
  for (let index = at - 1; index > from; index--) {
    if (bytes[index] !== NEWLINE) continue;
    if (bytes[index - 1] === NEWLINE || (bytes[index - 1] === RETURN && bytes[index - 2] === NEWLINE))
      return index + 1;
  }
  return from;
};

const NEWLINE = 10;
const RETURN = 13;

/** Just after the first blank line at or after `at`, or -1. */
const endOfFrame = (bytes: Buffer, at: number): number => {
  for (let index = bytes.indexOf(NEWLINE, at); index !== -1; index = bytes.indexOf(NEWLINE, index + 1)) {
    if (bytes[index + 1] === NEWLINE) return index + 2;
    if (bytes[index + 1] === RETURN && bytes[index + 2] === NEWLINE) return index + 3;
  }
  return -1;
};
