/** The rest of Anthropic's Messages API, for every provider: token counts, models, batches, keys. */
import { describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { isObject, type JsonObject, type JsonValue } from "../../src/schema/json.ts";
import { startGateway } from "../support/gateway.ts";
import { ask, collect, failureOf, type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

const COUNT = "/v1/messages/count_tokens";
const HEADER = "x-turnpike-token-count";

const TOOL: JsonObject = {
  name: "get_weather",
  description: "The weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const counted = (model: string): JsonObject => ({
  model,
  system: "Be brief.",
  messages: [{ role: "user", content: "Hello big world" }],
  tools: [TOOL],
});

const enqueue = (value: JsonValue, status = 200): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    headers: { "content-type": "application/json" },
    chunks: [JSON.stringify(value)],
  });

const at = (provider: string, more: Headers = {}): Headers => ({
  "x-portkey-provider": provider,
  "x-portkey-custom-host": `${pair.upstream.url}/base`,
  authorization: `Bearer ${KEY}`,
  ...more,
});
const VERTEX: Headers = {
  authorization: "Bearer ya29.token",
  "x-portkey-vertex-project-id": "sea",
  "x-portkey-vertex-region": "europe-west4",
};
const AWS: Headers = {
  "x-portkey-aws-access-key-id": "AKIATEST",
  "x-portkey-aws-secret-access-key": "secret",
  "x-portkey-aws-region": "eu-west-1",
};
const PROJECT = "/base/v1/projects/sea/locations/europe-west4/publishers";

const answerOf = async (response: Response): Promise<JsonObject> => {
  const value: unknown = await response.json();
  if (isObject(value)) return value;
  throw new Error(`The answer is no object: ${JSON.stringify(value)}`);
};

