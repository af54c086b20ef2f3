/** `/v1/rerank`: one shape in and out, whichever vendor ranks. */
import { describe, expect, test } from "bun:test";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

const RERANK = "/v1/rerank";
const ASKED = { model: "m", query: "q", documents: ["a", { text: "b" }], top_n: 1, return_documents: true };
const TEXTS = ["a", "b"];

const answer = (body: JsonValue, status = 200): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    chunks: [JSON.stringify(body)],
    headers: { "content-type": "application/json" },
  });

const headersOf = (provider: string, more: Headers = {}): Headers => ({
  authorization: `Bearer ${KEY}`,
  "x-portkey-provider": provider,
  "x-portkey-custom-host": `${pair.upstream.url}/base`,
  ...more,
});

const best = { index: 1, relevance_score: 0.9 };
const RESULTS = { results: [best], usage: { total_tokens: 7 } };

interface Vendor {
  readonly url: string;
  readonly sent?: JsonObject;
  readonly reply?: JsonValue;
  readonly headers?: Headers;
}

const VENDORS: Readonly<Record<string, Vendor>> = {
  "azure-ai": { url: "/base/v2/rerank", sent: { model: "m", documents: TEXTS, top_n: 1 } },
  bedrock: {
    url: "/base/model/m/invoke",
    sent: { query: "q", documents: TEXTS, top_n: 1 },
    headers: {
      "x-portkey-aws-access-key-id": "AKIATEST",
      "x-portkey-aws-secret-access-key": "secret",
      "x-portkey-aws-region": "eu-west-1",
    },
  },
  cohere: {
    url: "/base/v2/rerank",
    sent: { model: "m", documents: TEXTS, top_n: 1 },
    reply: { results: [best], meta: { billed_units: { search_units: 1 } } },
  },
  "dashscope-cn": {
    url: "/base/services/rerank/text-rerank/text-rerank",
    sent: { model: "m", input: { query: "q", documents: TEXTS }, parameters: { top_n: 1 } },
    reply: { output: RESULTS, usage: { total_tokens: 7 } },
  },
  deepinfra: {
    url: "/base/m",
    sent: { queries: ["q", "q"], documents: TEXTS },
    reply: { scores: [0.1, 0.9], input_tokens: 7 },
  },
  "fireworks-ai": { url: "/base/rerank", sent: { documents: TEXTS } },
  huggingface: { url: "/base/rerank", sent: { texts: TEXTS }, reply: [{ index: 1, score: 0.9 }] },
  jina: { url: "/base/rerank", sent: ASKED },
  "llama.cpp": { url: "/base/v1/rerank", sent: { documents: TEXTS } },
  "novita-ai": { url: "/base/v1/rerank", sent: { documents: TEXTS } },
  openrouter: { url: "/base/v1/rerank", sent: ASKED },
  pinecone: {
    url: "/base/rerank",
    sent: { documents: [{ text: "a" }, { text: "b" }] },
    reply: { data: [{ index: 1, score: 0.9 }], usage: { rerank_units: 1 } },
  },
  portkey: { url: "/base/rerank", sent: ASKED },
  sglang: {
    url: "/base/v1/rerank",
    sent: { documents: TEXTS },
    reply: [{ score: 0.9, document: "b", index: 1 }],
  },
  siliconflow: { url: "/base/rerank", sent: { documents: TEXTS } },
  "siliconflow-com": { url: "/base/rerank", sent: { documents: TEXTS } },
  tei: { url: "/base/rerank", sent: { texts: TEXTS }, reply: [{ index: 1, score: 0.9 }] },
  "together-ai": { url: "/base/v1/rerank", sent: ASKED },
  "vertex-ai": {
    url: "/base/v1/projects/sea/locations/global/rankingConfigs/default_ranking_config:rank",
    sent: { model: "m", topN: 1 },
    reply: { records: [{ id: "1", score: 0.9 }] },
    headers: { "x-portkey-vertex-project-id": "sea", "x-portkey-vertex-region": "europe-west4" },
  },
  vllm: { url: "/base/v1/rerank", sent: { documents: TEXTS } },
  voyage: {
    url: "/base/rerank",
    sent: { top_k: 1, documents: TEXTS },
    reply: { data: [best], usage: { total_tokens: 7 } },
  },
  "workers-ai": {
    url: "/base/run/m",
    sent: { contexts: [{ text: "a" }, { text: "b" }], top_k: 1 },
    reply: { result: { response: [{ id: 1, score: 0.9 }] }, success: true },
  },
  xinference: { url: "/base/v1/rerank", sent: { documents: TEXTS } },
  zhipu: { url: "/base/rerank", sent: { documents: TEXTS } },
};

