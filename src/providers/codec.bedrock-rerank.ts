/**
 * Rerank on Bedrock, by InvokeModel, which takes names and ARNs of models and API keys; the Rerank operation of
 * the agents' endpoint takes neither.
 *
 * Cohere's body is that of its own second version (`api_version` says so), Amazon's the same without it.
 */
import { defined } from "../lib/defined.ts";
import { isString } from "../schema/json.ts";
import { names, numberField, requiredString } from "./body-fields.ts";
import { readRanking } from "./codec.rerank.ts";
import type { Codec } from "./codec.ts";
import { onlyOwn, textsOf } from "./rerank.ts";

const COHERES = names("max_tokens_per_doc");
const NONE = names("");

export const bedrockRerank: Codec = {
  write(body, { option }) {
    const model = option("foundation_model") ?? body["model"];
    const isCohere = isString(model) && /cohere\./.test(model);
    const { rest, notes } = onlyOwn(body, isCohere ? COHERES : NONE);
    return {
      body: {
        query: requiredString(body, "query", ""),
        documents: textsOf(body),
        ...defined({ top_n: numberField(body, "top_n"), api_version: isCohere ? 2 : undefined }),
        ...rest,
      },
      notes,
    };
  },
  read: (reply, context) => readRanking(reply, context),
};
