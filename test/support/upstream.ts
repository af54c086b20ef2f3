/**
 * A provider for tests: it speaks the vendors' wires truthfully, misbehaves as told, and remembers.
 *
 * A request is answered by the next enqueued script, or else as its model name says (`model.ts`).
 */
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { JsonValue } from "../../src/schema/json.ts";
import { anthropicWire } from "./anthropic-wire.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import { Feed } from "./feed.ts";
import { byteReader, readRequest, type WireRequest } from "./http-wire.ts";
import { openaiWire } from "./openai-wire.ts";
import { play, promptOf, type Scene, type Script } from "./scripts.ts";
import type { Wire } from "./wire.ts";

export type { Script } from "./scripts.ts";

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: JsonValue | undefined;
  /** When the request was complete, on `performance.now()`'s clock. */
  readonly at: number;
  /** Resolves when the client side closed before the answer was complete. */
  readonly closedEarly: Promise<void>;
  /** Bytes sent for this request so far. */
  readonly bytesWritten: number;
}

export interface Upstream {
  readonly url: string;
  readonly requests: readonly UpstreamRequest[];
  /** The first request that was not handed out yet. */
  next(matches?: (request: UpstreamRequest) => boolean): Promise<UpstreamRequest>;
  enqueue(...scripts: readonly Script[]): void;
  /** Lets every answer that waits go on. */
  release(): void;
  /** Forgets requests and scripts, and lets every answer go on. */
  reset(): void;
  close(): Promise<void>;
}

const CHAT_PATHS: Readonly<Record<string, Wire>> = Object.freeze({
  "/v1/chat/completions": openaiWire,
  "/chat/completions": openaiWire,
  "/v1/messages": anthropicWire,
  "/messages": anthropicWire,
});

export const startUpstream = async (): Promise<Upstream> => {
  const feed = new Feed<UpstreamRequest>("request to the upstream");
  const sockets = new Set<Socket>();
  let scripts: Script[] = [];
  let exchanges: Exchange[] = [];
  let serial = 0;
  const answer = (exchange: Exchange): Promise<boolean> => {
    exchanges.push(exchange);
    feed.push(recordOf(exchange));
    return play(scripts.shift() ?? { kind: "reply" }, sceneOf(exchange, ++serial));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy()); // a client that resets is an expected guest
    socket.on("close", () => sockets.delete(socket));
    void serve(socket, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const release = (): void => {
    for (const exchange of exchanges) exchange.release();
    exchanges = [];
  };
  return {
    url: urlOf(server.address()),
    requests: feed.all,
    next: (matches) => feed.next(matches),
    enqueue: (...more) => void scripts.push(...more),
    release,
    reset: () => {
      release();
      scripts = [];
      feed.clear();
    },
    close: async () => {
      release();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};

/** An address on which nobody listens. */
export const closedUrl = async (): Promise<string> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = urlOf(server.address());
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return url;
};

const urlOf = (address: AddressInfo | string | null): string => {
  if (address === null || typeof address === "string") throw new Error("Cannot listen: no port");
  return `http://127.0.0.1:${address.port}`;
};

const serve = async (socket: Socket, answer: (exchange: Exchange) => Promise<boolean>): Promise<void> => {
  const reader = byteReader(socket);
  for (;;) {
    const request = await readRequest(reader);
    if (request === undefined) return;
    const exchange = openExchange(request, socket);
    const goesOn = await answer(exchange);
    exchange.finish();
    if (!goesOn) return;
    if (request.headers["connection"] === "close") {
      socket.end();
      return;
    }
  }
};

const recordOf = (exchange: Exchange): UpstreamRequest => ({
  method: exchange.request.method,
  url: exchange.request.target,
  headers: exchange.request.headers,
  rawHeaders: exchange.request.rawHeaders,
  body: exchange.request.body,
  json: jsonOf(exchange.request.body),
  at: performance.now(),
  closedEarly: exchange.closedEarly,
  get bytesWritten() {
    return exchange.bytesWritten;
  },
});

const jsonOf = (text: string): JsonValue | undefined => {
  try {
    return JSON.parse(text) as JsonValue; // what JSON.parse gives is JSON
  } catch {
    return undefined;
  }
};

const sceneOf = (exchange: Exchange, serial: number): Scene => {
  const { request } = exchange;
  const path = request.target.split("?")[0] ?? "";
  const chat = request.method === "POST" ? CHAT_PATHS[path] : undefined;
  const wire = chat ?? ("anthropic-version" in request.headers ? anthropicWire : openaiWire);
  const prompt = chat && promptOf(chat, jsonOf(request.body));
  return { exchange, wire, serial, prompt, plain: () => plainReply(request, path, wire) };
};

/** The models list, or for every other path the request itself. */
const plainReply = (request: WireRequest, path: string, wire: Wire): JsonValue =>
  request.method === "GET" && path === "/v1/models"
    ? wire.models()
    : {
        method: request.method,
        path: request.target,
        headers: { ...request.headers },
        body: request.body,
      };
