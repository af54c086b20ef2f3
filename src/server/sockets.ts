/** The server's end of WebSockets: which requests become one, and what the session hears of its client. */
import type { Server, ServerWebSocket, WebSocketHandler } from "bun";
import type { BeginSession } from "../gateway/call.ts";
import type { SocketEnd, SocketEvents } from "../lib/socket.ts";
import type { Limits } from "../schema/limits.ts";

export interface SocketData {
  readonly begin: BeginSession;
  events: SocketEvents | undefined;
}

export const upgrade = (
  server: Server<SocketData>,
  request: Request,
  begin: BeginSession,
  headers: Headers,
): boolean => server.upgrade(request, { headers, data: { begin, events: undefined } });

/** Seconds after which a client that answers no ping is given up. */
const IDLE_SECONDS = 120;

export const socketHandler = ({ maxJsonBytes }: Limits): WebSocketHandler<SocketData> => ({
  maxPayloadLength: maxJsonBytes,
  // The upstream waits as soon as there is something in the buffer: a message more, and what is read already.
  backpressureLimit: 3 * maxJsonBytes,
  closeOnBackpressureLimit: true,
  idleTimeout: IDLE_SECONDS,
  perMessageDeflate: false,
  open(socket) {
    socket.data.events = socket.data.begin(endOf(socket));
  },
  message(socket, message) {
    socket.data.events?.message(message);
  },
  drain(socket) {
    socket.data.events?.drained();
  },
  close(socket, code, reason) {
    socket.data.events?.closed(code, reason);
  },
});

/** What `send` says of a message that is kept until the client reads; 0 is one without bytes, too. */
const WAIT = -1;

const endOf = (socket: ServerWebSocket<SocketData>): SocketEnd => ({
  protocol: "",
  send: (message) => socket.send(message) !== WAIT,
  pause: () => socket.pause(),
  resume: () => socket.resume(),
  close(code, reason) {
    socket.resume(); // or its goodbye would not be read
    socket.close(code, reason);
  },
  terminate: () => socket.terminate(),
});
