/** The patterns of conditional queries: compiled by a linear-time engine, or refused when the config is read. */
import { RE2JS } from "re2js";
import { expected, ruleFault, type Fault, type Path } from "./faults.ts";
import { isArray, isObject, type JsonObject, type JsonValue } from "./json.ts";

/** Characters of a pattern. */
export const MAX_PATTERN_CHARACTERS = 4096;

/** `undefined` when the pattern is too long or RE2 cannot read it (it has no look-around, no back-references). */
export const compilePattern = (pattern: string): RE2JS | undefined => {
  if (pattern.length > MAX_PATTERN_CHARACTERS) return undefined;
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined; // the engine's own message would quote the pattern
  }
};

/** Every `$regex` of `query` that cannot be compiled. */
export const queryFaults = (query: JsonObject, path: Path): readonly Fault[] =>
  Object.entries(query).flatMap(([key, value]) => entryFaults(key, value, [...path, key]));

/** True where `key` joins the queries in `value` rather than names something to compare. */
export const isJunction = (key: string, value: JsonValue | undefined): value is readonly JsonValue[] =>
  (key === "$or" || key === "$and") && isArray(value);

const entryFaults = (key: string, value: JsonValue | undefined, path: Path): readonly Fault[] => {
  if (isJunction(key, value)) {
    return value.flatMap((part, index) => (isObject(part) ? queryFaults(part, [...path, index]) : []));
  }
  if (!isObject(value) || !Object.hasOwn(value, "$regex")) return [];
  return patternFaults(value.$regex, [...path, "$regex"]);
};

const patternFaults = (pattern: JsonValue | undefined, path: Path): readonly Fault[] => {
  if (typeof pattern !== "string") return [expected(path, "string", pattern)];
  return compilePattern(pattern) === undefined ? [ruleFault(path, "Invalid regular expression")] : [];
};
