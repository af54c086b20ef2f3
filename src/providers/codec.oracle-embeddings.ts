/** Embeddings of OCI's Generative AI (`EmbedTextDetails`, `EmbedTextResult` of oci-generativeaiinference). */
import { defined } from "../lib/defined.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isString, isObject } from "../schema/json.ts";
import { names, numberField, requiredString, stringField } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { embeddingsReply, textsOf, unsaidIn, vectorsOf } from "./embeddings.ts";
import { servedBy } from "./oracle.request.ts";

const SAID = names("model input dimensions encoding_format input_type truncate");

export const oracleEmbeddings: Codec = {
  write(body, target) {
    const type = typeOf(body);
    return {
      body: {
        ...servedBy(requiredString(body, "model", ""), target),
        inputs: textsOf(body),
        // What is embedded without a word is what is stored, as with Cohere's own API, whose models these are.
        inputType: stringField(body, "input_type")?.toUpperCase() ?? "SEARCH_DOCUMENT",
        ...defined({
          outputDimensions: numberField(body, "dimensions"),
          embeddingTypes: type === undefined ? undefined : [type],
          truncate: stringField(body, "truncate")?.toUpperCase(),
        }),
      },
      notes: unsaidIn(body, SAID),
    };
  },
  read({ json }, context) {
    const { request, model } = context;
    const { modelId, usage } = json ?? {};
    const vectors = vectorsIn(json ?? {}, typeOf(request));
    if (!isArray(vectors)) throw new MalformedReply("there are no embeddings in it");
    const { promptTokens: prompt_tokens, totalTokens: total_tokens } = isObject(usage) ? usage : {};
    return embeddingsReply(
      vectorsOf(vectors, request),
      { prompt_tokens, total_tokens },
      { ...context, model: isString(modelId) ? modelId : model },
    );
  },
};

/** `float` is what is given, and `base64` is made of it here. */
const typeOf = (body: JsonObject): string | undefined => {
  const format = stringField(body, "encoding_format");
  return format === "float" || format === "base64" ? undefined : format;
};

const vectorsIn = (
  { embeddings, embeddingsByType }: JsonObject,
  type: string | undefined,
): JsonValue | undefined => {
  const byType = isObject(embeddingsByType) ? embeddingsByType : {};
  return (type === undefined ? undefined : byType[type]) ?? embeddings;
};