describe("a count of tokens", () => {
  const CONTENTS = [{ role: "user", parts: [{ text: "Hello big world" }] }];
  const SYSTEM = { parts: [{ text: "Be brief." }] };
  const DECLARED = [
    {
      functionDeclarations: [
        {
          name: "get_weather",
          description: "The weather of a city",
          parametersJsonSchema: TOOL["input_schema"],
        },
      ],
    },
  ];

  // The bodies: InputTokenCountParams of openai 7.57; ai.google.dev/api/tokens; CountTokensRequest of Vertex's v1.
  test.each<[string, string, Headers, JsonObject, string, JsonObject]>([
    [
      "openai",
      "gpt-5",
      {},
      { object: "response.input_tokens", input_tokens: 7 },
      "/base/responses/input_tokens",
      {
        model: "gpt-5",
        instructions: "Be brief.",
        input: [
          { type: "message", role: "user", content: [{ type: "input_text", text: "Hello big world" }] },
        ],
        tools: [
          {
            type: "function",
            name: "get_weather",
            description: "The weather of a city",
            parameters: TOOL["input_schema"],
            strict: false,
          },
        ],
      },
    ],
    [
      "google",
      "gemini-2.5-flash",
      {},
      { totalTokens: 7, promptTokensDetails: [{ modality: "TEXT", tokenCount: 7 }] },
      "/base/v1beta/models/gemini-2.5-flash:countTokens",
      {
        generateContentRequest: {
          model: "models/gemini-2.5-flash",
          contents: CONTENTS,
          systemInstruction: SYSTEM,
          tools: DECLARED,
        },
      },
    ],
    [
      "vertex-ai",
      "gemini-2.5-flash",
      VERTEX,
      { totalTokens: 7, totalBillableCharacters: 20 },
      `${PROJECT}/google/models/gemini-2.5-flash:countTokens`,
      { contents: CONTENTS, systemInstruction: SYSTEM, tools: DECLARED },
    ],
  ] as const)("is %s's own, translated", async (provider, model, headers, reply, url, body) => {
    enqueue(reply);
    const response = await pair.post(COUNT, counted(model), at(provider, headers));
    expect(response.headers.get(HEADER)).toBe("native");
    expect(await answerOf(response)).toEqual({ input_tokens: 7 });
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(url);
    expect(sent.json).toEqual(body);
  });

  test("passes Anthropic's bytes both ways, with its headers", async () => {
    enqueue({ input_tokens: 9, of_tomorrow: 1 });
    const body = `{ "model":"claude-opus-5", "messages":[{"role":"user","content":"h\\u0069"}],"x": 1.0 }`;
    const headers = at("anthropic", { "anthropic-beta": "token-counting-2024-11-01" });
    const response = await pair.post(`${COUNT}?beta=true`, body, headers);
    expect(response.headers.get(HEADER)).toBe("native");
    expect(await response.text()).toBe('{"input_tokens":9,"of_tomorrow":1}');
    const sent = await pair.upstream.next();
    expect(sent.url).toBe("/base/messages/count_tokens?beta=true");
    expect(sent.body).toBe(body);
    expect(sent.headers["anthropic-version"]).toBe("2023-06-01");
    expect(sent.headers["anthropic-beta"]).toBe("token-counting-2024-11-01");
    expect(sent.headers["x-api-key"]).toBe(KEY);
  });

  test.each(["claude-opus-5[1m]", "claude-opus-5[1M][1m]"])(
    "is asked of the model that is meant by %s",
    async (model) => {
      enqueue({ input_tokens: 9 });
      await pair.post(COUNT, JSON.stringify(counted(model)), at("anthropic"));
      expect((await pair.upstream.next()).body).toBe(JSON.stringify(counted("claude-opus-5")));
    },
  );

  test.each(["vllm", "sglang", "llama.cpp"])(
    "passes the client's bytes to %s, which counts them",
    async (id) => {
      enqueue({ input_tokens: 9 });
      const body = JSON.stringify(counted("m"), null, 1);
      const response = await pair.post(COUNT, body, at(id));
      expect(response.headers.get(HEADER)).toBe("native");
      expect(await answerOf(response)).toEqual({ input_tokens: 9 });
      const sent = await pair.upstream.next();
      expect(sent.url).toBe("/base/v1/messages/count_tokens");
      expect(sent.body).toBe(body);
    },
  );

  test("is asked of Claude on Vertex at the place it has for all of its models", async () => {
    enqueue({ input_tokens: 9 });
    const response = await pair.post(COUNT, counted("anthropic.claude-opus-4-6"), at("vertex-ai", VERTEX));
    expect(response.headers.get(HEADER)).toBe("native");
    expect(await answerOf(response)).toEqual({ input_tokens: 9 });
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(`${PROJECT}/anthropic/models/count-tokens:rawPredict`);
    expect(sent.json).toEqual({ ...counted("claude-opus-4-6"), anthropic_version: "vertex-2023-10-16" });
  });

  test("is asked of Claude in Foundry below its own base", async () => {
    enqueue({ input_tokens: 9 });
    const headers = {
      "x-portkey-provider": "azure-ai",
      "x-portkey-azure-foundry-url": pair.upstream.url,
      authorization: `Bearer ${KEY}`,
    };
    const response = await pair.post(COUNT, counted("claude-opus-5"), headers);
    expect(response.headers.get(HEADER)).toBe("native");
    expect(await answerOf(response)).toEqual({ input_tokens: 9 });
    expect((await pair.upstream.next()).url).toBe("/anthropic/v1/messages/count_tokens");
  });

  test("is asked of Claude on Bedrock by the model's plain name, in Anthropic's own body", async () => {
    enqueue({ inputTokens: 9 });
    const model = "us.anthropic.claude-sonnet-4-20250514-v1:0";
    const body: JsonObject = { ...counted(model), thinking: { type: "enabled", budget_tokens: 2000 } };
    const { authorization: _, ...headers } = at("bedrock", { ...AWS, "anthropic-beta": "a, b" });
    const response = await pair.post(COUNT, body, headers);
    expect(response.headers.get(HEADER)).toBe("native");
    expect(await answerOf(response)).toEqual({ input_tokens: 9 });
    const sent = await pair.upstream.next();
    expect(sent.url).toBe("/base/model/anthropic.claude-sonnet-4-20250514-v1%3A0/count-tokens");
    expect(sent.headers["authorization"]).toStartWith("AWS4-HMAC-SHA256 Credential=AKIATEST/");
    const { model: __, ...rest } = body;
    const invoked = JSON.stringify({
      anthropic_version: "bedrock-2023-05-31",
      max_tokens: 2001,
      ...rest,
      anthropic_beta: ["a", "b"],
    });
    expect(sent.json).toEqual({
      input: { invokeModel: { body: Buffer.from(invoked).toString("base64") } },
    });
  });

  test.each([
    ["groq", "llama-3.3-70b", {}],
    ["cohere", "command-a-03-2025", {}],
    ["bedrock", "us.amazon.nova-pro-v1:0", AWS],
    ["vertex-ai", "mistral-medium-3", VERTEX],
  ] as const)("is estimated for %s, which is not called for it", async (provider, model, headers) => {
    const response = await pair.post(COUNT, counted(model), at(provider, headers));
    expect(response.headers.get(HEADER)).toBe("estimate");
    expect(response.headers.get("x-portkey-provider")).toBe(provider);
    const { input_tokens: tokens, ...rest } = await answerOf(response);
    expect(rest).toEqual({});
    expect(tokens).toBeGreaterThan(25);
    expect(tokens).toBeLessThan(70);
    expect(pair.upstream.requests).toBeEmpty();
    const record = await pair.gateway.nextRecord(({ endpoint }) => endpoint === "count_tokens");
    expect(record).toMatchObject({ status: 200, outcome: "answered", usage: null });
  });

  test.each([
    [404, { error: { message: "Not Found" } }, "openai", "echo"],
    [405, { detail: "Method Not Allowed" }, "anthropic", "echo"],
    [501, { error: { message: "The model does not support Messages API" } }, "vllm", "echo"],
    [
      400,
      { message: "The provided model doesn't support counting tokens." },
      "bedrock",
      "anthropic.claude-opus-5-5",
    ],
  ] as const)("is estimated where the upstream has no counter: %p", async (status, body, provider, model) => {
    enqueue(body, status);
    const headers = provider === "bedrock" ? AWS : {};
    const response = await pair.post(COUNT, counted(model), at(provider, headers));
    expect(response.status).toBe(200);
    expect(response.headers.get(HEADER)).toBe("estimate");
    expect(response.headers.get("x-turnpike-not-carried")).toBe(
      `count_tokens (${provider} does not count: ${status})`,
    );
    expect(await answerOf(response)).toHaveProperty("input_tokens");
  });

  test("is refused where the upstream knows no such model", async () => {
    enqueue({ type: "error", error: { type: "not_found_error", message: "model: claude-9" } }, 404);
    const response = await pair.post(COUNT, counted("claude-9"), at("anthropic"));
    expect(response.status).toBe(404);
    expect(response.headers.get(HEADER)).toBeNull();
    expect(await answerOf(response)).toMatchObject({ error: { message: "model: claude-9" } });
  });

  test("counts what it is asked about: text, tools, results and images", async () => {
    const count = async (more: JsonObject): Promise<number> => {
      const response = await pair.post(COUNT, { ...ask("m"), ...more }, at("groq"));
      return Number((await answerOf(response))["input_tokens"]);
    };
    const png = Buffer.alloc(33);
    png.writeUInt32BE(0x89504e47, 0);
    png.writeUInt32BE(750, 16);
    png.writeUInt32BE(400, 20);
    const source = { type: "base64", media_type: "image/png", data: png.toString("base64") };
    const plain = await count({});
    expect(await count({ tools: [TOOL] })).toBeGreaterThan(plain + 15);
    expect(await count({ system: "word ".repeat(500) })).toBeGreaterThan(plain + 450);
    const image = await count({ messages: [{ role: "user", content: [{ type: "image", source }] }] });
    expect(image).toBe(409); // 27 by 15 patches, and the message around them
  });

  test("that fails is told in Anthropic's words, whoever is asked", async () => {
    const limited = { error: { message: "Slow down", type: "requests", param: null, code: null } };
    enqueue(limited, 429);
    const refused = await pair.post(COUNT, counted("gpt-5"), at("openai"));
    expect(refused.status).toBe(429);
    expect(refused.headers.get(HEADER)).toBeNull();
    expect(await answerOf(refused)).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
    for (const provider of ["groq", "openai"]) {
      const broken = await pair.post(COUNT, { model: "m", messages: [{ role: "user" }] }, at(provider));
      expect(broken.status).toBe(400);
      expect(await answerOf(broken)).toMatchObject({
        type: "error",
        error: { type: "invalid_request_error", message: "messages.0.content: Field required" },
      });
    }
  });

  test("falls back like a chat", async () => {
    enqueue({ error: { message: "down" } }, 503);
    const config = {
      strategy: { mode: "fallback" },
      targets: [
        { provider: "openai", api_key: KEY, custom_host: `${pair.upstream.url}/base` },
        { provider: "groq", api_key: KEY },
      ],
    };
    const response = await pair.post(COUNT, counted("m"), { "x-portkey-config": JSON.stringify(config) });
    expect(response.headers.get(HEADER)).toBe("estimate");
    expect(response.headers.get("x-portkey-last-used-option-index")).toBe("config.targets[1]");
  });

  test("is read by Anthropic's client", async () => {
    const client = pair.anthropic("openai");
    enqueue({ object: "response.input_tokens", input_tokens: 12 });
    const { max_tokens: _, ...request } = ask("gpt-5");
    expect(await client.messages.countTokens(request)).toEqual({ input_tokens: 12 });
    enqueue({ object: "response.input_tokens", input_tokens: 13 });
    expect(await client.beta.messages.countTokens(request)).toMatchObject({ input_tokens: 13 });
  });
});

