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
  const parser = eventParser((event) => {
    pending = 0;
    if (event.data.trim() === "") return; // a sign of life: https://github.com/NousResearch/hermes-agent/issues/111887
    events.push(event);
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

/**
 * Text to events, and an error that stands among them as mere JSON: so Google's servers break a stream off
 * (github.com/diegosouzapw/OmniRoute/issues/4177, `throwIfStreamErrorChunk` of the Google Gen AI SDK).
 */
export const eventParser = (take: (event: SseEvent) => void): { feed(text: string): void } => {
  let bare = ""; // what began with a brace at the start of a line
  let isLineStart = true;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      bare = "";
      take(event === undefined ? { data } : { event, data });
    },
  });
  return {
    feed(text) {
      if (text === "") return;
      parser.feed(text);
      if (bare !== "") bare += text;
      else if (text.includes("{")) bare = fromBrace(text, isLineStart);
      isLineStart = text.endsWith("\n") || text.endsWith("\r");
      if (bare === "") return;
      const error = errorIn(bare);
      if (error !== undefined) take({ data: error });
      if (error !== undefined || bare.length > MAX_BARE) bare = "";
    },
  };
};

/** From a brace at the start of a line on. */
const fromBrace = (text: string, isLineStart: boolean): string => {
  if (isLineStart && text.startsWith("{")) return text;
  const at = text.search(BRACE);
  return at === -1 ? "" : text.slice(at);
};

const BRACE = /[\r\n]\{/;

/** No error is longer. */
const MAX_BARE = 65_536;

/** In one line, when it is whole. */
const errorIn = (text: string): string | undefined => {
  if (!text.trimEnd().endsWith("}")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isError = typeof value === "object" && value !== null && "error" in value;
    return isError ? JSON.stringify(value) : undefined;
  } catch {
    return undefined; // more is to come
  }
};

/** `data:` framing of one JSON text. The text holds no newline, as `JSON.stringify` writes none. */
export const dataFrame = (data: string): string => `data: ${data}\n\n`;

export const namedFrame = (event: string, data: string): string => `event: ${event}\ndata: ${data}\n\n`;
