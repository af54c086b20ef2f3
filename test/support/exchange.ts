/** One request and what is sent for it, up to the end or until the client has left. */
import type { Socket } from "node:net";
import { chunkOf, headOf, LAST_CHUNK, type WireRequest } from "./http-wire.ts";

export type Headers = Readonly<Record<string, string>>;

export interface Exchange {
  readonly request: WireRequest;
  /** Resolves once the client side has closed. */
  readonly gone: Promise<void>;
  /** Resolves when the client side closed before the answer was complete. */
  readonly closedEarly: Promise<void>;
  /** Bytes given to the socket so far, the head included. */
  readonly bytesWritten: number;
  /** Waits until the test lets this answer go on, or the client has left. */
  held(): Promise<void>;
  release(): void;
  head(status: number, headers: Headers): Promise<boolean>;
  /** False when the client has left; waits while the client does not read. */
  send(bytes: string | Uint8Array): Promise<boolean>;
  chunk(bytes: string | Uint8Array): Promise<boolean>;
  lastChunk(): Promise<boolean>;
  /** Nothing more belongs to this answer. */
  finish(): void;
  /** Ends the connection in the middle of the answer. */
  cut(how: "fin" | "rst"): void;
}

export const openExchange = (request: WireRequest, socket: Socket): Exchange => {
  const gate = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const early = Promise.withResolvers<void>();
  let bytesWritten = 0;
  let open = true;
  const leave = (): void => {
    if (open) early.resolve();
    open = false;
    gone.resolve();
  };
  socket.once("end", leave).once("close", leave);
  const send = async (bytes: string | Uint8Array): Promise<boolean> => {
    if (!open || socket.destroyed) return false;
    bytesWritten += Buffer.byteLength(bytes);
    if (!socket.write(bytes)) await Promise.race([drained(socket), gone.promise]);
    return open;
  };
  const close = (): void => {
    open = false;
    socket.off("end", leave).off("close", leave);
  };
  return {
    request,
    gone: gone.promise,
    closedEarly: early.promise,
    get bytesWritten() {
      return bytesWritten;
    },
    held: () => Promise.race([gate.promise, gone.promise]),
    release: () => gate.resolve(),
    head: (status, headers) => send(headOf(status, headers)),
    send,
    chunk: (bytes) => send(chunkOf(typeof bytes === "string" ? Buffer.from(bytes) : bytes)),
    lastChunk: () => send(LAST_CHUNK),
    finish: close,
    cut: (how) => {
      close();
      if (how === "rst") socket.resetAndDestroy();
      else socket.end();
    },
  };
};

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once("drain", resolve);
  });
