/** Avro's container files as another implementation writes them, and as nobody should. */
import { describe, expect, test } from "bun:test";
import avsc from "avsc";
import fc from "fast-check";
import { AvroFault, avroRecords } from "../../src/providers/avro.ts";
import type { Bytes } from "../../src/lib/bytes.ts";
import type { JsonValue } from "../../src/schema/json.ts";
import { avroFile } from "../support/avro.ts";

const MAX = 1024 * 1024;
/** Beyond it the other implementation is not exact. */
const EXACT = 2 ** 51;

async function* pieces(bytes: Bytes, size: number): AsyncGenerator<Bytes> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

const read = (bytes: Bytes, size = 7, max = MAX): Promise<JsonValue[]> =>
  Array.fromAsync(avroRecords(pieces(bytes, size), max));

const NODE: avsc.Schema = {
  type: "record",
  name: "Node",
  namespace: "sea",
  fields: [
    { name: "id", type: "long" },
    { name: "name", type: ["null", "string"] },
    { name: "vectors", type: { type: "map", values: { type: "array", items: "float" } } },
    { name: "kind", type: { type: "enum", name: "Kind", symbols: ["EBB", "FLOW"] } },
    { name: "again", type: ["null", "Kind"] },
    { name: "hash", type: { type: "fixed", name: "Hash", size: 2 } },
    { name: "raw", type: "bytes" },
    { name: "deep", type: "double" },
    { name: "dry", type: "boolean" },
    { name: "next", type: ["null", "sea.Node"] },
  ],
};

const leaf = {
  kind: "EBB",
  again: null,
  hash: Buffer.from("ab"),
  raw: Buffer.from("xyz"),
  deep: 0.1,
  dry: true,
};

describe("an Avro file", () => {
  test.each(["null", "deflate"] as const)("is read with every type, packed by %s", async (codec) => {
    const inner = { ...leaf, id: -3, name: null, vectors: {}, next: null };
    const outer = {
      ...leaf,
      id: 2 ** 40,
      name: "tide",
      vectors: { a: [1.5, -2], b: [] },
      again: "FLOW",
      next: inner,
    };
    const text = { hash: "YWI=", raw: "eHl6" };
    const file = await avroFile(NODE, [inner, outer], codec);
    expect(await read(file)).toEqual([
      { ...inner, ...text },
      { ...outer, ...text, next: { ...inner, ...text } },
    ]);
  });

  test("is read whatever the pieces it comes in", async () => {
    const numbers: avsc.Schema = { type: "record", name: "N", fields: [{ name: "n", type: "long" }] };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -EXACT, max: EXACT }), { maxLength: 50 }),
        fc.integer({ min: 1, max: 200 }),
        async (all, size) => {
          const records = all.map((n) => ({ n }));
          expect(await read(await avroFile(numbers, records, "null"), size)).toEqual(records);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("is refused wherever it is cut, but between its blocks", async () => {
    const texts: avsc.Schema = { type: "record", name: "T", fields: [{ name: "t", type: "string" }] };
    const file = await avroFile(texts, [{ t: "ebb" }, { t: "flow" }], "null");
    const empty = await avroFile(texts, [], "null");
    for (let end = 0; end < file.length; end++) {
      if (end === empty.length) continue; // a whole file, without blocks
      const failure = await read(file.subarray(0, end)).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(AvroFault);
    }
  });

  test.each<[string, string, avsc.Schema, "null" | "deflate", number]>([
    [
      "a block over the limit",
      "a block of",
      { type: "record", name: "T", fields: [{ name: "t", type: "string" }] },
      "null",
      10,
    ],
    [
      "a block that unpacks to more",
      "unpacked",
      { type: "record", name: "T", fields: [{ name: "t", type: "string" }] },
      "deflate",
      100,
    ],
    [
      "records of no size",
      "without a size",
      { type: "record", name: "T", fields: [{ name: "t", type: "null" }] },
      "null",
      MAX,
    ],
  ])("with %s is refused", async (_name, words, schema, codec, max) => {
    const value = JSON.stringify(schema).includes("null") ? null : "a".repeat(1000);
    const failure = await read(await avroFile(schema, [{ t: value }], codec), 64, max).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(AvroFault);
    expect(String(failure)).toContain(words);
  });

  test("is not what is none", async () => {
    expect(await read(Buffer.from("<html>")).catch(String)).toBe("AvroFault: not an Avro file");
  });
});
