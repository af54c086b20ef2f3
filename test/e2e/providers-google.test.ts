/** Google's rows through the gateway: where a call arrives, how it is signed, and what comes back. */
import { describe, expect, test } from "bun:test";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { ask, startPair } from "./setup.ts";

const pair = startPair();

const STUDIO_KEY = "AIzaSyTestKey";
const TOKEN = "ya29.test-token";
const PLACE = { "x-portkey-vertex-project-id": "sea", "x-portkey-vertex-region": "europe-west4" };
const PROJECT = "/base/v1/projects/sea/locations/europe-west4";

const headers = (
  provider: string,
  key: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  "x-portkey-provider": provider,
  "x-portkey-custom-host": `${pair.upstream.url}/base`,
  authorization: `Bearer ${key}`,
  ...more,
});
const studio = (more: Record<string, string> = {}) => headers("google", STUDIO_KEY, more);
const vertex = (more: Record<string, string> = {}) => headers("vertex-ai", TOKEN, { ...PLACE, ...more });

const enqueue = (value: JsonValue, status = 200): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    headers: { "content-type": "application/json" },
    chunks: [JSON.stringify(value)],
  });

const enqueueStream = (...values: readonly JsonValue[]): void =>
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

const CHAT = "/v1/chat/completions";

describe("google", () => {
  test("answers a chat, with the key in a header", async () => {
    enqueue(said("Hi", "STOP"));
    const response = await pair.post(CHAT, ask("gemini-2.5-flash"), studio());
    expect(await response.json()).toMatchObject({
      id: "r1",
      model: "gemini-2.5-flash",
      provider: "google",
      choices: [{ message: { content: "Hi" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 5, completion_tokens: 2 },
    });
    const sent = await pair.upstream.next();
    expect(sent.url).toBe("/base/v1beta/models/gemini-2.5-flash:generateContent");
    expect(sent.headers["x-goog-api-key"]).toBe(STUDIO_KEY);
    expect(sent.headers).not.toHaveProperty("authorization");
    expect(sent.json).toEqual({
      contents: [{ role: "user", parts: [{ text: "Hello big world" }] }],
      generationConfig: { maxOutputTokens: 4096 },
    });
  });

  test.each([
    ["/v1/chat/completions", { ...ask("gemini-2.5-flash"), stream: true }, '"content":"Hello"'],
    [
      "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
      { contents: [{ parts: [{ text: "Hi" }] }] },
      '"text":"Hello"',
    ],
  ])("reads a stream that comes as a list of its chunks: %s", async (path, body, part) => {
    pair.upstream.enqueue({
      kind: "raw",
      headers: { "content-type": "application/json" },
      chunks: [JSON.stringify([said("Hel"), said("lo", "STOP")])],
    });
    const response = await pair.post(path, body, studio());
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain(part);
    expect((await pair.gateway.nextRecord(({ event }) => event === "call"))["finish"]).toBe("STOP");
  });

  test("a list that holds an error is a refusal", async () => {
    enqueue([{ error: { code: 503, message: "Overloaded", status: "UNAVAILABLE" } }]);
    const response = await pair.post(CHAT, { ...ask("gemini-2.5-flash"), stream: true }, studio());
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { message: "google error: Overloaded" } });
  });

  describe("calls of an answer that says no id", () => {
    const calls: JsonObject = {
      candidates: [
        {
          content: { role: "model", parts: [{ functionCall: { name: "now", args: {} } }] },
          finishReason: "STOP",
          index: 0,
        },
      ],
    };
    const idsOf = (text: string): readonly string[] =>
      [...text.matchAll(/"id":"(call_[^"]+)"/g)].map(([, id]) => id ?? "");

    test.each([false, true])("are unlike those of any other, streaming %p", async (stream) => {
      const ids: string[] = [];
      for (let turn = 0; turn < 2; turn++) {
        if (stream) enqueueStream(calls);
        else enqueue(calls);
        const response = await pair.post(CHAT, { ...ask("gemini-2.5-flash"), stream }, studio());
        ids.push(...idsOf(await response.text()));
      }
      expect(new Set(ids).size).toBe(2);
      for (const id of ids) expect(id).toMatch(/^call_[\w-]{24}_0_0$/);
    });
  });

  describe("asked not to be strict", () => {
    const loose = () => studio({ "x-portkey-strict-open-ai-compliance": "false" });
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } };
    const answer: JsonObject = {
      candidates: [
        {
          index: 0,
          finishReason: "STOP",
          content: {
            role: "model",
            parts: [
              { text: "A boat:" },
              { inlineData: { mimeType: "image/png", data: "aGk=" } },
              { executableCode: { language: "PYTHON", code: "1" } },
            ],
          },
          groundingMetadata: { webSearchQueries: ["boats"] },
          safetyRatings: [{ category: "HARM_CATEGORY_HARASSMENT", probability: "LOW" }],
        },
      ],
      modelVersion: "gemini-2.5-flash",
    };
    const beside = {
      groundingMetadata: { webSearchQueries: ["boats"] },
      safetyRatings: [{ category: "HARM_CATEGORY_HARASSMENT", probability: "LOW" }],
    };

    test("shows images among the content, and metadata on the choice, and names the rest", async () => {
      enqueue(answer);
      const response = await pair.post(CHAT, ask("gemini-2.5-flash"), loose());
      expect(response.headers.get("x-turnpike-not-carried")).toBe("executableCode");
      expect(await response.json()).toMatchObject({
        choices: [
          {
            message: { content: "A boat:", content_blocks: [{ type: "text", text: "A boat:" }, image] },
            ...beside,
          },
        ],
      });
    });

    test("does so in a stream", async () => {
      enqueueStream(answer);
      const response = await pair.post(CHAT, { ...ask("gemini-2.5-flash"), stream: true }, loose());
      const text = await response.text();
      expect(text).toContain(JSON.stringify({ content_blocks: [{ index: 1, delta: image }] }).slice(1, -1));
      for (const [name, value] of Object.entries(beside))
        expect(text).toContain(`"finish_reason":null,"${name}":${JSON.stringify(value)}}`);
      expect(text).toContain(": x-turnpike-not-carried: executableCode");
    });
  });

  test("streams, by its alias and to the end", async () => {
    enqueueStream(said("He"), said("llo", "STOP"));
    const body = { ...ask("models/gemini-2.5-flash"), stream: true };
    const response = await pair.post(CHAT, body, { ...studio(), "x-portkey-provider": "gemini" });
    const text = await response.text();
    expect(response.headers.get("content-type")).toStartWith("text/event-stream");
    expect(text).toContain('"content":"He"');
    expect(text).toEndWith("data: [DONE]\n\n");
    const sent = await pair.upstream.next();
    expect(sent.url).toBe("/base/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
    expect(sent.json).not.toHaveProperty("stream");
  });

  test("answers Anthropic clients", async () => {
    enqueue(said("Hi", "MAX_TOKENS"));
    const response = await pair.post("/v1/messages", ask("gemini-2.5-flash"), studio());
    expect(await response.json()).toMatchObject({
      type: "message",
      content: [{ type: "text", text: "Hi" }],
      stop_reason: "max_tokens",
      usage: { input_tokens: 5, output_tokens: 2 },
    });
  });

  test("that cuts its stream short ends it with an error", async () => {
    enqueueStream(said("He"));
    const response = await pair.post(CHAT, { ...ask("gemini-2.5-flash"), stream: true }, studio());
    const text = await response.text();
    expect(text).toContain('"error"');
    expect(text).not.toContain("[DONE]");
  });

  test("that is overloaded at once is refused with its status", async () => {
    enqueueStream({ error: { code: 503, message: "Overloaded", status: "UNAVAILABLE" } });
    const response = await pair.post(CHAT, { ...ask("gemini-2.5-flash"), stream: true }, studio());
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { message: "google error: Overloaded" } });
  });

  test("tells its errors, in a list or not", async () => {
    const error = { error: { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT" } };
    for (const body of [error, [error]]) {
      enqueue(body, 400);
      const response = await pair.post(CHAT, ask("gemini-2.5-flash"), studio());
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error: {
          message: "google error: API key not valid.",
          type: "INVALID_ARGUMENT",
          param: null,
          code: "400",
        },
        provider: "google",
      });
    }
  });

  test("embeds, and draws", async () => {
    enqueue({ embeddings: [{ values: [1, 2] }] });
    const input = { model: "gemini-embedding-001", input: "a" };
    const embedded = await pair.post("/v1/embeddings", input, studio());
    expect(await embedded.json()).toMatchObject({
      data: [{ embedding: [1, 2] }],
      model: "gemini-embedding-001",
    });
    expect((await pair.upstream.next()).url).toBe(
      "/base/v1beta/models/gemini-embedding-001:batchEmbedContents",
    );

    enqueue({ predictions: [{ bytesBase64Encoded: "aGk=", mimeType: "image/png" }] });
    const wanted = { model: "imagen-4.0-generate-001", prompt: "A boat" };
    const drawn = await pair.post("/v1/images/generations", wanted, studio());
    expect(await drawn.json()).toMatchObject({ data: [{ b64_json: "aGk=" }] });
    expect((await pair.upstream.next()).url).toBe("/base/v1beta/models/imagen-4.0-generate-001:predict");
  });

  test("asks a Gemini that draws nothing for an image as it would Imagen", async () => {
    enqueue({ predictions: [{ bytesBase64Encoded: "aGk=", mimeType: "image/png" }] });
    const wanted = { model: "gemini-2.0-flash", prompt: "A boat" };
    expect((await pair.post("/v1/images/generations", wanted, studio())).status).toBe(200);
    expect((await pair.upstream.next()).url).toBe("/base/v1beta/models/gemini-2.0-flash:predict");
  });

  // Imagen ended in August 2026: firebase.google.com/docs/ai-logic/imagen-models-migration
  test("draws with Gemini, from words and from pictures", async () => {
    const drawn = {
      candidates: [{ content: { parts: [{ inlineData: { mimeType: "image/png", data: "aGk=" } }] } }],
    };
    const model = "gemini-3.1-flash-image";
    const target = `/base/v1beta/models/${model}:generateContent`;
    enqueue(drawn);
    const images = await pair.post("/v1/images/generations", { model, prompt: "A boat" }, studio());
    expect(await images.json()).toMatchObject({ data: [{ b64_json: "aGk=" }], provider: "google" });
    expect(await pair.upstream.next()).toMatchObject({ url: target });

    enqueue(drawn);
    const form = new FormData();
    form.set("model", model);
    form.set("prompt", "At night");
    form.append("image[]", new File(["hi"], "boat.png", { type: "image/png" }));
    const edited = await fetch(`${pair.gateway.url}/v1/images/edits`, {
      method: "POST",
      headers: studio(),
      body: form,
    });
    expect(await edited.json()).toMatchObject({ data: [{ b64_json: "aGk=" }] });
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(target);
    expect(JSON.parse(sent.body)).toMatchObject({
      contents: [{ parts: [{ text: "At night" }, { inlineData: { mimeType: "image/png", data: "aGk=" } }] }],
    });
  });

  // github.com/diegosouzapw/OmniRoute/issues/4177
  describe("a stream that is broken off in mere JSON", () => {
    const error = { code: 503, message: "High demand", status: "UNAVAILABLE" };
    const bare = JSON.stringify({ error }, null, 2);
    const breaks = (...before: readonly JsonObject[]): void =>
      pair.upstream.enqueue({
        kind: "raw",
        headers: { "content-type": "text/event-stream" },
        chunks: [...before.map((value) => `data: ${JSON.stringify(value)}\r\n\r\n`), bare],
      });
    const asks: readonly (readonly [string, string, JsonObject])[] = [
      ["of OpenAI's API", CHAT, { ...ask("gemini-2.5-flash"), stream: true }],
      [
        "of Gemini's own",
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        { contents: [{ parts: [{ text: "Hi" }] }] },
      ],
    ];

    test.each(asks)("is refused at its beginning to a client %s", async (_, path, body) => {
      breaks();
      const response = await pair.post(path, body, studio());
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ error: { message: "google error: High demand" } });
    });

    test.each(asks)("says why later on to a client %s", async (_, path, body) => {
      breaks(said("Hel"));
      const text = await (await pair.post(path, body, studio())).text();
      expect(text).toContain("High demand");
      expect(text).not.toContain("interrupted");
    });
  });

  test("takes no tokens for texts", async () => {
    const response = await pair.post("/v1/embeddings", { model: "m", input: [[1, 2]] }, studio());
    expect(response.status).toBe(400);
    expect(pair.upstream.requests).toHaveLength(0);
  });
});

