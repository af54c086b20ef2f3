/** What every engine that keeps responses has to do. */
import { afterEach, describe, expect, test } from "bun:test";
import type { KeptResponse, ResponseStore } from "../../src/storage/response-store.ts";
import { ResponseTooLarge } from "../../src/storage/response-store.ts";

const NOW = 1_000_000;

export const MAX_BYTES = 100;

export const kept = (id: string, more: Partial<KeptResponse> = {}): KeptResponse => ({
  owner: "ann",
  id,
  createdAt: NOW,
  expiresAt: NOW + 10,
  text: `{"said":"${id}"}`,
  ...more,
});

/** `open` makes a new, empty store of `MAX_BYTES`. */
export const keepsResponses = (engine: string, open: () => ResponseStore): void => {
  describe(`responses kept by ${engine}`, () => {
    const opened: ResponseStore[] = [];
    const empty = (): ResponseStore => {
      const store = open();
      opened.push(store);
      return store;
    };
    const idsIn = async (store: ResponseStore, ...ids: readonly string[]): Promise<readonly string[]> => {
      const found = await Promise.all(ids.map((id) => store.get("ann", id, NOW)));
      return ids.filter((_, at) => found[at] !== undefined);
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });

    test("come back as they were", async () => {
      const store = empty();
      const response = kept("a", { text: '{"ü":"\\u0000 😀\'; --"}' });
      await store.put(response);
      expect(await store.get("ann", "a", NOW)).toEqual(response);
      expect(await store.get("ann", "b", NOW)).toBeUndefined();
    });

    test("are nobody else's", async () => {
      const store = empty();
      await store.put(kept("a"));
      await store.put(kept("a", { owner: "bob", text: "bob's" }));
      expect(await store.get("eve", "a", NOW)).toBeUndefined();
      expect(await store.delete("eve", "a")).toBe(false);
      expect(await store.delete("bob", "a")).toBe(true);
      expect(await store.get("bob", "a", NOW)).toBeUndefined();
      expect(await store.get("ann", "a", NOW)).toEqual(kept("a"));
    });

    test("are gone when they are deleted", async () => {
      const store = empty();
      await store.put(kept("a"));
      expect(await store.delete("ann", "a")).toBe(true);
      expect(await store.delete("ann", "a")).toBe(false);
      expect(await store.get("ann", "a", NOW)).toBeUndefined();
    });

    test("are replaced by one of the same id", async () => {
      const store = empty();
      await store.put(kept("a", { text: "x".repeat(90) }));
      await store.put(kept("b", { text: "y".repeat(10) }));
      await store.put(kept("a", { text: "x".repeat(80) }));
      expect(await idsIn(store, "a", "b")).toEqual(["a", "b"]);
      expect((await store.get("ann", "a", NOW))?.text).toHaveLength(80);
    });

    test("are not found once they have expired, swept or not", async () => {
      const store = empty();
      await store.put(kept("a"));
      await store.put(kept("b", { expiresAt: NOW + 20 }));
      expect(await store.get("ann", "a", NOW + 9)).toBeDefined();
      expect(await store.get("ann", "a", NOW + 10)).toBeUndefined();
      expect(await store.sweep(NOW + 10)).toBe(1);
      expect(await store.sweep(NOW + 10)).toBe(0);
      expect(await store.get("ann", "a", NOW)).toBeUndefined();
      expect(await store.get("ann", "b", NOW + 10)).toBeDefined();
    });

    test("give way to newer ones, the oldest first, counted in bytes", async () => {
      const store = empty();
      for (const id of ["a", "b", "c"]) await store.put(kept(id, { text: "ü".repeat(15) })); // 30 bytes each
      expect(await idsIn(store, "a", "b", "c")).toEqual(["a", "b", "c"]);
      await store.put(kept("d", { text: "d".repeat(40) }));
      expect(await idsIn(store, "a", "b", "c", "d")).toEqual(["b", "c", "d"]);
      await store.put(kept("e", { text: "e".repeat(MAX_BYTES) }));
      expect(await idsIn(store, "a", "b", "c", "d", "e")).toEqual(["e"]);
    });

    test("leave room when they are deleted or swept", async () => {
      const store = empty();
      await store.put(kept("a", { text: "a".repeat(50) }));
      await store.put(kept("b", { text: "b".repeat(50), expiresAt: NOW + 20 }));
      await store.delete("ann", "a");
      await store.put(kept("c", { text: "c".repeat(50), expiresAt: NOW + 5 }));
      expect(await idsIn(store, "b", "c")).toEqual(["b", "c"]);
      await store.sweep(NOW + 5);
      await store.put(kept("d", { text: "d".repeat(50) }));
      expect(await idsIn(store, "b", "c", "d")).toEqual(["b", "d"]);
    });

    test("that fit nowhere are refused, and push nothing out", async () => {
      const store = empty();
      await store.put(kept("a"));
      const refused: unknown = await store
        .put(kept("b", { text: "b".repeat(MAX_BYTES + 1) }))
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ResponseTooLarge);
      expect(await idsIn(store, "a", "b")).toEqual(["a"]);
    });
  });
};
