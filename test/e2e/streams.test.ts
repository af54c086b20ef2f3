/** Streams that break, clients that leave, and clients that stop reading. */
import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { APIError as AnthropicError } from "@anthropic-ai/sdk";
import { APIError as OpenAIError } from "openai";
import type { Script, UpstreamRequest } from "../support/upstream.ts";
import { settled, staysOpen, within } from "../support/wait.ts";
import { ask, collect, failureOf, type Headers, KEY, type Provider, startPair } from "./setup.ts";

const IDLE_MS = 300;
const MAX_REPLY_BYTES = 2 * 1024 * 1024;
const pair = startPair({
  env: { TURNPIKE_STREAM_IDLE_MS: String(IDLE_MS), TURNPIKE_MAX_REPLY_BYTES: String(MAX_REPLY_BYTES) },
});

const PROVIDERS = ["openai", "anthropic"] as const satisfies readonly Provider[];

interface Ingress {
  readonly api: string;
  readonly path: string;
  /** What only a complete answer holds. */
  readonly end: string;
  readonly error: typeof OpenAIError | typeof AnthropicError;
  readonly read: (provider: Provider) => Promise<unknown>;
}

const CHAT: Ingress = {
  api: "chat/completions",
  path: "/v1/chat/completions",
  end: "[DONE]",
  error: OpenAIError,
  read: async (provider) =>
    collect(await pair.openai(provider).chat.completions.create({ ...ask("echo"), stream: true })),
};
const MESSAGES: Ingress = {
  api: "messages",
  path: "/v1/messages",
  end: "message_stop",
  error: AnthropicError,
  read: async (provider) => pair.anthropic(provider).messages.stream(ask("echo")).finalMessage(),
};

const ROUTES = [CHAT, MESSAGES].flatMap((ingress) =>
  PROVIDERS.map((provider) => [ingress.api, provider, ingress] as const),
);

const authorized = (provider: Provider, more: Headers = {}): Record<string, string> =>
  pair.headers(provider, { authorization: `Bearer ${KEY}`, ...more });

const open = (ingress: Ingress, provider: Provider, signal?: AbortSignal): Promise<Response> =>
  pair.post(ingress.path, { ...ask("echo"), stream: true }, authorized(provider), signal);

/** The whole text of a stream whose upstream is let go on once its first bytes have come through. */
const textOf = async (response: Response): Promise<string> => {
  let text = "";
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    pair.upstream.release();
  }
  return text;
};

const leavesWithin = (request: UpstreamRequest): Promise<void> =>
  within(request.closedEarly, "the upstream's connection to close", 1000);

