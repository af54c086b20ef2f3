/** What is wrong with a JSON value in the eyes of a schema, said in the words that clients of zod know. */
import { isArray, isObject, type JsonObject, type JsonValue } from "./json.ts";

export type Path = readonly (string | number)[];

export interface Fault {
  readonly path: Path;
  /** Never holds a value: configs carry credentials. */
  readonly message: string;
  /** `type`: the value is of another kind, so no rule about it or around it can be asked. */
  readonly kind: "type" | "rule";
}

/**
 * A rule that a schema names with its `rule` keyword. It is asked once the value has the right types;
 * `sound` says that nothing at all was found below. Answers with paths from the root.
 */
export type Rule = (value: JsonValue, path: Path, sound: boolean) => readonly Fault[];
export type Rules = ReadonlyMap<string, Rule>;

/** The keywords of JSON Schema that are understood here. A TypeBox schema is one. */
export interface Schema {
  readonly $id?: string;
  readonly $ref?: string;
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly errorMessage?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: boolean | Schema | undefined;
  readonly rule?: string;
}

/** Every fault of `value`, depth first in the order of the schema's keys. */
export const faultsOf = (schema: Schema, value: JsonValue, rules: Rules = new Map()): readonly Fault[] =>
  examine({ rules, named: new Map() }, schema, value, []);

export const ruleFault = (path: Path, message: string): Fault => ({ path, message, kind: "rule" });

export const expected = (path: Path, type: string, value: JsonValue | undefined): Fault => ({
  path,
  message: value === undefined ? "Required" : `Expected ${type}, received ${kindOf(value)}`,
  kind: "type",
});

/** The fault of keys that may not be there. */
export const unrecognized = (path: Path, keys: readonly string[]): Fault =>
  ruleFault(path, `Unrecognized key(s) in object: ${keys.map((key) => `'${key}'`).join(", ")}`);

/** One fault as Portkey's gateway 1.15 writes it, with commas in its path. */
export const faultLine = (fault: Fault): string => `path: ${fault.path.join(",")}, message: ${fault.message}`;

interface Examination {
  readonly rules: Rules;
  /** Schemas by `$id`, as far as they have been met. */
  readonly named: Map<string, Schema>;
}

const examine = (
  examination: Examination,
  schema: Schema,
  value: JsonValue | undefined,
  path: Path,
): readonly Fault[] => {
  if (schema.$id !== undefined) examination.named.set(schema.$id, schema);
  const target = schema.$ref === undefined ? schema : examination.named.get(schema.$ref);
  if (target === undefined) throw new Error(`No schema has the id ${schema.$ref}`);
  if (value === undefined) return [expected(path, "a value", value)];
  const faults = shapeFaults(examination, target, value, path);
  const rule = target.rule === undefined ? undefined : examination.rules.get(target.rule);
  if (rule === undefined || faults.some(({ kind }) => kind === "type")) return faults;
  return [...faults, ...rule(value, path, faults.length === 0)];
};

const shapeFaults = (
  examination: Examination,
  schema: Schema,
  value: JsonValue,
  path: Path,
): readonly Fault[] => {
  if (schema.anyOf !== undefined) return unionFaults(examination, schema, value, path);
  switch (schema.type) {
    case "object":
      return isObject(value)
        ? objectFaults(examination, schema, value, path)
        : [expected(path, "object", value)];
    case "array":
      return isArray(value)
        ? arrayFaults(examination, schema, value, path)
        : [expected(path, "array", value)];
    case "string":
      return typeof value === "string"
        ? stringFaults(schema, value, path)
        : [expected(path, "string", value)];
    case "number":
    case "integer":
      return isPresentNumber(value) ? numberFaults(schema, value, path) : [expected(path, "number", value)];
    case "boolean":
      return typeof value === "boolean" ? [] : [expected(path, "boolean", value)];
    default:
      return [];
  }
};

const unionFaults = (
  examination: Examination,
  { anyOf = [], errorMessage = "Invalid input" }: Schema,
  value: JsonValue,
  path: Path,
): readonly Fault[] =>
  anyOf.some((option) => examine(examination, option, value, path).length === 0)
    ? []
    : [{ path, message: errorMessage, kind: "type" }];

const objectFaults = (
  examination: Examination,
  schema: Schema,
  value: JsonObject,
  path: Path,
): readonly Fault[] => {
  const properties = schema.properties ?? {};
  const faults: Fault[] = [];
  for (const [key, property] of Object.entries(properties)) {
    if (value[key] === undefined && schema.required?.includes(key) !== true) continue;
    faults.push(...examine(examination, property, value[key], [...path, key]));
  }
  const unknown = Object.keys(value).filter((key) => !Object.hasOwn(properties, key));
  return [...faults, ...unknownFaults(examination, schema, value, unknown, path)];
};

const unknownFaults = (
  examination: Examination,
  schema: Schema,
  value: JsonObject,
  keys: readonly string[],
  path: Path,
): readonly Fault[] => {
  const rest = schema.additionalProperties ?? true;
  if (rest === true || keys.length === 0) return [];
  if (rest === false) return [unrecognized(path, keys)];
  return keys.flatMap((key) => examine(examination, rest, value[key], [...path, key]));
};

const arrayFaults = (
  examination: Examination,
  schema: Schema,
  value: readonly JsonValue[],
  path: Path,
): readonly Fault[] => {
  const { items, minItems = 0 } = schema;
  const faults: Fault[] =
    value.length < minItems ? [ruleFault(path, `Array must contain at least ${minItems} element(s)`)] : [];
  if (items === undefined) return faults;
  for (const [index, item] of value.entries()) {
    faults.push(...examine(examination, items, item, [...path, index]));
  }
  return faults;
};

const stringFaults = (schema: Schema, value: string, path: Path): readonly Fault[] => {
  const words = schema.enum;
  if (words !== undefined && !words.includes(value)) {
    const list = words.map((word) => `'${word}'`).join(" | ");
    return [ruleFault(path, schema.errorMessage ?? `Invalid enum value. Expected ${list}`)];
  }
  const { minLength = 0, pattern } = schema;
  if (value.length < minLength)
    return [ruleFault(path, `String must contain at least ${minLength} character(s)`)];
  return pattern === undefined || new RegExp(pattern).test(value) ? [] : [ruleFault(path, "Invalid")];
};

const numberFaults = (schema: Schema, value: number, path: Path): readonly Fault[] => {
  const { type, minimum = -Infinity, maximum = Infinity } = schema;
  // JSON text can say 1e999, which no JSON text can say again.
  if (!Number.isFinite(value)) return [ruleFault(path, "Number must be finite")];
  if (type === "integer" && !Number.isInteger(value)) {
    return [{ path, message: "Expected integer, received float", kind: "type" }];
  }
  if (value < minimum) return [ruleFault(path, `Number must be greater than or equal to ${minimum}`)];
  if (value > maximum) return [ruleFault(path, `Number must be less than or equal to ${maximum}`)];
  return [];
};

const isPresentNumber = (value: JsonValue): value is number =>
  typeof value === "number" && !Number.isNaN(value);

const kindOf = (value: JsonValue): string => {
  if (value === null) return "null";
  if (isArray(value)) return "array";
  return Number.isNaN(value) ? "nan" : typeof value;
};
