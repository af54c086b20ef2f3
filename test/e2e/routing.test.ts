/** Retries, fallbacks, load balancing, conditions and timeouts, seen from outside. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../src/schema/json.ts";
import { closedUrl, type Script } from "../support/upstream.ts";
import { within } from "../support/wait.ts";
import { ask, startPair } from "./setup.ts";

const pair = startPair();

const index = (response: Response): string | null => response.headers.get("x-portkey-last-used-option-index");
const retries = (response: Response): string | null => response.headers.get("x-portkey-retry-attempt-count");

const keysSeen = (): (string | undefined)[] =>
  pair.upstream.requests.map((one) => one.headers["authorization"]);

/** A leaf with a key of its own, so that the upstream's record tells which one was used. */
const leaf = (key: string, more: JsonObject = {}): JsonObject =>
  pair.target("openai", { api_key: key, ...more });

const fallback = (...targets: readonly JsonObject[]): JsonObject => ({
  strategy: { mode: "fallback" },
  targets,
});

const busy = (ms: number): Script => ({
  kind: "status",
  status: 429,
  headers: { "retry-after-ms": String(ms) },
});
const broken: Script = { kind: "status", status: 500 };

describe("retry", () => {
  const retrying = (attempts: number): JsonObject =>
    leaf("k", { retry: { attempts, use_retry_after_header: true } });

  test("waits as the provider asks and counts", async () => {
    pair.upstream.enqueue(busy(20));
    const response = await pair.route(retrying(2));
    expect(response.status).toBe(200);
    expect(retries(response)).toBe("1");
    const [first, second] = pair.upstream.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeWithin(15, 900);
  });

  test("reads x-ms-retry-after-ms too", async () => {
    pair.upstream.enqueue({ kind: "status", status: 429, headers: { "x-ms-retry-after-ms": "10" } });
    expect(retries(await pair.route(retrying(1)))).toBe("1");
  });

  test("gives the last answer and -1 when its attempts are used up", async () => {
    pair.upstream.enqueue(busy(5), busy(5), busy(5));
    const response = await pair.route(retrying(2));
    expect(response.status).toBe(429);
    expect(retries(response)).toBe("-1");
    expect(pair.upstream.requests).toHaveLength(3);
  });

  test("stops at once when the provider asks for too long a wait", async () => {
    pair.upstream.enqueue(busy(60_000));
    const response = await pair.route(retrying(3));
    expect(response.status).toBe(429);
    expect(retries(response)).toBe("-1");
    expect(response.headers.get("retry-after-ms")).toBe("60000");
    expect(pair.upstream.requests).toHaveLength(1);
  });

  test("leaves a status that is not listed alone", async () => {
    pair.upstream.enqueue({ kind: "status", status: 400 });
    const response = await pair.route(retrying(3));
    expect(response.status).toBe(400);
    expect(retries(response)).toBe("0");
  });

  test("does not happen unless asked for", async () => {
    pair.upstream.enqueue(broken);
    const response = await pair.route(leaf("k"));
    expect(response.status).toBe(500);
    expect(pair.upstream.requests).toHaveLength(1);
  });
});

describe("fallback", () => {
  test("stops at the first answer", async () => {
    pair.upstream.enqueue(broken);
    const response = await pair.route(fallback(leaf("one"), leaf("two"), leaf("three")));
    expect(response.status).toBe(200);
    expect(index(response)).toBe("config.targets[1]");
    expect(keysSeen()).toEqual(["Bearer one", "Bearer two"]);
  });

  test("gives the last refusal when all refuse", async () => {
    pair.upstream.enqueue(broken, { kind: "status", status: 400 });
    const response = await pair.route(fallback(leaf("one"), leaf("two")));
    expect(response.status).toBe(400);
    expect(index(response)).toBe("config.targets[1]");
  });

  test("goes on only for the statuses it lists", async () => {
    pair.upstream.enqueue(broken);
    const response = await pair.route({
      strategy: { mode: "fallback", on_status_codes: [429] },
      targets: [leaf("one"), leaf("two")],
    });
    expect(response.status).toBe(500);
    expect(index(response)).toBe("config.targets[0]");
  });

  test("passes a target that nobody listens on", async () => {
    const response = await pair.route(fallback(leaf("one", { custom_host: await closedUrl() }), leaf("two")));
    expect(response.status).toBe(200);
    expect(index(response)).toBe("config.targets[1]");
  });

  test("goes from one dialect to another", async () => {
    pair.upstream.enqueue({ kind: "status", status: 529 });
    const response = await pair.route(fallback(pair.target("anthropic"), leaf("two")));
    expect(index(response)).toBe("config.targets[1]");
    expect(pair.upstream.requests.map(({ url }) => url)).toEqual(["/v1/messages", "/v1/chat/completions"]);
  });

  test.each(["openai", "anthropic"] as const)(
    "leaves a stream of %s whose first event is an error",
    async (provider) => {
      pair.upstream.enqueue({ kind: "error-first" });
      const stream = { ...ask("echo"), stream: true };
      const response = await pair.route(fallback(pair.target(provider), leaf("two")), stream);
      const text = await response.text();
      expect(index(response)).toBe("config.targets[1]");
      expect(text).not.toContain('"error"');
      expect(text).toContain("[DONE]");
    },
  );

  test("leaves a Claude that is overloaded once it has opened its stream", async () => {
    const frame = (type: string, more: JsonObject): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
    const message = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude",
      content: [],
      usage: {},
    };
    pair.upstream.enqueue({
      kind: "raw",
      headers: { "content-type": "text/event-stream" },
      chunks: [
        frame("message_start", { message }) + frame("ping", {}),
        frame("error", { error: { type: "overloaded_error", message: "Overloaded" } }),
      ],
    });
    const stream = { ...ask("echo"), stream: true };
    const response = await pair.route(fallback(pair.target("anthropic"), leaf("two")), stream);
    expect(index(response)).toBe("config.targets[1]");
    expect(await response.text()).toContain("[DONE]");
  });

  test("leaves a malformed reply of another dialect", async () => {
    pair.upstream.enqueue({ kind: "malformed" });
    const response = await pair.route(fallback(pair.target("anthropic"), leaf("two")));
    expect(response.status).toBe(200);
    expect(index(response)).toBe("config.targets[1]");
  });

  test("nests", async () => {
    pair.upstream.enqueue(broken, broken);
    const response = await pair.route(
      fallback(
        { strategy: { mode: "single" }, targets: [leaf("one")] },
        { ...fallback(leaf("two"), leaf("three")), override_params: { model: "echo" } },
      ),
    );
    expect(response.status).toBe(200);
    expect(index(response)).toBe("config.targets[1].targets[1]");
    expect(keysSeen()).toEqual(["Bearer one", "Bearer two", "Bearer three"]);
  });
});

