/** Rerank of SGLang: the common request, and a bare list of `score`, `document` and `index` (`V1RerankReqInput`, `RerankResponse` of its protocol.py). */
import { textRerank } from "./codec.rerank.ts";
import { readList } from "./codec.tei-rerank.ts";
import type { Codec } from "./codec.ts";

export const sglangRerank: Codec = {
  write: (body, target) => textRerank.write(body, target),
  read: (reply, context) => readList(reply, context),
};
