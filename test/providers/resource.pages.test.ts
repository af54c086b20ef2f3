/** Pages that follow an id, of a provider whose pages follow a token. */
import { describe, expect, test } from "bun:test";
import { listAfter } from "../../src/providers/resource.pages.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const ITEMS = Array.from({ length: 7 }, (_, index): JsonObject => ({ id: `i${index}` }));

const list = (limit: number, after: string | null, asked: number[] = []): Promise<JsonObject> =>
  listAfter({
    limit,
    after,
    most: 3,
    page: (size, token = "0") => {
      asked.push(size);
      const to = Number(token) + size;
      const next = to < ITEMS.length ? String(to) : undefined;
      return Promise.resolve({ items: ITEMS.slice(Number(token), to), next });
    },
  });

const ids = ({ data }: JsonObject): unknown =>
  Array.isArray(data) ? data.map((item: JsonObject) => item["id"]) : undefined;

describe("a page", () => {
  test("begins with the first item, and asks for no more than it gives", async () => {
    const asked: number[] = [];
    const page = await list(2, null, asked);
    expect([ids(page), page["has_more"], asked]).toEqual([["i0", "i1"], true, [2]]);
    expect(page).toMatchObject({ object: "list", first_id: "i0", last_id: "i1" });
  });

  test("goes on behind an id, over the provider's pages", async () => {
    const page = await list(3, "i1");
    expect([ids(page), page["has_more"]]).toEqual([["i2", "i3", "i4"], true]);
    const last = await list(3, "i4");
    expect([ids(last), last["has_more"]]).toEqual([["i5", "i6"], false]);
  });

  test("may be longer than the provider's", async () => {
    const page = await list(7, null);
    expect([ids(page), page["has_more"]]).toEqual([ITEMS.map((item) => item["id"]), false]);
  });

  test("behind the last item is empty, and behind an unknown one refused", async () => {
    expect(await list(3, "i6")).toMatchObject({ data: [], first_id: null, last_id: null, has_more: false });
    expect(list(3, "other")).rejects.toMatchObject({ param: "after" });
  });
});
