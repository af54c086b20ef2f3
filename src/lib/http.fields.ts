/**
 * Reads the fields of an HTTP/1.1 head (RFC 9112 §5), strictly: what two readers could read differently is refused.
 *
 * The heads that come over one connection mostly name the same fields in the same order, so what was learnt of the
 * names of one serves the next.
 */
import type { HeaderFields } from "./header-fields.ts";
import { MalformedResponse } from "./http.errors.ts";

export class FieldReader {
  #layout: Layout = NO_LAYOUT;

  /** The fields of a head whose status line ends before `from`. */
  read(text: string, from: number): HeaderFields {
    const values = valuesOf(text, from, this.#layout) ?? this.#learn(text, from);
    return new ReceivedFields(this.#layout.places, values);
  }

  #learn(text: string, from: number): readonly string[] {
    this.#layout = layoutOf(text, from);
    return valuesOf(text, from, this.#layout) ?? [];
  }
}

/** Which fields a head has, line by line. */
interface Layout {
  readonly lines: readonly Line[];
  /** Where the value of a name stands. */
  readonly places: ReadonlyMap<string, number>;
}

interface Line {
  /** With its colon, as it stood there. */
  readonly written: string;
  readonly place: number;
}

const NO_LAYOUT: Layout = { lines: [], places: new Map() };

/** Undefined where the head is laid out otherwise. */
const valuesOf = (text: string, from: number, { lines }: Layout): readonly string[] | undefined => {
  const values: string[] = [];
  let start = from;
  for (const { written, place } of lines) {
    if (!text.startsWith(written, start)) return undefined;
    const end = lineEnd(text, start);
    const value = trimmed(text, start + written.length, end);
    if (place === values.length) values.push(value);
    else values[place] = `${values[place]}, ${value}`; // a name that was there before
    start = end + 2;
  }
  return start < text.length ? undefined : values;
};

const layoutOf = (text: string, from: number): Layout => {
  const lines: Line[] = [];
  const places = new Map<string, number>();
  for (let start = from; start < text.length;) {
    const end = lineEnd(text, start);
    const colon = text.indexOf(":", start);
    if (colon === -1 || colon > end) throw new MalformedResponse("its head holds a line that is no field");
    const name = nameOf(text.slice(start, colon));
    const place = places.get(name) ?? places.size;
    places.set(name, place);
    lines.push({ written: text.slice(start, colon + 1), place });
    start = end + 2;
  }
  return { lines, places };
};

/** Where the line that begins there ends: no part of a line ending stands alone. */
export const lineEnd = (text: string, start: number): number => {
  const end = text.indexOf("\r", start);
  const feed = text.indexOf("\n", start);
  if (end === -1 && feed === -1) return text.length;
  if (feed !== end + 1 || end === -1) throw new MalformedResponse("its head holds stray characters");
  return end;
};

const SPACE = 32;
const TAB = 9;

const trimmed = (text: string, from: number, to: number): string => {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
};

const isBlank = (code: number): boolean => code === SPACE || code === TAB;

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** In lower case. */
const nameOf = (written: string): string => {
  if (!NAME.test(written)) throw new MalformedResponse("its head holds a line that is no field");
  return written.toLowerCase();
};

class ReceivedFields implements HeaderFields {
  readonly #places: Layout["places"];
  readonly #values: readonly string[];

  constructor(places: Layout["places"], values: readonly string[]) {
    this.#places = places;
    this.#values = values;
  }

  get(name: string): string | null {
    const place = this.#places.get(name);
    return place === undefined ? null : (this.#values[place] as string);
  }

  forEach(visit: (value: string, name: string) => void): void {
    for (const [name, place] of this.#places) visit(this.#values[place] as string, name);
  }

  *[Symbol.iterator](): Generator<readonly [name: string, value: string]> {
    for (const [name, place] of this.#places) yield [name, this.#values[place] as string];
  }
}
