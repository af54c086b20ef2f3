import { describe, expect, spyOn, test } from "bun:test";
import { attempt } from "../../src/gateway/attempt.ts";
import { HeaderUnsendable } from "../../src/lib/http.errors.ts";
import { EgressRefused, type EgressRequest, type HostTrust } from "../../src/lib/egress.ts";
import type { ConfigNode } from "../../src/schema/config.ts";
import { Recorder } from "../../src/telemetry/recorder.ts";
import { within } from "../support/wait.ts";
import { type CallOptions, callOf, type Headers as Sent, NO_EGRESS, targetOf } from "./fakes.ts";

interface Dialled {
  readonly url: string;
  readonly init: EgressRequest;
  readonly headers: Sent;
  readonly trust: HostTrust;
}

const ANSWER = { model: "m-2026", choices: [{ index: 0, message: { role: "assistant", content: "Hi" } }] };

interface Situation extends Omit<CallOptions, "egress"> {
  readonly upstream?: (init: EgressRequest) => Promise<Response>;
}

/** Tries this leaf once, and tells what was sent for it. */
const run = async (node: ConfigNode, { upstream, ...options }: Situation = {}) => {
  const dialled: Dialled[] = [];
  const call = callOf({
    body: { model: "m", max_tokens: 5, messages: [{ role: "user", content: "hi" }] },
    ...options,
    egress: {
      ...NO_EGRESS,
      send: (url, init, trust) => {
        const headers = Object.fromEntries(new Headers(init.headers as Sent)); // either form will do for Headers
        dialled.push({ url: String(url), init, headers, trust });
        return upstream?.(init) ?? Promise.resolve(Response.json(ANSWER));
      },
    },
  });
  return { outcome: await attempt(targetOf(node))(call), dialled, call };
};

const OPENAI: ConfigNode = { provider: "openai", api_key: "sk" };
const HOST = "https://models.example/v1";

describe("an attempt is signed", () => {
  const headersFor = async (node: ConfigNode, options: Situation = {}): Promise<Sent | undefined> =>
    (await run(node, options)).dialled[0]?.headers;

  test("by a bearer token", async () => {
    expect(await headersFor(OPENAI)).toMatchObject({ authorization: "Bearer sk" });
  });

  test("by the provider's own header", async () => {
    expect(await headersFor({ provider: "odd", api_key: "sk" })).toMatchObject({ "api-key": "sk" });
  });

  test("by Anthropic's key, or by a bearer token for one of its OAuth tokens", async () => {
    const upstream = (): Promise<Response> => Promise.resolve(Response.json({}, { status: 500 }));
    const key = await headersFor({ provider: "anthropic", api_key: "sk" }, { upstream });
    expect(key).toMatchObject({ "x-api-key": "sk", "anthropic-version": "2023-06-01" });
    expect(key).not.toHaveProperty("authorization");
    const token = await headersFor({ provider: "anthropic", api_key: "sk-ant-oat1" }, { upstream });
    expect(token).toMatchObject({ authorization: "Bearer sk-ant-oat1" });
    expect(token).not.toHaveProperty("x-api-key");
  });

  test("by nothing where no key is needed", async () => {
    expect(await headersFor({ provider: "ollama" })).not.toHaveProperty("authorization");
  });

  test("by the client's own header where the caller asked for it by name", async () => {
    const node = { ...OPENAI, forward_headers: ["authorization"] };
    expect(await headersFor(node, { headers: { authorization: "Bearer mine" } })).toMatchObject({
      authorization: "Bearer mine",
    });
  });
});

