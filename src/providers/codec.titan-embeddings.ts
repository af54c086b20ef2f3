/**
 * Embeddings of Amazon Titan, of text and of images: one input a call
 * (docs.aws.amazon.com/bedrock/latest/userguide/titan-embedding-models.html).
 */
import { defined } from "../lib/defined.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { numberField, stringField } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { inputUsage, vectorsOf } from "./embeddings.ts";
import { base64Of } from "./images.ts";

export const titanEmbeddings: Codec = {
  write: (body, { option }) => {
    const { model, input: _, encoding_format: __, dimensions: ___, normalize, ...others } = body;
    const kind = kindOf(option("foundation_model") ?? model);
    const said = { dimensions: numberField(body, "dimensions"), type: typeOf(body), normalize };
    const { fields, notes } = FIELDS[kind](said);
    return {
      body: { ...inputOf(body, kind), ...fields },
      notes: [...notes, ...unsaid(others)],
    };
  },
  read: ({ json }, { request, model, provider }) => {
    const vector = vectorOf(json ?? {}, typeOf(request));
    return {
      object: "list",
      data: vectorsOf([vector], request),
      model,
      usage: inputUsage({ prompt_tokens: json?.["inputTextTokenCount"] }),
      provider,
    };
  },
};

/** The first text model takes no parameters; the image model has names of its own. */
type Kind = "first" | "second" | "image";

const kindOf = (model: JsonValue | undefined): Kind => {
  if (isString(model) && /titan-embed-image/.test(model)) return "image";
  return isString(model) && /titan-embed-(?:text-v1|g1)/.test(model) ? "first" : "second";
};

interface Said {
  readonly dimensions: number | undefined;
  readonly type: string | undefined;
  readonly normalize: JsonValue | undefined;
}

interface Fields {
  readonly fields: JsonObject;
  readonly notes: readonly string[];
}

/** Reported where they are said and there is no field for them. */
const unsaid = (said: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(said).filter((name) => said[name] !== undefined);

const FIELDS: Readonly<Record<Kind, (said: Said) => Fields>> = {
  first: ({ dimensions, type, normalize }) => ({
    fields: {},
    notes: unsaid({ dimensions, encoding_format: type, normalize }),
  }),
  second: ({ dimensions, type, normalize }) => ({
    fields: defined({ dimensions, normalize, embeddingTypes: type === undefined ? undefined : [type] }),
    notes: [],
  }),
  image: ({ dimensions, type, normalize }) => ({
    fields: dimensions === undefined ? {} : { embeddingConfig: { outputEmbeddingLength: dimensions } },
    notes: unsaid({ encoding_format: type, normalize }),
  }),
};

/** `float` is what is given, and `base64` is made of it here. */
const typeOf = (body: JsonObject): string | undefined => {
  const format = stringField(body, "encoding_format");
  return format === "float" || format === "base64" ? undefined : format;
};

const inputOf = (body: JsonObject, kind: Kind): JsonObject => {
  const { input } = body;
  const items = isArray(input) ? input : [input];
  const [item] = items;
  if (items.length !== 1) throw invalidRequest("input", "must be one text: this model embeds one in a call");
  if (isString(item)) return { inputText: item };
  const { text, image } = kind === "image" && isObject(item) ? item : {};
  const written = defined({
    inputText: isString(text) ? text : undefined,
    inputImage: isObject(image) && isString(image["base64"]) ? base64Of(image["base64"]) : undefined,
  });
  if (Object.keys(written).length > 0) return written;
  throw invalidRequest(
    "input",
    kind === "image" ? "must be a text, {text} or {image: {base64}}" : "must be a text",
  );
};

const vectorOf = ({ embedding, embeddingsByType }: JsonObject, type: string | undefined): JsonValue => {
  const byType = isObject(embeddingsByType) ? embeddingsByType : {};
  const vector = (type === undefined ? undefined : byType[type]) ?? embedding ?? byType["float"];
  if (isArray(vector)) return vector;
  throw new MalformedReply("there is no embedding in it");
};
