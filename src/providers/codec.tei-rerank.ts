/** Rerank of Text Embeddings Inference: `texts` in, a bare list out (docs/openapi.json of huggingface/text-embeddings-inference). */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { defined } from "../lib/defined.ts";
import { MalformedReply } from "../schema/errors.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { booleanField, names, requiredString } from "./body-fields.ts";
import type { Codec, CodecContext, CodecReply } from "./codec.ts";
import { best, carried, rankedOf, rankingReply, textsOf } from "./rerank.ts";

const OWN = names("raw_scores truncate truncation_direction");
const WORDS = { index: "index", score: "score" };

export const teiRerank: Codec = {
  write(body) {
    const { rest, notes } = carried(body, OWN);
    const return_text = booleanField(body, "return_documents");
    return {
      body: {
        query: requiredString(body, "query", ""),
        texts: textsOf(body),
        ...defined({ return_text }),
        ...rest,
      },
      notes,
    };
  },
  read: (reply, context) => readList(reply, context),
};

/** A bare list, of all documents where the server knows no number of results. */
export const readList = ({ bytes }: CodecReply, context: CodecContext): JsonObject => {
  const results = rankedOf(listOf(bytes).map(withDocument), context, WORDS);
  return rankingReply(best(results, context.request), {}, context);
};

const utf8 = new TextDecoder();

const listOf = (bytes: Uint8Array): readonly JsonValue[] => {
  const value = parsed(bytes);
  if (!isArray(value)) throw new MalformedReply("there is no list in it");
  return value;
};

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
};

const withDocument = (item: JsonValue): JsonValue => {
  if (!isObject(item)) return item;
  const { text, ...rest } = item;
  return isString(text) ? { ...rest, document: { text } } : rest;
};