describe("an attempt", () => {
  test("that answers is in the record", async () => {
    const { outcome, dialled, call } = await run(OPENAI);
    expect(outcome).toMatchObject({ kind: "answered", retries: 0, reply: { status: 200 } });
    expect(dialled).toMatchObject([{ url: "https://api.openai.com/v1/chat/completions", trust: "fixed" }]);
    expect(call.recorder.attempts).toMatchObject([
      {
        target: "config",
        provider: "openai",
        requestModel: "m",
        mode: "passthrough",
        status: 200,
        outcome: "answered",
      },
    ]);
  });

  test("to a host of the caller's is judged as one", async () => {
    expect((await run({ ...OPENAI, custom_host: HOST })).dialled).toMatchObject([
      { url: `${HOST}/chat/completions`, trust: "caller" },
    ]);
  });

  test("takes one of the call's tries", async () => {
    const { call } = await run(OPENAI, { limits: { maxAttempts: 1 } });
    expect(call.hasTries()).toBe(false);
  });

  test("that cannot be prepared fails without a call, and says for whom", async () => {
    const { outcome, dialled, call } = await run({ provider: "openai" });
    expect(outcome).toMatchObject({
      kind: "failed",
      cause: "unprepared",
      error: { code: "missing_credential" },
    });
    expect(dialled).toEqual([]);
    expect(call.recorder.attempts).toMatchObject([{ provider: "openai", outcome: "failed", status: null }]);
  });

  test.each<[string, () => Promise<Response>, object]>([
    [
      "refuses",
      () => Promise.resolve(Response.json({ error: { message: "no", type: "t" } }, { status: 429 })),
      { kind: "refused", reply: { status: 429 } },
    ],
    [
      "says 200 and means an error",
      () => Promise.resolve(Response.json({ error: { message: "rate limit", type: "rate_limit_error" } })),
      { kind: "refused", reply: { status: 429 } },
    ],
    [
      "is not JSON",
      () => Promise.resolve(new Response("<h1>", { headers: { "content-type": "application/json" } })),
      { kind: "failed", cause: "malformed", error: { code: "upstream_malformed", status: 502 } },
    ],
    [
      "would be asked with a header that none can hold",
      () => Promise.reject(new HeaderUnsendable("openai-organization")),
      {
        kind: "failed",
        cause: "unprepared",
        error: { code: "invalid_header", status: 400, param: "openai-organization" },
      },
    ],
    [
      "is not understood for a bug of ours",
      () => Promise.reject(new TypeError("undefined is not an object")),
      {
        kind: "failed",
        cause: "malformed",
        error: { code: "internal_error", message: "Something went wrong in the gateway" },
      },
    ],
    [
      "redirects",
      () => Promise.resolve(new Response(null, { status: 307, headers: { location: "https://x" } })),
      { kind: "failed", cause: "malformed", error: { code: "upstream_redirect" } },
    ],
    [
      "is too large",
      () => Promise.resolve(Response.json({ a: "x".repeat(200) })),
      { kind: "failed", cause: "malformed", error: { code: "upstream_response_too_large" } },
    ],
    [
      "cannot be reached",
      () => Promise.reject(Object.assign(new Error("https://secret/?key=1"), { code: "ECONNREFUSED" })),
      {
        kind: "failed",
        cause: "network",
        error: { code: "upstream_unreachable", message: "Cannot reach openai: connection refused" },
      },
    ],
    [
      "may not be called",
      () => Promise.reject(new EgressRefused("private_address", "it is private")),
      { kind: "failed", cause: "unprepared", error: { code: "invalid_custom_host", status: 400 } },
    ],
  ])("whose upstream %s is an outcome", async (_name, upstream, expected) => {
    const { outcome } = await run(OPENAI, { upstream, limits: { maxReplyBytes: 150 } });
    expect(outcome).toMatchObject(expected);
  });

  test("tells what it could not carry piece by piece: there may be more than a call can have arguments", async () => {
    const told = spyOn(Recorder.prototype, "note");
    const messages = Array.from({ length: 3 }, () => ({ role: "user", name: "a" }));
    const { call } = await run({ provider: "groq", api_key: "sk" }, { body: { model: "m", messages } });
    const notes = messages.map((_, at) => `messages.${at}.name`);
    expect<readonly unknown[]>(told.mock.calls).toEqual(notes.map((note) => [note]));
    expect(call.recorder.notes).toEqual(notes);
    told.mockRestore();
  });

  test("that waits for a token another has asked for waits no longer than its own time", async () => {
    const node: ConfigNode = {
      provider: "azure-openai",
      azure_resource_name: "res",
      azure_deployment_id: "dep",
      azure_auth_mode: "entra",
      azure_entra_tenant_id: "tenant-that-is-slow",
      azure_entra_client_id: "id",
      azure_entra_client_secret: "secret",
    };
    const slow = Promise.withResolvers<Response>();
    const first = run(node, { upstream: () => slow.promise });
    const { outcome } = await within(run({ ...node, request_timeout: 20 }), "the one that is in a hurry");
    expect(outcome).toMatchObject({ kind: "failed", cause: "timeout", error: { code: "request_timeout" } });
    slow.resolve(Response.json({ access_token: "t", expires_in: 3600 }));
    expect((await first).dialled.map(({ headers }) => headers["authorization"])).toEqual([
      undefined,
      "Bearer t",
    ]);
  });

  test("that a bug of ours ends is reported, one that the network ends is not", async () => {
    const bug = new TypeError("undefined is not an object");
    const lost = Object.assign(new TypeError("gone"), { code: "ECONNRESET" });
    for (const [error, reported] of [
      [bug, [bug]],
      [lost, []],
    ] as const) {
      const { call } = await run(OPENAI, { upstream: () => Promise.reject(error) });
      expect(call.reported).toEqual([...reported]);
    }
  });

  test("of a client that has left is not made", async () => {
    const call = callOf();
    const leaving = AbortSignal.abort();
    expect(await attempt(targetOf(OPENAI))({ ...call, signal: leaving })).toEqual({ kind: "cancelled" });
    expect(call.recorder.attempts).toEqual([]);
  });
});
