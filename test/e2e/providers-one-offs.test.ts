/** Providers with an API of their own, each called through the gateway. */
import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import type { JsonObject } from "../../src/schema/json.ts";
import type { UpstreamRequest } from "../support/upstream.ts";
import { ask, KEY, startPair } from "./setup.ts";

const pair = startPair();

interface Call {
  readonly provider: string;
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** The header that names the host, where it is not the usual one. */
  readonly host?: string;
  /** What the provider answers, and as what. */
  readonly reply?: JsonObject | string;
  readonly contentType?: string;
}

interface Exchanged {
  readonly sent: UpstreamRequest;
  readonly response: Response;
  readonly text: string;
}

const call = async ({
  provider,
  body,
  headers,
  path,
  host,
  reply,
  contentType,
}: Call): Promise<Exchanged> => {
  const text = typeof reply === "string" ? reply : JSON.stringify(reply ?? COMPLETION);
  const type = { "content-type": contentType ?? "application/json" };
  pair.upstream.enqueue({ kind: "raw", chunks: [text], headers: type });
  const response = await pair.post(path ?? "/v1/chat/completions", body, {
    authorization: `Bearer ${KEY}`,
    "x-portkey-provider": provider,
    [host ?? "x-portkey-custom-host"]: pair.upstream.url,
    ...headers,
  });
  return { response, text: await response.text(), sent: await pair.upstream.next() };
};

const json = ({ response, text }: Exchanged): JsonObject => {
  expect({ status: response.status, text }).toMatchObject({ status: 200 });
  return JSON.parse(text) as JsonObject; // the gateway's replies are objects
};

const COMPLETION: JsonObject = {
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};

const ANSWERED = { choices: [{ message: { content: "Hello" }, finish_reason: "stop" }] };

describe("a chat in OpenAI's shape reaches", () => {
  test.each([
    ["ai21", "jamba-large", "/chat/completions"],
    ["bytez", "Qwen/Qwen3-4B", "/models/v2/openai/v1/chat/completions"],
    ["huggingface", "openai/gpt-oss-120b:groq", "/v1/chat/completions"],
    ["reka-ai", "reka-flash", "/v1/chat/completions"],
    ["reka", "reka-flash", "/v1/chat/completions"],
    ["workers-ai", "@cf/meta/llama-3.1-8b-instruct", "/v1/chat/completions"],
  ])("%s", async (provider, model, path) => {
    const body = {
      model,
      max_completion_tokens: 9,
      messages: [{ role: "developer", content: "Be brief." }],
      tools: [{ type: "function", function: { name: "f" } }],
    };
    const exchanged = await call({ provider, body });
    expect(json(exchanged)).toMatchObject(ANSWERED);
    expect(exchanged.sent.url).toBe(path);
    expect(exchanged.sent.headers["authorization"]).toBe(`Bearer ${KEY}`);
    expect(exchanged.sent.json).toEqual({
      model,
      max_tokens: 9,
      messages: [{ role: "system", content: "Be brief." }],
      tools: body.tools,
    });
  });
});

test("bytez is told the key in its own way on its own paths", async () => {
  const path = "/v1/proxy/models/v2/openai-community/gpt2";
  const { sent } = await call({ provider: "bytez", path, body: { text: "Once" }, reply: { output: "upon" } });
  expect(sent.url).toBe("/models/v2/openai-community/gpt2");
  expect(sent.headers["authorization"]).toBe(`Key ${KEY}`);
});

test("huggingface is asked at a dedicated endpoint that the caller names", async () => {
  const exchanged = await call({
    provider: "huggingface",
    body: ask("tgi"),
    host: "x-portkey-huggingface-base-url",
  });
  expect(json(exchanged)).toMatchObject(ANSWERED);
  expect(exchanged.sent.url).toBe("/v1/chat/completions");
  expect(exchanged.sent.headers["authorization"]).toBe(`Bearer ${KEY}`);
});

describe("predibase", () => {
  test("is asked for a deployment by path and for an adapter by model", async () => {
    const exchanged = await call({
      provider: "predibase",
      body: ask("qwen3-8b:notes/1"),
      headers: { "x-portkey-predibase-tenant-id": "t-1" },
    });
    expect(json(exchanged)).toMatchObject(ANSWERED);
    expect(exchanged.sent.url).toBe("/t-1/deployments/v2/llms/qwen3-8b/v1/chat/completions");
    expect(exchanged.sent.json).toMatchObject({ model: "notes/1" });
  });

  test("takes the tenant from the user field, and no adapter", async () => {
    const exchanged = await call({ provider: "predibase", body: { ...ask("qwen3-8b"), user: "t-2" } });
    expect(json(exchanged)).toMatchObject(ANSWERED);
    expect(exchanged.sent.url).toBe("/t-2/deployments/v2/llms/qwen3-8b/v1/chat/completions");
    expect(exchanged.sent.json).toMatchObject({ model: "" });
  });
});

