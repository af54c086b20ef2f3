/**
 * A realtime session: what either end says is told to the other, and when one leaves, so does the other.
 *
 * An end that does not read makes the other one wait: no more is kept here than its buffers hold. One that
 * never reads again, and silence on both sides, end the session.
 */
import type { OpenedSocket } from "../lib/egress.ts";
import type { SocketEnd, SocketEvents, SocketMessage } from "../lib/socket.ts";
import { addUsage, glanceRealtime } from "../providers/realtime.ts";
import type { CallRecord } from "../schema/record.ts";
import type { BeginSession, Call } from "./call.ts";

export const beginSession =
  (call: Call, upstream: OpenedSocket): BeginSession =>
  (client) =>
    new Session(call, client, upstream).begin();

/** How long an end may take to close, once it was asked to. */
const CLOSING_MS = 800;
/** How long an end may take nothing of what is sent to it. */
const STALLED_MS = 60_000;
const MAX_REASON_BYTES = 123;

/** RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;
const NO_CODE = 1005;
const ABNORMAL = 1006;
const SERVER_ERROR = 1011;
const TRY_LATER = 1013;

interface Ending {
  readonly outcome: CallRecord["outcome"];
  /** Why a session was ended by neither of its ends' own will. */
  readonly fault: string | null;
  /** What the closing handshake says, for the record. */
  readonly code: number;
}

/** One direction. */
interface Lane {
  readonly from: SocketEnd;
  readonly to: SocketEnd;
  /** Since when `from` waits for `to` to read. */
  stalledAt: number | undefined;
}

class Session {
  readonly #call: Call;
  readonly #client: SocketEnd;
  readonly #upstream: OpenedSocket;
  readonly #down: Lane;
  readonly #up: Lane;
  readonly #beganAt: number;
  #lastHeardAt: number;
  #watch: Timer | undefined;
  #leave: (() => void) | undefined;
  #isOver = false;

  constructor(call: Call, client: SocketEnd, upstream: OpenedSocket) {
    this.#call = call;
    this.#client = client;
    this.#upstream = upstream;
    this.#down = { from: upstream, to: client, stalledAt: undefined };
    this.#up = { from: client, to: upstream, stalledAt: undefined };
    this.#beganAt = this.#lastHeardAt = call.world.now();
  }

  begin(): SocketEvents {
    const { calls, surroundings } = this.#call;
    this.#leave = calls.onShutdown(() => this.#end(GOING_AWAY, "the gateway is shutting down"));
    this.#watch = setInterval(() => this.#look(), Math.min(surroundings.limits.sessionIdleMs / 4, 5_000));
    this.#upstream.listen({
      message: (message) => {
        this.#glance(message);
        this.#tell(message, this.#down);
      },
      drained: () => this.#goOn(this.#up),
      closed: (code, reason) => this.#upstreamLeft(code, reason),
    });
    return {
      message: (message) => this.#tell(message, this.#up),
      drained: () => this.#goOn(this.#down),
      closed: (code, reason) => this.#clientLeft(code, reason),
    };
  }

  #tell(message: SocketMessage, lane: Lane): void {
    if (this.#isOver) return;
    this.#lastHeardAt = this.#call.world.now();
    if (lane.to.send(message)) return;
    lane.stalledAt ??= this.#lastHeardAt;
    lane.from.pause();
  }

  #goOn(lane: Lane): void {
    lane.stalledAt = undefined;
    if (!this.#isOver) lane.from.resume();
  }

  #glance(message: SocketMessage): void {
    if (typeof message !== "string") return;
    const { recorder } = this.#call;
    const { model, usage } = glanceRealtime(message);
    if (model !== undefined) recorder.responseModel = model;
    if (usage !== undefined) recorder.usage = addUsage(recorder.usage, usage);
  }

  #clientLeft(code: number, reason: string): void {
    const isBroken = code === ABNORMAL;
    // The server says why it ended a connection itself; a client that is gone says nothing.
    const fault = isBroken && reason !== "" ? `the client's connection was ended: ${reason}` : null;
    const outcome = fault !== null ? "interrupted" : isBroken ? "cancelled" : "answered";
    if (!this.#over({ outcome, fault, code })) return;
    if (isBroken) dismiss(this.#upstream, GOING_AWAY, "the client left");
    else dismiss(this.#upstream, code, reason);
  }

  #upstreamLeft(code: number, reason: string): void {
    const isBroken = code === ABNORMAL;
    const fault = isBroken ? "the upstream closed the connection without a word" : null;
    if (!this.#over({ outcome: isBroken ? "interrupted" : "answered", fault, code })) return;
    if (isBroken) dismiss(this.#client, SERVER_ERROR, "the upstream closed the connection");
    else dismiss(this.#client, code, reason);
  }

  /** Ends both for a reason of ours. */
  #end(code: number, reason: string): void {
    if (!this.#over({ outcome: "interrupted", fault: reason, code })) return;
    dismiss(this.#client, code, reason);
    dismiss(this.#upstream, code, reason);
  }

  /** False when the session was over before. */
  #over({ outcome, fault, code }: Ending): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearInterval(this.#watch);
    this.#leave?.();
    const { recorder, world } = this.#call;
    recorder.waited(world.now() - this.#beganAt);
    recorder.finish = String(code);
    if (fault !== null) recorder.error = { code: "stream_interrupted", message: fault };
    recorder.settle(101, outcome);
    return true;
  }

  #look(): void {
    const { world, surroundings } = this.#call;
    const now = world.now();
    const { sessionIdleMs } = surroundings.limits;
    const stalledAt = Math.min(this.#down.stalledAt ?? now, this.#up.stalledAt ?? now);
    if (now - stalledAt >= STALLED_MS) this.#end(TRY_LATER, "what is sent is not read");
    else if (now - this.#lastHeardAt >= sessionIdleMs)
      this.#end(GOING_AWAY, `neither end said anything for ${sessionIdleMs} ms`);
  }
}

/** Closes an end, with its consent or soon without. */
const dismiss = (end: SocketEnd, code: number, reason: string): void => {
  end.close(isSayable(code) ? code : SERVER_ERROR, clipped(reason));
  setTimeout(() => end.terminate(), CLOSING_MS);
};

/** Codes that one end may say to the other; that there is none can be said, too. */
const isSayable = (code: number): boolean =>
  code === NO_CODE ||
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== ABNORMAL) ||
  (code >= 3000 && code <= 4999);

/** A reason has to fit into the frame; it is cut between two characters. */
const clipped = (reason: string): string => {
  let text = reason;
  while (Buffer.byteLength(text) > MAX_REASON_BYTES) text = text.slice(0, -1);
  return text.toWellFormed();
};
