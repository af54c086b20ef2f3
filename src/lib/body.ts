/**
 * Bodies of requests and responses, unpacked here and no further than a limit.
 *
 * They come packed as they are: unpacked on their way they would have no bound (1 MB of gzip makes 1 GiB).
 * The unpacking is `DecompressionStream`'s: it stops inside a chunk when nobody reads on, and it rejects
 * a body that was cut short, where `node:zlib` of Bun 1.4.5 takes a cut zstd body for a whole one.
 */
import type { Bytes } from "./bytes.ts";
import type { HeaderFields } from "./header-fields.ts";
import type { ByteReader, HttpResponse } from "./http.ts";
import { readerOf } from "./http.ts";

/** A request or a response. */
export type Message = Pick<HttpResponse, "headers" | "body" | "bytes" | "reader" | "held">;

/** Thrown when a body, unpacked, is larger than the reader allows. */
export class BodyTooLarge extends Error {
  readonly limit: number;

  constructor(limit: number) {
    super(`The body is larger than ${limit} bytes`);
    this.name = "BodyTooLarge";
    this.limit = limit;
  }
}

/** Thrown when a body is not in the encoding that its head names (the cause says how), or in none we know. */
export class BodyUndecodable extends Error {
  constructor(cause?: unknown) {
    super("The body could not be decoded", cause === undefined ? undefined : { cause });
    this.name = "BodyUndecodable";
  }
}

/** The whole body, unpacked; rejects with `BodyTooLarge` as soon as it is more than `limit` bytes. */
export const readCapped = async (message: Message, limit: number): Promise<Bytes> =>
  readWhole(message, limit);

/** The same at once where all of it has come already: on the way of every call, a promise less is time saved. */
export const readWhole = (message: Message, limit: number): Bytes | Promise<Bytes> => {
  const isPlain = message.headers.get("content-encoding") === null;
  const held = isPlain ? message.held?.() : undefined;
  if (held !== undefined) return within(held, limit);
  // A body of another length than stated rejects.
  if (isPlainUpTo(message.headers, limit)) return message.bytes();
  const reader = isPlain ? message.reader?.() : undefined;
  return readPieces(reader ?? decodeStream(message, limit).getReader(), limit);
};

const within = (bytes: Bytes, limit: number): Bytes => {
  if (bytes.byteLength > limit) throw new BodyTooLarge(limit);
  return bytes;
};

const readPieces = async (reader: ByteReader, limit: number): Promise<Bytes> => {
  const pieces: Bytes[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return pieces.length === 1 ? (pieces[0] as Bytes) : Buffer.concat(pieces);
    size += value.byteLength;
    if (size > limit) {
      discard(reader, undefined);
      throw new BodyTooLarge(limit);
    }
    pieces.push(value);
  }
};

/** One read will do: nothing to unpack, and a stated length within the limit. */
const isPlainUpTo = (headers: HeaderFields, limit: number): boolean => {
  const length = headers.get("content-length");
  return length !== null && headers.get("content-encoding") === null && Number(length) <= limit;
};

/** The same as a reader, straight from the connection where there is nothing to unpack. */
export const decodedReader = (message: Message): ByteReader => {
  const isPlain = message.headers.get("content-encoding") === null;
  return (isPlain ? readerOf(message) : undefined) ?? decodeStream(message).getReader();
};

/**
 * The body as it comes, unpacked; the very stream of the message when there is nothing to unpack or to
 * count. Its head still says how it was packed: whoever forwards it drops `content-encoding` and
 * `content-length`.
 */
export const decodeStream = (message: Message, limit = Infinity): ReadableStream<Bytes> => {
  const body: ReadableStream<Bytes> | null = message.body;
  if (body === null) return emptyStream();
  const formats = formatsOf(message.headers);
  if (formats === undefined) return failing(body, new BodyUndecodable());
  if (formats.length === 0) return limit === Infinity ? body : cap(body, limit);
  return unpack(body, formats, limit);
};

/** Registered content codings (RFC 9110 §8.4.1, RFC 7932, RFC 8878) by what the platform calls them. */
const FORMATS: ReadonlyMap<string, Bun.CompressionFormat> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "brotli"],
  ["zstd", "zstd"],
]);

/** The codings we can undo, as one names them to a client. */
export const CODINGS = "gzip, deflate, br, zstd";

/** More layers than that are nobody's honest answer. */
const MAX_LAYERS = 3;

/** What to undo, in order; undefined when we cannot. Some servers name a coding for a body of no bytes. */
const formatsOf = (headers: HeaderFields): readonly Bun.CompressionFormat[] | undefined => {
  if (headers.get("content-length") === "0") return [];
  const codings = (headers.get("content-encoding") ?? "")
    .split(",")
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity");
  const formats = codings.flatMap((coding) => FORMATS.get(coding) ?? []);
  return formats.length === codings.length && formats.length <= MAX_LAYERS ? formats.toReversed() : undefined;
};

/** Every layer is capped, so that no layer of a nested bomb grows where the outer one stays small. */
const unpack = (
  body: ReadableStream<Bytes>,
  formats: readonly Bun.CompressionFormat[],
  limit: number,
): ReadableStream<Bytes> => {
  let lost: unknown; // the error of the connection, which passes through the layers as it is
  const packed = through(body, { failed: (error) => (lost = error) });
  const unpacked = formats.reduce(
    (stream, format) => cap(stream.pipeThrough(decompressor(format)), limit),
    packed,
  );
  return through(unpacked, {
    failed: (error) => (error === lost || error instanceof BodyTooLarge ? error : new BodyUndecodable(error)),
  });
};

// The DOM's types know neither brotli nor zstd, and take chunks of any buffer; Bun has the first two.
const decompressor = (format: Bun.CompressionFormat): ReadableWritablePair<Bytes, Bytes> =>
  new DecompressionStream(format as CompressionFormat);

const cap = (source: ReadableStream<Bytes>, limit: number): ReadableStream<Bytes> => {
  let taken = 0;
  const count = (chunk: Bytes): void => {
    taken += chunk.byteLength;
    if (taken > limit) throw new BodyTooLarge(limit);
  };
  return through(source, { chunk: count });
};

interface Hooks {
  /** Sees every chunk; what it throws ends the stream. */
  readonly chunk?: (chunk: Bytes) => void;
  /** Names the error with which the stream ends. */
  readonly failed?: (error: unknown) => unknown;
}

/** The same stream, watched; it asks for a chunk only when one is asked of it. */
const through = (source: ReadableStream<Bytes>, hooks: Hooks): ReadableStream<Bytes> => {
  const reader = source.getReader();
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          hooks.chunk?.(value);
          controller.enqueue(value);
        } catch (error) {
          discard(reader, error);
          throw hooks.failed?.(error) ?? error;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
};

/** Lets go of a source whose failure is already told: cancelling it can only fail the same way. */
const discard = (source: Pick<ByteReader, "cancel">, reason: unknown): void => {
  source.cancel(reason).catch(() => undefined);
};

const failing = (body: ReadableStream, error: Error): ReadableStream<Bytes> => {
  discard(body, error);
  return new ReadableStream({ start: (controller) => controller.error(error) });
};

const emptyStream = (): ReadableStream<Bytes> =>
  new ReadableStream({ start: (controller) => controller.close() });
