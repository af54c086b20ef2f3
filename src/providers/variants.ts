/** A row as it is for one model: some providers speak another dialect, or at another path, for some of theirs. */
import type { ProviderRow } from "../schema/provider-row.ts";

const merged = new WeakMap<object, ProviderRow>();
const patterns = new Map<string, RegExp>();

export const rowFor = (row: ProviderRow, model: string | null): ProviderRow => {
  if (row.variants === undefined || model === null) return row;
  const variant = row.variants.find(({ models }) => patternOf(models).test(model));
  if (variant === undefined) return row;
  const known = merged.get(variant);
  if (known !== undefined) return known;
  const made: ProviderRow = { ...row, ...variant.row };
  merged.set(variant, made);
  return made;
};

/** The patterns are ours, written in rows. */
const patternOf = (source: string): RegExp => {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  const pattern = new RegExp(source, "i");
  patterns.set(source, pattern);
  return pattern;
};
