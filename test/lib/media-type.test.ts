import { expect, test } from "bun:test";
import { mediaTypeOf } from "../../src/lib/media-type.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "latin1"));

test.each([
  ["image/png", "\u0089PNG\r\n\u001a\n…"],
  ["image/jpeg", "\u00ff\u00d8\u00ff\u00e0"],
  ["image/gif", "GIF89a"],
  ["image/gif", "GIF87a"],
  ["image/webp", "RIFF\u0001\u0002\u0003\u0004WEBPVP8 "],
  ["application/pdf", "%PDF-1.7"],
])("%s is told by its first bytes", (mediaType, text) => {
  expect(mediaTypeOf(bytes(text))).toBe(mediaType);
});

test.each(["", "<svg/>", "\u0089PN", "WEBP", "RIFF1234WAVE"])("%p is nothing that is known", (text) => {
  expect(mediaTypeOf(bytes(text))).toBeUndefined();
});
