import { afterAll, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DATABASE_FILE, lazyResponseStore } from "../../src/storage/response-store.lazy.ts";
import { memoryResponseStore } from "../../src/storage/response-store.memory.ts";
import { sqliteResponseStore } from "../../src/storage/response-store.sqlite.ts";
import type { ResponseStore } from "../../src/storage/response-store.ts";
import { kept, keepsResponses, MAX_BYTES } from "./contract.ts";

const folder = mkdtempSync(join(tmpdir(), "turnpike-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let serial = 0;
const freshPath = (): string => join(folder, String(++serial));

const lazy = (directory: string | undefined, reasons: unknown[] = []): ResponseStore =>
  lazyResponseStore({ directory, retentionMs: 1, maxBytes: MAX_BYTES }, (reason) => reasons.push(reason));

keepsResponses("memory", () => memoryResponseStore(MAX_BYTES));
keepsResponses("SQLite", () => sqliteResponseStore(freshPath(), MAX_BYTES));
keepsResponses("a directory, opened late", () => lazy(freshPath()));
keepsResponses("no directory", () => lazy(undefined));

describe("a directory", () => {
  test("is made when something is kept, and not before", async () => {
    const directory = join(freshPath(), "deep");
    const store = lazy(directory);
    expect(await store.get("ann", "a", 0)).toBeUndefined();
    expect(await store.delete("ann", "a")).toBe(false);
    expect(await store.sweep(0)).toBe(0);
    expect(existsSync(directory)).toBe(false);
    await store.put(kept("a"));
    expect(readdirSync(directory)).toContain(DATABASE_FILE);
    await store.close();
  });

  test("is its owner's alone, and so is every file in it", async () => {
    const directory = freshPath();
    const store = lazy(directory);
    await store.put(kept("a"));
    const modes = readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(new Set(modes)).toEqual(new Set([0o600]));
    await store.close();
  });

  test("keeps what is in it from one process to the next, and its size", async () => {
    const directory = freshPath();
    const first = lazy(directory);
    await first.put(kept("a", { text: "a".repeat(60) }));
    await first.close();
    const second = lazy(directory);
    expect((await second.get("ann", "a", 0))?.text).toHaveLength(60);
    await second.put(kept("b", { text: "b".repeat(60) }));
    expect(await second.get("ann", "a", 0)).toBeUndefined();
    await second.close();
  });

  test("that cannot be made is done without, and told of once", async () => {
    const file = freshPath();
    writeFileSync(file, "");
    const reasons: unknown[] = [];
    const store = lazy(join(file, "below"), reasons);
    await Promise.all([store.put(kept("a")), store.put(kept("b"))]);
    expect(await store.get("ann", "a", 0)).toEqual(kept("a"));
    expect(reasons).toHaveLength(1);
  });

  test("with a file that is no database in it is done without", async () => {
    const directory = freshPath();
    await Bun.write(
      join(directory, DATABASE_FILE),
      "not a database, but long enough to be read as one".repeat(99),
    );
    const reasons: unknown[] = [];
    const store = lazy(directory, reasons);
    await store.put(kept("a"));
    expect(await store.get("ann", "a", 0)).toEqual(kept("a"));
    expect(String(reasons)).toContain("not a database");
  });
});

test("a database that another process holds is not waited for", async () => {
  const file = freshPath();
  const store = sqliteResponseStore(file, MAX_BYTES);
  await store.put(kept("a"));
  const other = new Database(file);
  other.run("BEGIN IMMEDIATE");
  const refused: unknown = await store.put(kept("b")).catch((error: unknown) => error);
  expect(String(refused)).toContain("locked");
  expect(await store.get("ann", "a", 0)).toEqual(kept("a"));
  other.run("ROLLBACK");
  await store.put(kept("b"));
  expect(await store.get("ann", "b", 0)).toEqual(kept("b"));
  other.close();
  await store.close();
});
