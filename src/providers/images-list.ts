/** Image endpoints that name size, count or format in their own way, some of which answer with a list called `images`. */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { MalformedReply } from "../schema/errors.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { requiredString, stringField } from "./body-fields.ts";
import type { Codec, CodecContext, CodecReply } from "./codec.ts";
import type { Written } from "./dialect.ts";
import { withoutWords } from "./images.ts";

/** docs.hyperbolic.xyz, "Image Generation": pixels apart, one image a call, its bytes in base64. */
export const hyperbolicImages: Codec = {
  write(body) {
    requiredString(body, "prompt", "");
    const { rest: asked, notes } = withoutWords(body);
    const { model, size: _, n, response_format: format, style, ...rest } = asked;
    return {
      body: { ...(model === undefined ? {} : { model_name: model }), ...pixels(body), ...rest },
      notes: [
        ...notes,
        ...(n === undefined || n === 1 ? [] : ["n"]),
        ...(style === undefined ? [] : ["style"]),
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
    const { rest: asked, notes } = withoutWords(body);
    const { size, n, response_format: format, style, ...rest } = asked;
    return {
      body: {
        ...rest,
        ...(size === undefined || size === "auto" ? {} : { image_size: size }),
        ...(n === undefined ? {} : { batch_size: n }),
      },
      notes: [
        ...notes,
        ...(format === "b64_json" ? ["response_format"] : []),
        ...(style === undefined ? [] : ["style"]),
      ],
    };
  },
  read: (reply, context) => readImages(reply, context),
};

/** `1024x768` as two numbers; any other word is the vendor's to judge. */
const pixels = (body: JsonObject): JsonObject => {
  const size = stringField(body, "size");
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(size ?? "") ?? [];
  if (width !== undefined && height !== undefined) return { width: Number(width), height: Number(height) };
  return size === undefined || size === "auto" ? {} : { size };
};

/** The list as OpenAI's `data`. */
const readImages = ({ json }: CodecReply, { now, provider }: CodecContext): JsonObject => {
  const images = json?.["images"];
  if (!isArray(images)) throw new MalformedReply("The reply has no images", json);
  return { created: now, data: images.map(readImage), provider };
};

const readImage = (image: JsonValue): JsonObject => {
  if (!isObject(image)) throw new MalformedReply("An image is not an object", image);
  const { url, image: data } = image;
  if (isString(url)) return { url };
  if (isString(data)) return { b64_json: data };
  throw new MalformedReply("An image has neither a link nor data", image);
};
