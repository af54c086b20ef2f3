import { describe, expect, test } from "bun:test";
import type { CodecContext, CodecReply } from "../../src/providers/codec.ts";
import { codecOf } from "../../src/providers/codecs.ts";
import { inAskedEncoding } from "../../src/providers/embeddings.ts";
import { GatewayError, MalformedReply } from "../../src/schema/errors.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const target = { provider: "test", option: () => undefined };

const contextOf = (request: JsonObject): CodecContext => ({ ...target, request, model: "asked", now: 1 });

const replyOf = (json: JsonObject | undefined): CodecReply => ({
  contentType: "application/json",
  bytes: new TextEncoder().encode(JSON.stringify(json ?? null)),
  json,
});

const read = (codec: string, json: JsonObject | undefined, request: JsonObject = {}): JsonObject =>
  codecOf(codec).read(replyOf(json), contextOf(request));

const write = (codec: string, body: JsonObject) => codecOf(codec).write(body, target);

describe.each(["nomic-embeddings", "perplexity-embeddings", "voyage-embeddings"])("%s", (codec) => {
  test.each([[[1, 2]], [[[1], [2]]], [[]], [null], [{ a: 1 }]])("refuses the input %p", (input) => {
    expect(() => write(codec, { model: "m", input })).toThrow("input: must be a text or a list of texts");
  });

  test("cannot read what holds no vectors", () => {
    expect(() => read(codec, {})).toThrow(MalformedReply);
    expect(() => read(codec, undefined)).toThrow(MalformedReply);
  });
});

describe("nomic's embeddings", () => {
  test("get the texts, in its words", () => {
    const body = {
      model: "m",
      input: "a",
      dimensions: 64,
      encoding_format: "float",
      task_type: "clustering",
    };
    expect(write("nomic-embeddings", body)).toEqual({
      body: { model: "m", texts: ["a"], dimensionality: 64, task_type: "clustering" },
      notes: [],
    });
  });

  test("name nobody, and are floats", () => {
    expect(write("nomic-embeddings", { input: ["a"], user: "me" }).notes).toEqual(["user"]);
    expect(write("nomic-embeddings", { input: ["a"], encoding_format: "base64" }).notes).toEqual([]);
    expect(write("nomic-embeddings", { input: ["a"], encoding_format: "int8" }).notes).toEqual([
      "encoding_format",
    ]);
  });

  const reply = { embeddings: [[0.5, -1]], usage: { prompt_tokens: 3, total_tokens: 3 }, model: "nomic" };

  test("are read as OpenAI's list", () => {
    expect(read("nomic-embeddings", reply)).toEqual({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5, -1] }],
      model: "nomic",
      usage: { prompt_tokens: 3, total_tokens: 3 },
      provider: target.provider,
    });
  });

  test("are base64 where the client asked for it", () => {
    const { data } = read("nomic-embeddings", reply, { encoding_format: "base64" });
    const floats = Buffer.from(new Float32Array([0.5, -1]).buffer).toString("base64");
    expect(data).toEqual([{ object: "embedding", index: 0, embedding: floats }]);
    expect(() => read("nomic-embeddings", { embeddings: ["x"] }, { encoding_format: "base64" })).toThrow(
      MalformedReply,
    );
  });
});

describe("voyage's embeddings", () => {
  test("get what it knows by other words", () => {
    const body = { model: "m", input: "a", dimensions: 64, encoding_format: "float", input_type: "query" };
    expect(write("voyage-embeddings", body)).toEqual({
      body: { model: "m", input: ["a"], output_dimension: 64, input_type: "query" },
      notes: [],
    });
    expect(write("voyage-embeddings", { input: "a", encoding_format: "base64" }).body).toEqual({
      input: ["a"],
      encoding_format: "base64",
    });
  });

  test("count the prompt", () => {
    const data = [{ object: "embedding", index: 0, embedding: [1] }];
    expect(
      read("voyage-embeddings", { object: "list", data, model: "v", usage: { total_tokens: 4 } }),
    ).toEqual({
      object: "list",
      data,
      model: "v",
      usage: { prompt_tokens: 4, total_tokens: 4 },
      provider: target.provider,
    });
  });

  test("are base64 where the client asked for it", () => {
    const data = [{ object: "embedding", index: 0, embedding: [0.5, -1] }];
    expect(read("voyage-embeddings", { data }, { encoding_format: "base64" })["data"]).toEqual([
      { object: "embedding", index: 0, embedding: "AAAAPwAAgL8=" },
    ]);
  });
});

