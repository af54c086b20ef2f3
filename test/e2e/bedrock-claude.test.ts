/** Claude on Bedrock for clients of Anthropic's own API: their bytes arrive, and the answer's bytes come back. */
import { describe, expect, test } from "bun:test";
import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import type { JsonObject } from "../../src/schema/json.ts";
import { failureOf, type Headers, startPair } from "./setup.ts";

const pair = startPair();

const MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const SEGMENT = encodeURIComponent(MODEL);
const headers = (more: Headers = {}): Record<string, string> => ({
  "x-portkey-provider": "bedrock",
  "x-portkey-custom-host": pair.upstream.url,
  "x-portkey-aws-access-key-id": "AKIATEST",
  "x-portkey-aws-secret-access-key": "secret",
  "x-portkey-aws-region": "eu-west-1",
  ...more,
});
const post = (body: JsonObject | string, more?: Headers): Promise<Response> =>
  pair.post("/v1/messages", body, headers(more));
const anthropic = (): Anthropic =>
  new Anthropic({
    apiKey: "unused",
    baseURL: pair.gateway.url,
    defaultHeaders: headers(),
    maxRetries: 0,
  });

const hello = (more: JsonObject = {}): JsonObject => ({
  model: MODEL,
  max_tokens: 100,
  messages: [{ role: "user", content: "Hello" }],
  ...more,
});

const REPLY =
  '{"model":"claude-sonnet-4-5-20250929","id":"msg_bdrk_1","type":"message","role":"assistant","content":[{"type":"text","text":"Hi","odd":1.0}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"cache_creation":{"ephemeral_1h_input_tokens":0},"output_tokens":1}}';
const answers = (body: string, status = 200, more: Headers = {}): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    chunks: [body],
    headers: { "content-type": "application/json", ...more },
  });

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);
const message = (kind: "event" | "exception", name: string, payload: JsonObject): Uint8Array =>
  codec.encode({
    headers: {
      [`:${kind}-type`]: { type: "string", value: name },
      ":content-type": { type: "string", value: "application/json" },
      ":message-type": { type: "string", value: kind },
    },
    body: Buffer.from(JSON.stringify(payload)),
  });
const chunk = (text: string): Uint8Array =>
  message("event", "chunk", { bytes: Buffer.from(text).toString("base64"), p: "abcdefgh" });

/** Anthropic's own events, as they stand in the chunks. */
const EVENTS = {
  start:
    '{"type":"message_start","message":{"model":"claude-sonnet-4-5-20250929","id":"msg_bdrk_1","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}',
  open: '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
  text: '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi ☀"}}',
  close: '{"type":"content_block_stop","index":0}',
  delta:
    '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}}',
  stop: '{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":3,"outputTokenCount":5,"invocationLatency":812,"firstByteLatency":340}}',
};
const ALL = Object.values(EVENTS);
const frameOf = (text: string): string => `event: ${/"type":"(\w+)"/.exec(text)?.[1]}\ndata: ${text}\n\n`;
const streams = (chunks: readonly Uint8Array[]): void =>
  pair.upstream.enqueue({
    kind: "raw",
    chunks,
    headers: { "content-type": "application/vnd.amazon.eventstream" },
  });

