/** Reads the head of an answer in HTTP/1.1 (RFC 9112), strictly: what two readers could read differently is refused. */
import type { HeaderFields } from "./header-fields.ts";
import { HeadTooLarge, MalformedResponse } from "./http.errors.ts";
import { FieldReader, lineEnd } from "./http.fields.ts";

export interface ResponseHead {
  readonly status: number;
  readonly headers: HeaderFields;
  /** HTTP/1.1 keeps a connection unless told otherwise; we do not keep one of HTTP/1.0. */
  readonly keepsAlive: boolean;
}

const MAX_HEAD_BYTES = 64 * 1024;
/** What most heads fit into; a body may come with them. */
const LIKELY_BYTES = 4096;
const START = "HTTP/1.";
const END = "\r\n\r\n";

/** Cuts the heads of one connection's answers from what comes before and with them. */
export class HeadReader {
  readonly #fields = new FieldReader();
  #kept: Buffer | undefined;

  /** The head and what came behind it; undefined when more has to come. */
  push(chunk: Buffer): { readonly head: ResponseHead; readonly rest: Buffer } | undefined {
    const bytes = this.#kept === undefined ? chunk : Buffer.concat([this.#kept, chunk]);
    // As text, since looking for a text in a buffer costs three times as much.
    let text = bytes.toString("latin1", 0, LIKELY_BYTES);
    if (bytes.length > LIKELY_BYTES && !text.includes(END))
      text = bytes.toString("latin1", 0, MAX_HEAD_BYTES + END.length);
    const end = text.indexOf(END);
    if (end === -1 && bytes.length >= MAX_HEAD_BYTES + END.length) throw new HeadTooLarge();
    if (end === -1 && !START.startsWith(text.slice(0, START.length)))
      throw new MalformedResponse("it has no status line"); // more of it would not make it one
    this.#kept = end === -1 ? bytes : undefined;
    if (end === -1) return undefined;
    return { head: readHead(text.slice(0, end), this.#fields), rest: bytes.subarray(end + END.length) };
  }
}

const SPACE = 32;
const ZERO = 48;

const readHead = (text: string, fields: FieldReader): ResponseHead => {
  if (text.includes("\0")) throw new MalformedResponse("its head holds stray characters");
  const first = lineEnd(text, 0);
  const status = readStatus(text, first);
  const headers = fields.read(text, first + 2);
  const connection = headers.get("connection");
  return {
    status,
    headers,
    // Where both say where the body ends, the next answer may begin elsewhere for others (RFC 9112 §6.3).
    keepsAlive:
      !(headers.get("transfer-encoding") !== null && headers.get("content-length") !== null) &&
      text.startsWith("HTTP/1.1") &&
      (connection === null || !/\bclose\b/i.test(connection)),
  };
};

/** `HTTP/1.1 200 OK`: the words behind the number may be missing. */
const readStatus = (text: string, end: number): number => {
  const status = digitAt(text, 9) * 100 + digitAt(text, 10) * 10 + digitAt(text, 11);
  const isKnown = text.startsWith("HTTP/1.1 ") || text.startsWith("HTTP/1.0 ");
  if (!isKnown || !(status >= 100) || (end !== 12 && text.charCodeAt(12) !== SPACE))
    throw new MalformedResponse("it has no status line");
  return status;
};

const digitAt = (text: string, index: number): number => {
  const digit = text.charCodeAt(index) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : Number.NaN;
};
