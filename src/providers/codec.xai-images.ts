/**
 * Images of xAI: a shape where OpenAI has a size, and no style.
 *
 * "Not supported" and not accepted (docs.x.ai, "Image generations"; github.com/open-webui/open-webui/discussions/12116);
 * shapes and `quality` of grok-imagine: docs.comfy.org, "xai/grok-imagine-image-quality".
 */
import { defined } from "../lib/defined.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import { requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import type { Written } from "./dialect.ts";
import { readOpenaiImages, shapeOf, withoutWords } from "./images.ts";

const RATIOS = ["1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2", "1:2", "2:1", "9:20", "20:9"];

const QUALITIES: ReadonlySet<JsonValue | undefined> = new Set(["low", "medium", "high"]);

export const xaiImages: Codec = {
  write: (body) => written(body, []),
  read: (reply, context) => readOpenaiImages(reply, context),
};

/** Edits, too, are JSON (xAI takes no forms), with one `image` or several `images` as objects with a URL, and no mask. */
export const xaiEdits: Codec = {
  takesForms: true,
  write(body) {
    const { image, images, mask, n, stream: _, ...rest } = body;
    const given = [images ?? image ?? []].flat().map(imageOf);
    if (given.length === 0) throw invalidRequest("image", "is required");
    const count = isString(n) ? Number(n) : n; // a form knows texts alone
    const { body: fields, notes } = written(rest, Object.keys(defined({ mask })));
    const [only, ...others] = given;
    const pictures = others.length === 0 ? { image: only } : { images: given };
    return { body: { ...fields, ...defined({ n: count }), ...pictures }, notes };
  },
  read: (reply, context) => readOpenaiImages(reply, context),
};

/** A URL, a file as a data URI, OpenAI's `{image_url}`, or xAI's own. */
const imageOf = (image: JsonValue): JsonValue => {
  if (isString(image)) return { url: image, type: "image_url" };
  const url = isObject(image) ? image["image_url"] : undefined;
  return isString(url) ? { url, type: "image_url" } : image;
};

const written = (body: JsonObject, unsaid: readonly string[]): Written<JsonObject> => {
  requiredString(body, "prompt", "");
  const known = QUALITIES.has(body["quality"]) ? ["user", "quality"] : ["user"];
  const { rest, notes } = withoutWords(body, known);
  const { size: _, style, output_format, ...fields } = rest;
  const shape = shapeOf(body, RATIOS);
  return {
    body: { ...fields, ...(shape === undefined ? {} : { aspect_ratio: shape.ratio }) },
    notes: [
      ...notes,
      ...unsaid,
      ...Object.keys(defined({ style, output_format })),
      ...(shape === undefined ? [] : [shape.note]),
    ],
  };
};
