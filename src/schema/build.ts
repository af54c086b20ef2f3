/**
 * TypeBox builders that say whether unknown keys are welcome, and freeze what they build.
 *
 * Use `closed` or `open` rather than `Type.Object`: Elysia writes into schema objects it is given.
 */
import {
  Type,
  type ObjectOptions,
  type SchemaOptions,
  type Static,
  type TObject,
  type TProperties,
  type TSchema,
  type TUnsafe,
} from "@sinclair/typebox";
import type { JsonObject } from "./json.ts";

/** `T` with every field and every array readonly; dictionaries stay as they are. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? string extends keyof T
      ? T
      : { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T;

/** An object for what operators write: an unknown key is a fault. */
export const closed = <P extends TProperties>(properties: P, options: ObjectOptions = {}): TObject<P> =>
  freeze(Type.Object(properties, { ...options, additionalProperties: false }));

/** An object for what the wire carries: unknown keys are kept. */
export const open = <P extends TProperties>(properties: P, options: ObjectOptions = {}): TObject<P> =>
  freeze(Type.Object(properties, { ...options, additionalProperties: true }));

/** Any JSON object, verbatim. */
export const verbatim = (options: SchemaOptions = {}): TUnsafe<JsonObject> =>
  freeze(Type.Unsafe<JsonObject>(Type.Object({}, { ...options, additionalProperties: true })));

/** An object with free keys whose values all have one schema. */
export const dictionary = <V extends TSchema>(
  values: V,
  options: SchemaOptions = {},
): TUnsafe<Readonly<Record<string, Static<V>>>> =>
  freeze(Type.Unsafe(Type.Object({}, { ...options, additionalProperties: values })));

/** One of some words. `errorMessage` is what is said of any other word (editors show it, too). */
export const oneOf = <const W extends string>(
  words: readonly W[],
  errorMessage: string,
  options: SchemaOptions = {},
): TUnsafe<W> => freeze(Type.Unsafe<W>(Type.String({ ...options, enum: [...words], errorMessage })));

const freeze = <T>(value: T): T => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
};
