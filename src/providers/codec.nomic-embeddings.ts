/** Nomic's text embeddings: docs.nomic.ai/reference/api/embed-text-v-1-embedding-text-post */
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import type { Codec } from "./codec.ts";
import { inputUsage, textsOf, vectorsOf } from "./embeddings.ts";

export const nomicEmbeddings: Codec = {
  write: (body) => {
    const { input: _, encoding_format: __, dimensions, user, ...rest } = body;
    return {
      body: {
        ...rest,
        texts: textsOf(body),
        ...(dimensions === undefined ? {} : { dimensionality: dimensions }),
      },
      notes: user === undefined ? [] : ["user"],
    };
  },
  read: ({ json }, { request, model, provider }): JsonObject => {
    const { embeddings, usage } = json ?? {};
    if (!isArray(embeddings)) throw new MalformedReply("there are no embeddings in it");
    return {
      object: "list",
      data: vectorsOf(embeddings, request),
      model: json?.["model"] ?? model,
      usage: inputUsage(isObject(usage) ? usage : {}),
      provider,
    };
  },
};
