/**
 * Embeddings of Cohere on Bedrock, versions 3 and 4
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html).
 */
import type { HeaderFields } from "../lib/header-fields.ts";
import { defined } from "../lib/defined.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { names, stringField } from "./body-fields.ts";
import { countsInHeaders } from "./bedrock-counts.ts";
import { mixedInputs } from "./codec.cohere-embeddings.ts";
import type { Codec } from "./codec.ts";
import { inputUsage, textsOf, vectorsOf } from "./embeddings.ts";

export const bedrockCohereEmbeddings: Codec = {
  write: (body, { option }) => {
    const { dimensions } = body;
    const own = Object.entries(body).filter(([name, value]) => !SAID.has(name) && value !== undefined);
    const takesSize = isFourth(option("foundation_model") ?? body["model"]);
    const input = inputOf(body, takesSize);
    return {
      body: {
        ...input,
        // Required by the model; what is embedded without a word is what is stored.
        input_type: input["images"] === undefined || takesSize ? "search_document" : "image",
        ...defined({
          embedding_types: typesOf(body),
          output_dimension: takesSize ? dimensions : undefined,
        }),
        ...Object.fromEntries(own.filter(([name]) => OWN.has(name))),
      },
      notes: [
        ...(dimensions === undefined || takesSize ? [] : ["dimensions"]),
        ...own.filter(([name]) => !OWN.has(name)).map(([name]) => name),
      ],
    };
  },
  read: ({ json, headers }, { request, model, provider }) => ({
    object: "list",
    data: vectorsOf(vectorsIn(json?.["embeddings"], typesOf(request)?.[0]), request),
    model,
    usage: inputUsage({ prompt_tokens: tokensOf(headers) }),
    provider,
  }),
};

/** The body has no counts. */
const tokensOf = (headers: HeaderFields | undefined): number => countsInHeaders(headers)?.input ?? 0;

const SAID = names("model input encoding_format dimensions");
/** Cohere's own words. */
const OWN = names("input_type truncate embedding_types max_tokens inputs images texts output_dimension");

const isFourth = (model: JsonValue | undefined): boolean => isString(model) && /embed-v4/.test(model);

/** `base64` is a spelling of floats with OpenAI, and made of them here. */
const typesOf = (body: JsonObject): readonly JsonValue[] | undefined => {
  const { embedding_types: types } = body;
  if (isArray(types)) return types;
  const format = stringField(body, "encoding_format");
  return format === undefined || format === "float" || format === "base64" ? undefined : [format];
};

/** Texts and images together only the fourth version takes. */
const inputOf = (body: JsonObject, takesMixed: boolean): JsonObject => {
  const { input } = body;
  if (input === undefined && (isArray(body["inputs"]) || isArray(body["images"]) || isArray(body["texts"])))
    return {};
  const items = isArray(input) ? input : [input];
  if (!items.some(isObject)) return { texts: textsOf(body) };
  const texts = items.map((item) => (isObject(item) && item["image"] === undefined ? item["text"] : item));
  if (texts.every(isString)) return { texts };
  if (takesMixed && !items.every(isLoneImage)) return mixedInputs(items);
  return { images: items.map((item, index) => imageOf(item, index)) };
};

const isLoneImage = (item: JsonValue | undefined): boolean => isObject(item) && item["text"] === undefined;

const imageOf = (item: JsonValue | undefined, index: number): string => {
  const image = isObject(item) ? item["image"] : undefined;
  if (isObject(image) && isString(image["base64"])) return image["base64"];
  throw invalidRequest(`input.${index}`, "must be a text, {text} or {image: {base64}}, all of one kind");
};

/** A list where no type was asked for; by type otherwise. */
const vectorsIn = (embeddings: JsonValue | undefined, type: JsonValue | undefined): readonly JsonValue[] => {
  if (isArray(embeddings)) return embeddings;
  const byType = isObject(embeddings) ? embeddings : {};
  const asked = isString(type) ? byType[type] : undefined;
  const vectors = [asked, byType["float"], ...Object.values(byType)].find(isArray);
  if (vectors === undefined) throw new MalformedReply("there are no embeddings in it");
  return vectors;
};
