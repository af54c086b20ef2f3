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
