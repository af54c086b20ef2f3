import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { spliceJson, type JsonEdit } from "../../src/lib/json-splice.ts";

const space = fc.string({ unit: fc.constantFrom(" ", "\n", "\t", "\r"), maxLength: 2 });

/** A JSON text with odd spacing, and none of its object keys twice. */
const { text: texts } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.string().map((value) => JSON.stringify(value)),
      fc.constantFrom(
        "1.0",
        "12345678901234567890",
        "-0",
        "1e400",
        "0.10",
        "true",
        "false",
        "null",
        '"\\u00e9\\/"',
      ),
    ),
    fc
      .array(fc.tuple(space, tie("text"), space), { maxLength: 4 })
      .map((parts) => `[${parts.map((part) => part.join("")).join(",")}]`),
    fc.tuple(space, space).map(([before, after]) => `{${before}${after}}`),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom("a", "b", 'q"', "c\\", "é"), tie("text"), space, space), {
        selector: ([key]) => key,
        maxLength: 4,
      })
      .map(
        (members) =>
          `{${members.map(([key, value, x, y]) => `${x}${JSON.stringify(key)}${y}:${x}${value}${y}`).join(",")}}`,
      ),
  ),
}));

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Path = readonly (string | number)[];

const parse = (text: string): Json => JSON.parse(text) as Json; // it came from JSON

const isContainer = (value: Json | undefined): value is Json[] | { [key: string]: Json } =>
  typeof value === "object" && value !== null;

const childOf = (value: Json | undefined, key: string | number): Json | undefined => {
  if (Array.isArray(value)) return typeof key === "number" ? value[key] : undefined;
  return isContainer(value) && typeof key === "string" && Object.hasOwn(value, key) ? value[key] : undefined;
};

/** Every place in a value, the root left out. */
const pathsIn = (value: Json, above: Path = []): readonly Path[] => {
  if (!isContainer(value)) return [];
  const keys: readonly (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => {
    const path = [...above, key];
    return [path, ...pathsIn(childOf(value, key) ?? null, path)];
  });
};

/** What an edit means, on the parsed value. */
const edited = (root: Json, edit: JsonEdit): Json => {
  const copy = structuredClone(root);
  const key = edit.path.at(-1);
  const container = edit.path.slice(0, -1).reduce<Json | undefined>(childOf, copy);
  if (!isContainer(container) || key === undefined) return copy;
  if (Array.isArray(container)) {
    if (typeof key !== "number" || key >= container.length) return copy;
    if (edit.op === "set") container[key] = edit.value as Json; // the properties below make JSON values
    if (edit.op === "remove") container.splice(key, 1);
    if (edit.op === "insert") container.splice(key, 0, edit.value as Json);
    return copy;
  }
  if (typeof key !== "string") return copy;
  const had = Object.hasOwn(container, key);
  if (edit.op === "set") container[key] = edit.value as Json;
  if (edit.op === "rename" && had) container[edit.to] = container[key] ?? null;
  if (edit.op !== "set") delete container[key];
  return copy;
};

const value = fc.jsonValue({ maxDepth: 2 }).map((made) => parse(JSON.stringify(made)));

/** An edit of a place that a text has or (now and then) has not. */
const editsOf = (text: string, renamed = "renamed"): fc.Arbitrary<JsonEdit> => {
  const paths = pathsIn(parse(text));
  const known = paths.length === 0 ? fc.constant<Path>(["a"]) : fc.constantFrom(...paths);
  const path = fc.oneof(
    { weight: 3, arbitrary: known },
    { weight: 1, arbitrary: known.map((some): Path => [...some.slice(0, -1), "new"]) },
    { weight: 1, arbitrary: fc.constantFrom<Path>(["x", "y"], ["a", 7], [0], []) },
  );
  return fc.oneof(
    fc.record({ op: fc.constant("set" as const), path, value }),
    fc.record({ op: fc.constant("remove" as const), path }),
    fc.record({
      op: fc.constant("insert" as const),
      path: path.filter((some) => typeof some.at(-1) === "number"),
      value,
    }),
    fc.record({
      op: fc.constant("rename" as const),
      path: path.filter((some) => typeof some.at(-1) === "string"),
      to: fc.constant(renamed),
    }),
  );
};

const cases = texts.chain((text) => fc.tuple(fc.constant(text), editsOf(text), space, space));

/** Edits that may touch each other; no two of them make the same name. */
const plans = texts.chain((text) =>
  fc.tuple(fc.constant(text), fc.tuple(...["r", "s", "t", "u"].map((name) => editsOf(text, name)))),
);

