/** Images of Workers AI (developers.cloudflare.com/workers-ai/models, "Text-to-Image"). */
import { defined } from "../lib/defined.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import { requiredString, stringField } from "./body-fields.ts";
import type { Codec, CodecReply } from "./codec.ts";
import { imageForm } from "./image-form.ts";
import { imagesReply, sizeOf, withoutOpenaiWords } from "./images.ts";

export const workersAiImages: Codec = {
  write(body) {
    const prompt = requiredString(body, "prompt", "");
    const { rest, notes } = withoutOpenaiWords(body);
    const { size: _, steps, n, output_format, style, ...fields } = rest;
    const model = stringField(body, "model") ?? "";
    const written = { ...fields, prompt, ...sizeOf(body), ...stepsOf(model, steps) };
    return {
      body: takesForm(model) ? imageForm(written, (name) => INPUT.test(name)) : written,
      notes: [
        ...notes,
        ...(n === undefined || n === 1 ? [] : ["n"]),
        ...Object.keys(defined({ output_format, style })),
      ],
    };
  },
  read: (reply, context) => imagesReply([imageOf(reply)], context),
};

/**
 * FLUX.2 "uses multipart form data inputs, even if you just have a prompt", with up to four images:
 * developers.cloudflare.com/changelog/2026-01-28-flux-2-klein-9b-workers-ai
 */
const takesForm = (model: string): boolean => model.includes("/flux-2-");
const INPUT = /^input_image_\d$/;

/** FLUX models say `steps`, Stable Diffusion's `num_steps`. */
const stepsOf = (model: string, steps: JsonValue | undefined): JsonObject =>
  defined(model.includes("/flux") ? { steps } : { num_steps: steps });

/** Some models answer with JSON around base64, others with the picture itself. */
const imageOf = ({ contentType, bytes, json }: CodecReply): string => {
  if (contentType.startsWith("image/")) return Buffer.from(bytes).toString("base64");
  const image = isObject(json?.["result"]) ? json["result"]["image"] : undefined;
  if (!isString(image)) throw new MalformedReply("The reply has no result.image", json);
  return image;
};
