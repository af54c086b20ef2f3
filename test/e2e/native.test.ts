/** Vendors' own paths through the gateway: whom they reach, what goes on untouched, and what is refused. */
import { describe, expect, test } from "bun:test";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

const to = (provider: string | undefined, more: Headers = {}): Headers => ({
  ...(provider === undefined ? {} : { "x-portkey-provider": provider }),
  "x-portkey-custom-host": `${pair.upstream.url}/base`,
  ...more,
});

const answers = (value: JsonValue, status = 200, headers: Headers = {}): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    headers: { "content-type": "application/json", ...headers },
    chunks: [JSON.stringify(value)],
  });

const streams = (...values: readonly JsonValue[]): void =>
  pair.upstream.enqueue({
    kind: "raw",
    headers: { "content-type": "text/event-stream" },
    chunks: values.map((value) => `data: ${JSON.stringify(value)}\r\n\r\n`),
  });

const said = (text: string, finishReason?: string): JsonObject => ({
  candidates: [
    { content: { parts: [{ text }], role: "model" }, index: 0, ...(finishReason && { finishReason }) },
  ],
  usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 },
  modelVersion: "gemini-2.5-flash",
  responseId: "r1",
});

/** What the gateway recorded of a call, once its answer was read. */
const recordOf = (response: Response): Promise<JsonObject> =>
  pair.gateway.nextRecord(({ trace_id: id }) => id === response.headers.get("x-portkey-trace-id"));

/** Written as no serializer of ours would. */
const ASKED = `{"contents":  [{"parts":{"text":"Hi"}}], "generationConfig": {"topK": 4.0}, "unknown_field": 12345678901234567890}`;
const GOOGLE_KEY: Headers = { "x-goog-api-key": KEY };
const GENERATE = "/v1beta/models/gemini-2.5-flash:generateContent";
const STREAM = "/v1beta/models/gemini-2.5-flash:streamGenerateContent";

