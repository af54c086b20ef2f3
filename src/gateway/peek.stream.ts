/** Opens a stream: reads it to its first word, or finds that it is none, whatever its head calls it. */
import type { Bytes } from "../lib/bytes.ts";
import { BodyTooLarge, decodedReader } from "../lib/body.ts";
import type { ByteRead, ByteReader, HttpResponse } from "../lib/http.ts";
import { decodeUntil } from "../lib/sse-frames.ts";
import type { SseEvent } from "../lib/sse.ts";
import { MAX_EVENT_BYTES } from "../lib/sse.ts";
import { fold } from "../providers/chat-events.ts";
import type { Glance, UpstreamDialect } from "../providers/dialect.ts";
import { framingOf } from "../providers/framings.ts";
import type { ChatEvent, ChatReply } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { Limits } from "../schema/limits.ts";
import type { OpenedStream, ReplyContent } from "./reply-head.ts";
import type { ResolvedTarget } from "./target.ts";

/** What may stand before the first word of a stream, which is kept until then: signs of life are short. */
const MAX_OPENING_BYTES = 2 * MAX_EVENT_BYTES;

/** What came back: its status, which a fault inside of it may change, and what it holds. */
export type Found = readonly [number, ReplyContent];

/** All that came, and no event among it. */
export interface NoStream {
  readonly whole: Bytes;
}

export const isStream = (target: ResolvedTarget, { headers }: Pick<HttpResponse, "headers">): boolean => {
  const type = headers.get("content-type") ?? "";
  const { contentType } = framingOf(target.row.framing);
  return type.length >= contentType.length && type.toLowerCase().startsWith(contentType);
};

/** White space, and what marks a text as UTF-8. */
const BLANKS: ReadonlySet<number> = new Set([9, 10, 13, 32, 0xef, 0xbb, 0xbf]);
/** Of `data`, `event`, `id`, `retry` and a comment's colon: no JSON begins with them. */
const BEGINNINGS: ReadonlySet<number> = new Set(Buffer.from("deir:"));

const isBlank = (byte: number): boolean => BLANKS.has(byte);

/**
 * Server-sent events by their first byte. Servers are known that call them `text/plain` or JSON, or
 * nothing: https://github.com/nearai/private-ml-sdk/pull/20, https://github.com/BYK/loreai/pull/1195
 */
export const beginsFrame = (bytes: Bytes): boolean =>
  bytes[0] !== BRACE && BEGINNINGS.has(bytes.find((byte) => !isBlank(byte)) ?? 0);

/** What most whole answers begin with. */
const BRACE = 123;

/** Whether a body that its head does not call a stream is one, and all of it to read. */
export const sniffed = async (response: HttpResponse): Promise<readonly [boolean, ByteReader]> => {
  const reader = decodedReader(response);
  const reads: ByteRead[] = [];
  for (;;) {
    const read = await reader.read();
    reads.push(read);
    if (read.done) return [false, replayed(reads, reader)];
    if (!read.value.every(isBlank)) return [beginsFrame(read.value), replayed(reads, reader)];
  }
};

const replayed = (reads: (ByteRead | Promise<ByteRead>)[], reader: ByteReader): ByteReader => ({
  read: () => (reads.length === 0 ? reader.read() : Promise.resolve(reads.shift() as ByteRead)),
  cancel: (reason) => reader.cancel(reason),
});

const EMPTY: ByteReader = Object.freeze<ByteReader>({
  read: () => Promise.resolve({ done: true }),
  cancel: () => Promise.resolve(),
});

export const readerOfBytes = (value: Bytes): ByteReader => replayed([{ done: false, value }], EMPTY);

/** The rest of what is held to the size of a whole answer. */
export const readRest = async (reader: ByteReader, limit: number): Promise<Bytes> => {
  const chunks: Bytes[] = [];
  await eachChunk(reader, limit, (chunk) => chunks.push(chunk));
  return Buffer.concat(chunks);
};

/** A stream for a client that asked for a whole answer: held to what such an answer may be. */
export const gather = async (
  stream: OpenedStream,
  dialect: UpstreamDialect,
  limit: number,
): Promise<ChatReply> => {
  const reader = dialect.readStream();
  const events: ChatEvent[] = stream.events.flatMap((event) => reader.push(event));
  const take = (heard: readonly SseEvent[]): void => {
    for (const event of heard) events.push(...reader.push(event));
  };
  await eachChunk(stream.reader, limit, (chunk) => take(stream.decoder.push(chunk)));
  take(stream.decoder.close());
  events.push(...reader.close());
  return fold(events);
};

