/**
 * Cuts a passing stream's text at its blank lines and finds the few frames worth reading.
 *
 * A relay that hands bytes on must not pay for parsing every event it does not need. This looks for
 * marks in the text, and decodes only the frames that hold one.
 */
import { createParser } from "eventsource-parser";
import type { Bytes } from "./bytes.ts";
import { EventTooLarge, MAX_EVENT_BYTES } from "./sse.ts";
import type { Stage } from "./reducer.ts";
import type { SseEvent } from "./sse.ts";

export interface FrameFinder {
  /** The events among the frames completed by `chunk` that hold a mark, in order. */
  push(chunk: Bytes): readonly SseEvent[];
  /** The same for a last frame that no blank line follows: some servers leave it out. */
  close(): readonly SseEvent[];
}

export const findFrames = (marks: readonly string[]): FrameFinder => {
  const decoder = new TextDecoder();
  let rest = "";
  return {
    push(chunk) {
      const text = rest + decoder.decode(chunk, { stream: true });
      const end = endOfLastFrame(text);
      rest = end === text.length ? "" : text.slice(end);
      if (rest.length > MAX_EVENT_BYTES) throw new EventTooLarge();
      return end === 0 ? [] : markedEvents(text, end, marks);
    },
    close() {
      const last = rest;
      rest = "";
      return marks.some((mark) => last.includes(mark)) ? parseFrames(last) : [];
    },
  };
};

/** Decodes frame by frame and stops after the first event that `isEnough`; later frames are not looked at. */
export const decodeUntil = (isEnough: (event: SseEvent) => boolean): Stage<Bytes, SseEvent> => {
  const decoder = new TextDecoder();
  let rest = "";
  return {
    push(chunk) {
      rest += decoder.decode(chunk, { stream: true });
      const events: SseEvent[] = [];
      for (let end = endOfFrame(rest, 0); end !== -1 && !events.some(isEnough); end = endOfFrame(rest, 0)) {
        events.push(...parseFrames(rest.slice(0, end)));
        rest = rest.slice(end);
      }
      if (rest.length > MAX_EVENT_BYTES) throw new EventTooLarge();
      return events;
    },
    close: () => [],
  };
};

/** Every event of some whole frames. */
export const parseFrames = (text: string): readonly SseEvent[] => {
  const events: SseEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => events.push(event === undefined ? { data } : { event, data }),
  });
  parser.feed(text);
  parser.feed("\n\n");
  return events;
};

/** Just after the last blank line, or 0. Lines end in LF or CRLF; no server is known to send CR alone. */
const endOfLastFrame = (text: string): number => {
  const lf = text.lastIndexOf("\n\n");
  const crlf = text.lastIndexOf("\r\n\r\n");
  return Math.max(lf === -1 ? 0 : lf + 2, crlf === -1 ? 0 : crlf + 4);
};

const markedEvents = (text: string, end: number, marks: readonly string[]): readonly SseEvent[] => {
  const events: SseEvent[] = [];
  let from = 0;
  for (;;) {
    const at = firstMark(text, from, end, marks);
    if (at === -1) return events;
    const start = startOfFrame(text, at, from);
    from = endOfFrame(text, at); // there is one: `end` is after it
    events.push(...parseFrames(text.slice(start, from)));
  }
};

const firstMark = (text: string, from: number, end: number, marks: readonly string[]): number => {
  let first = -1;
  for (const mark of marks) {
    const at = text.indexOf(mark, from);
    if (at !== -1 && at < end && (first === -1 || at < first)) first = at;
  }
  return first;
};

const startOfFrame = (text: string, at: number, from: number): number => {
  const lf = text.lastIndexOf("\n\n", at);
  const crlf = text.lastIndexOf("\r\n\r\n", at);
  return Math.max(from, lf === -1 ? 0 : lf + 2, crlf === -1 ? 0 : crlf + 4);
};

/** Just after the first blank line at or after `at`, or -1. */
const endOfFrame = (text: string, at: number): number => {
  const lf = text.indexOf("\n\n", at);
  const crlf = text.indexOf("\r\n\r\n", at);
  if (lf === -1) return crlf === -1 ? -1 : crlf + 4;
  return crlf === -1 || lf < crlf ? lf + 2 : crlf + 4;
};
