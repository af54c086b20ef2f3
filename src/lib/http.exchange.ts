/** One request and its answer, over one connection. */
import type { Bytes } from "./bytes.ts";
import { Deferred } from "./deferred.ts";
import type { Ending } from "./ending.ts";
import type { Connection, Listener } from "./http.connection.ts";
import { ConnectionLost, MalformedResponse } from "./http.errors.ts";
import type { Framing } from "./http.framing.ts";
import { framingOf, hasBody } from "./http.framing.ts";
import type { ResponseHead } from "./http.head.ts";
import { Incoming, Received } from "./http.incoming.ts";
import type { RequestHead } from "./http.request.ts";
import type { Source } from "./http.incoming.ts";

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly head: RequestHead;
  readonly body: string | Bytes | ReadableStream<Bytes> | null;
  /** In bytes; undefined for a stream whose length nobody knows. */
  readonly length: number | undefined;
  readonly signal: Ending;
}

/** What the connection may be used for when the exchange is over. */
export type Released = (connection: Connection, head: ResponseHead) => void;

/** Head and body go out in one write up to this size: a write costs more than a copy. */
const JOINED_BYTES = 64 * 1024;

export class Exchange implements Listener, Source {
  readonly #connection: Connection;
  readonly #request: WireRequest;
  readonly #released: Released;
  readonly #again: (() => Promise<Received>) | undefined;
  readonly #answer = new Deferred<Received>();
  #head: ResponseHead | undefined;
  #framing: Framing | undefined;
  #incoming: Incoming | undefined;
  #upload: ReadableStreamDefaultReader<Bytes> | undefined;
  #hasHeard = false;
  #isSent = false;
  #isOver = false;

  /** `again` is what is done where the connection was kept, and had ended before a byte of the answer came. */
  constructor(
    connection: Connection,
    request: WireRequest,
    released: Released,
    again?: () => Promise<Received>,
  ) {
    this.#connection = connection;
    this.#request = request;
    this.#released = released;
    this.#again = again;
  }

  /** The answer, as soon as its head is there. */
  run(): Promise<Received> {
    const { signal } = this.#request;
    this.#connection.begin(this);
    if (signal.aborted) this.#aborted();
    else if (!this.#connection.isOpen) this.closed(undefined);
    else {
      signal.addEventListener("abort", this.#aborted, { once: true });
      this.#send(this.#request);
    }
    return this.#answer.promise;
  }

  data(chunk: Buffer): void {
    this.#hasHeard = true;
    try {
      if (this.#framing === undefined) this.#readHead(chunk);
      else this.#readBody(this.#framing, chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  closed(error: Error | undefined): void {
    if (error === undefined && this.#framing?.endsWithConnection === true) return this.#finish();
    const isStale = this.#connection.isReused && !this.#hasHeard;
    if (!isStale || this.#again === undefined || this.#isOver) return this.#fail(new ConnectionLost());
    this.#leave();
    this.#answer.resolve(this.#again());
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    if (!this.#isOver) this.#connection.resume(); // else it is another's by now
  }

  abandon(): void {
    this.#fail(new ConnectionLost());
  }

  readonly #aborted = (): void => this.#fail(this.#request.signal.reason);

  #send({ head, body }: WireRequest): void {
    if (body instanceof ReadableStream) {
      void this.#pump(head, body);
      return;
    }
    const wait = body === null ? this.#writeHead(head) : this.#writeWith(head, body);
    if (wait === undefined) this.#isSent = true;
    else void wait.then(() => (this.#isSent = true));
  }

  #writeHead({ text, isAscii }: RequestHead): Promise<void> | undefined {
    return this.#connection.write(isAscii ? text : Buffer.from(text, "latin1"), text.length);
  }

  #writeWith(head: RequestHead, body: string | Bytes): Promise<void> | undefined {
    const { length = 0 } = this.#request;
    if (length > JOINED_BYTES) return this.#writeApart(head, body, length);
    const { text, isAscii } = head;
    const isText = typeof body === "string" && isAscii;
    const whole = isText ? text + body : Buffer.concat([Buffer.from(text, "latin1"), Buffer.from(body)]);
    return this.#connection.write(whole, text.length + length);
  }

  async #writeApart(head: RequestHead, body: string | Bytes, length: number): Promise<void> {
    await this.#writeHead(head);
    await this.#connection.write(typeof body === "string" ? Buffer.from(body) : body, length);
  }

  async #pump(head: RequestHead, body: ReadableStream<Bytes>): Promise<void> {
    const { length } = this.#request;
    try {
      const reader = body.getReader();
      this.#upload = reader;
      await this.#writeHead(head);
      let sent = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (this.#isOver) return;
        if (done) break;
        if (value.buffer.detached) throw new TypeError("The body repeats a buffer that was given away");
        if (value.length === 0) continue; // an empty chunk would be the last
        if (length === undefined)
          await this.#writeText(`${sent > 0 ? "\r\n" : ""}${value.length.toString(16)}\r\n`);
        sent += value.length;
        if (length !== undefined && sent > length)
          throw new TypeError("The body is longer than it was said to be");
        const wait = this.#connection.write(value, value.length);
        if (wait !== undefined) await wait;
        letGo(value);
      }
      if (length === undefined) await this.#writeText(sent > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
      else if (sent < length) throw new TypeError("The body is shorter than it was said to be");
      this.#isSent = true;
    } catch (error) {
      this.#fail(error);
    }
  }

  #writeText(text: string): Promise<void> | undefined {
    return this.#connection.write(text, text.length);
  }

  #readHead(chunk: Buffer): void {
    for (let left = chunk; left.length > 0;) {
      const read = this.#connection.heads.push(left);
      if (read === undefined) return;
      const { head, rest } = read;
      if (head.status === 101) throw new MalformedResponse("it changes to another protocol");
      if (head.status >= 200) return this.#begin(head, rest);
      left = rest; // of an interim answer: the one that counts follows
    }
  }

  #begin(head: ResponseHead, rest: Buffer): void {
    const { method } = this.#request;
    const framing = framingOf(method, head);
    const incoming = new Incoming(this);
    this.#head = head;
    this.#framing = framing;
    this.#incoming = incoming;
    this.#answer.resolve(
      new Received(head.status, head.headers, hasBody(method, head.status) ? incoming : undefined),
    );
    this.#readBody(framing, rest);
  }

  #readBody(framing: Framing, chunk: Buffer): void {
    this.#incoming?.push(framing.push(chunk));
    if (framing.isDone) this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#leave();
    this.#incoming?.end();
    const isReusable = this.#isSent && this.#head?.keepsAlive === true && this.#framing?.hasSurplus === false;
    if (isReusable && this.#connection.isOpen) {
      this.#connection.resume(); // its reader may have held it back, and reads on without it
      this.#connection.rest();
      this.#released(this.#connection, this.#head as ResponseHead);
    } else this.#connection.destroy();
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#leave(error);
    this.#connection.destroy();
    this.#answer.reject(error);
    this.#incoming?.fail(error);
  }

  /** A source is let go at once: it may have nothing to say for a long time. */
  #leave(reason?: unknown): void {
    this.#isOver = true;
    this.#request.signal.removeEventListener("abort", this.#aborted);
    this.#upload?.cancel(reason).catch(() => undefined); // its failure is told already, or of no interest
  }
}

/** Gives the memory back at once: the collector would wait for more of it than a whole upload may cost. */
const letGo = ({ buffer, byteLength }: Bytes): void => {
  if (buffer.byteLength === byteLength && !buffer.detached) buffer.transfer(0);
};