describe.each(ROUTES)("a stream of %s from %s", (_api, provider, ingress) => {
  const cuts: readonly (readonly [string, Script])[] = [
    ["a FIN", { kind: "cut", afterEvents: 3, how: "fin", held: true }],
    ["an RST", { kind: "cut", afterEvents: 3, how: "rst", held: true }],
    ["a FIN inside an event", { kind: "cut", afterEvents: 3, how: "fin", midEvent: true, held: true }],
    ["an error event", { kind: "error-after", events: 3 }],
  ];

  test.each(cuts)("that %s cuts ends in an error and never looks complete", async (_name, script) => {
    pair.upstream.enqueue(script);
    const text = await textOf(await open(ingress, provider));
    const last = text.trimEnd().split("\n\n").at(-1) ?? "";
    expect(last).toContain('"error"');
    expect(text).not.toContain(ingress.end);
  });

  const faults: readonly Script[] = [
    { kind: "cut", afterEvents: 3, how: "fin" },
    { kind: "error-after", events: 3 },
  ];

  test.each(faults)("raises in the vendor's client after $kind", async (script) => {
    pair.upstream.enqueue(script);
    expect(await failureOf(ingress.read(provider))).toBeInstanceOf(ingress.error);
  });

  test("that is cut before its first event is a plain 502", async () => {
    pair.upstream.enqueue({ kind: "cut", afterEvents: 0, how: "fin" });
    const response = await open(ingress, provider);
    expect(response.status).toBe(502);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(await response.json()).toHaveProperty("error.message");
  });

  test("that falls silent is ended, upstream too", async () => {
    pair.upstream.enqueue({ kind: "stall", afterEvents: 3 });
    const response = await open(ingress, provider);
    const text = await within(response.text(), "the silent stream to end", IDLE_MS + 3000);
    expect(text).toContain('"error"');
    expect(text).not.toContain(ingress.end);
    await leavesWithin(await pair.upstream.next());
    // The silence was not ours.
    const record = await pair.gateway.nextRecord((one) => JSON.stringify(one["error"]).includes("silent"));
    expect(Number(record["duration_ms"]) - Number(record["overhead_ms"])).toBeGreaterThanOrEqual(
      IDLE_MS - 50,
    );
  });

  test("comes through event by event", async () => {
    pair.upstream.enqueue({ kind: "stall", afterEvents: 3 });
    const reader = (await open(ingress, provider)).body?.getReader();
    const first = await within(reader?.read() ?? Promise.reject(), "the first event", IDLE_MS);
    expect(first.done).toBe(false);
    await reader?.cancel();
  });

  test("that the upstream compressed is readable", async () => {
    pair.upstream.enqueue({ kind: "gzip" });
    expect(await (await open(ingress, provider)).text()).toContain(ingress.end);
  });
});

describe("a stream without an end", () => {
  const MIB = 1024 * 1024;
  const EVENTS = { "content-type": "text/event-stream" };
  const sends = (piece: string, mebibytes: number): void =>
    pair.upstream.enqueue({
      kind: "raw",
      chunks: Array.from({ length: mebibytes }, () => piece.repeat(Math.ceil(MIB / piece.length))),
      headers: EVENTS,
    });

  test.each(PROVIDERS)("that says nothing is given up, and not kept for ever: %s", async (provider) => {
    sends(": ping\n\n", 40);
    const response = await open(CHAT, provider);
    expect(response.status).toBe(502);
    expect(await response.text()).toMatch(/says nothing in its first|event is larger than/);
    await leavesWithin(await pair.upstream.next());
  });

  test("is no whole answer", async () => {
    sends('data: {"id":"c","choices":[{"index":0,"delta":{"content":"and so on"}}]}\n\n', 40);
    const response = await pair.post(CHAT.path, ask("echo"), authorized("openai"));
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: "upstream_response_too_large" } });
    await leavesWithin(await pair.upstream.next());
  });
});

test("nothing falls back once an answer has begun", async () => {
  pair.upstream.enqueue({ kind: "cut", afterEvents: 3, how: "fin", held: true });
  const config = { strategy: { mode: "fallback" }, targets: [pair.target("openai"), pair.target("openai")] };
  const text = await textOf(await pair.route(config, { ...ask("echo"), stream: true }));
  expect(text).toContain('"error"');
  expect(pair.upstream.requests).toHaveLength(1);
});

