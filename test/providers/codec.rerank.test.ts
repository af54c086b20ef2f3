/** Every rerank codec: what the vendor is asked, and the one shape in which it answers. */
import { describe, expect, test } from "bun:test";
import type { CodecContext } from "../../src/providers/codec.ts";
import { codecOf } from "../../src/providers/codecs.ts";
import { MalformedReply } from "../../src/schema/errors.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { isObject } from "../../src/schema/json.ts";

const OPTIONS: Readonly<Record<string, string>> = { oracle_compartment_id: "ocid1" };

const target = { provider: "test", option: (name: string) => OPTIONS[name] };

const write = (codec: string, body: JsonObject) => codecOf(codec).write(body, target);

const read = (codec: string, value: JsonValue, request: JsonObject = {}): JsonObject => {
  const context: CodecContext = { ...target, request, model: "asked", now: 1 };
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return codecOf(codec).read(
    { contentType: "application/json", bytes, json: isObject(value) ? value : undefined },
    context,
  );
};

/** One of everything that the common shape can say, and a field of tomorrow. */
const ASKED = {
  model: "m",
  query: "q",
  documents: ["a", { text: "b", title: "B" }],
  top_n: 1,
  return_documents: true,
  max_tokens_per_doc: 64,
  field_of_tomorrow: 1,
};
const TEXTS = ["a", "b"];

interface Case {
  /** The vendor's document or type that the data follows. */
  readonly source: string;
  readonly sent: JsonObject;
  readonly notes?: readonly string[];
  readonly reply: JsonValue;
  readonly read: JsonObject;
}

const best = { index: 1, relevance_score: 0.9 };
const shown = { ...best, document: { text: "b", title: "B" } };
const counted = (tokens: number) => ({
  usage: { prompt_tokens: tokens, total_tokens: tokens },
  meta: { tokens: { input_tokens: tokens } },
});

