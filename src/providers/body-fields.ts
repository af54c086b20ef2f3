/** Reading the fields of a request body: null counts as absent, a wrong type names its path. */
import type { DialectId, Native } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";

type FieldReader<T> = (body: JsonObject, name: string, path?: string) => T | undefined;

const fieldReader =
  <T>(is: (value: unknown) => value is T, what: string): FieldReader<T> =>
  (body, name, path = "") => {
    const value = body[name];
    if (value === undefined || value === null) return undefined;
    if (is(value)) return value;
    throw invalidRequest(pathOf(path, name), `must be ${what}`);
  };

const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";

export const stringField = fieldReader(isString, "a string");
export const numberField = fieldReader(isNumber, "a number");
export const booleanField = fieldReader(isBoolean, "a boolean");
export const objectField = fieldReader(isObject, "an object");
export const arrayField = fieldReader(isArray, "an array");

/** A string that must be there. */
export const requiredString = (body: JsonObject, name: string, path: string): string => {
  const value = stringField(body, name, path);
  if (value === undefined) throw invalidRequest(pathOf(path, name), "is required");
  return value;
};

/** An object that must be there. */
export const requiredObject = (body: JsonObject, name: string, path: string): JsonObject => {
  const value = objectField(body, name, path);
  if (value === undefined) throw invalidRequest(pathOf(path, name), "is required");
  return value;
};

/** The input of a tool: JSON as text, or as the object that it says, which many clients send. */
export const argumentsField = (body: JsonObject, path: string): string => {
  const value = body["arguments"];
  return isObject(value) ? JSON.stringify(value) : (stringField(body, "arguments", path) ?? "");
};

/** The value, which must be an object. */
export const asObject = (value: JsonValue, path: string): JsonObject => {
  if (isObject(value)) return value;
  throw invalidRequest(path, "must be an object");
};

/** Fields of `body` that are not `known`, as what only `dialect` has a word for. */
export const nativeRest = (
  dialect: DialectId,
  body: JsonObject,
  known: ReadonlySet<string>,
): Native | undefined => {
  const rest = Object.entries(body).filter(([name, value]) => value != null && !known.has(name));
  return rest.length === 0 ? undefined : { dialect, fields: Object.fromEntries(rest) };
};

/** A set of field names, written with spaces between them. */
export const names = (...lines: readonly string[]): ReadonlySet<string> =>
  new Set(lines.flatMap((line) => line.split(" ")));

const pathOf = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
