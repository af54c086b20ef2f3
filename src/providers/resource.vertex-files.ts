/** Files for Vertex AI are objects in a bucket of Cloud Storage; what is uploaded is written in Vertex's lines on its way. */
import type { FormPart } from "../lib/form-stream.ts";
import { fieldText } from "../lib/form-stream.ts";
import type { Line } from "../lib/lines.ts";
import { linesOf, LineTooLong } from "../lib/lines.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import type { GcsEntry, GcsObject } from "./gcs.ts";
import { checked, entriesFrom, gcsSend, headOf, idOf, META, objectOf, storage } from "./gcs.ts";
import { limitOf, objectOf as fieldsOf, textOf } from "./resource.fields.ts";
import { FileNotes } from "./resource.notes.ts";
import { contentOf, fileObject } from "./resource.objects.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";
import type { FilePurpose } from "./resource.vertex-lines.ts";
import { located, parseLine, purposeOf, writeLine } from "./resource.vertex-lines.ts";
import { readS3Error } from "./s3.ts";
import { S3Upload } from "./s3.upload.ts";
import { missingInput } from "./url.ts";

const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** Purposes whose files are no lines of ours: they are stored as they come. */
const PLAIN: ReadonlySet<string> = new Set(["assistants", "evals", "upload", "user_data", "vision"]);

const create: Perform = async (call) => {
  const stored = new Stored(call, destination(call));
  const notes = new FileNotes();
  try {
    for await (const part of call.form()) {
      if (part.name === "purpose") stored.isFor(await fieldText(part));
      else if (part.name === "file") await stored.take(part, notes);
      else notes.add(part.name);
    }
    await stored.finish();
  } catch (error) {
    await stored.abandon();
    throw error;
  }
  return { body: stored.described(call.now), notes: [...notes] };
};

/** The form's fields come in any order, so the file may be here before what it is for. */
class Stored {
  readonly #call: ResourceCall;
  readonly #object: GcsObject;
  /** What the form says, or the header in its place. */
  #said: string | undefined;
  /** What the lines are. */
  #lines: FilePurpose | undefined;
  #filename: string | undefined;
  #upload: S3Upload | undefined;

  constructor(call: ResourceCall, object: GcsObject) {
    this.#call = call;
    this.#object = object;
    const purpose = call.option("file_purpose");
    if (purpose !== undefined) this.isFor(purpose);
  }

  isFor(text: string): void {
    const purpose = text.trim();
    if (purpose !== "batch" && purpose !== "fine-tune" && !PLAIN.has(purpose))
      throw invalidRequest("purpose", `must be batch, fine-tune, ${[...PLAIN].join(", ")}`);
    this.#said = purpose;
  }

