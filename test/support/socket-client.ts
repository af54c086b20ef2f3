/** A WebSocket client for tests, and a bare handshake for those that are refused. */
import { connect } from "node:net";
import { Feed } from "./feed.ts";
import { within } from "./wait.ts";
import type { Closing } from "./socket-upstream.ts";

export interface SocketClient {
  readonly socket: WebSocket;
  readonly messages: Feed<string | Buffer>;
  readonly closed: Promise<Closing>;
  /** Is gone without a word. */
  terminate(): void;
}

export interface ClientOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: string[];
}

/** The client as Bun has it. */
type BunSocket = new (url: string, options: Bun.WebSocketOptions) => WebSocket & { terminate(): void };

/** Opens a session; rejects when it is refused. */
export const openSocket = async (url: string, options: ClientOptions = {}): Promise<SocketClient> => {
  const Client = WebSocket as unknown as BunSocket; // the DOM's types know no headers
  const socket = new Client(url.replace(/^http/, "ws"), {
    headers: options.headers ?? {},
    protocols: options.protocols ?? [],
  });
  const messages = new Feed<string | Buffer>("message to the client");
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<Closing>();
  socket.addEventListener("open", () => opened.resolve());
  socket.addEventListener("error", () => opened.reject(new Error("The session was refused")));
  // Bun's sockets give binary messages as buffers.
  socket.addEventListener("message", (event: MessageEvent<string | Buffer>) => messages.push(event.data));
  socket.addEventListener("close", ({ code, reason }) => closed.resolve({ code, reason }));
  await within(opened.promise, "the session to open");
  return { socket, messages, closed: closed.promise, terminate: () => socket.terminate() };
};

/** The answer to a handshake, as it comes over the wire. */
export const handshake = async (
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(url, {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
      ...headers,
    },
  });

/** A client that opens a session and then reads nothing more: the number of bytes it was sent stays with its peer. */
export const deafClient = async (url: string, headers: Readonly<Record<string, string>>) => {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries({
    host: `${hostname}:${port}`,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once("data", (head) => {
    socket.pause();
    resolve(head.toString("latin1"));
  });
  socket.on("error", () => socket.destroy());
  return { socket, head: await within(promise, "the session to open") };
};
