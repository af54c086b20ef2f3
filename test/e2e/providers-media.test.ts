/** Image makers, embeddings, data platforms, and the providers whose own API is passed through. */
import { describe, expect, test } from "bun:test";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import type { UpstreamRequest } from "../support/upstream.ts";
import { ask, KEY, startPair, type Headers } from "./setup.ts";

const pair = startPair();

interface Exchanged {
  readonly response: Response;
  readonly body: JsonObject;
  readonly arrived: UpstreamRequest;
}

/** A call with the key, as this provider, to a base below the upstream. */
const exchange = async (
  provider: string,
  base: string,
  path: string,
  body: JsonObject,
  more: Headers = {},
): Promise<Exchanged> => {
  const headers = {
    authorization: `Bearer ${KEY}`,
    "x-portkey-provider": provider,
    "x-portkey-custom-host": pair.upstream.url + base,
    ...more,
  };
  const response = await pair.post(path, body, headers);
  return { response, body: (await response.json()) as JsonObject, arrived: await pair.upstream.next() };
};

const answer = (body: JsonValue, status = 200): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    chunks: [JSON.stringify(body)],
    headers: { "content-type": "application/json" },
  });

const BEARER = { authorization: `Bearer ${KEY}` };
const IMAGES = "/v1/images/generations";

const CHAT = {
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello" } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

describe("chat", () => {
  test.each([
    ["cortex", "/api/v2", "/api/v2/cortex/v1/chat/completions", ask("llama")],
    [
      "databricks",
      "/serving-endpoints",
      "/serving-endpoints/llama/invocations",
      { ...ask("llama"), model: undefined },
    ],
    ["fireworks-ai", "/inference/v1", "/inference/v1/chat/completions", ask("llama")],
    ["latitude", "", "/v1/chat/completions", ask("llama")],
  ])("%s is asked below %p", async (provider, base, url, sent) => {
    answer(CHAT);
    const { arrived, body } = await exchange(provider, base, "/v1/chat/completions", ask("llama"));
    expect(arrived.url).toBe(url);
    expect(arrived.headers).toMatchObject(BEARER);
    expect(arrived.json).toEqual(JSON.parse(JSON.stringify(sent)));
    expect(body).toMatchObject({ choices: CHAT.choices });
  });

  test("cortex is told what kind of token it gets", async () => {
    answer(CHAT);
    const type = { "x-portkey-snowflake-token-type": "KEYPAIR_JWT" };
    const { arrived } = await exchange("cortex", "/api/v2", "/v1/chat/completions", ask("llama"), type);
    expect(arrived.headers["x-snowflake-authorization-token-type"]).toBe("KEYPAIR_JWT");
    expect(arrived.headers["accept"]).toBe("application/json, text/event-stream");
  });

  test("cortex answers Anthropic's clients about a Claude in their own dialect", async () => {
    const sent = { ...ask("claude-sonnet-4-5"), top_k: 5 };
    const { arrived, body } = await exchange("cortex", "", "/v1/messages", sent);
    expect(arrived.url).toBe("/cortex/v1/messages");
    expect(arrived.headers["anthropic-version"]).toBe("2023-06-01");
    expect(arrived.json).toEqual(sent);
    expect(body).toMatchObject({ method: "POST" }); // the bytes as they came
  });

  test.each([
    ["cortex", "snowflake_account"],
    ["databricks", "databricks_workspace"],
  ])("%s names %p when it is missing", async (provider, option) => {
    const headers = { ...BEARER, "x-portkey-provider": provider };
    const response = await pair.post("/v1/chat/completions", ask("m"), headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: option } });
  });

  test("databricks answers Anthropic's clients about its own Claude in their own dialect", async () => {
    const sent = { ...ask("databricks-claude-sonnet-4-5"), top_k: 5 };
    const { arrived } = await exchange("databricks", "/serving-endpoints", "/v1/messages", sent);
    expect(arrived.url).toBe("/serving-endpoints/anthropic/v1/messages");
    expect(arrived.headers).toMatchObject({ ...BEARER, "anthropic-version": "2023-06-01" });
    expect(arrived.json).toEqual(sent);
  });

  test("databricks is asked by others about it as about every model", async () => {
    answer(CHAT);
    const { arrived } = await exchange("databricks", "", "/v1/chat/completions", ask("databricks-claude-x"));
    expect(arrived.url).toBe("/databricks-claude-x/invocations");
  });

  test("fireworks gets every field", async () => {
    answer(CHAT);
    const sent = {
      ...ask("m"),
      tool_choice: "auto",
      seed: 1,
      parallel_tool_calls: false,
      reasoning_effort: "low",
    };
    const { arrived } = await exchange("fireworks-ai", "", "/v1/chat/completions", sent);
    expect(arrived.json).toEqual(sent);
  });
});

