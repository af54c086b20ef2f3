/** Realtime sessions from outside: opened, relayed, closed and refused. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import type { JsonObject } from "../../src/schema/json.ts";
import { Feed } from "../support/feed.ts";
import { type Gateway, killGateways, startGateway } from "../support/gateway.ts";
import { deafClient, handshake, openSocket } from "../support/socket-client.ts";
import { startSocketUpstream } from "../support/socket-upstream.ts";
import { startTlsFront } from "../support/tls-front.ts";
import { closedUrl } from "../support/upstream.ts";
import { LIMIT_MS, settled, within } from "../support/wait.ts";

const KEY = "sk-test-0123456789";
const MODEL = "gpt-realtime";
const MIB = 1024 * 1024;

const upstream = startSocketUpstream();
let gateway: Gateway;
let trace = "";

beforeAll(async () => {
  gateway = await startGateway({ env: { TURNPIKE_MAX_JSON_BYTES: String(12 * MIB) } });
}, LIMIT_MS);
beforeEach(() => void (trace = crypto.randomUUID()));
afterEach(() => upstream.reset());
afterAll(async () => {
  await killGateways();
  await upstream.close();
});

const sessionUrl = (query = `model=${MODEL}`): string => `${gateway.url}/v1/realtime?${query}`;

const headers = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  authorization: `Bearer ${KEY}`,
  "x-portkey-provider": "openai",
  "x-portkey-custom-host": `${upstream.url}/v1`,
  "x-portkey-trace-id": trace,
  ...more,
});

const routed = (config: JsonObject): Record<string, string> => ({
  "x-portkey-config": JSON.stringify(config),
  "x-portkey-trace-id": trace,
});

/** A client and the upstream's end of its session. */
const opened = async (query?: string, protocols: string[] = [], more: Record<string, string> = headers()) => {
  const client = await openSocket(sessionUrl(query), { headers: more, protocols });
  return { client, session: await upstream.sessions.next(), opening: await upstream.openings.next() };
};

const errorOf = async (response: Response): Promise<JsonObject> => {
  const { error } = (await response.json()) as { readonly error: JsonObject }; // what OpenAI's clients read
  return error;
};

/** The record of this test's next session; there is one when it is over. */
const record = (): Promise<JsonObject> => gateway.nextRecord((line) => line["trace_id"] === trace);

const USED = (input: number, audio: number) => ({
  type: "response.done",
  response: {
    usage: {
      input_tokens: input,
      output_tokens: 20,
      total_tokens: input + 20,
      input_token_details: {
        text_tokens: input - audio,
        audio_tokens: audio,
        cached_tokens: 8,
        cached_tokens_details: { text_tokens: 3, audio_tokens: 5 },
      },
      output_token_details: { text_tokens: 5, audio_tokens: 15 },
    },
  },
});