describe("Gemini's path", () => {
  test("reaches its vendor where the request names nobody, byte for byte", async () => {
    answers(said("Hello", "STOP"));
    const response = await pair.post(GENERATE, ASKED, to(undefined, GOOGLE_KEY));
    expect(await response.json()).toEqual(said("Hello", "STOP"));
    const sent = await pair.upstream.next();
    expect(sent.body).toBe(ASKED);
    expect(sent.url).toBe("/base/v1beta/models/gemini-2.5-flash:generateContent");
    expect(sent.headers["x-goog-api-key"]).toBe(KEY);
    const record = await recordOf(response);
    expect(record).toMatchObject({
      ingress: "gemini",
      original_model: "gemini-2.5-flash",
      usage: { input: 5, output: 2 },
    });
  });

  test("is known by its first version, too", async () => {
    answers(said("Hello", "STOP"));
    const response = await pair.post(GENERATE.replace("v1beta", "v1"), ASKED, to(undefined, GOOGLE_KEY));
    expect(response.status).toBe(200);
    expect((await pair.upstream.next()).url).toBe("/base/v1beta/models/gemini-2.5-flash:generateContent");
  });

  test("takes the key out of the query, and tells it to nobody", async () => {
    answers(said("Hello", "STOP"));
    const response = await pair.post(`${GENERATE}?key=${KEY}&fields=candidates`, ASKED, to(undefined));
    expect(await response.json()).toEqual(said("Hello", "STOP"));
    const sent = await pair.upstream.next();
    expect(sent.url).toBe("/base/v1beta/models/gemini-2.5-flash:generateContent?fields=candidates");
    expect(sent.headers["x-goog-api-key"]).toBe(KEY);
    expect(JSON.stringify(await recordOf(response))).not.toContain(KEY);
  });

  test("names another provider before a slash, encoded or not", async () => {
    for (const model of ["openai/echo", "openai%2Fecho"]) {
      const host = { "x-portkey-custom-host": `${pair.upstream.url}/v1` };
      const body = { contents: [{ role: "user", parts: [{ text: "Hi there" }] }] };
      const response = await pair.post(`/v1beta/models/${model}:generateContent`, body, {
        ...host,
        ...GOOGLE_KEY,
      });
      expect(await response.json()).toMatchObject({
        candidates: [{ content: { parts: [{ text: "Hi there" }], role: "model" }, finishReason: "STOP" }],
      });
      const sent = await pair.upstream.next();
      expect(sent.url).toBe("/v1/chat/completions");
      expect(sent.json).toMatchObject({ model: "echo" });
    }
  });

  test("is routed by a config that overrides the model, in the path alone", async () => {
    answers(said("Hello", "STOP"));
    const target = { provider: "google", api_key: KEY, custom_host: `${pair.upstream.url}/base` };
    const config = { ...target, override_params: { model: "gemini-3-pro" } };
    const response = await pair.post(GENERATE, ASKED, { "x-portkey-config": JSON.stringify(config) });
    expect(response.status).toBe(200);
    const sent = await pair.upstream.next();
    expect(sent.url).toBe("/base/v1beta/models/gemini-3-pro:generateContent");
    expect(sent.body).toBe(ASKED);
  });

  test("falls back from its vendor to a provider of another dialect", async () => {
    answers({ error: { code: 503, message: "Overloaded", status: "UNAVAILABLE" } }, 503);
    const google = { provider: "google", api_key: KEY, custom_host: `${pair.upstream.url}/base` };
    const openai = pair.target("openai", { override_params: { model: "echo" } });
    const config = { strategy: { mode: "fallback" }, targets: [google, openai] };
    const body = { contents: [{ role: "user", parts: [{ text: "Hi there" }] }] };
    const response = await pair.post(GENERATE, body, { "x-portkey-config": JSON.stringify(config) });
    expect(await response.json()).toMatchObject({
      candidates: [{ content: { parts: [{ text: "Hi there" }] } }],
      modelVersion: "echo",
    });
    expect(pair.upstream.requests.map(({ url }) => url)).toEqual([
      "/base/v1beta/models/gemini-2.5-flash:generateContent",
      "/v1/chat/completions",
    ]);
  });

  test("is its vendor's under a config that names nobody, and is routed by its model", async () => {
    answers({ error: { code: 503, message: "Overloaded", status: "UNAVAILABLE" } }, 503);
    answers(said("Hello", "STOP"));
    const config = { retry: { attempts: 1 } };
    const more = { ...GOOGLE_KEY, "x-portkey-config": JSON.stringify(config) };
    expect((await pair.post(GENERATE, ASKED, to(undefined, more))).status).toBe(200);
    expect(pair.upstream.requests).toHaveLength(2);
    const google = { provider: "google", api_key: KEY, custom_host: `${pair.upstream.url}/base` };
    const routed = {
      strategy: {
        mode: "conditional",
        conditions: [{ query: { "params.model": { $eq: "gemini-2.5-flash" } }, then: "google" }],
        default: "other",
      },
      targets: [
        { name: "other", ...pair.target("openai") },
        { name: "google", ...google },
      ],
    };
    answers(said("Hello", "STOP"));
    const response = await pair.post(GENERATE, ASKED, { "x-portkey-config": JSON.stringify(routed) });
    expect(response.headers.get("x-portkey-provider")).toBe("google");
  });

  test("streams the vendor's own events", async () => {
    streams(said("He"), said("llo", "STOP"));
    const response = await pair.post(`${STREAM}?alt=sse`, ASKED, to(undefined, GOOGLE_KEY));
    expect(response.headers.get("content-type")).toStartWith("text/event-stream");
    const frames = [said("He"), said("llo", "STOP")].map((value) => `data: ${JSON.stringify(value)}\r\n\r\n`);
    expect(await response.text()).toBe(frames.join(""));
    expect((await pair.upstream.next()).url).toBe(
      "/base/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    );
  });

  test("streams one array to whoever does not ask for events", async () => {
    streams(said("He"), said("llo", "STOP"));
    const response = await pair.post(STREAM, ASKED, to(undefined, GOOGLE_KEY));
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual([said("He"), said("llo", "STOP")]);
    expect((await pair.upstream.next()).url).toEndWith("?alt=sse");
  });

  test("streams an array of another provider's answer", async () => {
    const body = { contents: [{ role: "user", parts: [{ text: "Hello big world" }] }] };
    const response = await pair.post("/v1beta/models/echo:streamGenerateContent", body, {
      ...pair.headers("anthropic"),
      ...GOOGLE_KEY,
    });
    const chunks = (await response.json()) as readonly JsonObject[]; // an array of chunks, as is expected below
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.at(-1)).toMatchObject({ candidates: [{ finishReason: "STOP" }], modelVersion: "echo" });
  });

  test("ends an array that is cut short with an error", async () => {
    streams(said("He"));
    const response = await pair.post(STREAM, ASKED, to(undefined, GOOGLE_KEY));
    const chunks = await response.json();
    expect(chunks).toMatchObject([said("He"), { error: { code: 502, status: "UNAVAILABLE" } }]);
  });

  test("ends an array with an error when a chunk is cut in two", async () => {
    pair.upstream.enqueue({
      kind: "raw",
      headers: { "content-type": "text/event-stream" },
      chunks: [`data: ${JSON.stringify(said("He"))}\r\n\r\n`, 'data: {"candidates": [{"con'],
    });
    const response = await pair.post(STREAM, ASKED, to(undefined, GOOGLE_KEY));
    expect(await response.json()).toMatchObject([said("He"), { error: { code: 502 } }]);
  });

  test("gets the vendor's refusal as it is, and ours in its shape", async () => {
    const refusal = { error: { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT" } };
    answers(refusal, 400);
    const refused = await pair.post(GENERATE, ASKED, to(undefined, GOOGLE_KEY));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual(refusal);
    const ours = await pair.post(GENERATE, "[1]", to(undefined, GOOGLE_KEY));
    expect(ours.status).toBe(400);
    expect(await ours.json()).toEqual({
      error: { code: 400, message: "The request body must be a JSON object", status: "INVALID_ARGUMENT" },
    });
  });

  test("names the fault of a body that another provider cannot be asked with", async () => {
    const response = await pair.post(
      "/v1beta/models/echo:generateContent",
      { contents: [{ role: "user", parts: [{ inlineData: { data: "aGk=" } }] }] },
      { ...pair.headers("openai"), ...GOOGLE_KEY },
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: {
        status: "INVALID_ARGUMENT",
        details: [{ fieldViolations: [{ field: "contents.0.parts.0.inlineData.mimeType" }] }],
      },
    });
  });

  test("notes what another provider has no word for", async () => {
    const body = {
      contents: [{ role: "user", parts: [{ text: "Hi" }] }],
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
      cachedContent: "cachedContents/abc",
      generationConfig: { mediaResolution: "MEDIA_RESOLUTION_LOW" },
    };
    const path = "/v1beta/models/echo:generateContent";
    const response = await pair.post(path, body, { ...pair.headers("openai"), ...GOOGLE_KEY });
    expect(response.headers.get("x-turnpike-not-carried")?.split(", ").sort()).toEqual([
      "cachedContent",
      "mediaResolution",
      "safetySettings",
    ]);
  });

  test.each(["countTokens", "embedContent", "batchEmbedContents"])("passes %s on", async (method) => {
    answers({ totalTokens: 3 });
    const path = `/v1beta/models/gemini-2.5-flash:${method}?key=${KEY}`;
    const response = await pair.post(path, ASKED, to(undefined));
    expect(await response.json()).toEqual({ totalTokens: 3 });
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(`/base/v1beta/models/gemini-2.5-flash:${method}`);
    expect(sent.body).toBe(ASKED);
    expect(sent.headers["x-goog-api-key"]).toBe(KEY);
  });

  test("passes a method on to where its provider has the model", async () => {
    answers({ totalTokens: 3 });
    const place = { "x-portkey-vertex-project-id": "sea", "x-portkey-vertex-region": "europe-west4" };
    const path = "/v1beta/models/gemini-2.5-flash:countTokens";
    await pair.post(path, ASKED, to("vertex-ai", { ...place, authorization: "Bearer ya29.test" }));
    expect((await pair.upstream.next()).url).toBe(
      "/base/v1/projects/sea/locations/europe-west4/publishers/google/models/gemini-2.5-flash:countTokens",
    );
  });

  test("passes everything else on", async () => {
    answers({ models: [] });
    const response = await fetch(`${pair.gateway.url}/v1beta/models?pageSize=5&key=${KEY}`, {
      headers: { ...to(undefined) },
    });
    expect(await response.json()).toEqual({ models: [] });
    const sent = await pair.upstream.next();
    expect([sent.method, sent.url]).toEqual(["GET", "/base/v1beta/models?pageSize=5"]);
  });
});

describe("Vertex AI's path", () => {
  const TOKEN: Headers = { authorization: "Bearer ya29.token" };
  const GOOGLES = "/projects/sea/locations/europe-west4/publishers/google/models/gemini-2.5-flash";
  const vertex = (below: string, headers = to(undefined, TOKEN)): Promise<Response> =>
    pair.post(`/v1beta1${below}`, ASKED, headers);

  test("says project and place, byte for byte", async () => {
    answers(said("Hello", "STOP"));
    const response = await vertex(`${GOOGLES}:generateContent`);
    expect(await response.json()).toEqual(said("Hello", "STOP"));
    expect(response.headers.get("x-portkey-provider")).toBe("vertex-ai");
    const sent = await pair.upstream.next();
    expect([sent.url, sent.body]).toEqual([`/base/v1${GOOGLES}:generateContent`, ASKED]);
    expect(sent.headers["authorization"]).toBe("Bearer ya29.token");
    expect(await recordOf(response)).toMatchObject({ usage: { input: 5, output: 2 } });
  });

  test("streams the vendor's own events", async () => {
    streams(said("Hel"), said("lo", "STOP"));
    const response = await vertex(`${GOOGLES}:streamGenerateContent?alt=sse`);
    expect(await response.text()).toContain(`data: ${JSON.stringify(said("lo", "STOP"))}`);
    expect((await pair.upstream.next()).url).toBe(`/base/v1${GOOGLES}:streamGenerateContent?alt=sse`);
  });

  test("is heard after headers that say another place", async () => {
    answers(said("Hello", "STOP"));
    await vertex(
      `${GOOGLES}:generateContent`,
      to(undefined, { ...TOKEN, "x-portkey-vertex-project-id": "lake" }),
    );
    expect((await pair.upstream.next()).url).toStartWith("/base/v1/projects/lake/locations/europe-west4/");
  });

  test("reaches tuned models by their endpoint", async () => {
    for (const method of ["generateContent", "countTokens"]) {
      answers(said("Hello", "STOP"));
      const path = `/projects/sea/locations/europe-west4/endpoints/123:${method}`;
      expect((await vertex(path)).status).toBe(200);
      expect((await pair.upstream.next()).url).toBe(`/base/v1${path}`);
    }
  });

  test.each([
    `${GOOGLES}:countTokens`,
    "/projects/sea/locations/europe-west4/cachedContents",
    "/projects/sea/locations/us-east5/publishers/anthropic/models/claude-opus-5:rawPredict",
  ])("passes %s on", async (path) => {
    answers({ totalTokens: 3 });
    expect(await (await vertex(path)).json()).toEqual({ totalTokens: 3 });
    expect((await pair.upstream.next()).url).toBe(`/base/v1${path}`);
  });

  test("reaches a provider of another dialect", async () => {
    const response = await vertex(`${GOOGLES}:generateContent`, {
      ...pair.headers("openai"),
      authorization: `Bearer ${KEY}`,
    });
    expect(response.status).toBe(200);
    expect((await pair.upstream.next()).json).toMatchObject({ model: "gemini-2.5-flash" });
  });

  test("refuses a place that is no name", async () => {
    const response = await pair.post(
      `/v1beta1${GOOGLES.replace("europe-west4", "evil.example%2F")}:generateContent`,
      ASKED,
      TOKEN,
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 400, status: "INVALID_ARGUMENT" } });
  });
});

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);
const message = (name: string, payload: JsonObject): Uint8Array =>
  codec.encode({
    headers: {
      ":event-type": { type: "string", value: name },
      ":message-type": { type: "string", value: "event" },
    },
    body: Buffer.from(JSON.stringify(payload)),
  });