describe("models", () => {
  const OPENAI_LIST = {
    object: "list",
    data: [
      { id: "gpt-5", object: "model", created: 1_754_000_000, owned_by: "openai" },
      { id: "gpt-5-mini", object: "model", created: 1_754_000_001, owned_by: "openai" },
      { id: "o3", object: "model", created: 1_744_000_000, owned_by: "openai" },
    ],
  };

  test("of an OpenAI-shaped provider are read by Anthropic's client, page by page", async () => {
    enqueue(OPENAI_LIST);
    enqueue(OPENAI_LIST);
    const models = await collect(pair.anthropic("openai").models.list({ limit: 2 }));
    expect(models.map(({ id }) => id)).toEqual(["gpt-5", "gpt-5-mini", "o3"]);
    expect(models[0]).toMatchObject({
      type: "model",
      display_name: "gpt-5",
      created_at: "2025-07-31T22:13:20Z",
      lifecycle: "active",
      max_input_tokens: null,
    });
    expect(pair.upstream.requests.map(({ url }) => url)).toEqual(["/v1/models", "/v1/models"]);
  });

  test("are pages forwards and backwards", async () => {
    const page = async (query: string): Promise<JsonObject> => {
      enqueue(OPENAI_LIST);
      const headers = { ...at("openai"), "anthropic-version": "2023-06-01" };
      return answerOf(await fetch(`${pair.gateway.url}/v1/models?${query}`, { headers }));
    };
    expect(await page("limit=1&before_id=o3")).toMatchObject({
      data: [{ id: "gpt-5-mini" }],
      has_more: true,
      first_id: "gpt-5-mini",
      last_id: "gpt-5-mini",
    });
    expect(await page("after_id=gpt-5")).toMatchObject({ has_more: false, last_id: "o3" });
    expect(await page("limit=0")).toMatchObject({
      type: "error",
      error: { message: "limit: Input should be a whole number from 1 to 1000" },
    });
    expect(await page("after_id=nobody")).toMatchObject({
      error: { message: "after_id: There is no such model in the list" },
    });
  });

  test("of Anthropic are read by OpenAI's client, all of them", async () => {
    enqueue({
      data: [
        {
          type: "model",
          id: "claude-opus-5",
          display_name: "Claude Opus 5",
          created_at: "2026-04-01T00:00:00Z",
        },
      ],
      has_more: false,
      first_id: "claude-opus-5",
      last_id: "claude-opus-5",
    });
    const models = await pair.openai("anthropic").models.list();
    expect(models.data).toEqual([
      { id: "claude-opus-5", object: "model", created: 1_775_001_600, owned_by: "anthropic" },
    ]);
    expect((await pair.upstream.next()).url).toBe("/v1/models?limit=1000");
  });

  test("of Google and Cohere are read by both", async () => {
    const google = {
      models: [{ name: "models/gemini-3-pro", displayName: "Gemini 3 Pro", inputTokenLimit: 1_048_576 }],
      nextPageToken: "more",
    };
    const cohere = { models: [{ name: "command-a-03-2025", context_length: 256_000 }] };
    enqueue(google);
    const toAnthropic = await fetch(`${pair.gateway.url}/v1/models`, {
      headers: { ...at("google"), "anthropic-version": "2023-06-01" },
    });
    expect(toAnthropic.headers.get("x-turnpike-not-carried")).toBe(
      "models (google has more than it tells at once)",
    );
    expect(await answerOf(toAnthropic)).toMatchObject({
      data: [{ id: "gemini-3-pro", display_name: "Gemini 3 Pro", max_input_tokens: 1_048_576 }],
    });
    expect((await pair.upstream.next()).url).toBe("/base/v1beta/models?pageSize=1000");
    enqueue(cohere);
    const toOpenai = await fetch(`${pair.gateway.url}/v1/models`, { headers: at("cohere") });
    expect(await answerOf(toOpenai)).toMatchObject({
      object: "list",
      data: [{ id: "command-a-03-2025", object: "model", owned_by: "cohere" }],
    });
  });

  test("by name are translated too, and a refusal is told in the client's words", async () => {
    enqueue(OPENAI_LIST.data[0] ?? {});
    expect(await pair.anthropic("openai").models.retrieve("gpt-5")).toMatchObject({
      type: "model",
      id: "gpt-5",
    });
    expect((await pair.upstream.next()).url).toBe("/v1/models/gpt-5");
    enqueue({ error: { message: "No such model", type: "invalid_request_error", code: null } }, 404);
    const failure = await failureOf(pair.anthropic("openai").models.retrieve("gpt-9"));
    expect(failure).toBeInstanceOf(Anthropic.NotFoundError);
    expect(failure).toMatchObject({ error: { type: "error", error: { type: "not_found_error" } } });
  });

  test("behind a vendor's own prefix are that vendor's", async () => {
    enqueue({ id: "llama", object: "model", created: 1, owned_by: "meta" });
    const { "x-portkey-provider": _, ...headers } = at("groq", { "anthropic-version": "2023-06-01" });
    const response = await fetch(`${pair.gateway.url}/openai/v1/models/llama`, { headers });
    expect(await answerOf(response)).toMatchObject({ type: "model", id: "llama" });
    expect((await pair.upstream.next()).url).toEndWith("/models/llama");
  });

  test("in the client's own shape pass as they came", async () => {
    const odd = { ...OPENAI_LIST, of_tomorrow: true };
    enqueue(odd);
    const response = await fetch(`${pair.gateway.url}/v1/models?x=1`, { headers: at("openai") });
    expect(await answerOf(response)).toEqual(odd);
    expect((await pair.upstream.next()).url).toBe("/base/models?x=1");
  });

  test("that are configured here are listed in both shapes, and found by name", async () => {
    const gateway = await startGateway({ env: { GROQ_API_KEY: "k" } });
    const anthropic = new Anthropic({ apiKey: "any", baseURL: gateway.url, maxRetries: 0 });
    const openai = new OpenAI({ apiKey: "any", baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const listed = await collect(anthropic.models.list({ limit: 7 }));
    expect(listed.map(({ id }) => id)).toEqual((await openai.models.list()).data.map(({ id }) => id));
    const [{ id } = { id: "" }] = listed;
    expect(id).toStartWith("groq/");
    expect((await anthropic.models.retrieve(id)).id).toBe(id);
    expect((await openai.models.retrieve(id)).id).toBe(id);
    const failure = await failureOf(anthropic.models.retrieve("nobody/nothing"));
    expect(failure).toBeInstanceOf(Anthropic.NotFoundError);
    expect(await failureOf(openai.models.retrieve("nobody/nothing"))).toBeInstanceOf(OpenAI.NotFoundError);
    await gateway.stop();
  });
});

describe("headers of the API that stand in a body", () => {
  // "anthropic_beta: Extra inputs are not permitted": bodies made for Bedrock, where they belong.
  const said = { anthropic_version: "2023-06-01", anthropic_beta: ["a-1", "b-2"] };

  test.each(["/v1/messages", COUNT])("become what they are, and leave it: %s", async (path) => {
    await pair.post(path, { ...ask("claude-opus-5"), ...said }, at("anthropic"));
    const sent = await pair.upstream.next();
    expect(sent.json).toEqual(ask("claude-opus-5"));
    expect(sent.headers).toMatchObject({ "anthropic-version": "2023-06-01", "anthropic-beta": "a-1,b-2" });
  });

  test("leave it on Vertex but for the version, which belongs there", async () => {
    const { anthropic_beta } = said;
    await pair.post("/v1/messages", { ...ask("claude-opus-5"), anthropic_beta }, at("vertex-ai", VERTEX));
    const sent = await pair.upstream.next();
    const { model: _, ...rest } = ask("claude-opus-5");
    expect(sent.json).toEqual({ ...rest, anthropic_version: "vertex-2023-10-16" });
    expect(sent.headers["anthropic-beta"]).toBe("a-1,b-2");
  });
});

describe("a thread that a vendor keeps", () => {
  const GOING_ON: JsonObject = { thread: { type: "continue", previous_message_id: "msg_1" } };

  test("goes on with that vendor, and is lost with another, so that its client says everything again", async () => {
    const asked = { ...ask("m"), ...GOING_ON };
    await pair.anthropic("anthropic").messages.create(asked);
    expect((await pair.upstream.next()).json).toMatchObject(GOING_ON);
    const failure = await failureOf(pair.anthropic("openai").messages.create(asked));
    expect(failure).toBeInstanceOf(Anthropic.Messages.ThreadNotFoundError);
    expect(failure).toMatchObject({ status: 404, errorCode: "thread_not_found" });
    expect(pair.upstream.requests).toHaveLength(1);
  });

  test("passes over a provider without it", async () => {
    const config = {
      strategy: { mode: "fallback" },
      targets: [pair.target("openai"), pair.target("anthropic")],
    };
    const response = await pair.post(
      "/v1/messages",
      { ...ask("m"), ...GOING_ON },
      { "x-portkey-config": JSON.stringify(config) },
    );
    expect(response.status).toBe(200);
    expect(response.headers.get("x-portkey-last-used-option-index")).toBe("config.targets[1]");
  });
});

describe("batches of messages", () => {
  const BATCH = {
    id: "msgbatch_1",
    type: "message_batch",
    processing_status: "in_progress",
    request_counts: { processing: 1, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
  };

  test("pass through to who has them, by Anthropic's client", async () => {
    const { batches } = pair.anthropic("anthropic").messages;
    enqueue(BATCH);
    const created = await batches.create({ requests: [{ custom_id: "a", params: ask("claude-opus-5") }] });
    expect(created.id).toBe("msgbatch_1");
    const sent = await pair.upstream.next();
    expect(sent.url).toBe("/v1/messages/batches");
    expect(sent.json).toMatchObject({ requests: [{ custom_id: "a" }] });
    expect(sent.headers["x-api-key"]).toBe(KEY);
    enqueue({ data: [BATCH], has_more: false, first_id: "msgbatch_1", last_id: "msgbatch_1" });
    expect((await collect(batches.list({ limit: 5 }))).map(({ id }) => id)).toEqual(["msgbatch_1"]);
    expect((await pair.upstream.next()).url).toBe("/v1/messages/batches?limit=5");
    enqueue({ ...BATCH, processing_status: "canceling" });
    expect((await batches.cancel("msgbatch_1")).processing_status).toBe("canceling");
    expect((await pair.upstream.next()).url).toBe("/v1/messages/batches/msgbatch_1/cancel");
  });

  test("results stream line by line", async () => {
    const { batches } = pair.anthropic("anthropic").messages;
    // The client asks for results where the batch says they are; the vendor names its own host.
    const results_url = `${pair.gateway.url}/v1/messages/batches/msgbatch_1/results`;
    enqueue({ ...BATCH, processing_status: "ended", results_url });
    const line = (id: string) => `${JSON.stringify({ custom_id: id, result: { type: "expired" } })}\n`;
    pair.upstream.enqueue({
      kind: "raw",
      headers: { "content-type": "application/x-jsonl" },
      chunks: [line("a"), line("b")],
    });
    const results = await collect(await batches.results("msgbatch_1"));
    expect(results.map(({ custom_id: id }) => id)).toEqual(["a", "b"]);
    expect(pair.upstream.requests.map(({ url }) => url)).toEqual([
      "/v1/messages/batches/msgbatch_1",
      "/v1/messages/batches/msgbatch_1/results",
    ]);
  });

  test("of a provider without them are refused in Anthropic's words", async () => {
    const failure = await failureOf(pair.anthropic("openai").messages.batches.retrieve("msgbatch_1"));
    expect(failure).toBeInstanceOf(Anthropic.BadRequestError);
    expect(failure).toMatchObject({
      error: {
        type: "error",
        error: {
          type: "invalid_request_error",
          message:
            "/v1/messages/batches/msgbatch_1 is not supported by openai: it belongs to Anthropic's own API",
        },
      },
    });
    expect(pair.upstream.requests).toBeEmpty();
  });
});

describe("a key for messages", () => {
  const PROVIDERS: readonly (readonly [string, string, string, string])[] = [
    ["anthropic", "claude-opus-5", "x-api-key", KEY],
    ["openai", "gpt-5", "authorization", `Bearer ${KEY}`],
    ["google", "gemini-2.5-flash", "x-goog-api-key", KEY],
    ["cohere", "command-a", "authorization", `Bearer ${KEY}`],
    ["bedrock", "amazon.nova-pro-v1:0", "authorization", `Bearer ${KEY}`],
    ["groq", "llama-3.3-70b", "authorization", `Bearer ${KEY}`],
  ];

  test.each(PROVIDERS)("may come in either header: %s", async (provider, model, header, value) => {
    const { authorization: _, ...headers } = at(provider);
    for (const key of [{ "x-api-key": KEY }, { authorization: `Bearer ${KEY}` }]) {
      enqueue({ error: { message: "enough" }, message: "enough" }, 400);
      await pair.post("/v1/messages", ask(model), { ...headers, ...key });
      const sent = await pair.upstream.next();
      expect(sent.headers[header]).toBe(value);
      const others = ["x-api-key", "authorization", "x-goog-api-key"].filter((name) => name !== header);
      for (const other of others) expect(sent.headers).not.toHaveProperty(other);
    }
  });
});

describe("a search that the vendor makes", () => {
  const SEARCH: JsonObject = {
    type: "web_search_20260318",
    name: "web_search",
    max_uses: 2,
    user_location: { type: "approximate", city: "Paris", country: "FR" },
  };
  const searching = (model: string, ...tools: readonly JsonObject[]): JsonObject => ({
    ...ask(model),
    tools,
  });
  const GEMINI_REPLY = {
    candidates: [{ content: { role: "model", parts: [{ text: "Hi" }] }, finishReason: "STOP", index: 0 }],
    modelVersion: "gemini-2.5-flash",
    responseId: "r",
  };

  test("is asked of OpenAI's models that do nothing else", async () => {
    const headers = pair.headers("openai", { authorization: `Bearer ${KEY}` });
    const response = await pair.post("/v1/messages", searching("gpt-5-search-api", SEARCH), headers);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-turnpike-not-carried")).toStartWith("tools.0.max_uses, ");
    expect(response.headers.get("x-turnpike-not-carried")).not.toContain("web_search");
    const sent = await pair.upstream.next();
    expect(sent.json).toMatchObject({
      web_search_options: {
        user_location: { type: "approximate", approximate: { city: "Paris", country: "FR" } },
      },
    });
    expect(sent.json).not.toHaveProperty("tools");
  });

  test("is asked of Google where it stands alone, and noted beside functions", async () => {
    enqueue(GEMINI_REPLY);
    const alone = await pair.post("/v1/messages", searching("gemini-2.5-flash", SEARCH), at("google"));
    expect(alone.headers.get("x-turnpike-not-carried")).toBe("tools.0.max_uses, tools.0.user_location");
    expect((await pair.upstream.next()).json).toMatchObject({ tools: [{ googleSearch: {} }] });
    enqueue(GEMINI_REPLY);
    const beside = await pair.post("/v1/messages", searching("gemini-2.5-flash", TOOL, SEARCH), at("google"));
    expect(beside.headers.get("x-turnpike-not-carried")).toBe("tools.1 (web_search_20260318)");
    expect((await pair.upstream.next()).json).toMatchObject({
      tools: [{ functionDeclarations: [{ name: "get_weather" }] }],
    });
  });
});
