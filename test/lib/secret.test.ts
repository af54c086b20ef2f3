import { expect, test } from "bun:test";
import { format, inspect } from "node:util";
import { Secret } from "../../src/lib/secret.ts";

const VALUE = "sk-very-secret";
const secret = new Secret(VALUE);

test("a secret gives its value to who asks for it", () => {
  expect(secret.reveal()).toBe(VALUE);
});

test.each<[string, () => string]>([
  ["as text", () => String(secret)],
  ["joined to a text", () => ["", secret].join("")],
  ["as JSON", () => JSON.stringify(secret)],
  ["deep in JSON", () => JSON.stringify({ keys: [{ apiKey: secret }] })],
  ["to an inspector", () => inspect(secret)],
  ["to an inspector that goes deep", () => inspect({ a: { b: [secret] } }, { depth: 9, showHidden: true })],
  ["to Bun's inspector", () => Bun.inspect({ secret })],
  ["in a format", () => format("%s %o %j", secret, secret, secret)],
  ["as a thrown value's message", () => new Error(["Cannot use", secret].join(" ")).message],
])("a secret does not show %s", (_name, show) => {
  const shown = show();
  expect(shown).not.toContain(VALUE);
  expect(shown).toContain("[secret]");
});

test("a secret has no field that holds its value", () => {
  expect(Object.entries(secret)).toEqual([]);
  expect(JSON.stringify(Object.assign({}, secret))).toBe("{}");
});
