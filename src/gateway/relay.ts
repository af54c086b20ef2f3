/**
 * Hands an upstream's stream on to the client, one pull at a time.
 *
 * A pull reads the upstream until there is something to hand on, so back-pressure and cancellation
 * reach it. Silence is bounded, a long pause is bridged with comments, and an upstream that is cut
 * ends with an error frame, never with what looks like an end.
 */
import type { Bytes } from "../lib/bytes.ts";
import { classifyNetworkError } from "../lib/network-error.ts";
import { EventTooLarge } from "../lib/sse.ts";
import type { World } from "../lib/world.ts";
import { MalformedReply } from "../schema/errors.ts";
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
  /** The frame that says the stream broke. */
  broken(reason: string): string;
}

export type RelayEnd = "answered" | "interrupted" | "cancelled";

export interface RelayOptions {
  readonly reader: ReadableStreamDefaultReader<Bytes>;
  readonly relayed: Relayed;
  readonly idleMs: number;
  readonly pingMs: number;
  readonly world: World;
  /** Ends the upstream call. */
  readonly abort: () => void;
  /** Called once, when the last byte has gone or the client has left. */
  readonly ended: (end: RelayEnd, reason: string | null) => void;
  /** Where a running stream can be told that the gateway goes down. */
  readonly calls: CallsInFlight;
}

const encoder = new TextEncoder();
const PING = encoder.encode(": ping\n\n");

export const relay = (options: RelayOptions): ReadableStream<Bytes> => {
  const relaying = new Relaying(options);
  return new ReadableStream<Bytes>(
    {
      start: (controller) => relaying.start(controller),
      pull: (controller) => relaying.pull(controller),
      cancel: () => relaying.cancel(),
    },
    { highWaterMark: 0 },
  );
};

type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Bytes>["read"]>>;

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

type Controller = ReadableStreamDefaultController<Bytes>;

class Relaying {
  readonly #options: RelayOptions;
  #isFirst = true;
  #isOver = false;
  #isWaiting = false;
  #lastHeardAt: number;
  #lastSaidAt: number;
  #watch: Timer | undefined;
  #leave: (() => void) | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#lastHeardAt = this.#lastSaidAt = options.world.now();
  }

  start(controller: Controller): void {
    const { idleMs, pingMs } = this.#options;
    this.#leave = this.#options.calls.onShutdown(() =>
      this.#break(controller, "the gateway is shutting down"),
    );
    this.#watch = setInterval(() => this.#look(controller), Math.max(20, Math.min(pingMs, idleMs / 4)));
  }

  /** Not async: a promise less for every chunk. */
  pull(controller: Controller): Promise<void> | undefined {
    if (!this.#isFirst) return this.#readOn(controller);
    this.#isFirst = false;
    return this.#saidOf(controller, () => this.#options.relayed.first());
  }

  cancel(): void {
    this.#over("cancelled", null);
    this.#options.abort();
  }

  #readOn(controller: Controller): Promise<void> {
    this.#isWaiting = true;
    this.#lastHeardAt = this.#options.world.now();
    return this.#options.reader.read().then(
      (read) => this.#heard(controller, read),
      (error: unknown) => this.#break(controller, reasonOf(error)),
    );
  }

  #heard(controller: Controller, { done, value }: Read): Promise<void> | undefined {
    this.#isWaiting = false;
    if (this.#isOver) return undefined;
    if (!done) return this.#saidOf(controller, () => this.#options.relayed.next(value));
    this.#finish(controller);
    return undefined;
  }

  /** Says what `make` gives, or reads on when that is nothing yet. A fault of ours breaks the stream visibly. */
  #saidOf(controller: Controller, make: () => Bytes | string): Promise<void> | undefined {
    try {
      return this.#say(controller, make()) ? undefined : this.#readOn(controller);
    } catch (error) {
      this.#break(controller, reasonOf(error));
      return undefined;
    }
  }

  #finish(controller: Controller): void {
    try {
      const last = this.#options.relayed.last();
      if (last === undefined) throw new UnfinishedStream();
      this.#say(controller, last);
      this.#over("answered", null);
      controller.close();
    } catch (error) {
      this.#break(controller, reasonOf(error));
    }
  }

  /** True when there was something to say. */
  #say(controller: Controller, output: Bytes | string): boolean {
    if (output.length === 0) return false;
    controller.enqueue(typeof output === "string" ? encoder.encode(output) : output);
    this.#lastSaidAt = this.#options.world.now();
    return true;
  }

  #break(controller: Controller, reason: string): void {
    if (this.#isOver) return;
    const { relayed, abort } = this.#options;
    const isWhole = relayed.hasEnded();
    this.#over(isWhole ? "answered" : "interrupted", isWhole ? null : reason);
    abort();
    if (!isWhole) controller.enqueue(encoder.encode(relayed.broken(reason)));
    controller.close();
  }

  #over(end: RelayEnd, reason: string | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#watch);
    this.#leave?.();
    this.#options.ended(end, reason);
  }

  /** Time spent with the client not reading is not the upstream's silence. */
  #look(controller: Controller): void {
    if (!this.#isWaiting || this.#isOver) return;
    const { world, idleMs, pingMs, relayed } = this.#options;
    const now = world.now();
    if (now - this.#lastHeardAt >= idleMs) {
      this.#break(controller, `the upstream was silent for ${idleMs} ms`);
    } else if (now - this.#lastSaidAt >= pingMs && relayed.isBetweenFrames()) {
      this.#lastSaidAt = now;
      controller.enqueue(PING);
    }
  }
}