const AWS_KEYS: Headers = {
  "x-portkey-aws-access-key-id": "AKIATEST",
  "x-portkey-aws-secret-access-key": "secret",
  "x-portkey-aws-region": "eu-west-1",
};
/** What an AWS client puts on a request that it signs with keys of its own. */
const CLIENT_SIGNED: Headers = {
  authorization:
    "AWS4-HMAC-SHA256 Credential=AKIAOTHER/20260101/us-east-1/bedrock/aws4_request, Signature=00",
  "x-amz-date": "20200101T000000Z",
  "x-amz-security-token": "others-token",
};
const MODEL = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0";
const CONVERSE = `/model/${encodeURIComponent(MODEL)}/converse`;
const COUNTS = { inputTokens: 20, outputTokens: 9, totalTokens: 29 };

describe("Bedrock's path", () => {
  test("is signed anew, never with the client's own signature", async () => {
    answers({
      output: { message: { role: "assistant", content: [{ text: "Hi" }] } },
      stopReason: "end_turn",
      usage: COUNTS,
    });
    const body = '{"messages":  [{"role": "user", "content": [{"text": "Hi"}]}]}';
    const response = await pair.post(CONVERSE, body, to(undefined, { ...AWS_KEYS, ...CLIENT_SIGNED }));
    expect(await response.json()).toMatchObject({ usage: COUNTS });
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(`/base${CONVERSE}`);
    expect(sent.body).toBe(body);
    expect(sent.headers["authorization"]).toContain("Credential=AKIATEST/");
    expect(sent.headers["authorization"]).toContain("/eu-west-1/bedrock/aws4_request");
    expect(sent.headers["x-amz-date"]).not.toBe(CLIENT_SIGNED["x-amz-date"] ?? "");
    expect(sent.headers).not.toHaveProperty("x-amz-security-token");
    expect(await recordOf(response)).toMatchObject({
      original_model: MODEL,
      usage: { input: 20, output: 9 },
    });
  });

  test("hands a stream on as it is, and reads its counts", async () => {
    const chunks = [
      message("messageStart", { role: "assistant" }),
      message("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Hi" } }),
      message("messageStop", { stopReason: "end_turn" }),
      message("metadata", { usage: COUNTS, metrics: { latencyMs: 5 } }),
    ];
    const headers = { "content-type": "application/vnd.amazon.eventstream" };
    pair.upstream.enqueue({ kind: "raw", headers, chunks });
    const response = await pair.post(`${CONVERSE}-stream`, {}, to(undefined, AWS_KEYS));
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.concat(chunks));
    expect(await recordOf(response)).toMatchObject({ stream: true, usage: { input: 20, output: 9 } });
  });

  test.each([
    "/model/amazon.titan-text-lite-v1/invoke",
    "/model/amazon.titan-text-lite-v1/invoke-with-response-stream",
    "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke",
    "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse",
  ])("passes %s on", async (path) => {
    answers({ results: [] });
    const response = await pair.post(path, { inputText: "Hi" }, to(undefined, AWS_KEYS));
    expect(await response.json()).toEqual({ results: [] });
    expect((await pair.upstream.next()).url).toBe(`/base${path}`);
  });

  test("is refused by a provider of another dialect, in words its clients find", async () => {
    const response = await pair.post(
      CONVERSE,
      {},
      { ...pair.headers("openai"), authorization: `Bearer ${KEY}` },
    );
    expect(response.status).toBe(400);
    const { message: words } = (await response.json()) as JsonObject; // read for its message alone
    expect(words).toContain("it is an API of bedrock alone");
  });
});

