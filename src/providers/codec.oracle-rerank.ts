/** Rerank of OCI's Generative AI (`RerankTextDetails`, `RerankTextResult` of oci-generativeaiinference). */
import { defined } from "../lib/defined.ts";
import { booleanField, names, numberField, requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { servedBy } from "./oracle.request.ts";
import { onlyOwn, rankedOf, rankingReply, textsOf } from "./rerank.ts";

const OWN = names("max_chunks_per_doc max_tokens_per_doc");
const WORDS = { index: "index", score: "relevanceScore" };

export const oracleRerank: Codec = {
  write(body, target) {
    const { rest, notes } = onlyOwn(body, OWN);
    return {
      body: {
        ...servedBy(requiredString(body, "model", ""), target),
        input: requiredString(body, "query", ""),
        documents: textsOf(body),
        ...defined({
          topN: numberField(body, "top_n"),
          isEcho: booleanField(body, "return_documents"),
          maxChunksPerDocument: rest["max_chunks_per_doc"],
          maxTokensPerDocument: rest["max_tokens_per_doc"],
        }),
      },
      notes,
    };
  },
  read: ({ json = {} }, context) => {
    const { documentRanks, id, modelId: model } = json;
    return rankingReply(rankedOf(documentRanks, context, WORDS), defined({ id, model }), context);
  },
};
