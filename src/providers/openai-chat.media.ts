/** Images and files, which OpenAI's two APIs spell alike. */
import { parseDataUri } from "../lib/data-uri.ts";
import { defined } from "../lib/defined.ts";
import type { Block, FileBlock, MediaSource } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { stringField } from "./body-fields.ts";

/** What is said of an image beside its URL; `mediaType` only by clients that mean to reach other providers. */
interface ImageSaid {
  readonly detail?: string | undefined;
  readonly mediaType?: string | undefined;
}

/** Clients put PDFs where images go; upstreams that read PDFs want a document. */
export const readImageUrl = (url: string, { detail, mediaType }: ImageSaid = {}): Block => {
  const data = parseDataUri(url);
  const source: MediaSource =
    data === undefined ? { kind: "url", url, ...defined({ mediaType }) } : { kind: "data", ...data };
  const isPdf = (data === undefined ? mediaType : data.mediaType) === PDF;
  return isPdf ? { kind: "file", source } : { kind: "image", source, ...defined({ detail }) };
};

/**
 * `mime_type`, and in the chat API `file_url` and `file_name`, are not OpenAI's; clients send them to reach others.
 * A URL stands also in `file_data` (openrouter.ai/docs/features/multimodal/pdfs) or in `file_id`
 * (docs.litellm.ai/docs/completion/document_understanding).
 */
export const readFile = (file: JsonObject, path: string): FileBlock => ({
  kind: "file",
  source: fileSource(file, path),
  ...defined({ name: stringField(file, "filename", path) ?? stringField(file, "file_name", path) }),
});

/** A name for a file that has none, which both APIs ask for. */
export const nameOfFile = (mediaType: string): string => (mediaType === PDF ? "document.pdf" : "document");

const PDF = "application/pdf";
const PLAIN_TEXT = "text/plain";

const fileSource = (file: JsonObject, path: string): MediaSource => {
  const mediaType = stringField(file, "mime_type", path);
  const id = stringField(file, "file_id", path);
  if (id !== undefined && !isWebUrl(id)) return { kind: "id", id, ...defined({ mediaType }) };
  const data = stringField(file, "file_data", path);
  const url =
    id ?? stringField(file, "file_url", path) ?? (data !== undefined && isWebUrl(data) ? data : undefined);
  if (url !== undefined) return { kind: "url", url, ...defined({ mediaType }) };
  if (data === undefined) throw invalidRequest(path, "needs file_data, file_id or file_url");
  return dataSource(data, mediaType ?? PDF);
};

const isWebUrl = (text: string): boolean => /^https?:/i.test(text);

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
