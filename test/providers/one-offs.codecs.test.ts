import { describe, expect, test } from "bun:test";
import type { CodecReply } from "../../src/providers/codec.ts";
import { codecOf } from "../../src/providers/codecs.ts";
import { caught } from "../lib/caught.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const TARGET = { provider: "p", option: () => undefined };

const write = (codec: string, body: JsonObject) => codecOf(codec).write(body, TARGET);
const refusal = (codec: string, body: JsonObject): Promise<unknown> =>
  caught(Promise.try(() => write(codec, body)));

const read = (codec: string, json: JsonObject | undefined, request: JsonObject = {}): JsonObject =>
  codecOf(codec).read(replyOf(json), { ...TARGET, request, model: "m", now: 1790000000 });
const unread = (codec: string, json: JsonObject | undefined): Promise<unknown> =>
  caught(Promise.try(() => read(codec, json)));

const replyOf = (json: JsonObject | undefined): CodecReply => ({
  contentType: "application/json",
  bytes: new TextEncoder().encode(JSON.stringify(json ?? null)),
  json,
});

describe("Cohere embeds", () => {
  const picture = "data:image/png;base64,iVBORw0=";

  test.each<[string, JsonObject, JsonObject, readonly string[]]>([
    [
      "texts",
      { model: "m", input: ["a", { text: "b" }], input_type: "search_query", truncate: "END", user: "u" },
      {
        model: "m",
        texts: ["a", "b"],
        input_type: "search_query",
        embedding_types: ["float"],
        truncate: "END",
      },
      ["user"],
    ],
    [
      "pictures",
      { input: [{ image: { base64: picture } }], encoding_format: "int8" },
      { images: [picture], input_type: "image", embedding_types: ["int8"] },
      [],
    ],
    [
      "both together",
      { input: ["a", { text: "b", image: { base64: picture } }], encoding_format: ["float", "int8"] },
      {
        inputs: [
          { content: [{ type: "text", text: "a" }] },
          {
            content: [
              { type: "text", text: "b" },
              { type: "image_url", image_url: { url: picture } },
            ],
          },
        ],
        input_type: "search_document",
        embedding_types: ["float", "int8"],
      },
      ["embedding_types (int8)"],
    ],
    [
      "what stands in its own fields",
      { inputs: [{ content: [] }], embedding_types: ["binary"], output_dimension: 256 },
      {
        inputs: [{ content: [] }],
        input_type: "search_document",
        embedding_types: ["binary"],
        output_dimension: 256,
      },
      [],
    ],
    [
      "its own pictures",
      { images: [picture] },
      { images: [picture], input_type: "image", embedding_types: ["float"] },
      [],
    ],
    [
      "its own texts",
      { texts: ["a"], embedding_types: ["binary", "int8"] },
      { texts: ["a"], input_type: "search_document", embedding_types: ["binary", "int8"] },
      ["embedding_types (int8)"],
    ],
  ])("%s", (_, body, written, notes) => {
    expect(write("cohere-embeddings", body)).toEqual({ body: written, notes });
  });

  test.each<JsonObject>([
    { input: [1, 2] },
    { input: [] },
    { input: 5 },
    { input: ["a", 5] },
    { model: "m" },
  ])("nothing but texts and media: %j", async (body) => {
    const refused = await refusal("cohere-embeddings", body);
    expect(refused).toMatchObject({ code: "invalid_request", param: "input" });
  });

  test("what is no medium by its place", async () => {
    const input = ["a", { image: { url: "https://a.example/b.png" } }];
    expect(await refusal("cohere-embeddings", { input })).toMatchObject({ param: "input.1" });
  });

  test("with the tokens of pictures counted", () => {
    const meta = { billed_units: { input_tokens: 2, image_tokens: 12, images: 1 } };
    expect(read("cohere-embeddings", { embeddings: { float: [[1]] }, meta })).toMatchObject({
      usage: { prompt_tokens: 14, total_tokens: 14 },
    });
  });

  test("into floats, or into their bytes for a client that unpacks them", () => {
    const reply = {
      embeddings: { int8: [[1]], float: [[0.5, -2]] },
      meta: { tokens: { input_tokens: 4 }, billed_units: { input_tokens: 3 } },
    };
    expect(read("cohere-embeddings", reply)).toMatchObject({
      data: [{ index: 0, embedding: [0.5, -2] }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    const packed = Buffer.from(new Float32Array([0.5, -2]).buffer).toString("base64");
    expect(read("cohere-embeddings", reply, { encoding_format: "base64" })).toMatchObject({
      data: [{ embedding: packed }],
    });
  });

  test("into another type where that was asked for", () => {
    expect(read("cohere-embeddings", { embeddings: { int8: [[1, 2]] } })).toMatchObject({
      data: [{ embedding: [1, 2] }],
      usage: { prompt_tokens: 0 },
    });
  });
});

describe("a completion", () => {
  test("of Cohere is asked for in its words", () => {
    const body = {
      model: "command",
      prompt: ["Ebb and"],
      max_tokens: 5,
      top_p: 0.9,
      top_k: 3,
      n: 2,
      stop: "END",
      seed: 1,
      frequency_penalty: 0.5,
      logit_bias: { "11": -10 },
      stream: true,
      truncate: "NONE",
    };
    expect(write("cohere-completions", { ...body, echo: true, best_of: 3, user: "me", field: 1 })).toEqual({
      body: {
        model: "command",
        prompt: "Ebb and",
        max_tokens: 5,
        p: 0.9,
        k: 3,
        num_generations: 2,
        end_sequences: ["END"],
        seed: 1,
        frequency_penalty: 0.5,
        logit_bias: { "11": -10 },
        truncate: "NONE",
        stream: true,
      },
      notes: ["best_of", "echo", "user", "field"],
    });
  });

  test("of Cohere is read with its counts", () => {
    const generations = [
      { id: "1", text: " flow", finish_reason: "MAX_TOKENS" },
      { id: "2", text: " tide" },
    ];
    const meta = { billed_units: { input_tokens: 2, output_tokens: 5 } };
    expect(read("cohere-completions", { id: "g", prompt: "Ebb and", generations, meta })).toMatchObject({
      id: "g",
      object: "text_completion",
      model: "m",
      choices: [
        { index: 0, text: " flow", finish_reason: "length" },
        { index: 1, text: " tide", finish_reason: "stop" },
      ],
      usage: { prompt_tokens: 2, completion_tokens: 5, total_tokens: 7 },
    });
  });

  test("of Triton carries a model's own inputs and names what it cannot", () => {
    const body = { model: "m", prompt: ["a"], max_tokens: 9, random_seed: 1, n: 2, echo: true, stop: ["b"] };
    expect(write("triton-completions", body)).toEqual({
      body: { text_input: "a", max_tokens: 9, random_seed: 1, stop_words: ["b"] },
      notes: ["echo", "n"],
    });
  });

  test("of Workers AI names what it cannot carry", () => {
    expect(write("workers-ai-completions", { prompt: "a", seed: 1, stop: "b", n: 1, logprobs: 3 })).toEqual({
      body: { prompt: "a", seed: 1 },
      notes: ["logprobs", "stop"],
    });
  });

  test.each(["triton-completions", "workers-ai-completions"])(
    "of %s is of one prompt, and asked for as a stream where that is wanted",
    async (codec) => {
      expect(await refusal(codec, { prompt: ["a", "b"] })).toMatchObject({ param: "prompt" });
      expect(write(codec, { prompt: "a", stream: false }).body).not.toHaveProperty("stream");
      const asked = write(codec, { prompt: "a", stream: true, stream_options: { include_usage: true } });
      expect(asked.body).toHaveProperty("stream", true);
      expect(asked.body).not.toHaveProperty("stream_options");
      expect(asked.notes).toEqual([]);
    },
  );

  test("says no usage where none was counted", () => {
    expect(read("triton-completions", { text_output: ["Hello"] })).toEqual({
      id: "cmpl-1790000000",
      object: "text_completion",
      created: 1790000000,
      model: "m",
      choices: [{ index: 0, text: "Hello", logprobs: null, finish_reason: "stop" }],
      provider: "p",
    });
  });
});

describe("an image of Workers AI", () => {
  test("has steps as its model spells them, and names what it cannot carry", () => {
    const body = { prompt: "a", steps: 4, n: 2, response_format: "url", quality: "hd", guidance: 3 };
    expect(write("workers-ai-images", { ...body, model: "@cf/black-forest-labs/flux-1-schnell" })).toEqual({
      body: { prompt: "a", steps: 4, guidance: 3 },
      notes: ["quality", "response_format (url)", "n"],
    });
    expect(write("workers-ai-images", { ...body, model: "@cf/lykon/dreamshaper" }).body).toMatchObject({
      num_steps: 4,
    });
  });

  test("is a form for FLUX.2", async () => {
    const model = "@cf/black-forest-labs/flux-2-dev";
    const picture = "data:image/jpeg;base64,UE5H";
    const asked = { model, prompt: "a", steps: 25, size: "1024x768", input_image_0: picture };
    const { body, notes } = write("workers-ai-images", asked);
    if (!(body instanceof FormData)) throw new Error("it is no form");
    const { input_image_0: image, ...fields } = Object.fromEntries(body) as Record<string, string | File>;
    expect(fields).toEqual({ prompt: "a", steps: "25", width: "1024", height: "768" });
    expect(image instanceof Blob && [image.type, await image.text()]).toEqual(["image/jpeg", "PNG"]);
    expect(notes).toEqual([]);
  });

  test("has no size but in pixels", async () => {
    expect(await refusal("workers-ai-images", { prompt: "a", size: "large" })).toMatchObject({
      param: "size",
    });
  });

  test("comes in JSON", () => {
    expect(read("workers-ai-images", { result: { image: "UE5H" } })).toMatchObject({
      data: [{ b64_json: "UE5H" }],
    });
  });
});

test.each([
  "cohere-completions",
  "cohere-embeddings",
  "triton-completions",
  "workers-ai-completions",
  "workers-ai-images",
])("a reply that %s cannot read is malformed", async (codec) => {
  expect(await unread(codec, { result: null })).toMatchObject({ name: "MalformedReply" });
  expect(await unread(codec, undefined)).toMatchObject({ name: "MalformedReply" });
});
