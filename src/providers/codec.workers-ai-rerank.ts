/** Rerank of Workers AI: `contexts`, ranked by `id` (`Ai_Cf_Baai_Bge_Reranker_Base_Input` of @cloudflare/workers-types). */
import { defined } from "../lib/defined.ts";
import { isObject } from "../schema/json.ts";
import { names, numberField, requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { carried, rankedOf, rankingReply, textsOf } from "./rerank.ts";

const NONE = names("");
const WORDS = { index: "id", score: "score" };

export const workersAiRerank: Codec = {
  write(body) {
    const { rest, notes } = carried(body, NONE);
    return {
      body: {
        query: requiredString(body, "query", ""),
        contexts: textsOf(body).map((text) => ({ text })),
        ...defined({ top_k: numberField(body, "top_n") }),
        ...rest,
      },
      notes,
    };
  },
  read: ({ json }, context) => {
    const result = isObject(json?.["result"]) ? json["result"] : {};
    const { response, usage } = result;
    return rankingReply(rankedOf(response, context, WORDS), defined({ usage }), context);
  },
};