describe("a session", () => {
  test("is one of the OpenAI SDK's, and is recorded once with what it used", async () => {
    const front = await startTlsFront(gateway.url); // the SDK knows no other
    upstream.greet(
      JSON.stringify({ type: "session.created", session: { model: "gpt-realtime-2025-08-28" } }),
    );
    const openai = new OpenAI({ apiKey: KEY, baseURL: `${front.url}/v1` });
    const realtime = new OpenAIRealtimeWS(
      { model: MODEL, options: { headers: headers(), rejectUnauthorized: false } },
      openai,
    );
    const events = new Feed<{ readonly type: string }>("event of the session");
    realtime.on("event", (event) => events.push(event));
    realtime.on("error", (error) => events.push({ type: `failed: ${error.message}` }));
    expect(await events.next()).toMatchObject({ type: "session.created" });
    const session = await upstream.sessions.next();
    realtime.send({ type: "response.create" });
    expect(await session.messages.next()).toBe('{"type":"response.create"}');
    session.socket.send(JSON.stringify(USED(100, 40)));
    session.socket.send(JSON.stringify(USED(50, 30)));
    expect([await events.next(), await events.next()]).toMatchObject([USED(100, 40), USED(50, 30)]);
    realtime.close({ code: 1000, reason: "done" });
    const closing = await within(session.closed, "the upstream to hear of it", 1000);
    expect(closing).toEqual({ code: 1000, reason: "done" });
    front.close();
    const line = await record();
    expect(line).toMatchObject({
      status: 101,
      outcome: "answered",
      stream: true,
      provider: "openai",
      original_model: MODEL,
      request_model: MODEL,
      response_model: "gpt-realtime-2025-08-28",
      finish: "1000",
      usage: { input: 150, output: 40, cache_read: 16 },
      attempts: [{ status: 101, outcome: "answered" }],
    });
    expect(line["overhead_ms"]).toBeLessThan(Number(line["duration_ms"]));
  });

  test("opens upstream as any other call goes out", async () => {
    const { opening, client } = await opened(
      `model=${MODEL}&intent=transcription&with=1&with=2`,
      [],
      headers({ "openai-organization": "org-1", "openai-beta": "realtime=v1", "x-mine": "1", cookie: "c=1" }),
    );
    expect(opening.url).toBe(`/v1/realtime?model=${MODEL}&intent=transcription&with=1&with=2`);
    expect(opening.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      "openai-organization": "org-1",
      "openai-beta": "realtime=v1",
    });
    for (const name of ["x-portkey-provider", "x-mine", "cookie", "sec-websocket-protocol"])
      expect(opening.headers).not.toHaveProperty(name);
    client.socket.close();
  });

  test("carries a browser's key in its sub-protocols, and tells it the harmless one", async () => {
    const { opening, client } = await opened(
      `model=${MODEL}`,
      [`openai-insecure-api-key.${KEY}`, "realtime", "openai-organization.org-2", "openai-beta.realtime-v1"],
      { "x-portkey-provider": "openai", "x-portkey-custom-host": `${upstream.url}/v1` },
    );
    expect(client.socket.protocol).toBe("realtime");
    expect(opening.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      "openai-organization": "org-2",
      "openai-beta": "realtime=v1",
    });
    expect(JSON.stringify(opening.headers["sec-websocket-protocol"] ?? "")).not.toContain(KEY);
    client.socket.close();
  });

  test("is one of the SDK's for browsers, which sends no header: the model's name says where it goes", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "turnpike-realtime-")), "settings.json");
    const house = { provider: "openai", api_key: "sk-kept", custom_host: `${upstream.url}/v1` };
    writeFileSync(file, JSON.stringify({ virtual_keys: { house } }));
    const settled = await startGateway({ args: ["--settings", file] });
    const front = await startTlsFront(settled.url);
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0"; // the client takes no certificate of its own
    const realtime = new OpenAIRealtimeWebSocket(
      { model: `@house/${MODEL}`, dangerouslyAllowBrowser: true },
      new OpenAI({ apiKey: KEY, baseURL: `${front.url}/v1`, organization: "org-3" }),
    );
    realtime.on("error", () => undefined); // seen below: no session
    const opening = await upstream.openings.next();
    const session = await upstream.sessions.next();
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    expect(opening.url).toBe(`/v1/realtime?model=${MODEL}`);
    expect(opening.headers).toMatchObject({
      authorization: "Bearer sk-kept",
      "openai-organization": "org-3",
    });
    const events = new Feed<string>("event of the session");
    realtime.on("session.created", () => events.push("session.created"));
    session.socket.send(JSON.stringify({ type: "session.created", session: {} }));
    expect(await events.next()).toBe("session.created");
    expect(realtime.socket.protocol).toBe("realtime");
    realtime.close();
    front.close();
  });

  test("offers other sub-protocols upstream, and tells which one was chosen", async () => {
    upstream.choose("two");
    const { opening, client } = await opened(`model=${MODEL}`, ["realtime", "one", "two"]);
    expect(opening.headers["sec-websocket-protocol"]).toBe("one,two");
    expect(client.socket.protocol).toBe("two");
    client.socket.close();
  });

  test("relays text and binary messages as they are, both ways, in order", async () => {
    const { client, session } = await opened();
    const bytes = Buffer.from([0, 255, 1, 254]);
    const said = ["", "grüße 🙂", bytes, Buffer.alloc(70_000, 7), "end"];
    for (const message of said) client.socket.send(message);
    for (const message of said) expect(await session.messages.next()).toEqual(message);
    for (const message of said) session.socket.send(message);
    for (const message of said) expect(await client.messages.next()).toEqual(message);
    client.socket.close();
  });

  test("loses nothing of what the upstream says before the client is there", async () => {
    const greetings = Array.from({ length: 50 }, (_, index) => `greeting ${index}`);
    upstream.greet(...greetings);
    const { client } = await opened();
    for (const greeting of greetings) expect(await client.messages.next()).toBe(greeting);
    client.socket.close();
  });

  test("carries frames of 10 MiB", async () => {
    const { client, session } = await opened();
    const large = "x".repeat(10 * MIB);
    client.socket.send(large);
    expect(String(await session.messages.next()).length).toBe(large.length);
    session.socket.send(large);
    expect(String(await client.messages.next()).length).toBe(large.length);
    client.socket.close();
  });
});

