import { expect, test } from "bun:test";
import fc from "fast-check";
import { FieldReader } from "../../src/lib/http.fields.ts";

/** Names of which one is the beginning of another, and that differ in their letters' case alone. */
const names = fc.constantFrom("a", "A", "ab", "content-type", "Content-Type", "x-request-id", "__proto__");
const values = fc.constantFrom("", "1", " two ", "\tthree:3", "a: b", "é");
const heads = fc.array(
  fc.tuple(names, values).map(([name, value]) => `${name}:${value}`),
  { maxLength: 6 },
);

const read = (reader: FieldReader, lines: readonly string[]) => {
  const text = ["HTTP/1.1 200 OK", ...lines].join("\r\n");
  const fields = reader.read(text, text.indexOf("\r\n") === -1 ? text.length : text.indexOf("\r\n") + 2);
  const visited: (readonly [string, string])[] = [];
  fields.forEach((value, name) => visited.push([name, value]));
  expect([...fields]).toEqual(visited);
  for (const [name, value] of visited) expect(fields.get(name)).toBe(value);
  expect(fields.get("none")).toBeNull();
  return visited;
};

/** Said without regard to how it is read. */
const said = (lines: readonly string[]) => {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = /^([^:]*):(.*)$/.exec(line) ?? [];
    const known = fields.get(name.toLowerCase());
    const trimmed = value.replace(/^[ \t]+|[ \t]+$/g, "");
    fields.set(name.toLowerCase(), known === undefined ? trimmed : `${known}, ${trimmed}`);
  }
  return [...fields];
};

test("the fields of a head are its own, whatever the heads before it were like", () => {
  fc.assert(
    fc.property(fc.array(heads, { minLength: 1, maxLength: 5 }), (all) => {
      const reader = new FieldReader();
      for (const lines of [...all, ...all]) expect(read(reader, lines)).toEqual(said(lines));
    }),
  );
});

test.each([
  ["a:1\r\nb:2\nc:3"],
  ["a:1\rx\r\nb:2"],
  ["a:1\r\nb"],
  ["a:1\r\nb :2"],
  ["a:1\r\n b:2"],
  ["a:1\r\n:2"],
])("%j is refused, also after a head that began the same", (head) => {
  const reader = new FieldReader();
  read(reader, ["a:1", "b:2"]);
  expect(() => reader.read(head, 0)).toThrow();
  expect(() => reader.read(head, 0)).toThrow();
  expect(read(reader, ["a:1", "b:2"])).toHaveLength(2);
});
