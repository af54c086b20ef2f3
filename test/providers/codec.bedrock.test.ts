/** Embeddings and images of Bedrock's models: the vendors' bodies, and OpenAI's shape of what they answer. */
import { describe, expect, test } from "bun:test";
import { codecOf } from "../../src/providers/codecs.ts";
import { GatewayError, MalformedReply } from "../../src/schema/errors.ts";
import { isObject, type JsonObject, type JsonValue } from "../../src/schema/json.ts";

const TARGET = { provider: "bedrock", option: () => undefined };
const NOW = 1_790_000_000;

const write = (codec: string, body: JsonObject) => codecOf(codec).write(body, TARGET);
const read = (codec: string, reply: JsonObject, request: JsonObject, headers: Record<string, string> = {}) =>
  codecOf(codec).read(
    { contentType: "application/json", headers: new Headers(headers), bytes: new Uint8Array(), json: reply },
    { ...TARGET, request, model: typeof request["model"] === "string" ? request["model"] : "", now: NOW },
  );
const first = (reply: JsonObject): JsonValue | undefined => {
  const data = reply["data"];
  const item: unknown = Array.isArray(data) ? data[0] : undefined;
  return isObject(item) ? (item["embedding"] ?? item["b64_json"]) : undefined;
};

type Row = readonly [name: string, sent: JsonObject, written: JsonObject, notes?: readonly string[]];
const writes = (codec: string, rows: readonly Row[]): void =>
  test.each([...rows])("%s", (_name, sent, written, notes = []) => {
    const before = structuredClone(sent);
    expect(write(codec, sent)).toEqual({ body: written, notes: [...notes] });
    expect(sent).toEqual(before);
  });
const refuses = (codec: string, rows: readonly (readonly [string, JsonObject])[]): void =>
  test.each([...rows])("%s is refused", (_name, sent) => {
    expect(() => write(codec, sent)).toThrow(GatewayError);
  });

describe("Titan's embeddings", () => {
  const V1 = "amazon.titan-embed-text-v1";
  const V2 = "amazon.titan-embed-text-v2:0";
  const IMAGE = "amazon.titan-embed-image-v1";
  writes("titan-embeddings", [
    ["of a text", { model: V2, input: "Ebb" }, { inputText: "Ebb" }],
    ["of a text in a list", { model: V2, input: ["Ebb"], encoding_format: "base64" }, { inputText: "Ebb" }],
    [
      "with all that the second model takes",
      { model: V2, input: ["Ebb"], dimensions: 256, normalize: false, encoding_format: "binary" },
      { inputText: "Ebb", dimensions: 256, normalize: false, embeddingTypes: ["binary"] },
    ],
    [
      "of the first model, which takes nothing",
      { model: V1, input: "Ebb", dimensions: 256, encoding_format: "binary", user: "u" },
      { inputText: "Ebb" },
      ["dimensions", "encoding_format", "user"],
    ],
    [
      "of a picture with a text",
      { model: IMAGE, input: [{ text: "Ebb", image: { base64: "AAAA" } }], dimensions: 384 },
      { inputText: "Ebb", inputImage: "AAAA", embeddingConfig: { outputEmbeddingLength: 384 } },
    ],
    [
      "of a picture in a data URI",
      { model: IMAGE, input: { image: { base64: "data:image/png;base64,AAAA" } } },
      { inputImage: "AAAA" },
    ],
  ]);
  refuses("titan-embeddings", [
    ["a second text", { model: V2, input: ["Ebb", "Flow"] }],
    ["no text", { model: V2, input: [] }],
    ["tokens", { model: V2, input: [1, 2] }],
    ["a picture for a text model", { model: V2, input: [{ image: { base64: "AAAA" } }] }],
  ]);

  const REPLY = {
    embedding: [0.5, -1],
    inputTextTokenCount: 3,
    embeddingsByType: { float: [0.5, -1], binary: [1, 0] },
  };
  test("are a list of one", () => {
    expect(read("titan-embeddings", REPLY, { model: V2, input: "Ebb" })).toEqual({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5, -1] }],
      model: V2,
      usage: { prompt_tokens: 3, total_tokens: 3 },
      provider: "bedrock",
    });
  });

  test("are of the type that was asked for", () => {
    expect(first(read("titan-embeddings", REPLY, { model: V2, encoding_format: "binary" }))).toEqual([1, 0]);
    const floats = Buffer.from(new Float32Array([0.5, -1]).buffer).toString("base64");
    expect(first(read("titan-embeddings", REPLY, { model: V2, encoding_format: "base64" }))).toBe(floats);
  });

  test("that are not there are no answer", () => {
    expect(() => read("titan-embeddings", { message: "x" }, { model: V2 })).toThrow(MalformedReply);
  });
});