describe("the end of a session", () => {
  test.each([
    [1000, "bye"],
    [1011, "server error"],
    [4999, "é".repeat(61)],
    [3000, ""],
  ])("by the upstream is told to the client: %d", async (code, reason) => {
    const { client, session } = await opened();
    session.socket.close(code, reason);
    expect(await within(client.closed, "the client to hear of it", 1000)).toEqual({ code, reason });
    expect(await record()).toMatchObject({ outcome: "answered", finish: String(code) });
  });

  test("by an upstream that says no code is one without a code", async () => {
    const { client, session } = await opened();
    session.socket.close(1005);
    expect(await within(client.closed, "the client to hear of it", 1000)).toMatchObject({ code: 1005 });
    expect(await record()).toMatchObject({ outcome: "answered", finish: "1005" });
  });

  test("by an upstream that leaves at once comes after what it said", async () => {
    upstream.greet("only this");
    const leaving = upstream.sessions.next().then(({ socket }) => socket.close(4003, "no time"));
    const client = await openSocket(sessionUrl(), { headers: headers() });
    await leaving;
    expect(await client.messages.next()).toBe("only this");
    expect(await within(client.closed, "the client to hear of it", 1000)).toEqual({
      code: 4003,
      reason: "no time",
    });
  });

  test("by an upstream that is cut is an error of the gateway's", async () => {
    const { client, session } = await opened();
    session.socket.terminate();
    expect(await within(client.closed, "the client to hear of it", 1000)).toMatchObject({ code: 1011 });
    expect(await record()).toMatchObject({ outcome: "interrupted", error: { code: "stream_interrupted" } });
  });

  test.each([
    [1000, "done"],
    [4001, "mine"],
  ])("by the client is told to the upstream: %d", async (code, reason) => {
    const { client, session } = await opened();
    client.socket.close(code, reason);
    expect(await within(session.closed, "the upstream to hear of it", 1000)).toEqual({ code, reason });
    expect(await record()).toMatchObject({ outcome: "answered", finish: String(code) });
  });

  test("by a client without a code, and by one that is gone", async () => {
    const polite = await opened();
    polite.client.socket.close();
    expect(await within(polite.session.closed, "the upstream to hear of it", 1000)).toMatchObject({
      code: 1005,
    });
    expect(await record()).toMatchObject({ outcome: "answered" });
    const rude = await opened();
    rude.client.terminate();
    expect(await within(rude.session.closed, "the upstream to hear of it", 1000)).toMatchObject({
      code: 1001,
    });
    expect(await record()).toMatchObject({ status: 101, outcome: "cancelled" });
  });

  test("is a message that is too large, from either end", async () => {
    const large = "x".repeat(13 * MIB);
    const one = await opened();
    one.session.socket.send(large);
    expect(await within(one.client.closed, "the client to hear of it", 2000)).toMatchObject({ code: 1009 });
    await within(one.session.closed, "the upstream to hear of it", 2000);
    expect(await record()).toMatchObject({ finish: "1009" });
    const other = await opened();
    other.client.socket.send(large);
    expect(await within(other.client.closed, "the client to hear of it", 2000)).toMatchObject({ code: 1009 });
    await within(other.session.closed, "the upstream to hear of it", 2000);
    expect(await record()).toMatchObject({ outcome: "interrupted" });
  });

  test("comes after silence on both sides", async () => {
    const quick = await startGateway({ env: { TURNPIKE_SESSION_IDLE_MS: "300" } });
    const client = await openSocket(`${quick.url}/v1/realtime?model=m`, { headers: headers() });
    const session = await upstream.sessions.next();
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(await session.closed).toMatchObject({ code: 1001 });
    expect(await quick.nextRecord((line) => line["event"] === "call")).toMatchObject({
      outcome: "interrupted",
    });
  });

  test("comes with the gateway's", async () => {
    const short = await startGateway({ env: { TURNPIKE_DRAIN_MS: "50" } });
    const client = await openSocket(`${short.url}/v1/realtime?model=m`, { headers: headers() });
    const session = await upstream.sessions.next();
    const stopped = short.stop();
    expect(await client.closed).toMatchObject({ code: 1001, reason: "the gateway is shutting down" });
    expect(await session.closed).toMatchObject({ code: 1001 });
    expect(await stopped).toBe(0);
    expect(short.records.filter((line) => line["event"] === "call")).toMatchObject([
      { outcome: "interrupted" },
    ]);
  });
});

