/**
 * Images of xAI: a shape where OpenAI has a size, and no style.
 *
 * "Not supported" and not accepted (docs.x.ai, "Image generations"; github.com/open-webui/open-webui/discussions/12116);
 * shapes and `quality` of grok-imagine: docs.comfy.org, "xai/grok-imagine-image-quality".
 */
import type { Codec } from "./codec.ts";
import type { JsonValue } from "../schema/json.ts";
import { requiredString } from "./body-fields.ts";
import { readOpenaiImages, shapeOf, withoutWords } from "./images.ts";

const RATIOS = ["1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2", "1:2", "2:1", "9:20", "20:9"];

const QUALITIES: ReadonlySet<JsonValue | undefined> = new Set(["low", "medium", "high"]);

export const xaiImages: Codec = {
  write(body) {
    requiredString(body, "prompt", "");
    const known = QUALITIES.has(body["quality"]) ? ["user", "quality"] : ["user"];
    const { rest, notes } = withoutWords(body, known);
    const { size: _, style, output_format: format, ...fields } = rest;
    const shape = shapeOf(body, RATIOS);
    return {
      body: { ...fields, ...(shape === undefined ? {} : { aspect_ratio: shape.ratio }) },
      notes: [
        ...notes,
        ...(style === undefined ? [] : ["style"]),
        ...(format === undefined ? [] : ["output_format"]),
        ...(shape === undefined ? [] : [shape.note]),
      ],
    };
  },
  read: (reply, context) => readOpenaiImages(reply, context),
};
