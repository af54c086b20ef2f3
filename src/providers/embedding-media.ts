/**
 * What embedding inputs may hold besides texts, as users of gateways send it to every vendor:
 * `{text, image: {url} | {base64}, video: …, audio: …}`, of which one is enough.
 */
import { parseDataUri } from "../lib/data-uri.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { wrongInput } from "./embeddings.ts";

export type Medium = "image" | "video" | "audio";

export type MediaInput =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "url"; readonly medium: Medium; readonly url: string; readonly mediaType?: string }
  /** `data` is base64 without a prefix. */
  | { readonly kind: "data"; readonly medium: Medium; readonly mediaType: string; readonly data: string };

/** The inputs, one or many. */
export const inputsOf = ({ input }: JsonObject): readonly JsonValue[] => {
  const items = isArray(input) ? input : [input ?? null];
  if (items.length > 0 && items.every((item) => isString(item) || isObject(item))) return items;
  throw wrongInput(input, " or of media");
};

/** The pieces of one input, in the order text, image, video, audio. */
export const piecesOf = (item: JsonValue, path: string, media: readonly Medium[]): readonly MediaInput[] => {
  const { text, ...fields } = isObject(item) ? item : { text: item };
  const pieces = [
    ...(isString(text) ? [{ kind: "text", text } as const] : []),
    ...media.flatMap((medium) => pieceOf(fields[medium], medium, `${path}.${medium}`)),
  ];
  if (pieces.length > 0) return pieces;
  throw invalidRequest(path, `must be a text, {text} or {${media[0]}: {base64}}`);
};

const pieceOf = (value: JsonValue | undefined, medium: Medium, path: string): readonly MediaInput[] => {
  if (value === undefined || value === null) return [];
  const { url, base64, mime_type: type } = isObject(value) ? value : { url: value };
  if (isString(base64)) return [dataOf(base64, type, medium, path)];
  const uri = isString(url) ? parseDataUri(url) : undefined;
  if (uri !== undefined) return [{ kind: "data", medium, ...uri }];
  if (isString(url)) return [{ kind: "url", medium, url, ...(isString(type) ? { mediaType: type } : {}) }];
  throw invalidRequest(path, "must be {url} or {base64}");
};

const dataOf = (base64: string, type: JsonValue | undefined, medium: Medium, path: string): MediaInput => {
  const uri = parseDataUri(base64);
  if (uri !== undefined) return { kind: "data", medium, ...uri };
  if (isString(type)) return { kind: "data", medium, mediaType: type, data: base64 };
  throw invalidRequest(`${path}.base64`, "must be a data URI, or come with a mime_type");
};