describe("an end that does not read", () => {
  const CHUNK = Buffer.alloc(MIB, 1);

  test("makes the upstream wait: the gateway keeps little of what it says", async () => {
    const deaf = await deafClient(sessionUrl(), headers());
    expect(deaf.head).toStartWith("HTTP/1.1 101 ");
    const { socket } = await upstream.sessions.next();
    const before = gateway.rss();
    for (let sent = 0; sent < 96; sent++) socket.send(CHUNK);
    const waiting = await settled(() => socket.getBufferedAmount(), "the upstream's buffer");
    expect(waiting).toBeGreaterThan(64 * MIB);
    expect(gateway.rss() - before).toBeLessThan(48 * MIB);
    deaf.socket.destroy();
  });

  test("makes the client wait, the other way round, and hears everything when it reads again", async () => {
    const { client, session } = await opened();
    session.socket.pause();
    for (let sent = 0; sent < 64; sent++) client.socket.send(CHUNK);
    const waiting = await settled(() => client.socket.bufferedAmount, "the client's buffer");
    expect(waiting).toBeGreaterThan(32 * MIB);
    session.socket.resume();
    for (let heard = 0; heard < 64; heard++)
      expect(Buffer.byteLength(await session.messages.next())).toBe(CHUNK.length);
    client.socket.close();
  });
});

