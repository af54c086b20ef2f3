/** Header fields to look things up in. */

/** What `Headers` offers a reader. */
export interface HeaderFields extends Iterable<readonly [name: string, value: string]> {
  /** `name` in lower case. */
  get(name: string): string | null;
  /** Costs less than to iterate. */
  forEach(visit: (value: string, name: string) => void): void;
}

/** The fields taken over once: a call looks at twenty of them, and every look into `Headers` costs as much as a small function. */
export const fieldsOf = (headers: Headers): HeaderFields => new Fields(headers.toJSON());

/** Of a plain object, whose names are in lower case, or as they are. */
export const fieldsFrom = (fields: HeaderFields | Readonly<Record<string, string>> = {}): HeaderFields =>
  isFields(fields) ? fields : new Fields(fields);

const isFields = (fields: HeaderFields | Readonly<Record<string, string>>): fields is HeaderFields =>
  Symbol.iterator in fields;

class Fields implements HeaderFields {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  get(name: string): string | null {
    const value = this.#values[name];
    return typeof value === "string" ? value : null; // the name may be one that every object has
  }

  forEach(visit: (value: string, name: string) => void): void {
    for (const [name, value] of this) visit(value, name);
  }

  *[Symbol.iterator](): Generator<readonly [name: string, value: string]> {
    for (const [name, value] of Object.entries(this.#values))
      if (typeof value === "string") yield [name, value];
  }
}
