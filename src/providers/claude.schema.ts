/**
 * JSON schemas as the API takes them: what a tool may be called with (`flattened`), and what it can hold a model
 * to (`lowered`: `output_config.format`, and tools that are `strict`).
 *
 * Of what others take, the API refuses most bounds ("For 'integer' type, property 'minimum' is not supported":
 * github.com/agentjido/req_llm/issues/302) and objects that are not closed. What it refuses is said to the model
 * in words, as its own SDK does (`transformJSONSchema` of @anthropic-ai/sdk 1.12; the limits are listed in
 * github.com/anthropics/skills, skills/claude-api/shared/tool-use-concepts.md).
 */
import { defined } from "../lib/defined.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";

/** A schema that the API takes, and which words of the client's it could not keep as rules. */
export interface Lowered {
  readonly schema: JsonObject;
  readonly lost: readonly string[];
}

/**
 * Whether it holds itself, which the API takes as a tool's schema only: "Circular reference detected in schema
 * definitions" (github.com/egonSchiele/agency-lang/issues/487).
 */
export const isRecursive = (schema: JsonObject = {}): boolean => {
  const reaches = (value: JsonValue | undefined, within: readonly string[]): boolean => {
    if (isArray(value)) return value.some((each) => reaches(each, within));
    if (!isObject(value)) return false;
    const { $ref: reference, $defs: _, definitions: __, ...rest } = value;
    if (!isString(reference)) return Object.values(rest).some((each) => reaches(each, within));
    const found = reference === "#" ? schema : referred(value, schema);
    return within.includes(reference) || (found !== value && reaches(found, [...within, reference]));
  };
  return reaches(schema, ["#"]);
};

export const lowered = (schema: JsonObject): Lowered => {
  const lost = new Set<string>();
  return { schema: lower(schema, lost), lost: [...lost] };
};

/** A tool's schema: one object, and lowered where the model is held to it. */
export const toolSchema = (parameters: JsonObject | undefined, isStrict: boolean): Lowered => {
  const flat = flattened({ ...parameters, type: "object" });
  if (!isStrict) return flat;
  const { schema, lost } = lowered(flat.schema);
  return { schema, lost: [...flat.lost, ...lost] };
};

/**
 * A tool's schema as one object: "input_schema does not support oneOf, allOf, or anyOf at the top level"
 * (github.com/anthropics/claude-code/issues/44788). Any of the properties may be said then, and which belong
 * together stands in words.
 */
const flattened = (schema: JsonObject): Lowered => {
  const { allOf, anyOf, oneOf, ...rest } = schema;
  const said = defined({ allOf, anyOf, oneOf });
  const lost = Object.keys(said);
  if (lost.length === 0) return { schema, lost };
  const every = objectsIn(allOf, schema);
  const either = [...objectsIn(anyOf, schema), ...objectsIn(oneOf, schema)];
  const required = [...requiredBy(rest), ...every.flatMap(requiredBy), ...requiredByAll(either)];
  return {
    schema: {
      ...rest,
      properties: { ...propertiesOfEither(either), ...propertiesOfAll([...every, rest]) },
      ...(required.length === 0 ? {} : { required: [...new Set(required)] }),
      ...described(rest["description"], said),
    },
    lost,
  };
};

/** The parts that are objects themselves, with what they refer to, each as one object. */
const objectsIn = (parts: JsonValue | undefined, root: JsonObject): readonly JsonObject[] =>
  (isArray(parts) ? parts : [])
    .filter(isObject)
    .map((part) => referred(part, root))
    .filter(({ type }) => type === undefined || type === "object")
    .map((part) => flattened(part).schema);

/** `#/$defs/Name`, as Pydantic writes the parts of a union. */
const referred = (part: JsonObject, root: JsonObject): JsonObject => {
  const { $ref: reference } = part;
  const [, place, name] = isString(reference)
    ? (/^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference) ?? [])
    : [];
  const named = place === undefined || name === undefined ? undefined : root[place];
  const found = isObject(named) && name !== undefined ? named[name] : undefined;
  return isObject(found) ? found : part;
};

const propertiesOf = ({ properties }: JsonObject): JsonObject => (isObject(properties) ? properties : {});

/** What several parts say of one property holds together. */
const propertiesOfAll = (parts: readonly JsonObject[]): JsonObject => {
  const known: Record<string, JsonValue> = {};
  for (const [name, meaning = {}] of parts.flatMap((part) => Object.entries(propertiesOf(part)))) {
    const before = known[name];
    known[name] = isObject(before) && isObject(meaning) ? { ...before, ...meaning } : meaning;
  }
  return known;
};

/** What the parts call alike and mean differently (`kind`, which tells them apart) is either. */
const propertiesOfEither = (parts: readonly JsonObject[]): JsonObject => {
  const meanings = new Map<string, Map<string, JsonValue>>();
  for (const [name, meaning = {}] of parts.flatMap((part) => Object.entries(propertiesOf(part)))) {
    const known = meanings.get(name) ?? new Map<string, JsonValue>();
    meanings.set(name, known.set(JSON.stringify(meaning), meaning));
  }
  return Object.fromEntries(
    [...meanings].map(([name, each]) => {
      const [only = {}, ...others] = each.values();
      return [name, others.length === 0 ? only : { anyOf: [only, ...others] }];
    }),
  );
};

