/**
 * Embeddings of Gemini's API: `batchEmbedContents` for any number of texts, `embedContent` for one
 * (ai.google.dev/api/embeddings).
 */
import { defined } from "../lib/defined.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Codec, CodecContext } from "./codec.ts";
import { inputUsage, textsOf, vectorsOf } from "./embeddings.ts";

/** A list of texts; AI Studio has this method. */
export const geminiEmbeddings: Codec = {
  write(body) {
    const model = isString(body["model"]) ? body["model"] : "";
    const requests = textsOf(body).map((text) => ({ model: `models/${model}`, ...requestOf(body, text) }));
    return { body: { requests }, notes: notesOf(body) };
  },
  read({ json }, context) {
    const embeddings = json?.["embeddings"];
    if (!isArray(embeddings)) throw new MalformedReply("The reply has no embeddings", json);
    return listOf(embeddings, json, context);
  },
};

/** One text; Vertex has no method for more. */
export const geminiEmbedding: Codec = {
  write(body) {
    const [text, ...others] = textsOf(body);
    if (text === undefined || others.length > 0)
      throw invalidRequest("input", "must be one text: this model takes one at a time");
    return { body: requestOf(body, text), notes: notesOf(body) };
  },
  read({ json }, context) {
    return listOf([json?.["embedding"] ?? null], json, context);
  },
};

const requestOf = (body: JsonObject, text: string): JsonObject => ({
  content: { parts: [{ text }] },
  ...defined({
    taskType: body["task_type"] ?? body["taskType"],
    title: body["title"],
    outputDimensionality: body["dimensions"],
  }),
});

const notesOf = (body: JsonObject): readonly string[] => (body["user"] == null ? [] : ["user"]);

const listOf = (
  embeddings: readonly JsonValue[],
  reply: JsonObject | undefined,
  { request, model }: CodecContext,
): JsonObject => {
  const usage = reply?.["usageMetadata"];
  const tokens = isObject(usage) ? usage["promptTokenCount"] : undefined;
  return {
    object: "list",
    data: vectorsOf(embeddings.map(valuesOf), request),
    model,
    usage: inputUsage({ prompt_tokens: tokens }),
  };
};

const valuesOf = (embedding: JsonValue): JsonValue => {
  const values = isObject(embedding) ? embedding["values"] : undefined;
  if (values === undefined) throw new MalformedReply("an embedding has no values");
  return values;
};