describe("a client that leaves", () => {
  test.each(ROUTES)("before the head of %s closes %s", async (_api, provider, ingress) => {
    pair.upstream.enqueue({ kind: "hang" });
    const controller = new AbortController();
    const left = failureOf(open(ingress, provider, controller.signal));
    const request = await pair.upstream.next();
    controller.abort();
    await leavesWithin(request);
    await left;
  });

  test.each(ROUTES)("in the middle of %s closes %s", async (_api, provider, ingress) => {
    pair.upstream.enqueue({ kind: "stall", afterEvents: 3 });
    const response = await open(ingress, provider);
    const request = await pair.upstream.next();
    await response.body?.cancel();
    await leavesWithin(request);
  });

  test.each(ROUTES)("with the end of %s from %s has had its answer", async (_api, provider, ingress) => {
    pair.upstream.enqueue({ kind: "stall", afterEvents: Number.POSITIVE_INFINITY });
    const response = await open(ingress, provider);
    const request = await pair.upstream.next();
    let text = "";
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece;
      if (text.includes(ingress.end)) break;
    }
    await leavesWithin(request);
    const id = response.headers.get("x-portkey-trace-id");
    expect(await pair.gateway.nextRecord((record) => record["trace_id"] === id)).toMatchObject({
      status: 200,
      outcome: "answered",
      error: null,
    });
  });

  test("without a stream closes the upstream too", async () => {
    pair.upstream.enqueue({ kind: "slow", before: "head" });
    const controller = new AbortController();
    const left = failureOf(pair.post(CHAT.path, ask("echo"), authorized("openai"), controller.signal));
    const request = await pair.upstream.next();
    controller.abort();
    await leavesWithin(request);
    await left;
  });

  test("during back-off stops the attempts", async () => {
    pair.upstream.enqueue({ kind: "status", status: 429, headers: { "retry-after-ms": "150" } });
    const controller = new AbortController();
    const config = pair.target("openai", { retry: { attempts: 3, use_retry_after_header: true } });
    const left = failureOf(pair.route(config, ask("echo"), {}, controller.signal));
    await pair.upstream.next();
    controller.abort();
    await left;
    expect(await staysOpen(pair.upstream.next(), 400)).toBe(true);
  });

  test("is on record with whom it waited for", async () => {
    pair.upstream.enqueue({ kind: "hang" });
    const controller = new AbortController();
    const traced = { ...authorized("openai"), "x-portkey-trace-id": "left waiting" };
    const left = failureOf(pair.post(CHAT.path, ask("echo"), traced, controller.signal));
    await pair.upstream.next();
    controller.abort();
    await left;
    const record = await pair.gateway.nextRecord((one) => one["trace_id"] === "left waiting");
    expect(record).toMatchObject({ status: 499, outcome: "cancelled", provider: "openai" });
    expect(record["attempts"]).toMatchObject([{ provider: "openai", outcome: "cancelled" }]);
  });

  test.each([
    ["at once", 30],
    ["after a moment", 300],
  ])("in the middle of its body, %s, is no bug of ours", async (name, idleMs) => {
    const traced = { ...authorized("openai"), "x-portkey-trace-id": name };
    const client = connect(Number(new URL(pair.gateway.url).port), "127.0.0.1");
    client.write(`${headOf(CHAT.path, 1000, traced)}{"model":`);
    expect(await staysOpen(once(client, "close"), idleMs)).toBe(true);
    client.destroy();
    const record = await pair.gateway.nextRecord((one) => one["trace_id"] === name);
    expect(record).toMatchObject({ status: 499, outcome: "cancelled", error: null, attempts: [] });
    expect(pair.gateway.records.filter((one) => one["event"] === "bug")).toEqual([]);
  });
});

/** A request's head as it goes over the wire. */
const headOf = (path: string, length: number, headers: Headers): string => {
  const fields = Object.entries({
    host: new URL(pair.gateway.url).host,
    "content-type": "application/json",
    "content-length": String(length),
    ...headers,
  });
  return `POST ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
};

test("a client that stops reading stops the upstream, not the gateway's memory", async () => {
  const before = pair.gateway.rss();
  const body = JSON.stringify({ ...ask("long:3200:65536"), stream: true }); // 200 MiB of text
  const client = connect(Number(new URL(pair.gateway.url).port), "127.0.0.1");
  client.once("data", () => client.pause());
  client.write(headOf(CHAT.path, body.length, authorized("openai")) + body);
  const request = await pair.upstream.next();
  const sent = await settled(() => request.bytesWritten, "the upstream to be held back");
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(60 * 2 ** 20);
  expect(pair.gateway.rss() - before).toBeLessThan(60 * 2 ** 20);
  client.destroy();
  await leavesWithin(request);
});
