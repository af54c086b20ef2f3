/** Image endpoints with words of their own: what is written, what is told, what is read. */
import { describe, expect, test } from "bun:test";
import type { Codec } from "../../src/providers/codec.ts";
import { xaiImages } from "../../src/providers/codec.xai-images.ts";
import { hyperbolicImages, siliconflowImages } from "../../src/providers/images-list.ts";
import { togetherImages } from "../../src/providers/images-openai.ts";
import { MalformedReply } from "../../src/schema/errors.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const TARGET = { provider: "p", option: () => undefined };

const written = (codec: Codec, body: JsonObject) => codec.write({ prompt: "A cat", ...body }, TARGET);

const read = (json: JsonObject | undefined) =>
  hyperbolicImages.read(
    { contentType: "application/json", bytes: new Uint8Array(), json },
    { ...TARGET, request: {}, model: "m", now: 7 },
  );

describe("writing", () => {
  test.each<[string, JsonObject, readonly string[]]>([
    ["one image is what there is", { n: 1, size: null }, []],
    ["more than one cannot be asked for", { n: 2 }, ["n"]],
    ["links cannot be asked for", { response_format: "url" }, ["response_format"]],
  ])("hyperbolic: %s", (_, body, notes) => {
    expect(written(hyperbolicImages, body)).toEqual({ body: { prompt: "A cat" }, notes });
  });

  test("hyperbolic: a size in words is the vendor's to judge", () => {
    expect(written(hyperbolicImages, { size: "large" }).body).toEqual({ prompt: "A cat", size: "large" });
  });

  test.each([hyperbolicImages, siliconflowImages])("OpenAI's own words are told, and not sent", (codec) => {
    const words = { quality: "hd", style: "vivid", background: "auto", user: "me", stream: true };
    expect(written(codec, { ...words, size: "auto" })).toEqual({
      body: { prompt: "A cat" },
      notes: ["quality", "user", "style"],
    });
  });

  test("siliconflow: data cannot be asked for", () => {
    expect(written(siliconflowImages, { response_format: "b64_json" })).toEqual({
      body: { prompt: "A cat" },
      notes: ["response_format"],
    });
  });

  test.each<[JsonObject, JsonObject]>([
    [
      { size: "1024x768", response_format: "b64_json", steps: 4 },
      { width: 1024, height: 768, response_format: "base64", steps: 4 },
    ],
    [{ size: "auto", response_format: "url" }, { response_format: "url" }],
    [
      { width: 512, height: 512 },
      { width: 512, height: 512 },
    ],
  ])("together: %j", (asked, sent) => {
    expect(written(togetherImages, asked)).toEqual({ body: { prompt: "A cat", ...sent }, notes: [] });
  });

  test.each<[JsonObject, JsonObject, readonly string[]]>([
    [{ size: "1024x1024", n: 2 }, { aspect_ratio: "1:1", n: 2 }, ["size (shape only)"]],
    [{ size: "1792x1024" }, { aspect_ratio: "16:9" }, ["size (nearest 16:9)"]],
    [{ aspect_ratio: "3:2", size: "1024x1024" }, { aspect_ratio: "3:2" }, []],
    [{ quality: "hd", style: "vivid" }, {}, ["quality", "style"]],
    [{ response_format: "b64_json" }, { response_format: "b64_json" }, []],
  ])("grok: %j", (asked, sent, notes) => {
    expect(written(xaiImages, asked)).toEqual({ body: { prompt: "A cat", ...sent }, notes });
  });

  test.each([hyperbolicImages, siliconflowImages, togetherImages, xaiImages])(
    "a prompt is needed",
    (codec) => {
      expect(() => codec.write({ model: "m" }, TARGET)).toThrow("prompt: is required");
    },
  );
});

describe("reading", () => {
  test("links and data keep their order", () => {
    expect(read({ images: [{ url: "u" }, { image: "d" }] })).toEqual({
      created: 7,
      data: [{ url: "u" }, { b64_json: "d" }],
      provider: "p",
    });
  });

  test.each([undefined, {}, { images: {} }, { images: [null] }, { images: [{ seed: 1 }] }])(
    "%j is malformed",
    (json) => {
      expect(() => read(json)).toThrow();
    },
  );
});

test.each([togetherImages, xaiImages])("what comes in OpenAI's shape stays so", (codec) => {
  const of = (json: JsonObject | undefined) =>
    codec.read(
      { contentType: "application/json", bytes: new Uint8Array(), json },
      { ...TARGET, request: {}, model: "m", now: 7 },
    );
  const data = [{ index: 0, b64_json: "QQ==", revised_prompt: "" }];
  expect(of({ data, id: "i" })).toEqual({ created: 7, data, id: "i", provider: "p" });
  expect(() => of({ images: [] })).toThrow(MalformedReply);
  expect(() => of(undefined)).toThrow(MalformedReply);
});
