/** JSON schemas in which what is defined by name stands where it is named, for those who know no `$ref`. */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";

export const withoutReferences = (schema: JsonObject): JsonObject => {
  const { $defs, definitions, ...rest } = schema;
  if ($defs === undefined && definitions === undefined) return schema;
  return membersOf(rest, { known: { ...objectOf(definitions), ...objectOf($defs) }, left: MOST }, []);
};

interface Names {
  readonly known: JsonObject;
  /** How many may still be replaced: names within names, each named twice, would fill the memory. */
  left: number;
}

const MOST = 1000;

/** `within` are the names that are being replaced: what holds itself ends in something of any kind. */
const inlined = (value: JsonValue, names: Names, within: readonly string[]): JsonValue => {
  if (isArray(value)) return value.map((each) => inlined(each, names, within));
  if (!isObject(value)) return value;
  const { $ref: reference } = value;
  const name = isString(reference) ? NAMED.exec(reference)?.[1] : undefined;
  if (name === undefined) return membersOf(value, names, within);
  const { $ref: _, ...beside } = value;
  const isLast = within.includes(name) || names.left-- <= 0;
  const meaning = isLast ? {} : inlined(names.known[name] ?? {}, names, [...within, name]);
  return { ...objectOf(meaning), ...membersOf(beside, names, within) };
};

const NAMED = /^#\/(?:\$defs|definitions)\/([^/]+)$/;

const membersOf = (value: JsonObject, names: Names, within: readonly string[]): JsonObject =>
  Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      each === undefined ? each : inlined(each, names, within),
    ]),
  );

const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
