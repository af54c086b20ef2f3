/**
 * Perplexity's embeddings: docs.perplexity.ai/docs/embeddings/best-practices, "Encoding Formats".
 *
 * A vector is the base64 of signed bytes, and comes as nothing else but bits. Who asks for floats gets the bytes as
 * numbers, which cosine similarity takes as they are.
 */
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Codec } from "./codec.ts";
import { inputUsage, textsOf, vectorsOf } from "./embeddings.ts";

export const perplexityEmbeddings: Codec = {
  write: (body) => {
    const { input: _, encoding_format: format, user, ...rest } = body;
    return {
      body: { ...rest, input: textsOf(body), ...(isTheirs(format) ? { encoding_format: format } : {}) },
      notes: user === undefined ? [] : ["user"],
    };
  },
  read: ({ json }, { request, provider }): JsonObject => {
    if (json === undefined || !isArray(json["data"]))
      throw new MalformedReply("there are no embeddings in it");
    const { usage, data } = json;
    const counts = isObject(usage) ? { ...usage, ...inputUsage(usage) } : inputUsage({});
    const counted = { ...json, usage: counts, provider };
    if (isTheirs(request["encoding_format"])) return counted;
    const vectors = data.map((item) => bytesOf(isObject(item) ? item["embedding"] : undefined));
    return { ...counted, data: vectorsOf(vectors, request) };
  },
};

/** `base64_int8` and `base64_binary`: who says them knows what comes. */
const isTheirs = (format: JsonValue | undefined): boolean => isString(format) && format.startsWith("base64_");

const bytesOf = (embedding: JsonValue | undefined): readonly number[] => {
  if (!isString(embedding)) throw new MalformedReply("an embedding is no text");
  return [...new Int8Array(Buffer.from(embedding, "base64"))];
};
