/** Segmind's images: one endpoint a model, each with fields of its own: docs.segmind.com */
import { MalformedReply } from "../schema/errors.ts";
import { requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { imagesReply, sizeOf, textsIn, withoutOpenaiWords } from "./images.ts";

export const segmindImages: Codec = {
  write: (body) => {
    requiredString(body, "prompt", "");
    const { quality } = body;
    const { rest, notes } = withoutOpenaiWords(body);
    const { n, size: _, steps, ...fields } = rest;
    const size = sizeOf(body);
    const isOwnQuality = typeof quality === "number"; // of the compression, where OpenAI has words
    return {
      body: {
        ...fields,
        ...(n === undefined ? {} : { samples: n }),
        ...(size === undefined ? {} : { img_width: size.width, img_height: size.height }),
        ...(steps === undefined ? {} : { num_inference_steps: steps }),
        ...(isOwnQuality ? { quality } : {}),
        base64: true,
      },
      notes: isOwnQuality ? notes.filter((note) => note !== "quality") : notes,
    };
  },
  /** Models that do not know `base64` answer with the image itself. */
  read: ({ contentType, bytes, json }, context) => {
    if (contentType.startsWith("image/"))
      return imagesReply([Buffer.from(bytes).toString("base64")], context);
    if (json === undefined) throw new MalformedReply("it is neither JSON nor an image");
    return imagesReply(textsIn(json["image"]), context);
  },
};
