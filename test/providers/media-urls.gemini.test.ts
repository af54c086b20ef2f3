/** Where Gemini's bodies name images and documents by URL. */
import { expect, test } from "bun:test";
import { spliceJson } from "../../src/lib/json-splice.ts";
import { mediaUrlsIn } from "../../src/providers/media-urls.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const URL_ = "https://files.example/a";
const BYTES = Buffer.from("Ebb");
const INLINE = { inlineData: { mimeType: "image/png", data: "RWJi" } };
const IMAGE = { fileData: { fileUri: URL_, mimeType: "image/png" } };

const filled = (body: JsonObject): unknown => {
  const edits = mediaUrlsIn(body).flatMap((media) =>
    media.replaced({ mediaType: "image/png", bytes: BYTES }),
  );
  return JSON.parse(spliceJson(JSON.stringify(body), edits));
};

test.each<[string, JsonObject, JsonObject, string]>([
  [
    "a list of contents",
    { contents: [{ parts: [{ text: "Hi" }, IMAGE] }] },
    { contents: [{ parts: [{ text: "Hi" }, INLINE] }] },
    "contents.0.parts.1.fileData.fileUri",
  ],
  [
    "one of each, without lists",
    {
      contents: { parts: { file_data: { file_uri: URL_, mime_type: "application/pdf" }, videoMetadata: {} } },
    },
    { contents: { parts: { videoMetadata: {}, ...INLINE } } },
    "contents.parts.file_data.file_uri",
  ],
  [
    "what a function gave",
    { contents: [{ parts: [{ functionResponse: { name: "f", parts: [IMAGE] } }] }] },
    { contents: [{ parts: [{ functionResponse: { name: "f", parts: [INLINE] } }] }] },
    "contents.0.parts.0.functionResponse.parts.0.fileData.fileUri",
  ],
])("%s", (_name, body, expected, path) => {
  expect(mediaUrlsIn(body)).toMatchObject([{ path, url: URL_ }]);
  expect(filled(body)).toEqual(expected);
});

test.each([
  { fileUri: "gs://bucket/a.png", mimeType: "image/png" },
  { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc", mimeType: "image/png" },
  { fileUri: "https://www.youtube.com/watch?v=1", mimeType: "video/mp4" },
  { fileUri: URL_ },
])("%j is not fetched", (fileData) => {
  expect(mediaUrlsIn({ contents: [{ parts: [{ fileData }] }] })).toEqual([]);
});
