/**
 * Rerank where the vendor speaks the common shape: only the reply is brought into one form.
 *
 * Jina (api.jina.ai/v1), Together (`RerankCreateParams` of together-ai) and OpenRouter
 * (`CreateRerankRequestBody` of @openrouter/sdk) take documents that are objects. SiliconFlow
 * (docs.siliconflow.com, "Create rerank"), Novita (novita.ai/docs, "Create rerank"), Zhipu (docs.bigmodel.cn,
 * "文本重排序"), Fireworks (docs.fireworks.ai, "Rerank documents") and servers on one's own machine (vLLM's
 * docs/models/pooling_models/scoring.md, Xinference's `RESTfulRerankModelHandle`) take texts.
 */
import type { JsonObject } from "../schema/json.ts";
import { requiredString } from "./body-fields.ts";
import type { Codec, CodecContext, CodecReply } from "./codec.ts";
import { checkWishes, documentsOf, leanDocuments, rankedOf, rankingReply } from "./rerank.ts";

/** Documents of any kind go on as they came. */
export const rerank: Codec = {
  write(body) {
    requiredString(body, "query", "");
    checkWishes(body);
    documentsOf(body);
    return { body, notes: [] };
  },
  read: (reply, context) => readRanking(reply, context),
};

/** Objects with a text are sent as that text. */
export const textRerank: Codec = {
  write(body) {
    requiredString(body, "query", "");
    checkWishes(body);
    const { rank_fields: _, ...rest } = body;
    return { body: { ...rest, documents: leanDocuments(body) }, notes: [] };
  },
  read: (reply, context) => readRanking(reply, context),
};

/** A ranking under either of its two names. */
export const readRanking = ({ json = {} }: CodecReply, context: CodecContext): JsonObject => {
  const { results, data, ...said } = json;
  return rankingReply(rankedOf(results ?? data, context), said, context);
};
