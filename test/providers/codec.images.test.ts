import { describe, expect, test } from "bun:test";
import type { CodecContext } from "../../src/providers/codec.ts";
import { codecOf } from "../../src/providers/codecs.ts";
import { MalformedReply } from "../../src/schema/errors.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { isObject } from "../../src/schema/json.ts";

const target = { provider: "painter", option: () => undefined };
const context: CodecContext = { ...target, request: {}, model: "m", now: 1790000000 };

const write = (codec: string, body: JsonObject) => codecOf(codec).write(body, target);

const read = (codec: string, value: JsonValue): JsonObject =>
  codecOf(codec).read(
    {
      contentType: "application/json",
      bytes: new TextEncoder().encode(JSON.stringify(value)),
      json: isObject(value) ? value : undefined,
    },
    context,
  );

const readBytes = (codec: string, contentType: string, text: string): JsonObject =>
  codecOf(codec).read({ contentType, bytes: new TextEncoder().encode(text), json: undefined }, context);

const images = (...data: readonly string[]) => ({
  created: 1790000000,
  data: data.map((b64_json) => ({ b64_json })),
  provider: "painter",
});

const fieldsOf = (body: unknown): Record<string, unknown> =>
  body instanceof FormData ? Object.fromEntries(body) : {};

const WITHHELD = "painter gave no image: its content filter withheld it";

describe.each([
  "stability-images",
  "stability-v1-images",
  "segmind-images",
  "fireworks-images",
  "fireworks-flux",
])("%s", (codec) => {
  test("wants a prompt", () => {
    expect(() => write(codec, { model: "m" })).toThrow("prompt: is required");
  });

  test.each(["big", "0x10", "10x", 5])("refuses the size %p", (size) => {
    expect(() => write(codec, { prompt: "p", size })).toThrow("size: must be WIDTHxHEIGHT or auto");
  });

  test("reports OpenAI's own words", () => {
    const body = { prompt: "p", size: "auto", quality: "hd", user: "me", response_format: "url" };
    expect(write(codec, body).notes).toEqual(["quality", "user", "response_format (url)"]);
  });

  test("cannot read what holds no image", () => {
    expect(() => read(codec, {})).toThrow(MalformedReply);
    expect(() => readBytes(codec, "text/html", "<html>")).toThrow(MalformedReply);
  });
});

describe("stability's first API", () => {
  test("gets prompts with weights", () => {
    const body = {
      model: "stable-diffusion-v1-6",
      prompt: "a cat",
      negative_prompt: "a dog",
      n: 2,
      size: "512x320",
      style: "anime",
      response_format: "b64_json",
      cfg_scale: 7,
    };
    expect(write("stability-v1-images", body)).toEqual({
      body: {
        text_prompts: [
          { text: "a cat", weight: 1 },
          { text: "a dog", weight: -1 },
        ],
        width: 512,
        height: 320,
        samples: 2,
        style_preset: "anime",
        cfg_scale: 7,
      },
      notes: [],
    });
  });

  test("knows no style of OpenAI's", () => {
    expect(write("stability-v1-images", { prompt: "p", style: "vivid" })).toEqual({
      body: { text_prompts: [{ text: "p", weight: 1 }] },
      notes: ["style"],
    });
  });

  test("gives the images that it did not withhold", () => {
    const good = { base64: "QQ==", finishReason: "SUCCESS", seed: 1 };
    const bad = { base64: "Qg==", finishReason: "CONTENT_FILTERED", seed: 2 };
    expect(read("stability-v1-images", { artifacts: [good, bad, good] })).toEqual(images("QQ==", "QQ=="));
    expect(() => read("stability-v1-images", { artifacts: [bad] })).toThrow(WITHHELD);
  });
});

