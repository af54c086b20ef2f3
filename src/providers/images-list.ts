/** Image endpoints that name size, count or format in their own way, some of which answer with a list called `images`. */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { MalformedReply } from "../schema/errors.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { requiredString, stringField } from "./body-fields.ts";
import type { Codec, CodecContext, CodecReply } from "./codec.ts";
import type { Written } from "./dialect.ts";
import { shapeOf, sizeOf } from "./images.ts";

/** docs.hyperbolic.xyz, "Image Generation": pixels apart, one image a call, its bytes in base64. */
export const hyperbolicImages: Codec = {
  write(body) {
    requiredString(body, "prompt", "");
    const { model, size: _, n, response_format: format, ...rest } = body;
    return {
      body: { ...(model === undefined ? {} : { model_name: model }), ...pixels(body), ...rest },
      notes: [
        ...(n === undefined || n === null || n === 1 ? [] : ["n"]),
        ...(format === "url" ? ["response_format"] : []),
      ],
    };
  },
  read: (reply, context) => readImages(reply, context),
};

/** docs.siliconflow.cn, "Create image": `image_size`, `batch_size`; links that live for an hour. */
export const siliconflowImages: Codec = {
  write(body): Written<JsonObject> {
    requiredString(body, "prompt", "");
    const { size, n, response_format: format, ...rest } = body;
    return {
      body: {
        ...rest,
        ...(size === undefined || size === null ? {} : { image_size: size }),
        ...(n === undefined || n === null ? {} : { batch_size: n }),
      },
      notes: format === "b64_json" ? ["response_format"] : [],
    };
  },
  read: (reply, context) => readImages(reply, context),
};

/** `ImageGenerateParams` of together-py: pixels apart, and its own word for base64. It answers in OpenAI's shape. */
export const togetherImages: Codec = {
  write(body) {
    requiredString(body, "prompt", "");
    const { size: _, response_format: format, ...rest } = body;
    const said = format === "b64_json" ? "base64" : format;
    return {
      body: { ...rest, ...sizeOf(body), ...(said === undefined ? {} : { response_format: said }) },
      notes: [],
    };
  },
  read: (reply, context) => readOpenaiImages(reply, context),
};

/** docs.x.ai/developers/model-capabilities/images/generation: a shape in place of a size. */
const GROK_SHAPES = ["1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2"];

/** "Argument not supported: size", and `quality`: github.com/rikkahub/rikkahub/issues/1602, obot-platform/obot/issues/2995. */
export const grokImages: Codec = {
  write(body) {
    requiredString(body, "prompt", "");
    const { size: _, quality, style, ...rest } = body;
    const shape = shapeOf(body, GROK_SHAPES);
    return {
      body: { ...rest, ...(shape === undefined ? {} : { aspect_ratio: shape.ratio }) },
      notes: [
        ...(shape === undefined ? [] : [shape.note]),
        ...Object.entries({ quality, style }).flatMap(([name, said]) => (said === undefined ? [] : [name])),
      ],
    };
  },
  read: (reply, context) => readOpenaiImages(reply, context),
};

/** `1024x768` as two numbers; any other word is the vendor's to judge. */
const pixels = (body: JsonObject): JsonObject => {
  const size = stringField(body, "size");
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(size ?? "") ?? [];
  if (width !== undefined && height !== undefined) return { width: Number(width), height: Number(height) };
  return size === undefined ? {} : { size };
};

const readOpenaiImages = ({ json }: CodecReply, { now }: CodecContext): JsonObject => {
  if (json === undefined || !isArray(json["data"])) throw new MalformedReply("The reply has no images", json);
  return { created: now, ...json };
};

/** The list as OpenAI's `data`. */
const readImages = ({ json }: CodecReply, { now }: CodecContext): JsonObject => {
  const images = json?.["images"];
  if (!isArray(images)) throw new MalformedReply("The reply has no images", json);
  return { created: now, data: images.map(readImage) };
};

const readImage = (image: JsonValue): JsonObject => {
  if (!isObject(image)) throw new MalformedReply("An image is not an object", image);
  const { url, image: data } = image;
  if (isString(url)) return { url };
  if (isString(data)) return { b64_json: data };
  throw new MalformedReply("An image has neither a link nor data", image);
};
