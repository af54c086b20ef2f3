/** Amazon's providers through the gateway: what arrives there, and what comes back. */
import { describe, expect, test } from "bun:test";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import { isObject, type JsonObject, type JsonValue } from "../../src/schema/json.ts";
import { collect, type Headers, startPair } from "./setup.ts";

const pair = startPair();

const KEYS: Headers = {
  "x-portkey-aws-access-key-id": "AKIATEST",
  "x-portkey-aws-secret-access-key": "secret",
  "x-portkey-aws-region": "eu-west-1",
};

const headers = (provider: string, more: Headers = KEYS): Headers => ({
  "x-portkey-provider": provider,
  "x-portkey-custom-host": pair.upstream.url,
  ...more,
});

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);
const message = (kind: "event" | "exception", name: string, payload: JsonObject): Uint8Array =>
  codec.encode({
    headers: {
      [`:${kind}-type`]: { type: "string", value: name },
      ":message-type": { type: "string", value: kind },
    },
    body: Buffer.from(JSON.stringify(payload)),
  });

const said = (text: string): Uint8Array =>
  message("event", "contentBlockDelta", { contentBlockIndex: 0, delta: { text } });
const START = message("event", "messageStart", { role: "assistant" });
const STOP = message("event", "messageStop", { stopReason: "end_turn" });
const COUNTS = { inputTokens: 20, outputTokens: 9, totalTokens: 37, cacheReadInputTokens: 8 };
const METADATA = message("event", "metadata", { usage: COUNTS, metrics: { latencyMs: 5 } });

const JSON_HEADERS = { "content-type": "application/json" };
const STREAM_HEADERS = { "content-type": "application/vnd.amazon.eventstream" };

const answers = (body: JsonObject, status = 200, more: Headers = {}): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    chunks: [JSON.stringify(body)],
    headers: { ...JSON_HEADERS, ...more },
  });
const streams = (chunks: readonly Uint8Array[]): void =>
  pair.upstream.enqueue({ kind: "raw", chunks, headers: STREAM_HEADERS });

const CONVERSED = {
  output: { message: { role: "assistant", content: [{ text: "Hello big world" }] } },
  stopReason: "end_turn",
  usage: COUNTS,
  metrics: { latencyMs: 5 },
};

const MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const ask = (more: JsonObject = {}): JsonObject => ({
  model: MODEL,
  max_tokens: 100,
  messages: [{ role: "user", content: "Hello" }],
  ...more,
});

const chat = (body: JsonObject, more?: Headers, path = "/v1/chat/completions"): Promise<Response> =>
  pair.post(path, body, headers("bedrock", more));
const objectOf = async (response: Response): Promise<JsonObject> => {
  const value: unknown = await response.json();
  if (isObject(value)) return value;
  throw new Error(`The answer is no object: ${JSON.stringify(value)}`);
};
const arrivedBody = async (): Promise<JsonObject> => {
  const { json } = await pair.upstream.next();
  return isObject(json) ? json : {};
};
const firstChoice = (body: JsonObject): JsonValue | undefined =>
  Array.isArray(body["choices"]) ? (body["choices"][0] as JsonValue) : undefined; // JSON, as it was parsed

