/** What bytes are, told by the first of them: a server's word for it is often missing or wrong. */
import type { Bytes } from "./bytes.ts";

/** The media type of images and documents that begin with a mark; undefined for everything else. */
export const mediaTypeOf = (bytes: Bytes): string | undefined =>
  MARKS.find(([mark, at]) => begins(bytes, mark, at))?.[2];

/** RFC 2083 §12.11, ISO 10918-1, GIF89a §17, RFC 9649 §2.4, ISO 32000-1 §7.5.2 */
const MARKS: readonly (readonly [mark: Buffer, at: number, mediaType: string])[] = [
  [Buffer.from("\u0089PNG\r\n\u001a\n", "latin1"), 0, "image/png"],
  [Buffer.from("\u00ff\u00d8\u00ff", "latin1"), 0, "image/jpeg"],
  [Buffer.from("GIF87a"), 0, "image/gif"],
  [Buffer.from("GIF89a"), 0, "image/gif"],
  [Buffer.from("WEBP"), 8, "image/webp"], // RIFF and the length stand before it
  [Buffer.from("%PDF-"), 0, "application/pdf"],
];

const begins = (bytes: Bytes, mark: Buffer, at: number): boolean =>
  mark.equals(bytes.subarray(at, at + mark.length));