describe("load balancing", () => {
  const balanced = (...weights: readonly number[]): JsonObject => ({
    strategy: { mode: "loadbalance" },
    targets: weights.map((weight, at) => leaf(`key-${at}`, { weight })),
  });

  test("never chooses a weight of zero", async () => {
    const responses = await Promise.all(Array.from({ length: 12 }, () => pair.route(balanced(0, 1))));
    expect(new Set(responses.map(index))).toEqual(new Set(["config.targets[1]"]));
    await Promise.all(responses.map((response) => response.arrayBuffer()));
  });

  test("refuses weights that leave nobody to choose", async () => {
    const response = await pair.route(balanced(0, 0));
    expect(response.status).toBe(400);
    expect(pair.upstream.requests).toHaveLength(0);
  });
});

describe("conditions", () => {
  const when = (query: JsonObject, name: string): JsonObject => ({
    query,
    then: name,
  });
  const conditional = (more: JsonObject = { default: "cheap" }): JsonObject => ({
    strategy: {
      mode: "conditional",
      conditions: [
        when({ "metadata.plan": { $in: ["pro", "team"] } }, "fast"),
        when({ "params.model": { $regex: "^echo-large" } }, "large"),
      ],
      ...more,
    },
    targets: ["fast", "large", "cheap"].map((name) => leaf(name, { name })),
  });

  test("choose by metadata", async () => {
    const response = await pair.route(conditional(), ask("echo"), {
      "x-portkey-metadata": '{"plan":"pro"}',
    });
    expect(index(response)).toBe("config.targets[0]");
  });

  test("choose by a parameter", async () => {
    expect(index(await pair.route(conditional(), ask("echo-large-2")))).toBe("config.targets[1]");
  });

  test("fall to the default", async () => {
    expect(index(await pair.route(conditional(), ask("echo")))).toBe("config.targets[2]");
  });

  test("say so when nothing fits and there is no default", async () => {
    const response = await pair.route(conditional({}));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      message: "Query router did not resolve to any valid target",
    });
  });
});

describe("request timeout", () => {
  const TIMEOUT = {
    message: "Request exceeded the timeout sent in the request: 60ms",
    type: "timeout_error",
    param: null,
  };

  test.each(["head", "first-event"] as const)("ends a call whose %s is late", async (before) => {
    pair.upstream.enqueue({ kind: "slow", before });
    const stream = { ...ask("echo"), stream: true };
    const response = await pair.route(leaf("k", { request_timeout: 60 }), stream);
    expect(response.status).toBe(408);
    expect(await response.json()).toMatchObject({ error: TIMEOUT });
    const { closedEarly } = await pair.upstream.next();
    await within(closedEarly, "the upstream's connection to close", 1000);
  });

  test("is taken from the header before the config", async () => {
    pair.upstream.enqueue({ kind: "slow", before: "head" });
    const response = await pair.route(leaf("k", { request_timeout: 10_000 }), ask("echo"), {
      "x-portkey-request-timeout": "60",
    });
    expect(response.status).toBe(408);
    expect(await response.json()).toMatchObject({ error: TIMEOUT });
  });

  test("counts as a failure for a fallback", async () => {
    pair.upstream.enqueue({ kind: "hang" });
    const response = await pair.route(fallback(leaf("one", { request_timeout: 60 }), leaf("two")));
    expect(response.status).toBe(200);
    expect(index(response)).toBe("config.targets[1]");
  });

  test("does not cut an answer that has begun", async () => {
    pair.upstream.enqueue({ kind: "stall", afterEvents: 2 });
    const stream = { ...ask("echo"), stream: true };
    const response = await pair.route(leaf("k", { request_timeout: 60 }), stream);
    pair.upstream.enqueue({ kind: "hang" }); // a later call with the same limit: when it is over, so is the first's
    expect((await pair.route(leaf("k", { request_timeout: 60 }))).status).toBe(408);
    pair.upstream.release();
    expect(await response.text()).toContain("[DONE]");
  });
});

test.each([null, false])(
  "a stream that override_params set to %p is none for the client either",
  async (stream) => {
    const response = await pair.route(leaf("k", { override_params: { stream } }), {
      ...ask("echo"),
      stream: true,
    });
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect((await pair.upstream.next()).json).toMatchObject({ stream });
  },
);

test("override_params reach the provider over the client's", async () => {
  await pair.route(leaf("k", { override_params: { model: "echo:2", temperature: 0.5 } }));
  expect((await pair.upstream.next()).json).toMatchObject({ model: "echo:2", temperature: 0.5 });
});