describe("bedrock", () => {
  test("is asked through Converse, signed, and answers as a chat", async () => {
    answers(CONVERSED);
    const response = await chat(ask({ top_k: 5 }), { ...KEYS, "anthropic-beta": "context-1m-2025-08-07" });
    const body = await objectOf(response);
    expect(body).toMatchObject({ object: "chat.completion", model: MODEL, provider: "bedrock" });
    expect(body["id"]).toMatch(/\w/);
    expect(firstChoice(body)).toMatchObject({
      message: { content: "Hello big world" },
      finish_reason: "stop",
    });
    expect(body["usage"]).toMatchObject({ prompt_tokens: 28, completion_tokens: 9 });
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse");
    expect(arrived.headers["authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIATEST\/\d{8}\/eu-west-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
    );
    expect(arrived.headers["anthropic-beta"]).toBeUndefined();
    expect(arrived.json).toEqual({
      messages: [{ role: "user", content: [{ text: "Hello" }] }],
      inferenceConfig: { maxTokens: 100 },
      additionalModelRequestFields: { top_k: 5, anthropic_beta: ["context-1m-2025-08-07"] },
    });
  });

  test("takes an ARN for a model, encoded or not", async () => {
    const arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0";
    for (const model of [arn, encodeURIComponent(arn)]) {
      answers(CONVERSED);
      expect((await chat(ask({ model }))).status).toBe(200);
      expect((await pair.upstream.next()).url).toBe(`/model/${encodeURIComponent(arn)}/converse`);
    }
  });

  test("asks for the whole answer where a model has no streams with tools, and gives a stream", async () => {
    const model = "us.meta.llama4-maverick-17b-instruct-v1:0";
    const tools = [{ type: "function", function: { name: "look" } }];
    const toolUse = { toolUseId: "tooluse_1", name: "look", input: { at: "sea" } };
    answers({
      ...CONVERSED,
      output: { message: { role: "assistant", content: [{ toolUse }] } },
      stopReason: "tool_use",
    });
    const told = await (await chat(ask({ model, tools, stream: true }))).text();
    expect((await pair.upstream.next()).url).toBe(`/model/${encodeURIComponent(model)}/converse`);
    expect(told).toContain('"arguments":"{\\"at\\":\\"sea\\"}"');
    expect(told).toContain('"finish_reason":"tool_calls"');
    expect(told).toEndWith("data: [DONE]\n\n");
    streams([START, said("Hello"), STOP, METADATA]);
    await (await chat(ask({ model, stream: true }))).text();
    expect((await pair.upstream.next()).url).toBe(`/model/${encodeURIComponent(model)}/converse-stream`);
  });

  test("knows tools by names that it takes, and clients by their own", async () => {
    const given = "docs.find:all";
    const tools = [{ type: "function", function: { name: given } }];
    const asked = ask({ tools, tool_choice: { type: "function", function: { name: given } } });
    answers(CONVERSED);
    await (await chat(asked)).text();
    const { toolConfig } = await arrivedBody();
    const name = /"name":"([\w-]+)"/.exec(JSON.stringify(toolConfig))?.[1] ?? "";
    expect(name).toStartWith("docs_find_all_");
    expect(toolConfig).toMatchObject({ tools: [{ toolSpec: { name } }], toolChoice: { tool: { name } } });
    const toolUse = { toolUseId: "tooluse_1", name };
    answers({
      ...CONVERSED,
      output: { message: { role: "assistant", content: [{ toolUse: { ...toolUse, input: {} } }] } },
      stopReason: "tool_use",
    });
    expect(firstChoice(await objectOf(await chat(asked)))).toMatchObject({
      message: { tool_calls: [{ id: "tooluse_1", function: { name: given } }] },
    });
    const opened = message("event", "contentBlockStart", { contentBlockIndex: 0, start: { toolUse } });
    streams([START, opened, STOP, METADATA]);
    expect(await (await chat({ ...asked, stream: true })).text()).toContain(`"name":"${given}"`);
  });

  test("takes a Bedrock API key as a bearer token", async () => {
    answers(CONVERSED);
    await chat(ask(), { authorization: "Bearer bedrock-api-key-abc" });
    expect((await pair.upstream.next()).headers["authorization"]).toBe("Bearer bedrock-api-key-abc");
  });

  test("streams, and its bytes may be cut anywhere", async () => {
    const bytes = Buffer.concat([START, said("Hello "), said("big world"), STOP, METADATA]);
    streams([bytes.subarray(0, 3), bytes.subarray(3, 150), bytes.subarray(150)]);
    const response = await chat(ask({ stream: true, stream_options: { include_usage: true } }));
    expect(response.headers.get("content-type")).toStartWith("text/event-stream");
    const text = await response.text();
    expect(text).toContain('"content":"big world"');
    expect(text).toContain(`"model":"${MODEL}"`);
    expect(text).toContain('"prompt_tokens":28');
    expect(text).toEndWith("data: [DONE]\n\n");
    expect((await pair.upstream.next()).url).toEndWith("/converse-stream");
  });

  test("answers Anthropic's clients too", async () => {
    const model = "us.amazon.nova-pro-v1:0";
    streams([START, said("Hello"), STOP, METADATA]);
    const text = await (await chat(ask({ model, stream: true }), KEYS, "/v1/messages")).text();
    expect(text).toContain('"text":"Hello"');
    expect(text).toContain(`"model":"${model}"`);
    expect(text).toContain("event: message_stop");
    answers(CONVERSED);
    const whole = await objectOf(await chat(ask({ model }), KEYS, "/v1/messages"));
    expect(whole).toMatchObject({ type: "message", model, usage: { input_tokens: 20 } });
  });

  test("that refuses a stream at its beginning is refused with its status", async () => {
    streams([START, message("exception", "throttlingException", { message: "Slow down" })]);
    const response = await chat(ask({ stream: true }));
    expect(response.status).toBe(429);
    expect(await objectOf(response)).toMatchObject({
      error: { message: "bedrock error: Slow down", type: "ThrottlingException" },
    });
  });

  test("that fails in the middle of a stream ends it with an error", async () => {
    streams([START, said("Hel"), message("exception", "modelStreamErrorException", { message: "Broken" })]);
    const text = await (await chat(ask({ stream: true }))).text();
    expect(text).toContain('"message":"Broken"');
    expect(text).not.toContain("[DONE]");
  });

  test("whose bytes are damaged ends the stream with an error that says so", async () => {
    const damaged = Buffer.from(said("lo"));
    damaged[damaged.length - 10] = 0;
    streams([START, said("Hel"), damaged, STOP]);
    const text = await (await chat(ask({ stream: true }))).text();
    expect(text).toContain("has a wrong message checksum");
    expect(text).not.toContain("[DONE]");
  });

  test("that refuses says so, with the error's type", async () => {
    answers({ message: "The model identifier is invalid." }, 400, {
      "x-amzn-errortype": "ValidationException:http://internal.amazon.com/coral/",
    });
    const response = await chat(ask());
    expect(response.status).toBe(400);
    expect(await objectOf(response)).toMatchObject({
      error: { message: "bedrock error: The model identifier is invalid.", type: "ValidationException" },
    });
  });

  test("is passed what only it knows, signed", async () => {
    const path = `/model/${encodeURIComponent(MODEL)}/count-tokens`;
    const response = await pair.post(`/v1${path}`, { input: {} }, headers("bedrock"));
    expect(await objectOf(response)).toMatchObject({ method: "POST", path, body: '{"input":{}}' });
    expect((await pair.upstream.next()).headers["authorization"]).toStartWith("AWS4-HMAC-SHA256 ");
  });

  test("wants to know who asks", async () => {
    const response = await chat(ask(), {});
    expect(response.status).toBe(400);
    expect(await objectOf(response)).toMatchObject({ error: { param: "aws_access_key_id" } });
  });
});

describe("bedrock's other models", () => {
  const invoke = (path: string, body: JsonObject, more?: Headers): Promise<Response> =>
    pair.post(path, body, headers("bedrock", more));
  const GUARDED = { "x-amzn-bedrock-guardrailidentifier": "g-1", "x-amzn-bedrock-guardrailversion": "2" };

  test("embed", async () => {
    answers({ embedding: [0.5, 1], inputTextTokenCount: 3 });
    const titan = { model: "amazon.titan-embed-text-v2:0", input: "Ebb", dimensions: 256 };
    expect(await objectOf(await invoke("/v1/embeddings", titan))).toMatchObject({
      data: [{ embedding: [0.5, 1] }],
      usage: { prompt_tokens: 3 },
    });
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/model/amazon.titan-embed-text-v2%3A0/invoke");
    expect(arrived.json).toEqual({ inputText: "Ebb", dimensions: 256 });
    expect(arrived.headers["authorization"]).toStartWith("AWS4-HMAC-SHA256 ");

    answers({ embeddings: [[1]] }, 200, { "x-amzn-bedrock-input-token-count": "7" });
    const cohere = { model: "eu.cohere.embed-v4:0", input: ["Ebb"] };
    expect(await objectOf(await invoke("/v1/embeddings", cohere))).toMatchObject({
      data: [{ embedding: [1] }],
      usage: { prompt_tokens: 7 },
    });
    expect((await pair.upstream.next()).json).toEqual({ texts: ["Ebb"], input_type: "search_document" });
  });

  test("draw", async () => {
    answers({ images: ["AAAA"] });
    const nova = { model: "amazon.nova-canvas-v1:0", prompt: "A bay", size: "512x512" };
    expect(await objectOf(await invoke("/v1/images/generations", nova))).toMatchObject({
      data: [{ b64_json: "AAAA" }],
    });
    expect((await pair.upstream.next()).json).toMatchObject({ textToImageParams: { text: "A bay" } });

    answers({ images: ["BBBB"], finish_reasons: [null], seeds: [1] });
    const stability = { model: "stability.stable-image-ultra-v1:1", prompt: "A bay" };
    expect(await objectOf(await invoke("/v1/images/generations", stability))).toMatchObject({
      data: [{ b64_json: "BBBB" }],
    });
    expect((await pair.upstream.next()).json).toEqual({ prompt: "A bay" });
  });

  test("complete a bare prompt", async () => {
    answers({
      generation: " rises",
      prompt_token_count: 4,
      generation_token_count: 2,
      stop_reason: "length",
    });
    const llama = { model: "us.meta.llama3-3-70b-instruct-v1:0", prompt: "The tide", max_tokens: 2, n: 2 };
    const response = await invoke("/v1/completions", llama);
    expect(response.headers.get("x-turnpike-not-carried")).toBe("n");
    expect(await objectOf(response)).toMatchObject({
      object: "text_completion",
      choices: [{ text: " rises", finish_reason: "length" }],
      usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 },
    });
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/model/us.meta.llama3-3-70b-instruct-v1%3A0/invoke");
    expect(arrived.json).toEqual({ prompt: "The tide", max_gen_len: 2 });

    answers({ outputs: [{ text: " falls", stop_reason: "stop" }] }, 200, {
      "x-amzn-bedrock-input-token-count": "3",
      "x-amzn-bedrock-output-token-count": "1",
    });
    const mistral = { model: "mistral.mistral-large-2402-v1:0", prompt: ["The tide"], stop: ".", top_k: 5 };
    expect(await objectOf(await invoke("/v1/completions", mistral))).toMatchObject({
      choices: [{ text: " falls", finish_reason: "stop" }],
      usage: { total_tokens: 4 },
    });
    expect((await pair.upstream.next()).json).toEqual({ prompt: "The tide", stop: ["."], top_k: 5 });
  });

  test.each([
    [
      "amazon.titan-text-express-v1",
      { inputText: "The tide" },
      {
        inputTextTokenCount: 2,
        results: [{ tokenCount: 1, outputText: " rises", completionReason: "FINISH" }],
      },
    ],
    [
      "cohere.command-light-text-v14",
      { prompt: "The tide" },
      { generations: [{ text: " rises", finish_reason: "COMPLETE" }] },
    ],
    [
      "ai21.j2-mid-v1",
      { prompt: "The tide" },
      { completions: [{ data: { text: " rises" }, finishReason: { reason: "endoftext" } }] },
    ],
    [
      "anthropic.claude-v2:1",
      { prompt: "\n\nHuman: The tide\n\nAssistant:", max_tokens_to_sample: 200 },
      { completion: " rises", stop_reason: "stop_sequence", stop: "\n\nHuman:" },
    ],
  ])("complete a prompt in the words of %s", async (model, asked, said) => {
    answers(said, 200, {
      "x-amzn-bedrock-input-token-count": "2",
      "x-amzn-bedrock-output-token-count": "1",
    });
    const response = await invoke("/v1/completions", { model, prompt: "The tide" }, { ...KEYS, ...GUARDED });
    expect(await objectOf(response)).toMatchObject({
      model,
      choices: [{ text: " rises", finish_reason: "stop" }],
      usage: { total_tokens: 3 },
    });
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe(`/model/${encodeURIComponent(model)}/invoke`);
    expect(arrived.json).toEqual(asked);
    expect(arrived.headers).toMatchObject(GUARDED);
  });

  test("complete for a name that tells nothing, as its model is", async () => {
    answers({ results: [{ outputText: " rises", completionReason: "LENGTH" }] });
    const named = { ...KEYS, "x-portkey-foundation-model": "amazon.titan-text-lite-v1" };
    const model = "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/tides";
    const response = await invoke("/v1/completions", { model, prompt: "The tide" }, named);
    expect(await objectOf(response)).toMatchObject({ choices: [{ finish_reason: "length" }] });
    expect((await pair.upstream.next()).json).toEqual({ inputText: "The tide" });
  });

  test.each(["amazon.nova-lite-v1:0", "cohere.command-r-v1:0", MODEL])(
    "do not complete where %s takes no bare prompt",
    async (model) => {
      const response = await invoke("/v1/completions", { model, prompt: "a" });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain("complete is not supported by bedrock");
      expect(pair.upstream.requests).toHaveLength(0);
    },
  );

  test("complete in one chunk where the model is never streamed", async () => {
    answers({ completions: [{ data: { text: " rises" }, finishReason: { reason: "endoftext" } }] });
    const client = pair.openai("openai", headers("bedrock"));
    const model = "ai21.j2-ultra-v1";
    const stream = await client.completions.create({ model, prompt: "The tide", stream: true });
    const chunks = await collect(stream);
    expect(chunks.map(({ choices }) => [choices[0]?.text, choices[0]?.finish_reason])).toEqual([
      [" rises", "stop"],
    ]);
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/model/ai21.j2-ultra-v1/invoke");
    expect(arrived.json).toEqual({ prompt: "The tide" });
  });

  test("refuse what they cannot do before they are asked", async () => {
    const response = await invoke("/v1/embeddings", {
      model: "amazon.titan-embed-text-v2:0",
      input: ["a", "b"],
    });
    expect(response.status).toBe(400);
    expect(await objectOf(response)).toMatchObject({ error: { param: "input" } });
    expect(pair.upstream.requests).toHaveLength(0);
  });
});

