/**
 * Images of Amazon Nova Canvas and Titan Image Generator
 * (docs.aws.amazon.com/nova/latest/userguide/image-gen-req-resp-structure.html).
 */
import { defined } from "../lib/defined.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isString } from "../schema/json.ts";
import { numberField, requiredString, stringField } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { imagesReply, sizeOf, textsIn, withoutOpenaiWords } from "./images.ts";

export const novaImages: Codec = {
  write: (body) => {
    const { rest, notes } = withoutOpenaiWords(body);
    const { prompt: _, n: __, size: ___, seed, cfg_scale, negative_prompt, style, ...others } = rest;
    const quality = qualityOf(body);
    const isStyle = isString(style) && /^[A-Z_]+$/.test(style); // the vendor's words are in capitals
    return {
      body: {
        taskType: "TEXT_IMAGE",
        textToImageParams: defined({
          text: requiredString(body, "prompt", ""),
          negativeText: negative_prompt,
          style: isStyle ? style : undefined,
        }),
        imageGenerationConfig: defined({
          numberOfImages: numberField(body, "n"),
          ...sizeOf(body),
          quality,
          seed,
          cfgScale: cfg_scale,
        }),
        ...fieldsOf(others),
      },
      notes: [
        ...notes.filter((note) => note !== "quality" || quality === undefined),
        ...(style === undefined || isStyle ? [] : ["style"]),
        ...Object.keys(others).filter((name) => !TASKS.test(name)),
      ],
    };
  },
  read: ({ json }, context) => {
    const { images, error } = json ?? {};
    if (isArray(images) && images.length > 0) return imagesReply(textsIn(images), context);
    if (isString(error)) return imagesReply([], context); // what the filter withheld, in words
    throw new MalformedReply("there are no images in it");
  },
};

/** OpenAI's words as the vendor's two. */
const qualityOf = (body: JsonObject): string | undefined => {
  const quality = stringField(body, "quality");
  if (quality === "hd" || quality === "high" || quality === "premium") return "premium";
  return quality === "standard" || quality === "medium" || quality === "low" ? "standard" : undefined;
};

/** Other tasks (variation, inpainting) in the vendor's own words, over ours. */
const TASKS = /^(?:taskType|\w+Params|imageGenerationConfig)$/;

const fieldsOf = (others: JsonObject): Readonly<Record<string, JsonValue | undefined>> =>
  Object.fromEntries(Object.entries(others).filter(([name]) => TASKS.test(name)));