describe("a request", () => {
  test("arrives in the client's own bytes, at InvokeModel, signed", async () => {
    answers(REPLY);
    const rest =
      '"max_tokens": 100, "context_management": {"edits": []}, "output_config": {"effort": "high"}, "messages": [{"role":"user","content":[{"type":"text","text":"Hello","cache_control":{"type":"ephemeral","ttl":"1h"},"odd": 1.0}]}]';
    const response = await pair.post(
      "/v1/messages?beta=true",
      `{"model": "${MODEL}", "stream": false, ${rest}}`,
      headers({ "anthropic-version": "2026-10-21", "anthropic-beta": "context-1m-2025-08-07, odd-beta" }),
    );
    expect(response.status).toBe(200);
    expect(response.headers.get("x-turnpike-not-carried")).toBeNull();
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe(`/model/${SEGMENT}/invoke`);
    expect(arrived.body).toBe(
      `{${rest},"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["context-1m-2025-08-07","odd-beta"]}`,
    );
    expect(arrived.headers["authorization"]).toStartWith("AWS4-HMAC-SHA256 Credential=AKIATEST/");
    expect(arrived.headers["anthropic-beta"]).toBeUndefined();
    expect(arrived.headers["anthropic-version"]).toBeUndefined();
  });

  test("keeps the betas of its body beside those of the header, and its profile", async () => {
    answers(REPLY);
    await post(hello({ anthropic_beta: ["a", "b"], anthropic_version: "bedrock-2023-05-31" }), {
      "anthropic-beta": "b,c",
      "anthropic-user-profile-id": "profile-1",
    });
    expect((await pair.upstream.next()).json).toEqual({
      max_tokens: 100,
      messages: [{ role: "user", content: "Hello" }],
      anthropic_beta: ["a", "b", "c"],
      anthropic_version: "bedrock-2023-05-31",
      user_profile_id: "profile-1",
    });
  });

  test("of Claude Code, says there what Bedrock takes of it", async () => {
    answers(REPLY);
    const scoped = (cache_control: JsonObject) => [{ type: "text", text: "Be kind", cache_control }];
    const tools = [{ name: "find", input_schema: { type: "object" } }];
    const response = await post(
      hello({
        cache_control: { type: "ephemeral" },
        system: scoped({ type: "ephemeral", scope: "global" }),
        tools: tools.map((tool) => ({ ...tool, eager_input_streaming: true })),
        anthropic_beta: ["oauth-2025-04-20"],
      }),
      { "anthropic-beta": "claude-code-20250219,advanced-tool-use-2025-11-20" },
    );
    expect(response.headers.get("x-turnpike-not-carried")).toBe("anthropic-beta (oauth-2025-04-20)");
    expect((await pair.upstream.next()).json).toEqual({
      max_tokens: 100,
      messages: [
        { role: "user", content: [{ type: "text", text: "Hello", cache_control: { type: "ephemeral" } }] },
      ],
      system: scoped({ type: "ephemeral" }),
      tools,
      anthropic_version: "bedrock-2023-05-31",
      anthropic_beta: [
        "claude-code-20250219",
        "tool-search-tool-2025-10-19",
        "fine-grained-tool-streaming-2025-05-14",
      ],
    });
  });

  test("says guardrail, speed, tier and metadata in headers", async () => {
    answers(REPLY);
    const response = await post(
      hello({
        stream: true,
        guardrail_config: {
          guardrailIdentifier: "gr1",
          guardrailVersion: "DRAFT",
          trace: "enabled",
          streamProcessingMode: "async",
          odd: "x",
        },
        performanceConfig: { latency: "optimized" },
        request_metadata: { team: "bäume" },
        service_tier: "standard_only",
      }),
    );
    expect(response.headers.get("x-turnpike-not-carried")).toBe("guardrail_config.odd");
    const arrived = await pair.upstream.next();
    expect(arrived.headers).toMatchObject({
      "x-amzn-bedrock-guardrailidentifier": "gr1",
      "x-amzn-bedrock-guardrailversion": "DRAFT",
      "x-amzn-bedrock-trace": "ENABLED",
      "x-amzn-bedrock-performanceconfig-latency": "optimized",
      "x-amzn-bedrock-request-metadata": '{"team":"b\\u00e4ume"}',
      "x-amzn-bedrock-service-tier": "default",
    });
    expect(arrived.headers["authorization"]).toContain("x-amzn-bedrock-guardrailidentifier");
    expect(arrived.json).toEqual({
      max_tokens: 100,
      messages: [{ role: "user", content: "Hello" }],
      anthropic_version: "bedrock-2023-05-31",
      "amazon-bedrock-guardrailConfig": { streamProcessingMode: "ASYNCHRONOUS" },
    });
  });

  test("takes the headers of AWS's own clients", async () => {
    answers(REPLY);
    await post(hello(), { "x-amzn-bedrock-guardrailidentifier": "gr2", "x-amzn-bedrock-trace": "ENABLED" });
    expect((await pair.upstream.next()).headers).toMatchObject({
      "x-amzn-bedrock-guardrailidentifier": "gr2",
      "x-amzn-bedrock-trace": "ENABLED",
    });
  });

  test("takes them for Converse too, where a guardrail must hold as well", async () => {
    const sent = {
      "x-amzn-bedrock-guardrailidentifier": "gr2",
      "x-amzn-bedrock-guardrailversion": "1",
      "x-amzn-bedrock-trace": "ENABLED",
    };
    await post(hello({ prompt_variables: {} }), sent);
    const arrived = await pair.upstream.next();
    expect(arrived.url).toEndWith("/converse");
    expect(arrived.json).toMatchObject({
      guardrailConfig: { guardrailIdentifier: "gr2", guardrailVersion: "1", trace: "enabled" },
    });
    await pair.post(
      "/v1/chat/completions",
      hello({ guardrail_config: { guardrailIdentifier: "own" } }),
      headers(sent),
    );
    expect((await pair.upstream.next()).json).toMatchObject({
      guardrailConfig: { guardrailIdentifier: "own" },
    });
  });

  test("that no header can say is refused before anything is sent", async () => {
    const response = await post(hello({ guardrailConfig: { guardrailIdentifier: "a\nb" } }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: "error",
      error: {
        type: "invalid_request_error",
        message: expect.stringContaining("guardrailConfig.guardrailIdentifier: "),
      },
    });
    expect(pair.upstream.requests).toHaveLength(0);
  });

  test("that says what only Converse has a word for goes there", async () => {
    answers('{"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}},"stopReason":"end_turn"}');
    const response = await post(hello({ additional_model_response_field_paths: ["/stop_sequence"] }));
    expect(response.status).toBe(200);
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe(`/model/${SEGMENT}/converse`);
    expect(arrived.json).toMatchObject({ additionalModelResponseFieldPaths: ["/stop_sequence"] });
  });

  const arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3";
  const places: readonly (readonly [string, string, Headers, string])[] = [
    ["a profile's ARN that names Claude", arn.replace("a1b2c3", MODEL), {}, "invoke"],
    ["an ARN that tells nothing", arn, {}, "converse"],
    [
      "an ARN that is said to be Claude",
      arn,
      { "x-portkey-foundation-model": `anthropic.${MODEL}` },
      "invoke",
    ],
    ["another vendor's model", "amazon.nova-lite-v1:0", {}, "converse"],
  ];
  test.each(places)("for %s goes where that model is asked", async (_name, model, more, method) => {
    await post(hello({ model }), more);
    expect((await pair.upstream.next()).url).toBe(`/model/${encodeURIComponent(model)}/${method}`);
  });

  test("of another API goes through Converse", async () => {
    await pair.post("/v1/chat/completions", hello(), headers());
    expect((await pair.upstream.next()).url).toBe(`/model/${SEGMENT}/converse`);
  });
});

