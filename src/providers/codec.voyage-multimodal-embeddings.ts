/** Voyage's embeddings of texts, images and videos (`MultimodalEmbedRequest` of voyageai): every input is a list of pieces. */
import { toDataUri } from "../lib/data-uri.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import { voyageEmbeddings } from "./codec.voyage-embeddings.ts";
import type { Codec } from "./codec.ts";
import type { MediaInput } from "./embedding-media.ts";
import { inputsOf, piecesOf } from "./embedding-media.ts";

export const voyageMultimodalEmbeddings: Codec = {
  write: (body) => {
    const { input: _, inputs, encoding_format: format, dimensions, user, ...rest } = body;
    return {
      body: {
        ...rest,
        inputs: inputs ?? inputsOf(body).map((item, index) => ({ content: contentOf(item, index) })),
        ...(dimensions === undefined ? {} : { output_dimension: dimensions }),
        // Floats are what it gives unasked; it has no word for them.
        ...(format === undefined || format === "float" ? {} : { encoding_format: format }),
      },
      notes: user === undefined ? [] : ["user"],
    };
  },
  read: (reply, context) => voyageEmbeddings.read(reply, context),
};

/** Voyage's own pieces go on as they are. */
const contentOf = (item: JsonValue, index: number): JsonValue =>
  isObject(item) && isArray(item["content"])
    ? item["content"]
    : piecesOf(item, `input.${index}`, ["image", "video"]).map(written);

const written = (piece: MediaInput): JsonObject => {
  if (piece.kind === "text") return { type: "text", text: piece.text };
  if (piece.kind === "url") return { type: `${piece.medium}_url`, [`${piece.medium}_url`]: piece.url };
  const type = `${piece.medium}_base64`;
  return { type, [type]: toDataUri(piece.mediaType, piece.data) };
};
