/** Images of vendors that do not stream them, as the stream that a client asked for. */
import { defined } from "../lib/defined.ts";
import { namedFrame } from "../lib/sse.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";

type Completed = "image_generation.completed" | "image_edit.completed";

/**
 * An event for every image (`ImageGenCompletedEvent`, `ImageEditCompletedEvent` of OpenAI's SDK). There need be none of its parts before: "the
 * final image may be sent before the full number of partial images" (`partial_images` of `ImageGenerateParams`).
 */
export const imageFrames =
  (type: Completed) =>
  (reply: JsonObject, request: JsonObject): string => {
    const { created, data, usage } = reply;
    const images = isArray(data) ? data.filter(isObject) : [];
    return images
      .map((image) => ({ type, ...image, created_at: created, ...askedOf(request), ...defined({ usage }) }))
      .map((event) => namedFrame(type, JSON.stringify(event)))
      .join("");
  };

/** What is said of an image there is what was asked for. */
const askedOf = ({ background, output_format, quality, size }: JsonObject): JsonObject => ({
  background: background ?? "auto",
  output_format: output_format ?? "png",
  quality: quality ?? "auto",
  size: size ?? "auto",
});
