/** A moment as text. Under load many records are of the same millisecond, and writing it costs as much as a small parse. */

let last = { ms: Number.NaN, text: "" };

/** RFC 3339, of milliseconds since 1970. */
export const isoTime = (ms: number): string => {
  if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() };
  return last.text;
};
