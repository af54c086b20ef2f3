/** A form that a client sent, with what the target says in place of its fields. */
import type { Bytes } from "../lib/bytes.ts";
import { toDataUri } from "../lib/data-uri.ts";
import type { FormBytes, FormFields, ListMark } from "../lib/form-bytes.ts";
import { formFiles, streamedWithFields, withFields } from "../lib/form-bytes.ts";
import { boundaryOf } from "../lib/form-stream.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isString } from "../schema/json.ts";
import type { Quirks } from "../schema/provider-row.ts";
import type { Inbound, InboundBody } from "./inbound.ts";
import type { Prepared } from "./prepare.ts";

type Written = Pick<Prepared, "body" | "mode" | "notes">;

/** Its bytes as they came where nothing is said differently. */
export const writtenForm = (
  form: FormBytes,
  said: JsonObject,
  effective: JsonObject,
  quirks: Quirks | undefined,
): Written => {
  const mark = markOf(quirks);
  const fields = fieldsOf(
    effective,
    (name, value) => value !== said[name] || (mark === "" && isArray(value)),
  );
  return fields === undefined
    ? { body: form.bytes, mode: "passthrough", notes: [] }
    : { body: withFields(form, fields, mark), mode: "edited", notes: [] };
};

/** The same of bytes that are not read, which may be a form that is too large to be kept. */
export const unreadForm = (
  { headers, ingress }: Inbound,
  body: Bytes | ReadableStream<Bytes>,
  effective: JsonObject,
  quirks: Quirks | undefined,
): Written => {
  const mark = markOf(quirks);
  // What is passed through was never ours to change.
  const fields = ingress.endpoint === "proxy" ? undefined : fieldsOf(effective, () => true);
  if (fields === undefined && mark !== "") return { body, mode: "passthrough", notes: [] };
  const boundary = boundaryOf(headers.get("content-type") ?? "");
  if (boundary === undefined || !(body instanceof ReadableStream))
    return { body, mode: "passthrough", notes: Object.keys(fields ?? {}) };
  return { body: streamedWithFields(body, boundary, fields ?? {}, mark), mode: "edited", notes: [] };
};

const markOf = (quirks: Quirks | undefined): ListMark => (quirks?.plainLists === true ? "" : "[]");

/** The files of a form as data URIs, for vendors that take JSON. */
export const filesIn = (body: InboundBody): Readonly<Record<string, readonly string[]>> => {
  const files = body.kind === "form" ? Object.entries(formFiles(body.form)) : [];
  return Object.fromEntries(
    files.map(([name, list]) => [
      name,
      list.map(({ contentType, bytes }) => toDataUri(contentType, Buffer.from(bytes).toString("base64"))),
    ]),
  );
};

/** A form knows texts alone; null leaves a field out. Undefined where there is nothing to say. */
const fieldsOf = (
  effective: JsonObject,
  isOther: (name: string, value: JsonValue | undefined) => boolean,
): FormFields | undefined => {
  const others = Object.entries(effective).filter(([name, value]) => isOther(name, value));
  if (others.length === 0) return undefined;
  return Object.fromEntries(others.map(([name, value]) => [name, fieldOf(value)]));
};

const fieldOf = (value: JsonValue | undefined): string | readonly string[] => {
  if (value === undefined || value === null) return [];
  return isArray(value) ? value.map(textOf) : textOf(value);
};

const textOf = (value: JsonValue): string => (isString(value) ? value : JSON.stringify(value));