describe.each(Object.entries(VENDORS))("%s", (provider, { url, sent = {}, reply = RESULTS, headers }) => {
  test("ranks", async () => {
    answer(reply);
    const response = await pair.post(RERANK, ASKED, headersOf(provider, headers));
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe(url);
    expect(arrived.json).toMatchObject(sent);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      object: "list",
      results: [{ ...best, document: { text: "b" } }],
    });
  });
});

const recordOf = async (response: Response): Promise<JsonObject> => {
  const trace = response.headers.get("x-portkey-trace-id") ?? "";
  return pair.gateway.nextRecord((record) => record["trace_id"] === trace);
};

describe("what a ranking used", () => {
  test("is tokens in the record, where they are counted", async () => {
    answer({ id: "r", model: "jina-reranker-v3", ...RESULTS });
    const response = await pair.post(RERANK, ASKED, headersOf("jina"));
    expect(await response.json()).toMatchObject({ usage: { prompt_tokens: 7, total_tokens: 7 } });
    expect(await recordOf(response)).toMatchObject({
      endpoint: "rerank",
      response_model: "jina-reranker-v3",
      usage: { input: 7, output: 0 },
    });
  });

  test("is search units in the record, where those are billed", async () => {
    answer({ results: [best], meta: { billed_units: { search_units: 2 } } });
    const response = await pair.post(RERANK, ASKED, headersOf("cohere"));
    expect(await response.json()).toMatchObject({
      usage: { search_units: 2 },
      meta: { billed_units: { search_units: 2 } },
    });
    expect(await recordOf(response)).toMatchObject({ usage: { input: 0, search_units: 2 } });
  });
});

test("what a vendor has no word for is named", async () => {
  answer({ data: [best] });
  const response = await pair.post(RERANK, { ...ASKED, max_chunks_per_doc: 2 }, headersOf("voyage"));
  expect(response.headers.get("x-turnpike-not-carried")).toBe("max_chunks_per_doc");
});

test("a body that cannot be ranked is refused with the place of the fault", async () => {
  const body = { ...ASKED, documents: ["a", 1] };
  const response = await pair.post(RERANK, body, headersOf("cohere"));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { type: "invalid_request_error", param: "documents.1" },
  });
});

test("a vendor's refusal keeps its status and its words", async () => {
  answer({ message: "invalid request: top_n must be positive" }, 400);
  const response = await pair.post(RERANK, ASKED, headersOf("cohere"));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { message: "cohere error: invalid request: top_n must be positive" },
  });
});

test("an answer without a ranking is none", async () => {
  answer({ ok: true });
  const response = await pair.post(RERANK, ASKED, headersOf("jina"));
  expect(response.status).toBe(502);
  expect(await response.text()).toContain("there is no ranking in it");
});

test("a server of one's own may be called as OpenAI, which ranks nothing itself", async () => {
  answer(RESULTS);
  const response = await pair.post(RERANK, ASKED, headersOf("openai"));
  expect((await pair.upstream.next()).url).toBe("/base/rerank");
  expect(await response.json()).toMatchObject({ object: "list", results: [best] });
  const { "x-portkey-custom-host": _, ...atHome } = headersOf("openai");
  const refused = await pair.post(RERANK, ASKED, atHome);
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain("rerank is not supported by openai");
});

describe("a provider that does not rank", () => {
  const target = (provider: string): JsonObject => ({
    provider,
    api_key: KEY,
    custom_host: `${pair.upstream.url}/base`,
  });
  const route = (config: JsonObject): Promise<Response> =>
    pair.post(RERANK, ASKED, { "x-portkey-config": JSON.stringify(config) });

  test("says what it offers", async () => {
    const response = await pair.post(RERANK, ASKED, headersOf("anthropic"));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: {
        code: "unsupported_endpoint",
        message: "rerank is not supported by anthropic: it offers chat, models, count_tokens",
      },
    });
  });

  test.each([[{}], [{ on_status_codes: [429, 500] }]])(
    "is passed over by a fallback (%p), with the reason in the record",
    async (more) => {
      answer(RESULTS);
      const response = await route({
        strategy: { mode: "fallback", ...more },
        targets: [target("groq"), target("jina")],
      });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ results: [best] });
      expect((await pair.upstream.next()).url).toBe("/base/rerank");
      expect(pair.upstream.requests).toHaveLength(1);
      expect(await recordOf(response)).toMatchObject({
        provider: "jina",
        outcome: "answered",
        attempts: [
          {
            provider: "groq",
            outcome: "failed",
            status: null,
            reason: expect.stringContaining("rerank is not supported by groq: it offers chat,"),
          },
          { provider: "jina", outcome: "answered", status: 200 },
        ],
      });
    },
  );

  test("is not tried again", async () => {
    const response = await route({ ...target("groq"), retry: { attempts: 3, on_status_codes: [400] } });
    expect(response.status).toBe(400);
    expect(await recordOf(response)).toMatchObject({ attempts: [{ provider: "groq" }] });
  });
});
