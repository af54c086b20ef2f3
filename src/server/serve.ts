/** Listens, checks the front of every request, and goes down in order. */
import type { Server } from "bun";
import type { Gateway } from "../gateway/assemble.ts";
import type { BeginSession, Connection } from "../gateway/call.ts";
import { render } from "../gateway/refuse.ts";
import { GatewayError } from "../schema/errors.ts";
import type { Settings } from "../schema/settings.ts";
import { createApp } from "./app.ts";
import { createCors } from "./cors.ts";
import { checkFront, hostlessCheck } from "./front.ts";
import type { SocketData } from "./sockets.ts";
import { socketHandler, upgrade } from "./sockets.ts";

export interface Serving {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Stops taking calls, waits for those in flight, ends the streams that outlast the wait. */
  drain(): Promise<void>;
}

/** Seconds a connection may be silent while a request is read. */
const READING_SECONDS = 30;
/** Seconds a streaming client may take to read what it was sent. */
const STREAMING_SECONDS = 60;
/** What Bun counts to. */
const MAX_SECONDS = 255;
/** More than any limit of ours, so that ours answers and not the server's empty 413. */
const MAX_BODY_BYTES = 4 * 1024 * 1024 * 1024;

export const serve = (current: () => Gateway, settings: Settings): Serving => {
  let isDraining = false;
  const cors = createCors(settings.corsOrigins);
  const rules = {
    cors,
    isLoopback: isLoopbackHost(settings.host),
    allowedHosts: new Set(settings.allowedHosts.map((host) => host.toLowerCase())),
    passed: new Set<string>(),
  };
  const restingSeconds = Math.min(Math.ceil(settings.limits.keepAliveMs / 1000), MAX_SECONDS);
  const connectionOf = (request: Request): Connection =>
    new ServerConnection(server, request, restingSeconds);
  const app = createApp({ current, connectionOf, isReady: () => !isDraining });
  const server: Server<SocketData> = Bun.serve({
    hostname: settings.host,
    port: settings.port,
    development: false,
    // Stated, because development: false would quietly share a busy port with another process.
    reusePort: false,
    idleTimeout: READING_SECONDS,
    maxRequestBodySize: MAX_BODY_BYTES,
    websocket: socketHandler(settings.limits),
    fetch(request) {
      try {
        checkFront(request, rules);
      } catch (error) {
        const check = hostlessCheck(request);
        return check === undefined ? frontRefusal(current(), error) : app(check);
      }
      return cors.answer(request, app);
    },
    error(error) {
      current().report(error);
      return render(
        new GatewayError("internal_error", "Something went wrong in the gateway"),
        "openai-chat",
        {},
      );
    },
  });
  const port = server.port ?? settings.port;
  return {
    host: settings.host,
    port,
    url: `http://${urlHost(settings.host)}:${port}`,
    async drain() {
      isDraining = true;
      const stopped = server.stop();
      await Promise.race([stopped, Bun.sleep(settings.limits.drainMs)]);
      current().calls.endStreams();
    },
  };
};

/** A class, for an object with functions of its own costs more to make than all that they do. */
class ServerConnection implements Connection {
  readonly #server: Server<SocketData>;
  readonly #request: Request;
  readonly #restingSeconds: number;

  constructor(server: Server<SocketData>, request: Request, restingSeconds: number) {
    this.#server = server;
    this.#request = request;
    this.#restingSeconds = restingSeconds;
  }

  waiting(): void {
    this.#server.timeout(this.#request, 0);
  }

  streaming(): void {
    this.#server.timeout(this.#request, STREAMING_SECONDS);
  }

  /** The body of the next call has that long, too. */
  resting(): void {
    this.#server.timeout(this.#request, this.#restingSeconds);
  }

  upgrade(begin: BeginSession, headers: Headers): boolean {
    return upgrade(this.#server, this.#request, begin, headers);
  }
}

const frontRefusal = (gateway: Gateway, error: unknown): Response => {
  if (error instanceof GatewayError) return render(error, "openai-chat", { connection: "close" });
  gateway.report(error);
  return render(new GatewayError("internal_error", "Something went wrong in the gateway"), "openai-chat", {});
};

export const isLoopbackHost = (host: string): boolean =>
  host === "localhost" || host === "::1" || host === "[::1]" || host.startsWith("127.");

const urlHost = (host: string): string => {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
};
