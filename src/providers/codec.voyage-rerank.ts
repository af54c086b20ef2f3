/** Rerank of Voyage: `top_k`, and the ranking as `data` (`RerankRequest`, `RerankResponse` of voyageai). */
import { defined } from "../lib/defined.ts";
import { booleanField, names, numberField, requiredString } from "./body-fields.ts";
import { readRanking } from "./codec.rerank.ts";
import type { Codec } from "./codec.ts";
import { carried, textsOf } from "./rerank.ts";

const OWN = names("truncation");

export const voyageRerank: Codec = {
  write(body) {
    const { rest, notes } = carried(body, OWN);
    const { model } = body;
    return {
      body: {
        query: requiredString(body, "query", ""),
        documents: textsOf(body),
        ...defined({
          model,
          top_k: numberField(body, "top_n"),
          return_documents: booleanField(body, "return_documents"),
        }),
        ...rest,
      },
      notes,
    };
  },
  read: (reply, context) => readRanking(reply, context),
};
