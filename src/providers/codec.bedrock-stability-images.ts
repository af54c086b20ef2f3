/**
 * Images of Stability's models on Bedrock
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-stability-diffusion.html).
 */
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isString } from "../schema/json.ts";
import { requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { base64Of, imagesReply, isOpenaiStyle, shapeOf, textsIn, withoutOpenaiWords } from "./images.ts";

export const bedrockStabilityImages: Codec = {
  write: (body) => {
    requiredString(body, "prompt", "");
    const { rest, notes } = withoutOpenaiWords(body);
    const { n, size: _, style, image, ...fields } = rest;
    const shape = shapeOf(body, RATIOS);
    const isPreset = style !== undefined && !isOpenaiStyle(style);
    return {
      body: {
        ...(shape === undefined ? {} : { aspect_ratio: shape.ratio }),
        ...(isPreset ? { style_preset: style } : {}),
        ...(isString(image) ? { mode: "image-to-image", image: base64Of(image) } : {}),
        ...fields,
      },
      notes: [
        ...notes,
        ...(n === undefined || n === 1 ? [] : ["n"]),
        ...(style !== undefined && !isPreset ? ["style"] : []),
        ...(shape === undefined ? [] : [shape.note]),
      ],
    };
  },
  read: ({ json }, context) => imagesReply(imagesIn(json ?? {}), context),
};

const RATIOS = ["16:9", "1:1", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21"];

/** Of each image a reason says why it is not there; null says that it is. */
const imagesIn = ({ images, finish_reasons: reasons }: JsonObject): readonly string[] => {
  if (!isArray(reasons) && !isArray(images)) throw new MalformedReply("there are no images in it");
  const kept = (isArray(images) ? images : []).filter((_, at) => !isArray(reasons) || reasons[at] == null);
  return kept.length === 0 ? [] : textsIn(kept);
};
