/** Embeddings of Cohere, version 2 (docs.cohere.com/reference/embed). */
import { defined } from "../lib/defined.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { embeddingsReply, vectorsOf, wrongInput } from "./embeddings.ts";

const CARRIED = names(
  "input_type embedding_types output_dimension truncate max_tokens texts images inputs priority",
);
const WRITTEN = names("model input encoding_format dimensions");

export const cohereEmbeddings: Codec = {
  write(body) {
    const { model, dimensions } = body;
    const others = Object.entries(body).filter(([name, value]) => !WRITTEN.has(name) && value !== undefined);
    const input = inputOf(body);
    const written = {
      ...defined({ model, output_dimension: dimensions ?? undefined }),
      ...input,
      // Models from version 3 on must be told; what is embedded without a word is what is stored.
      input_type: (input["images"] ?? body["images"]) === undefined ? "search_document" : "image",
      embedding_types: typesOf(body["encoding_format"]),
      ...Object.fromEntries(others.filter(([name]) => CARRIED.has(name))),
    };
    return {
      body: written,
      notes: [
        ...others.filter(([name]) => !CARRIED.has(name)).map(([name]) => name),
        ...unshownTypes(written.embedding_types),
      ],
    };
  },
  read({ json }, context) {
    const vectors = vectorsByType(json?.["embeddings"]);
    return embeddingsReply(vectorsOf(vectors, context.request), countsOf(json?.["meta"]), context);
  },
};

/** Texts, images (`{image: {base64}}`), or both mixed; what stands in Cohere's own fields is not repeated. */
const inputOf = ({ input, texts: own, images: pictures, inputs }: JsonObject): JsonObject => {
  if (input === undefined && (own ?? pictures ?? inputs) !== undefined) return {};
  const items = isArray(input) ? input : [input ?? null];
  if (items.length === 0 || !items.every((item) => isString(item) || isObject(item)))
    throw wrongInput(input, " or of media");
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

/** OpenAI's list has one vector of an input: the others are told of. */
const unshownTypes = (types: JsonValue | undefined): readonly string[] => {
  const named = isArray(types) ? types.filter(isString) : [];
  const shown = named.includes("float") ? "float" : named[0];
  return named.filter((type) => type !== shown).map((type) => `embedding_types (${type})`);
};

/** By type; of several types, the floats if they are there. */
const vectorsByType = (embeddings: JsonValue | undefined): readonly JsonValue[] => {
  const byType = isObject(embeddings) ? embeddings : {};
  const vectors = [byType["float"], ...Object.values(byType)].find(isArray);
  if (vectors === undefined) throw new MalformedReply("The reply has no embeddings", embeddings);
  return vectors;
};

/** Tokens of texts and of images (`ApiMetaBilledUnits` of cohere-ai). */
const countsOf = (meta: JsonValue | undefined): JsonObject => {
  const { tokens, billed_units: billed } = isObject(meta) ? meta : {};
  const { input_tokens, image_tokens } = { ...objectOf(billed), ...objectOf(tokens) };
  const counts = [input_tokens, image_tokens].filter(isNumber);
  return counts.length === 0 ? {} : { total_tokens: counts.reduce((a, b) => a + b) };
};

const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
