/** What embeddings codecs share: the texts of a request, and OpenAI's list of vectors. */
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isString } from "../schema/json.ts";

/** `input` as a list of texts; tokens of OpenAI's own vocabulary mean nothing to others. */
export const textsOf = (body: JsonObject): readonly string[] => {
  const { input } = body;
  if (isString(input)) return [input];
  if (isArray(input) && input.length > 0 && input.every(isString)) return input;
  throw invalidRequest("input", "must be a text or a list of texts");
};

/** Vectors in OpenAI's shape: as base64 of 32-bit floats where the client asked for that. */
export const vectorsOf = (vectors: readonly JsonValue[], request: JsonObject): readonly JsonObject[] =>
  vectors.map((vector, index) => ({
    object: "embedding",
    index,
    embedding: request["encoding_format"] === "base64" ? base64Of(vector) : vector,
  }));

const base64Of = (vector: JsonValue): string => {
  if (!isArray(vector) || !vector.every(isNumber))
    throw new MalformedReply("an embedding is no list of numbers");
  return Buffer.from(new Float32Array(vector).buffer).toString("base64");
};

/** Usage of a call that has no output; what counts only one of the two sums counts both. */
export const inputUsage = (usage: JsonObject): JsonObject => {
  const total = count(usage["total_tokens"]) ?? count(usage["prompt_tokens"]) ?? 0;
  return { prompt_tokens: count(usage["prompt_tokens"]) ?? total, total_tokens: total };
};

const count = (value: JsonValue | undefined): number | undefined => (isNumber(value) ? value : undefined);
