/** Images of Together (`ImageGenerateParams`, `ImageFile` of github.com/togethercomputer/together-py): pixels apart. */
import type { Codec } from "./codec.ts";
import { requiredString } from "./body-fields.ts";
import { readOpenaiImages, sizeOf, withoutWords } from "./images.ts";

export const togetherImages: Codec = {
  write(body) {
    requiredString(body, "prompt", "");
    const { rest, notes } = withoutWords(body);
    const { size: _, style, response_format: format, ...fields } = rest;
    return {
      body: {
        ...fields,
        ...sizeOf(body),
        // "base64" or "url"; the bytes come back as `b64_json` all the same
        ...(format === undefined ? {} : { response_format: format === "b64_json" ? "base64" : format }),
      },
      notes: [...notes, ...(style === undefined ? [] : ["style"])],
    };
  },
  read: (reply, context) => readOpenaiImages(reply, context),
};
