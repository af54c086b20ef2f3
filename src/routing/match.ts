/** The query language of conditional routing: a query compiled into a question about a call. */
import { GatewayError } from "../schema/errors.ts";
import { faultLine, ruleFault } from "../schema/faults.ts";
import { isArray, isObject, type JsonObject, type JsonValue } from "../schema/json.ts";
import { compilePattern, isJunction } from "../schema/query.ts";

/** What a query can ask about. */
export interface MatchScope {
  readonly metadata: JsonObject | null;
  /** The request's body as the client sent it. */
  readonly params: JsonObject;
  readonly url: { readonly pathname: string };
}

export type Match = (scope: MatchScope) => boolean;

/** Characters of a value that a pattern looks at. */
export const MAX_SUBJECT_CHARACTERS = 65_536;

/**
 * True where every entry of `query` holds. `path` is the query's place in its config, for the error
 * about a pattern that cannot be compiled.
 */
export const compileQuery = (query: JsonObject, path: string): Match =>
  every(
    Object.entries(query).flatMap(([key, value]) =>
      value === undefined ? [] : [compileEntry(key, value, `${path},${key}`)],
    ),
  );

/** Asks about a value; `undefined` is a missing one. */
type Test = (value: JsonValue | undefined) => boolean;

const every =
  (matches: readonly Match[]): Match =>
  (scope) =>
    matches.every((match) => match(scope));

const compileEntry = (key: string, value: JsonValue, path: string): Match => {
  if (isJunction(key, value)) return compileJunction(key, value, path);
  const find = compileKey(key);
  const test = compileTest(value, path);
  return (scope) => test(find(scope));
};

const compileJunction = (key: string, parts: readonly JsonValue[], path: string): Match => {
  const matches = parts.map((part, index) =>
    isObject(part) ? compileQuery(part, `${path},${index}`) : () => false,
  );
  return key === "$or" ? (scope) => matches.some((match) => match(scope)) : every(matches);
};

const compileTest = (value: JsonValue, path: string): Test => {
  if (typeof value !== "object" || value === null) return (found) => found === value;
  // Portkey's gateway 1.15 reads an array as operators named "0", "1", …
  const operands: readonly [string, JsonValue | undefined][] = isArray(value)
    ? value.map((operand, index) => [String(index), operand])
    : Object.entries(value);
  const tests = operands.map(([name, operand]) => compileOperator(name, operand, `${path},${name}`));
  return (found) => tests.every((test) => test(found));
};

const compileOperator = (name: string, operand: JsonValue | undefined, path: string): Test =>
  OPERATORS.get(name)?.(operand, path) ?? unsupported(name);

const unsupported =
  (name: string): Test =>
  () => {
    throw new GatewayError("router_error", `Unsupported operator used in the query router: ${name}`);
  };

const compare =
  (holds: (value: number, operand: number) => boolean) =>
  (operand: JsonValue | undefined): Test => {
    const bound = toNumber(operand);
    return (value) => holds(toNumber(value), bound); // NaN compares false with everything
  };

const matchPattern = (pattern: JsonValue | undefined, path: string): Test => {
  const regex = typeof pattern === "string" ? compilePattern(pattern) : undefined;
  if (regex === undefined) throw badPattern(path);
  return (value) => value !== undefined && regex.test(toText(value).slice(0, MAX_SUBJECT_CHARACTERS));
};

const badPattern = (path: string): GatewayError =>
  new GatewayError("invalid_config", "Invalid config passed", {
    errors: [faultLine(ruleFault([path], "Invalid regular expression"))],
  });

const OPERATORS: ReadonlyMap<string, (operand: JsonValue | undefined, path: string) => Test> = new Map([
  ["$eq", (operand) => (value) => value === operand],
  ["$ne", (operand) => (value) => value !== operand],
  ["$gt", compare((value, operand) => value > operand)],
  ["$gte", compare((value, operand) => value >= operand)],
  ["$lt", compare((value, operand) => value < operand)],
  ["$lte", compare((value, operand) => value <= operand)],
  ["$in", (operand) => (value) => isArray(operand) && operand.some((item) => item === value)],
  ["$nin", (operand) => (value) => isArray(operand) && !operand.some((item) => item === value)],
  ["$regex", matchPattern],
]);

/** As Portkey's gateway 1.15 reads numbers: the float that a text begins with. Other values are no numbers. */
const toNumber = (value: JsonValue | undefined): number => {
  if (typeof value === "number") return value;
  return typeof value === "string" ? Number.parseFloat(value) : Number.NaN;
};

/** Objects and arrays as JSON: `String` would ask a caller's own `toString`. */
const toText = (value: JsonValue): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);

const compileKey = (key: string): ((scope: MatchScope) => JsonValue | undefined) => {
  const [namespace = "", ...steps] = key.split(".");
  if (steps.length === 0) return () => undefined; // a namespace is not a value
  return (scope) => descend(namespaceOf(scope, namespace), steps);
};

const namespaceOf = (scope: MatchScope, namespace: string): JsonValue | undefined => {
  switch (namespace) {
    case "metadata":
      return scope.metadata ?? undefined;
    case "params":
      return scope.params;
    case "url":
      return { pathname: scope.url.pathname };
    default:
      return undefined;
  }
};

const descend = (start: JsonValue | undefined, steps: readonly string[]): JsonValue | undefined => {
  let place = start;
  for (const step of steps) place = stepInto(place, step);
  return place;
};

const stepInto = (place: JsonValue | undefined, step: string): JsonValue | undefined => {
  if (isArray(place)) return /^\d+$/.test(step) ? place[Number(step)] : undefined;
  return isObject(place) && Object.hasOwn(place, step) ? place[step] : undefined;
};
