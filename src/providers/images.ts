/** What image codecs share: what OpenAI's request says, and OpenAI's list of images. */
import { parseDataUri } from "../lib/data-uri.ts";
import { defined } from "../lib/defined.ts";
import { GatewayError, invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { CodecContext, CodecReply } from "./codec.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `size` as two numbers; undefined where the provider is to choose. */
export const sizeOf = ({ size }: JsonObject): Size | undefined => {
  if (size === undefined || size === null || size === "auto") return undefined;
  const [, width, height] = (isString(size) && /^(\d{1,5})x(\d{1,5})$/.exec(size)) || [];
  if (width === undefined || height === undefined || Number(width) * Number(height) === 0)
    throw invalidRequest("size", "must be WIDTHxHEIGHT or auto");
  return { width: Number(width), height: Number(height) };
};

/** The shape to ask for where a vendor takes no size: the nearest it offers, and what to report of it. */
export const shapeOf = (
  body: JsonObject,
  offered: readonly string[],
): { readonly ratio: string; readonly note: string } | undefined => {
  const size = sizeOf(body);
  if (size === undefined || body["aspect_ratio"] !== undefined) return undefined;
  const wanted = size.width / size.height;
  const distance = (ratio: string): number => Math.abs(Math.log(valueOf(ratio) / wanted));
  const ratio = offered.reduce((best, other) => (distance(other) < distance(best) ? other : best));
  return { ratio, note: valueOf(ratio) === wanted ? "size (shape only)" : `size (nearest ${ratio})` };
};

const valueOf = (ratio: string): number => {
  const [width = "1", height = "1"] = ratio.split(":");
  return Number(width) / Number(height);
};

/** Words of OpenAI's (`ImageGenerateParams`, `ImageEditParams` of its SDK) that say how an image is made or sent. */
const OPENAI_WORDS = [
  "background",
  "input_fidelity",
  "moderation",
  "output_compression",
  "partial_images",
  "quality",
  "user",
] as const;

/** Values that ask for nothing: what is not asked for is not missed. */
const UNASKED: ReadonlySet<JsonValue | undefined> = new Set([undefined, null, "auto", false, 0]);

/** A request without the words of OpenAI's that the vendor does not know, which are reported. A stream is made here. */
export const withoutWords = (
  body: JsonObject,
  known: readonly string[] = [],
): { rest: JsonObject; notes: readonly string[] } => {
  const words = OPENAI_WORDS.filter((name) => !known.includes(name));
  const dropped = new Set<string>(["stream", ...words]);
  const rest = Object.fromEntries(Object.entries(body).filter(([name]) => !dropped.has(name)));
  return { rest, notes: words.filter((name) => !UNASKED.has(body[name])) };
};

/** The same where the path says the model. Images come as base64, so a URL is reported, too. */
export const withoutOpenaiWords = (body: JsonObject): { rest: JsonObject; notes: readonly string[] } => {
  const { rest, notes } = withoutWords(body);
  const { model: _, response_format: format, ...fields } = rest;
  return { rest: fields, notes: [...notes, ...(format === "url" ? ["response_format (url)"] : [])] };
};

/** OpenAI's two styles are none of Stability's presets. */
export const isOpenaiStyle = (style: JsonValue | undefined): boolean =>
  style === "vivid" || style === "natural";

/** Base64 of a string that may be a data URI. */
export const base64Of = (text: string): string => parseDataUri(text)?.data ?? text;

/** An image's bytes in base64, bare or as a data URI, and what else is said of it. */
export type Image = string | { readonly base64: string; readonly said: JsonObject };

/** OpenAI's reply. */
export const imagesReply = (images: readonly Image[], { now, provider }: CodecContext): JsonObject => {
  if (images.length === 0)
    throw new GatewayError("invalid_request", `${provider} gave no image: its content filter withheld it`);
  return { created: now, data: images.map(imageOf), provider };
};

const imageOf = (image: Image): JsonObject =>
  isString(image) ? { b64_json: base64Of(image) } : { b64_json: base64Of(image.base64), ...image.said };

/** The reply of a vendor that has OpenAI's list but not its time, or gives the image itself where that was asked for. */
export const readOpenaiImages = (reply: CodecReply, context: CodecContext): JsonObject => {
  const { contentType, bytes, json } = reply;
  if (contentType.startsWith("image/")) return imagesReply([Buffer.from(bytes).toString("base64")], context);
  if (json === undefined || !isArray(json["data"]))
    throw new MalformedReply("there are no images in it", json);
  return { created: context.now, ...json, provider: context.provider };
};

/** `finish_reason` of Stability and `finishReason` of those who follow it. */
export const isWithheld = (artifact: JsonObject): boolean =>
  [artifact["finish_reason"], artifact["finishReason"]].some((reason) => reason === "CONTENT_FILTERED");

/** The images of a list of artifacts that the provider did not withhold, with the seeds to make them again. */
export const artifactsOf = (artifacts: JsonValue | undefined): readonly Image[] => {
  if (!isArray(artifacts)) throw new MalformedReply("there are no images in it");
  return artifacts.flatMap((artifact) => {
    if (!isObject(artifact)) throw new MalformedReply("an image is no object");
    const { base64, seed, finishReason } = artifact;
    const said = defined({ seed, finishReason });
    return isWithheld(artifact) ? [] : textsIn(base64).map((text) => ({ base64: text, said }));
  });
};

/** One text or several. */
export const textsIn = (value: JsonValue | undefined): readonly string[] => {
  if (isString(value) && value !== "") return [value];
  if (isArray(value) && value.every(isString)) return value;
  throw new MalformedReply("there is no image in it");
};
