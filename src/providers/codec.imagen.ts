/** Images of Google's Imagen (docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/imagen-api). */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import { GatewayError, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { shapeOf } from "./images.ts";

export const imagen: Codec = {
  write(body) {
    const notes = new Set<string>();
    const parameters = {
      ...asObject(body["parameters"]),
      includeRaiReason: true, // or a filtered image is only missing
      ...passed(body),
      ...defined({
        sampleCount: body["n"] ?? undefined,
        sampleImageStyle: body["style"] ?? undefined,
        outputOptions: outputOf(body),
        ...aspectRatioOf(body, notes),
      }),
    };
    for (const field of ["user", "background", "moderation", "partial_images"])
      if (body[field] != null && body[field] !== "auto" && body[field] !== false) notes.add(field);
    if (body["response_format"] === "url") notes.add("response_format (url)"); // the images come in the reply
    return {
      body: { instances: [{ prompt: requiredString(body, "prompt", "") }], parameters },
      notes: [...notes],
    };
  },
  read({ json }, { now, provider }) {
    const predictions = json?.["predictions"];
    if (json === undefined || (predictions !== undefined && !isArray(predictions)))
      throw new MalformedReply("The reply has no predictions", json);
    const images = (predictions ?? []).filter(isObject);
    const data = images.flatMap(imageOf);
    if (data.length === 0)
      throw new GatewayError("invalid_request", `${provider} gave no image: ${reasonOf(images)}`);
    return { created: now, data, provider };
  },
};

/** Fields of Imagen's own that clients send beside OpenAI's, by either spelling. */
const OWN = [
  ["aspectRatio", "aspect_ratio"],
  ["seed", "seed"],
  ["negativePrompt", "negative_prompt"],
  ["personGeneration", "person_generation"],
  ["safetySetting", "safety_setting"],
  ["addWatermark", "add_watermark"],
  ["enhancePrompt", "enhance_prompt"],
  ["sampleImageSize", "sample_image_size"],
  ["language", "language"],
  ["storageUri", "storage_uri"],
] as const;

const passed = (body: JsonObject): JsonObject =>
  defined(Object.fromEntries(OWN.map(([name, snake]) => [name, body[name] ?? body[snake] ?? undefined])));

const SHAPES = ["1:1", "3:4", "4:3", "9:16", "16:9"] as const;

/** A shape of Imagen's own counts before OpenAI's `size`, which can only be come near to. */
const aspectRatioOf = (body: JsonObject, notes: Set<string>): JsonObject => {
  const shape = body["aspectRatio"] === undefined ? shapeOf(body, SHAPES) : undefined;
  if (shape === undefined) return {};
  notes.add(shape.note);
  return { aspectRatio: shape.ratio };
};

/** OpenAI's `quality` is a word, Imagen's a number from 0 to 100 that JPEGs have. */
const outputOf = (body: JsonObject): JsonObject | undefined => {
  const { quality, output_format: format, output_compression: compression } = body;
  const type = body["mimeType"] ?? body["mime_type"] ?? (isString(format) ? `image/${format}` : undefined);
  const worded = isString(quality) ? QUALITIES.get(quality) : undefined;
  const output = defined({
    mimeType: type ?? undefined,
    compressionQuality: isNumber(quality) ? quality : (worded ?? compression ?? undefined),
  });
  return Object.keys(output).length === 0 ? undefined : output;
};

const QUALITIES = table({ hd: 100, high: 100, standard: 75, medium: 75, low: 50 });

const asObject = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

const imageOf = ({ bytesBase64Encoded, gcsUri, prompt }: JsonObject): readonly JsonObject[] => {
  const image = defined({
    b64_json: bytesBase64Encoded,
    url: gcsUri,
    revised_prompt: isString(prompt) ? prompt : undefined,
  });
  return image.b64_json === undefined && image.url === undefined ? [] : [image];
};

const reasonOf = (images: readonly JsonObject[]): string =>
  images.map((image) => image["raiFilteredReason"]).find(isString) ?? "its content filter withheld it";
