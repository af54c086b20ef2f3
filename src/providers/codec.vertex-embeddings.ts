/**
 * Embeddings of Vertex AI's `predict`: texts, and texts with images and videos
 * (docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api and
 * /multimodal-embeddings-api).
 */
import { parseDataUri } from "../lib/data-uri.ts";
import { defined } from "../lib/defined.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { embeddingsReply, textsOf, unsaidIn, vectorsOf } from "./embeddings.ts";

export const vertexEmbeddings: Codec = {
  write(body) {
    const media = mediaOf(body["input"]);
    const instances = media?.map(mediaInstance) ?? textsOf(body).map((text) => textInstance(body, text));
    const parameters = {
      ...asObject(body["parameters"]),
      ...defined({
        [media === undefined ? "outputDimensionality" : "dimension"]: body["dimensions"] ?? undefined,
      }),
    };
    return {
      body: { instances, ...(Object.keys(parameters).length === 0 ? {} : { parameters }) },
      notes: unsaidIn(body, SAID),
    };
  },
  read({ json }, context) {
    const predictions = json?.["predictions"];
    if (!isArray(predictions)) throw new MalformedReply("the reply has no predictions", json);
    const all = predictions.filter(isObject);
    const vectors = vectorsOf(all.map(valuesOf), context.request);
    const data = vectors.map((vector, at) => ({ ...vector, ...mediaVectors(all[at] ?? {}) }));
    const tokens = all.reduce((sum, prediction) => sum + tokensOf(prediction), 0);
    return embeddingsReply(data, { prompt_tokens: tokens }, context);
  },
};

const SAID = names("model input encoding_format dimensions task_type title parameters");

const asObject = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

/** Objects in the place of texts: `{text, image: {url | base64}, video: {…}}`, as gateway users send them. */
const mediaOf = (input: JsonValue | undefined): readonly JsonObject[] | undefined => {
  const items = isArray(input) ? input : [input];
  if (!items.some(isObject)) return undefined;
  return items.map((item) => (isObject(item) ? item : { text: item }));
};

const textInstance = (body: JsonObject, content: string): JsonObject => ({
  content,
  ...defined({ task_type: body["task_type"] ?? undefined, title: body["title"] ?? undefined }),
});

const mediaInstance = (item: JsonObject, index: number): JsonObject => {
  const [image, video] = [medium(item["image"]), medium(item["video"])];
  if (!isString(item["text"]) && image === undefined && video === undefined)
    throw invalidRequest(`input.${index}`, "must be a text, {text}, {image: {base64}} or {video: {url}}");
  return defined({
    text: item["text"] ?? undefined,
    image: image && sourceOf(image),
    video: video && { ...sourceOf(video), ...defined({ videoSegmentConfig: segmentOf(video) }) },
  });
};

/** A URL may stand for the object that holds it. */
const medium = (value: JsonValue | undefined): JsonObject | undefined =>
  isString(value) ? { url: value } : isObject(value) ? value : undefined;

const sourceOf = ({ url, base64, mime_type: type }: JsonObject): JsonObject => {
  const uri = [base64, url]
    .filter(isString)
    .map(parseDataUri)
    .find((found) => found !== undefined);
  if (uri !== undefined) return { bytesBase64Encoded: uri.data, mimeType: uri.mediaType };
  return defined({
    gcsUri: url ?? undefined,
    bytesBase64Encoded: base64 ?? undefined,
    mimeType: type ?? undefined,
  });
};

const segmentOf = ({ start_offset, end_offset, interval }: JsonObject): JsonObject | undefined => {
  const segment = defined({
    startOffsetSec: start_offset,
    endOffsetSec: end_offset,
    intervalSec: interval,
  });
  return Object.keys(segment).length === 0 ? undefined : segment;
};

/** Of a video or an image alone there is no vector of a text. */
const valuesOf = (prediction: JsonObject): JsonValue => {
  const values = asObject(prediction["embeddings"])["values"] ?? prediction["textEmbedding"];
  if (values === undefined && Object.keys(mediaVectors(prediction)).length === 0)
    throw new MalformedReply("a prediction has no embedding");
  return values ?? [];
};

const mediaVectors = (prediction: JsonObject): JsonObject =>
  defined({
    image_embedding: prediction["imageEmbedding"],
    video_embeddings: videosOf(prediction["videoEmbeddings"]),
  });

const videosOf = (videos: JsonValue | undefined): readonly JsonObject[] | undefined =>
  isArray(videos)
    ? videos.filter(isObject).map((video, index) => ({
        object: "embedding",
        index,
        embedding: video["embedding"],
        start_offset: video["startOffsetSec"],
        end_offset: video["endOffsetSec"],
      }))
    : undefined;

const tokensOf = (prediction: JsonObject): number => {
  const count = asObject(asObject(prediction["embeddings"])["statistics"])["token_count"];
  return isNumber(count) ? count : 0;
};
