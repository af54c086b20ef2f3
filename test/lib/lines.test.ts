/** Lines cut from chunks. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Bytes } from "../../src/lib/bytes.ts";
import { linesOf, LineTooLong } from "../../src/lib/lines.ts";

async function* cut(text: string, size: number): AsyncGenerator<Bytes> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield Uint8Array.from(bytes.subarray(at, at + size));
}

const read = async (text: string, size: number, limit = 1000): Promise<(readonly [number, string])[]> => {
  const lines: (readonly [number, string])[] = [];
  for await (const { number, text: line } of linesOf(cut(text, size), limit)) lines.push([number, line]);
  return lines;
};

test("lines are the same however their bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme", maxLength: 20 }).map((line) => line.replaceAll(/[\r\n]/g, ""))),
      fc.constantFrom("\n", "\r\n"),
      fc.integer({ min: 1, max: 50 }),
      async (lines, end, size) => {
        const expected = lines.flatMap((line, index) =>
          line.trim() === "" ? [] : [[index + 1, line.replace(/^\uFEFF/, "").trim()] as const],
        );
        expect(await read(lines.join(end), size)).toEqual(expected);
      },
    ),
    { numRuns: 100 },
  );
});

test("a text of nothing but ends of lines is no work", async () => {
  const startedAt = performance.now();
  expect(await read("\n".repeat(2_000_000) + "{}", 1 << 16)).toEqual([[2_000_001, "{}"]]);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});

test("a byte order mark is nobody's line", async () => {
  expect(await read("\uFEFF{}\n", 2)).toEqual([[1, "{}"]]);
});

test("a line that is too long is told by its number, before it is whole", async () => {
  const error = await read(`ok\n${"x".repeat(5000)}`, 100).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LineTooLong);
  expect(String(error)).toContain("line 2");
});
