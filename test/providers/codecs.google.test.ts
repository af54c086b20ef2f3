/** Embeddings and images of Google's APIs in OpenAI's shape. */
import { describe, expect, test } from "bun:test";
import type { CodecContext } from "../../src/providers/codec.ts";
import { codecOf } from "../../src/providers/codecs.ts";
import { MalformedReply } from "../../src/schema/errors.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const write = (codec: string, body: JsonObject) =>
  codecOf(codec).write(body, { provider: "google", option: () => undefined });

const read = (codec: string, json: JsonObject | undefined, request: JsonObject = {}): JsonObject => {
  const context: CodecContext = {
    provider: "google",
    option: () => undefined,
    request,
    model: "m",
    now: 1790000000,
  };
  return codecOf(codec).read({ contentType: "application/json", bytes: new Uint8Array(), json }, context);
};

describe("gemini-embeddings", () => {
  test("asks for every text by itself", () => {
    const body = {
      model: "gemini-embedding-001",
      input: ["a", "b"],
      dimensions: 8,
      task_type: "CLUSTERING",
      user: "u",
    };
    expect(write("gemini-embeddings", body)).toEqual({
      body: {
        requests: ["a", "b"].map((text) => ({
          model: "models/gemini-embedding-001",
          content: { parts: [{ text }] },
          taskType: "CLUSTERING",
          outputDimensionality: 8,
        })),
      },
      notes: ["user"],
    });
  });

  test("leaves out what is said to be null", () => {
    const body = { model: "m", input: "a", dimensions: null, task_type: null, title: null };
    const requests = [{ model: "models/m", content: { parts: [{ text: "a" }] } }];
    expect(write("gemini-embeddings", body).body).toEqual({ requests });
  });

  test("gives a list with the tokens where they are counted", () => {
    const reply = {
      embeddings: [{ values: [1, 0.5] }, { values: [0] }],
      usageMetadata: { promptTokenCount: 4 },
    };
    expect(read("gemini-embeddings", reply)).toEqual({
      object: "list",
      provider: "google",
      data: [
        { object: "embedding", index: 0, embedding: [1, 0.5] },
        { object: "embedding", index: 1, embedding: [0] },
      ],
      model: "m",
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
  });

  test("gives base64 where it is asked for", () => {
    const reply = read(
      "gemini-embeddings",
      { embeddings: [{ values: [1, -0.5] }] },
      { encoding_format: "base64" },
    );
    const [{ embedding } = { embedding: "" }] = reply["data"] as { embedding: string }[];
    const bytes = Buffer.from(embedding, "base64");
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([1, -0.5]);
  });

  test.each([[{ input: [1, 2] }], [{ input: [[1, 2]] }], [{ input: [] }], [{}]])("refuses %o", (body) => {
    expect(() => write("gemini-embeddings", body)).toThrow("input: must be a text or a list of texts");
  });

  test("asks for media, each by itself", () => {
    const image = { base64: "data:image/png;base64,AA==" };
    const input = ["a", { text: "b", image }, { video: { url: "files/v", mime_type: "video/mp4" } }];
    const { body } = write("gemini-embeddings", { model: "gemini-embedding-2", input });
    expect(body).toEqual({
      requests: [
        [{ text: "a" }],
        [{ text: "b" }, { inlineData: { mimeType: "image/png", data: "AA==" } }],
        [{ fileData: { fileUri: "files/v", mimeType: "video/mp4" } }],
      ].map((parts) => ({ model: "models/gemini-embedding-2", content: { parts } })),
    });
  });

  test.each([
    [{ input: [{}] }, "input.0: must be a text, {text} or {image: {base64}}"],
    [{ input: { image: { base64: "AA==" } } }, "input.0.image.base64: must be a data URI"],
    [{ input: { image: {} } }, "input.0.image: must be {url} or {base64}"],
  ])("refuses %o", (body, message) => {
    expect(() => write("gemini-embeddings", body)).toThrow(message);
  });

  test("names what it cannot say", () => {
    expect(write("gemini-embeddings", { input: "a", auto_truncate: true }).notes).toEqual(["auto_truncate"]);
  });

  test.each([[undefined], [{}], [{ embeddings: [{}] }], [{ embedding: {} }]])("cannot read %o", (json) => {
    expect(() => read("gemini-embeddings", json)).toThrow(MalformedReply);
  });

  test.each(["gemini-embeddings", "gemini-embedding"])("%s reads the answer of either method", (codec) => {
    const data = [{ object: "embedding", index: 0, embedding: [2] }];
    expect(read(codec, { embedding: { values: [2] } })["data"]).toEqual(data);
    expect(read(codec, { embeddings: [{ values: [2] }] })["data"]).toEqual(data);
  });
});

describe("gemini-embedding", () => {
  test("takes one text", () => {
    expect(write("gemini-embedding", { input: "a" }).body).toEqual({ content: { parts: [{ text: "a" }] } });
    // embedContentConfigToVertex of @google/genai
    expect(write("gemini-embedding", { input: "a", dimensions: 8, task_type: "CLUSTERING" }).body).toEqual({
      content: { parts: [{ text: "a" }] },
      embedContentConfig: { outputDimensionality: 8, taskType: "CLUSTERING" },
    });
    expect(() => write("gemini-embedding", { input: ["a", "b"] })).toThrow("one at a time");
    expect(read("gemini-embedding", { embedding: { values: [2] } })["data"]).toEqual([
      { object: "embedding", index: 0, embedding: [2] },
    ]);
  });
});

describe("vertex-embeddings", () => {
  test("asks for texts", () => {
    const body = {
      input: "a",
      dimensions: 256,
      task_type: "RETRIEVAL_QUERY",
      parameters: { autoTruncate: false },
    };
    expect(write("vertex-embeddings", body).body).toEqual({
      instances: [{ content: "a", task_type: "RETRIEVAL_QUERY" }],
      parameters: { autoTruncate: false, outputDimensionality: 256 },
    });
  });

  test("asks for images and videos", () => {
    const body = {
      input: [
        { text: "a", image: { base64: "data:image/png;base64,AA==" } },
        { video: { url: "gs://b/v.mp4", start_offset: 0, end_offset: 8, interval: 4 } },
      ],
      dimensions: 128,
    };
    expect(write("vertex-embeddings", body).body).toEqual({
      instances: [
        { text: "a", image: { bytesBase64Encoded: "AA==", mimeType: "image/png" } },
        {
          video: {
            gcsUri: "gs://b/v.mp4",
            videoSegmentConfig: { startOffsetSec: 0, endOffsetSec: 8, intervalSec: 4 },
          },
        },
      ],
      parameters: { dimension: 128 },
    });
  });

  test("takes texts among images", () => {
    const image = { url: "gs://b/i.png" };
    expect(write("vertex-embeddings", { input: ["a", { image }] }).body).toEqual({
      instances: [{ text: "a" }, { image: { gcsUri: "gs://b/i.png" } }],
    });
  });

  test("takes a URL for the object that holds it, and a data URI for what it holds", () => {
    const data = "data:image/png;base64,AA==";
    const input = [{ image: "gs://b/i.png" }, { image: { url: data } }, { video: data, text: null }];
    const inline = { bytesBase64Encoded: "AA==", mimeType: "image/png" };
    expect(write("vertex-embeddings", { input }).body).toEqual({
      instances: [{ image: { gcsUri: "gs://b/i.png" } }, { image: inline }, { video: inline }],
    });
  });

  test("refuses an input that holds nothing", () => {
    expect(() => write("vertex-embeddings", { input: [{ text: "a" }, { audio: { url: "x" } }] })).toThrow(
      "input.1: must be",
    );
  });

  test("adds the tokens of all texts", () => {
    const prediction = (value: number) => ({
      embeddings: { values: [value], statistics: { token_count: 3 } },
    });
    expect(read("vertex-embeddings", { predictions: [prediction(1), prediction(2)] })).toMatchObject({
      data: [{ embedding: [1] }, { embedding: [2], index: 1 }],
      usage: { prompt_tokens: 6 },
    });
  });

  test("gives what images and videos have beside the text", () => {
    const prediction = {
      textEmbedding: [1],
      imageEmbedding: [2],
      videoEmbeddings: [{ embedding: [3], startOffsetSec: 0, endOffsetSec: 4 }],
    };
    expect(read("vertex-embeddings", { predictions: [prediction] })["data"]).toEqual([
      {
        object: "embedding",
        index: 0,
        embedding: [1],
        image_embedding: [2],
        video_embeddings: [{ object: "embedding", index: 0, embedding: [3], start_offset: 0, end_offset: 4 }],
      },
    ]);
  });

  test.each([[undefined], [{}], [{ predictions: [{}] }]])("cannot read %o", (json) => {
    expect(() => read("vertex-embeddings", json)).toThrow(MalformedReply);
  });
});

describe("imagen", () => {
  test("asks in its own words", () => {
    const body = {
      model: "imagen-4.0-generate-001",
      prompt: "A boat",
      n: 2,
      size: "1792x1024",
      quality: "hd",
      output_format: "jpeg",
      style: "vivid",
      negative_prompt: "people",
      response_format: "url",
      user: "u",
    };
    expect(write("imagen", body)).toEqual({
      body: {
        instances: [{ prompt: "A boat" }],
        parameters: {
          includeRaiReason: true,
          negativePrompt: "people",
          sampleCount: 2,
          sampleImageStyle: "vivid",
          outputOptions: { mimeType: "image/jpeg", compressionQuality: 100 },
          aspectRatio: "16:9",
        },
      },
      notes: ["size (nearest 16:9)", "user", "response_format (url)"],
    });
  });

  test("reports a size that it cannot draw, and lets its own shape win", () => {
    expect(write("imagen", { prompt: "p", size: "7x7" }).notes).toEqual(["size (shape only)"]);
    expect(write("imagen", { prompt: "p", size: "1024x1024", aspectRatio: "4:3" }).body).toMatchObject({
      parameters: { aspectRatio: "4:3" },
    });
    expect(() => write("imagen", {})).toThrow("prompt: is required");
  });

  test("gives the images that were not filtered", () => {
    const predictions = [
      { raiFilteredReason: "R" },
      { mimeType: "image/png", bytesBase64Encoded: "aGk=", prompt: "P" },
    ];
    expect(read("imagen", { predictions })).toEqual({
      created: 1790000000,
      data: [{ b64_json: "aGk=", revised_prompt: "P" }],
      provider: "google",
    });
  });

  test("says why there is none", () => {
    expect(() => read("imagen", { predictions: [{ raiFilteredReason: "Too bold" }] })).toThrow(
      "google gave no image: Too bold",
    );
    expect(() => read("imagen", {})).toThrow("google gave no image: its content filter withheld it");
  });
});

describe("gemini-images", () => {
  const asked = (more: JsonObject = {}) => write("gemini-images", { model: "m", prompt: "A boat", ...more });
  const drawn = (parts: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
    candidates: [{ content: { parts }, ...more }],
  });

  test("asks in a chat, for one image of a shape", () => {
    expect(asked({ n: 2, size: "1536x1024", quality: "high", style: "vivid", seed: 3 })).toEqual({
      body: {
        contents: [{ role: "user", parts: [{ text: "A boat" }] }],
        generationConfig: { responseModalities: ["IMAGE"], imageConfig: { aspectRatio: "3:2" }, seed: 3 },
      },
      notes: ["quality", "style", "size (shape only)", "n (1)"],
    });
  });

  // github.com/BerriAI/litellm/pull/28192: native fields go on as they are
  test("takes the vendor's own words", () => {
    const { body } = asked({ image_config: { aspect_ratio: "9:16", image_size: "4K" }, safety_settings: [] });
    expect(body).toMatchObject({
      safetySettings: [],
      generationConfig: { imageConfig: { aspectRatio: "9:16", imageSize: "4K" } },
    });
  });

  test("gives the images, but for those that were thought of, and what they cost", () => {
    const inlineData = (data: string) => ({ inlineData: { mimeType: "image/png", data } });
    const usageMetadata = {
      promptTokenCount: 263,
      candidatesTokenCount: 1290,
      promptTokensDetails: [
        { modality: "TEXT", tokenCount: 5 },
        { modality: "IMAGE", tokenCount: 258 },
      ],
    };
    const reply = drawn([{ ...inlineData("AA=="), thought: true }, inlineData("aGk=")]);
    expect(read("gemini-images", { ...reply, usageMetadata })).toEqual({
      created: 1790000000,
      data: [{ b64_json: "aGk=" }],
      provider: "google",
      usage: {
        input_tokens: 263,
        output_tokens: 1290,
        total_tokens: 1553,
        input_tokens_details: { text_tokens: 5, image_tokens: 258 },
      },
    });
  });

  test.each([
    [drawn([{ text: "I cannot draw that." }], { finishReason: "STOP" }), "I cannot draw that."],
    [drawn([], { finishReason: "NO_IMAGE", finishMessage: "Try again." }), "Try again."],
    [{ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } }, "PROHIBITED_CONTENT"],
    [{}, "it says no reason"],
  ])("says why there is none", (reply, why) => {
    expect(() => read("gemini-images", reply)).toThrow(`google gave no image: ${why}`);
  });

  test("edits pictures, and wants one", () => {
    const edit = (image: JsonObject["image"]) => write("gemini-edits", { prompt: "At night", image, n: "1" });
    expect(edit(["data:image/png;base64,aGk=", { image_url: "https://a.example/b.webp" }])).toMatchObject({
      body: {
        contents: [
          {
            parts: [
              { text: "At night" },
              { inlineData: { mimeType: "image/png", data: "aGk=" } },
              { fileData: { mimeType: "image/webp", fileUri: "https://a.example/b.webp" } },
            ],
          },
        ],
      },
      notes: [],
    });
    expect(() => edit([])).toThrow("image: is required");
    expect(() => edit([7])).toThrow("image: must be a file");
  });
});