describe("a config", () => {
  test("may name Bedrock alone: the gateway's machine may have a role", async () => {
    const config = { provider: "bedrock", custom_host: pair.upstream.url };
    const response = await pair.route(config, ask());
    expect(await objectOf(response)).toMatchObject({ error: { param: "aws_access_key_id" } });
  });

  test("holds keys and region", async () => {
    answers(CONVERSED);
    const config = {
      provider: "bedrock",
      custom_host: pair.upstream.url,
      aws_access_key_id: "AKIACONFIG",
      aws_secret_access_key: "s",
      aws_region: "us-west-2",
    };
    expect((await pair.route(config, ask())).status).toBe(200);
    expect((await pair.upstream.next()).headers["authorization"]).toContain("AKIACONFIG");
  });
});

describe("sagemaker", () => {
  test("is passed its endpoints' own bodies, signed", async () => {
    const sent = headers("sagemaker", { ...KEYS, "x-portkey-amzn-sagemaker-target-variant": "blue" });
    const response = await pair.post("/v1/endpoints/tides/invocations", '{"inputs": 1.0}', sent);
    expect(await objectOf(response)).toMatchObject({
      method: "POST",
      path: "/endpoints/tides/invocations",
      body: '{"inputs": 1.0}',
      headers: { "x-amzn-sagemaker-target-variant": "blue" },
    });
    expect((await pair.upstream.next()).headers["authorization"]).toMatch(
      /\/eu-west-1\/sagemaker\/aws4_request, SignedHeaders=[^,]*;x-amzn-sagemaker-target-variant, /,
    );
  });

  test("offers no chat", async () => {
    const response = await pair.post("/v1/chat/completions", ask(), headers("sagemaker"));
    expect(response.status).toBe(400);
    expect((await response.text()).toLowerCase()).toContain("passed-through calls only");
  });
});
