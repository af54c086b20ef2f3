/** A server of bytes: it notes what it is sent, and says what a test tells it to. */
import { afterAll } from "bun:test";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import type { HttpRequest } from "../../src/lib/http.ts";
import { CERTIFICATE, PRIVATE_KEY } from "./certificate.ts";

export const request = (more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "GET",
  headers: {},
  signal: new AbortController().signal,
  ...more,
});

/** An answer to anything. */
export const NO_CONTENT = "HTTP/1.1 204 No Content\r\n\r\n";

type Test = (received: string) => boolean;

/** As bytes in Latin-1; chunks are not joined. */
export interface SentRequest {
  readonly head: string;
  readonly body: string;
}

const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";

const wholeBody = (head: string): Test => {
  if (/^transfer-encoding: chunked\r$/m.test(head))
    return (body) => body === LAST_CHUNK || body.endsWith(`\r\n${LAST_CHUNK}`);
  const length = Number(/^content-length: (\d+)\r$/m.exec(head)?.[1] ?? 0);
  return (body) => body.length >= length;
};

export class RawConnection {
  readonly socket: Socket;
  /** What came over it and was not read as a request, in Latin-1. */
  received = "";
  /** The last request that was read whole. */
  last = "";
  readonly closed: Promise<void>;
  #waiting: { readonly isMet: Test; readonly resolve: (received: string) => void }[] = [];

  constructor(socket: Socket) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.socket = socket;
    this.closed = promise;
    socket.setNoDelay(true);
    socket.on("error", () => undefined); // the other side may leave at any time
    socket.on("close", () => resolve());
    socket.on("data", (chunk) => this.#receive(Buffer.from(chunk)));
  }

  /** What has come, once it is enough. */
  until(isMet: Test): Promise<string> {
    if (isMet(this.received)) return Promise.resolve(this.received);
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#waiting.push({ isMet, resolve });
    return promise;
  }

  /** The next request, as soon as its head is there. */
  async head(): Promise<string> {
    const received = await this.until((text) => text.includes(HEAD_END));
    return received.slice(0, received.indexOf(HEAD_END) + HEAD_END.length);
  }

  /** The next request with its body, which is forgotten then. */
  async request(): Promise<SentRequest> {
    const head = await this.head();
    const isWhole = wholeBody(head);
    const received = await this.until((text) => isWhole(text.slice(head.length)));
    this.received = "";
    this.last = received;
    return { head, body: received.slice(head.length) };
  }

  say(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  #receive(chunk: Buffer): void {
    this.received += chunk.toString("latin1");
    const met = this.#waiting.filter(({ isMet }) => isMet(this.received));
    this.#waiting = this.#waiting.filter((waiting) => !met.includes(waiting));
    for (const { resolve } of met) resolve(this.received);
  }
}

export interface RawServer {
  readonly port: number;
  readonly url: string;
  /** All that were ever made, in their order. */
  readonly connections: readonly RawConnection[];
  /** The connection of this number, once it is made. */
  connection(index: number): Promise<RawConnection>;
  close(): Promise<void>;
}

type Answer = (connection: RawConnection, index: number) => unknown;

const servers: RawServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

/** `answer` is called for each connection. */
export const startRawServer = (answer: Answer = () => undefined, host = "127.0.0.1"): Promise<RawServer> =>
  started(answer, host, "http", (accept) => createServer(accept));

/** Speaks TLS, as pub.example. */
export const startSecureServer = (answer: Answer = () => undefined): Promise<RawServer> =>
  started(answer, "127.0.0.1", "https", (accept) =>
    createSecureServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, accept),
  );

/** Says this to each request. */
export const startAnswering = (answer: string | Uint8Array, ends: "ends" | "stays" = "stays") =>
  startRawServer((connection) => answerAll(connection, answer, ends));

export const answerAll = async (
  connection: RawConnection,
  answer: string | Uint8Array,
  ends: "ends" | "stays" = "stays",
): Promise<never> => {
  for (;;) {
    await connection.request();
    connection.say(answer);
    if (ends === "ends") connection.socket.end();
  }
};

const started = async (
  answer: Answer,
  host: string,
  scheme: string,
  create: (accept: (socket: Socket) => void) => Server,
): Promise<RawServer> => {
  const connections: RawConnection[] = [];
  const awaited = new Map<number, PromiseWithResolvers<RawConnection>>();
  const server = create((socket) => {
    const connection = new RawConnection(socket);
    const index = connections.push(connection) - 1;
    awaited.get(index)?.resolve(connection);
    void answer(connection, index);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const raw: RawServer = {
    port,
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}/`,
    connections,
    connection: (index) => {
      const made = connections[index];
      if (made !== undefined) return Promise.resolve(made);
      const opening = awaited.get(index) ?? Promise.withResolvers<RawConnection>();
      awaited.set(index, opening);
      return opening.promise;
    },
    close: () => {
      for (const { socket } of connections) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  servers.push(raw);
  return raw;
};