describe("Cohere's embeddings", () => {
  const V3 = "cohere.embed-english-v3";
  const V4 = "us.cohere.embed-v4:0";
  writes("bedrock-cohere-embeddings", [
    [
      "of texts are of documents unless said otherwise",
      { model: V3, input: ["Ebb", "Flow"], encoding_format: "float" },
      { texts: ["Ebb", "Flow"], input_type: "search_document" },
    ],
    [
      "with Cohere's own words",
      { model: V3, input: "Ebb", input_type: "search_query", truncate: "END", encoding_format: "int8" },
      { texts: ["Ebb"], input_type: "search_query", truncate: "END", embedding_types: ["int8"] },
    ],
    [
      "of a size that only the fourth model makes",
      { model: V3, input: "Ebb", dimensions: 256, user: "u" },
      { texts: ["Ebb"], input_type: "search_document" },
      ["dimensions", "user"],
    ],
    [
      "of the fourth model",
      { model: V4, input: "Ebb", dimensions: 256, max_tokens: 8 },
      { texts: ["Ebb"], input_type: "search_document", output_dimension: 256, max_tokens: 8 },
    ],
    [
      "of pictures",
      { model: V3, input: [{ image: { base64: "data:image/png;base64,AAAA" } }] },
      { images: ["data:image/png;base64,AAAA"], input_type: "image" },
    ],
    [
      "of texts in objects",
      { model: V3, input: [{ text: "Ebb" }, "Flow"] },
      { texts: ["Ebb", "Flow"], input_type: "search_document" },
    ],
    [
      "of what is mixed in Cohere's own field",
      { model: V4, inputs: [{ content: [{ type: "text", text: "Ebb" }] }] },
      { inputs: [{ content: [{ type: "text", text: "Ebb" }] }], input_type: "search_document" },
    ],
    [
      "of texts and pictures, which the fourth model takes together",
      { model: V4, input: ["Ebb", { text: "Flow", image: { base64: "data:image/png;base64,AAAA" } }] },
      {
        inputs: [
          { content: [{ type: "text", text: "Ebb" }] },
          {
            content: [
              { type: "text", text: "Flow" },
              { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
            ],
          },
        ],
        input_type: "search_document",
      },
    ],
    [
      "of pictures alone by the fourth model",
      { model: V4, input: [{ image: { base64: "data:image/png;base64,AAAA" } }] },
      { images: ["data:image/png;base64,AAAA"], input_type: "search_document" },
    ],
  ]);
  refuses("bedrock-cohere-embeddings", [
    ["nothing", { model: V3 }],
    ["tokens", { model: V3, input: [[1, 2]] }],
    ["a picture beside a text", { model: V3, input: ["Ebb", { image: { base64: "AAAA" } }] }],
  ]);

  const COUNT = { "x-amzn-bedrock-input-token-count": "7" };
  test("are counted by a header", () => {
    const reply = { id: "1", texts: ["ebb"], embeddings: [[0.5], [1]], response_type: "embeddings_floats" };
    expect(read("bedrock-cohere-embeddings", reply, { model: V3 }, COUNT)).toEqual({
      object: "list",
      data: [
        { object: "embedding", index: 0, embedding: [0.5] },
        { object: "embedding", index: 1, embedding: [1] },
      ],
      model: V3,
      usage: { prompt_tokens: 7, total_tokens: 7 },
      provider: "bedrock",
    });
  });

  test("come by type where one was asked for", () => {
    const reply = { embeddings: { int8: [[5]], float: [[0.5]] }, response_type: "embeddings_by_type" };
    expect(first(read("bedrock-cohere-embeddings", reply, { encoding_format: "int8" }))).toEqual([5]);
    expect(first(read("bedrock-cohere-embeddings", reply, {}))).toEqual([0.5]);
    expect(first(read("bedrock-cohere-embeddings", { embeddings: { ubinary: [[3]] } }, {}))).toEqual([3]);
    expect(() => read("bedrock-cohere-embeddings", {}, {})).toThrow(MalformedReply);
  });
});

describe("Nova's embeddings", () => {
  const model = "amazon.nova-2-multimodal-embeddings-v1:0";
  const asked = (params: JsonObject): JsonObject => ({
    schemaVersion: "nova-multimodal-embed-v1",
    taskType: "SINGLE_EMBEDDING",
    singleEmbeddingParams: params,
  });
  writes("nova-embeddings", [
    [
      "of a text",
      { model, input: ["Ebb"], dimensions: 1024, encoding_format: "base64", user: "u" },
      asked({
        embeddingPurpose: "GENERIC_INDEX",
        embeddingDimension: 1024,
        text: { truncationMode: "END", value: "Ebb" },
      }),
      ["user"],
    ],
    [
      "of a question",
      { model, input: "Ebb?", input_type: "search_query", encoding_format: "binary" },
      asked({
        embeddingPurpose: "GENERIC_RETRIEVAL",
        text: { truncationMode: "END", value: "Ebb?" },
      }),
      ["encoding_format"],
    ],
    [
      "of a picture, for the vendor's own purpose",
      {
        model,
        input: { image: { base64: "data:image/jpeg;base64,AAAA" } },
        input_type: "IMAGE_RETRIEVAL",
      },
      asked({
        embeddingPurpose: "IMAGE_RETRIEVAL",
        image: { format: "jpeg", source: { bytes: "AAAA" } },
      }),
    ],
    [
      "of a film in S3",
      { model, input: { video: { url: "s3://bucket/ebb.mp4" } } },
      asked({
        embeddingPurpose: "GENERIC_INDEX",
        video: {
          format: "mp4",
          source: { s3Location: { uri: "s3://bucket/ebb.mp4" } },
          embeddingMode: "AUDIO_VIDEO_COMBINED",
        },
      }),
    ],
  ]);
  refuses("nova-embeddings", [
    ["nothing", { model }],
    ["two texts", { model, input: ["Ebb", "Flow"] }],
    [
      "a text with a picture",
      { model, input: { text: "Ebb", image: { base64: "data:image/png;base64,AAAA" } } },
    ],
    ["a film elsewhere", { model, input: { video: { url: "https://example.com/ebb.mp4" } } }],
  ]);

  test("are a list of one, counted by a header", () => {
    const reply = { embeddings: [{ embeddingType: "TEXT", embedding: [0.5, -1] }] };
    expect(read("nova-embeddings", reply, { model }, { "x-amzn-bedrock-input-token-count": "7" })).toEqual({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5, -1] }],
      model,
      usage: { prompt_tokens: 7, total_tokens: 7 },
      provider: "bedrock",
    });
    expect(() => read("nova-embeddings", { embeddings: [] }, { model })).toThrow(MalformedReply);
  });
});

