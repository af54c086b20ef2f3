/** Nomic's text embeddings: docs.nomic.ai/reference/api/embed-text-v-1-embedding-text-post */
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Codec } from "./codec.ts";
import { embeddingsReply, textsOf, vectorsOf } from "./embeddings.ts";

export const nomicEmbeddings: Codec = {
  write: (body) => {
    const { input: _, encoding_format: format, dimensions, user, ...rest } = body;
    return {
      body: {
        ...rest,
        texts: textsOf(body),
        ...(dimensions === undefined ? {} : { dimensionality: dimensions }),
      },
      notes: [
        ...(user === undefined ? [] : ["user"]),
        // Floats are all that it gives, and base64 is made of them here.
        ...(format === undefined || format === "float" || format === "base64" ? [] : ["encoding_format"]),
      ],
    };
  },
  read: ({ json }, context): JsonObject => {
    const { embeddings, usage } = json ?? {};
    if (!isArray(embeddings)) throw new MalformedReply("there are no embeddings in it");
    const model = json?.["model"];
    return embeddingsReply(vectorsOf(embeddings, context.request), isObject(usage) ? usage : {}, {
      ...context,
      model: isString(model) ? model : context.model,
    });
  },
};