describe("cohere", () => {
  const reply = {
    id: "r1",
    finish_reason: "COMPLETE",
    message: { role: "assistant", content: [{ type: "text", text: "Hello" }] },
    usage: { tokens: { input_tokens: 3, output_tokens: 1 } },
  };

  test("answers a chat", async () => {
    const exchanged = await call({ provider: "cohere", body: ask("command-a-03-2025"), reply });
    expect(json(exchanged)).toMatchObject({ ...ANSWERED, usage: { total_tokens: 4 }, provider: "cohere" });
    expect(exchanged.sent.url).toBe("/v2/chat");
    expect(exchanged.sent.headers["authorization"]).toBe(`Bearer ${KEY}`);
    expect(exchanged.sent.json).toEqual({
      model: "command-a-03-2025",
      messages: [{ role: "user", content: "Hello big world" }],
      max_tokens: 4096,
    });
  });

  test("answers a client of Anthropic's", async () => {
    const exchanged = await call({
      provider: "cohere",
      path: "/v1/messages",
      body: ask("command-a-03-2025"),
      reply,
    });
    expect(json(exchanged)).toMatchObject({ content: [{ text: "Hello" }], stop_reason: "end_turn" });
  });

  test("streams", async () => {
    const events = [
      { type: "message-start", id: "r1", delta: { message: { role: "assistant" } } },
      { type: "content-start", index: 0, delta: { message: { content: { type: "text", text: "" } } } },
      { type: "content-delta", index: 0, delta: { message: { content: { text: "Hello" } } } },
      { type: "content-end", index: 0 },
      { type: "message-end", delta: { finish_reason: "COMPLETE" } },
    ];
    const exchanged = await call({
      provider: "cohere",
      body: { ...ask("command-a-03-2025"), stream: true },
      reply: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""),
      contentType: "text/event-stream",
    });
    expect(exchanged.response.headers.get("content-type")).toStartWith("text/event-stream");
    expect(exchanged.text).toContain('"content":"Hello"');
    expect(exchanged.text).toEndWith("data: [DONE]\n\n");
  });

  test("is refused when its stream only says an error", async () => {
    const { response, text } = await call({
      provider: "cohere",
      body: { ...ask("command-a-03-2025"), stream: true },
      reply: 'data: {"message":"no capacity"}\n\n',
      contentType: "text/event-stream",
    });
    expect({ status: response.status, text }).toMatchObject({
      status: 500,
      text: expect.stringContaining("cohere error: no capacity"),
    });
  });

  test("embeds", async () => {
    const exchanged = await call({
      provider: "cohere",
      path: "/v1/embeddings",
      body: { model: "embed-v4.0", input: "a buoy", encoding_format: "float", dimensions: 256 },
      reply: { id: "e1", embeddings: { float: [[0.5, 1]] }, meta: { billed_units: { input_tokens: 3 } } },
    });
    expect(json(exchanged)).toEqual({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5, 1] }],
      model: "embed-v4.0",
      usage: { prompt_tokens: 3, total_tokens: 3 },
      provider: "cohere",
    });
    expect(exchanged.sent.url).toBe("/v2/embed");
    expect(exchanged.sent.json).toEqual({
      model: "embed-v4.0",
      texts: ["a buoy"],
      input_type: "search_document",
      embedding_types: ["float"],
      output_dimension: 256,
    });
  });
});

