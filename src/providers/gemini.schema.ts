/**
 * JSON Schemas as Gemini reads them (`parametersJsonSchema`, `responseJsonSchema`).
 *
 * Of all words it knows those that the Google Gen AI SDK 3.1 lists at `responseJsonSchema`: no `const`, no `allOf`, `enum`
 * "for strings and numbers", and beside a `$ref` nothing. "$ref 'QuestionOption' was set alongside unsupported fields":
 * github.com/anomalyco/opencode/issues/12295; references alone were refused, too
 * (github.com/google-gemini/gemini-cli/issues/13326), so what they mean is put in their place.
 */
import { defined } from "../lib/defined.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";

export const writeSchema = (schema: JsonObject): JsonObject => new SchemaWriter(schema).whole();

/** Schemas of schemas may grow beyond all bounds: further references stay what they are. */
const MAX_INLINED = 1000;

class SchemaWriter {
  readonly #root: JsonObject;
  #inlined = 0;
  /** A schema that holds itself cannot be written out. */
  #refers = false;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  whole(): JsonObject {
    const { $schema: _, $defs, definitions, ...rest } = this.#root;
    const written = this.#schema(rest, []);
    if (!this.#refers) return written;
    const named = Object.entries({ ...object(definitions), ...object($defs) });
    const each = named.map(([name, value]) => [name, this.#value(value, [`#/$defs/${name}`])] as const);
    return each.length === 0 ? written : { ...written, $defs: Object.fromEntries(each) };
  }

  #value(value: JsonValue | undefined, open: readonly string[]): JsonValue | undefined {
    if (isArray(value)) return value.map((each) => this.#value(each, open) ?? null);
    return isObject(value) ? this.#schema(value, open) : value;
  }

  /** `open`: the references that are being written out. */
  #schema({ $ref, allOf, ...rest }: JsonObject, open: readonly string[]): JsonObject {
    if (isString($ref))
      return this.#referred($ref.replace("#/definitions/", "#/$defs/"), { allOf, ...rest }, open);
    if (isArray(allOf)) return together([...allOf, rest].map((part) => object(this.#value(part, open))));
    const written: Record<string, JsonValue | undefined> = {};
    for (const [word, value] of Object.entries(rest)) {
      if (WITH_SCHEMAS.has(word)) written[word] = this.#value(value, open);
      else if (OF_SCHEMAS.has(word)) written[word] = this.#each(value, open);
      else written[word] = value;
    }
    return plain(written);
  }

  #each(value: JsonValue | undefined, open: readonly string[]): JsonValue | undefined {
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#value(each, open)]));
  }

  #referred(reference: string, beside: JsonObject, open: readonly string[]): JsonObject {
    const found = this.#found(reference);
    if (found === undefined) return this.#schema(beside, open);
    if (reference === "#" || open.includes(reference) || ++this.#inlined > MAX_INLINED) {
      this.#refers = true;
      return { $ref: reference };
    }
    return this.#schema({ ...found, ...defined(beside) }, [...open, reference]);
  }

  /** A JSON pointer; definitions of either name are found under the newer one. */
  #found(reference: string): JsonObject | undefined {
    if (!reference.startsWith("#")) return undefined;
    const { $defs, definitions } = this.#root;
    const root = { ...this.#root, $defs: { ...object(definitions), ...object($defs) } };
    const found = reference
      .split("/")
      .slice(1)
      .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"))
      .reduce((at: JsonValue | undefined, name) => (isObject(at) ? at[name] : undefined), root);
    return isObject(found) ? found : undefined;
  }
}

const WITH_SCHEMAS: ReadonlySet<string> = new Set([
  "items",
  "prefixItems",
  "additionalProperties",
  "anyOf",
  "oneOf",
]);
const OF_SCHEMAS: ReadonlySet<string> = new Set(["properties", "patternProperties"]);

const object = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

/** What holds of one value at once. */
const together = (parts: readonly JsonObject[]): JsonObject => {
  const properties = Object.assign({}, ...parts.map((part) => object(part["properties"])));
  const required = parts.flatMap((part) => (isArray(part["required"]) ? part["required"] : []));
  return {
    ...Object.assign({}, ...parts),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required: [...new Set(required)] }),
  };
};

/** Words of other drafts and of OpenAPI, in those that are known. */
const plain = (schema: JsonObject): JsonObject => {
  const { const: only, enum: words, nullable, items, anyOf, type, ...rest } = schema;
  const values = isArray(words) ? words : only === undefined ? undefined : [only];
  const said = values?.filter((value) => isString(value) || isNumber(value)) ?? [];
  const types = isArray(type) ? type : type === undefined ? typesOf(values ?? []) : [type];
  const mayBeNull = values?.includes(null) === true || (nullable === true && types.length > 0);
  const all = [...new Set([...types.map(lowered), ...(mayBeNull ? ["null"] : [])])];
  return defined({
    type: all.length > 1 || isArray(type) ? all : all[0],
    ...rest,
    enum: said.length === 0 ? undefined : said,
    anyOf: isArray(anyOf) && nullable === true ? [...anyOf, { type: "null" }] : anyOf,
    ...(isArray(items) ? { prefixItems: items } : { items }),
  });
};

const lowered = (type: JsonValue): JsonValue => (isString(type) ? type.toLowerCase() : type);

const typesOf = (values: readonly JsonValue[]): readonly JsonValue[] =>
  values.flatMap((value) => {
    if (isNumber(value)) return [Number.isInteger(value) ? "integer" : "number"];
    return isString(value) || typeof value === "boolean" ? [typeof value] : [];
  });