describe("a splice", () => {
  test("does to the text what the edit does to its value", () => {
    fc.assert(
      fc.property(cases, ([text, edit, before, after]) => {
        const whole = before + text + after;
        expect(parse(spliceJson(whole, [edit]))).toEqual(edited(parse(whole), edit));
      }),
      { numRuns: 500 },
    );
  });

  test("of several edits does one after the other", () => {
    fc.assert(
      fc.property(plans, ([text, edits]) => {
        expect(parse(spliceJson(text, edits))).toEqual(edits.reduce(edited, parse(text)));
      }),
      { numRuns: 1000 },
    );
  });

  test("of many edits does not read the text once for each", () => {
    const messages = Array.from({ length: 30_000 }, () => ({ role: "user", name: "a" }));
    const text = JSON.stringify({ messages });
    const names = messages.map((_, at): JsonEdit => ({ op: "remove", path: ["messages", at, "name"] }));
    const turns = messages.map((_, at): JsonEdit => ({ op: "insert", path: ["messages", at], value: 0 }));
    const spliced = parse(spliceJson(text, [...names, ...turns.toReversed()]));
    expect(spliced).toEqual({ messages: messages.flatMap(() => [0, { role: "user" }]) });
  });

  test("without edits changes nothing", () => {
    fc.assert(fc.property(texts, (text) => expect(spliceJson(text, [])).toBe(text)));
  });

  test("leaves every byte outside of the edited value as it came", () => {
    fc.assert(
      fc.property(texts, texts, texts, fc.tuple(space, space), (first, old, last, [x, y]) => {
        const start = `{${x}"first"${y}:${first},"n":12345678901234567890,"n":1.0,"edited"${x}:${y}`;
        const end = `${y},"last":${last}${x}}\n`;
        expect(spliceJson(start + old + end, [{ op: "set", path: ["edited"], value: "new" }])).toBe(
          `${start}"new"${end}`,
        );
      }),
    );
  });
});

const ODD = '{ "z":12345678901234567890,"a" : 1.0 , "dup":1,\t"dup":2 , "list":[ 1.50, {"k":0.10} ],"e":{} }';

describe.each<[string, JsonEdit, string]>([
  ["sets a value", { op: "set", path: ["a"], value: 2 }, ODD.replace("1.0", "2")],
  [
    "sets a repeated key everywhere",
    { op: "set", path: ["dup"], value: 3 },
    ODD.replace('"dup":1', '"dup":3').replace('"dup":2', '"dup":3'),
  ],
  [
    "adds a key at the end",
    { op: "set", path: ["new"], value: null },
    ODD.replace('"e":{} }', '"e":{},"new":null }'),
  ],
  [
    "adds a key to an empty object",
    { op: "set", path: ["e", "x"], value: 1 },
    ODD.replace("{} }", '{"x":1} }'),
  ],
  ["sets inside a list", { op: "set", path: ["list", 1, "k"], value: "v" }, ODD.replace("0.10", '"v"')],
  ["does not add to a list", { op: "set", path: ["list", 2], value: 1 }, ODD],
  [
    "removes the first with its comma",
    { op: "remove", path: ["z"] },
    ODD.replace('"z":12345678901234567890,', ""),
  ],
  [
    "inserts before an element of a list",
    { op: "insert", path: ["list", 0], value: { k: 1 } },
    ODD.replace("1.50, ", '{"k":1},1.50, '),
  ],
  ["inserts nothing behind the last", { op: "insert", path: ["list", 2], value: 1 }, ODD],
  ["removes from a list", { op: "remove", path: ["list", 0] }, ODD.replace("1.50, ", "")],
  [
    "renames and keeps the value as it is",
    { op: "rename", path: ["a"], to: "b" },
    ODD.replace('"a" ', '"b" '),
  ],
  ["leaves alone what is not there", { op: "rename", path: ["q"], to: "r" }, ODD],
  ["leaves alone what lies in a scalar", { op: "set", path: ["a", "b"], value: 1 }, ODD],
  ["leaves the root alone", { op: "set", path: [], value: 1 }, ODD],
])("an edit", (name, edit, expected) => {
  test(name, () => expect(spliceJson(ODD, [edit])).toBe(expected));
});

describe("a repeated key", () => {
  test.each<[string, string]>([
    ['{"a":1,"a":2}', "{}"],
    ['{"a":1,"b":0,"a":2}', '{"b":0}'],
    ['{"b":0,"a":1,"a":2}', '{"b":0}'],
    ['{"a":1,"a":2,"b":0}', '{"b":0}'],
    ['{"a":1,"a":2,"b":0,"a":3}', '{"b":0}'],
    ['{"a":1 , "a":2 , "a":3}', "{}"],
  ])("is removed from %s everywhere", (text, expected) => {
    expect(parse(spliceJson(text, [{ op: "remove", path: ["a"] }]))).toEqual(parse(expected));
  });

  test("on the way to an edit is the last one, which is the one that parsers take", () => {
    expect(spliceJson('{"a":{"x":1},"a":{"x":2}}', [{ op: "set", path: ["a", "x"], value: 3 }])).toBe(
      '{"a":{"x":1},"a":{"x":3}}',
    );
  });
});

test("keys are compared as JSON reads them", () => {
  expect(spliceJson('{"\\u0061":1}', [{ op: "set", path: ["a"], value: 2 }])).toBe('{"\\u0061":2}');
});
