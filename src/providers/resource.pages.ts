/** OpenAI's pages follow an item's id where a provider's follow a token: the items up to the id are read past. */
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";

export interface TokenPage {
  readonly items: readonly JsonObject[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

export interface PageQuery {
  readonly limit: number;
  readonly after: string | null;
  /** Most items that the provider gives at once. */
  readonly most: number;
  /** A page of items in OpenAI's shape. */
  readonly page: (size: number, token: string | undefined) => Promise<TokenPage>;
}

/** Pages that are read past before an id counts as unknown. */
const MAX_PAGES = 100;

export const listAfter = async ({ limit, after, most, page }: PageQuery): Promise<JsonObject> => {
  const data: JsonObject[] = [];
  let isFound = after === null;
  let token: string | undefined;
  for (let pages = 0; pages < MAX_PAGES && data.length <= limit; pages++) {
    const { items, next } = await page(after === null ? Math.min(limit, most) : most, token);
    for (const item of items) {
      if (isFound) data.push(item);
      else isFound = item["id"] === after;
    }
    token = next;
    if (token === undefined || data.length === limit) break;
  }
  if (!isFound) throw invalidRequest("after", "is not the id of an item in the list");
  const given = data.slice(0, limit);
  return {
    object: "list",
    data: given,
    first_id: given[0]?.["id"] ?? null,
    last_id: given.at(-1)?.["id"] ?? null,
    has_more: token !== undefined || data.length > limit,
  };
};
