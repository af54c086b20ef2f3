/**
 * Images of Gemini's models, which answer a chat with one: what took Imagen's place in August 2026
 * (firebase.google.com/docs/ai-logic/imagen-models-migration).
 */
import { defined } from "../lib/defined.ts";
import { GatewayError, invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import { names, requiredString } from "./body-fields.ts";
import type { Codec, CodecContext, CodecReply } from "./codec.ts";
import type { Written } from "./dialect.ts";
import { parseDataUri } from "../lib/data-uri.ts";
import { errorOf } from "./gemini.errors.ts";
import { camelKeys, objectsIn } from "./gemini.fields.ts";
import { mediaPart } from "./gemini.parts.ts";
import { readUsage } from "./gemini.words.ts";
import type { Image } from "./images.ts";
import { imagesReply, shapeOf, withoutOpenaiWords } from "./images.ts";

export const geminiImages: Codec = {
  write: (body) => written(body, []),
  read: (reply, context) => readImages(reply, context),
};

/** The pictures come with the prompt: ai.google.dev/gemini-api/docs/image-generation. */
export const geminiEdits: Codec = {
  takesForms: true,
  write(body) {
    const { image, images, ...rest } = body;
    const given = [images ?? image ?? []].flat().map(pictureOf);
    if (given.length === 0) throw invalidRequest("image", "is required");
    return written(rest, given);
  },
  read: (reply, context) => readImages(reply, context),
};

/** "aspectRatio" of `ImageConfig` in the Google Gen AI SDK 3.1, of what every model takes. */
const RATIOS = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];

const SAID = names("prompt n size seed imageConfig aspectRatio imageSize safetySettings");

const written = (body: JsonObject, pictures: readonly JsonObject[]): Written<JsonObject> => {
  const prompt = requiredString(body, "prompt", "");
  const { rest, notes } = withoutOpenaiWords(body);
  const own = camelKeys(rest);
  const shape = own["aspectRatio"] === undefined ? shapeOf(body, RATIOS) : undefined;
  const imageConfig = defined({
    aspectRatio: own["aspectRatio"] ?? shape?.ratio,
    imageSize: own["imageSize"],
    ...camelKeys(own["imageConfig"]),
  });
  const count = Number(own["n"] ?? 1); // a form knows texts alone
  return {
    body: {
      contents: [{ role: "user", parts: [{ text: prompt }, ...pictures] }],
      ...defined({ safetySettings: own["safetySettings"] }),
      generationConfig: {
        responseModalities: ["IMAGE"],
        ...(Object.keys(imageConfig).length === 0 ? {} : { imageConfig }),
        ...defined({ seed: own["seed"] }),
      },
    },
    notes: [
      ...notes,
      ...Object.keys(rest).filter((_, at) => !SAID.has(Object.keys(own)[at] ?? "")),
      ...(shape === undefined ? [] : [shape.note]),
      ...(count > 1 ? ["n (1)"] : []), // "have no equivalent": github.com/papi-ai/google/releases/tag/v0.15.5
    ],
  };
};

/** A file or a text as a data URI, a URL, or OpenAI's `{image_url}`. */
const pictureOf = (image: JsonValue): JsonObject => {
  const url = isObject(image) ? image["image_url"] : image;
  if (!isString(url)) throw invalidRequest("image", "must be a file, a URL or {image_url}");
  const data = parseDataUri(url);
  return mediaPart(data === undefined ? { kind: "url", url } : { kind: "data", ...data }, "image/png");
};

const readImages = ({ json }: CodecReply, context: CodecContext): JsonObject => {
  if (json === undefined || errorOf(json) !== undefined)
    throw new MalformedReply("there are no images in it", json);
  const candidates = objectsIn(json["candidates"]);
  const parts = candidates.flatMap(({ content }) => (isObject(content) ? objectsIn(content["parts"]) : []));
  const images = parts.filter(({ thought }) => thought !== true).flatMap(imageOf);
  if (images.length === 0)
    throw new GatewayError(
      "invalid_request",
      `${context.provider} gave no image: ${reasonOf(json, candidates, parts)}`,
    );
  return { ...imagesReply(images, context), ...defined({ usage: usageOf(json["usageMetadata"]) }) };
};

const imageOf = ({ inlineData }: JsonObject): readonly Image[] => {
  const data = isObject(inlineData) ? inlineData["data"] : undefined;
  return isString(data) ? [data] : [];
};

/** In the model's words, else in the API's. */
const reasonOf = (
  { promptFeedback }: JsonObject,
  candidates: readonly JsonObject[],
  parts: readonly JsonObject[],
): string => {
  const feedback = isObject(promptFeedback) ? promptFeedback : {};
  const said = parts.map(({ text }) => (isString(text) ? text : "")).join("");
  const ends = candidates.flatMap(({ finishMessage, finishReason }) => [finishMessage, finishReason]);
  const reasons = [said, feedback["blockReasonMessage"], feedback["blockReason"], ...ends];
  return reasons.filter(isString).find((reason) => reason !== "") ?? "it says no reason";
};

/** `ImagesResponse.Usage` of OpenAI's SDK. */
const usageOf = (usage: JsonValue | undefined): JsonObject | undefined => {
  if (!isObject(usage)) return undefined;
  const { input, output } = readUsage(usage);
  const details = objectsIn(usage["promptTokensDetails"]);
  const count = (modality: string): number => {
    const tokens = details.find((detail) => detail["modality"] === modality)?.["tokenCount"];
    return isNumber(tokens) ? tokens : 0;
  };
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_tokens_details: { text_tokens: count("TEXT"), image_tokens: count("IMAGE") },
  };
};