describe("jina's embeddings", () => {
  test("have a type, and the name of nobody", () => {
    const body = { model: "m", input: "a", encoding_format: "base64", dimensions: 64, user: "me" };
    expect(write("jina-embeddings", body)).toEqual({
      body: { embedding_type: "base64", model: "m", dimensions: 64, input: "a" },
      notes: ["user"],
    });
  });

  test("are of the type that Jina's own word says", () => {
    const body = { input: ["a"], encoding_format: "base64", embedding_type: "ubinary" };
    expect(write("jina-embeddings", body).body).toEqual({ embedding_type: "ubinary", input: ["a"] });
  });

  test("are of media in its own shape or in that of others", () => {
    const input = [
      "a",
      { text: "b" },
      { image: "https://a.example/1.png" },
      { image: { url: "https://a.example/2.png" } },
      { image: { base64: "data:image/png;base64,QQ==" } },
      { image: { base64: "QQ==" } },
    ];
    expect(write("jina-embeddings", { input }).body).toEqual({
      input: [
        "a",
        { text: "b" },
        { image: "https://a.example/1.png" },
        { image: "https://a.example/2.png" },
        { image: "QQ==" },
        { image: "QQ==" },
      ],
    });
  });

  test("are packed where base64 was asked for", () => {
    const data = [{ object: "embedding", index: 0, embedding: [0.5, -1] }];
    const reply = { object: "list", model: "j", data, usage: { prompt_tokens: 3, total_tokens: 3 } };
    expect(read("jina-embeddings", reply)).toEqual({ ...reply, provider: target.provider });
    expect(read("jina-embeddings", reply, { encoding_format: "base64" })["data"]).toEqual([
      { object: "embedding", index: 0, embedding: "AAAAPwAAgL8=" },
    ]);
    expect(() => read("jina-embeddings", { model: "j" })).toThrow(MalformedReply);
  });
});

describe("perplexity's embeddings, which are signed bytes", () => {
  const CODEC = "perplexity-embeddings";
  const REPLY = {
    object: "list",
    data: [{ object: "embedding", index: 0, embedding: Buffer.from([127, 255, 0]).toString("base64") }],
    model: "pplx-embed-v1-4b",
    usage: { prompt_tokens: 4, total_tokens: 4, cost: { total_cost: 0.1 } },
  };

  test.each<[JsonObject, readonly string[]]>([
    [{ encoding_format: "float" }, []],
    [{ encoding_format: "base64", user: "u" }, ["user"]],
  ])("are asked for without a word for %j", (asked, notes) => {
    const body = { model: "m", input: "a", dimensions: 128 };
    expect(write(CODEC, { ...body, ...asked })).toEqual({
      body: { ...body, input: ["a"] },
      notes: [...notes],
    });
  });

  test("are numbers for those who want floats", () => {
    const [vector] = REPLY.data;
    expect(read(CODEC, REPLY)).toEqual({
      ...REPLY,
      data: [{ ...vector, embedding: [127, -1, 0] }],
      provider: "test",
    });
  });

  test("are base64 of floats for OpenAI's clients", () => {
    const floats = Buffer.from(new Float32Array([127, -1, 0]).buffer).toString("base64");
    expect(read(CODEC, REPLY, { encoding_format: "base64" })).toMatchObject({
      data: [{ embedding: floats }],
    });
  });

  test("stay as they are for who asks in the vendor's words", () => {
    const asked = { input: ["a"], encoding_format: "base64_binary" };
    expect(write(CODEC, asked).body).toEqual(asked);
    expect(read(CODEC, REPLY, asked)).toEqual({ ...REPLY, provider: "test" });
  });

  test("cannot be read where a vector is none", () => {
    expect(() => read(CODEC, { data: [{ embedding: [1] }] })).toThrow(MalformedReply);
  });
});

describe("voyage's embeddings of media", () => {
  const VOYAGE = "voyage-multimodal-embeddings";

  test("get every input as a list of pieces", () => {
    const image = { base64: "data:image/png;base64,AA==" };
    const input = ["a", { text: "b", image }, { video: { url: "https://a.b/v.mp4" } }];
    expect(write(VOYAGE, { model: "m", input, input_type: "document", dimensions: 256, user: "u" })).toEqual({
      body: {
        model: "m",
        inputs: [
          { content: [{ type: "text", text: "a" }] },
          {
            content: [
              { type: "text", text: "b" },
              { type: "image_base64", image_base64: "data:image/png;base64,AA==" },
            ],
          },
          { content: [{ type: "video_url", video_url: "https://a.b/v.mp4" }] },
        ],
        input_type: "document",
        output_dimension: 256,
      },
      notes: ["user"],
    });
  });

  test("get its own pieces as they are", () => {
    const content = [{ type: "image_url", image_url: "https://a.b/c.png" }];
    expect(write(VOYAGE, { input: [{ content }] }).body).toEqual({ inputs: [{ content }] });
    expect(write(VOYAGE, { inputs: [{ content }] }).body).toEqual({ inputs: [{ content }] });
  });

  test("count pixels, too", () => {
    const data = [{ object: "embedding", index: 0, embedding: [1] }];
    const usage = { text_tokens: 4, image_pixels: 2_000_000, total_tokens: 3576 };
    expect(read(VOYAGE, { object: "list", data, model: "v", usage })).toMatchObject({
      usage: { ...usage, prompt_tokens: 3576 },
    });
  });
});

