/** What names within names may cost. */
import { expect, test } from "bun:test";
import { withoutReferences } from "../../src/providers/schema-references.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const named = (name: string): JsonObject => ({ $ref: `#/$defs/${name}` });

test("a name that is not defined is anything, and other references stay", () => {
  const schema = { $defs: {}, properties: { a: named("A"), b: { $ref: "#/properties/a" } } };
  expect(withoutReferences(schema)).toEqual({ properties: { a: {}, b: { $ref: "#/properties/a" } } });
});

test("names that double at every step end", () => {
  const $defs: Record<string, JsonObject> = {};
  for (let step = 0; step < 60; step++)
    $defs[`D${step}`] = { properties: { a: named(`D${step + 1}`), b: named(`D${step + 1}`) } };
  const written = JSON.stringify(withoutReferences({ $defs, properties: { a: named("D0") } }));
  expect(written.length).toBeLessThan(100_000);
});