  async take(part: FormPart, notes: Set<string>): Promise<void> {
    if (this.#filename !== undefined) throw invalidRequest("file", "must be one file");
    this.#filename = part.filename ?? "";
    if (this.#said !== undefined && PLAIN.has(this.#said)) return this.#copy(part, this.#said);
    try {
      for await (const line of linesOf(part.body, MAX_LINE_BYTES)) await this.#takeLine(line, notes);
    } catch (error) {
      throw error instanceof LineTooLong ? invalidRequest("file", error.message) : error;
    }
  }

  async finish(): Promise<void> {
    if (this.#said === undefined) throw invalidRequest("purpose", "is required");
    if (this.#filename === undefined) throw invalidRequest("file", "is required");
    if (this.#upload === undefined) throw invalidRequest("file", "must not be empty");
    if (this.#lines !== undefined && this.#said !== this.#lines)
      throw invalidRequest(
        "purpose",
        `does not fit the file, whose lines were taken for those of ${this.#lines}; say the purpose before the file`,
      );
    await this.#upload.finish();
  }

  async abandon(): Promise<void> {
    await this.#upload?.abandon();
  }

  described(now: number): JsonObject {
    const bytes = this.#upload?.bytes ?? 0;
    return fileObject({
      id: idOf(this.#object),
      key: this.#object.key,
      filename: this.#filename ?? "",
      purpose: this.#said ?? "batch",
      bytes,
      createdAt: now,
    });
  }

  async #copy(part: FormPart, purpose: string): Promise<void> {
    const given = part.contentType ?? "";
    const type = /^[\x21-\x7e][\x20-\x7e]*$/.test(given) ? given : "application/octet-stream";
    for await (const chunk of part.body) {
      this.#upload ??= this.#begin({ "content-type": type, [`${META}purpose`]: purpose });
      await this.#upload.write(chunk);
    }
  }

  async #takeLine(line: Line, notes: Set<string>): Promise<void> {
    const value = parseLine(line);
    this.#lines ??= this.#said === undefined ? purposeOf(value) : lineKind(this.#said);
    try {
      const model = modelOf(this.#call, this.#lines, value);
      this.#upload ??= this.#begin(headersOf(value, this.#lines));
      const { record, notes: more } = writeLine(value, this.#lines, model, this.#call);
      for (const note of more) notes.add(note);
      // What is the maker's own already stays as it was written.
      const text = record === value ? line.text : JSON.stringify(record);
      await this.#upload.write(Buffer.from(`${text}\n`));
    } catch (error) {
      throw located(error, line);
    }
  }

  #begin(headers: Readonly<Record<string, string>>): S3Upload {
    const filename = encodeURIComponent(this.#filename ?? "");
    return new S3Upload(storage(this.#call), this.#object, { ...headers, [`${META}filename`]: filename });
  }
}

const lineKind = (purpose: string): FilePurpose => (purpose === "fine-tune" ? "fine-tune" : "batch");

/** What the batch's output will have to know. */
const headersOf = (first: JsonObject, purpose: FilePurpose): Record<string, string> => {
  const url = first["url"];
  return {
    "content-type": "application/jsonl",
    [`${META}purpose`]: purpose,
    ...(isString(url) && /^[\x21-\x7e]+$/.test(url) ? { [`${META}endpoint`]: url } : {}),
  };
};

/** Each maker's rows are its own, so a file has to know whose: a batch's lines say it, too. */
const modelOf = (call: ResourceCall, purpose: FilePurpose, line: JsonObject): string => {
  const said = call.option("provider_model") ?? call.model ?? textOf(fieldsOf(line["body"])["model"]);
  if (said !== undefined) return said;
  if (purpose === "fine-tune" || line["body"] === undefined) return "";
  throw missingInput({ id: call.provider }, "provider_model");
};

const destination = (call: ResourceCall): GcsObject =>
  inBucket(call, call.option("provider_file_name") ?? `${call.freshId()}.jsonl`);

const inBucket = (call: ResourceCall, key: string): GcsObject => {
  const bucket = call.option("vertex_storage_bucket_name");
  if (bucket === undefined) throw missingInput({ id: call.provider }, "vertex_storage_bucket_name");
  return checked(call, { bucket, key }, "vertex_storage_bucket_name");
};

const retrieve: Perform = async (call) => {
  const object = objectOf(call, call.id, "id");
  return { body: described({ ...object, ...(await headOf(call, object)) }) };
};

const described = ({ bucket, key, bytes, modifiedAt, meta }: GcsEntry): JsonObject => {
  const isOutput = key.split("/").some((folder) => folder.startsWith("prediction"));
  const purpose = meta("purpose") ?? (isOutput ? "batch_output" : "batch");
  const file = { id: idOf({ bucket, key }), key, filename: meta("filename") ?? "", purpose, bytes };
  return fileObject({ ...file, createdAt: modifiedAt });
};

/** As many as OpenAI's `limit` may say. */
const MAX_LIMIT = 10_000;

/** By name: Cloud Storage knows no other order. */
const list: Perform = async (call) => {
  const { query } = call;
  const { bucket } = inBucket(call, "");
  const limit = limitOf(query, MAX_LIMIT);
  const last = lastSeen(call, bucket);
  const purpose = query.get("purpose");
  // The one that the page comes after is listed too, and one more tells whether there are further ones.
  const most = purpose === null ? limit + 2 : MAX_LIMIT;
  const files: JsonObject[] = [];
  for await (const entry of entriesFrom(call, bucket, { start: last, most })) {
    if (entry.key === last || entry.key.endsWith("/")) continue;
    const file = described(entry);
    if (purpose === null || file["purpose"] === purpose) files.push(file);
    if (files.length > limit) break;
  }
  const data = files.slice(0, limit);
  const [first_id, last_id] = [data[0]?.["id"] ?? null, data.at(-1)?.["id"] ?? null];
  return {
    body: { object: "list", data, first_id, last_id, has_more: files.length > limit },
    notes: query.has("order") ? ["order"] : [],
  };
};

/** The name that a page comes after. */
const lastSeen = (call: ResourceCall, bucket: string): string | undefined => {
  const after = call.query.get("after");
  if (after === null) return undefined;
  const object = objectOf(call, after, "after");
  if (object.bucket !== bucket) throw invalidRequest("after", `is not the id of a file in ${bucket}`);
  return object.key;
};

const content: Perform = async (call) => contentOf(await gcsSend(call, objectOf(call, call.id, "id")));

const remove: Perform = async (call) => {
  const object = objectOf(call, call.id, "id");
  await gcsSend(call, object, { method: "DELETE" });
  return { body: { id: idOf(object), object: "file", deleted: true } };
};

export const vertexFiles: ResourceAdapter = {
  operations: {
    "files.create": create,
    "files.list": list,
    "files.retrieve": retrieve,
    "files.content": content,
    "files.delete": remove,
  },
  readError: readS3Error,
};
