/** Every row that speaks OpenAI's chat, through the gateway: where calls arrive, how they are signed, what is edited. */
import { describe, expect, test } from "bun:test";
import { createCatalog } from "../../src/providers/catalog.ts";
import { OPENAI_PATHS } from "../../src/providers/compatible.ts";
import { onOtherHost } from "../../src/providers/variants.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { isArray, isObject } from "../../src/schema/json.ts";
import type { MappedEndpoint, PlaceInput, ProviderRow } from "../../src/schema/provider-row.ts";
import type { UpstreamRequest } from "../support/upstream.ts";
import { type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

/** Rows with a signer or a place of their own have tests of their own. */
const isPlain = (row: ProviderRow): boolean =>
  row.dialect === "openai-chat" &&
  (row.auth.kind === "bearer" || row.auth.kind === "header") &&
  row.paths.chat !== undefined &&
  !row.paths.chat.includes("{model}") &&
  (row.places ?? []).every((place) => place.default !== undefined);

const ROWS = createCatalog().rows.filter(isPlain).map(onOtherHost);

const headersOf = (provider: string, more: Headers = {}): Headers => ({
  "x-portkey-provider": provider,
  "x-portkey-custom-host": `${pair.upstream.url}/base`,
  authorization: `Bearer ${KEY}`,
  ...more,
});

const CHAT = "/v1/chat/completions";

/** A chat that says one of everything a row may spell differently, and a field of tomorrow. */
const chatFor = ({ quirks = {} }: ProviderRow): JsonObject => ({
  model: "some/model",
  max_completion_tokens: 9,
  messages: [
    { role: "developer", content: "Be brief" },
    { role: "user", content: "Hello" },
  ],
  field_of_tomorrow: { deep: [1] },
  ...Object.fromEntries((quirks.refuses ?? []).map((field) => [field, 1])),
  ...Object.fromEntries(Object.keys(quirks.rename ?? {}).map((field) => [field, 7])),
  ...Object.fromEntries(
    Object.entries(quirks.values ?? {}).map(([field, words]) => [field, Object.keys(words)[0]]),
  ),
});

const arrived = async (): Promise<UpstreamRequest> => pair.upstream.next();

const defaultPath = (row: ProviderRow, endpoint: MappedEndpoint): string =>
  (row.paths[endpoint] ?? "").replaceAll(/\{(\w+)\}/g, (_, option: string) =>
    spelled(row.places?.find((place) => place.option === option)),
  );

const spelled = (place: PlaceInput | undefined): string => {
  const said = place?.default ?? "";
  return place?.words?.[said] ?? said;
};

const expectSigned = (row: ProviderRow, request: UpstreamRequest): void => {
  if (row.auth.kind !== "header") return expect(request.headers["authorization"]).toBe(`Bearer ${KEY}`);
  const { name, scheme } = row.auth;
  expect(request.headers[name]).toBe(scheme === undefined ? KEY : `${scheme} ${KEY}`);
  expect(request.headers).not.toHaveProperty("authorization");
};

const rolesOf = (body: JsonObject): readonly JsonValue[] => {
  const { messages } = body;
  return isArray(messages)
    ? messages.map((message) => (isObject(message) ? (message["role"] ?? "") : ""))
    : [];
};

const expectEdited = ({ quirks = {} }: ProviderRow, body: JsonObject): void => {
  for (const field of quirks.refuses ?? []) expect(body).not.toHaveProperty(field);
  for (const [from, to] of Object.entries(quirks.rename ?? {})) {
    expect(body).not.toHaveProperty(from);
    expect(body[to]).toBe(7);
  }
  for (const [field, words] of Object.entries(quirks.values ?? {}))
    expect(body[field]).toBe(Object.values(words)[0] ?? "");
  expect(body["field_of_tomorrow"]).toEqual({ deep: [1] });
  expect(body["model"]).toBe("some/model");
  expect(rolesOf(body)).toEqual([quirks.developerAsSystem === true ? "system" : "developer", "user"]);
};

const STREAM: readonly string[] = [
  ": a comment\n\n",
  'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"é"}}], "n":1.0}\r\n\r\n',
  'data:{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"new":[]}\n\n',
  "data: [DONE]\n\n",
];

test("there are many rows", () => expect(ROWS.length).toBeGreaterThan(50));

describe.each(ROWS.map((row) => [row.id, row] as const))("%s", (id, row) => {
  test("a chat arrives at its path, signed and edited as the row says", async () => {
    const response = await pair.post(CHAT, chatFor(row), headersOf(id));
    const request = await arrived();
    expect(response.status).toBe(200);
    expect(request.url).toBe(`/base${defaultPath(row, "chat")}`);
    expectSigned(row, request);
    expectEdited(row, isObject(request.json) ? request.json : {});
  });

  test("a stream passes byte for byte", async () => {
    pair.upstream.enqueue({ kind: "raw", chunks: STREAM, headers: { "content-type": "text/event-stream" } });
    const body = { ...chatFor(row), stream: true, stream_options: { include_usage: true } };
    const response = await pair.post(CHAT, body, headersOf(id));
    expect(await response.text()).toBe(STREAM.join(""));
  });

  test("its other endpoints are at their paths", async () => {
    for (const endpoint of OTHERS) {
      if (row.paths[endpoint] === undefined || row.codecs?.[endpoint] !== undefined) continue;
      const response = await ask(endpoint, headersOf(id));
      expect(response.status).toBe(200);
      const request = await arrived();
      expect(request.url).toBe(`/base${defaultPath(row, endpoint)}`);
      expectSigned(row, request);
    }
  });

  test("each name of it leads to it", async () => {
    for (const alias of row.aliases ?? []) {
      const response = await pair.post(CHAT, chatFor(row), headersOf(alias));
      expect(response.headers.get("x-portkey-provider")).toBe(id);
    }
  });
});

const OTHERS = [
  "completions",
  "embeddings",
  "images",
  "image_edits",
  "image_variations",
  "speech",
  "transcriptions",
  "translations",
  "moderations",
] as const satisfies readonly (keyof typeof OPENAI_PATHS)[];

const FORMS: ReadonlySet<MappedEndpoint> = new Set([
  "image_edits",
  "image_variations",
  "transcriptions",
  "translations",
]);

const ask = (endpoint: keyof typeof OPENAI_PATHS, headers: Headers): Promise<Response> => {
  const path = `/v1${OPENAI_PATHS[endpoint]}`;
  if (!FORMS.has(endpoint)) return pair.post(path, { model: "m", input: "x", prompt: "x" }, headers);
  const form = new FormData();
  form.set("model", "m");
  form.set("file", new File(["sound"], "a.wav", { type: "audio/wav" }));
  return fetch(`${pair.gateway.url}${path}`, { method: "POST", body: form, headers });
};

describe("rows without a key", () => {
  const keyless = ROWS.filter((row) => row.keyless === true).map((row) => row.id);

  test.each(keyless)("%s is called without one", async (id) => {
    const { authorization: _, ...headers } = headersOf(id);
    const response = await pair.post(CHAT, { model: "m", messages: [] }, headers);
    expect(response.status).toBe(200);
    expect((await arrived()).headers).not.toHaveProperty("authorization");
  });
});

test("a provider with a host for every deployment needs one", async () => {
  const headers = { "x-portkey-provider": "modal", authorization: `Bearer ${KEY}` };
  const response = await pair.post(CHAT, { model: "m", messages: [] }, headers);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("x-portkey-custom-host");
});

describe("options that become headers", () => {
  const cases: readonly (readonly [string, Headers, Headers])[] = [
    [
      "modal",
      { "modal-key": "wk", "x-portkey-modal-secret": "ws" },
      { "modal-key": "wk", "modal-secret": "ws" },
    ],
    [
      "openrouter",
      { "http-referer": "https://a.b", "x-title": "A" },
      { "http-referer": "https://a.b", "x-title": "A" },
    ],
    ["deepbricks", { "x-portkey-openai-organization": "org" }, { "deepbricks-organization": "org" }],
    [
      "portkey",
      { "x-portkey-portkey-config": "pc-1" },
      { "x-portkey-config": "pc-1", "x-portkey-api-key": KEY },
    ],
  ];

  test.each(cases)("%s", async (id, sent, got) => {
    await pair.post(CHAT, { model: "m", messages: [] }, headersOf(id, sent));
    expect((await arrived()).headers).toMatchObject(got);
  });
});

describe("fill in the middle", () => {
  const body = { model: "codestral-latest", prompt: "def f(", suffix: "return a" };

  test.each([
    ["true", "/base/fim/completions"],
    ["false", "/base/chat/completions"],
  ])("x-portkey-mistral-fim-completion: %s", async (said, path) => {
    const headers = headersOf("mistral-ai", { "x-portkey-mistral-fim-completion": said });
    await pair.post(CHAT, body, headers);
    const request = await arrived();
    expect(request.url).toBe(path);
    expect(request.json).toEqual(body);
  });

  test("any other word is told", async () => {
    const headers = headersOf("mistral-ai", { "x-portkey-mistral-fim-completion": "../x" });
    const response = await pair.post(CHAT, body, headers);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("mistral_fim_completion: must be true or false");
  });
});

describe("what a vendor refuses", () => {
  const question: JsonObject = { role: "user", content: "Hi" };
  const more: JsonObject = { role: "user", content: "More" };
  const body: JsonObject = {
    model: "m",
    thinking: { type: "enabled", budget_tokens: 1024 },
    top_k: 5,
    safe_prompt: null,
    stream_options: { include_usage: true },
    verbosity: "low",
    messages: [
      question,
      {
        role: "assistant",
        content: "Hello",
        content_blocks: [{ type: "text", text: "Hello" }],
        reasoning_content: "Hm",
        reasoning: "Hm",
        refusal: null,
        annotations: [],
      },
      more,
    ],
  };
  const answer = { role: "assistant", content: "Hello" };
  const sentBack = "messages.1.content_blocks, messages.1.reasoning_content";

  test.each([
    ["groq", { reasoning: "Hm" }, `thinking, top_k, verbosity, ${sentBack}`, ["stream_options"]],
    ["cerebras", { reasoning: "Hm" }, `thinking, top_k, verbosity, ${sentBack}`, ["stream_options"]],
    ["mistral-ai", {}, `thinking, top_k, verbosity, ${sentBack}, messages.1.reasoning`, ["safe_prompt"]],
  ] as const)("is left out for %s and told", async (provider, kept, notes, fields) => {
    const response = await pair.post(CHAT, body, headersOf(provider));
    expect((await arrived()).json).toEqual({
      model: "m",
      messages: [question, { ...answer, ...kept }, more],
      ...Object.fromEntries(fields.map((field) => [field, body[field]])),
    });
    expect(response.headers.get("x-turnpike-not-carried")).toBe(notes);
  });

  test("is left out for Fireworks, which takes thinking", async () => {
    const asked = { model: "m", messages: [question], thinking: body["thinking"], top_k: 5 };
    const others = { enable_thinking: true, safety_settings: [{ category: "A" }], store: true };
    const response = await pair.post(CHAT, { ...asked, ...others }, headersOf("fireworks-ai"));
    expect((await arrived()).json).toEqual(asked);
    expect(response.headers.get("x-turnpike-not-carried")).toBe("enable_thinking, safety_settings, store");
  });

  test("goes on to servers that only speak as OpenAI does", async () => {
    const response = await pair.post(CHAT, body, headersOf("openai"));
    expect((await arrived()).json).toEqual(body);
    expect(response.headers.has("x-turnpike-not-carried")).toBe(false);
  });

  test("is left out for OpenAI on Azure, where a fallback comes from elsewhere", async () => {
    const azure = {
      provider: "azure-openai",
      api_key: KEY,
      custom_host: `${pair.upstream.url}/openai`,
      azure_deployment_id: "d",
      azure_api_version: "2024-10-21",
    };
    pair.upstream.enqueue({ kind: "raw", status: 529, chunks: ["{}"] });
    const config = { strategy: { mode: "fallback" }, targets: [pair.target("anthropic"), azure] };
    await pair.route(config, { ...body, max_tokens: 2048 });
    expect((await arrived()).json).toMatchObject({ thinking: { budget_tokens: 1024 } });
    const { thinking: _, top_k: __, safe_prompt: ___, ...rest } = body;
    expect((await arrived()).json).toEqual({ ...rest, max_tokens: 2048 });
  });

  test.each([
    ["mistral-ai", { model: "m", max_tokens: 9 }],
    ["databricks", { max_tokens: 9 }],
  ])("a stream's options are not asked of %s for a client of another API", async (provider, rest) => {
    await pair.post(
      "/v1/messages",
      { model: "m", max_tokens: 9, stream: true, messages: [question] },
      headersOf(provider),
    );
    expect((await arrived()).json).toEqual({ ...rest, stream: true, messages: [question] });
  });

  test.each([
    ["kimi-k2.6", {}, "temperature, top_p"],
    ["moonshot-v1-8k", { temperature: 0.2, top_p: 0.9 }, null],
  ])("%s is asked as it samples", async (model, sampling, notes) => {
    const asked = { model, messages: [question], temperature: 0.2, top_p: 0.9 };
    const response = await pair.post(CHAT, asked, headersOf("moonshot"));
    expect((await arrived()).json).toEqual({ model, messages: [question], ...sampling });
    expect(response.headers.get("x-turnpike-not-carried")).toBe(notes);
  });

  test.each([
    ["groq", "default", "on_demand"],
    ["groq", "priority", "performance"],
    ["groq", "flex", "flex"],
    ["mistral-ai", "default", "standard_only"],
    ["mistral-ai", "priority", "auto"],
    ["mistral-ai", "auto", "auto"],
  ])("%s calls the tier %p by its own name", async (provider, asked, sent) => {
    await pair.post(CHAT, { model: "m", messages: [question], service_tier: asked }, headersOf(provider));
    expect((await arrived()).json).toEqual({ model: "m", messages: [question], service_tier: sent });
  });

  test("Groq is not told what a participant is called", async () => {
    const named = { ...question, name: "ana" };
    const response = await pair.post(CHAT, { model: "m", messages: [named] }, headersOf("groq"));
    expect((await arrived()).json).toEqual({ model: "m", messages: [question] });
    expect(response.headers.get("x-turnpike-not-carried")).toBe("messages.0.name");
  });

  test("Mistral's models may be called as on other platforms", async () => {
    await pair.post(
      CHAT,
      { model: "mistralai.mistral-large", messages: [question] },
      headersOf("mistral-ai"),
    );
    expect((await arrived()).json).toEqual({ model: "mistral-large", messages: [question] });
  });

  test("embeddings of Mistral are asked in its words", async () => {
    const asked = { model: "m", input: "x", dimensions: 256, encoding_format: "float", user: "u" };
    const response = await pair.post("/v1/embeddings", asked, headersOf("mistral-ai"));
    const { dimensions, user: _, ...rest } = asked;
    expect((await arrived()).json).toEqual({ ...rest, output_dimension: dimensions });
    expect(response.headers.get("x-turnpike-not-carried")).toBe("user");
  });

  test("what OpenAI itself refuses is none of its own words", () => {
    const refused = createCatalog().find("openai")?.quirks?.refuses ?? [];
    expect(refused).toContain("thinking");
    for (const known of ["reasoning_effort", "metadata", "user", "stream_options"])
      expect(refused).not.toContain(known);
  });
});

describe("images that come as a list", () => {
  test("hyperbolic", async () => {
    pair.upstream.enqueue({
      kind: "raw",
      chunks: ['{"images":[{"index":0,"image":"aGk="}],"inference_time":1}'],
    });
    const body = { model: "FLUX.1-dev", prompt: "A cat", size: "1024x768", steps: 30, n: 1 };
    const response = await pair.post("/v1/images/generations", body, headersOf("hyperbolic"));
    expect(await response.json()).toEqual({
      created: expect.any(Number),
      data: [{ b64_json: "aGk=" }],
      provider: "hyperbolic",
    });
    const request = await arrived();
    expect(request.url).toBe("/base/v1/image/generation");
    expect(request.json).toEqual({
      model_name: "FLUX.1-dev",
      prompt: "A cat",
      width: 1024,
      height: 768,
      steps: 30,
    });
  });

  test("siliconflow", async () => {
    pair.upstream.enqueue({
      kind: "raw",
      chunks: ['{"images":[{"url":"https://x/1"}],"timings":{"inference":1},"seed":4}'],
    });
    const body = { model: "Kwai-Kolors/Kolors", prompt: "A cat", size: "1024x1024", n: 2 };
    const response = await pair.post("/v1/images/generations", body, headersOf("siliconflow"));
    expect(await response.json()).toEqual({
      created: expect.any(Number),
      data: [{ url: "https://x/1" }],
      provider: "siliconflow",
    });
    expect((await arrived()).json).toEqual({
      model: "Kwai-Kolors/Kolors",
      prompt: "A cat",
      image_size: "1024x1024",
      batch_size: 2,
    });
  });
});

describe("an Anthropic client", () => {
  const thought = {
    model: "deepseek-reasoner",
    max_tokens: 9,
    messages: [
      { role: "user", content: "Weather?" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Which city?", signature: "S" },
          { type: "tool_use", id: "t", name: "f", input: {} },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "Sunny" }] },
    ],
  };
  const reasoningOf = async (provider: string): Promise<JsonValue | undefined> => {
    await pair.post("/v1/messages", thought, headersOf(provider));
    const { json } = await arrived();
    const messages = isObject(json) ? json["messages"] : [];
    const said = isArray(messages) ? messages[1] : undefined;
    return isObject(said) ? said["reasoning_content"] : undefined;
  };

  test.each(["deepseek", "moonshot", "moonshot-ai", "z-ai", "zhipu"])(
    "gives %s its reasoning back",
    async (id) => {
      expect(await reasoningOf(id)).toBe("Which city?");
    },
  );

  test("does not give it to a vendor that does not ask for it", async () => {
    expect(await reasoningOf("together-ai")).toBeUndefined();
  });
});

