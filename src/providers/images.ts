/** What image codecs share: what OpenAI's request says, and OpenAI's list of images. */
import { parseDataUri } from "../lib/data-uri.ts";
import { GatewayError, invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { CodecContext } from "./codec.ts";

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

/** Words of OpenAI's that say how an image is made or sent, and that no other vendor knows. */
const OPENAI_WORDS = ["background", "moderation", "output_compression", "quality", "user"] as const;

/** A request without OpenAI's own words, each of which is reported. Images come as base64, so a URL is too. */
export const withoutOpenaiWords = (body: JsonObject): { rest: JsonObject; notes: readonly string[] } => {
  const dropped = new Set<string>(["model", "response_format", ...OPENAI_WORDS]);
  const rest = Object.fromEntries(Object.entries(body).filter(([name]) => !dropped.has(name)));
  const asUrl = body["response_format"] === "url" ? ["response_format (url)"] : [];
  return { rest, notes: [...OPENAI_WORDS.filter((name) => body[name] !== undefined), ...asUrl] };
};

/** OpenAI's two styles are none of Stability's presets. */
export const isOpenaiStyle = (style: JsonValue | undefined): boolean =>
  style === "vivid" || style === "natural";

/** Base64 of a string that may be a data URI. */
export const base64Of = (text: string): string => parseDataUri(text)?.data ?? text;

/** OpenAI's reply. */
export const imagesReply = (images: readonly string[], { now, provider }: CodecContext): JsonObject => {
  if (images.length === 0)
    throw new GatewayError("invalid_request", `${provider} gave no image: its content filter withheld it`);
  return { created: now, data: images.map((image) => ({ b64_json: base64Of(image) })), provider };
};

/** `finish_reason` of Stability and `finishReason` of those who follow it. */
export const isWithheld = (artifact: JsonObject): boolean =>
  [artifact["finish_reason"], artifact["finishReason"]].some((reason) => reason === "CONTENT_FILTERED");

/** The images of a list of artifacts that the provider did not withhold. */
export const artifactsOf = (artifacts: JsonValue | undefined): readonly string[] => {
  if (!isArray(artifacts)) throw new MalformedReply("there are no images in it");
  return artifacts.flatMap((artifact) => {
    if (!isObject(artifact)) throw new MalformedReply("an image is no object");
    return isWithheld(artifact) ? [] : [...textsIn(artifact["base64"])];
  });
};

/** One text or several. */
export const textsIn = (value: JsonValue | undefined): readonly string[] => {
  if (isString(value) && value !== "") return [value];
  if (isArray(value) && value.every(isString)) return value;
  throw new MalformedReply("there is no image in it");
};
