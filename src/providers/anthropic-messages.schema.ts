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

/** What a tool may be called with, and where it is strict what the model can be held to. */
export const toolSchema = (schema: JsonObject, strict: boolean): Lowered => {
  const flat = flattened(schema);
  if (!strict) return flat;
  const held = lowered(flat.schema);
  return { schema: held.schema, lost: [...flat.lost, ...held.lost] };
};

export const lowered = (schema: JsonObject): Lowered => {
  const lost = new Set<string>();
  return { schema: lower(schema, lost), lost: [...lost] };
};

/**
 * A tool's schema as one object: "input_schema does not support oneOf, allOf, or anyOf at the top level"
 * (github.com/anthropics/claude-code/issues/44788). Any of the properties may be said then, and which belong
 * together stands in words.
 */
export const flattened = (schema: JsonObject): Lowered => {
  const { allOf, anyOf, oneOf, ...rest } = schema;
  const said = defined({ allOf, anyOf, oneOf });
  const lost = Object.keys(said);
  if (lost.length === 0) return { schema, lost };
  const every = objectsIn(allOf);
  const either = [...objectsIn(anyOf), ...objectsIn(oneOf)];
  const properties = [...every, ...either, rest].map((part) => part["properties"]).filter(isObject);
  const required = [...requiredBy(rest), ...every.flatMap(requiredBy), ...requiredByAll(either)];
  return {
    schema: {
      ...rest,
      properties: Object.assign({}, ...properties),
      ...(required.length === 0 ? {} : { required: [...new Set(required)] }),
      ...described(rest["description"], said),
    },
    lost,
  };
};

const objectsIn = (parts: JsonValue | undefined): readonly JsonObject[] =>
  isArray(parts) ? parts.filter(isObject) : [];

const requiredBy = ({ required }: JsonObject): readonly string[] =>
  isArray(required) ? required.filter(isString) : [];

const requiredByAll = (parts: readonly JsonObject[]): readonly string[] =>
  requiredBy(parts[0] ?? {}).filter((name) => parts.every((part) => requiredBy(part).includes(name)));

const CLOSED = "additionalProperties";

const lower = (schema: JsonObject, lost: Set<string>): JsonObject => {
  const kept: Record<string, JsonValue> = {};
  const said: Record<string, JsonValue> = {};
  for (const [word, value] of Object.entries(schema)) {
    if (value === undefined || (word === CLOSED && !isOfObjects(schema))) continue;
    const name = word === "oneOf" ? "anyOf" : word;
    const rule = kept[name] === undefined ? WORDS.get(word)?.(value, lost) : undefined;
    if (rule !== undefined) kept[name] = rule;
    else if (!UNTOLD.has(word)) said[word] = value;
  }
  if (isOfObjects(schema)) kept[CLOSED] = false; // where the client has it, or at the end
  if (isOpen(schema)) lost.add("additionalProperties");
  for (const word of Object.keys(said)) lost.add(word);
  return { ...kept, ...described(kept["description"], said) };
};

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
  [CLOSED, () => false],
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