const requiredBy = ({ required }: JsonObject): readonly string[] =>
  isArray(required) ? required.filter(isString) : [];

const requiredByAll = (parts: readonly JsonObject[]): readonly string[] =>
  requiredBy(parts[0] ?? {}).filter((name) => parts.every((part) => requiredBy(part).includes(name)));

const lower = (schema: JsonObject, lost: Set<string>): JsonObject => {
  const kept: Record<string, JsonValue> = {};
  const said: Record<string, JsonValue> = {};
  for (const [word, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    if (word === "additionalProperties") {
      if (isOfObjects(schema)) kept[word] = false;
      continue;
    }
    if (word === "type" && contradicts(value, schema)) continue;
    const name = word === "oneOf" ? "anyOf" : word;
    const rule = kept[name] === undefined ? WORDS.get(word)?.(value, lost) : undefined;
    if (rule !== undefined) kept[name] = rule;
    else if (!UNTOLD.has(word)) said[word] = value;
  }
  if (isOfObjects(schema)) kept["additionalProperties"] = false;
  if (isOpen(schema)) lost.add("additionalProperties");
  for (const word of Object.keys(said)) lost.add(word);
  return { ...kept, ...described(kept["description"], said) };
};

/**
 * Values say what types they have, and a type is refused that is not that of each of them, be it one of a list:
 * "Enum value 'low' does not match declared type '['string', 'null']'" (github.com/BerriAI/litellm/issues/37881).
 */
const contradicts = (type: JsonValue, { enum: words, const: word }: JsonObject): boolean => {
  const values = isArray(words) ? words : word === undefined ? [] : [word];
  return values.every(isPlain) && values.some((value) => !TYPES.get(typeOf(value))?.includes(type));
};

const typeOf = (value: JsonValue): string => (value === null ? "null" : typeof value);

const TYPES: ReadonlyMap<string, readonly JsonValue[]> = new Map([
  ["string", ["string"]],
  ["number", ["number", "integer"]],
  ["boolean", ["boolean"]],
  ["null", ["null"]],
]);

/** What a word's value becomes; `undefined` where the API would refuse it. */
type Word = (value: JsonValue, lost: Set<string>) => JsonValue | undefined;

const same: Word = (value) => value;
const one: Word = (value, lost) => (isObject(value) ? lower(value, lost) : undefined);
const all: Word = (value, lost) =>
  isArray(value) ? value.map((each) => (isObject(each) ? lower(each, lost) : each)) : undefined;
const named: Word = (value, lost) =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, isObject(each) ? lower(each, lost) : each]),
      )
    : undefined;

/** The string formats that a model can be held to. */
const FORMATS: ReadonlySet<JsonValue> = new Set(
  "date-time time date duration email hostname uri ipv4 ipv6 uuid".split(" "),
);

/** Looking around, looking back and word boundaries are no part of the expressions that it takes. */
const BEYOND = /\(\?[=!<]|\\[1-9bB]/;

const isPlain = (value: JsonValue): boolean => !isObject(value) && !isArray(value);

const WORDS: ReadonlyMap<string, Word> = new Map<string, Word>([
  ...["type", "description", "title", "required", "default", "$ref"].map((word) => [word, same] as const),
  ["enum", (value) => (isArray(value) && value.every(isPlain) ? value : undefined)],
  ["const", (value) => (isPlain(value) ? value : undefined)],
  ["pattern", (value) => (isString(value) && !BEYOND.test(value) ? value : undefined)],
  ["format", (value) => (FORMATS.has(value) ? value : undefined)],
  ["minItems", (value) => (value === 0 || value === 1 ? value : undefined)],
  ["items", one],
  ["anyOf", all],
  ["oneOf", all],
  ["allOf", all],
  ["properties", named],
  ["$defs", named],
  ["definitions", named],
]);

/** They bound nothing: which draft it is, and what it is called. */
const UNTOLD: ReadonlySet<string> = new Set(["$schema", "$id", "$comment"]);

const isOfObjects = ({ type, properties }: JsonObject): boolean =>
  type === "object" || isObject(properties) || (isArray(type) && type.includes("object"));

/** The client wants further keys, or says what they are. Left unsaid they are nobody's wish. */
const isOpen = ({ additionalProperties: more }: JsonObject): boolean => more !== undefined && more !== false;

const described = (description: JsonValue | undefined, said: JsonObject): JsonObject => {
  const words = Object.entries(said).map(([word, value]) => `${word}: ${JSON.stringify(value)}`);
  if (words.length === 0) return {};
  const before = isString(description) && description !== "" ? `${description}\n\n` : "";
  return { description: `${before}{${words.join(", ")}}` };
};
