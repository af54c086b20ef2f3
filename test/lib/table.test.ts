import { expect, test } from "bun:test";
import { table } from "../../src/lib/table.ts";

test("a table knows the words that were written and no others", () => {
  const words = table({ stop: 1 });
  expect(words.get("stop")).toBe(1);
  expect(words.get("constructor")).toBeUndefined();
});