describe("Claude at OpenRouter", () => {
  const headers = (): Record<string, string> => headersOf("openrouter", { "anthropic-beta": "b1" });
  const body = {
    model: "anthropic/claude-sonnet-4.5",
    max_tokens: 2048,
    thinking: { type: "enabled", budget_tokens: 1024 },
    messages: [
      { role: "user", content: [{ type: "text", text: "Hi", cache_control: { type: "ephemeral" } }] },
    ],
  };

  test("is asked by an Anthropic client as Anthropic is, byte for byte", async () => {
    await pair.post("/v1/messages", body, headers());
    const request = await arrived();
    expect(request.url).toBe("/base/v1/messages");
    expect(request.json).toEqual(body);
    expect(request.headers).toMatchObject({ "anthropic-version": "2023-06-01", "anthropic-beta": "b1" });
  });

  test("is asked by an OpenAI client as OpenRouter's other models are", async () => {
    await pair.post(CHAT, { model: body.model, messages: [] }, headers());
    expect((await arrived()).url).toBe("/base/v1/chat/completions");
  });

  test("has neighbours, which an Anthropic client reaches in translation", async () => {
    await pair.post("/v1/messages", { ...body, model: "openai/gpt-5" }, headers());
    expect((await arrived()).url).toBe("/base/v1/chat/completions");
  });
});
