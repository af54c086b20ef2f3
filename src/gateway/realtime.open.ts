/** Opens a realtime session upstream: the attempt of a call that asks for one. */
import type { HttpResponse } from "../lib/http.ts";
import type { Limits } from "../schema/limits.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { Call } from "./call.ts";
import type { Leash } from "./deadline.ts";
import type { Ingress } from "./inbound.ts";
import { peek } from "./peek.ts";
import type { Prepared } from "./prepare.ts";
import { offeredProtocols } from "./realtime.receive.ts";
import type { Reply } from "./reply-head.ts";
import { signedFor } from "./sending.ts";
import type { ResolvedTarget } from "./target.ts";

const OPENING_MS = 30_000;

/** How long an upstream may take for its first word: a connection is opened sooner than a question is answered. */
export const openingMs = ({ endpoint }: Ingress, { firstEventMs }: Limits): number =>
  endpoint === "realtime" ? Math.min(firstEventMs, OPENING_MS) : firstEventMs;

export const openRealtime = async (
  call: Call,
  target: ResolvedTarget,
  prepared: Prepared,
  held: Leash,
): Promise<Reply> => {
  const { egress, limits } = call.surroundings;
  const signing = signedFor(call, target, prepared, held);
  if (signing !== undefined) await signing;
  const request = {
    headers: withoutHandshake(prepared.headers),
    protocols: offeredProtocols(call.inbound.headers),
    signal: held.signal,
    maxMessageBytes: limits.maxJsonBytes,
  };
  const socket = await egress.connect(prepared.url, request, target.trust);
  if (socket instanceof Response) return refused(call, target, socket, held);
  return {
    status: 101,
    headers: socket.headers,
    target,
    content: { kind: "socket", socket },
    abort: () => held.abort(),
    discard: () => held.abort(),
  };
};

const refused = (
  call: Call,
  target: ResolvedTarget,
  response: HttpResponse,
  held: Leash,
): Reply | Promise<Reply> => {
  if (!response.ok) return peek(call, target, response, held);
  throw new MalformedReply(`status ${response.status} where a WebSocket was asked for`);
};

/** The handshake is between us and the upstream; a forwarded one would be the client's, with its credential. */
const withoutHandshake = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:sec-websocket-|accept-encoding$)/.test(name)),
  );