describe("a session is refused, in OpenAI's shape,", () => {
  const refused = async (response: Response, status: number): Promise<JsonObject> => {
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toContain("application/json");
    return errorOf(response);
  };

  test("by the upstream's own no", async () => {
    const error = {
      message: "Incorrect API key",
      type: "invalid_request_error",
      code: "invalid_api_key",
      param: null,
    };
    upstream.refuse(() => Response.json({ error }, { status: 401, headers: { "x-request-id": "req_1" } }));
    const response = await handshake(sessionUrl(), headers());
    expect(response.headers.get("x-request-id")).toBe("req_1");
    expect(await refused(response, 401)).toMatchObject({
      message: expect.stringContaining("Incorrect API key"),
      code: "invalid_api_key",
    });
    expect(await record()).toMatchObject({ status: 401, outcome: "refused" });
  });

  test("by an upstream that answers without opening anything", async () => {
    upstream.refuse(() => new Response("hello"));
    expect(await refused(await handshake(sessionUrl(), headers()), 502)).toMatchObject({
      code: "upstream_malformed",
    });
  });

  test("for an upstream that cannot be reached, and one that is silent", async () => {
    const gone = headers({ "x-portkey-custom-host": `${await closedUrl()}/v1` });
    expect(await refused(await handshake(sessionUrl(), gone), 502)).toMatchObject({
      message: "Cannot reach openai: connection refused",
    });
    const { promise, resolve } = Promise.withResolvers<Response>();
    upstream.refuse(() => promise);
    const short = await startGateway({ env: { TURNPIKE_FIRST_EVENT_MS: "150" } });
    const silent = await handshake(`${short.url}/v1/realtime?model=m`, headers());
    expect(await refused(silent, 504)).toMatchObject({ code: "upstream_timeout" });
    resolve(new Response());
  });

  test("for a provider that is none, or offers none, or a host that may not be called", async () => {
    const none = await handshake(sessionUrl(), headers({ "x-portkey-provider": "nobody" }));
    expect(await refused(none, 400)).toMatchObject({ message: "Invalid provider passed" });
    const other = await handshake(sessionUrl(), headers({ "x-portkey-provider": "anthropic" }));
    expect((await refused(other, 400))["message"]).toBe(
      "realtime is not supported by anthropic: it offers chat, models, count_tokens",
    );
    const metadata = headers({ "x-portkey-custom-host": "http://169.254.169.254/v1" });
    expect(await refused(await handshake(sessionUrl(), metadata), 400)).toMatchObject({
      code: "invalid_custom_host",
    });
  });

  test("with a key that is none", async () => {
    const response = await handshake(sessionUrl("model=m&api-key=%0a"), headers());
    expect((await refused(response, 400))["param"]).toBe("api-key");
  });

  test("without an upgrade that is whole", async () => {
    for (const lacking of ["sec-websocket-key", "sec-websocket-version"]) {
      const half = await handshake(sessionUrl(), headers({ [lacking]: "" }));
      expect(half.headers.get("sec-websocket-version")).toBe("13");
      await refused(half, 426);
    }
    const plain = await fetch(sessionUrl(), { headers: headers() });
    expect(plain.headers.get("upgrade")).toBe("websocket");
    expect(await refused(plain, 426)).toMatchObject({ code: "upgrade_required" });
    expect(upstream.openings.all).toHaveLength(0);
  });

  test("for a page of another origin: its browser would lend it what the gateway has", async () => {
    const response = await handshake(sessionUrl(), headers({ origin: "https://evil.example" }));
    expect(await refused(response, 403)).toMatchObject({ code: "origin_not_allowed" });
    expect(upstream.openings.all).toHaveLength(0);
    const own = await handshake(
      sessionUrl("x=1"),
      headers({ origin: gateway.url, "x-portkey-provider": "nobody" }),
    );
    expect(own.status).toBe(400);
  });
});

test("a POST that a proxy has put an upgrade on is a call like any other", async () => {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: headers({
      "content-type": "application/json",
      upgrade: "websocket",
      "x-portkey-provider": "nobody",
    }),
    body: "{}",
  });
  expect((await errorOf(response))["code"]).toBe("invalid_provider");
});

test("a WebSocket at /v1/responses is refused at once, and POST named instead", async () => {
  for (const path of ["/v1/responses", "/v1/responses?x=1", "/v1/whatever"]) {
    const response = await handshake(`${gateway.url}${path}`, { authorization: `Bearer ${KEY}` });
    expect(response.status).toBe(426);
    expect((await errorOf(response))["message"]).toContain("POST");
  }
});

