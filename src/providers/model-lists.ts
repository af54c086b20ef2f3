/** Lists of models: each vendor's own way to say one, and the two ways that clients read one. */
import { defined } from "../lib/defined.ts";
import type { ClientDialectId, DialectId } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import type { ProviderRow } from "../schema/provider-row.ts";

/** Who lists: its dialect says how, where the row has no word of its own. */
export type Vendor = Pick<ProviderRow, "dialect" | "modelList">;

export interface ListedModel {
  readonly id: string;
  readonly name?: string;
  /** Seconds since 1970. */
  readonly created?: number;
  readonly owner?: string;
  readonly maxInput?: number;
  readonly maxOutput?: number;
}

export interface ModelList {
  readonly models: readonly ListedModel[];
  /** The vendor has more than it told at once. */
  readonly hasMore: boolean;
}

/** Whether the vendor lists its models in another way than a client reads them. */
export const isForeignList = (vendor: Vendor, client: ClientDialectId): boolean =>
  shapeOf(vendor) !== listShape(client);

/** The query that asks a vendor for as many models as it tells at once. */
export const wholeListQuery = (vendor: Vendor): string => QUERIES[shapeOf(vendor)];

/** A vendor's list, or undefined where the reply is none. */
export const readModelList = (vendor: Vendor, body: unknown): ModelList | undefined => {
  const items = isObject(body) ? body[LIST_FIELDS[shapeOf(vendor)]] : body;
  if (!isArray(items)) return undefined;
  const models = items.flatMap((item) => readModel(vendor, item) ?? []);
  return { models, hasMore: isObject(body) && hasMore(body) };
};

/** One model as its vendor says it, or undefined where the reply is none. */
export const readModel = (vendor: Vendor, item: unknown): ListedModel | undefined =>
  isObject(item) ? READERS[shapeOf(vendor)](item) : undefined;

/**
 * A list without an object around it, as OpenAI's clients can read it; undefined of any other reply.
 * Together's and GitHub's are such: docs.together.ai/reference/models, docs.github.com/en/rest/models/catalog.
 */
export const wrapBareList = (body: unknown): JsonObject | undefined => {
  if (!isArray(body)) return undefined;
  const data = body.map((item) => {
    const model = isObject(item) ? READERS.openai(item) : undefined;
    return isObject(item) && model !== undefined ? { ...openaiModel(model), ...item } : item;
  });
  return { object: "list", data };
};

export const writeModel = (client: ClientDialectId, model: ListedModel): JsonObject =>
  listShape(client) === "anthropic" ? anthropicModel(model) : openaiModel(model);

/** A whole list as the client's API gives it: at once, or in pages. */
export const writeModelList = (
  client: ClientDialectId,
  models: readonly ListedModel[],
  search: string,
): JsonObject =>
  listShape(client) === "anthropic"
    ? anthropicPage(models, new URLSearchParams(search))
    : { object: "list", data: models.map(openaiModel) };

type ListShape = "openai" | "anthropic" | "gemini" | "cohere" | "cloudflare";

const shapeOf = ({ dialect, modelList }: Vendor): ListShape => modelList ?? listShape(dialect);

const listShape = (dialect: DialectId): ListShape => SHAPES.get(dialect) ?? "openai";

const SHAPES: ReadonlyMap<DialectId, ListShape> = new Map<DialectId, ListShape>([
  ["anthropic-messages", "anthropic"],
  ["gemini", "gemini"],
  ["cohere", "cohere"],
]);

const LIST_FIELDS = Object.freeze({
  openai: "data",
  anthropic: "data",
  gemini: "models",
  cohere: "models",
  cloudflare: "result",
});

/** developers.cloudflare.com/api/resources/ai/subresources/models/methods/list (`per_page`), platform.claude.com/docs/en/api/models-list, ai.google.dev/api/rest/v1beta/models/list, docs.cohere.com/reference/list-models */
const QUERIES = Object.freeze({
  openai: "",
  anthropic: "?limit=1000",
  gemini: "?pageSize=1000",
  cohere: "?page_size=1000",
  cloudflare: "?per_page=1000",
});

const hasMore = (body: JsonObject): boolean =>
  body["has_more"] === true || isWord(body["nextPageToken"]) || isWord(body["next_page_token"]);

const isWord = (value: JsonValue | undefined): value is string => isString(value) && value !== "";
const word = (value: JsonValue | undefined): string | undefined => (isWord(value) ? value : undefined);
const count = (value: JsonValue | undefined): number | undefined => (isNumber(value) ? value : undefined);

/** `undefined` for an entry without a name. */
type Reader = (item: JsonObject) => ListedModel | undefined;

