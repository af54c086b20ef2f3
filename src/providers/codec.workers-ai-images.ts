/** Images of Workers AI (developers.cloudflare.com/workers-ai/models, "Text-to-Image"). */
import { defined } from "../lib/defined.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import { names, requiredString, stringField } from "./body-fields.ts";
import type { Codec, CodecReply } from "./codec.ts";

/** Fields of OpenAI's images that the models have no word for. */
const UNSAID = [
  "background",
  "moderation",
  "output_compression",
  "output_format",
  "quality",
  "style",
  "user",
];
const WRITTEN = names("model prompt size steps n response_format stream", ...UNSAID);

export const workersAiImages: Codec = {
  write(body) {
    const prompt = requiredString(body, "prompt", "");
    const { steps, n, response_format: format } = body;
    const rest = Object.entries(body).filter(([name]) => !WRITTEN.has(name));
    const written = {
      ...Object.fromEntries(rest),
      prompt,
      ...sizeOf(body),
      ...stepsOf(stringField(body, "model") ?? "", steps),
    };
    return {
      body: written,
      notes: [
        ...(n === undefined || n === null || n === 1 ? [] : ["n"]),
        ...(format === "url" ? ["response_format"] : []),
        ...UNSAID.filter((name) => body[name] !== undefined && body[name] !== null),
      ],
    };
  },
  read: (reply, { now, provider }) => ({ created: now, data: [{ b64_json: imageOf(reply) }], provider }),
};

/** FLUX models say `steps`, Stable Diffusion's `num_steps`. */
const stepsOf = (model: string, steps: JsonValue | undefined): JsonObject =>
  defined(model.includes("/flux") ? { steps } : { num_steps: steps });

const sizeOf = (body: JsonObject): JsonObject => {
  const size = stringField(body, "size");
  if (size === undefined || size === "auto") return {};
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(size) ?? [];
  if (width === undefined || height === undefined)
    throw invalidRequest("size", "must be a width and a height, as in 1024x768");
  return { width: Number(width), height: Number(height) };
};

/** Some models answer with JSON around base64, others with the picture itself. */
const imageOf = ({ contentType, bytes, json }: CodecReply): string => {
  if (contentType.startsWith("image/")) return Buffer.from(bytes).toString("base64");
  const image = isObject(json?.["result"]) ? json["result"]["image"] : undefined;
  if (!isString(image)) throw new MalformedReply("The reply has no result.image", json);
  return image;
};
