/** The plain fields of a `multipart/form-data` body (RFC 7578), and the same form with others. */
import type { Bytes } from "./bytes.ts";
import type { FormPart } from "./form-stream.ts";
import { formParts, partHead } from "./form-stream.ts";
import { streamOf } from "./stream-of.ts";

/** A form, as it came. */
export interface FormBytes {
  readonly boundary: string;
  readonly bytes: Bytes;
  readonly parts: readonly BytesPart[];
}

interface BytesPart {
  readonly name: string;
  /** Of a plain field that is no longer than anyone's. */
  readonly text: string | undefined;
  readonly file: FormFile | undefined;
  /** From its delimiter to the next one. */
  readonly begin: number;
  readonly end: number;
}

export interface FormFile {
  readonly contentType: string;
  readonly bytes: Bytes;
}

/** Undefined where the bytes are not such a form: that is for whoever gets them to say. */
export const readForm = (bytes: Bytes, boundary: string): FormBytes | undefined => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const delimiter = `--${boundary}`;
  const parts: BytesPart[] = [];
  let begin = buffer.indexOf(delimiter);
  while (begin !== -1 && !isLast(buffer, begin + delimiter.length)) {
    const part = partAt(buffer, begin, delimiter);
    if (part === undefined || parts.length === MAX_PARTS) return undefined;
    parts.push(part);
    begin = part.end;
  }
  return begin === -1 ? undefined : { boundary, bytes, parts };
};

const MAX_PARTS = 1000;
const MAX_TEXT = 64 * 1024;
const OCTETS = "application/octet-stream";
const HEAD_END = "\r\n\r\n";

/** Behind the last delimiter stands `--`. */
const isLast = (buffer: Buffer<ArrayBuffer>, at: number): boolean =>
  buffer.toString("latin1", at, at + 2) === "--";

const partAt = (buffer: Buffer<ArrayBuffer>, begin: number, delimiter: string): BytesPart | undefined => {
  const headEnd = buffer.indexOf(HEAD_END, begin);
  if (headEnd === -1) return undefined;
  // A body that is empty shares its line break with the end of the head.
  const bodyEnd = buffer.indexOf(`\r\n${delimiter}`, headEnd + 2);
  const {
    name,
    filename,
    contentType = OCTETS,
  } = partHead(buffer.toString("utf8", begin + delimiter.length, headEnd));
  if (bodyEnd === -1 || name === undefined) return undefined;
  const body = headEnd + HEAD_END.length;
  const isText = filename === undefined && bodyEnd - body <= MAX_TEXT;
  const content = buffer.subarray(body, Math.max(body, bodyEnd));
  return {
    name,
    text: isText ? content.toString("utf8") : undefined,
    file: filename === undefined ? undefined : { contentType, bytes: content },
    begin,
    end: bodyEnd + 2,
  };
};

/** Texts by name; of a list, all of them. */
export type FormFields = Readonly<Record<string, string | readonly string[]>>;

/** The texts of the plain fields; what is said several times is a list, as is what is called one (`name[]`). */
export const formFields = ({ parts }: FormBytes): FormFields => {
  const fields = new Map<string, string | readonly string[]>();
  for (const { name, text } of parts) {
    if (text === undefined) continue;
    const known = fields.get(plainName(name));
    fields.set(plainName(name), known === undefined && !isList(name) ? text : [known ?? [], text].flat());
  }
  return Object.fromEntries(fields);
};

/** The files by the names of their fields, each in the order in which they came. */
export const formFiles = ({ parts }: FormBytes): Readonly<Record<string, readonly FormFile[]>> => {
  const files = new Map<string, FormFile[]>();
  for (const { name, file } of parts)
    if (file !== undefined) files.set(plainName(name), [...(files.get(plainName(name)) ?? []), file]);
  return Object.fromEntries(files);
};

/** What stands behind the name of a field that is a list. */
export type ListMark = "[]" | "";

/** The form with these fields in place of those of the same names; an empty list leaves a field out. */
export const withFields = (
  { boundary, bytes, parts }: FormBytes,
  fields: FormFields,
  mark: ListMark = "[]",
): Bytes => {
  const kept = parts.filter(({ name }) => !Object.hasOwn(fields, plainName(name)));
  return Buffer.concat([
    writtenFields(fields, boundary, mark),
    ...kept.map(({ begin, end }) => bytes.subarray(begin, end)),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
};

/** The same of a form that is on its way, however large: nothing but its fields is held. */
export const streamedWithFields = (
  source: ReadableStream<Bytes>,
  boundary: string,
  fields: FormFields,
  mark: ListMark = "[]",
): ReadableStream<Bytes> => streamOf(rewritten(source, boundary, fields, mark));

async function* rewritten(
  source: ReadableStream<Bytes>,
  boundary: string,
  fields: FormFields,
  mark: ListMark,
): AsyncGenerator<Bytes> {
  yield writtenFields(fields, boundary, mark);
  for await (const part of formParts(source, boundary)) {
    if (Object.hasOwn(fields, plainName(part.name))) continue;
    yield Buffer.from(`--${boundary}`);
    yield mark === "" && isList(part.name) ? headOf(part) : part.head;
    yield* part.body;
    yield Buffer.from("\r\n");
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

const writtenFields = (fields: FormFields, boundary: string, mark: ListMark): Bytes =>
  Buffer.from(
    Object.entries(fields)
      .flatMap(([name, value]) =>
        typeof value === "string"
          ? [[name, value] as const]
          : value.map((text) => [name + mark, text] as const),
      )
      .map(([name, text]) => `--${boundary}\r\n${disposition(name)}\r\n\r\n${text}\r\n`)
      .join(""),
  );

/** The head of a part that is a list, under its name without the mark. */
const headOf = ({ name, filename, contentType }: FormPart): Bytes => {
  const file = filename === undefined ? "" : `; filename="${quoted(filename)}"`;
  const type = contentType === undefined ? "" : `\r\nContent-Type: ${contentType}`;
  return Buffer.from(`\r\n${disposition(plainName(name))}${file}${type}\r\n\r\n`);
};

const disposition = (name: string): string => `Content-Disposition: form-data; name="${quoted(name)}"`;

/** As browsers write it. */
const quoted = (text: string): string =>
  text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const isList = (name: string): boolean => name.endsWith("[]");
const plainName = (name: string): string => (isList(name) ? name.slice(0, -2) : name);