describe("Amazon's images", () => {
  writes("nova-images", [
    [
      "from a prompt",
      {
        model: "amazon.nova-canvas-v1:0",
        prompt: "A bay",
        n: 2,
        size: "1024x512",
        quality: "hd",
        response_format: "b64_json",
      },
      {
        taskType: "TEXT_IMAGE",
        textToImageParams: { text: "A bay" },
        imageGenerationConfig: { numberOfImages: 2, width: 1024, height: 512, quality: "premium" },
      },
    ],
    [
      "with the vendor's words",
      {
        prompt: "A bay",
        negative_prompt: "fog",
        style: "GRAPHIC_NOVEL_ILLUSTRATION",
        seed: 5,
        cfg_scale: 6.5,
      },
      {
        taskType: "TEXT_IMAGE",
        textToImageParams: { text: "A bay", negativeText: "fog", style: "GRAPHIC_NOVEL_ILLUSTRATION" },
        imageGenerationConfig: { seed: 5, cfgScale: 6.5 },
      },
    ],
    [
      "without OpenAI's",
      {
        prompt: "A bay",
        style: "vivid",
        quality: "auto",
        size: "auto",
        background: "opaque",
        response_format: "url",
        x: 1,
      },
      { taskType: "TEXT_IMAGE", textToImageParams: { text: "A bay" }, imageGenerationConfig: {} },
      ["background", "response_format (url)", "style", "x"],
    ],
    [
      "of another task",
      { prompt: "A bay", taskType: "IMAGE_VARIATION", imageVariationParams: { images: ["AAAA"] } },
      {
        taskType: "IMAGE_VARIATION",
        textToImageParams: { text: "A bay" },
        imageVariationParams: { images: ["AAAA"] },
        imageGenerationConfig: {},
      },
    ],
  ]);
  refuses("nova-images", [
    ["no prompt", {}],
    ["a size of no numbers", { prompt: "A bay", size: "big" }],
  ]);

  test("are a list", () => {
    expect(read("nova-images", { images: ["AAAA", "BBBB"], error: null }, {})).toEqual({
      created: NOW,
      data: [{ b64_json: "AAAA" }, { b64_json: "BBBB" }],
      provider: "bedrock",
    });
  });

  test("that the filter withheld are an error", () => {
    expect(() => read("nova-images", { images: [], error: "blocked" }, {})).toThrow(GatewayError);
    expect(() => read("nova-images", {}, {})).toThrow(MalformedReply);
  });
});

