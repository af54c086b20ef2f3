/** Embeddings through OpenAI's own client, which asks for base64 unless it is told otherwise. */
import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { type Headers, KEY, startPair } from "./setup.ts";
import { STEP_MS } from "../support/wait.ts";

const MAX_REPLY_BYTES = 4096;
const pair = startPair({ env: { TURNPIKE_MAX_REPLY_BYTES: String(MAX_REPLY_BYTES) } });

const EMBEDDINGS = "/v1/embeddings";
const FLOATS = [0.5, -1];
const PACKED = "AAAAPwAAgL8=";

const answerText = (text: string, headers: Headers = {}): void =>
  pair.upstream.enqueue({
    kind: "raw",
    chunks: [text],
    headers: { "content-type": "application/json", ...headers },
  });
const answer = (body: JsonValue): void => answerText(JSON.stringify(body));

const headersOf = (provider: string, more: Headers = {}): Record<string, string> => ({
  authorization: `Bearer ${KEY}`,
  "x-portkey-provider": provider,
  "x-portkey-custom-host": `${pair.upstream.url}/base`,
  ...more,
});

const client = (provider: string, more: Headers = {}): OpenAI =>
  new OpenAI({
    apiKey: KEY,
    baseURL: `${pair.gateway.url}/v1`,
    defaultHeaders: headersOf(provider, more),
    maxRetries: 0,
    timeout: STEP_MS,
  });

const listOf = (embedding: JsonValue): JsonObject => ({
  object: "list",
  data: [{ object: "embedding", index: 0, embedding }],
  model: "m-1",
  usage: { prompt_tokens: 3, total_tokens: 3 },
});

interface Vendor {
  readonly url: string;
  readonly sent: JsonObject;
  readonly reply: JsonValue;
  readonly model?: string;
  readonly headers?: Headers;
}

const AWS = {
  "x-portkey-aws-access-key-id": "AKIATEST",
  "x-portkey-aws-secret-access-key": "secret",
  "x-portkey-aws-region": "eu-west-1",
};
const VERTEX = { "x-portkey-vertex-project-id": "sea", "x-portkey-vertex-region": "europe-west4" };
const VERTEX_URL = "/base/v1/projects/sea/locations/europe-west4/publishers/google/models";

/** What every vendor is asked for one text in two dimensions. */
const VENDORS: Readonly<Record<string, Vendor>> = {
  "bedrock (Cohere)": {
    url: "/base/model/cohere.embed-v4%3A0/invoke",
    sent: { texts: ["a"], input_type: "search_document", output_dimension: 2 },
    reply: { embeddings: { float: [FLOATS] } },
    model: "cohere.embed-v4:0",
    headers: AWS,
  },
  "bedrock (Titan)": {
    url: "/base/model/amazon.titan-embed-text-v2%3A0/invoke",
    sent: { inputText: "a", dimensions: 2 },
    reply: { embedding: FLOATS, inputTextTokenCount: 3 },
    model: "amazon.titan-embed-text-v2:0",
    headers: AWS,
  },
  cohere: {
    url: "/base/v2/embed",
    sent: {
      model: "m",
      texts: ["a"],
      input_type: "search_document",
      embedding_types: ["float"],
      output_dimension: 2,
    },
    reply: { embeddings: { float: [FLOATS] }, meta: { billed_units: { input_tokens: 3 } } },
  },
  google: {
    url: "/base/v1beta/models/m:batchEmbedContents",
    sent: { requests: [{ model: "models/m", content: { parts: [{ text: "a" }] }, outputDimensionality: 2 }] },
    reply: { embeddings: [{ values: FLOATS }] },
  },
  groq: {
    url: "/base/embeddings",
    sent: { model: "m", input: "a", dimensions: 2, encoding_format: "base64" },
    reply: listOf(PACKED),
  },
  huggingface: {
    url: "/base/v1/embeddings",
    sent: { model: "m", input: "a", dimensions: 2, encoding_format: "base64" },
    reply: listOf(FLOATS), // whatever it was asked for
  },
  jina: {
    url: "/base/embeddings",
    sent: { model: "m", input: "a", dimensions: 2, embedding_type: "base64" },
    reply: listOf(PACKED),
  },
  nomic: {
    url: "/base/embedding/text",
    sent: { model: "m", texts: ["a"], dimensionality: 2 },
    reply: { embeddings: [FLOATS], usage: { prompt_tokens: 3, total_tokens: 3 } },
  },
  openai: {
    url: "/base/embeddings",
    sent: { model: "m", input: "a", dimensions: 2, encoding_format: "base64" },
    reply: listOf(PACKED),
  },
  openrouter: {
    url: "/base/v1/embeddings",
    sent: { model: "m", input: "a", dimensions: 2, encoding_format: "float" },
    reply: listOf(FLOATS),
  },
  tei: {
    url: "/base/v1/embeddings",
    sent: { model: "m", input: "a", dimensions: 2, encoding_format: "base64" },
    reply: listOf(FLOATS),
  },
  "vertex-ai": {
    url: `${VERTEX_URL}/m:predict`,
    sent: { instances: [{ content: "a" }], parameters: { outputDimensionality: 2 } },
    reply: { predictions: [{ embeddings: { values: FLOATS, statistics: { token_count: 3 } } }] },
    headers: VERTEX,
  },
  "vertex-ai (embedContent)": {
    url: `${VERTEX_URL}/gemini-embedding-2:embedContent`,
    sent: { content: { parts: [{ text: "a" }] }, embedContentConfig: { outputDimensionality: 2 } },
    reply: { embedding: { values: FLOATS }, usageMetadata: { promptTokenCount: 3 } },
    model: "gemini-embedding-2",
    headers: VERTEX,
  },
  voyage: {
    url: "/base/embeddings",
    sent: { model: "m", input: ["a"], output_dimension: 2, encoding_format: "base64" },
    reply: { ...listOf(PACKED), usage: { total_tokens: 3 } },
  },
  "voyage (multimodal)": {
    url: "/base/multimodalembeddings",
    sent: {
      model: "voyage-multimodal-3.5",
      inputs: [{ content: [{ type: "text", text: "a" }] }],
      output_dimension: 2,
      encoding_format: "base64",
    },
    reply: { ...listOf(PACKED), usage: { text_tokens: 3, image_pixels: 0, total_tokens: 3 } },
    model: "voyage-multimodal-3.5",
  },
};