describe("images", () => {
  const one = (provider: string, said: JsonObject = {}) => ({
    created: expect.any(Number),
    data: [{ b64_json: "QQ==", ...said }],
    provider,
  });
  const MADE = { seed: 1, finishReason: "SUCCESS" };
  const ask1 = (model: string): JsonObject => ({ model, prompt: "a cat" });
  const PROMPTS = { text_prompts: [{ text: "a cat", weight: 1 }] };
  const accountModel = "accounts/me/models/sdxl";

  test.each([
    ["stable-diffusion-v1-6", "/v1/generation/stable-diffusion-v1-6/text-to-image"],
    ["stable-diffusion-xl-1024-v1-0", "/v1/generation/stable-diffusion-xl-1024-v1-0/text-to-image"],
  ])("stability's %s is of its first API", async (model, url) => {
    answer({ artifacts: [{ base64: "QQ==", finishReason: "SUCCESS" }] });
    const { arrived, body } = await exchange("stability-ai", "", IMAGES, ask1(model));
    expect(arrived.url).toBe(url);
    expect(arrived.headers).toMatchObject({ ...BEARER, accept: "application/json" });
    expect(arrived.json).toEqual(PROMPTS);
    expect(body).toEqual(one("stability-ai", { finishReason: "SUCCESS" }));
  });

  test.each([
    ["core", "/v2beta/stable-image/generate/core"],
    ["sd3.5-large", "/v2beta/stable-image/generate/sd3"],
  ])("stability's %s is of its second API", async (model, url) => {
    answer({ image: "QQ==", finish_reason: "SUCCESS", seed: 1 });
    const client = { "x-portkey-stability-client-id": "app" };
    const { arrived, body } = await exchange("stability-ai", "", IMAGES, ask1(model), client);
    expect(arrived.url).toBe(url);
    expect(arrived.headers).toMatchObject({
      ...BEARER,
      accept: "application/json",
      "stability-client-id": "app",
    });
    expect(arrived.headers["content-type"]).toStartWith("multipart/form-data; boundary=");
    expect(arrived.body).toContain("a cat");
    expect(arrived.body.includes("sd3.5-large")).toBe(model === "sd3.5-large");
    expect(body).toEqual(one("stability-ai"));
  });

  test("a withheld image is no success", async () => {
    answer({ image: "QQ==", finish_reason: "CONTENT_FILTERED", seed: 1 });
    const { response, body } = await exchange("stability-ai", "", IMAGES, ask1("core"));
    expect(response.status).toBe(400);
    expect(body["error"]).toMatchObject({ message: expect.stringContaining("content filter") });
  });

  test("stability's refusals keep their words", async () => {
    answer({ id: "x", name: "bad_request", errors: ["prompt: too long", "seed: too large"] }, 400);
    const { response, body } = await exchange("stability-ai", "", IMAGES, ask1("core"));
    expect(response.status).toBe(400);
    expect(body["error"]).toMatchObject({
      message: "stability-ai error: prompt: too long; seed: too large",
    });
  });

  test("segmind is asked at its model, with the key in its header", async () => {
    answer({ image: "QQ==" });
    const { arrived, body } = await exchange("segmind", "/v1", IMAGES, ask1("sdxl1.0-txt2img"));
    expect(arrived.url).toBe("/v1/sdxl1.0-txt2img");
    expect(arrived.headers["x-api-key"]).toBe(KEY);
    expect(arrived.headers).not.toHaveProperty("authorization");
    expect(arrived.json).toEqual({ prompt: "a cat", base64: true });
    expect(body).toEqual(one("segmind"));
  });

  test.each([
    ["sdxl", "/image_generation/accounts/fireworks/models/sdxl"],
    [accountModel, `/image_generation/${accountModel}`],
  ])("fireworks is asked at %p", async (model, url) => {
    answer([{ base64: "QQ==", finishReason: "SUCCESS", seed: 1 }]);
    const { arrived, body } = await exchange("fireworks-ai", "", IMAGES, ask1(model));
    expect(arrived.url).toBe(url);
    expect(arrived.headers).toMatchObject({ ...BEARER, accept: "application/json" });
    expect(arrived.json).toEqual(PROMPTS);
    expect(body).toEqual(one("fireworks-ai", MADE));
  });

  test.each([
    ["flux-1-schnell-fp8", "/workflows/accounts/fireworks/models/flux-1-schnell-fp8/text_to_image"],
    ["accounts/me/models/flux-1", "/workflows/accounts/me/models/flux-1/text_to_image"],
  ])("fireworks is asked for %p as a workflow", async (model, url) => {
    answer({ id: "1", base64: ["QQ=="], finishReason: "SUCCESS", seed: 1 });
    const { arrived, body } = await exchange("fireworks-ai", "", IMAGES, ask1(model));
    expect(arrived.url).toBe(url);
    expect(arrived.headers).toMatchObject({ accept: "application/json" });
    expect(arrived.json).toEqual({ prompt: "a cat" });
    expect(body).toEqual(one("fireworks-ai", MADE));
  });

  test("recraft gets and gives OpenAI's shape", async () => {
    answer({ created: 1, data: [{ url: "https://img.example/1" }] });
    const sent = { ...ask1("recraftv3"), n: 6, style: "digital_illustration", substyle: "hand_drawn" };
    const { arrived, body } = await exchange("recraft-ai", "/v1", IMAGES, sent);
    expect(arrived.url).toBe("/v1/images/generations");
    expect(arrived.headers).toMatchObject(BEARER);
    expect(arrived.json).toEqual(sent);
    expect(body).toEqual({ created: 1, data: [{ url: "https://img.example/1" }], provider: "recraft-ai" });
  });
});

