/**
 * Embeddings of Amazon Nova, of one text, image, sound or film a call
 * (docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html).
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { countsInHeaders } from "./bedrock-counts.ts";
import { names, numberField, stringField } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import type { MediaInput } from "./embedding-media.ts";
import { inputsOf, piecesOf } from "./embedding-media.ts";
import { inputUsage, unsaidIn, vectorsOf } from "./embeddings.ts";

export const novaEmbeddings: Codec = {
  write: (body) => ({
    body: {
      schemaVersion: "nova-multimodal-embed-v1",
      taskType: "SINGLE_EMBEDDING",
      singleEmbeddingParams: {
        embeddingPurpose: purposeOf(body),
        ...defined({ embeddingDimension: numberField(body, "dimensions") }),
        ...inputOf(body),
      },
    },
    notes: [
      ...unsaidIn(body, SAID),
      ...(FLOATS.has(stringField(body, "encoding_format") ?? "float") ? [] : ["encoding_format"]),
    ],
  }),
  read: ({ json, headers }, { request, model, provider }) => ({
    object: "list",
    data: vectorsOf(vectorsIn(json?.["embeddings"]), request),
    model,
    usage: inputUsage({ prompt_tokens: countsInHeaders(headers)?.input ?? 0 }),
    provider,
  }),
};

const SAID = names("model input dimensions encoding_format input_type");
/** `base64` is made here. */
const FLOATS = names("float base64");

/** Cohere's words, which users of gateways send to every vendor; the vendor's own are in capitals. */
const PURPOSES = table({
  search_document: "GENERIC_INDEX",
  search_query: "GENERIC_RETRIEVAL",
  classification: "CLASSIFICATION",
  clustering: "CLUSTERING",
});

/** What is embedded without a word is what is stored. */
const purposeOf = (body: JsonObject): string => {
  const type = stringField(body, "input_type") ?? "search_document";
  return PURPOSES.get(type) ?? type;
};

const inputOf = (body: JsonObject): JsonObject => {
  const [item = null, ...more] = inputsOf(body);
  if (more.length > 0) throw invalidRequest("input", "must be one: this model embeds one in a call");
  const [piece, another] = piecesOf(item, "input.0", ["image", "video", "audio"]);
  if (piece === undefined || another !== undefined)
    throw invalidRequest("input.0", "must be one text, image, video or sound");
  return piece.kind === "text"
    ? { text: { truncationMode: "END", value: piece.text } }
    : { [piece.medium]: mediumOf(piece) };
};

const mediumOf = (piece: Exclude<MediaInput, { kind: "text" }>): JsonObject => ({
  format: formatOf(piece),
  source: piece.kind === "data" ? { bytes: piece.data } : { s3Location: { uri: piece.url } },
  ...(piece.medium === "video" ? { embeddingMode: "AUDIO_VIDEO_COMBINED" } : {}),
});

const formatOf = (piece: Exclude<MediaInput, { kind: "text" }>): string => {
  const { mediaType } = piece;
  if (piece.kind === "url" && !piece.url.startsWith("s3://"))
    throw invalidRequest(`input.0.${piece.medium}.url`, "must be an object of S3");
  if (mediaType !== undefined) return FORMATS.get(mediaType) ?? mediaType.slice(mediaType.indexOf("/") + 1);
  return piece.kind === "url" ? piece.url.slice(piece.url.lastIndexOf(".") + 1) : "";
};

/** Where the format is not what a media type ends with. */
const FORMATS = table({
  "image/jpg": "jpeg",
  "audio/mpeg": "mp3",
  "audio/x-wav": "wav",
  "video/quicktime": "mov",
  "video/x-matroska": "mkv",
  "video/x-flv": "flv",
  "video/x-ms-wmv": "wmv",
  "video/3gpp": "3gp",
});

const vectorsIn = (embeddings: JsonValue | undefined): readonly JsonValue[] => {
  const vectors = (isArray(embeddings) ? embeddings : []).map((item) =>
    isObject(item) && isString(item["embeddingType"]) ? item["embedding"] : undefined,
  );
  if (vectors.length > 0 && vectors.every(isArray)) return vectors;
  throw new MalformedReply("there is no embedding in it");
};