describe("oracle", () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const identity = {
    "x-portkey-oracle-compartment-id": "ocid1.compartment.oc1..c",
    "x-portkey-oracle-tenancy": "ocid1.tenancy.oc1..t",
    "x-portkey-oracle-user": "ocid1.user.oc1..u",
    "x-portkey-oracle-fingerprint": "20:3b",
    "x-portkey-oracle-private-key": privateKey.export({ type: "pkcs8", format: "pem" }).replaceAll("\n", ""),
  };
  const reply = {
    modelId: "meta.llama-3.3-70b-instruct",
    chatResponse: {
      apiFormat: "GENERIC",
      choices: [
        {
          index: 0,
          message: { role: "ASSISTANT", content: [{ type: "TEXT", text: "Hello" }] },
          finishReason: "stop",
        },
      ],
    },
  };

  test("is signed for with the caller's key", async () => {
    const exchanged = await call({
      provider: "oracle",
      body: ask("meta.llama-3.3-70b-instruct"),
      headers: identity,
      reply,
    });
    expect(json(exchanged)).toMatchObject({ ...ANSWERED, model: "meta.llama-3.3-70b-instruct" });
    const { sent } = exchanged;
    expect(sent.url).toBe("/20231130/actions/chat");
    expect(sent.headers["authorization"]).toStartWith(
      'Signature version="1",keyId="ocid1.tenancy.oc1..t/ocid1.user.oc1..u/20:3b",algorithm="rsa-sha256"',
    );
    expect(sent.headers["content-length"]).toBe(String(Buffer.byteLength(sent.body)));
    expect(sent.json).toMatchObject({ compartmentId: "ocid1.compartment.oc1..c" });
    expect(JSON.stringify(sent.headers)).not.toContain(
      identity["x-portkey-oracle-private-key"].slice(30, 60),
    );
  });

  test("embeds", async () => {
    const { sent, ...exchanged } = await call({
      provider: "oracle",
      path: "/v1/embeddings",
      body: { model: "cohere.embed-v4.0", input: ["a"], encoding_format: "base64" },
      headers: identity,
      reply: { id: "e", embeddings: [[0.5, -1]], modelId: "cohere.embed-v4.0", usage: { promptTokens: 3 } },
    });
    expect(json({ sent, ...exchanged })).toMatchObject({
      data: [{ embedding: "AAAAPwAAgL8=" }],
      usage: { prompt_tokens: 3 },
    });
    expect(sent.url).toBe("/20231130/actions/embedText");
    expect(sent.json).toMatchObject({ compartmentId: "ocid1.compartment.oc1..c", inputs: ["a"] });
  });

  test("ranks", async () => {
    const { sent, ...exchanged } = await call({
      provider: "oracle",
      path: "/v1/rerank",
      body: { model: "cohere.rerank.3-5", query: "q", documents: ["a", "b"] },
      headers: identity,
      reply: { id: "r", documentRanks: [{ index: 1, relevanceScore: 0.9 }] },
    });
    expect(json({ sent, ...exchanged })).toMatchObject({ results: [{ index: 1, relevance_score: 0.9 }] });
    expect(sent.url).toBe("/20231130/actions/rerankText");
    expect(sent.json).toMatchObject({ input: "q", documents: ["a", "b"] });
  });
});

test("oracle is signed for with a config's key", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const choice = { index: 0, message: { role: "ASSISTANT", content: [] }, finishReason: "stop" };
  pair.upstream.enqueue({ kind: "raw", chunks: [JSON.stringify({ chatResponse: { choices: [choice] } })] });
  const response = await pair.route({
    provider: "oracle",
    custom_host: pair.upstream.url,
    oracle_compartment_id: "ocid1.compartment.oc1..c",
    oracle_tenancy: "ocid1.tenancy.oc1..t",
    oracle_user: "ocid1.user.oc1..u",
    oracle_fingerprint: "20:3b",
    oracle_private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    oracle_serving_mode: "DEDICATED",
    oracle_api_version: "20990101",
  });
  expect({ status: response.status, text: await response.text() }).toMatchObject({ status: 200 });
  const sent = await pair.upstream.next();
  expect(sent.url).toBe("/20990101/actions/chat");
  expect(sent.json).toMatchObject({ servingMode: { servingType: "DEDICATED", endpointId: "echo" } });
});

