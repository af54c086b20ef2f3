/** Gemini's `Schema`, a subset of OpenAPI's (`Schema` of the Google Gen AI SDK 3.1), as JSON Schema. */
import { defined } from "../lib/defined.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { camelKeys } from "./gemini.fields.ts";

/** `isClosed`: the answer holds the listed properties alone, which APIs with strict schemas want said. */
export const readSchema = (schema: JsonObject, isClosed = false): JsonObject => {
  const {
    type,
    nullable,
    properties,
    items,
    anyOf,
    enum: words,
    propertyOrdering,
    format,
    example,
    ...rest
  } = camelKeys(schema);
  const inner = (value: JsonValue): JsonValue => (isObject(value) ? readSchema(value, isClosed) : value);
  const mayBeNull = nullable === true;
  return defined({
    type: typeOf(type, mayBeNull),
    ...(isClosed && isObject(properties) ? { additionalProperties: false } : {}),
    ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, plainNumber(name, value)])),
    format: format === "enum" ? undefined : format, // it says what `enum` says beside it
    examples: example === undefined ? undefined : [example],
    properties: isObject(properties) ? ordered(properties, propertyOrdering, inner) : undefined,
    items: items === undefined ? undefined : inner(items),
    // JSON Schema allows no null that is not among the words or the alternatives.
    enum: isArray(words) && mayBeNull ? [...new Set([...words, null])] : words,
    anyOf: isArray(anyOf) ? [...anyOf.map(inner), ...(mayBeNull ? [NULL] : [])] : undefined,
  });
};

const NULL: JsonObject = Object.freeze({ type: "null" });

/** Some clients write JSON Schema here; its types are what they are. */
const typeOf = (type: JsonValue | undefined, isNullable: boolean): JsonValue | undefined => {
  if (!isString(type)) return type;
  if (type === "TYPE_UNSPECIFIED") return undefined;
  return isNullable ? [type.toLowerCase(), "null"] : type.toLowerCase();
};

/** JSON Schema has no word for an order but the one the properties are written in. */
const ordered = (
  properties: JsonObject,
  ordering: JsonValue | undefined,
  inner: (value: JsonValue) => JsonValue,
): JsonObject => {
  const first = isArray(ordering) ? ordering.filter(isString).filter((name) => name in properties) : [];
  const names = [...new Set([...first, ...Object.keys(properties)])];
  return Object.fromEntries(names.map((name) => [name, inner(properties[name] ?? null)]));
};

/** 64-bit integers are texts in Google's JSON. */
const COUNTS: ReadonlySet<string> = new Set([
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "minProperties",
  "maxProperties",
]);

const plainNumber = (name: string, value: JsonValue | undefined): JsonValue | undefined =>
  COUNTS.has(name) && isString(value) ? Number(value) : value;