const named = (id: string | undefined, rest: Readonly<Record<string, string | number | undefined>>) =>
  id === undefined ? undefined : { id, ...defined(rest) };

const READERS: Readonly<Record<ListShape, Reader>> = Object.freeze({
  openai: (item: JsonObject) =>
    named(word(item["id"]), {
      name: word(item["display_name"]) ?? word(item["name"]),
      created: count(item["created"]),
      owner: word(item["owned_by"]) ?? word(item["organization"]) ?? word(item["publisher"]),
      maxInput:
        count(item["context_length"]) ?? count(item["context_window"]) ?? limit(item, "max_input_tokens"),
      maxOutput: limit(item, "max_output_tokens"),
    }),
  anthropic: (item: JsonObject) =>
    named(word(item["id"]), {
      name: word(item["display_name"]),
      created: secondsOf(item["created_at"]),
      owner: "anthropic",
      maxInput: count(item["max_input_tokens"]),
      maxOutput: count(item["max_tokens"]),
    }),
  gemini: (item: JsonObject) =>
    named(word(item["name"])?.replace(/^models[/]/, ""), {
      name: word(item["displayName"]),
      owner: "google",
      maxInput: count(item["inputTokenLimit"]),
      maxOutput: count(item["outputTokenLimit"]),
    }),
  cohere: (item: JsonObject) =>
    named(word(item["name"]), { owner: "cohere", maxInput: count(item["context_length"]) }),
  // Its `id` is a number of its own; calls name the model.
  cloudflare: (item: JsonObject) =>
    named(word(item["name"]), {
      created: secondsOf(item["created_at"]),
      owner: "cloudflare",
      maxInput: propertyOf(item, "context_window"),
    }),
});

/** GitHub's `limits`. */
const limit = ({ limits }: JsonObject, name: string): number | undefined =>
  isObject(limits) ? count(limits[name]) : undefined;

/** Cloudflare's `properties`: pairs of an id and a value, numbers as text. */
const propertyOf = ({ properties }: JsonObject, id: string): number | undefined => {
  const found = isArray(properties)
    ? properties.find((each) => isObject(each) && each["property_id"] === id)
    : undefined;
  const value = isObject(found) ? Number(found["value"]) : Number.NaN;
  return Number.isInteger(value) ? value : undefined;
};

const secondsOf = (time: JsonValue | undefined): number | undefined => {
  const at = isString(time) ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000);
};

/** `Model` of the OpenAI SDK 7.57. */
const openaiModel = ({ id, created = 0, owner = "" }: ListedModel): JsonObject => ({
  id,
  object: "model",
  created,
  owned_by: owner,
});

/** `ModelInfo` of Anthropic's SDK 1.12; the epoch stands for a release that nobody told. */
const anthropicModel = ({ id, name = id, created = 0, maxInput, maxOutput }: ListedModel): JsonObject => ({
  type: "model",
  id,
  display_name: name,
  created_at: new Date(created * 1000).toISOString().replace(".000Z", "Z"),
  capabilities: null,
  deprecated_at: null,
  lifecycle: "active",
  line: null,
  max_input_tokens: maxInput ?? null,
  max_tokens: maxOutput ?? null,
  retires_at: null,
});

/** platform.claude.com/docs/en/api/models-list: 20 at a time unless it is said, and no more than 1000. */
const PAGE = 20;
const LARGEST_PAGE = 1000;

const anthropicPage = (models: readonly ListedModel[], query: URLSearchParams): JsonObject => {
  const { page, hasMore: has_more } = pageOf(models, query);
  return {
    data: page.map(anthropicModel),
    has_more,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
};

interface Page {
  readonly page: readonly ListedModel[];
  /** There are more in the direction that was asked for. */
  readonly hasMore: boolean;
}

const pageOf = (models: readonly ListedModel[], query: URLSearchParams): Page => {
  const limit = limitOf(query.get("limit"));
  const before = query.get("before_id");
  if (before !== null) {
    const end = placeOf(models, before, "before_id");
    return { page: models.slice(Math.max(0, end - limit), end), hasMore: end > limit };
  }
  const after = query.get("after_id");
  const start = after === null ? 0 : placeOf(models, after, "after_id") + 1;
  return { page: models.slice(start, start + limit), hasMore: start + limit < models.length };
};

const limitOf = (said: string | null): number => {
  const limit = said === null ? PAGE : Number(said);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LARGEST_PAGE) return limit;
  throw invalidRequest("limit", `Input should be a whole number from 1 to ${LARGEST_PAGE}`);
};

const placeOf = (models: readonly ListedModel[], id: string, field: string): number => {
  const place = models.findIndex((model) => model.id === id);
  if (place !== -1) return place;
  throw invalidRequest(field, "There is no such model in the list");
};
