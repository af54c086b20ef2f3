/** A call: one client request and everything we do about it. */
import type { Egress } from "../lib/egress.ts";
import type { SocketEnd, SocketEvents } from "../lib/socket.ts";
import type { World } from "../lib/world.ts";
import type { Environment } from "../providers/auth.ts";
import type { Catalog } from "../providers/catalog.ts";
import type { MatchScope, RoutedCall } from "../schema/plan.ts";
import type { Limits } from "../schema/limits.ts";
import type { VirtualKey } from "../schema/settings.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { CallsInFlight } from "./calls.ts";
import type { Departure } from "./departure.ts";
import type { GatewayHeaders } from "./headers.ts";
import { readMetadata } from "./headers.ts";
import type { Inbound } from "./inbound.ts";
import { bodyJson } from "./inbound.ts";
import type { Turn } from "./responses.turn.ts";

/** What calls share: built from settings, swapped as a whole. */
export interface Surroundings {
  readonly world: World;
  readonly limits: Limits;
  readonly catalog: Catalog;
  readonly egress: Egress;
  readonly environment: Environment;
  readonly virtualKeys: ReadonlyMap<string, VirtualKey>;
}

/** The provider a request names outside of a config: by header, or at the front of its model. */
export interface Addressed {
  readonly provider: string;
  /** What is left of the model's name when the provider was read off it. */
  readonly model?: string;
}

/** What the server can do for a connection while its call is answered. */
export interface Connection {
  /** The answer may take long to begin. */
  waiting(): void;
  /** The answer is a stream of events: a client that does not read is let go. */
  streaming(): void;
  /** The answer is said: the connection may wait for the next call. */
  resting(): void;
  /** Makes a WebSocket of it; false when the client has left. */
  upgrade(begin: BeginSession, headers: Headers): boolean;
}

/** What hears the client's end of a session from its beginning on. */
export type BeginSession = (client: SocketEnd) => SocketEvents;

export interface CallParts {
  readonly inbound: Inbound;
  /** Of the Responses API, whose answers are kept. */
  readonly turn?: Turn | undefined;
  readonly headers: GatewayHeaders;
  readonly addressed: Addressed | undefined;
  readonly recorder: Recorder;
  readonly departure: Departure;
  readonly connection: Connection;
  readonly gateway: {
    readonly surroundings: Surroundings;
    readonly calls: CallsInFlight;
    /** Of a bug. */
    readonly report: (thrown: unknown) => void;
  };
}

export interface Call extends Omit<CallParts, "gateway">, RoutedCall {
  readonly surroundings: Surroundings;
  readonly calls: CallsInFlight;
  /** An attempt begins. */
  takeTry(): void;
  /** A bug that ends no more than the attempt or the stream it is found in. */
  report(thrown: unknown): void;
}

const MAX_PATIENCE_MS = 60_000;

export const openCall = (parts: CallParts): Call => {
  const { inbound, recorder, departure } = parts;
  const { surroundings, calls } = parts.gateway;
  let triesLeft = surroundings.limits.maxAttempts;
  let scope: MatchScope | undefined;
  return {
    inbound,
    turn: parts.turn,
    headers: parts.headers,
    addressed: parts.addressed,
    recorder,
    departure,
    connection: parts.connection,
    surroundings,
    calls,
    signal: departure.signal,
    world: surroundings.world,
    patience: { leftMs: MAX_PATIENCE_MS },
    scope: () =>
      (scope ??= {
        metadata: readMetadata(inbound.headers),
        params: bodyJson(inbound),
        url: { pathname: inbound.pathname },
      }),
    hasTries: () => triesLeft > 0,
    takeTry: () => {
      triesLeft--;
    },
    waited: (ms) => recorder.waited(ms),
    report: (thrown) => parts.gateway.report(thrown),
  };
};