describe("embeddings", () => {
  test("jina gets its own options too", async () => {
    const sent = { model: "jina-embeddings-v3", input: ["a"], task: "text-matching", late_chunking: true };
    const asked = { ...sent, encoding_format: "base64", user: "me" };
    answer({ object: "list", data: [], model: "jina-embeddings-v3", usage: { total_tokens: 1 } });
    const { arrived, response } = await exchange("jina", "/v1", "/v1/embeddings", asked);
    expect(arrived.url).toBe("/v1/embeddings");
    expect(arrived.headers).toMatchObject(BEARER);
    expect(arrived.json).toEqual({ ...sent, embedding_type: "base64" });
    expect(response.headers.get("x-turnpike-not-carried")).toBe("user");
  });

  test("voyage gets and gives OpenAI's shape", async () => {
    answer({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [1] }],
      model: "voyage-4",
      usage: { total_tokens: 2 },
    });
    const { arrived, body } = await exchange("voyage", "/v1", "/v1/embeddings", {
      model: "voyage-4",
      input: "a",
      dimensions: 256,
    });
    expect(arrived.url).toBe("/v1/embeddings");
    expect(arrived.headers).toMatchObject(BEARER);
    expect(arrived.json).toEqual({ model: "voyage-4", input: ["a"], output_dimension: 256 });
    expect(body).toMatchObject({ usage: { prompt_tokens: 2, total_tokens: 2 } });
  });

  test("nomic is read for OpenAI's clients, base64 included", async () => {
    answer({
      embeddings: [[0.5, 1]],
      usage: { prompt_tokens: 1, total_tokens: 1 },
      model: "nomic-embed-text-v1.5",
    });
    const headers = { "x-portkey-provider": "nomic", "x-portkey-custom-host": `${pair.upstream.url}/v1` };
    const reply = await pair
      .openai("openai", headers)
      .embeddings.create({ model: "nomic-embed-text-v1.5", input: "a" });
    expect(reply.data[0]?.embedding).toEqual([0.5, 1]);
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/v1/embedding/text");
    expect(arrived.json).toEqual({ model: "nomic-embed-text-v1.5", texts: ["a"] });
  });

  test("databricks is asked at its endpoint", async () => {
    const sent = { model: "bge", input: ["a"] };
    const { arrived } = await exchange("databricks", "/serving-endpoints", "/v1/embeddings", sent);
    expect(arrived.url).toBe("/serving-endpoints/bge/invocations");
    expect(arrived.json).toEqual({ input: ["a"] });
  });

  test("a list of faults is told in words", async () => {
    answer({ detail: [{ loc: ["body", "input"], msg: "field required", type: "missing" }] }, 422);
    const { response, body } = await exchange("nomic", "/v1", "/v1/embeddings", { model: "m", input: "a" });
    expect(response.status).toBe(422);
    expect(body["error"]).toMatchObject({ message: "nomic error: input: field required" });
  });
});

