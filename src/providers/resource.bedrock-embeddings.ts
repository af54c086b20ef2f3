/**
 * Embeddings in a batch for Bedrock: the bodies and answers of InvokeModel
 * (docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-data.html and batch-inference-results.html).
 */
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import type { CodecContext } from "./codec.ts";
import { codecOf } from "./codecs.ts";
import type { RequestTarget, Written } from "./dialect.ts";

export const EMBEDDINGS = "/v1/embeddings";

const TITAN = "titan-embeddings";
const COHERE = "bedrock-cohere-embeddings";

const EMBEDDERS: readonly (readonly [RegExp, string])[] = [
  [/titan-embed/, TITAN],
  [/cohere\.embed/, COHERE],
];

/** A record's `modelInput`. How the vectors are written is for whoever reads the rows: floats. */
export const embeddingInput = (
  body: JsonObject,
  model: string,
  target: RequestTarget,
): Written<JsonObject> => {
  const name = target.option("foundation_model") ?? model;
  const [, codec] = EMBEDDERS.find(([pattern]) => pattern.test(name)) ?? [];
  if (codec === undefined)
    throw invalidRequest(
      "url",
      `must not be ${EMBEDDINGS}: only Titan's and Cohere's models embed in a batch`,
    );
  const written = codecOf(codec).write({ ...body, model: name }, target);
  const modelInput: JsonObject = written.body instanceof FormData ? {} : written.body; // these codecs write none
  const packed = body["encoding_format"] === "base64" ? ["encoding_format"] : [];
  return { body: modelInput, notes: [...written.notes, ...packed] };
};

/** A record's `modelOutput` as OpenAI's list, where it is one of vectors. */
export const embeddingsOf = (
  output: JsonObject,
  input: JsonObject,
  context: Omit<CodecContext, "request">,
): JsonObject | undefined => {
  const read = (codec: string, request: JsonObject): JsonObject =>
    codecOf(codec).read(
      { contentType: "application/json", bytes: new Uint8Array(), json: output },
      { ...context, request },
    );
  if (isArray(output["embedding"]) || isObject(output["embeddingsByType"])) {
    const { embeddingTypes: types } = input;
    return read(TITAN, isArray(types) ? { encoding_format: types[0] } : {});
  }
  if (output["embeddings"] === undefined) return undefined;
  const { embedding_types } = input;
  return read(COHERE, embedding_types === undefined ? {} : { embedding_types });
};
