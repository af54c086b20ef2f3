/**
 * What rerank codecs share: the documents of a request as texts, and one shape for every ranking.
 *
 * The request is the one that Cohere and Jina have in common. The reply is theirs too, together: `results`
 * with `index`, `relevance_score` and, where it was asked for, `document`; `usage` for those who count as
 * Jina's and OpenAI's clients do, `meta` for those who read Cohere's (and LiteLLM's) counts.
 */
import { defined } from "../lib/defined.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { booleanField, names, numberField } from "./body-fields.ts";
import type { CodecContext } from "./codec.ts";
import type { Note } from "./dialect.ts";

/** The documents, of which there must be some. */
export const documentsOf = ({ documents }: JsonObject): readonly JsonValue[] => {
  if (isArray(documents) && documents.length > 0) return documents;
  throw invalidRequest("documents", "must be a list of texts, or of objects with a text");
};

/** Every document as a text, for vendors that rank nothing else. */
export const textsOf = (body: JsonObject): readonly string[] =>
  documentsOf(body).map((document, index) => {
    const text = textOf(document, fieldsOf(body));
    if (text !== undefined) return text;
    throw invalidRequest(
      `documents.${index}`,
      "must be a text, or an object with a text or with the fields that rank_fields names",
    );
  });

/** Documents with a text as that text; what only the vendor may know goes on as it is. */
export const leanDocuments = (body: JsonObject): readonly JsonValue[] =>
  documentsOf(body).map((document) => textOf(document, fieldsOf(body)) ?? document);

/** Cohere's rule of its first version: the named fields in their order, or else `text`. */
const textOf = (document: JsonValue, fields: readonly string[] | undefined): string | undefined => {
  if (isString(document)) return document;
  if (!isObject(document)) return undefined;
  if (fields === undefined) return isString(document["text"]) ? document["text"] : undefined;
  const lines = fields.flatMap((field) => lineOf(field, document[field], fields.length));
  return lines.length === 0 ? undefined : lines.join("\n");
};

const lineOf = (field: string, value: JsonValue | undefined, fields: number): readonly string[] => {
  if (value === undefined || value === null) return [];
  const text = isString(value) ? value : JSON.stringify(value);
  return [fields === 1 ? text : `${field}: ${text}`];
};

const fieldsOf = ({ rank_fields: fields }: JsonObject): readonly string[] | undefined => {
  if (fields === undefined || fields === null) return undefined;
  if (isArray(fields) && fields.length > 0 && fields.every(isString)) return fields;
  throw invalidRequest("rank_fields", "must be a list of field names");
};

/** What a codec says itself, whatever the vendor calls it. */
const SAID = names("model query documents top_n return_documents rank_fields");

/** Words of one rerank API or another: a vendor that does not document one gets it not, and it is reported. */
const SOMEONES = names(
  "max_chunks_per_doc max_tokens_per_doc overlap_tokens priority truncation truncate parameters",
  "instruction instruct task raw_scores return_raw_scores return_text user service_tier webhook userLabels",
);

/** Fields that go on: the vendor's own, and those that nobody has yet. */
export const carried = (
  body: JsonObject,
  own: ReadonlySet<string>,
): { readonly rest: JsonObject; readonly notes: readonly Note[] } => {
  checkWishes(body);
  const others = Object.entries(body).filter(([name, value]) => !SAID.has(name) && value !== undefined);
  const goesOn = (name: string): boolean => own.has(name) || !SOMEONES.has(name);
  return {
    rest: Object.fromEntries(others.filter(([name]) => goesOn(name))),
    notes: others.filter(([name]) => !goesOn(name)).map(([name]) => name),
  };
};

/** What only our own side may have to fulfil is judged here, too. */
export const checkWishes = (body: JsonObject): void => {
  numberField(body, "top_n");
  booleanField(body, "return_documents");
};

/** The same for a vendor whose fields are all known: nothing else goes on. */
export const onlyOwn = (body: JsonObject, own: ReadonlySet<string>): ReturnType<typeof carried> => {
  const { rest, notes } = carried(body, own);
  const kept = Object.entries(rest).filter(([name]) => own.has(name));
  const left = Object.keys(rest).filter((name) => !own.has(name));
  return { rest: Object.fromEntries(kept), notes: [...notes, ...left] };
};

