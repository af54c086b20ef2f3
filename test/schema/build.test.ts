import { Type } from "@sinclair/typebox";
import { expect, test } from "bun:test";
import { closed, dictionary, oneOf, open, verbatim } from "../../src/schema/build.ts";

test("closed refuses unknown keys, open keeps them", () => {
  expect(closed({}).additionalProperties).toBe(false);
  expect(open({}).additionalProperties).toBe(true);
});

test("what is built is frozen all the way down", () => {
  const schema = open({ list: Type.Array(Type.Object({ name: Type.String() })) });
  expect(Object.isFrozen(schema)).toBe(true);
  expect(Object.isFrozen(schema.properties.list.items.properties.name)).toBe(true);
  for (const other of [closed({}), verbatim(), dictionary(Type.String()), oneOf(["a"], "Only a")]) {
    expect(Object.isFrozen(other)).toBe(true);
  }
});

test("a frozen schema can be part of another", () => {
  const inner = open({ name: Type.String() });
  const outer = open({ inner: Type.Optional(inner) });
  expect(outer.required).toBeUndefined();
  expect(outer.properties.inner.properties).toEqual(inner.properties);
});
