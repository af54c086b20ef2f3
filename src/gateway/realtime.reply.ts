/** Begins a realtime session for a client whose upstream is open. */
import type { OpenedSocket } from "../lib/egress.ts";
import type { Outcome } from "../schema/outcome.ts";
import type { Call } from "./call.ts";
import { chosenProtocol } from "./realtime.receive.ts";
import { beginSession } from "./realtime.session.ts";
import type { Reply } from "./reply-head.ts";
import { responseHeaders } from "./response-headers.ts";

type Replied = Extract<Outcome<Reply>, { kind: "answered" | "refused" }>;

/** The server answers with 101 by itself; what is returned here, nobody reads. */
export const sessionReply = (call: Call, outcome: Replied, socket: OpenedSocket): Response => {
  call.recorder.stream = true;
  if (call.connection.upgrade(beginSession(call, socket), handshakeHeaders(call, outcome, socket))) {
    call.departure.handOver();
    return new Response(null);
  }
  socket.terminate();
  call.recorder.settle(499, "cancelled");
  return new Response(null, { status: 499 });
};

/** What belongs to the upstream's handshake. */
const HANDSHAKE = ["sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-version"];

const handshakeHeaders = (call: Call, outcome: Replied, socket: OpenedSocket): Headers => {
  const headers = responseHeaders(call, outcome);
  for (const name of HANDSHAKE) headers.delete(name);
  // Stated in any case: the server would choose the client's first, which may be its credential.
  headers.set("sec-websocket-protocol", chosenProtocol(call.inbound.headers, socket.protocol));
  return headers;
};
