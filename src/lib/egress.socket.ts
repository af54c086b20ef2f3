/**
 * Opens a WebSocket to an upstream. Only the egress calls this: the address was judged before.
 *
 * The client is that of Bun's `ws` module: it shows an upstream's refusal whole, reads no message larger
 * than allowed, and stops reading when told to. What the upstream says before anybody listens is kept.
 */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { WebSocket as Client } from "ws";
import type { Bytes } from "./bytes.ts";
import type { SocketEnd, SocketEvents, SocketMessage } from "./socket.ts";

export interface DialOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Sub-protocols that are offered; an upstream has to choose one. */
  readonly protocols: readonly string[];
  readonly signal: AbortSignal;
  readonly maxMessageBytes: number;
  readonly tls?: { readonly serverName: string };
}

export interface OpenedSocket extends SocketEnd {
  /** The head of the upstream's answer. */
  readonly headers: Headers;
  /** To be called once; what was said before is told at once. */
  listen(events: SocketEvents): void;
}

/** The open connection, or the answer of an upstream that did not open one. The signal ends either. */
export const dialSocket = (url: string, options: DialOptions): Promise<OpenedSocket | Response> =>
  new Promise((resolve, reject) => {
    options.signal.throwIfAborted();
    const socket = new Client(url, options.protocols, {
      headers: options.headers,
      maxPayload: options.maxMessageBytes,
      perMessageDeflate: false,
      followRedirects: false,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
    });
    let headers = new Headers();
    const end = (): void => {
      socket.terminate();
      reject(options.signal.reason);
    };
    options.signal.addEventListener("abort", end, { once: true });
    socket.on("close", () => options.signal.removeEventListener("abort", end));
    socket.on("error", reject); // one that comes later is told as a close
    socket.on("unexpected-response", (_request, response) => resolve(refusalOf(response)));
    socket.on("upgrade", (response) => (headers = headersOf(response)));
    const opened = new OpenEnd(socket, () => headers);
    socket.on("open", () => resolve(opened));
  });

const headersOf = ({ rawHeaders }: IncomingMessage): Headers => {
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    headers.append(rawHeaders[index] ?? "", rawHeaders[index + 1] ?? "");
  return headers;
};

const refusalOf = (response: IncomingMessage): Response =>
  // The stream's chunks are buffers; its type does not say so.
  new Response(Readable.toWeb(response) as unknown as ReadableStream<Bytes>, {
    status: response.statusCode ?? 0,
    headers: headersOf(response),
  });

/** More than that waiting to be sent, and the sender is asked to wait. */
const FULL_BYTES = 1024 * 1024;
const ROOM_BYTES = FULL_BYTES / 4;
const TOO_BIG = "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";

type Happening =
  | { readonly kind: "message"; readonly message: SocketMessage }
  | { readonly kind: "closed"; readonly code: number; readonly reason: string };

class OpenEnd implements OpenedSocket {
  readonly #socket: Client;
  readonly #headers: () => Headers;
  #events: SocketEvents | undefined;
  #early: Happening[] = [];
  #isFull = false;
  #fault: string | undefined;

  constructor(socket: Client, headers: () => Headers) {
    this.#socket = socket;
    this.#headers = headers;
    socket.on("open", () => socket.pause()); // until somebody listens
    socket.on("message", (data, isBinary) =>
      this.#tell({ kind: "message", message: isBinary ? data : data.toString("utf8") }),
    );
    socket.on("error", (error) => (this.#fault = "code" in error ? String(error.code) : error.message));
    socket.on("close", (code, reason) => this.#tell(this.#closing(code, reason.toString("utf8"))));
  }

  get headers(): Headers {
    return this.#headers();
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  listen(events: SocketEvents): void {
    this.#events = events;
    for (const happening of this.#early) this.#tell(happening);
    this.#early = [];
    this.#socket.resume();
  }

  send(message: SocketMessage): boolean {
    this.#socket.send(message, () => this.#sent());
    this.#isFull ||= this.#socket.bufferedAmount > FULL_BYTES;
    return !this.#isFull;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(code: number, reason: string): void {
    this.#socket.resume(); // or its goodbye would not be read
    if (code === NO_CODE) this.#socket.close();
    else this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #sent(): void {
    if (!this.#isFull || this.#socket.bufferedAmount > ROOM_BYTES) return;
    this.#isFull = false;
    this.#events?.drained();
  }

  /** A message that was too large ends the connection here, and the library tells it as an end without a close. */
  #closing(code: number, reason: string): Happening {
    if (code === ABNORMAL && this.#fault === TOO_BIG)
      return { kind: "closed", code: 1009, reason: "message too large" };
    return { kind: "closed", code, reason };
  }

  #tell(happening: Happening): void {
    if (this.#events === undefined) this.#early.push(happening);
    else if (happening.kind === "message") this.#events.message(happening.message);
    else this.#events.closed(happening.code, happening.reason);
  }
}

const NO_CODE = 1005;
const ABNORMAL = 1006;