describe("Oracle's embeddings", () => {
  const ORACLE = "oracle-embeddings";
  const at = {
    ...target,
    option: (name: string) => (name === "oracle_compartment_id" ? "ocid1" : undefined),
  };

  test("say who pays, and what for", () => {
    const body = { model: "cohere.embed-v4.0", input: "a", dimensions: 256, truncate: "end", user: "u" };
    expect(codecOf(ORACLE).write(body, at)).toEqual({
      body: {
        compartmentId: "ocid1",
        servingMode: { servingType: "ON_DEMAND", modelId: "cohere.embed-v4.0" },
        inputs: ["a"],
        inputType: "SEARCH_DOCUMENT",
        outputDimensions: 256,
        truncate: "END",
      },
      notes: ["user"],
    });
    expect(() => write(ORACLE, body)).toThrow("needs oracle_compartment_id");
  });

  test("are of another type where that was asked for", () => {
    const body = { model: "m", input: "a", encoding_format: "int8", input_type: "search_query" };
    expect(codecOf(ORACLE).write(body, at).body).toMatchObject({
      inputType: "SEARCH_QUERY",
      embeddingTypes: ["int8"],
    });
    expect(read(ORACLE, { embeddings: [], embeddingsByType: { int8: [[1]] } }, body)).toMatchObject({
      data: [{ embedding: [1] }],
    });
  });

  test("are read as OpenAI's list", () => {
    const usage = { promptTokens: 3, totalTokens: 3 };
    expect(read(ORACLE, { id: "e", embeddings: [[0.5]], modelId: "m1", usage })).toEqual({
      object: "list",
      provider: "test",
      data: [{ object: "embedding", index: 0, embedding: [0.5] }],
      model: "m1",
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
    expect(() => read(ORACLE, {})).toThrow(MalformedReply);
  });
});

/** Tokens are numbers of OpenAI's vocabulary: forwarded to those who have it, and meaningless to the others. */
describe.each([
  "bedrock-cohere-embeddings",
  "cohere-embeddings",
  "gemini-embedding",
  "gemini-embeddings",
  "jina-embeddings",
  "nomic-embeddings",
  "titan-embeddings",
  "vertex-embeddings",
  "voyage-embeddings",
  "voyage-multimodal-embeddings",
])("%s", (codec) => {
  test.each([[[15339, 1917]], [[[15339], [1917]]]])("refuses the tokens %p", (input) => {
    expect(() => write(codec, { model: "m", input })).toThrow(GatewayError);
    expect(() => write(codec, { model: "m", input })).toThrow(/^input/);
  });
});

test("a vendor that has no tokens says so", () => {
  expect(() => write("voyage-embeddings", { input: [15339] })).toThrow(
    "tokens are of OpenAI's own vocabulary",
  );
});

describe("floats of a vendor that gives nothing else", () => {
  const data = [
    { object: "embedding", index: 0, embedding: [0.5, -1] },
    { object: "embedding", index: 1, embedding: "AAAAPw==" },
  ];

  test("are packed, the lowest byte first, where base64 was asked for", () => {
    const packed = inAskedEncoding({ object: "list", data, new: 1 }, { encoding_format: "base64" });
    expect(packed).toEqual({
      object: "list",
      data: [
        { object: "embedding", index: 0, embedding: "AAAAPwAAgL8=" },
        { object: "embedding", index: 1, embedding: "AAAAPw==" },
      ],
      new: 1,
    });
  });

  test("stay as they are otherwise", () => {
    expect(inAskedEncoding({ data }, {})).toBeUndefined();
    expect(inAskedEncoding({ data }, { encoding_format: "float" })).toBeUndefined();
    expect(inAskedEncoding({ data: [data[1] ?? null] }, { encoding_format: "base64" })).toBeUndefined();
    expect(inAskedEncoding({ data: "x" }, { encoding_format: "base64" })).toBeUndefined();
  });
});
