/** OpenAI's `url_citation` annotations as the `citationMetadata` of a Gemini candidate. */
import { defined, present } from "../lib/defined.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import { citationsOf } from "./gemini.citations.ts";

export interface WrittenCitations {
  readonly metadata: JsonObject | undefined;
  /** How many were of a kind that this API has no word for. */
  readonly lost: number;
}

/** Citations that follow from the candidate's grounding are said by it. */
export const writeCitations = (
  text: string,
  citations: readonly JsonValue[],
  grounding: JsonValue | undefined,
): WrittenCitations => {
  const rest = citations.slice(citationsOf(text, grounding, undefined).length);
  const sources = present(rest.map((citation) => sourceOf(text, citation)));
  return {
    metadata: sources.length === 0 ? undefined : { citationSources: sources },
    lost: rest.length - sources.length,
  };
};

const sourceOf = (text: string, citation: JsonValue): JsonObject | undefined => {
  const cited = isObject(citation) ? citation["url_citation"] : undefined;
  if (!isObject(cited) || !isString(cited["url"])) return undefined;
  const { url, title, start_index: start, end_index: end } = cited;
  return defined({
    startIndex: bytesTo(text, start),
    endIndex: bytesTo(text, end),
    uri: url,
    title: isString(title) && title !== "" ? title : undefined,
  });
};

/** Indexes count bytes here, characters there. */
const bytesTo = (text: string, index: JsonValue | undefined): number | undefined =>
  isNumber(index) ? Buffer.byteLength(text.slice(0, index), "utf8") : undefined;