describe("passed through", () => {
  test.each([
    ["jina", "/v1", "/v1/proxy/rerank", "/v1/rerank", BEARER],
    ["meshy", "/openapi/v2", "/v1/proxy/text-to-3d", "/openapi/v2/text-to-3d", BEARER],
    ["milvus", "", "/v1/proxy/v2/vectordb/entities/search", "/v2/vectordb/entities/search", BEARER],
    ["pinecone", "", "/v1/proxy/rerank", "/rerank", { "api-key": KEY, "x-pinecone-api-version": "2025-04" }],
    [
      "qdrant",
      "",
      "/v1/proxy/collections/c/points/search",
      "/collections/c/points/search",
      { "api-key": KEY },
    ],
    ["replicate", "/v1", "/v1/proxy/predictions", "/v1/predictions", BEARER],
    ["replicate", "/v1", "/v1/proxy/v1/predictions", "/v1/predictions", BEARER],
    ["stability-ai", "", "/v1/proxy/v2beta/results/1", "/v2beta/results/1", BEARER],
    ["tripo3d", "/v2/openapi", "/v1/proxy/task", "/v2/openapi/task", BEARER],
    ["voyage", "/v1", "/v1/proxy/rerank", "/v1/rerank", BEARER],
  ])("%s, below %p, at %p", async (provider, base, path, url, auth) => {
    const sent = { big: 1, query: "a" };
    const { arrived, response } = await exchange(provider, base, path, sent);
    expect(response.status).toBe(200);
    expect(arrived.url).toBe(url);
    expect(arrived.headers).toMatchObject(auth);
    expect(arrived.headers["authorization"] ?? BEARER.authorization).toBe(BEARER.authorization);
    expect(arrived.json).toEqual(sent);
  });

  test.each(["milvus", "qdrant"])("%s needs to know its host, and no key", async (provider) => {
    const headers = { "x-portkey-provider": provider };
    const nowhere = await pair.post("/v1/proxy/collections", {}, headers);
    expect(nowhere.status).toBe(400);
    const at = { ...headers, "x-portkey-custom-host": pair.upstream.url };
    expect((await pair.post("/v1/proxy/collections", {}, at)).status).toBe(200);
    expect((await pair.upstream.next()).headers).not.toHaveProperty("authorization");
  });

  test.each(["meshy", "milvus", "pinecone", "qdrant", "replicate", "tripo3d"])(
    "%s offers no chat",
    async (provider) => {
      const headers = {
        ...BEARER,
        "x-portkey-provider": provider,
        "x-portkey-custom-host": pair.upstream.url,
      };
      const response = await pair.post("/v1/chat/completions", ask("m"), headers);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: "unsupported_endpoint" } });
    },
  );
});
