/** A provider of realtime sessions for tests: a WebSocket server that does what the test tells it. */
import type { Server, ServerWebSocket } from "bun";
import { Feed } from "./feed.ts";

export interface Opening {
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** The upstream's end of a session. */
export interface UpstreamSession {
  readonly socket: ServerWebSocket<SessionData>;
  readonly messages: Feed<string | Buffer>;
  /** When it is over. */
  readonly closed: Promise<Closing>;
}

interface SessionData {
  readonly session: UpstreamSession;
  close(closing: Closing): void;
}

export interface SocketUpstream {
  readonly url: string;
  readonly openings: Feed<Opening>;
  readonly sessions: Feed<UpstreamSession>;
  /** What the next handshakes get instead of a session. */
  refuse(...answers: readonly (() => Response | Promise<Response>)[]): void;
  /** What sessions say as soon as they are open. */
  greet(...messages: readonly (string | Uint8Array<ArrayBuffer>)[]): void;
  /** The sub-protocol that is chosen from now on. */
  choose(protocol: string | undefined): void;
  reset(): void;
  close(): Promise<void>;
}

const BIG = 256 * 1024 * 1024;

export const startSocketUpstream = (): SocketUpstream => {
  const openings = new Feed<Opening>("opening of a session");
  const sessions = new Feed<UpstreamSession>("session");
  let refusals: (() => Response | Promise<Response>)[] = [];
  let greetings: readonly (string | Uint8Array<ArrayBuffer>)[] = [];
  let protocol: string | undefined;
  const server: Server<SessionData | undefined> = Bun.serve<SessionData | undefined>({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, server) {
      const { pathname, search } = new URL(request.url);
      openings.push({ url: pathname + search, headers: Object.fromEntries(request.headers) });
      const refusal = refusals.shift();
      if (refusal !== undefined) return refusal();
      const headers = protocol === undefined ? {} : { "sec-websocket-protocol": protocol };
      return server.upgrade(request, { headers, data: undefined })
        ? undefined
        : new Response("a WebSocket is expected", { status: 400 });
    },
    websocket: {
      maxPayloadLength: BIG,
      backpressureLimit: BIG,
      open(socket) {
        const { promise: closed, resolve } = Promise.withResolvers<Closing>();
        const session = {
          socket: socket as ServerWebSocket<SessionData>, // the data is set on the next line
          messages: new Feed<string | Buffer>("message to the upstream"),
          closed,
        };
        socket.data = { session, close: resolve };
        for (const greeting of greetings) socket.send(greeting);
        sessions.push(session);
      },
      message: (socket, message) => socket.data?.session.messages.push(message),
      close: (socket, code, reason) => socket.data?.close({ code, reason }),
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    openings,
    sessions,
    refuse: (...answers) => void refusals.push(...answers),
    greet: (...messages) => void (greetings = messages),
    choose: (chosen) => void (protocol = chosen),
    reset() {
      for (const { socket } of sessions.all) socket.terminate();
      refusals = [];
      greetings = [];
      protocol = undefined;
      openings.clear();
      sessions.clear();
    },
    close: () => server.stop(true),
  };
};
