import { describe, expect, test } from "bun:test";
import type { CodecContext, CodecReply } from "../../src/providers/codec.ts";
import { codecOf } from "../../src/providers/codecs.ts";
import { MalformedReply } from "../../src/schema/errors.ts";
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

describe.each(["nomic-embeddings", "voyage-embeddings"])("%s", (codec) => {
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

  test("name nobody", () => {
    expect(write("nomic-embeddings", { input: ["a"], user: "me" }).notes).toEqual(["user"]);
  });

  const reply = { embeddings: [[0.5, -1]], usage: { prompt_tokens: 3, total_tokens: 3 }, model: "nomic" };

  test("are read as OpenAI's list", () => {
    expect(read("nomic-embeddings", reply)).toEqual({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5, -1] }],
      model: "nomic",
      usage: { prompt_tokens: 3, total_tokens: 3 },
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
    });
  });
});
