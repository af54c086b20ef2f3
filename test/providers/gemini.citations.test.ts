/** Where Gemini says that its words come from, whatever kind of source it names. */
import { expect, test } from "bun:test";
import { citationsOf } from "../../src/providers/gemini.citations.ts";
import type { JsonObject } from "../../src/schema/json.ts";

// The kinds of `GroundingChunk` of the Google Gen AI SDK 3.1.
test.each<[string, JsonObject, JsonObject | undefined]>([
  ["a page", { web: { uri: "https://a/1", title: "A" } }, { url: "https://a/1", title: "A" }],
  ["a document", { retrievedContext: { uri: "gs://b/d", text: "x" } }, { url: "gs://b/d", title: "" }],
  ["a place", { maps: { uri: "https://maps/1", title: "Port" } }, { url: "https://maps/1", title: "Port" }],
  [
    "a picture",
    { image: { sourceUri: "https://a/2", imageUri: "https://a/2.png", title: "P" } },
    { url: "https://a/2", title: "P" },
  ],
  ["a document without an address", { retrievedContext: { documentName: "d" } }, undefined],
])("%s", (_name, chunk, source) => {
  const grounding: JsonObject = {
    groundingChunks: [chunk],
    groundingSupports: [
      { segment: { startIndex: 0, endIndex: 5, text: "Tides" }, groundingChunkIndices: [0] },
    ],
  };
  const cited = { type: "url_citation", url_citation: { ...source, start_index: 0, end_index: 5 } };
  expect(citationsOf("Tides rise", grounding, undefined)).toEqual(source === undefined ? [] : [cited]);
});
