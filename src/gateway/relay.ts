/**
 * Hands an upstream's stream on to the client, one piece at a time.
 *
 * The next piece is read only when the client has taken the last, so back-pressure and cancellation
 * reach the upstream. Silence is bounded, a long pause is bridged with comments, and an upstream that is
 * cut ends with an error frame, never with what looks like an end.
 */
import type { Bytes } from "../lib/bytes.ts";
import type { ByteRead, ByteReader } from "../lib/http.ts";
import type { Sink } from "../lib/direct-stream.ts";
import { directStream } from "../lib/direct-stream.ts";
import { classifyNetworkError, isBug } from "../lib/network-error.ts";
import { EventTooLarge } from "../lib/sse.ts";
import type { World } from "../lib/world.ts";
import { INTERNAL, MalformedReply } from "../schema/errors.ts";
import type { CallsInFlight } from "./calls.ts";

/** What a stream is made into; it sees every chunk once. */
export interface Relayed {
  /** What the client gets for the chunks that were read while peeking. */
  first(): Bytes | string;
  /** What the client gets for one more chunk; empty when nothing yet. */
  next(chunk: Bytes): Bytes | string;
  /** What is still owed at the upstream's end, or undefined when the answer is not complete. */
  last(): string | undefined;
  /** Whether what was handed on so far ends between two frames, so that a comment may stand there. */
  isBetweenFrames(): boolean;
  /** Whether the end of the answer was handed on: what happens to the upstream after it harms nobody. */
  hasEnded(): boolean;
  /** What bridges a long pause, where it is no comment. */
  readonly pause?: string | undefined;
  /** The frame that says the stream broke. */
  broken(reason: string): string;
}

export type RelayEnd = "answered" | "interrupted" | "cancelled";

/** Some clients leave with the end of the answer and do not wait for that of the stream: Codex does. */
export const leftEnd = (relayed: Pick<Relayed, "hasEnded">): RelayEnd =>
  relayed.hasEnded() ? "answered" : "cancelled";

export interface RelayOptions {
  readonly reader: Pick<ByteReader, "read">;
  readonly relayed: Relayed;
  readonly idleMs: number;
  readonly pingMs: number;
  readonly world: World;
  /** Ends the upstream call. */
  readonly abort: () => void;
  /** Called once, when the last byte has gone or the client has left. */
  readonly ended: (end: RelayEnd, reason: string | null) => void;
  /** Of a bug in what the stream is made into. */
  readonly report: (thrown: unknown) => void;
  /** Where a running stream can be told that the gateway goes down. */
  readonly calls: CallsInFlight;
}

const COMMENT = ": ping\n\n";

export const relay = (options: RelayOptions): ReadableStream<Bytes> => {
  const relaying = new Relaying(options);
  return directStream(
    (sink) => relaying.run(sink),
    () => relaying.cancel(),
  );
};

/** The upstream closed without what ends an answer. */
class UnfinishedStream extends Error {
  constructor() {
    super("the upstream closed the stream before its end");
    this.name = "UnfinishedStream";
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof EventTooLarge || error instanceof MalformedReply || error instanceof UnfinishedStream
    ? error.message
    : classifyNetworkError(error).message;

export class Relaying {
  readonly #options: RelayOptions;
  #isOver = false;
  /** The upstream is being read: its silence counts from `#waitingSince` on. */
  #isWaiting = false;
  #waitingSince = 0;
  /** The client has heard nothing since. */
  #quietSince = 0;
  #hasSaid = true;
  #watch: Timer | undefined;
  #leave: (() => void) | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Resolves when the last piece has been handed on, for better or worse. */
  async run(sink: Sink): Promise<void> {
    if (this.#isOver) return; // the client left before its first byte
    this.#begin(sink);
    const { relayed } = this.#options;
    try {
      await this.#say(sink, relayed.first());
      for (;;) {
        const { done, value } = await this.#read();
        this.#isWaiting = false;
        if (this.#isOver) return;
        if (done) break;
        const written = this.#say(sink, relayed.next(value));
        if (typeof written !== "number") await written;
      }
      this.#finish(sink);
    } catch (error) {
      this.#break(sink, this.#isOurs(error) ? INTERNAL : reasonOf(error));
    }
  }

  cancel(): void {
    this.#over(leftEnd(this.#options.relayed), null);
    this.#options.abort();
  }

  #begin(sink: Sink): void {
    const { idleMs, pingMs, calls } = this.#options;
    this.#leave = calls.onShutdown(() => this.#break(sink, "the gateway is shutting down"));
    this.#watch = setInterval(() => this.#look(sink), Math.max(20, Math.min(pingMs, idleMs) / 4));
  }

  #read(): Promise<ByteRead> {
    this.#isWaiting = true;
    this.#waitingSince = this.#options.world.now();
    if (this.#hasSaid) this.#quietSince = this.#waitingSince;
    this.#hasSaid = false;
    return this.#options.reader.read();
  }

  /** Told apart from what an upstream's connection dies of, and from writing to a client that has left. */
  #isOurs(error: unknown): boolean {
    if (this.#isWaiting || this.#isOver || !isBug(error)) return false;
    this.#options.report(error);
    return true;
  }

  /** A piece may be nothing yet. */
  #say(sink: Sink, piece: Bytes | string): number | Promise<number> {
    if (piece.length === 0) return 0;
    this.#hasSaid = true;
    return sink.write(piece);
  }

  #finish(sink: Sink): void {
    const last = this.#options.relayed.last();
    if (last === undefined) throw new UnfinishedStream();
    void this.#say(sink, last);
    this.#over("answered", null);
    sink.close();
  }

  #break(sink: Sink, reason: string): void {
    if (this.#isOver) return;
    const { relayed, abort } = this.#options;
    const isWhole = relayed.hasEnded();
    this.#over(isWhole ? "answered" : "interrupted", isWhole ? null : reason);
    abort();
    if (!isWhole) void sink.write(relayed.broken(reason));
    sink.close();
  }

  #over(end: RelayEnd, reason: string | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#watch);
    this.#leave?.();
    this.#options.ended(end, reason);
  }

  /** Time spent with the client not reading is not the upstream's silence. */
  #look(sink: Sink): void {
    if (!this.#isWaiting || this.#isOver) return;
    const { world, idleMs, pingMs, relayed } = this.#options;
    const now = world.now();
    if (now - this.#waitingSince >= idleMs) {
      this.#break(sink, `the upstream was silent for ${idleMs} ms`);
    } else if (now - this.#quietSince >= pingMs && relayed.isBetweenFrames()) {
      this.#quietSince = now;
      void sink.write(relayed.pause ?? COMMENT);
    }
  }
}
