/** Where bodies name images and documents by URL. */
import { describe, expect, test } from "bun:test";
import { spliceJson } from "../../src/lib/json-splice.ts";
import { mediaUrlsIn } from "../../src/providers/media-urls.ts";
import { isObject, type JsonObject } from "../../src/schema/json.ts";

const URL_ = "https://files.example/a";
const inMessage = (part: JsonObject): JsonObject => ({ messages: [{ role: "user", content: [part] }] });

/** The part after something was found at its URL. */
const replaced = (part: JsonObject, mediaType: string): unknown => {
  const body = inMessage(part);
  const bytes = Buffer.from("Ebb");
  const edits = mediaUrlsIn(body).flatMap((media) => media.replaced({ mediaType, bytes }));
  const value: unknown = JSON.parse(spliceJson(JSON.stringify(body), edits));
  return isObject(value) && Bun.deepEquals(value, body) ? undefined : at(value);
};
const at = (value: unknown): unknown =>
  (value as { messages: [{ content: [unknown] }] }).messages[0].content[0]; // the shape that `inMessage` gave it

const DATA = "RWJi";
const places: readonly (readonly [string, JsonObject, string, JsonObject])[] = [
  [
    "a chat's image",
    { type: "image_url", image_url: { url: URL_, detail: "low" } },
    "image_url.url",
    { type: "image_url", image_url: { url: `data:image/png;base64,${DATA}`, detail: "low" } },
  ],
  [
    "an image that is its URL",
    { type: "input_image", image_url: URL_ },
    "image_url",
    { type: "input_image", image_url: `data:image/png;base64,${DATA}` },
  ],
  [
    "a chat's file",
    { type: "file", file: { file_url: URL_, filename: "a" } },
    "file.file_url",
    { type: "file", file: { filename: "a", file_data: `data:image/png;base64,${DATA}` } },
  ],
  [
    "a chat's file, as OpenRouter's clients name it",
    { type: "file", file: { file_data: URL_ } },
    "file.file_data",
    { type: "file", file: { file_data: `data:image/png;base64,${DATA}` } },
  ],
  [
    "a chat's file, as LiteLLM's clients name it",
    { type: "file", file: { file_id: URL_ } },
    "file.file_id",
    { type: "file", file: { file_data: `data:image/png;base64,${DATA}` } },
  ],
  [
    "a file of the Responses API",
    { type: "input_file", file_url: URL_ },
    "file_url",
    { type: "input_file", file_data: `data:image/png;base64,${DATA}` },
  ],
  [
    "Anthropic's image",
    { type: "image", source: { type: "url", url: URL_ } },
    "source.url",
    { type: "image", source: { type: "base64", media_type: "image/png", data: DATA } },
  ],
  [
    "Anthropic's document",
    { type: "document", source: { type: "url", url: URL_ }, title: "a" },
    "source.url",
    { type: "document", source: { type: "base64", media_type: "image/png", data: DATA }, title: "a" },
  ],
];

describe.each(places)("%s", (_name, part, path, expected) => {
  test("is found, and what was found stands in its place", () => {
    expect(mediaUrlsIn(inMessage(part))).toMatchObject([{ url: URL_, path: `messages.0.content.0.${path}` }]);
    expect(replaced(part, "image/png")).toEqual(expected);
  });
});

test("a text stands in a document as text", () => {
  const part = { type: "document", source: { type: "url", url: URL_ } };
  expect(replaced(part, "text/markdown")).toEqual({
    type: "document",
    source: { type: "text", media_type: "text/plain", data: "Ebb" },
  });
});

test("the results of tools are looked through", () => {
  const image = { type: "image", source: { type: "url", url: URL_ } };
  const nested = inMessage({ type: "tool_result", tool_use_id: "t", content: [image] });
  const output = {
    input: [{ type: "function_call_output", output: [{ type: "input_image", image_url: URL_ }] }],
  };
  expect(mediaUrlsIn(nested).map(({ path }) => path)).toEqual(["messages.0.content.0.content.0.source.url"]);
  expect(mediaUrlsIn(output).map(({ path }) => path)).toEqual(["input.0.output.0.image_url"]);
});

const none: readonly (readonly [string, JsonObject])[] = [
  ["a data URI", { type: "image_url", image_url: { url: "data:image/png;base64,AA" } }],
  ["an object of S3", { type: "image", source: { type: "url", url: "s3://bucket/a.png" } }],
  ["a file that was uploaded", { type: "input_file", file_id: "f", file_url: URL_ }],
  ["base64", { type: "image", source: { type: "base64", media_type: "image/png", data: URL_ } }],
  ["a text", { type: "text", text: URL_ }],
  ["nothing", { type: "image_url" }],
];
test.each(none)("%s is not to be fetched", (_name, part) => {
  expect(mediaUrlsIn(inMessage(part))).toEqual([]);
});
