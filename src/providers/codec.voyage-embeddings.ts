/** Voyage's text embeddings: docs.voyageai.com/reference/embeddings-api */
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import type { Codec } from "./codec.ts";
import { inputUsage, textsOf } from "./embeddings.ts";

export const voyageEmbeddings: Codec = {
  write: (body) => {
    const { input: _, encoding_format: format, dimensions, user, ...rest } = body;
    return {
      body: {
        ...rest,
        input: textsOf(body),
        ...(dimensions === undefined ? {} : { output_dimension: dimensions }),
        // Floats are what it gives unasked; it has no word for them.
        ...(format === undefined || format === "float" ? {} : { encoding_format: format }),
      },
      notes: user === undefined ? [] : ["user"],
    };
  },
  read: ({ json }, { provider }): JsonObject => {
    if (json === undefined || !isArray(json["data"]))
      throw new MalformedReply("there are no embeddings in it");
    const { usage } = json;
    // Pixels of images are counted, too.
    const counts = isObject(usage) ? { ...usage, ...inputUsage(usage) } : inputUsage({});
    return { ...json, usage: counts, provider };
  },
};
