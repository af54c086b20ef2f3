/** Fields as Google's JSON spells them: in camel case or in snake case, one object where a list is meant. */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";

export const camel = (name: string): string =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** An object's own names in camel case; what is below them is left alone. */
export const camelKeys = (value: JsonValue | undefined): JsonObject =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [camel(name), inner]))
    : {};

/** The vendor's own examples write a list of one without its brackets. */
export const listOf = (value: JsonValue | undefined): readonly JsonValue[] => {
  if (value === undefined || value === null) return [];
  return isArray(value) ? value : [value];
};

/** What of a list can be read at all. */
export const objectsIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  isArray(value) ? value.filter(isObject) : [];

/** What a frame holds; `undefined` where it is no JSON, which is for its reader to say. */
export const parsedFrame = (data: string): unknown => {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
};
