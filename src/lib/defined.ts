/** Objects and lists without what is absent. */

type Defined<T> = {
  readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** `fields` without those that are `undefined`. */
export const defined = <T extends object>(fields: T): Defined<T> => {
  const kept: { [K in keyof T]?: T[K] } = {};
  // A loop, not a chain over entries: this is on the way of every call.
  for (const key in fields) if (fields[key] !== undefined) kept[key] = fields[key];
  return kept as unknown as Defined<T>; // exactly the filtering that the type describes
};

/** `values` without those that are `undefined`. */
export const present = <T>(values: readonly (T | undefined)[]): readonly T[] =>
  values.filter((value): value is T => value !== undefined);
