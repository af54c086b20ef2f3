/** Fireworks' images: Stability's body for SDXL, one of its own for FLUX: docs.fireworks.ai/api-reference/generate-a-new-image-from-a-text-prompt */
import { MalformedReply } from "../schema/errors.ts";
import type { JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import { requiredString } from "./body-fields.ts";
import type { Codec, CodecReply } from "./codec.ts";
import { textPrompts } from "./codec.stability-v1-images.ts";
import { artifactsOf, imagesReply, shapeOf, withoutOpenaiWords } from "./images.ts";

const readImages: Codec["read"] = (reply, context) => {
  const { contentType, bytes, json } = reply;
  if (contentType.startsWith("image/")) return imagesReply([Buffer.from(bytes).toString("base64")], context);
  return imagesReply(artifactsOf(json === undefined ? listOf(reply) : [json]), context);
};

const listOf = ({ bytes }: CodecReply): JsonValue => {
  const value: unknown = parse(new TextDecoder().decode(bytes));
  if (isArray(value) && value.every(isObject)) return value;
  throw new MalformedReply("it is no list of images");
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const fireworksImages: Codec = {
  write: (body) => {
    const { rest, notes } = withoutOpenaiWords(body);
    return textPrompts(rest, notes);
  },
  read: readImages,
};

const FLUX_RATIOS = ["1:1", "21:9", "16:9", "3:2", "5:4", "4:5", "2:3", "9:16", "9:21", "4:3", "3:4"];

export const fireworksFlux: Codec = {
  write: (body) => {
    requiredString(body, "prompt", "");
    const { rest, notes } = withoutOpenaiWords(body);
    const { n, size: _, style, steps, cfg_scale: guidance, ...fields } = rest;
    const shape = shapeOf(body, FLUX_RATIOS);
    return {
      body: {
        ...(shape === undefined ? {} : { aspect_ratio: shape.ratio }),
        ...(steps === undefined ? {} : { num_inference_steps: steps }),
        ...(guidance === undefined ? {} : { guidance_scale: guidance }),
        ...fields,
      },
      notes: [
        ...notes,
        ...(n === undefined || n === 1 ? [] : ["n"]),
        ...(style === undefined ? [] : ["style"]),
        ...(shape === undefined ? [] : [shape.note]),
      ],
    };
  },
  read: readImages,
};
