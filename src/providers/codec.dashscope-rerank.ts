/** Rerank of Alibaba's Model Studio, its own API, which has every one of its models (help.aliyun.com/zh/model-studio/text-rerank-api). */
import { defined } from "../lib/defined.ts";
import { isObject } from "../schema/json.ts";
import { booleanField, names, numberField, requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { carried, leanDocuments, rankedOf, rankingReply } from "./rerank.ts";

const OWN = names("instruct");

export const dashscopeRerank: Codec = {
  write(body) {
    const { rest, notes } = carried(body, OWN);
    const { model } = body;
    const parameters = {
      ...defined({
        top_n: numberField(body, "top_n"),
        return_documents: booleanField(body, "return_documents"),
      }),
      ...rest,
    };
    return {
      body: {
        ...defined({ model }),
        input: { query: requiredString(body, "query", ""), documents: leanDocuments(body) },
        ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
      },
      notes,
    };
  },
  read: ({ json = {} }, context) => {
    const { output, request_id: id, ...said } = json;
    const results = isObject(output) ? output["results"] : undefined;
    return rankingReply(rankedOf(results, context), { ...defined({ id }), ...said }, context);
  },
};
