/** Stability's first images API: platform.stability.ai/docs/api-reference#tag/SDXL-and-SD1.6 */
import type { JsonObject } from "../schema/json.ts";
import { requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { artifactsOf, imagesReply, isOpenaiStyle, sizeOf, withoutOpenaiWords } from "./images.ts";

export const stabilityV1Images: Codec = {
  write: (body) => {
    const { rest, notes } = withoutOpenaiWords(body);
    return textPrompts(rest, notes);
  },
  read: ({ json }, context) => imagesReply(artifactsOf(json?.["artifacts"]), context),
};

/** The body that Stability invented and others took over. */
export const textPrompts = (body: JsonObject, notes: readonly string[]) => {
  const { prompt: _, negative_prompt: unwanted, n, size: __, style, ...rest } = body;
  const isPreset = style !== undefined && !isOpenaiStyle(style);
  return {
    body: {
      ...rest,
      text_prompts: [
        { text: requiredString(body, "prompt", ""), weight: 1 },
        // What is not wanted is a prompt of negative weight.
        ...(unwanted === undefined ? [] : [{ text: unwanted, weight: -1 }]),
      ],
      ...sizeOf(body),
      ...(n === undefined ? {} : { samples: n }),
      ...(isPreset ? { style_preset: style } : {}),
    },
    notes: [...notes, ...(style !== undefined && !isPreset ? ["style"] : [])],
  };
};
