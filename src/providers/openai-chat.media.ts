/** Images and files, which OpenAI's two APIs spell alike. */
import { parseDataUri } from "../lib/data-uri.ts";
import { defined } from "../lib/defined.ts";
import type { Block, FileBlock, MediaSource } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { stringField } from "./body-fields.ts";

/** Clients put PDFs where images go; upstreams that read PDFs want a document. */
export const readImageUrl = (url: string, detail: string | undefined): Block => {
  const data = parseDataUri(url);
  if (data?.mediaType === PDF) return { kind: "file", source: { kind: "data", ...data } };
  const source: MediaSource = data === undefined ? { kind: "url", url } : { kind: "data", ...data };
  return { kind: "image", source, ...defined({ detail }) };
};

/** `mime_type`, and `file_url` in the chat API, are not OpenAI's; clients send them to reach other providers. */
export const readFile = (file: JsonObject, path: string): FileBlock => ({
  kind: "file",
  source: fileSource(file, path),
  ...defined({ name: stringField(file, "filename", path) }),
});

/** A name for a file that has none, which both APIs ask for. */
export const nameOfFile = (mediaType: string): string => (mediaType === PDF ? "document.pdf" : "document");

const PDF = "application/pdf";
const PLAIN_TEXT = "text/plain";

const fileSource = (file: JsonObject, path: string): MediaSource => {
  const id = stringField(file, "file_id", path);
  if (id !== undefined) return { kind: "id", id };
  const url = stringField(file, "file_url", path);
  if (url !== undefined) return { kind: "url", url };
  const data = stringField(file, "file_data", path);
  if (data === undefined) throw invalidRequest(path, "needs file_data, file_id or file_url");
  return dataSource(data, stringField(file, "mime_type", path) ?? PDF);
};

const dataSource = (data: string, statedType: string): MediaSource => {
  const uri = parseDataUri(data);
  if (uri === undefined)
    return statedType === PLAIN_TEXT
      ? { kind: "text", mediaType: statedType, text: data }
      : { kind: "data", mediaType: statedType, data };
  return uri.mediaType === PLAIN_TEXT
    ? { kind: "text", mediaType: uri.mediaType, text: Buffer.from(uri.data, "base64").toString("utf8") }
    : { kind: "data", ...uri };
};