describe("workers-ai", () => {
  test("completes a text", async () => {
    const exchanged = await call({
      provider: "workers-ai",
      path: "/v1/completions",
      body: { model: "@cf/meta/llama-3.1-8b-instruct", prompt: "Say hello", max_tokens: 5 },
      reply: { success: true, result: { response: "Hello", usage: { total_tokens: 4 } } },
    });
    expect(json(exchanged)).toMatchObject({
      object: "text_completion",
      choices: [{ text: "Hello", finish_reason: "stop" }],
      usage: { total_tokens: 4 },
    });
    expect(exchanged.sent.url).toBe("/run/@cf/meta/llama-3.1-8b-instruct");
    expect(exchanged.sent.json).toEqual({ prompt: "Say hello", max_tokens: 5 });
  });

  test("completes a text in one chunk where it answers a stream's request as a whole", async () => {
    const exchanged = await call({
      provider: "workers-ai",
      path: "/v1/completions",
      body: { model: "m", prompt: "a", stream: true, stream_options: { include_usage: true } },
      reply: { result: { response: "Hello", usage: { prompt_tokens: 3, completion_tokens: 1 } } },
    });
    expect(exchanged.response.headers.get("content-type")).toBe("text/event-stream");
    expect(exchanged.response.headers.has("x-turnpike-not-carried")).toBe(false);
    expect(exchanged.sent.json).toEqual({ prompt: "a", stream: true });
    const frames = exchanged.text.split("\n\n").map((frame) => frame.replace(/^data: /, ""));
    expect(frames.slice(2)).toEqual(["[DONE]", ""]);
    expect(JSON.parse(frames[0] ?? "")).toMatchObject({
      object: "text_completion",
      choices: [{ index: 0, text: "Hello", finish_reason: "stop" }],
    });
    expect(JSON.parse(frames[0] ?? "")).not.toHaveProperty("usage");
    expect(JSON.parse(frames[1] ?? "")).toMatchObject({ choices: [], usage: { completion_tokens: 1 } });
  });

  test("passes a call of its own API through", async () => {
    const exchanged = await call({
      provider: "workers-ai",
      path: "/v1/@cf/baai/bge-reranker-base",
      body: { query: "buoys" },
      reply: { result: {} },
    });
    expect(json(exchanged)).toEqual({ result: {} });
    expect(exchanged.sent.url).toBe("/run/@cf/baai/bge-reranker-base");
  });

  test("draws, and the picture itself becomes base64", async () => {
    const exchanged = await call({
      provider: "workers-ai",
      path: "/v1/images/generations",
      body: {
        model: "@cf/bytedance/stable-diffusion-xl-lightning",
        prompt: "a buoy",
        size: "512x256",
        steps: 4,
      },
      reply: "PNG",
      contentType: "image/png",
    });
    expect(json(exchanged)).toMatchObject({ data: [{ b64_json: "UE5H" }] });
    expect(exchanged.sent.json).toEqual({ prompt: "a buoy", width: 512, height: 256, num_steps: 4 });
  });
});

test("triton completes a text, with or without a key", async () => {
  const exchanged = await call({
    provider: "triton",
    path: "/v1/completions",
    body: { model: "ensemble", prompt: "Say hello", stop: "END", bad_words: ["no"] },
    reply: { model_name: "ensemble_2", text_output: "Hello" },
    headers: { "x-portkey-custom-host": `${pair.upstream.url}/v2/models/ensemble` },
  });
  expect(json(exchanged)).toMatchObject({ choices: [{ text: "Hello" }], model: "ensemble_2" });
  expect(exchanged.sent.url).toBe("/v2/models/ensemble/generate");
  expect(exchanged.sent.json).toEqual({
    text_input: "Say hello",
    max_tokens: 100,
    stop_words: ["END"],
    bad_words: ["no"],
  });
});

const refused = async (provider: string, path: string, body: JsonObject): Promise<JsonObject> => {
  const response = await pair.post(path, body, {
    authorization: `Bearer ${KEY}`,
    "x-portkey-provider": provider,
    "x-portkey-custom-host": pair.upstream.url,
  });
  expect(response.status).toBe(400);
  return (await response.json()) as JsonObject; // the gateway's errors are objects
};

describe("a clear error answers", () => {
  test.each([
    [
      "a chat with palm, whose API is retired",
      "palm",
      "/v1/chat/completions",
      ask("m"),
      "unsupported_endpoint",
    ],
    [
      "a chat with triton, which completes only",
      "triton",
      "/v1/chat/completions",
      ask("m"),
      "unsupported_endpoint",
    ],
    ["a predibase call without a tenant", "predibase", "/v1/chat/completions", ask("m"), "missing_input"],
    [
      "a predibase tenant that is a path",
      "predibase",
      "/v1/chat/completions",
      { ...ask("m"), user: "a/b" },
      "invalid_request",
    ],
    ["an oracle call without a compartment", "oracle", "/v1/chat/completions", ask("m"), "missing_input"],
  ])("%s", async (_, provider, path, body, code) => {
    expect(await refused(provider, path, body)).toMatchObject({ error: { code } });
  });
});