describe("vertex-ai", () => {
  const GEMINI = `${PROJECT}/publishers/google/models/gemini-2.5-flash:generateContent`;

  test.each(["gemini-2.5-flash", "google.gemini-2.5-flash", "google/gemini-2.5-flash"])(
    "answers a chat with %s",
    async (model) => {
      enqueue(said("Hi", "STOP"));
      const response = await pair.post(CHAT, ask(model), vertex());
      expect(await response.json()).toMatchObject({
        provider: "vertex-ai",
        choices: [{ message: { content: "Hi" } }],
      });
      const sent = await pair.upstream.next();
      expect(sent.url).toBe(GEMINI);
      expect(sent.headers["authorization"]).toBe(`Bearer ${TOKEN}`);
    },
  );

  test("streams", async () => {
    enqueueStream(said("Hi", "STOP"));
    const response = await pair.post(CHAT, { ...ask("gemini-2.5-flash"), stream: true }, vertex());
    expect(await response.text()).toEndWith("data: [DONE]\n\n");
    expect((await pair.upstream.next()).url).toBe(
      GEMINI.replace("generateContent", "streamGenerateContent?alt=sse"),
    );
  });

  test("takes an API key in its header", async () => {
    enqueue(said("Hi", "STOP"));
    await pair.post(CHAT, ask("gemini-2.5-flash"), headers("vertex", STUDIO_KEY, PLACE));
    const sent = await pair.upstream.next();
    expect(sent.headers["x-goog-api-key"]).toBe(STUDIO_KEY);
    expect(sent.headers).not.toHaveProperty("authorization");
  });

  test("names what is missing, project or region or credential", async () => {
    const { "x-portkey-vertex-region": region, "x-portkey-vertex-project-id": project } = PLACE;
    const only = async (more: Record<string, string>): Promise<string> => {
      const response = await pair.post(CHAT, ask("gemini-2.5-flash"), headers("vertex-ai", TOKEN, more));
      expect(response.status).toBe(400);
      return response.text();
    };
    expect(await only({ "x-portkey-vertex-region": region })).toContain("x-portkey-vertex-project-id");
    expect(await only({ "x-portkey-vertex-project-id": project })).toContain("x-portkey-vertex-region");
    const { authorization: _, ...unsigned } = vertex();
    const response = await pair.post(CHAT, ask("gemini-2.5-flash"), unsigned);
    expect(response.status).toBe(401);
    expect(await response.text()).toContain("x-portkey-vertex-service-account-json");
    expect(pair.upstream.requests).toHaveLength(0);
  });

  test("takes the project of a service account, and refuses another token endpoint than Google's", async () => {
    const account = { type: "service_account", project_id: "sea", token_uri: "https://evil.example/token" };
    const { "x-portkey-vertex-project-id": _, ...rest } = vertex({
      "x-portkey-vertex-service-account-json": JSON.stringify(account),
    });
    const response = await pair.post(CHAT, ask("gemini-2.5-flash"), rest);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("vertex_service_account_json.token_uri");
  });

  test.each(["claude-opus-4-6", "anthropic.claude-opus-4-6", "anthropic/claude-opus-4-6"])(
    "passes Anthropic's own body to %s, without the model",
    async (model) => {
      const reply = {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "claude-opus-4-6",
        content: [],
      };
      enqueue(reply);
      const beta = { "anthropic-beta": "context-1m-2025-08-07, fast-mode-2026-02-01" };
      const response = await pair.post("/v1/messages", ask(model), vertex(beta));
      expect(await response.json()).toMatchObject(reply);
      const sent = await pair.upstream.next();
      expect(sent.url).toBe(`${PROJECT}/publishers/anthropic/models/claude-opus-4-6:rawPredict`);
      expect(sent.headers["anthropic-beta"]).toBe("context-1m-2025-08-07");
      expect(response.headers.get("x-turnpike-not-carried")).toBe("anthropic-beta (fast-mode-2026-02-01)");
      expect(sent.json).toEqual({
        max_tokens: 4096,
        messages: [{ role: "user", content: "Hello big world" }],
        anthropic_version: "vertex-2023-10-16",
      });
    },
  );

  // Claude Code's: anthropics/claude-code#21625 and #34802, BerriAI/litellm#23183, langchain-google#1612
  test("leaves out for Claude what it refuses on Vertex alone", async () => {
    const betas = "claude-code-20250219, oauth-2025-04-20,prompt-caching-scope-2026-01-05,effort-2025-11-24";
    const more = vertex({ "anthropic-beta": `${betas},advanced-tool-use-2025-11-20` });
    const mark = (scope?: string) => ({
      cache_control: { type: "ephemeral", ttl: "1h", ...(scope && { scope }) },
    });
    const body = (scope?: string) => ({
      system: [{ type: "text", text: "Be brief.", ...mark(scope) }],
      messages: [
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: "1", ...mark(scope) }] },
            { type: "text", text: "Hello", ...mark(scope) },
          ],
        },
      ],
      tools: [{ name: "f", input_schema: { type: "object" }, ...mark(scope) }],
    });
    const model = "claude-opus-4-6";
    enqueue({ id: "msg_1", type: "message", role: "assistant", model, content: [] });
    const asked = { model, max_tokens: 9, ...mark(), ...body("global") };
    const response = await pair.post("/v1/messages?beta=true", asked, more);
    expect(response.headers.get("x-turnpike-not-carried")?.split(", ")).toEqual([
      "anthropic-beta (oauth-2025-04-20)",
      "anthropic-beta (prompt-caching-scope-2026-01-05)",
    ]);
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(`${PROJECT}/publishers/anthropic/models/${model}:rawPredict`);
    expect(sent.headers["anthropic-beta"]).toBe(
      "claude-code-20250219,effort-2025-11-24,tool-search-tool-2025-10-19",
    );
    expect(sent.json).toEqual({ max_tokens: 9, ...body(), anthropic_version: "vertex-2023-10-16" });

    // BerriAI/litellm#39597: betas that a chat may say are refused where tokens are counted
    enqueue({ input_tokens: 3 });
    await pair.post("/v1/messages/count_tokens?beta=true", { model, messages: body().messages }, more);
    const counted = await pair.upstream.next();
    expect(counted.url).toBe(`${PROJECT}/publishers/anthropic/models/count-tokens:rawPredict`);
    expect(counted.headers["anthropic-beta"]).toBeUndefined();
  });

  test("translates for Claude, and streams at a path of its own", async () => {
    const events = [
      {
        type: "message_start",
        message: { id: "msg_1", model: "claude-opus-4-6", usage: { input_tokens: 1 } },
      },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
      { type: "message_stop" },
    ];
    pair.upstream.enqueue({
      kind: "raw",
      headers: { "content-type": "text/event-stream" },
      chunks: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    });
    const response = await pair.post(CHAT, { ...ask("claude-opus-4-6"), stream: true }, vertex());
    expect(await response.text()).toContain('"content":"Hi"');
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(`${PROJECT}/publishers/anthropic/models/claude-opus-4-6:streamRawPredict`);
    expect(sent.json).toMatchObject({ stream: true, anthropic_version: "vertex-2023-10-16" });
    expect(sent.json).not.toHaveProperty("model");
  });

  const REPLY = {
    id: "c",
    object: "chat.completion",
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
  };

  test.each([
    ["meta/llama-4-scout-maas", "endpoints/openapi", "meta/llama-4-scout-maas"],
    ["meta.llama-4-scout-maas", "endpoints/openapi", "meta/llama-4-scout-maas"],
    ["deepseek-ai/deepseek-v3.2-maas", "endpoints/openapi", "deepseek-ai/deepseek-v3.2-maas"],
    ["google/gemma-4-26b-a4b-it-maas", "endpoints/openapi", "google/gemma-4-26b-a4b-it-maas"],
    ["gemma-4-26b-a4b-it-maas", "endpoints/openapi", "google/gemma-4-26b-a4b-it-maas"],
    ["endpoints.1234567890", "endpoints/1234567890", "1234567890"],
  ])("sends %s to %s as OpenAI would", async (model, place, name) => {
    enqueue(REPLY);
    const response = await pair.post(CHAT, ask(model), vertex());
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: "Hi" } }] });
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(`${PROJECT}/${place}/chat/completions`);
    expect(sent.json).toMatchObject({ model: name, messages: [{ role: "user" }] });
    expect(sent.headers["authorization"]).toBe(`Bearer ${TOKEN}`);
  });

  test.each([false, true])("sends Mistral's models to their publisher, streaming %p", async (stream) => {
    if (stream) enqueueStream({ ...REPLY, object: "chat.completion.chunk", choices: [] });
    else enqueue(REPLY);
    const body = { ...ask("mistralai.mistral-medium-3"), seed: 7, stream };
    await (await pair.post(CHAT, body, vertex())).text();
    const sent = await pair.upstream.next();
    const method = stream ? "streamRawPredict" : "rawPredict";
    expect(sent.url).toBe(`${PROJECT}/publishers/mistralai/models/mistral-medium-3:${method}`);
    expect(sent.json).toMatchObject({ model: "mistral-medium-3", random_seed: 7 });
  });

  test("brings a conversation to Mistral's models as to Mistral itself", async () => {
    enqueue(REPLY);
    const call = { id: "toolu_01A", type: "function", function: { name: "f", arguments: "{}" } };
    const messages = [
      { role: "user", content: "Go" },
      { role: "assistant", content: "", tool_calls: [call] },
      { role: "tool", tool_call_id: "toolu_01A", content: "r" },
      { role: "user", content: [{ type: "input_audio", input_audio: { data: "AAAA", format: "wav" } }] },
    ];
    await (await pair.post(CHAT, { model: "mistral-medium-3", messages }, vertex())).text();
    const { json } = await pair.upstream.next();
    const { id } = JSON.parse(JSON.stringify(json)).messages[1].tool_calls[0];
    expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(json).toMatchObject({
      messages: [
        { role: "user" },
        { role: "assistant" },
        { role: "tool", tool_call_id: id },
        { role: "assistant" },
        { role: "user", content: [{ type: "input_audio", input_audio: "AAAA" }] },
      ],
    });
  });

  test("calls a tuned model by the number of its endpoint", async () => {
    enqueue(said("Hi", "STOP"));
    await pair.post(CHAT, ask("1234567890"), vertex());
    expect((await pair.upstream.next()).url).toBe(`${PROJECT}/endpoints/1234567890:generateContent`);
  });

  test("embeds with old models and with new ones, and draws", async () => {
    const models = `${PROJECT}/publishers/google/models`;
    enqueue({ predictions: [{ embeddings: { values: [1], statistics: { token_count: 3 } } }] });
    const old = await pair.post("/v1/embeddings", { model: "text-embedding-005", input: "a" }, vertex());
    expect(await old.json()).toMatchObject({ data: [{ embedding: [1] }], usage: { prompt_tokens: 3 } });
    expect((await pair.upstream.next()).url).toBe(`${models}/text-embedding-005:predict`);

    enqueue({ embedding: { values: [2] } });
    const fresh = await pair.post("/v1/embeddings", { model: "gemini-embedding-2", input: "a" }, vertex());
    expect(await fresh.json()).toMatchObject({ data: [{ embedding: [2] }] });
    expect((await pair.upstream.next()).url).toBe(`${models}/gemini-embedding-2:embedContent`);

    enqueue({ predictions: [{ bytesBase64Encoded: "aGk=" }] });
    const wanted = { model: "imagen-4.0-generate-001", prompt: "A boat" };
    const drawn = await pair.post("/v1/images/generations", wanted, vertex());
    expect(await drawn.json()).toMatchObject({ data: [{ b64_json: "aGk=" }] });
    expect((await pair.upstream.next()).url).toBe(`${models}/imagen-4.0-generate-001:predict`);

    enqueue({
      candidates: [{ content: { parts: [{ inlineData: { mimeType: "image/png", data: "aGk=" } }] } }],
    });
    const gemini = { model: "gemini-2.5-flash-image", prompt: "A boat" };
    const talked = await pair.post("/v1/images/generations", gemini, vertex());
    expect(await talked.json()).toMatchObject({ data: [{ b64_json: "aGk=" }] });
    expect((await pair.upstream.next()).url).toBe(`${models}/gemini-2.5-flash-image:generateContent`);
  });
});