/** As the headers of an answer, and the metrics at the end of a stream, count: github.com/BerriAI/litellm/issues/34373 */
const INVOKED: Headers = {
  "x-amzn-bedrock-input-token-count": "20",
  "x-amzn-bedrock-output-token-count": "9",
  "x-amzn-bedrock-cache-read-input-token-count": "5",
  "x-amzn-bedrock-invocation-latency": "300",
};
const METRICS: JsonObject = {
  "amazon-bedrock-invocationMetrics": {
    inputTokenCount: 20,
    outputTokenCount: 9,
    cacheReadInputTokenCount: 5,
    invocationLatency: 300,
    firstByteLatency: 100,
  },
};
const CLAUDES_COUNTS: JsonObject = {
  input_tokens: 20,
  cache_read_input_tokens: 5,
  cache_creation_input_tokens: 7,
  output_tokens: 9,
};
const USED = { input: 25, output: 9, cache_read: 5 };
const CLAUDE_USED = { input: 32, output: 9, cache_read: 5, cache_write: 7 };

/** docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html */
const part = (value: JsonObject): Uint8Array =>
  message("chunk", { bytes: Buffer.from(JSON.stringify(value)).toString("base64"), p: "abc" });

describe("What InvokeModel used", () => {
  const CLAUDE = "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0";
  const LLAMA = "/model/meta.llama3-1-8b-instruct-v1%3A0";

  const invoke = async (path: string): Promise<readonly [Buffer, JsonObject]> => {
    const response = await pair.post(path, { prompt: "Hi" }, to(undefined, AWS_KEYS));
    const bytes = Buffer.from(await response.arrayBuffer());
    return [bytes, await recordOf(response)];
  };
  const streamed = async (path: string, chunks: readonly Uint8Array[]): Promise<JsonObject> => {
    const headers = { "content-type": "application/vnd.amazon.eventstream" };
    const all = Buffer.concat(chunks);
    const cuts = [all.subarray(0, 7), all.subarray(7, 150), all.subarray(150)];
    pair.upstream.enqueue({ kind: "raw", headers, chunks: cuts });
    const [bytes, record] = await invoke(`${path}/invoke-with-response-stream`);
    expect(bytes).toEqual(all);
    return record;
  };

  test("stands in headers, whatever the model", async () => {
    const reply = { generation: "Hello", prompt_token_count: 20, generation_token_count: 9 };
    answers(reply, 200, INVOKED);
    const [bytes, record] = await invoke(`${LLAMA}/invoke`);
    expect(bytes.toString()).toBe(JSON.stringify(reply));
    expect(record).toMatchObject({
      usage: USED,
      stream: false,
      original_model: "meta.llama3-1-8b-instruct-v1:0",
    });
  });

  test("is told by Claude itself, and in more words", async () => {
    const reply = { type: "message", model: "claude-sonnet-4-5-20250929", stop_reason: "end_turn" };
    answers({ ...reply, usage: CLAUDES_COUNTS }, 200, INVOKED);
    expect((await invoke(`${CLAUDE}/invoke`))[1]).toMatchObject({
      usage: CLAUDE_USED,
      response_model: "claude-sonnet-4-5-20250929",
      finish: "end_turn",
    });
  });

  test("is not known where nobody says it", async () => {
    answers({ usage: "much" }, 200, { "x-amzn-bedrock-input-token-count": "many" });
    expect((await invoke(`${LLAMA}/invoke`))[1]).toMatchObject({ usage: null });
  });

  test("stands at the end of a stream, whatever the model", async () => {
    const record = await streamed(LLAMA, [
      part({ generation: "Hel", stop_reason: null }),
      message("later", { bytes: 1 }),
      message("chunk", { bytes: 1 }),
      part({ generation: "lo", stop_reason: "stop", ...METRICS }),
    ]);
    expect(record).toMatchObject({ usage: USED, stream: true, outcome: "answered" });
  });

  test("is told by Claude's stream itself, and in more words", async () => {
    const started = { model: "claude-sonnet-4-5-20250929", usage: { ...CLAUDES_COUNTS, output_tokens: 1 } };
    const record = await streamed(CLAUDE, [
      part({ type: "message_start", message: started }),
      part({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } }),
      part({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 9 } }),
      part({ type: "message_stop", ...METRICS }),
    ]);
    expect(record).toMatchObject({
      usage: CLAUDE_USED,
      finish: "end_turn",
      response_model: "claude-sonnet-4-5-20250929",
    });
  });

  test("is found at the end of a stream whose model has not said it", async () => {
    const record = await streamed(CLAUDE, [
      part({ type: "message_start", message: { model: "claude-sonnet-4-5-20250929" } }),
      part({ type: "message_stop", ...METRICS }),
    ]);
    expect(record).toMatchObject({ usage: USED });
  });

  test("is told beside what went wrong", async () => {
    const failure = codec.encode({
      headers: {
        ":exception-type": { type: "string", value: "modelStreamErrorException" },
        ":message-type": { type: "string", value: "exception" },
      },
      body: Buffer.from('{"message": "The model broke off"}'),
    });
    const record = await streamed(LLAMA, [part({ generation: "Hel" }), failure]);
    expect(record).toMatchObject({
      outcome: "interrupted",
      usage: null,
      error: { code: "ModelStreamErrorException", message: "The model broke off" },
    });
  });
});

