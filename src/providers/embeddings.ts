/** What embeddings codecs share: the texts of a request, and OpenAI's list of vectors. */
import type { GatewayError } from "../schema/errors.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import type { CodecContext } from "./codec.ts";
import { asksFor } from "./idle-values.ts";

/** `input` as a list of texts; tokens of OpenAI's own vocabulary mean nothing to others. */
export const textsOf = (body: JsonObject): readonly string[] => {
  const { input } = body;
  if (isString(input)) return [input];
  if (isArray(input) && input.length > 0 && input.every(isString)) return input;
  throw wrongInput(input, "");
};

/** What is said of an `input` that a vendor cannot embed; `more` names what it takes besides texts. */
export const wrongInput = (input: JsonValue | undefined, more: string): GatewayError =>
  invalidRequest("input", `must be a text or a list of texts${more}${isTokens(input) ? NO_TOKENS : ""}`);

const NO_TOKENS = ": tokens are of OpenAI's own vocabulary, which this provider does not have";

const isTokens = (input: JsonValue | undefined): boolean =>
  isArray(input) &&
  input.length > 0 &&
  input.every((item) => isNumber(item) || (isArray(item) && item.every(isNumber)));

/** Reported: what a request says and the vendor has no word for. */
export const unsaidIn = (body: JsonObject, said: ReadonlySet<string>): readonly string[] =>
  Object.keys(body).filter((name) => !said.has(name) && asksFor(name, body[name]));

/** Vectors in OpenAI's shape: as base64 of 32-bit floats where the client asked for that. */
export const vectorsOf = (vectors: readonly JsonValue[], request: JsonObject): readonly JsonObject[] =>
  vectors.map((vector, index) => ({
    object: "embedding",
    index,
    embedding: request["encoding_format"] === "base64" ? base64Of(vector) : vector,
  }));

/** OpenAI's list of them, which says whose they are. */
export const embeddingsReply = (
  data: readonly JsonObject[],
  usage: JsonObject,
  { model, provider }: Pick<CodecContext, "model" | "provider">,
): JsonObject => ({ object: "list", data, model, usage: inputUsage(usage), provider });

/** 32-bit floats, the lowest byte first: the order of every machine that Bun runs on. */
const base64Of = (vector: JsonValue | undefined): string => {
  if (!isArray(vector) || !vector.every(isNumber))
    throw new MalformedReply("an embedding is no list of numbers");
  return Buffer.from(new Float32Array(vector).buffer).toString("base64");
};

/** A reply of floats with its vectors as base64, where the client asked for that; undefined where nothing need change. */
export const inAskedEncoding = (reply: JsonObject, request: JsonObject): JsonObject | undefined => {
  const { data } = reply;
  if (request["encoding_format"] !== "base64" || !isArray(data) || !data.some(isFloats)) return undefined;
  return {
    ...reply,
    data: data.map((item) => (isFloats(item) ? { ...item, embedding: base64Of(item["embedding"]) } : item)),
  };
};

const isFloats = (item: JsonValue): item is JsonObject => isObject(item) && isArray(item["embedding"]);

/** Usage of a call that has no output; what counts only one of the two sums counts both. */
export const inputUsage = (usage: JsonObject): JsonObject => {
  const total = count(usage["total_tokens"]) ?? count(usage["prompt_tokens"]) ?? 0;
  return { prompt_tokens: count(usage["prompt_tokens"]) ?? total, total_tokens: total };
};

const count = (value: JsonValue | undefined): number | undefined => (isNumber(value) ? value : undefined);
