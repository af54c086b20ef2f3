/**
 * AWS event streams: binary messages of headers and a payload, guarded by two checksums.
 *
 * Layout (docs.aws.amazon.com/transcribe/latest/dg/event-stream.html; smithy.io "Event Stream encoding"):
 * total length, length of the headers, CRC-32 of these eight bytes; headers; payload; CRC-32 of all before.
 */
import { crc32 } from "node:zlib";
import type { Bytes } from "../lib/bytes.ts";
import type { Stage } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import { EventTooLarge, MAX_EVENT_BYTES } from "../lib/sse.ts";
import { MalformedReply } from "../schema/errors.ts";

/** Bytes to events, for any cut of the bytes. A message that the end of the stream cut short is none. */
export const decodeAwsEventstream = (): Stage<Bytes, SseEvent> => {
  let parts: Bytes[] = [];
  let held = 0;
  let wanted = PRELUDE; // nothing can be read before that many bytes are there
  return {
    push(bytes) {
      parts.push(bytes);
      held += bytes.length;
      if (held < wanted) return NONE;
      const read = readMessages(parts.length === 1 ? bytes : Buffer.concat(parts));
      parts = [read.rest];
      held = read.rest.length;
      wanted = read.wanted;
      return read.events;
    },
    close: () => NONE,
  };
};

const NONE: readonly SseEvent[] = [];

const PRELUDE = 12;
const CHECKSUM = 4;
const LEAST = PRELUDE + CHECKSUM;

interface Read {
  readonly events: readonly SseEvent[];
  readonly rest: Bytes;
  /** How many bytes the next message has, or its prelude while that is not there. */
  readonly wanted: number;
}

const readMessages = (bytes: Bytes): Read => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: SseEvent[] = [];
  let at = 0;
  let wanted = PRELUDE;
  while (bytes.length - at >= PRELUDE) {
    wanted = checkedLength(bytes, view, at);
    if (bytes.length - at < wanted) break;
    events.push(readMessage(bytes, view, at, at + wanted));
    at += wanted;
    wanted = PRELUDE;
  }
  return { events, rest: bytes.subarray(at), wanted };
};

/** The length is believed only after its checksum. */
const checkedLength = (bytes: Bytes, view: DataView, at: number): number => {
  if (crc32(bytes.subarray(at, at + 8)) !== view.getUint32(at + 8)) throw malformed("prelude checksum");
  const length = view.getUint32(at);
  if (length < LEAST + view.getUint32(at + 4)) throw malformed("length");
  if (length > MAX_EVENT_BYTES) throw new EventTooLarge();
  return length;
};

const malformed = (what: string): MalformedReply =>
  new MalformedReply(`A message of the event stream has a wrong ${what}`);

const readMessage = (bytes: Bytes, view: DataView, start: number, end: number): SseEvent => {
  const payloadEnd = end - CHECKSUM;
  if (crc32(bytes.subarray(start, payloadEnd)) !== view.getUint32(payloadEnd))
    throw malformed("message checksum");
  const payloadStart = start + PRELUDE + view.getUint32(start + 4);
  const names = readNames(bytes, view, start + PRELUDE, payloadStart);
  return eventOf(names, text(bytes, payloadStart, payloadEnd));
};

const text = (bytes: Bytes, start: number, end: number): string => utf8.decode(bytes.subarray(start, end));

const utf8 = new TextDecoder();

/** The headers that name a message, each without its colon. */
interface Names {
  "message-type"?: string;
  "event-type"?: string;
  "exception-type"?: string;
  "error-code"?: string;
  "error-message"?: string;
}

/** An unmodelled error has no payload: its words are in the headers. */
const eventOf = (names: Names, payload: string): SseEvent => {
  if (names["message-type"] === "error") {
    return {
      event: names["error-code"] ?? "error",
      data: JSON.stringify({ message: names["error-message"] }),
    };
  }
  return { event: names["exception-type"] ?? names["event-type"], data: payload };
};

const NAMES: ReadonlySet<string> = new Set<keyof Names>([
  "message-type",
  "event-type",
  "exception-type",
  "error-code",
  "error-message",
]);

const isName = (name: string): name is keyof Names => NAMES.has(name);

const TEXT = 7;
/** Bytes of a header's value by its type; byte arrays and texts state their own length. */
const SIZES: readonly number[] = [0, 0, 1, 2, 4, 8, Number.NaN, Number.NaN, 8, 16];

const readNames = (bytes: Bytes, view: DataView, start: number, end: number): Names => {
  const names: Names = {};
  for (let at = start; at < end;) {
    const nameEnd = at + 1 + view.getUint8(at);
    if (nameEnd + 1 > end) throw malformed("header");
    const type = view.getUint8(nameEnd);
    const [from, to] = valueBounds(view, type, nameEnd + 1, end);
    const name = bytes[at + 1] === COLON ? text(bytes, at + 2, nameEnd) : "";
    if (type === TEXT && isName(name)) names[name] = text(bytes, from, to);
    at = to;
  }
  return names;
};

const COLON = 58;

const valueBounds = (view: DataView, type: number, at: number, end: number): readonly [number, number] => {
  const size = SIZES[type];
  if (size === undefined) throw malformed("header");
  const isSized = Number.isNaN(size);
  if (isSized && at + 2 > end) throw malformed("header");
  const from = isSized ? at + 2 : at;
  const to = from + (isSized ? view.getUint16(at) : size);
  if (to > end) throw malformed("header");
  return [from, to];
};
