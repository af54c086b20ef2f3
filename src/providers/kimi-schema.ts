/**
 * JSON schemas as Kimi takes them (github.com/MoonshotAI/walle, docs/mfjs-spec.md and keyword_validators.go): one type
 * for a place, said within the branches of `anyOf` and not beside them, references into the root's `$defs` beside which
 * no rule stands, lists of values of one type that is told, and what is required among the properties.
 *
 * "when using anyOf, type should be defined in anyOf items instead of the parent schema"
 * (github.com/MoonshotAI/kimi-code/issues/2661), "when using $ref, type should be defined in the referenced schema"
 * (github.com/lidge-jun/opencodex/issues/2673).
 */
import { defined } from "../lib/defined.ts";
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Quirks } from "../schema/provider-row.ts";
import { toolSchema } from "./claude.schema.ts";
import type { QuirkEdits } from "./quirks.ts";

/** Of the tools that are left once `earlier` edits are made. */
export const schemaEdits = (
  { kimiSchemas: isKimi }: Quirks,
  body: JsonObject,
  earlier: readonly JsonEdit[],
): QuirkEdits | undefined => {
  if (isKimi !== true) return undefined;
  const found = toolsLeft(body, earlier).flatMap((tool, at): Found[] => {
    const said = isObject(tool) && isObject(tool["function"]) ? tool["function"]["parameters"] : undefined;
    return isObject(said) ? [{ path: ["tools", at, "function", "parameters"], said, ...ofTool(said) }] : [];
  });
  const { response_format: format } = body;
  const answer =
    isObject(format) && isObject(format["json_schema"]) ? format["json_schema"]["schema"] : undefined;
  if (isObject(answer))
    found.push({
      path: ["response_format", "json_schema", "schema"],
      said: answer,
      schema: kimiSchema(answer),
      lost: [],
    });
  const changed = found.filter(({ said, schema }) => JSON.stringify(said) !== JSON.stringify(schema));
  return {
    edits: changed.map(({ path, schema: value }): JsonEdit => ({ op: "set", path, value })),
    notes: changed.flatMap(({ path, lost }) => lost.map((word) => `${path.join(".")} (${word})`)),
  };
};

interface Found {
  readonly path: readonly (string | number)[];
  readonly said: JsonObject;
  readonly schema: JsonObject;
  readonly lost: readonly string[];
}

const toolsLeft = ({ tools }: JsonObject, earlier: readonly JsonEdit[]): readonly unknown[] => {
  const edit = earlier.find(({ path }) => path[0] === "tools");
  const left = edit === undefined ? tools : edit.op === "set" ? edit.value : [];
  return Array.isArray(left) ? left : [];
};

/** What a tool is called with is one object: alternatives at the root become its properties. */
const ofTool = (parameters: JsonObject): Pick<Found, "schema" | "lost"> => {
  if (!isArray(parameters["anyOf"])) return { schema: kimiSchema(parameters), lost: [] };
  const { schema, lost } = toolSchema(parameters, false);
  return { schema: kimiSchema(schema), lost };
};

/** A root that is a reference has what it refers to beside it, and stays. */
export const kimiSchema = (schema: JsonObject): JsonObject => {
  const { definitions, $defs, ...root } = schema;
  const named = {
    ...(isObject(definitions) ? definitions : {}),
    ...(isObject($defs) ? $defs : {}),
    ...Object.fromEntries(
      referencesIn(schema).flatMap((reference) => {
        const found = placeAt(reference, schema);
        return isObject(found) ? [[nameOf(reference), found]] : [];
      }),
    ),
  };
  const whole = Object.keys(named).length === 0 ? root : { ...root, $defs: named };
  const { $ref: reference } = whole;
  return isString(reference) ? { ...withParts(whole, named), $ref: inDefs(reference) } : place(whole, named);
};

const place = (schema: JsonObject, named: JsonObject): JsonObject => {
  const { $ref: reference } = schema;
  return isString(reference)
    ? referring(reference, schema, named)
    : withParts(withRequired(ofOneType(typedWithin(schema))), named);
};

/** "conflicting keywords found after $ref expansion: description": github.com/MoonshotAI/kimi-cli/issues/2061 */
const referring = (reference: string, { description }: JsonObject, named: JsonObject): JsonObject => {
  const meant = named[nameOf(reference)];
  const isDescribed = isObject(meant) && meant["description"] !== undefined;
  return defined({ description: isDescribed ? undefined : description, $ref: inDefs(reference) });
};

/** "references must start with #/$defs/": what another place is like gets a name there. */
const inDefs = (reference: string): string =>
  reference.startsWith("#/") ? `#/$defs/${nameOf(reference)}` : reference;

const nameOf = (reference: string): string =>
  reference.replace(/^#\/(?:(?:\$defs|definitions)\/(?=[^/]+$))?/, "").replaceAll("/", "_");

const placeAt = (reference: string, root: JsonObject): JsonValue | undefined => {
  let found: JsonValue | undefined = root;
  for (const step of reference.slice(2).split("/")) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    found = isArray(found) ? found[Number(key)] : isObject(found) ? found[key] : undefined;
  }
  return found;
};

