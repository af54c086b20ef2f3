import { expect, test } from "bun:test";
import { type JsonObject, parsedObject } from "../../src/schema/json.ts";

test.each<[string, JsonObject | undefined]>([
  ['{"a":1}', { a: 1 }],
  [" {} ", {}],
  ["[]", undefined],
  ["null", undefined],
  ['"{}"', undefined],
  ['{"a":', undefined],
  ["", undefined],
])("the text %j holds the object %j", (text, object) => {
  expect(parsedObject(text)).toEqual(object);
});
