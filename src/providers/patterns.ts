/** Regular expressions of rows, made once: each call looks at several, and to make one costs more than to ask it. */

/** Without regard to capitals. The patterns are ours or the operator's, written in rows. */
export const patternOf = (source: string): RegExp => {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  const pattern = new RegExp(source, "i");
  patterns.set(source, pattern);
  return pattern;
};

const patterns = new Map<string, RegExp>();
