/** Calls as the gateway sees them, without a server in front and without an upstream behind. */
import type { Egress } from "../../src/lib/egress.ts";
import { Secret } from "../../src/lib/secret.ts";
import { openCall, type Addressed, type Call, type Surroundings } from "../../src/gateway/call.ts";
import { watchDeparture } from "../../src/gateway/departure.ts";
import { createCalls } from "../../src/gateway/calls.ts";
import { readGatewayHeaders } from "../../src/gateway/headers.ts";
import type { Inbound, InboundBody, Ingress } from "../../src/gateway/inbound.ts";
import { resolveTarget, type ResolvedTarget, type Target } from "../../src/gateway/target.ts";
import { createCatalog } from "../../src/providers/catalog.ts";
import { inherit, NOTHING_INHERITED, type ConfigNode } from "../../src/schema/config.ts";
import { isObject, type JsonObject } from "../../src/schema/json.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/schema/limits.ts";
import type { ProviderRow } from "../../src/schema/provider-row.ts";
import type { CallRecord } from "../../src/schema/record.ts";
import type { VirtualKey } from "../../src/schema/settings.ts";
import { Recorder } from "../../src/telemetry/recorder.ts";
import { fakeWorld, type FakeWorld } from "../support/world.ts";

export type Headers = Readonly<Record<string, string>>;

export const CHAT: Ingress = { endpoint: "chat", dialect: "openai-chat" };
export const MESSAGES: Ingress = { endpoint: "chat", dialect: "anthropic-messages" };
export const MODELS: Ingress = { endpoint: "models", dialect: "openai-chat" };
export const PROXY: Ingress = { endpoint: "proxy", dialect: "openai-chat" };

/** A provider of the operator's own that spells and refuses as its row says. */
export const ODD_ROW: ProviderRow = {
  id: "odd",
  name: "Odd",
  dialect: "openai-chat",
  base: "https://odd.example/base/",
  auth: { kind: "header", name: "api-key" },
  env: ["ODD_KEY", "ODD_TOKEN"],
  paths: { chat: "/talk", models: "/catalogue" },
  inputs: [
    { option: "odd_region", header: "x-odd-region", default: "eu" },
    { option: "odd_beta", header: "odd-beta", bare: true },
  ],
  quirks: {
    rename: { max_completion_tokens: "max_tokens", seed: "random_seed" },
    values: { tool_choice: { required: "any" } },
    refuses: ["logit_bias", "n"],
    developerAsSystem: true,
  },
};

/** One whose host only the caller knows. */
export const HOMELESS_ROW: ProviderRow = {
  id: "homeless",
  name: "Homeless",
  dialect: "openai-chat",
  base: null,
  auth: { kind: "bearer" },
  env: ["HOMELESS_KEY"],
  paths: { chat: "/chat/completions", models: "/models" },
};

const virtualKey = (more: Partial<VirtualKey> = {}): VirtualKey => ({
  provider: "openai",
  apiKey: new Secret("sk-kept"),
  customHost: undefined,
  options: {},
  ...more,
});

export const VIRTUAL_KEYS: ReadonlyMap<string, VirtualKey> = new Map([
  ["team", virtualKey({ options: { openai_project: "proj-kept" } })],
  ["claude", virtualKey({ provider: "anthropic", apiKey: new Secret("sk-ant-kept") })],
  ["inside", virtualKey({ customHost: "http://models.internal:8080/v1" })],
  ["cloud", virtualKey({ provider: "bedrock", options: { aws_region: "eu-west-1" } })],
]);

export interface FakeSurroundings extends Surroundings {
  readonly world: FakeWorld;
}

export interface SurroundingsOptions {
  readonly environment?: Headers;
  readonly limits?: Partial<Limits>;
  readonly egress?: Egress;
}

export const NO_EGRESS: Egress = {
  send: () => Promise.reject(new Error("Nothing is sent in this test")),
  connect: () => Promise.reject(new Error("Nothing is connected in this test")),
};

export const surroundingsOf = (options: SurroundingsOptions = {}): FakeSurroundings => ({
  world: fakeWorld(),
  limits: { ...DEFAULT_LIMITS, ...options.limits },
  catalog: createCatalog([ODD_ROW, HOMELESS_ROW]),
  egress: options.egress ?? NO_EGRESS,
  environment: options.environment ?? {},
  virtualKeys: VIRTUAL_KEYS,
});

export interface InboundOptions {
  readonly ingress?: Ingress;
  readonly method?: string;
  /** Path and query. */
  readonly path?: string;
  readonly headers?: Headers;
  /** JSON as a value or, to the letter, as text. */
  readonly body?: JsonObject | string | InboundBody;
}

const isBody = (body: JsonObject | InboundBody): body is InboundBody => "kind" in body;

const bodyOf = (body: InboundOptions["body"]): InboundBody => {
  if (body === undefined) return { kind: "none" };
  if (typeof body === "object" && isBody(body)) return body;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error("A test's body must be an object");
  return { kind: "json", text, value };
};

export const inboundOf = (options: InboundOptions = {}): Inbound => {
  const { ingress = CHAT, method = "POST", path = "/v1/chat/completions", headers = {} } = options;
  const request = new Request(`http://localhost${path}`, { method, headers });
  const [pathname = "", search] = path.split("?");
  return {
    request,
    method,
    headers: request.headers,
    pathname,
    search: search === undefined ? "" : `?${search}`,
    ingress,
    body: bodyOf(options.body),
  };
};

export interface CallOptions extends InboundOptions, SurroundingsOptions {
  readonly addressed?: Addressed;
  readonly traceId?: string;
}

export interface FakeCall extends Call {
  readonly surroundings: FakeSurroundings;
  /** What was emitted of the call. */
  readonly emitted: readonly CallRecord[];
  /** Bugs. */
  readonly reported: readonly unknown[];
}

export const recorderOf = (world: FakeWorld, emitted: CallRecord[] = [], traceId = "trace-1"): Recorder =>
  new Recorder(
    { traceId, method: "POST", path: "/v1/chat/completions", endpoint: "chat", ingress: "openai-chat" },
    world,
    (record) => void emitted.push(record),
  );

export const callOf = (options: CallOptions = {}): FakeCall => {
  const surroundings = surroundingsOf(options);
  const emitted: CallRecord[] = [];
  const reported: unknown[] = [];
  const inbound = inboundOf(options);
  const call = openCall({
    inbound,
    headers: readGatewayHeaders(inbound.headers),
    addressed: options.addressed,
    recorder: recorderOf(surroundings.world, emitted, options.traceId),
    connection: {
      waiting: () => undefined,
      streaming: () => undefined,
      resting: () => undefined,
      upgrade: () => false,
    },
    departure: watchDeparture(inbound.request),
    gateway: { surroundings, calls: createCalls(), report: (thrown) => reported.push(thrown) },
  });
  return { ...call, surroundings, emitted, reported };
};

/** A leaf of a config, below these ancestors. */
export const targetOf = (node: ConfigNode, isOperators = false, ...above: readonly ConfigNode[]): Target => ({
  path: "config",
  node: [...above, node].reduce(inherit, NOTHING_INHERITED),
  isOperators,
});

/** The target that a call resolves this leaf to. */
export const resolved = (
  call: Call,
  node: ConfigNode,
  isOperators = false,
  path = "config",
): ResolvedTarget => resolveTarget(call, { ...targetOf(node, isOperators), path });
