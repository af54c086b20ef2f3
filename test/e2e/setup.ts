/** One upstream and one gateway for the tests of a file, and the clients that talk through them. */
import { afterAll, afterEach, beforeAll } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { JsonObject } from "../../src/schema/json.ts";
import { type Gateway, type GatewayOptions, killGateways, startGateway } from "../support/gateway.ts";
import { startUpstream, type Upstream } from "../support/upstream.ts";
import { LIMIT_MS, STEP_MS } from "../support/wait.ts";

export type Provider = "openai" | "anthropic";
export type Headers = Readonly<Record<string, string>>;

/** The key that clients send for the provider. */
export const KEY = "sk-test-0123456789";

export interface Pair {
  readonly upstream: Upstream;
  readonly gateway: Gateway;
  /** The headers that lead a client through the gateway to the upstream as that provider. */
  headers(provider: Provider, more?: Headers): Record<string, string>;
  /** A config leaf that leads to the upstream. */
  target(provider: Provider, more?: JsonObject): JsonObject;
  openai(provider: Provider, more?: Headers): OpenAI;
  anthropic(provider: Provider, more?: Headers): Anthropic;
  /** A bare POST of JSON (or of text as it is) with these headers only. */
  post(path: string, body: JsonObject | string, headers: Headers, signal?: AbortSignal): Promise<Response>;
  /** A chat that the config routes. */
  route(config: JsonObject, body?: JsonObject, more?: Headers, signal?: AbortSignal): Promise<Response>;
}

/** To be called once at the top of a test file. */
export const startPair = (options: GatewayOptions = {}): Pair => {
  let upstream: Upstream | undefined;
  let gateway: Gateway | undefined;
  beforeAll(async () => {
    upstream = await startUpstream();
    gateway = await startGateway(options);
  }, LIMIT_MS);
  afterEach(() => upstream?.reset());
  afterAll(async () => {
    await killGateways();
    await upstream?.close();
  });
  return pairOf(
    () => upstream ?? missing("upstream"),
    () => gateway ?? missing("gateway"),
  );
};

/** The smallest chat of either ingress API. */
export const ask = (model: string, content = "Hello big world") => ({
  model,
  max_tokens: 4096,
  messages: [{ role: "user" as const, content }],
});

const missing = (what: string): never => {
  throw new Error(`Cannot use the ${what}: it has not started`);
};

const pairOf = (upstream: () => Upstream, gateway: () => Gateway): Pair => {
  const host = (): string => `${upstream().url}/v1`;
  const headers = (provider: Provider, more: Headers = {}): Record<string, string> => ({
    "x-portkey-provider": provider,
    "x-portkey-custom-host": host(),
    ...more,
  });
  const post: Pair["post"] = (path, body, sent, signal) =>
    fetch(`${gateway().url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...sent },
      body: typeof body === "string" ? body : JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(STEP_MS), ...(signal ? [signal] : [])]),
    });
  return {
    get upstream() {
      return upstream();
    },
    get gateway() {
      return gateway();
    },
    headers,
    target: (provider, more = {}) => ({ provider, api_key: KEY, custom_host: host(), ...more }),
    openai: (provider, more) =>
      new OpenAI({
        apiKey: KEY,
        baseURL: `${gateway().url}/v1`,
        defaultHeaders: headers(provider, more),
        maxRetries: 0,
        timeout: STEP_MS,
      }),
    anthropic: (provider, more) =>
      new Anthropic({
        // Each provider is asked the way its own clients carry the key.
        apiKey: provider === "anthropic" ? KEY : null,
        authToken: provider === "anthropic" ? null : KEY,
        baseURL: gateway().url,
        defaultHeaders: headers(provider, more),
        maxRetries: 0,
        timeout: STEP_MS,
      }),
    post,
    route: (config, body = ask("echo"), more = {}, signal) =>
      post("/v1/chat/completions", body, { "x-portkey-config": JSON.stringify(config), ...more }, signal),
  };
};

/** What a promise was rejected with; an error of its own when it was not. */
export const failureOf = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("Cannot see the failure: the call succeeded");
};

/** Every item of a stream that ends well. */
export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
};
