/** Image endpoints that answer with OpenAI's list, and know other words or fewer. */
import { defined } from "../lib/defined.ts";
import type { JsonObject } from "../schema/json.ts";
import { requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { isOpenaiStyle, readOpenaiImages, sizeOf, withoutWords } from "./images.ts";

/** A request's fields but for OpenAI's words, in the vendor's own; `unsaid` are those that it has no word for. */
type Spell = (fields: JsonObject, body: JsonObject) => { said: JsonObject; unsaid?: JsonObject };

const spelled = (spell: Spell): Codec => ({
  write(body) {
    requiredString(body, "prompt", "");
    const { rest, notes } = withoutWords(body);
    const { said, unsaid = {} } = spell(rest, body);
    return { body: said, notes: [...notes, ...Object.keys(defined(unsaid))] };
  },
  read: (reply, context) => readOpenaiImages(reply, context),
});

/** `ImageGenerateParams`, `ImageFile` of github.com/togethercomputer/together-py: pixels apart, no time. */
export const togetherImages = spelled(({ size: _, style, response_format: format, ...fields }, body) => ({
  said: {
    ...fields,
    ...sizeOf(body),
    // "base64" or "url"; the bytes come back as `b64_json` all the same
    ...defined({ response_format: format === "b64_json" ? "base64" : format }),
  },
  unsaid: { style },
}));

/** The vendor's examples for OpenAI's client: huggingface.co/spaces/AgentsGuards/image_utilities_mcp, generate_image.py */
export const nebiusImages = spelled(({ size: _, style, output_format, ...fields }, body) => ({
  said: { ...fields, ...sizeOf(body), ...defined({ response_extension: output_format }) },
  unsaid: { style },
}));

/** "Unsupported parameters are rejected or ignored": recraft.ai/docs/api-reference/agents. Styles are its own. */
export const recraftImages = spelled(({ style, output_format, ...fields }) => {
  const isOwn = !isOpenaiStyle(style);
  return {
    said: { ...fields, ...defined({ style: isOwn ? style : undefined }) },
    unsaid: { output_format, style: isOwn ? undefined : style },
  };
});