/** How a vendor calls a document's place in the request, and its score. */
export interface RankWords {
  readonly index: string;
  readonly score: string;
}

export const COMMON_WORDS: RankWords = { index: "index", score: "relevance_score" };

/** A vendor's list of ranked documents in the common shape; what else it says of one is kept. */
export const rankedOf = (
  list: JsonValue | undefined,
  { request }: CodecContext,
  words = COMMON_WORDS,
): readonly JsonObject[] => {
  if (!isArray(list)) throw new MalformedReply("there is no ranking in it", list);
  return list.map((item) => ranked(item, request, words));
};

const ranked = (item: JsonValue, request: JsonObject, words: RankWords): JsonObject => {
  const { [words.index]: place, [words.score]: score, document, ...rest } = isObject(item) ? item : {};
  const index = isString(place) ? Number(place) : place;
  if (!Number.isInteger(index) || !isNumber(index) || !isNumber(score))
    throw new MalformedReply(`a ranked document has no ${words.index} or no ${words.score}`, item);
  const shown = shownDocument(document, request, index);
  return { ...rest, index, relevance_score: score, ...defined({ document: shown }) };
};

/** The vendor's, or the client's own where it asked for documents and the vendor gave none. */
const shownDocument = (
  given: JsonValue | undefined,
  { return_documents: isAsked, documents }: JsonObject,
  index: number,
): JsonObject | undefined => {
  const own = isAsked === true && isArray(documents) ? documents[index] : undefined;
  const document = given ?? own;
  if (isString(document)) return { text: document };
  return isObject(document) ? document : undefined;
};

/** For vendors that score every document in the order of the request: the best first, as many as were asked for. */
export const best = (results: readonly JsonObject[], { top_n: most }: JsonObject): readonly JsonObject[] =>
  results
    .toSorted((a, b) => scoreOf(b) - scoreOf(a))
    .slice(0, isNumber(most) && most > 0 ? most : results.length);

const scoreOf = ({ relevance_score: score }: JsonObject): number => (isNumber(score) ? score : 0);

/** The reply around a ranking. `said` is what the vendor says besides. */
export const rankingReply = (
  results: readonly JsonObject[],
  said: JsonObject,
  { model }: CodecContext,
): JsonObject => {
  const { usage: _, meta, tokens: __, ...rest } = said;
  const counts = countsOf(said);
  return {
    ...rest,
    object: "list",
    model: rest["model"] ?? model,
    results,
    ...defined({ usage: usageOf(said, counts), meta: isObject(meta) ? meta : metaOf(counts) }),
  };
};

interface Counts {
  readonly tokens: number | undefined;
  readonly searchUnits: number | undefined;
}

/** Tokens or search units, wherever a vendor counts them. */
const countsOf = ({ usage, meta, tokens }: JsonObject): Counts => {
  const [used, about] = [objectOf(usage), objectOf(meta)];
  const billed = objectOf(about["billed_units"]);
  const read = { ...objectOf(about["tokens"]), ...objectOf(tokens) };
  return {
    tokens: first(used["total_tokens"], used["prompt_tokens"], read["input_tokens"], billed["total_tokens"]),
    searchUnits: first(used["search_units"], used["rerank_units"], billed["search_units"]),
  };
};

const usageOf = ({ usage }: JsonObject, { tokens, searchUnits }: Counts): JsonObject | undefined => {
  const counted = {
    ...objectOf(usage),
    ...(tokens === undefined ? {} : { prompt_tokens: tokens, total_tokens: tokens }),
    ...defined({ search_units: searchUnits }),
  };
  return Object.keys(counted).length === 0 ? undefined : counted;
};

const metaOf = ({ tokens, searchUnits }: Counts): JsonObject | undefined => {
  const meta = defined({
    billed_units: searchUnits === undefined ? undefined : { search_units: searchUnits },
    tokens: tokens === undefined ? undefined : { input_tokens: tokens },
  });
  return Object.keys(meta).length === 0 ? undefined : meta;
};

const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

const first = (...values: readonly (JsonValue | undefined)[]): number | undefined => values.find(isNumber);
