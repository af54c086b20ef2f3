import { describe, expect, test } from "bun:test";
import { parseDataUri, toDataUri } from "../../src/lib/data-uri.ts";

describe("parseDataUri", () => {
  test.each([
    ["data:image/png;base64,AAAA", { mediaType: "image/png", data: "AAAA" }],
    ["DATA:Image/PNG;BASE64,AAAA", { mediaType: "image/png", data: "AAAA" }],
    ["data:application/pdf;name=a.pdf;base64,JVBE", { mediaType: "application/pdf", data: "JVBE" }],
    ["data:text/plain; charset=utf-8; base64,aGk=", { mediaType: "text/plain", data: "aGk=" }],
    ["data:;base64,aGk=", { mediaType: "text/plain", data: "aGk=" }],
    ["data:image/png;base64,", { mediaType: "image/png", data: "" }],
  ])("reads %s", (uri, expected) => {
    expect(parseDataUri(uri)).toEqual(expected);
  });

  test.each(["data:text/plain,hello", "https://example.com/a.png", "data:image/png;base64", "AAAA", ""])(
    "leaves %p alone",
    (uri) => {
      expect(parseDataUri(uri)).toBeUndefined();
    },
  );
});

test("what toDataUri writes, parseDataUri reads", () => {
  expect(parseDataUri(toDataUri("audio/wav", "UklG"))).toEqual({ mediaType: "audio/wav", data: "UklG" });
});
