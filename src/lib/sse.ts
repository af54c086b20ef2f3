/** Server-sent events: cutting bytes into events, and writing them. */
import type { Bytes } from "./bytes.ts";
import { createParser } from "eventsource-parser";
import type { Stage } from "./reducer.ts";

export interface SseEvent {
  readonly event?: string | undefined;
  readonly data: string;
}

/** Largest run of bytes without the end of an event. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** Thrown when an event grows past `MAX_EVENT_BYTES`. */
export class EventTooLarge extends Error {
  constructor() {
    super(`A stream event is larger than ${MAX_EVENT_BYTES} bytes`);
    this.name = "EventTooLarge";
  }
}

/**
 * Bytes to events, for any cut of the bytes and any line ending. An event that the end of the stream
 * cut short is not an event; one that only lacks the blank line behind it, which some servers leave out, is:
 * https://github.com/openai/openai-node/issues/2725
 */
export const decodeSse = (): Stage<Bytes, SseEvent> => {
  let events: SseEvent[] = [];
  let pending = 0; // bytes since the last complete event
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ event, data }) => {
      pending = 0;
      if (data.trim() === "") return; // a sign of life: https://github.com/NousResearch/hermes-agent/issues/111887
      events.push(event === undefined ? { data } : { event, data });
    },
  });
  const drain = (): readonly SseEvent[] => {
    const drained = events;
    events = [];
    return drained;
  };
  return {
    push(bytes) {
      pending += bytes.byteLength;
      parser.feed(decoder.decode(bytes, { stream: true }));
      if (pending > MAX_EVENT_BYTES) throw new EventTooLarge();
      return drain();
    },
    close() {
      parser.feed(`${decoder.decode()}\n\n`);
      return drain().filter(isWhole);
    },
  };
};

/** What is said in streams is JSON, but for the word at their end. */
const isWhole = ({ data }: SseEvent): boolean => {
  try {
    JSON.parse(data);
    return true;
  } catch {
    return data === "[DONE]";
  }
};

/** `data:` framing of one JSON text. The text holds no newline, as `JSON.stringify` writes none. */
export const dataFrame = (data: string): string => `data: ${data}\n\n`;

export const namedFrame = (event: string, data: string): string => `event: ${event}\ndata: ${data}\n\n`;