const COHERE_REPLY = {
  id: "c1",
  finish_reason: "COMPLETE",
  message: { role: "assistant", content: [{ type: "text", text: "Hi" }] },
  usage: {
    billed_units: { input_tokens: 3, output_tokens: 2 },
    tokens: { input_tokens: 30, output_tokens: 2 },
  },
};
const COHERE_ASKED = '{"model":  "command-r", "messages": [{"role": "user", "content": "Hi"}]}';
const BEARER: Headers = { authorization: `Bearer ${KEY}` };

describe("Cohere's path", () => {
  test("reaches its vendor byte for byte, and its counts are read", async () => {
    answers(COHERE_REPLY);
    const response = await pair.post("/v2/chat", COHERE_ASKED, to(undefined, BEARER));
    expect(await response.json()).toEqual(COHERE_REPLY);
    const sent = await pair.upstream.next();
    expect([sent.url, sent.body]).toEqual(["/base/v2/chat", COHERE_ASKED]);
    expect(sent.headers["authorization"]).toBe(`Bearer ${KEY}`);
    expect(await recordOf(response)).toMatchObject({ usage: { output: 2 }, finish: "COMPLETE" });
  });

  test.each(["/v2/embed", "/v2/rerank", "/v1/chat"])("is passed on below %s", async (path) => {
    answers({ id: "x" });
    const response = await pair.post(path, { model: "m" }, to(undefined, BEARER));
    expect(response.status).toBe(200);
    expect((await pair.upstream.next()).url).toBe(`/base${path}`);
  });

  test("is another's where another is named that has a path of that name", async () => {
    answers({ id: "x" });
    const reka = { "x-portkey-provider": "reka-ai", "x-portkey-custom-host": `${pair.upstream.url}/base` };
    const response = await pair.post("/v1/chat", { model: "m" }, { ...reka, ...BEARER });
    expect(response.status).toBe(200);
    expect((await pair.upstream.next()).url).toBe("/base/chat");
  });

  test("is passed over by a target of another dialect, and a fallback goes on", async () => {
    answers(COHERE_REPLY);
    const cohere = { provider: "cohere", api_key: KEY, custom_host: `${pair.upstream.url}/base` };
    const config = { strategy: { mode: "fallback" }, targets: [pair.target("openai"), cohere] };
    const response = await pair.post("/v2/chat", COHERE_ASKED, {
      "x-portkey-config": JSON.stringify(config),
    });
    expect(await response.json()).toEqual(COHERE_REPLY);
    expect(pair.upstream.requests).toHaveLength(1);
    expect(await recordOf(response)).toMatchObject({
      attempts: [
        { outcome: "failed", reason: "Cannot pass /v2/chat to openai: it is an API of cohere alone" },
        { outcome: "answered" },
      ],
    });
  });

  test("is tried again as a config says", async () => {
    answers({ message: "overloaded" }, 503);
    answers(COHERE_REPLY);
    const cohere = { provider: "cohere", api_key: KEY, custom_host: `${pair.upstream.url}/base` };
    const config = { ...cohere, retry: { attempts: 1 } };
    const response = await pair.post("/v2/chat", COHERE_ASKED, {
      "x-portkey-config": JSON.stringify(config),
    });
    expect(response.status).toBe(200);
    expect(pair.upstream.requests).toHaveLength(2);
  });
});

describe("OpenAI's paths as Groq spells them", () => {
  test("are the same paths, with Groq for a default", async () => {
    const body = { model: "llama", messages: [{ role: "user", content: "Hi" }] };
    const host = { "x-portkey-custom-host": `${pair.upstream.url}/v1` };
    const response = await pair.post("/openai/v1/chat/completions", body, { ...host, ...BEARER });
    expect(response.headers.get("x-portkey-provider")).toBe("groq");
    expect((await pair.upstream.next()).url).toBe("/v1/chat/completions");
    await pair.post("/openai/v1/batches", {}, { ...host, ...BEARER });
    expect((await pair.upstream.next()).url).toBe("/v1/batches");
    await fetch(`${pair.gateway.url}/openai/v1/models`, { headers: { ...host, ...BEARER } });
    expect((await pair.upstream.next()).url).toBe("/v1/models");
  });
});

test.each(["/v1/fim/completions", "/v1/ocr"])("Mistral's %s is passed on", async (path) => {
  answers({ id: "x" });
  const response = await pair.post(path, { model: "m" }, to("mistral-ai", BEARER));
  expect(response.status).toBe(200);
  expect((await pair.upstream.next()).url).toBe(`/base${path.slice("/v1".length)}`);
});
