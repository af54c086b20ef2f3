/** Writes the head of a request in HTTP/1.1 (RFC 9112). */
import { HeaderUnsendable } from "./http.errors.ts";
import type { HttpRequest } from "./http.ts";

/** How the end of a request's body is known: by its length, or by its chunks. */
export type SentLength = number | "chunked" | "none";

/** What the connection decides, and not the caller. */
const OWN: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNUSUAL = /[\u0000\r\n]|[^\u0000-\u007f]/;
// oxlint-disable-next-line no-control-regex -- the same
const UNSENDABLE = /[\u0000\r\n]|[^\u0000-\u00ff]/;

export interface RequestHead {
  /** Characters are Latin-1, each a byte. */
  readonly text: string;
  /** Also as UTF-8 each is a byte. */
  readonly isAscii: boolean;
}

type Given = Pick<HttpRequest, "method" | "headers">;
type GivenFields = Readonly<Record<string, unknown>>;

/** What of a head does not depend on the body. */
interface Written {
  readonly text: string;
  readonly isAscii: boolean;
  readonly method: string;
  readonly fields: GivenFields;
}

/** The heads of requests for one place. Most that follow one another differ in their body alone. */
export class RequestHeads {
  readonly #target: string;
  readonly #host: string;
  #last: Written | undefined;

  /** `target` is path and query, in ASCII. */
  constructor(target: string, host: string) {
    this.#target = target;
    this.#host = host;
  }

  /** Throws a `TypeError` at what no head can hold: `HeaderUnsendable` where it is a header. */
  write({ method, headers }: Given, length: SentLength): RequestHead {
    const fields: GivenFields = headers instanceof Headers ? headers.toJSON() : headers;
    const known = this.#last;
    const written =
      known !== undefined && known.method === method && isSame(known.fields, fields)
        ? known
        : (this.#last = this.#written(method, fields));
    return { text: `${written.text}${lengthField(length, method)}\r\n`, isAscii: written.isAscii };
  }

  #written(method: string, fields: GivenFields): Written {
    if (!TOKEN.test(method)) throw new TypeError("The method is not one that HTTP knows");
    let text = `${method} ${this.#target} HTTP/1.1\r\nhost: ${this.#host}\r\n`;
    let accepts = false;
    let isAscii = true;
    for (const given in fields) {
      const name = nameOf(given);
      if (name === undefined) continue;
      let value = String(fields[given]);
      if (UNUSUAL.test(value)) {
        value = value.trim(); // as `fetch` does: a key that was read from a file ends in a line break
        if (UNSENDABLE.test(value)) throw new HeaderUnsendable(name);
        isAscii &&= !UNUSUAL.test(value);
      }
      accepts ||= name === "accept";
      text += `${name}: ${value}\r\n`;
    }
    if (!accepts) text += "accept: */*\r\n";
    return { text, isAscii, method, fields: { ...fields } };
  }
}

const isSame = (known: GivenFields, fields: GivenFields): boolean => {
  let left = 0;
  for (const _ in known) left++;
  for (const name in fields) if (left-- === 0 || known[name] !== fields[name]) return false;
  return left === 0;
};

/** In lower case; undefined for what is not the caller's to say. Few names are seen many times: each is judged once. */
const nameOf = (given: string): string | undefined => {
  const known = names.get(given);
  if (known !== undefined) return known;
  const name = given.toLowerCase();
  if (OWN.has(name)) return undefined;
  if (!TOKEN.test(name)) throw new HeaderUnsendable(name);
  if (names.size < MAX_NAMES) names.set(given, name);
  return name;
};

const names = new Map<string, string>();
const MAX_NAMES = 500;

/** Methods whose requests are expected to have a body: that there is none is said (RFC 9110 §8.6). */
const WITH_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

const lengthField = (length: SentLength, method: string): string => {
  if (length === "chunked") return "transfer-encoding: chunked\r\n";
  if (length === "none") return WITH_BODY.has(method) ? "content-length: 0\r\n" : "";
  return `content-length: ${length}\r\n`;
};
