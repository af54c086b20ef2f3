/** The body of an answer, between the connection that it comes from and whoever reads it. */
import type { Bytes } from "./bytes.ts";
import { Deferred } from "./deferred.ts";
import type { HeaderFields } from "./header-fields.ts";
import type { ByteRead, ByteReader, HttpResponse } from "./http.ts";

/** What the connection has to hear of its reader. */
export interface Source {
  /** Too much is waiting to be read. */
  pause(): void;
  resume(): void;
  /** Nobody reads on. */
  abandon(): void;
}

/** More than that unread, and the connection is asked to wait. */
const FULL_BYTES = 128 * 1024;

const END: ByteRead = Object.freeze({ done: true });
const AT_END: Promise<ByteRead> = Promise.resolve(END);

type State = "open" | "ended" | "failed";

export class Incoming implements ByteReader {
  readonly #source: Source;
  #state: State = "open";
  #error: unknown;
  #pieces: Bytes[] = [];
  #waiting = 0;
  #isPaused = false;
  /** It is read whole: there is nothing to hold it back for. */
  #isGathered = false;
  #reader: Deferred<ByteRead> | undefined;
  #gatherer: Deferred<Bytes> | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  push(piece: Bytes): void {
    if (this.#state !== "open" || piece.length === 0) return;
    if (this.#reader !== undefined) return this.#answer({ done: false, value: piece });
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    if (this.#waiting <= FULL_BYTES || this.#isPaused || this.#isGathered) return;
    this.#isPaused = true;
    this.#source.pause();
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#answer(END);
    this.#gathered();
  }

  fail(error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#error = error;
    this.#reader?.reject(error);
    this.#reader = undefined;
    this.#gatherer?.reject(error);
  }

  /** What came before the connection failed is read first. */
  read(): Promise<ByteRead> {
    if (this.#isBeingRead()) return Promise.reject(new TypeError("The body is being read already"));
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#waiting -= piece.length;
      this.#makeRoom();
      return Promise.resolve({ done: false, value: piece });
    }
    if (this.#state === "ended") return AT_END;
    if (this.#state === "failed") return Promise.reject(this.#error);
    this.#reader = new Deferred<ByteRead>();
    return this.#reader.promise;
  }

  cancel(): Promise<void> {
    this.#pieces = [];
    if (this.#state !== "open") return Promise.resolve();
    this.end();
    this.#source.abandon();
    return Promise.resolve();
  }

  /** All of it, where it is here; it is given once. */
  held(): Bytes | undefined {
    return this.#state === "ended" && !this.#isBeingRead() ? this.#joined() : undefined;
  }

  /** All that is to come. */
  whole(): Promise<Bytes> {
    if (this.#state === "ended") return Promise.resolve(this.#joined());
    if (this.#state === "failed") return Promise.reject(this.#error);
    if (this.#isBeingRead()) return Promise.reject(new TypeError("The body is being read already"));
    this.#isGathered = true;
    this.#gatherer = new Deferred<Bytes>();
    this.#makeRoom();
    return this.#gatherer.promise;
  }

  #isBeingRead(): boolean {
    return this.#reader !== undefined || (this.#gatherer !== undefined && this.#state === "open");
  }

  #answer(read: ByteRead): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.resolve(read);
  }

  #gathered(): void {
    this.#gatherer?.resolve(this.#joined());
  }

  #joined(): Bytes {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces.length === 1 ? (pieces[0] as Bytes) : Buffer.concat(pieces);
  }

  #makeRoom(): void {
    if (!this.#isPaused || (this.#waiting > 0 && !this.#isGathered)) return;
    this.#isPaused = false;
    this.#source.resume();
  }
}

const utf8 = new TextDecoder();

/** An answer whose body is still coming. */
export class Received implements HttpResponse {
  readonly status: number;
  readonly headers: HeaderFields;
  reconnected = false;
  readonly #incoming: Incoming | undefined;
  #body: ReadableStream<Bytes> | null | undefined;

  /** Without `incoming` it has no body. */
  constructor(status: number, headers: HeaderFields, incoming: Incoming | undefined) {
    this.status = status;
    this.headers = headers;
    this.#incoming = incoming;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get body(): ReadableStream<Bytes> | null {
    this.#body ??= this.#incoming === undefined ? null : streamed(this.#incoming);
    return this.#body;
  }

  reader(): ByteReader {
    return this.#incoming ?? NO_BODY;
  }

  held(): Bytes | undefined {
    return this.#incoming?.held();
  }

  bytes(): Promise<Bytes> {
    return this.#incoming?.whole() ?? Promise.resolve(new Uint8Array());
  }

  async text(): Promise<string> {
    return utf8.decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
}

const NO_BODY: ByteReader = Object.freeze({ read: () => AT_END, cancel: () => Promise.resolve() });

const streamed = (incoming: Incoming): ReadableStream<Bytes> =>
  new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const { done, value } = await incoming.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => incoming.cancel(),
    },
    { highWaterMark: 0 },
  );