const eachChunk = async (
  reader: ByteReader,
  limit: number,
  take: (chunk: Bytes) => unknown,
): Promise<void> => {
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    size += value.byteLength;
    if (size > limit) throw new BodyTooLarge(limit);
    take(value);
  }
};

/** Behind an only frame some servers leave it out. */
const BLANK_LINE: Bytes = Buffer.from("\n\n");

type Hear = (event: SseEvent) => Glance | undefined;

/** How long a stream that has begun may go without a word before it is handed on as it is, in milliseconds. */
export interface Patience {
  /** With an event that says nothing yet. */
  readonly opened: number;
  /** With comments alone. */
  readonly silent: number;
}

/** A client that wants a whole answer hears of nothing before it. */
const ENDLESS: Patience = Object.freeze({ opened: Infinity, silent: Infinity });

/**
 * OpenAI says `response.created` and thinks for minutes: a client, and what stands before it, has to hear of that
 * (https://github.com/BerriAI/litellm/pull/32763). A limit of the caller's is one for the first event.
 */
export const patienceOf = (
  streams: boolean,
  { pingMs }: Limits,
  { requestTimeoutMs }: ResolvedTarget,
): Patience => {
  if (!streams) return ENDLESS;
  return requestTimeoutMs === undefined
    ? { opened: pingMs, silent: pingMs }
    : { opened: Math.min(pingMs, requestTimeoutMs / 2), silent: Infinity };
};

/** Undefined when it takes longer. */
const within = async (reading: Promise<ByteRead>, ms: number): Promise<ByteRead | undefined> => {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([reading, over]);
  } finally {
    clearTimeout(timer);
  }
};

/** Reads up to the first event that says something; a fault there is a refusal with that fault's status. */
export const openStream = async (
  target: ResolvedTarget,
  status: number,
  reader: ByteReader,
  hear: Hear,
  isHandedOn: boolean,
  patience: Patience,
): Promise<Found | NoStream> => {
  let opening: Glance | undefined;
  const isWord = (event: SseEvent): boolean => {
    opening = hear(event);
    return opening !== undefined;
  };
  // A stream that is only handed on need not be decoded further than to its first word.
  const decoder = isHandedOn ? decodeUntil(isWord) : framingOf(target.row.framing).decode();
  const chunks: Bytes[] = [];
  const events: SseEvent[] = [];
  let size = 0;
  let begunAt = 0;
  let until = Infinity;
  for (;;) {
    const reading = reader.read();
    const read = await (until === Infinity ? reading : within(reading, until - performance.now()));
    if (read === undefined) {
      const resumed = replayed([reading], reader);
      return [status, { kind: "events", stream: { reader: resumed, decoder, chunks, events, opening: {} } }];
    }
    const { done, value } = read;
    if (size === 0) begunAt = performance.now();
    if (done && size === 0) throw new MalformedReply("the stream ended before its first event");
    if (!done) chunks.push(value);
    size += value?.byteLength ?? 0;
    if (size > MAX_OPENING_BYTES)
      throw new MalformedReply(`the stream says nothing in its first ${MAX_OPENING_BYTES} bytes`);
    const fresh = done ? [...decoder.push(BLANK_LINE), ...decoder.close()] : decoder.push(value);
    events.push(...fresh);
    until = begunAt + (events.length > 0 ? patience.opened : patience.silent);
    if (!isHandedOn || done) fresh.some(isWord);
    if (opening !== undefined) return opened(opening, status, { reader, decoder, chunks, events, opening });
    if (done) return { whole: Buffer.concat(chunks) };
  }
};

/** A fault counts as the stream's only when nothing was said before it. */
const opened = async ({ fault }: Glance, status: number, stream: OpenedStream): Promise<Found> => {
  if (fault === undefined) return [status, { kind: "events", stream }];
  await stream.reader.cancel(); // nothing of it will be read
  return [fault.status, { kind: "fault", fault, value: undefined, bytes: new Uint8Array() }];
};
