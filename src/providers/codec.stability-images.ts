/** Stability's second images API, which takes a form: platform.stability.ai/docs/api-reference#tag/Generate */
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import { requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { imageForm } from "./image-form.ts";
import { imagesReply, isOpenaiStyle, isWithheld, shapeOf, textsIn, withoutOpenaiWords } from "./images.ts";

export const stabilityImages: Codec = {
  write: (body) => {
    requiredString(body, "prompt", "");
    const { rest, notes } = withoutOpenaiWords(body);
    const { n, size: _, style, ...fields } = rest;
    const shape = shapeOf(body, RATIOS);
    const isPreset = style !== undefined && !isOpenaiStyle(style);
    const written = {
      ...variantOf(body["model"]),
      ...(shape === undefined ? {} : { aspect_ratio: shape.ratio }),
      ...(isPreset ? { style_preset: style } : {}),
      ...fields,
    };
    return {
      body: imageForm(written, (name) => name === "image"),
      notes: [
        ...notes,
        ...(n === undefined || n === 1 ? [] : ["n"]),
        ...(style !== undefined && !isPreset ? ["style"] : []),
        ...(shape === undefined ? [] : [shape.note]),
      ],
    };
  },
  read: ({ json }, context) => {
    if (json === undefined) throw new MalformedReply("it is no JSON object");
    return imagesReply(isWithheld(json) ? [] : textsIn(json["image"]), context);
  },
};

const RATIOS = ["1:1", "16:9", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21"];

/** The sd3 endpoint serves several models and is told which; the other endpoints are models themselves. */
const variantOf = (model: JsonValue | undefined): JsonObject =>
  isString(model) && /^sd3[.-]/i.test(model) ? { model } : {};
