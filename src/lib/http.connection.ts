/** One connection to a server, over TCP or TLS; it carries one exchange at a time. */
import { isIP } from "node:net";
import { bareAddress } from "./addresses.ts";
import type { Bytes } from "./bytes.ts";
import type { Ending } from "./ending.ts";
import { ConnectionLost, ConnectTimeout } from "./http.errors.ts";
import { HeadReader } from "./http.head.ts";

/** Where a connection goes. */
export interface Endpoint {
  /** As in a URL: an IPv6 address is in brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** Trusted instead of the well-known authorities, in PEM. */
  readonly ca?: string | undefined;
  /** What is dialled instead of the name; the certificate still has to be the name's. */
  readonly address?: string | undefined;
}

/** Who hears what comes. */
export interface Listener {
  data(chunk: Buffer): void;
  /** The other side has ended it, or the network has. */
  closed(error: Error | undefined): void;
}

/** Nobody has asked for anything: what comes now cannot be meant for the next exchange. */
const SILENCE: Listener = {
  data() {
    // The connection closes itself, see below.
  },
  closed() {
    // Nothing to tell.
  },
};

type Socket = Bun.Socket<Connection>;

type Settled = Pick<PromiseWithResolvers<Connection>, "resolve" | "reject">;

export class Connection {
  #socket: Socket | undefined;
  /** Who waits for it to open. */
  #opening: Settled | undefined;
  #listener: Listener = SILENCE;
  /** What the socket has not taken yet, and who waits for that. */
  #rest: Bytes | undefined;
  #taken: (() => void) | undefined;
  #isOpen = true;
  #isPaused = false;
  /** Called once when it has closed. */
  onClose: (() => void) | undefined;
  readonly heads = new HeadReader();
  /** An exchange went over it before. */
  isReused = false;
  /** Until when it may wait for the next one, in milliseconds of whoever keeps it. */
  idleUntil = 0;

  constructor(opening: Settled) {
    this.#opening = opening;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  begin(listener: Listener): void {
    this.#listener = listener;
  }

  /** The exchange is over, and another may follow. */
  rest(): void {
    this.#listener = SILENCE;
    this.isReused = true;
  }

  /** `size` in bytes. Undefined when all of it was taken; else it is to be waited for before the next. */
  write(piece: string | Bytes, size: number): Promise<void> | undefined {
    if (this.#socket === undefined || !this.#isOpen) return undefined; // that it closed is told apart
    const sent = Math.max(0, this.#socket.write(piece));
    if (sent === size) return undefined;
    const bytes: Bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    this.#rest = bytes.subarray(sent);
    return new Promise((resolve) => (this.#taken = resolve));
  }

  pause(): void {
    if (!this.#isOpen) return;
    this.#isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isPaused || !this.#isOpen) return;
    this.#isPaused = false;
    this.#socket?.resume();
  }

  /** Ends it without a word, and without telling the exchange. */
  destroy(): void {
    this.#listener = SILENCE;
    this.#socket?.terminate();
    this.closed(undefined);
  }

  /** Over TCP: there is something to end. */
  attached(socket: Socket): void {
    this.#socket = socket;
    if (!this.#isOpen) socket.terminate(); // nobody waits for it any more
  }

  /** It stands, over TLS as well. */
  opened(): void {
    this.#opening?.resolve(this);
    this.#opening = undefined;
  }

  /** It cannot come about. */
  refused(error: unknown): void {
    this.#isOpen = false;
    this.#opening?.reject(error);
    this.#opening = undefined;
  }

  received(chunk: Buffer): void {
    if (this.#listener === SILENCE) this.destroy();
    else this.#listener.data(chunk);
  }

  drained(): void {
    if (this.#rest === undefined || this.#socket === undefined) return;
    const sent = Math.max(0, this.#socket.write(this.#rest));
    this.#rest = sent === this.#rest.length ? undefined : this.#rest.subarray(sent);
    if (this.#rest === undefined) this.#taken?.();
  }

  closed(error: Error | undefined): void {
    if (!this.#isOpen) return;
    this.refused(error ?? new ConnectionLost());
    this.#rest = undefined;
    this.#taken?.();
    this.onClose?.();
    const listener = this.#listener;
    this.#listener = SILENCE;
    listener.closed(error);
  }
}

/** Rejects with what `classifyNetworkError` can name, or with the reason of the signal. */
export const connect = (endpoint: Endpoint, signal: Ending, limitMs: number): Promise<Connection> => {
  signal.throwIfAborted();
  const opening = Promise.withResolvers<Connection>();
  const connection = new Connection(opening);
  const giveUp = (reason: unknown): void => {
    connection.refused(reason);
    connection.destroy();
  };
  const timer = setTimeout(() => giveUp(new ConnectTimeout()), limitMs);
  const leave = (): void => giveUp(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  // It throws what is wrong with the options, and rejects with what is wrong with the network.
  Promise.try(() =>
    Bun.connect<Connection>({
      ...addressOf(endpoint),
      data: connection,
      socket: endpoint.isSecure ? SECURE : PLAIN,
    }),
  ).catch((error: unknown) => connection.refused(error));
  return opening.promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
  });
};

/** As on the wire (RFC 7301 §3.1): its length stands before it. */
const ALPN = "\u0008http/1.1";

/** A certificate is checked against the name of the URL: an address has none, and asks for none (RFC 6066 §3). */
const addressOf = ({ hostname, port, isSecure, address, ca }: Endpoint) => {
  const name = bareAddress(hostname);
  const dialled = { hostname: address ?? name, port };
  if (!isSecure) return dialled;
  const serverName = { serverName: isIP(name) === 0 ? name : "" }; // without one, the address that is dialled
  const trusted = ca === undefined ? {} : { ca };
  return {
    ...dialled,
    tls: { ...serverName, ...trusted, rejectUnauthorized: true, ALPNProtocols: ALPN },
  };
};

/** Seconds of silence after which the kernel asks whether the other side is still there. */
const ALIVE_SECONDS = 30;

const PLAIN: Bun.SocketHandler<Connection> = {
  open(socket) {
    socket.data.attached(socket);
    begin(socket);
  },
  data: (socket, chunk) => socket.data.received(chunk),
  drain: (socket) => socket.data.drained(),
  close: (socket, error) => socket.data.closed(error),
  error: (socket, error) => broken(socket, error),
  connectError: (socket, error) => socket.data.refused(error),
};

const SECURE: Bun.SocketHandler<Connection> = {
  ...PLAIN,
  /** Nothing may be sent before the other side has proved who it is. */
  open: (socket) => socket.data.attached(socket),
  handshake(socket, isTrusted, error) {
    if (isTrusted && error === null) begin(socket);
    else broken(socket, error ?? new ConnectionLost());
  },
};

const begin = (socket: Socket): void => {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, ALIVE_SECONDS * 1000);
  socket.data.opened();
};

/** Told before it is ended: the end would be told without the reason. */
const broken = (socket: Socket, error: Error): void => {
  socket.data.closed(error);
  socket.terminate();
};