describe("the option bedrock_api", () => {
  const ASKED = { "x-portkey-bedrock-api": "invoke" };
  const chat = (body: JsonObject, more: Headers): Promise<Response> =>
    pair.post("/v1/chat/completions", body, headers(more));

  test("leads clients of other APIs to InvokeModel, translated", async () => {
    answers(REPLY);
    const response = await chat(hello({ parallel_tool_calls: false, tools: [TOOL], anthropic_beta: ["a"] }), {
      ...ASKED,
      "anthropic-beta": "b",
    });
    expect(await response.json()).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { content: "Hi" }, finish_reason: "stop" }],
    });
    expect(response.headers.get("x-turnpike-not-carried")).toBeNull();
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe(`/model/${SEGMENT}/invoke`);
    expect(arrived.json).toEqual({
      max_tokens: 100,
      messages: [{ role: "user", content: "Hello" }],
      tools: [{ name: "tides", input_schema: { type: "object" } }],
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
      anthropic_version: "bedrock-2023-05-31",
      anthropic_beta: ["a", "b"],
    });
  });

  test("leads their streams there", async () => {
    streams(ALL.map(chunk));
    const text = await (await chat(hello({ stream: true }), ASKED)).text();
    expect(text).toContain('"content":"Hi ☀"');
    expect(text).toEndWith("data: [DONE]\n\n");
    expect((await pair.upstream.next()).url).toBe(`/model/${SEGMENT}/invoke-with-response-stream`);
  });

  test("leads Anthropic's own clients to Converse", async () => {
    await post(hello(), { "x-portkey-bedrock-api": "converse" });
    expect((await pair.upstream.next()).url).toBe(`/model/${SEGMENT}/converse`);
  });

  const refused: readonly (readonly [string, JsonObject, Headers])[] = [
    ["a model that it is not for", { model: "amazon.nova-lite-v1:0" }, ASKED],
    ["a body that it cannot carry", { guardrail_config: { guardrailIdentifier: "g" } }, ASKED],
    ["a word that it does not know", {}, { "x-portkey-bedrock-api": "batch" }],
  ];
  test.each(refused)("is refused for %s", async (_name, more, sent) => {
    const response = await chat(hello(more), sent);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("bedrock_api: must be converse");
    expect(pair.upstream.requests).toHaveLength(0);
  });
});

