/** Google's ranking API: records with ids, which are places in the request (docs.cloud.google.com/generative-ai-app-builder/docs/reference/rest/v1/projects.locations.rankingConfigs/rank). */
import { defined } from "../lib/defined.ts";
import type { JsonValue } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import { names, numberField, requiredString } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { documentsOf, onlyOwn, rankedOf, rankingReply, textsOf } from "./rerank.ts";

const OWN = names("userLabels");
const WORDS = { index: "id", score: "score" };

export const vertexRerank: Codec = {
  write(body) {
    const { rest, notes } = onlyOwn(body, OWN);
    const { model } = body;
    const documents = documentsOf(body);
    return {
      body: {
        query: requiredString(body, "query", ""),
        records: textsOf(body).map((content, index) => ({
          id: String(index),
          ...defined({ title: titleOf(documents[index]) }),
          content,
        })),
        // The client has the documents, and is shown its own where it asks for them.
        ignoreRecordDetailsInResponse: true,
        ...defined({ model, topN: numberField(body, "top_n") }),
        ...rest,
      },
      notes,
    };
  },
  read: ({ json = {} }, context) => rankingReply(rankedOf(json["records"], context, WORDS), {}, context),
};

const titleOf = (document: JsonValue | undefined): JsonValue | undefined =>
  isObject(document) ? document["title"] : undefined;