describe.each(Object.entries(VENDORS))("%s", (name, { url, sent, reply, model = "m", headers }) => {
  const [provider = name] = name.split(" ");

  test("embeds for OpenAI's client, in the dimensions it asks for", async () => {
    answer(reply);
    const { data } = await client(provider, headers).embeddings.create({ model, input: "a", dimensions: 2 });
    expect(data).toEqual([{ object: "embedding", index: 0, embedding: FLOATS }]);
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe(url);
    expect(arrived.json).toEqual(sent);
  });

  test("gives base64 to whoever asks for it", async () => {
    answer(reply);
    const body = { model, input: "a", encoding_format: "base64" };
    const response = await pair.post(EMBEDDINGS, body, headersOf(provider, headers));
    expect(await response.json()).toMatchObject({ object: "list", data: [{ index: 0, embedding: PACKED }] });
  });
});

test.each([
  '{"model":"m","input":[15339, 1917],"new":1.0}',
  '{"model":"m","input":[[15339],[ 1917 ]],"new":1.0}',
])("tokens go on to those who have them, byte for byte: %s", async (text) => {
  answer(listOf(FLOATS));
  await pair.post(EMBEDDINGS, text, headersOf("openai"));
  expect((await pair.upstream.next()).body).toBe(text);
});

test("tokens are refused for those who do not", async () => {
  const response = await pair.post(EMBEDDINGS, { model: "m", input: [15339] }, headersOf("voyage"));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: {
      param: "input",
      message: expect.stringContaining("which this provider does not have"),
    },
  });
});

describe("an answer in OpenAI's own shape", () => {
  const recordOf = async (response: Response): Promise<JsonObject> => {
    const trace = response.headers.get("x-portkey-trace-id") ?? "";
    return pair.gateway.nextRecord((record) => record["trace_id"] === trace);
  };

  test("passes byte for byte, and its usage is in the record", async () => {
    const text =
      '{ "object":"list","data":[{"embedding":[1.0,2e0]}], "model":"m-1","usage":{"prompt_tokens":3,"total_tokens":3},"new":1.0}';
    answerText(text);
    const response = await pair.post(EMBEDDINGS, { model: "m", input: "a" }, headersOf("openai"));
    expect(await response.text()).toBe(text);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await recordOf(response)).toMatchObject({
      endpoint: "embeddings",
      response_model: "m-1",
      usage: { input: 3, output: 0 },
    });
  });

  test.each([[{}], [{ "content-length": "" }]])("passes, too large to be looked at (%p)", async (more) => {
    const text = JSON.stringify(listOf(Array.from({ length: MAX_REPLY_BYTES }, () => 0.5)));
    answerText(text, "content-length" in more ? { "content-length": String(text.length) } : {});
    const response = await pair.post(EMBEDDINGS, { model: "m", input: "a" }, headersOf("openai"));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(text);
    expect(await recordOf(response)).toMatchObject({ outcome: "answered", usage: null });
  });

  test("passes, though it is no JSON", async () => {
    answerText("[1]");
    const response = await pair.post(EMBEDDINGS, { model: "m", input: "a" }, headersOf("openai"));
    expect(await response.text()).toBe("[1]");
  });

  test("is an error, if it says so in spite of its status", async () => {
    answer({ error: { message: "overloaded", type: "server_error", code: 503 } });
    const response = await pair.post(EMBEDDINGS, { model: "m", input: "a" }, headersOf("openai"));
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect(await response.text()).toContain("overloaded");
  });
});

test("images are embedded by those who can", async () => {
  answer({ ...listOf(FLOATS), usage: { text_tokens: 1, image_pixels: 2_000_000, total_tokens: 3572 } });
  const base64 = "data:image/png;base64,AA==";
  const body = { model: "voyage-multimodal-3", input: [{ text: "b", image: { base64 } }] };
  const response = await pair.post(EMBEDDINGS, body, headersOf("voyage"));
  expect(await response.json()).toMatchObject({ usage: { image_pixels: 2_000_000, prompt_tokens: 3572 } });
  expect((await pair.upstream.next()).json).toEqual({
    model: "voyage-multimodal-3",
    inputs: [
      {
        content: [
          { type: "text", text: "b" },
          { type: "image_base64", image_base64: base64 },
        ],
      },
    ],
  });
});
