/** Rerank of Cohere, version 2, where documents are texts (`V2RerankRequest` of cohere-ai). */
import { defined } from "../lib/defined.ts";
import { names, numberField, requiredString } from "./body-fields.ts";
import { readRanking } from "./codec.rerank.ts";
import type { Codec } from "./codec.ts";
import { carried, textsOf } from "./rerank.ts";

const OWN = names("max_tokens_per_doc priority");

export const cohereRerank: Codec = {
  write(body) {
    const { rest, notes } = carried(body, OWN);
    const { model } = body;
    return {
      body: {
        ...defined({ model, top_n: numberField(body, "top_n") }),
        query: requiredString(body, "query", ""),
        documents: textsOf(body),
        ...rest,
      },
      notes,
    };
  },
  read: (reply, context) => readRanking(reply, context),
};