const CASES: Readonly<Record<string, Case>> = {
  rerank: {
    source: "RerankCreateParams and RerankCreateResponse of together-ai",
    sent: ASKED,
    reply: {
      id: "r",
      object: "rerank",
      model: "m1",
      results: [{ ...best, document: { text: "b" } }],
      usage: { prompt_tokens: 7, completion_tokens: 0, total_tokens: 7 },
    },
    read: {
      id: "r",
      object: "list",
      model: "m1",
      results: [{ ...best, document: { text: "b" } }],
      usage: { prompt_tokens: 7, completion_tokens: 0, total_tokens: 7 },
      meta: { tokens: { input_tokens: 7 } },
    },
  },
  "text-rerank": {
    source: "docs.fireworks.ai/api-reference/rerank-documents",
    sent: { ...ASKED, documents: TEXTS },
    reply: { object: "list", model: "m1", data: [{ ...best, document: "b" }], usage: { total_tokens: 7 } },
    read: { object: "list", model: "m1", results: [{ ...best, document: { text: "b" } }], ...counted(7) },
  },
  "cohere-rerank": {
    source: "V2RerankRequest and V2RerankResponse of cohere-ai",
    sent: {
      model: "m",
      query: "q",
      documents: TEXTS,
      top_n: 1,
      max_tokens_per_doc: 64,
      field_of_tomorrow: 1,
    },
    reply: {
      id: "r",
      results: [best],
      meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } },
    },
    read: {
      id: "r",
      object: "list",
      model: "asked",
      results: [shown],
      usage: { search_units: 1 },
      meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } },
    },
  },
  "voyage-rerank": {
    source: "RerankRequest and RerankResponse of voyageai",
    sent: {
      model: "m",
      query: "q",
      documents: TEXTS,
      top_k: 1,
      return_documents: true,
      field_of_tomorrow: 1,
    },
    notes: ["max_tokens_per_doc"],
    reply: { object: "list", data: [{ ...best, document: "b" }], model: "m1", usage: { total_tokens: 7 } },
    read: { object: "list", model: "m1", results: [{ ...best, document: { text: "b" } }], ...counted(7) },
  },
  "oracle-rerank": {
    source: "RerankTextDetails and RerankTextResult of oci-generativeaiinference",
    sent: {
      compartmentId: "ocid1",
      servingMode: { servingType: "ON_DEMAND", modelId: "m" },
      input: "q",
      documents: TEXTS,
      topN: 1,
      isEcho: true,
      maxTokensPerDocument: 64,
    },
    notes: ["field_of_tomorrow"],
    reply: {
      id: "r",
      modelId: "m1",
      modelVersion: "3.5",
      documentRanks: [{ index: 1, relevanceScore: 0.9, document: { text: "b" } }],
    },
    read: { id: "r", object: "list", model: "m1", results: [{ ...best, document: { text: "b" } }] },
  },
  "pinecone-rerank": {
    source: "RerankRequest, RerankResult and RankedDocument of @pinecone-database/pinecone",
    sent: {
      model: "m",
      query: "q",
      documents: [{ text: "a" }, { text: "b", title: "B" }],
      top_n: 1,
      return_documents: true,
      field_of_tomorrow: 1,
    },
    notes: ["max_tokens_per_doc"],
    reply: {
      model: "m1",
      data: [{ index: 1, score: 0.9, document: { text: "b", title: "B" } }],
      usage: { rerank_units: 1 },
    },
    read: {
      object: "list",
      model: "m1",
      results: [shown],
      usage: { rerank_units: 1, search_units: 1 },
      meta: { billed_units: { search_units: 1 } },
    },
  },
  "bedrock-rerank": {
    source:
      "ml-commons of opensearch-project, docs/tutorials/rerank, …Amazon_Rerank_model_on_Amazon_Bedrock.md",
    sent: { query: "q", documents: TEXTS, top_n: 1 },
    notes: ["max_tokens_per_doc", "field_of_tomorrow"],
    reply: { results: [best] },
    read: { object: "list", model: "asked", results: [shown] },
  },
  "dashscope-rerank": {
    source: "help.aliyun.com/zh/model-studio/text-rerank-api",
    sent: {
      model: "m",
      input: { query: "q", documents: TEXTS },
      parameters: { top_n: 1, return_documents: true, field_of_tomorrow: 1 },
    },
    notes: ["max_tokens_per_doc"],
    reply: {
      output: { results: [{ ...best, document: { text: "b" } }] },
      usage: { total_tokens: 7 },
      request_id: "r",
    },
    read: {
      id: "r",
      object: "list",
      model: "asked",
      results: [{ ...best, document: { text: "b" } }],
      ...counted(7),
    },
  },
  "deepinfra-rerank": {
    source: "deepinfra.com/Qwen/Qwen3-Reranker-8B/api",
    sent: { queries: ["q", "q"], documents: TEXTS, field_of_tomorrow: 1 },
    notes: ["max_tokens_per_doc"],
    reply: {
      scores: [0.1, 0.9],
      input_tokens: 7,
      request_id: null,
      inference_status: { status: "succeeded", cost: 0.1 },
    },
    read: {
      inference_status: { status: "succeeded", cost: 0.1 },
      object: "list",
      model: "asked",
      results: [shown],
      ...counted(7),
    },
  },
  "sglang-rerank": {
    source: "python/sglang/srt/entrypoints/openai/protocol.py of sgl-project/sglang",
    sent: { ...ASKED, documents: TEXTS },
    reply: [
      { score: 0.1, document: "a", index: 0, meta_info: { id: "x" } },
      { score: 0.9, document: "b", index: 1, meta_info: { id: "y" } },
    ],
    read: {
      object: "list",
      model: "asked",
      results: [{ ...best, document: { text: "b" }, meta_info: { id: "y" } }],
    },
  },
  "tei-rerank": {
    source: "huggingface.co/docs/text-embeddings-inference/quick_tour",
    sent: { query: "q", texts: TEXTS, return_text: true, field_of_tomorrow: 1 },
    notes: ["max_tokens_per_doc"],
    reply: [
      { index: 1, score: 0.9, text: "b" },
      { index: 0, score: 0.1, text: "a" },
    ],
    read: { object: "list", model: "asked", results: [{ ...best, document: { text: "b" } }] },
  },
  "vertex-rerank": {
    source: "docs.cloud.google.com/…/rest/v1/projects.locations.rankingConfigs/rank",
    sent: {
      model: "m",
      query: "q",
      records: [
        { id: "0", content: "a" },
        { id: "1", title: "B", content: "b" },
      ],
      topN: 1,
      ignoreRecordDetailsInResponse: true,
    },
    notes: ["max_tokens_per_doc", "field_of_tomorrow"],
    reply: { records: [{ id: "1", score: 0.9 }] },
    read: { object: "list", model: "asked", results: [shown] },
  },
  "workers-ai-rerank": {
    source: "Ai_Cf_Baai_Bge_Reranker_Base_Input and _Output of @cloudflare/workers-types",
    sent: { query: "q", contexts: [{ text: "a" }, { text: "b" }], top_k: 1, field_of_tomorrow: 1 },
    notes: ["max_tokens_per_doc"],
    reply: { result: { response: [{ id: 1, score: 0.9 }] }, success: true, errors: [], messages: [] },
    read: { object: "list", model: "asked", results: [shown] },
  },
};

