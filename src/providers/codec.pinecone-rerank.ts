/** Rerank of Pinecone: documents are objects, scores are `score` (`RerankRequest`, `RankedDocument` of @pinecone-database/pinecone). */
import { defined } from "../lib/defined.ts";
import type { JsonValue } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import { booleanField, names, numberField, requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { carried, documentsOf, rankedOf, rankingReply } from "./rerank.ts";

const OWN = names("parameters");
const WORDS = { index: "index", score: "score" };

export const pineconeRerank: Codec = {
  write(body) {
    const { rest, notes } = carried(body, OWN);
    const { model, rank_fields } = body;
    return {
      body: {
        query: requiredString(body, "query", ""),
        documents: documentsOf(body).map(objectOf),
        ...defined({
          model,
          rank_fields,
          top_n: numberField(body, "top_n"),
          return_documents: booleanField(body, "return_documents"),
        }),
        ...rest,
      },
      notes,
    };
  },
  read: ({ json = {} }, context) => {
    const { data, ...said } = json;
    return rankingReply(rankedOf(data, context, WORDS), said, context);
  },
};

const objectOf = (document: JsonValue): JsonValue => (isString(document) ? { text: document } : document);
