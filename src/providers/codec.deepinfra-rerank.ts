/** Rerank of DeepInfra: a query for every document, and a score for every pair (deepinfra.com/Qwen/Qwen3-Reranker-8B/api). */
import { MalformedReply } from "../schema/errors.ts";
import { isArray, isObject } from "../schema/json.ts";
import { names, requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { best, carried, rankedOf, rankingReply, textsOf } from "./rerank.ts";

const OWN = names("instruction service_tier webhook");

export const deepinfraRerank: Codec = {
  write(body) {
    const { rest, notes } = carried(body, OWN);
    const query = requiredString(body, "query", "");
    const documents = textsOf(body);
    return { body: { queries: documents.map(() => query), documents, ...rest }, notes };
  },
  read: ({ json = {} }, context) => {
    const { scores, input_tokens: tokens, request_id: id, inference_status: status } = json;
    if (!isArray(scores)) throw new MalformedReply("there are no scores in it", json);
    const results = rankedOf(
      scores.map((score, index) => ({ index, relevance_score: score })),
      context,
    );
    return rankingReply(
      best(results, context.request),
      {
        ...(id === undefined || id === null ? {} : { id }),
        ...(isObject(status) ? { inference_status: status } : {}),
        ...(tokens === undefined ? {} : { usage: { total_tokens: tokens } }),
      },
      context,
    );
  },
};
