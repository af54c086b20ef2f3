/** Look-up tables for words that come from outside: unlike an object's, their keys are only those written. */
export const table = <Value>(rows: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> =>
  new Map(Object.entries(rows));
