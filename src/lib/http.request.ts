/** Writes the head of a request in HTTP/1.1 (RFC 9112). */
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

/** `target` is path and query, in ASCII. Throws a `TypeError` at what no head can hold. */
export const requestHead = (
  { method, headers }: Pick<HttpRequest, "method" | "headers">,
  target: string,
  host: string,
  length: SentLength,
): RequestHead => {
  if (!TOKEN.test(method)) throw new TypeError("The method is not one that HTTP knows");
  let head = `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n`;
  let accepts = false;
  let isAscii = true;
  const fields: Readonly<Record<string, unknown>> = headers instanceof Headers ? headers.toJSON() : headers;
  for (const given in fields) {
    const name = nameOf(given);
    if (name === undefined) continue;
    const value = String(fields[given]);
    if (UNUSUAL.test(value)) {
      if (UNSENDABLE.test(value)) throw new TypeError(`The header ${JSON.stringify(name)} cannot be sent`);
      isAscii = false;
    }
    accepts ||= name === "accept";
    head += `${name}: ${value}\r\n`;
  }
  if (!accepts) head += "accept: */*\r\n";
  return { text: `${head}${lengthField(length, method)}\r\n`, isAscii };
};

/** In lower case; undefined for what is not the caller's to say. Few names are seen many times: each is judged once. */
const nameOf = (given: string): string | undefined => {
  const known = names.get(given);
  if (known !== undefined) return known;
  const name = given.toLowerCase();
  if (OWN.has(name)) return undefined;
  if (!TOKEN.test(name)) throw new TypeError(`The header ${JSON.stringify(name)} cannot be sent`);
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