describe("stability's second API", () => {
  test("gets a form", () => {
    const body = { model: "core", prompt: "a cat", seed: 7, size: "1792x1024", style: "anime", n: 1 };
    const written = write("stability-images", body);
    expect(fieldsOf(written.body)).toEqual({
      prompt: "a cat",
      seed: "7",
      aspect_ratio: "16:9",
      style_preset: "anime",
    });
    expect(written.notes).toEqual(["size (nearest 16:9)"]);
  });

  test.each([
    ["1024x1024", "1:1", "size (shape only)"],
    ["1024x1792", "9:16", "size (nearest 9:16)"],
    ["1536x1024", "3:2", "size (shape only)"],
  ])("takes the shape of %p", (size, ratio, note) => {
    const written = write("stability-images", { model: "ultra", prompt: "p", size });
    expect(fieldsOf(written.body)).toEqual({ prompt: "p", aspect_ratio: ratio });
    expect(written.notes).toEqual([note]);
  });

  test("keeps a shape that is said", () => {
    const written = write("stability-images", { prompt: "p", size: "1x1", aspect_ratio: "21:9" });
    expect(fieldsOf(written.body)).toEqual({ prompt: "p", aspect_ratio: "21:9" });
    expect(written.notes).toEqual([]);
  });

  test("is told which of its third models is meant", () => {
    const written = write("stability-images", { model: "sd3.5-large", prompt: "p", n: 3, style: "natural" });
    expect(fieldsOf(written.body)).toEqual({ prompt: "p", model: "sd3.5-large" });
    expect(written.notes).toEqual(["n", "style"]);
  });

  test("gets an image as a file", async () => {
    const { body } = write("stability-images", {
      prompt: "p",
      image: "data:image/webp;base64,QUI=",
      strength: 0.5,
    });
    const { image, ...rest } = fieldsOf(body);
    expect(rest).toEqual({ prompt: "p", strength: "0.5" });
    expect(image).toBeInstanceOf(Blob);
    expect(image instanceof Blob && [image.type, await image.text()]).toEqual(["image/webp", "AB"]);
  });

  test("gives its image unless it withheld it", () => {
    expect(read("stability-images", { image: "QQ==", finish_reason: "SUCCESS", seed: 1 })).toEqual(
      images("QQ=="),
    );
    expect(() => read("stability-images", { image: "QQ==", finish_reason: "CONTENT_FILTERED" })).toThrow(
      WITHHELD,
    );
  });
});

describe("segmind's images", () => {
  test("get what is asked, and nothing that is not", () => {
    const body = {
      model: "sdxl",
      prompt: "p",
      n: 2,
      size: "1024x768",
      steps: 30,
      quality: 90,
      scheduler: "UniPC",
    };
    expect(write("segmind-images", body)).toEqual({
      body: {
        prompt: "p",
        samples: 2,
        img_width: 1024,
        img_height: 768,
        num_inference_steps: 30,
        quality: 90,
        scheduler: "UniPC",
        base64: true,
      },
      notes: [],
    });
  });

  test("are one, several, or bytes", () => {
    expect(read("segmind-images", { image: "QQ==" })).toEqual(images("QQ=="));
    expect(read("segmind-images", { image: ["QQ==", "data:image/png;base64,Qg=="] })).toEqual(
      images("QQ==", "Qg=="),
    );
    expect(readBytes("segmind-images", "image/jpeg", "AB")).toEqual(images("QUI="));
  });
});

describe("fireworks' images", () => {
  test("are read from a list", () => {
    const list = [{ base64: "QQ==", finishReason: "SUCCESS", seed: 1 }];
    expect(read("fireworks-images", list)).toEqual(images("QQ=="));
    expect(() => read("fireworks-images", [{ finishReason: "CONTENT_FILTERED" }])).toThrow(WITHHELD);
    expect(() => read("fireworks-images", ["x"])).toThrow(MalformedReply);
  });

  test("of FLUX take a shape and its own words", () => {
    const body = {
      model: "flux",
      prompt: "p",
      size: "1280x720",
      n: 2,
      style: "vivid",
      steps: 4,
      cfg_scale: 3,
      seed: 1,
    };
    expect(write("fireworks-flux", body)).toEqual({
      body: { prompt: "p", aspect_ratio: "16:9", num_inference_steps: 4, guidance_scale: 3, seed: 1 },
      notes: ["n", "style", "size (shape only)"],
    });
    const reply = { id: "1", base64: ["data:image/png;base64,QQ=="], finishReason: "SUCCESS", seed: 1 };
    expect(read("fireworks-flux", reply)).toEqual(images("QQ=="));
    expect(readBytes("fireworks-flux", "image/png", "AB")).toEqual(images("QUI="));
  });
});
