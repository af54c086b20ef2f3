/**
 * A `multipart/form-data` body (RFC 7578) read part by part as it comes, however large a part is.
 *
 * `Request.formData()` would hold the whole upload. Parts must be read in order: the next one begins where
 * the last one ends, so what of a part was not read is read past.
 */
import type { Bytes } from "./bytes.ts";

export interface FormPart {
  readonly name: string;
  /** Undefined for a plain field. */
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
  /** All that stands between its delimiter and its body, as it came. */
  readonly head: Bytes;
  /** To be read once, before the next part is asked for. */
  readonly body: AsyncIterable<Bytes>;
}

/** A body that is not the form its content type says. */
export class FormMalformed extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FormMalformed";
  }
}

/** The boundary that a content type names; undefined where it is no form's. */
export const boundaryOf = (contentType: string): string | undefined => {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return undefined;
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? plain;
};

/** A plain field's text; more than `limit` bytes is no field of ours. */
export const fieldText = async (part: FormPart, limit = 64 * 1024): Promise<string> => {
  const chunks: Bytes[] = [];
  let size = 0;
  for await (const chunk of part.body) {
    size += chunk.byteLength;
    if (size > limit) throw new FormMalformed(`the field ${part.name} is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
};

export async function* formParts(source: ReadableStream<Bytes>, boundary: string): AsyncGenerator<FormPart> {
  const reader = new FormReader(source, boundary);
  try {
    await reader.toFirstPart();
    for (let count = 1; await reader.hasPart(); count++) {
      if (count > MAX_PARTS) throw new FormMalformed(`it has more than ${MAX_PARTS} parts`);
      const part = partOf(await reader.head(), reader.body());
      yield part;
      for await (const _ of part.body); // what was not read
    }
  } finally {
    await reader.release();
  }
}

/** No form of an API has nearly as many; names of fields are kept, and told. */
const MAX_PARTS = 1000;
const MAX_HEAD = 16 * 1024;
const HEAD_END = Buffer.from("\r\n\r\n");

class FormReader {
  readonly #reader: ReadableStreamDefaultReader<Bytes>;
  /** What stands before every part but the first, and before the end. */
  readonly #delimiter: Buffer;
  #rest: Buffer<ArrayBuffer> = Buffer.alloc(0);

  constructor(source: ReadableStream<Bytes>, boundary: string) {
    this.#reader = source.getReader();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** A preamble is nobody's part. The first delimiter may lack its line break. */
  async toFirstPart(): Promise<void> {
    this.#rest = Buffer.from("\r\n");
    for await (const _ of this.body());
  }

  /** Behind a delimiter stands `--` where no part follows. */
  async hasPart(): Promise<boolean> {
    while (this.#rest.length < 2) await this.#more();
    if (this.#rest.subarray(0, 2).toString("latin1") === "--") return false;
    return true;
  }

  async head(): Promise<Buffer<ArrayBuffer>> {
    for (;;) {
      const end = this.#rest.indexOf(HEAD_END);
      if (end !== -1) return this.#take(end + HEAD_END.length, 0);
      if (this.#rest.length > MAX_HEAD) throw new FormMalformed("the head of a part is too long");
      await this.#more();
    }
  }

  /** Bytes up to the next delimiter, which is read past. Nothing is said a second time. */
  async *body(): AsyncGenerator<Bytes> {
    for (;;) {
      const end = this.#rest.indexOf(this.#delimiter);
      if (end !== -1) {
        const last = this.#take(end, this.#delimiter.length);
        if (last.length > 0) yield last;
        return;
      }
      // The delimiter may have begun in what is held back.
      const safe = this.#rest.length - this.#delimiter.length + 1;
      if (safe > 0) yield this.#take(safe, 0);
      await this.#more();
    }
  }

  async release(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined); // its failure has been told already
  }

  #take(length: number, skipped: number): Buffer<ArrayBuffer> {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length + skipped);
    return taken;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) throw new FormMalformed("it ends before its last boundary");
    this.#rest = this.#rest.length === 0 ? Buffer.from(value) : Buffer.concat([this.#rest, value]);
  }
}

const partOf = (head: Buffer<ArrayBuffer>, body: AsyncIterable<Bytes>): FormPart => {
  const { name, ...said } = partHead(head.toString("utf8"));
  if (name === undefined) throw new FormMalformed("a part has no name");
  return { name, ...said, head, body };
};

/** What the head of a part says of it. */
export const partHead = (head: string) => {
  const disposition = headerOf(head, "content-disposition") ?? "";
  return {
    name: parameterOf(disposition, "name"),
    filename: parameterOf(disposition, "filename") ?? encodedParameterOf(disposition, "filename"),
    contentType: headerOf(head, "content-type"),
  };
};

const headerOf = (head: string, name: string): string | undefined =>
  head
    .split("\r\n")
    .map((line) => line.split(/:(.*)/s))
    .find(([key = ""]) => key.trim().toLowerCase() === name)?.[1]
    ?.trim();

/** Browsers write quotation marks in a name as %22, and backslashes as they are. */
const parameterOf = (header: string, name: string): string | undefined => {
  const [, quoted, plain] =
    new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`, "i").exec(header) ?? [];
  return quoted?.replaceAll(/\\(["\\])/g, "$1").replaceAll("%22", '"') ?? plain;
};

/** `filename*=utf-8''…` (RFC 8187): RFC 7578 forbids it here, and urllib3 1.24 and older write it. */
const encodedParameterOf = (header: string, name: string): string | undefined => {
  const text = new RegExp(`;\\s*${name}\\*=utf-8'[^']*'([^\\s;]+)`, "i").exec(header)?.[1];
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
