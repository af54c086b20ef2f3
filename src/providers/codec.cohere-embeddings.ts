/** Embeddings of Cohere, version 2 (docs.cohere.com/reference/embed). */
import { defined } from "../lib/defined.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { inputUsage, vectorsOf } from "./embeddings.ts";

const CARRIED = names(
  "input_type embedding_types output_dimension truncate max_tokens images inputs priority",
);
const WRITTEN = names("model input encoding_format dimensions");

export const cohereEmbeddings: Codec = {
  write(body) {
    const { model, dimensions } = body;
    const others = Object.entries(body).filter(([name, value]) => !WRITTEN.has(name) && value !== undefined);
    const input = inputOf(body["input"] ?? undefined);
    const written = {
      ...defined({ model, output_dimension: dimensions ?? undefined }),
      ...input,
      // Models from version 3 on must be told; what is embedded without a word is what is stored.
      input_type: input["images"] === undefined ? "search_document" : "image",
      embedding_types: typesOf(body["encoding_format"]),
      ...Object.fromEntries(others.filter(([name]) => CARRIED.has(name))),
    };
    return { body: written, notes: others.filter(([name]) => !CARRIED.has(name)).map(([name]) => name) };
  },
  read({ json }, context) {
    const vectors = vectorsByType(json?.["embeddings"]);
    return {
      object: "list",
      data: vectorsOf(vectors, context.request),
      model: context.model,
      usage: usageOf(json?.["meta"]),
      provider: context.provider,
    };
  },
};

/** Texts, images (`{image: {base64}}`), or both mixed; what stands in Cohere's own fields is not repeated. */
const inputOf = (input: JsonValue | undefined): JsonObject => {
  if (input === undefined) return {};
  const items = isArray(input) ? input : [input];
  const texts = items.map(textOf);
  if (texts.every((text) => text !== undefined)) return { texts };
  const images = items.map(imageOf);
  if (images.every((image) => image !== undefined)) return { images };
  return mixedInputs(items);
};

export const mixedInputs = (items: readonly (JsonValue | undefined)[]): JsonObject => ({
  inputs: items.map((item, index) => ({ content: partsOf(item, `input.${index}`) })),
});

const textOf = (item: JsonValue): string | undefined => {
  if (isString(item)) return item;
  return isObject(item) && item["image"] === undefined && isString(item["text"]) ? item["text"] : undefined;
};

const imageOf = (item: JsonValue): string | undefined => {
  const image = isObject(item) && item["text"] === undefined ? item["image"] : undefined;
  return isObject(image) && isString(image["base64"]) ? image["base64"] : undefined;
};

const partsOf = (item: JsonValue | undefined, path: string): readonly JsonObject[] => {
  const { text, image } = isObject(item) ? item : { text: item };
  const url = isObject(image) ? image["base64"] : undefined;
  const parts = [
    ...(isString(text) ? [{ type: "text", text }] : []),
    ...(isString(url) ? [{ type: "image_url", image_url: { url } }] : []),
  ];
  if (parts.length === 0) throw invalidRequest(path, "must be a text, {text} or {image: {base64}}");
  return parts;
};

/** `base64` is a spelling of floats with OpenAI, and made of them here. */
const typesOf = (format: JsonValue | undefined): readonly JsonValue[] => {
  if (isArray(format)) return format;
  return isString(format) && format !== "base64" ? [format] : ["float"];
};

/** By type; of several types, the floats if they are there. */
const vectorsByType = (embeddings: JsonValue | undefined): readonly JsonValue[] => {
  const byType = isObject(embeddings) ? embeddings : {};
  const vectors = [byType["float"], ...Object.values(byType)].find(isArray);
  if (vectors === undefined) throw new MalformedReply("The reply has no embeddings", embeddings);
  return vectors;
};

const usageOf = (meta: JsonValue | undefined): JsonObject => {
  const tokens = isObject(meta) ? (meta["tokens"] ?? meta["billed_units"]) : undefined;
  return inputUsage(isObject(tokens) ? { total_tokens: tokens["input_tokens"] } : {});
};
