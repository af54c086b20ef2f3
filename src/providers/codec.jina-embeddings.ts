/**
 * Jina's embeddings (api.jina.ai/openapi.json): the encoding is a type, an image stands without an object around it,
 * and callers are not named.
 */
import { parseDataUri } from "../lib/data-uri.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Codec } from "./codec.ts";
import { inputsOf } from "./embedding-media.ts";
import { inAskedEncoding, inputUsage } from "./embeddings.ts";

export const jinaEmbeddings: Codec = {
  write: (body) => {
    const { input, encoding_format: format, user, ...rest } = body;
    const items = inputsOf(body).map(written);
    return {
      body: {
        // Jina's own word counts more: OpenAI's clients ask for base64 unasked.
        ...(format === undefined ? {} : { embedding_type: format }),
        ...rest,
        input: isArray(input) ? items : items[0],
      },
      notes: user === undefined ? [] : ["user"],
    };
  },
  read: ({ json }, { request, provider }) => {
    if (json === undefined || !isArray(json["data"]))
      throw new MalformedReply("there are no embeddings in it");
    const { usage } = json;
    return {
      ...(inAskedEncoding(json, request) ?? json),
      ...(isObject(usage) ? { usage: { ...usage, ...inputUsage(usage) } } : {}),
      provider,
    };
  },
};

/** `{image: {url}}` and `{image: {base64}}`, as other vendors' inputs are written, in Jina's words. */
const written = (item: JsonValue): JsonValue => {
  if (!isObject(item) || !isObject(item["image"])) return item;
  const { url, base64 } = item["image"];
  const image = base64 ?? url;
  return isString(image) ? { ...item, image: parseDataUri(image)?.data ?? image } : item;
};
