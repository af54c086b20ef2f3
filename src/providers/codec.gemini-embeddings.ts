/**
 * Embeddings of Gemini's API: `batchEmbedContents` for any number of texts, `embedContent` for one
 * (ai.google.dev/api/embeddings).
 */
import { defined } from "../lib/defined.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Codec, CodecContext } from "./codec.ts";
import type { MediaInput } from "./embedding-media.ts";
import { inputsOf, piecesOf } from "./embedding-media.ts";
import { embeddingsReply, unsaidIn, vectorsOf } from "./embeddings.ts";

/** A list of inputs; AI Studio has this method. */
export const geminiEmbeddings: Codec = {
  write(body) {
    const model = isString(body["model"]) ? body["model"] : "";
    const requests = inputsOf(body).map((item, index) => ({
      model: `models/${model}`,
      content: { parts: partsOf(item, index) },
      ...configOf(body),
    }));
    return { body: { requests }, notes: notesOf(body) };
  },
  read({ json }, context) {
    return listOf(embeddingsIn(json), json, context);
  },
};

/** One input; Vertex has no method for more, and a field for what else is said (`embedContentConfigToVertex` of @google/genai). */
export const geminiEmbedding: Codec = {
  write(body) {
    const [item, ...others] = inputsOf(body);
    if (item === undefined || others.length > 0)
      throw invalidRequest("input", "must be one text: this model takes one at a time");
    const config = configOf(body);
    return {
      body: {
        content: { parts: partsOf(item, 0) },
        ...(Object.keys(config).length === 0 ? {} : { embedContentConfig: config }),
      },
      notes: notesOf(body),
    };
  },
  read({ json }, context) {
    return listOf(embeddingsIn(json), json, context);
  },
};

const configOf = (body: JsonObject): JsonObject =>
  defined({
    taskType: body["task_type"] ?? body["taskType"] ?? undefined,
    title: body["title"] ?? undefined,
    outputDimensionality: body["dimensions"] ?? undefined,
  });

const partsOf = (item: JsonValue, index: number): readonly JsonObject[] =>
  piecesOf(item, `input.${index}`, ["image", "video", "audio"]).map(partOf);

const partOf = (piece: MediaInput): JsonObject => {
  if (piece.kind === "text") return { text: piece.text };
  if (piece.kind === "url") return { fileData: defined({ fileUri: piece.url, mimeType: piece.mediaType }) };
  return { inlineData: { mimeType: piece.mediaType, data: piece.data } };
};

const SAID = names("model input encoding_format dimensions task_type taskType title");

const notesOf = (body: JsonObject): readonly string[] => unsaidIn(body, SAID);

/** Both methods' answers are read by either: a host in Google's place (`custom_host`) may have one method alone. */
const embeddingsIn = (reply: JsonObject | undefined): readonly JsonValue[] => {
  const { embeddings, embedding } = reply ?? {};
  if (isArray(embeddings)) return embeddings;
  if (isObject(embedding)) return [embedding];
  throw new MalformedReply("The reply has no embeddings", reply);
};

const listOf = (
  embeddings: readonly JsonValue[],
  reply: JsonObject | undefined,
  context: CodecContext,
): JsonObject => {
  const usage = reply?.["usageMetadata"];
  const tokens = isObject(usage) ? usage["promptTokenCount"] : undefined;
  return embeddingsReply(
    vectorsOf(embeddings.map(valuesOf), context.request),
    { prompt_tokens: tokens },
    context,
  );
};

const valuesOf = (embedding: JsonValue): JsonValue => {
  const values = isObject(embedding) ? embedding["values"] : undefined;
  if (values === undefined) throw new MalformedReply("an embedding has no values");
  return values;
};
