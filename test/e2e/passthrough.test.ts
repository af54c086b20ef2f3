/** What the gateway does not touch: bytes of the same dialect, unknown paths, trace ids. */
import { describe, expect, test } from "bun:test";
import { ask, failureOf, KEY, type Provider, startPair } from "./setup.ts";

const pair = startPair();

const PATHS = { openai: "/v1/chat/completions", anthropic: "/v1/messages" } as const;
const DIAGONAL = ["openai", "anthropic"] as const satisfies readonly Provider[];

const authorized = (provider: Provider, more: Record<string, string> = {}): Record<string, string> =>
  pair.headers(provider, { authorization: `Bearer ${KEY}`, ...more });

/** Large integers, `1.0`, odd spacing, escapes and fields of tomorrow: what a JSON round trip would change. */
const ODD_REQUEST = `{ "model" : "echo","max_tokens":64, "seed":12345678901234567890,"temperature": 1.0,
  "x_of_tomorrow": {"deep":[1e400, 0.10, "\\u00e9\\/"]},
  "messages":[{"role":"user","content":"h\\u0069", "odd": null}]}`;

const ODD_REPLY = `{"id":"x" , "object":"chat.completion","type":"message","role":"assistant","model":"m",
  "created":1.0,"future":{"n":9007199254740993},"content":[],"stop_reason":"end_turn",
  "choices":[], "usage":{"input_tokens":1,"output_tokens":1,"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\n`;

const ODD_STREAMS: Readonly<Record<Provider, readonly string[]>> = {
  openai: [
    ": a comment\n\n",
    'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"é"}}], "n":1.0}\r\n\r\n',
    'data:{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"new":[]}\n\n',
    "data: [DONE]\n\n",
  ],
  anthropic: [
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":1}},"n":1.0}\n\n',
    'event: of_tomorrow\ndata: {"type":"of_tomorrow","x":9007199254740993}\n\n',
    'event: message_stop\ndata: {"type":"message_stop" }\n\n',
  ],
};

describe.each(DIAGONAL)("the same dialect, %s", (provider) => {
  test("sends the request byte for byte", async () => {
    await pair.post(PATHS[provider], ODD_REQUEST, authorized(provider));
    expect((await pair.upstream.next()).body).toBe(ODD_REQUEST);
  });

  test.each([
    ["gzip", Bun.gzipSync(ODD_REQUEST)],
    ["zstd", new Uint8Array(Bun.zstdCompressSync(ODD_REQUEST))],
  ])("sends what came packed as %s, unpacked", async (encoding, packed) => {
    const headers = {
      ...authorized(provider),
      "content-type": "application/json",
      "content-encoding": encoding,
    };
    const url = `${pair.gateway.url}${PATHS[provider]}`;
    const response = await fetch(url, { method: "POST", headers, body: packed });
    expect(response.status).toBe(200);
    const sent = await pair.upstream.next();
    expect(sent.body).toBe(ODD_REQUEST);
    expect(sent.headers).not.toHaveProperty("content-encoding");
  });

  test("gives the reply byte for byte", async () => {
    pair.upstream.enqueue({ kind: "raw", chunks: [ODD_REPLY] });
    const response = await pair.post(PATHS[provider], ask("echo"), authorized(provider));
    expect(await response.text()).toBe(ODD_REPLY);
  });

  test("gives the stream byte for byte", async () => {
    const chunks = ODD_STREAMS[provider];
    const headers = { "content-type": "text/event-stream" };
    pair.upstream.enqueue({ kind: "raw", chunks, headers });
    // Usage is asked for, so that no chunk is there on the gateway's behalf.
    const body = { ...ask("echo"), stream: true, stream_options: { include_usage: true } };
    const response = await pair.post(PATHS[provider], body, authorized(provider));
    expect(response.headers.get("content-type")).toStartWith("text/event-stream");
    expect(await response.text()).toBe(chunks.join(""));
  });
});

describe("a path without a dialect", () => {
  test("is passed with its query and body as they are", async () => {
    const response = await pair.post("/v1/tomorrow?top=3", ODD_REQUEST, authorized("openai"));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      method: "POST",
      path: "/v1/tomorrow?top=3",
      body: ODD_REQUEST,
    });
  });

  test("is passed without the headers that are the gateway's or the connection's", async () => {
    const more = { connection: "close, x-secret", "x-secret": "1", te: "trailers", "x-mine": "kept" };
    await pair.post("/v1/tomorrow", "{}", authorized("openai", more));
    const { headers } = await pair.upstream.next();
    expect(headers).toMatchObject({ host: new URL(pair.upstream.url).host, "x-mine": "kept" });
    expect(Object.keys(headers).filter((name) => name.startsWith("x-portkey-"))).toEqual([]);
    expect(headers).not.toHaveProperty("x-secret");
    expect(headers).not.toHaveProperty("te");
  });
});

describe("the trace id", () => {
  const traceOf = async (headers: Record<string, string>): Promise<string> => {
    const response = await pair.post(PATHS.openai, ask("echo"), authorized("openai", headers));
    await response.arrayBuffer();
    return response.headers.get("x-portkey-trace-id") ?? "";
  };

  test("comes back as it was sent", async () => {
    expect(await traceOf({ "x-portkey-trace-id": "trace/7" })).toBe("trace/7");
  });

  test("is made, and never twice, where none was sent", async () => {
    const [first, second] = [await traceOf({}), await traceOf({})];
    expect(first).not.toBe("");
    expect(second).not.toBe(first);
  });
});

test("a provider's headers come through, but for those of the connection", async () => {
  const response = await pair.post(PATHS.openai, ask("echo"), authorized("openai"));
  expect(response.headers.get("x-request-id")).toStartWith("req_");
  expect(response.headers.get("x-portkey-provider")).toBe("openai");
  expect(response.headers.get("x-portkey-last-used-option-index")).toBe("config");
  expect(response.headers.get("x-portkey-retry-attempt-count")).toBe("0");
});

test("a body that the upstream cuts short never looks whole", async () => {
  const headers = { "content-type": "audio/mpeg", "content-length": "100" };
  pair.upstream.enqueue({ kind: "raw", chunks: ["only this"], headers });
  // The reset may overtake the head: either way the client is told by an error.
  const read = async (): Promise<ArrayBuffer> =>
    (await pair.post("/v1/audio/speech", { model: "tts", input: "a" }, authorized("openai"))).arrayBuffer();
  expect(await failureOf(read())).toBeInstanceOf(Error);
});

test("how long a body would be is told as the provider tells it", async () => {
  const headers = { "content-type": "application/jsonl", "content-length": "12345" };
  pair.upstream.enqueue({ kind: "raw", chunks: [], headers });
  const response = await fetch(`${pair.gateway.url}/v1/files/file-1/content`, {
    method: "HEAD",
    headers: authorized("openai"),
  });
  expect([response.status, response.headers.get("content-length")]).toEqual([200, "12345"]);
});