describe("a config routes the opening", () => {
  const target = (more: JsonObject = {}): JsonObject => ({
    provider: "openai",
    api_key: KEY,
    custom_host: `${upstream.url}/v1`,
    ...more,
  });

  const open = async (config: JsonObject, query?: string) => opened(query, [], routed(config));

  test("fallback goes on to the next target, and stops at the one that opens", async () => {
    upstream.refuse(() => Response.json({ error: { message: "no" } }, { status: 500 }));
    const { client, opening } = await open({
      strategy: { mode: "fallback" },
      targets: [
        target(),
        target({ override_params: { model: "second" } }),
        target({ override_params: { model: "third" } }),
      ],
    });
    expect(opening.url).toBe(`/v1/realtime?model=${MODEL}`);
    expect((await upstream.openings.next()).url).toBe("/v1/realtime?model=second");
    client.socket.close();
    const line = await record();
    expect(line["attempts"]).toMatchObject([
      { target: "config.targets[0]", outcome: "refused", status: 500 },
      { target: "config.targets[1]", outcome: "answered", status: 101, request_model: "second" },
    ]);
    expect(upstream.openings.all).toHaveLength(2);
  });

  test("retry tries the same target again", async () => {
    upstream.refuse(() => new Response("busy", { status: 503 }));
    const { client } = await open({ ...target(), retry: { attempts: 1 } });
    client.socket.close();
    expect((await record())["attempts"]).toMatchObject([{ status: 503 }, { status: 101 }]);
  });

  test("an override that no query can say is noted, and not sent", async () => {
    const response = handshake(
      sessionUrl(),
      routed(target({ override_params: { model: "other", temperature: 0.2, voice: "alloy" } })),
    );
    expect((await upstream.openings.next()).url).toBe("/v1/realtime?model=other");
    expect((await response).headers.get("x-turnpike-not-carried")).toBe("temperature, voice");
    (await upstream.sessions.next()).socket.close(1000);
    expect(await record()).toMatchObject({ notes: ["temperature", "voice"] });
  });

  test("conditions see the query", async () => {
    const { client } = await open(
      {
        strategy: {
          mode: "conditional",
          conditions: [{ query: { "params.model": { $eq: "b" } }, then: "b" }],
          default: "a",
        },
        targets: [target({ name: "a" }), target({ name: "b", override_params: { model: "chosen" } })],
      },
      "model=b",
    );
    client.socket.close();
    expect(await record()).toMatchObject({ target: "config.targets[1]", request_model: "chosen" });
  });
});

describe("Azure is asked in its own words", () => {
  const azure = (more: Record<string, string> = {}): Record<string, string> => ({
    "api-key": KEY,
    "x-portkey-provider": "azure-openai",
    "x-portkey-custom-host": `${upstream.url}/openai`,
    "x-portkey-azure-resource-name": "res",
    ...more,
  });

  test.each<[string, Record<string, string>, string, string]>([
    ["by the model", {}, "model=dep", "/openai/v1/realtime?model=dep"],
    [
      "by the deployment option",
      { "x-portkey-azure-deployment-id": "mine" },
      "model=x",
      "/openai/v1/realtime?model=mine",
    ],
    [
      "by a preview version",
      { "x-portkey-azure-api-version": "2025-04-01-preview" },
      "model=dep&intent=transcription",
      "/openai/realtime?api-version=2025-04-01-preview&deployment=dep&intent=transcription",
    ],
    [
      "by a client of Azure's own",
      {},
      "deployment=dep&api-version=2024-10-21",
      "/openai/v1/realtime?model=dep",
    ],
    [
      "by such a client, in a preview version",
      {},
      "api-version=2024-10-01-preview&deployment=dep",
      "/openai/realtime?deployment=dep&api-version=2024-10-01-preview",
    ],
  ])("%s", async (_name, more, query, url) => {
    const { opening, client } = await opened(query, [], azure(more));
    expect(opening.url).toBe(url);
    expect(opening.headers["api-key"]).toBe(KEY);
    expect(opening.headers).not.toHaveProperty("authorization");
    client.socket.close();
  });
});