describe("Stability's images", () => {
  const CORE = "stability.stable-image-core-v1:1";
  writes("bedrock-stability-images", [
    ["from a prompt", { model: CORE, prompt: "A bay" }, { prompt: "A bay" }],
    [
      "in a shape, with Stability's words",
      { model: CORE, prompt: "A bay", size: "1024x1024", seed: 4, negative_prompt: "fog", style: "anime" },
      { aspect_ratio: "1:1", style_preset: "anime", prompt: "A bay", seed: 4, negative_prompt: "fog" },
      ["size (shape only)"],
    ],
    [
      "from a picture",
      { prompt: "A bay", image: "data:image/png;base64,AAAA", strength: 0.4, n: 3, style: "natural" },
      { mode: "image-to-image", image: "AAAA", prompt: "A bay", strength: 0.4 },
      ["n", "style"],
    ],
  ]);

  test("are a list", () => {
    const reply = { seeds: [1], finish_reasons: [null], images: ["AAAA"] };
    expect(first(read("bedrock-stability-images", reply, {}))).toBe("AAAA");
  });

  test("that the filter withheld are an error", () => {
    const reply = { finish_reasons: ["Filter reason: prompt"] };
    expect(() => read("bedrock-stability-images", reply, {})).toThrow(GatewayError);
    expect(() => read("bedrock-stability-images", {}, {})).toThrow(MalformedReply);
  });
});

describe("completions", () => {
  const LLAMA = "bedrock-llama-completions";
  const MISTRAL = "bedrock-mistral-completions";
  writes(LLAMA, [
    [
      "of Llama",
      { model: "m", prompt: "a", max_tokens: 5, temperature: 0, top_p: 1, stop: ["."], odd: 1 },
      { prompt: "a", max_gen_len: 5, temperature: 0, top_p: 1 },
      ["stop", "odd"],
    ],
  ]);
  writes(MISTRAL, [
    [
      "of Mistral",
      { model: "m", prompt: ["a"], stop: ["."], seed: 1, suffix: "b" },
      { prompt: "a", stop: ["."] },
      ["seed", "suffix"],
    ],
  ]);
  refuses(LLAMA, [["more than one prompt", { prompt: ["a", "b"] }]]);
  refuses(MISTRAL, [["no prompt", {}]]);

  test("are read, with counts where there are some", () => {
    expect(read(LLAMA, { generation: "b" }, {})).toEqual({
      id: `cmpl-${NOW}`,
      object: "text_completion",
      created: NOW,
      model: "",
      choices: [{ index: 0, text: "b", logprobs: null, finish_reason: "stop" }],
      provider: "bedrock",
    });
    expect(read(MISTRAL, { outputs: [{ text: "b", stop_reason: "length" }] }, {})).toMatchObject({
      choices: [{ text: "b", finish_reason: "length" }],
    });
  });

  test.each([
    [LLAMA, {}],
    [MISTRAL, { outputs: [] }],
    ["bedrock-titan-completions", { results: [{ tokenCount: 3 }] }],
    ["bedrock-cohere-completions", { generations: "none" }],
    ["bedrock-cohere-completions", { generations: [{ text: "", finish_reason: "ERROR" }] }],
    ["bedrock-jurassic-completions", { completions: [{ data: "none" }] }],
    ["bedrock-claude-completions", { stop_reason: "max_tokens" }],
  ])("%s without a text is malformed", (codec, reply) => {
    expect(() => read(codec, reply, {})).toThrow(MalformedReply);
  });
});
