/** Builds a gateway out of settings: everything a call needs, swapped as a whole on reload. */
import type { EgressPolicy, Egress } from "../lib/egress.ts";
import type { HeaderFields } from "../lib/header-fields.ts";
import type { World } from "../lib/world.ts";
import type { Environment } from "../providers/auth.ts";
import { createCatalog } from "../providers/catalog.ts";
import { modelFacts } from "../providers/models.ts";
import type { CallRecord } from "../schema/record.ts";
import type { Settings, StorageSettings } from "../schema/settings.ts";
import { lazyResponseStore } from "../storage/response-store.lazy.ts";
import type { ResponseStore } from "../storage/response-store.ts";
import type { Log } from "../telemetry/log.ts";
import { Recorder } from "../telemetry/recorder.ts";
import type { Connection, Surroundings } from "./call.ts";
import { createCalls } from "./calls.ts";
import type { CallsInFlight } from "./calls.ts";
import type { Departure } from "./departure.ts";
import { readTraceId } from "./headers.ts";
import type { Ingress } from "./inbound.ts";
import { configuredModels, knownModels } from "./models.ts";
import { createPlanner } from "./plan.ts";
import type { Planner } from "./plan.ts";
import { splitUrl } from "./receive.ts";
import { createResponses } from "./responses.state.ts";
import type { Responses } from "./responses.state.ts";

export interface Gateway {
  readonly surroundings: Surroundings;
  readonly planner: Planner;
  readonly calls: CallsInFlight;
  /** The responses that are kept for their callers. */
  readonly responses: Responses;
  /** Calls that name nothing go by a config of the operator's. */
  readonly hasDefault: boolean;
  /** What can be asked for by name without naming a provider. */
  readonly models: readonly string[];
  /** Opens a call's record; the call is in flight until the record is settled. */
  record(
    request: Request,
    headers: HeaderFields,
    ingress: Ingress,
    departure: Departure,
    connection: Connection,
  ): Recorder;
  /** A bug: told to the operator with its stack, to nobody else. */
  report(thrown: unknown): void;
}

export interface GatewayParts {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly egress: Egress;
  readonly policy: EgressPolicy;
  readonly world: World;
  readonly log: Log;
  /** What the gateway before this one leaves to it. */
  readonly kept?: Kept;
}

/** What outlives a gateway whose settings have changed. */
export interface Kept {
  readonly calls: CallsInFlight;
  readonly store: ResponseStore;
}

export const openKept = ({ storage }: Settings, log: Log): Kept => ({
  calls: createCalls(),
  store: lazyResponseStore(storage, (reason) => warnOfMemory(log, storage, reason)),
});

/** Throws `GatewayError("invalid_config")` for a named config that is not valid. */
export const assemble = (parts: GatewayParts): Gateway => {
  const { settings, world, log } = parts;
  const surroundings: Surroundings = {
    world,
    limits: settings.limits,
    catalog: createCatalog(settings.providers),
    egress: parts.egress,
    environment: parts.environment,
    virtualKeys: settings.virtualKeys,
  };
  const { calls, store } = parts.kept ?? openKept(settings, log);
  return {
    surroundings,
    planner: createPlanner({
      surroundings,
      policy: parts.policy,
      configs: settings.configs,
      defaultConfig: settings.defaultConfig,
    }),
    calls,
    responses: createResponses({
      store,
      settings: settings.storage,
      limits: settings.limits,
      world,
      log,
    }),
    hasDefault: settings.defaultConfig !== undefined,
    models: namesOf(configuredModels(settings.configs, settings.virtualKeys), knownModels(surroundings)),
    record(request, headers, ingress, departure, connection) {
      calls.opened();
      const emit = (record: CallRecord): void => {
        calls.closed();
        departure.over();
        if (record.status !== SWITCHED) connection.resting();
        log.call(record);
      };
      const recorder = new Recorder(opening(request, headers, ingress), world, emit, modelFacts);
      // A little later: the attempt that ends with it is told first.
      departure.onLeave(() => setImmediate(() => recorder.left()));
      return recorder;
    },
    report(thrown) {
      log.say("error", "bug", { error: describe(thrown) });
    },
  };
};

const warnOfMemory = (log: Log, { directory }: StorageSettings, reason: unknown): void =>
  log.say("warn", "kept_in_memory", {
    message: `Cannot keep responses in ${directory ?? "memory"}: ${reason instanceof Error ? reason.message : String(reason)}`,
  });

/** The connection was made a WebSocket, and is none of ours any more. */
const SWITCHED = 101;

const namesOf = (...lists: readonly (readonly string[])[]): readonly string[] =>
  [...new Set(lists.flat())].sort();

const opening = (request: Request, headers: HeaderFields, ingress: Ingress) => ({
  traceId: readTraceId(headers),
  method: request.method,
  path: splitUrl(request.url).pathname,
  endpoint: ingress.resource ?? ingress.endpoint,
  ingress: ingress.dialect,
});

const describe = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