const referencesIn = (value: JsonValue | undefined): readonly string[] => {
  if (isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  const { $ref: reference } = value;
  const deeper = Object.values(value).flatMap(referencesIn);
  return isString(reference) && reference.startsWith("#/") ? [reference, ...deeper] : deeper;
};

const withParts = (schema: JsonObject, named: JsonObject): JsonObject => {
  const one = (value: JsonValue | undefined): JsonObject => (isObject(value) ? place(value, named) : {});
  return Object.fromEntries(
    Object.entries(schema).map(([word, value]) => {
      if (word === "items" && isArray(value))
        return [word, value.length === 0 ? {} : { anyOf: value.map(one) }];
      if (ONE.has(word) && isObject(value)) return [word, one(value)];
      if (SEVERAL.has(word) && isArray(value)) return [word, value.map(one)];
      if (NAMED.has(word) && isObject(value))
        return [word, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, one(each)]))];
      return [word, value];
    }),
  );
};

const withRequired = (schema: JsonObject): JsonObject => {
  const { required, properties = {} } = schema;
  if (!isArray(required) || !isObject(properties) || isArray(schema["anyOf"])) return schema;
  const missing = required.filter(isString).filter((name) => properties[name] === undefined);
  if (missing.length === 0) return schema;
  return {
    ...schema,
    properties: { ...properties, ...Object.fromEntries(missing.map((name) => [name, {}])) },
  };
};

const ONE: ReadonlySet<string> = new Set(["items", "additionalProperties"]);
const SEVERAL: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf"]);
const NAMED: ReadonlySet<string> = new Set(["properties", "$defs"]);

/** Several types, or values of several, are alternatives. */
const ofOneType = (schema: JsonObject): JsonObject => {
  const { type, enum: values } = schema;
  if (isArray(schema["anyOf"]) || (!isArray(type) && !isArray(values))) return schema;
  if (isString(type) && isArray(values) && values.every((value) => isOf(type, value))) return schema;
  const types = isArray(type) ? type.filter(isString) : isString(type) ? [type] : typesOf(values);
  const branches = types.flatMap((each) => branchOf(each, schema));
  const [only, ...others] = branches;
  if (only === undefined) return schema;
  const about = Object.fromEntries(Object.entries(schema).filter(([word]) => ABOUT.has(word)));
  return others.length === 0 ? { ...about, ...only } : { ...about, anyOf: branches };
};

const typesOf = (values: JsonValue | undefined): readonly string[] => [
  ...new Set((isArray(values) ? values : []).map(typeOf)),
];

const typeOf = (value: JsonValue): string => {
  if (value === null) return "null";
  return isArray(value) ? "array" : typeof value;
};

const isOf = (type: string, value: JsonValue): boolean =>
  typeOf(value) === (type === "integer" ? "number" : type);

/** What is said of values of that type; none where no value that is listed is of it. */
const branchOf = (type: string, schema: JsonObject): readonly JsonObject[] => {
  const own = Object.entries(schema).filter(
    ([word]) => !ABOUT.has(word) && word !== "type" && word !== "enum" && isAbout(word, type),
  );
  const { enum: values } = schema;
  if (!isArray(values)) return [{ type, ...Object.fromEntries(own) }];
  const listed = values.filter((value) => isOf(type, value));
  if (listed.length === 0) return [];
  return [{ type, ...Object.fromEntries(own), ...(type === "null" ? {} : { enum: listed }) }];
};

/** Words about a place whatever stands there. */
const ABOUT: ReadonlySet<string> = new Set("title description default $defs $schema $id $comment".split(" "));

/** Words about values of one type. */
const OF: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    "minLength maxLength pattern format": ["string"],
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf": ["number", "integer"],
    "items minItems maxItems uniqueItems": ["array"],
    "properties required additionalProperties": ["object"],
  }).flatMap(([words, types]) => words.split(" ").map((word): [string, readonly string[]] => [word, types])),
);

const isAbout = (word: string, type: string): boolean => OF.get(word)?.includes(type) ?? true;

/** What stands beside alternatives holds in each of them, and is said there. */
const typedWithin = (schema: JsonObject): JsonObject => {
  const { anyOf } = schema;
  if (!isArray(anyOf) || schema["type"] === undefined) return schema;
  const entries = Object.entries(schema).filter(([word]) => word !== "anyOf");
  const about = Object.fromEntries(entries.filter(([word]) => ABOUT.has(word)));
  const shared = Object.fromEntries(entries.filter(([word]) => !ABOUT.has(word)));
  const branches = anyOf.map((branch) =>
    isObject(branch) && branch["$ref"] === undefined ? joined(shared, branch) : branch,
  );
  return { ...about, anyOf: branches };
};

const joined = (beside: JsonObject, branch: JsonObject): JsonObject => {
  const { type = beside["type"] } = branch;
  const shared = Object.fromEntries(
    Object.entries(beside).filter(([word]) => !isString(type) || isAbout(word, type)),
  );
  const required = [shared["required"], branch["required"]].flatMap((names) => (isArray(names) ? names : []));
  const properties = [shared["properties"], branch["properties"]].filter(isObject);
  return {
    ...shared,
    ...branch,
    ...(properties.length === 0 ? {} : { properties: Object.assign({}, ...properties) }),
    ...(required.length === 0 ? {} : { required: [...new Set(required)] }),
  };
};