describe.each(Object.entries(CASES))("%s", (codec, { sent, notes = [], reply, read: answered }) => {
  test("asks in the vendor's words", () => {
    expect(write(codec, ASKED)).toEqual({ body: sent, notes: [...notes] });
  });

  test("answers in the common shape", () => {
    expect(read(codec, reply, ASKED)).toEqual(answered);
  });

  test.each([[undefined], ["text"], [[]]])("refuses %p for documents", (documents) => {
    expect(() => write(codec, { ...ASKED, documents })).toThrow("documents: must be a list");
  });

  test.each([
    [{ top_n: "1" }, "top_n: must be a number"],
    [{ return_documents: "yes" }, "return_documents: must be a boolean"],
  ])("refuses %j", (wrong, message) => {
    expect(() => write(codec, { ...ASKED, ...wrong })).toThrow(message);
  });

  test("needs a query", () => {
    expect(() => write(codec, { ...ASKED, query: undefined })).toThrow("query: is required");
  });

  test.each([{}, { results: "x", data: 1, records: {}, scores: "x", result: {} }])(
    "cannot read %p",
    (malformed) => {
      expect(() => read(codec, malformed, ASKED)).toThrow(MalformedReply);
    },
  );
});

const TEXTS_ONLY = Object.keys(CASES).filter(
  (codec) =>
    !["rerank", "text-rerank", "sglang-rerank", "pinecone-rerank", "dashscope-rerank"].includes(codec),
);

describe.each(TEXTS_ONLY)("%s", (codec) => {
  test("names a document that is no text", () => {
    const body = { ...ASKED, documents: ["a", { image: "https://a.b/c.png" }] };
    expect(() => write(codec, body)).toThrow("documents.1: must be a text");
  });

  test("ranks by the fields that the client names", () => {
    const documents = [{ title: "B", text: "b", year: 2026 }];
    const { body } = write(codec, { ...ASKED, documents, rank_fields: ["title", "year"] });
    expect(JSON.stringify(body)).toContain(JSON.stringify("title: B\nyear: 2026"));
    expect(body).not.toHaveProperty("rank_fields");
  });
});

test("the vendor ranks by fields where it can", () => {
  const asked = { ...ASKED, rank_fields: ["title"] };
  expect(write("rerank", asked).body).toEqual(asked);
  expect(write("pinecone-rerank", asked).body).toMatchObject({ rank_fields: ["title"] });
});

test("texts are made of what has one, and the rest is the vendor's to judge", () => {
  const image = { content: [{ type: "image_url", image_url: { url: "https://a.b/c.png" } }] };
  const { body } = write("text-rerank", { query: "q", documents: ["a", { text: "b" }, image] });
  expect(body).toEqual({ query: "q", documents: ["a", "b", image] });
});

test("Cohere on Bedrock is told the version of its body", () => {
  const { body, notes } = write("bedrock-rerank", { ...ASKED, model: "cohere.rerank-v3-5:0" });
  expect(body).toEqual({ query: "q", documents: TEXTS, top_n: 1, api_version: 2, max_tokens_per_doc: 64 });
  expect(notes).toEqual(["field_of_tomorrow"]);
});

test("documents are not shown where nobody asks for them", () => {
  const { results } = read("cohere-rerank", { results: [best] }, { ...ASKED, return_documents: false });
  expect(results).toEqual([best]);
});

test("tokens are counted wherever a vendor says them", () => {
  const siliconflow = { results: [best], tokens: { input_tokens: 3, output_tokens: 0 } };
  expect(read("text-rerank", siliconflow)).toMatchObject({ usage: { total_tokens: 3 } });
  const xinference = { results: [best], meta: { tokens: { input_tokens: 4 } } };
  expect(read("text-rerank", xinference)).toMatchObject({ usage: { total_tokens: 4 } });
});

test.each(["x", null, { index: "first", relevance_score: 1 }, { index: 0 }])(
  "a ranked document is not %p",
  (item) => {
    expect(() => read("rerank", { results: [item] })).toThrow(MalformedReply);
  },
);