const TOOL: JsonObject = {
  type: "function",
  function: { name: "tides", parameters: { type: "object" } },
};

describe("an answer", () => {
  test("comes back byte for byte", async () => {
    answers(REPLY);
    const response = await post(hello());
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(await response.text()).toBe(REPLY);
  });

  test("streams as Anthropic's own frames, cut anywhere", async () => {
    const bytes = Buffer.concat(ALL.map(chunk));
    streams([bytes.subarray(0, 5), bytes.subarray(5, 500), bytes.subarray(500, 501), bytes.subarray(501)]);
    const response = await post(hello({ stream: true }));
    expect(response.headers.get("content-type")).toStartWith("text/event-stream");
    expect(await response.text()).toBe(ALL.map(frameOf).join(""));
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe(`/model/${SEGMENT}/invoke-with-response-stream`);
    expect(arrived.json).not.toHaveProperty("stream");
  });

  test("is read by Anthropic's client, whole and streamed", async () => {
    const request = {
      model: MODEL,
      max_tokens: 100,
      messages: [{ role: "user" as const, content: "Hello" }],
    };
    answers(REPLY);
    expect((await anthropic().messages.create(request)).content[0]).toMatchObject({ text: "Hi" });
    streams(ALL.map(chunk));
    const streamed = await anthropic().messages.stream(request).finalMessage();
    expect(streamed.content).toMatchObject([{ type: "text", text: "Hi ☀" }]);
    expect(streamed.usage.output_tokens).toBe(5);
  });

  test("is counted in the record", async () => {
    streams(ALL.map(chunk));
    await (await post(hello({ stream: true }), { "x-portkey-trace-id": "counted" })).text();
    const line = await pair.gateway.nextRecord((record) => record["trace_id"] === "counted");
    expect(line).toMatchObject({
      outcome: "answered",
      stream: true,
      response_model: "claude-sonnet-4-5-20250929",
      usage: { input: 3, output: 5 },
    });
  });

  test.each([
    ["in the middle", [EVENTS.start, EVENTS.open, EVENTS.text]],
    ["before its end was said", [EVENTS.start, EVENTS.open, EVENTS.text, EVENTS.close, EVENTS.delta]],
  ])("that is cut %s ends with an error", async (_name, events) => {
    streams(events.map(chunk));
    const text = await (await post(hello({ stream: true }))).text();
    expect(text).toStartWith(events.map(frameOf).join(""));
    expect(text).toContain("event: error\n");
    expect(text).not.toContain("message_stop");
  });

  test("that fails on its way ends with Anthropic's error", async () => {
    streams([
      ...[EVENTS.start, EVENTS.open].map(chunk),
      message("exception", "modelStreamErrorException", { message: "Broken", originalStatusCode: 424 }),
    ]);
    const stream = anthropic().messages.stream({
      model: MODEL,
      max_tokens: 100,
      messages: [{ role: "user", content: "Hello" }],
    });
    const failure = await failureOf(stream.finalMessage());
    expect(failure).toBeInstanceOf(APIError);
    expect(String(failure)).toContain("Broken");
  });

  test("that is refused at its beginning is refused with its status", async () => {
    streams([message("exception", "throttlingException", { message: "Slow down" })]);
    const response = await post(hello({ stream: true }));
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: "rate_limit_error", message: expect.stringContaining("Slow down") },
    });
  });

  test("whose bytes are damaged ends with an error", async () => {
    const damaged = Buffer.from(chunk(EVENTS.text));
    damaged[damaged.length - 10] = 0;
    streams([...[EVENTS.start, EVENTS.open].map(chunk), damaged]);
    const text = await (await post(hello({ stream: true }))).text();
    expect(text).toContain("has a wrong message checksum");
    expect(text).not.toContain("message_stop");
  });

  test("that is a refusal keeps its status and words, in Anthropic's shape", async () => {
    answers('{"message":"max_tokens: 0 must be greater"}', 400, {
      "x-amzn-errortype": "ValidationException:http://internal.amazon.com/coral/",
    });
    const response = await post(hello());
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      type: "error",
      error: { type: "invalid_request_error", message: "bedrock error: max_tokens: 0 must be greater" },
    });
  });
});