describe("vertex-ai with a key alone", () => {
  const EXPRESS_KEY = "AQ.express-key";
  const express = (more: Record<string, string> = {}) => headers("vertex-ai", EXPRESS_KEY, more);
  const MODELS = "/base/v1/publishers/google/models";

  test("is asked without a project", async () => {
    enqueue(said("Hi", "STOP"));
    const response = await pair.post(CHAT, ask("google/gemini-2.5-flash"), express());
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: "Hi" } }] });
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(`${MODELS}/gemini-2.5-flash:generateContent`);
    expect(sent.headers["x-goog-api-key"]).toBe(EXPRESS_KEY);
    expect(sent.headers).not.toHaveProperty("authorization");
  });

  test("streams", async () => {
    enqueueStream(said("He"), said("llo", "STOP"));
    const response = await pair.post(CHAT, { ...ask("gemini-2.5-flash"), stream: true }, express());
    expect(await response.text()).toEndWith("data: [DONE]\n\n");
    expect((await pair.upstream.next()).url).toBe(`${MODELS}/gemini-2.5-flash:streamGenerateContent?alt=sse`);
  });

  test("is named by a config, which needs no region", async () => {
    enqueue(said("Hi", "STOP"));
    const config = { provider: "vertex-ai", api_key: "AIzaKey", custom_host: `${pair.upstream.url}/base` };
    const response = await pair.route(config, ask("gemini-2.5-flash"));
    expect(response.status).toBe(200);
    expect((await pair.upstream.next()).url).toBe(`${MODELS}/gemini-2.5-flash:generateContent`);
  });

  test("is asked in the project that is named with it", async () => {
    enqueue(said("Hi", "STOP"));
    await pair.post(CHAT, ask("gemini-2.5-flash"), express(PLACE));
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(`${PROJECT}/publishers/google/models/gemini-2.5-flash:generateContent`);
    expect(sent.headers["x-goog-api-key"]).toBe(EXPRESS_KEY);
  });

  test("offers chat alone", async () => {
    const response = await pair.post(
      "/v1/embeddings",
      { model: "gemini-embedding-001", input: "a" },
      express(),
    );
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("embed is not supported by vertex-ai: it offers chat");
  });

  test.each([
    ["a Claude", EXPRESS_KEY, "claude-sonnet-4-5"],
    ["a token", TOKEN, "gemini-2.5-flash"],
  ])("needs a project for %s", async (_, key, model) => {
    const response = await pair.post(CHAT, ask(model), headers("vertex-ai", key));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: "vertex_project_id" } });
  });
});
