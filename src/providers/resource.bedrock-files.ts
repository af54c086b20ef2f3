/** Files for Bedrock are objects in a bucket of Amazon S3; what is uploaded is written in Bedrock's lines on its way. */
import type { FormPart } from "../lib/form-stream.ts";
import { fieldText } from "../lib/form-stream.ts";
import type { Line } from "../lib/lines.ts";
import { linesOf, LineTooLong } from "../lib/lines.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import type { FilePurpose, InvocationType } from "./resource.bedrock-lines.ts";
import {
  invocationType,
  isRequest,
  located,
  parseLine,
  purposeOf,
  writeLine,
} from "./resource.bedrock-lines.ts";
import { FileNotes } from "./resource.notes.ts";
import { contentOf, fileObject } from "./resource.objects.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";
import type { S3Object } from "./s3.ts";
import { checked, headOf, idOf, listKeys, objectOf, readS3Error, s3Send } from "./s3.ts";
import { S3Upload } from "./s3.upload.ts";
import { missingInput } from "./url.ts";
import { limitOf } from "./resource.bedrock-jobs.ts";

const MAX_LINE_BYTES = 32 * 1024 * 1024;

const create: Perform = async (call) => {
  const object = destination(call);
  const notes = new FileNotes();
  let purpose: FilePurpose | undefined;
  let stored: Stored | undefined;
  try {
    for await (const part of call.form()) {
      if (part.name === "purpose") purpose = purposeNamed(await fieldText(part));
      else if (part.name !== "file") notes.add(part.name);
      else {
        if (stored !== undefined) throw invalidRequest("file", "must be one file");
        stored = new Stored(call, object, part.filename ?? "", purpose);
        await stored.take(part, notes);
      }
    }
    if (stored === undefined) throw invalidRequest("file", "is required");
    await stored.finish(purpose);
  } catch (error) {
    await stored?.abandon();
    throw error;
  }
  return { body: stored.described(call.now), notes: [...notes] };
};

/** The form's fields come in any order, so the file may be here before what it is for. */
class Stored {
  readonly #call: ResourceCall;
  readonly #object: S3Object;
  readonly #filename: string;
  #purpose: FilePurpose | undefined;
  #type: InvocationType | undefined;
  #upload: S3Upload | undefined;

  constructor(call: ResourceCall, object: S3Object, filename: string, purpose: FilePurpose | undefined) {
    this.#call = call;
    this.#object = object;
    this.#filename = filename;
    this.#purpose = purpose;
  }

  async take(part: FormPart, notes: Set<string>): Promise<void> {
    try {
      for await (const line of linesOf(part.body, MAX_LINE_BYTES)) await this.#takeLine(line, notes);
    } catch (error) {
      throw error instanceof LineTooLong ? invalidRequest("file", error.message) : error;
    }
  }

  async finish(purpose: FilePurpose | undefined): Promise<void> {
    if (purpose === undefined) throw invalidRequest("purpose", "is required");
    if (this.#upload === undefined) throw invalidRequest("file", "must have lines");
    if (purpose !== this.#purpose)
      throw invalidRequest("purpose", `does not fit the file, whose lines are those of ${this.#purpose}`);
    await this.#upload.finish();
  }

  async abandon(): Promise<void> {
    await this.#upload?.abandon();
  }

  described(now: number): JsonObject {
    const { bytes = 0 } = this.#upload ?? {};
    return fileObject({
      id: idOf(this.#object),
      key: this.#object.key,
      filename: this.#filename,
      purpose: this.#purpose ?? "batch",
      bytes,
      createdAt: now,
    });
  }

  async #takeLine(line: Line, notes: Set<string>): Promise<void> {
    const value = parseLine(line);
    this.#purpose ??= purposeOf(value);
    const model = modelOf(this.#call, this.#purpose, value);
    try {
      if (isRequest(value, this.#purpose)) this.#type ??= invocationType(value, model, this.#call);
      this.#upload ??= new S3Upload(this.#call, this.#object, this.#headers(value, this.#purpose));
      const type = this.#type ?? "Converse";
      const { record, notes: more } = writeLine(value, this.#purpose, model, this.#call, type);
      for (const note of more) notes.add(note);
      // What is Bedrock's own already stays as it was written.
      const text = record === value ? line.text : JSON.stringify(record);
      await this.#upload.write(Buffer.from(`${text}\n`));
    } catch (error) {
      throw located(error, line);
    }
  }

  /** What the batch that is made of the file will have to know. */
  #headers(first: JsonObject, purpose: FilePurpose): Record<string, string> {
    const { option } = this.#call;
    const endpoint = first["url"];
    const isTranslated = isRequest(first, purpose);
    const headers: Record<string, string | undefined> = {
      "content-type": "application/jsonl",
      "x-amz-server-side-encryption":
        option("amz_server_side_encryption") ?? option("aws_server_side_encryption"),
      "x-amz-server-side-encryption-aws-kms-key-id": kmsKeyOf(this.#call),
      "x-amz-meta-purpose": purpose,
      "x-amz-meta-filename": encodeURIComponent(this.#filename),
      "x-amz-meta-invocation-type": isTranslated ? this.#type : undefined,
      "x-amz-meta-endpoint": isTranslated && isString(endpoint) ? endpoint : undefined,
    };
    return Object.fromEntries(
      Object.entries(headers).filter((header): header is [string, string] => header[1] !== undefined),
    );
  }
}

/** The key that what is written is encrypted with: a header's word, or a config's. */
export const kmsKeyOf = ({ option }: ResourceCall): string | undefined =>
  option("amz_server_side_encryption_aws_kms_key_id") ?? option("aws_server_side_encryption_kms_key_id");

const purposeNamed = (text: string): FilePurpose => {
  const purpose = text.trim();
  if (purpose === "batch" || purpose === "fine-tune") return purpose;
  throw invalidRequest("purpose", "must be batch or fine-tune for Bedrock");
};

/** The body of a record is the model's own, so a batch's file has to know whose. */
const modelOf = (call: ResourceCall, purpose: FilePurpose, first: JsonObject): string => {
  const model = call.option("aws_bedrock_model") ?? call.option("provider_model");
  if (model !== undefined) return model;
  if (purpose === "fine-tune" || first["modelInput"] !== undefined) return "";
  throw missingInput({ id: call.provider }, "aws_bedrock_model");
};

const bucketOf = (call: ResourceCall): string => {
  const bucket = call.option("aws_s3_bucket");
  if (bucket === undefined) throw missingInput({ id: call.provider }, "aws_s3_bucket");
  return bucket;
};

/** Bedrock reads only objects whose names end so. */
const destination = (call: ResourceCall): S3Object => {
  const key =
    call.option("aws_s3_object_key") ?? call.option("provider_file_name") ?? `${call.freshId()}.jsonl`;
  if (!key.endsWith(".jsonl")) throw invalidRequest("aws_s3_object_key", "must end with .jsonl");
  return checked(call, { bucket: bucketOf(call), key }, "aws_s3_bucket");
};

const retrieve: Perform = async (call) => ({ body: await described(call, objectOf(call, call.id, "id")) });

const described = async (call: ResourceCall, object: S3Object): Promise<JsonObject> => {
  const { bytes, modifiedAt, meta } = await headOf(call, object);
  const purpose = meta("purpose") ?? (object.key.endsWith(".out") ? "batch_output" : "batch");
  const filename = meta("filename") ?? "";
  return fileObject({ id: idOf(object), key: object.key, filename, purpose, bytes, createdAt: modifiedAt });
};

const content: Perform = async (call) => contentOf(await s3Send(call, objectOf(call, call.id, "id")));

const remove: Perform = async (call) => {
  const object = objectOf(call, call.id, "id");
  await s3Send(call, object, { method: "DELETE" });
  return { body: { id: idOf(object), object: "file", deleted: true } };
};

/** Each file of a page is asked for. */
const MAX_LIMIT = 100;

/** By key: S3 knows no other order. What a file is for stands in its own head, so each is asked. */
const list: Perform = async (call) => {
  const bucket = checked(call, { bucket: bucketOf(call), key: "" }, "aws_s3_bucket").bucket;
  const after = call.query.get("after");
  const page = await listKeys(call, bucket, {
    limit: limitOf(call.query, MAX_LIMIT),
    after: after === null ? undefined : objectOf(call, after, "after").key,
  });
  const files = await Promise.all(page.keys.map((key) => described(call, { bucket, key })));
  const purpose = call.query.get("purpose");
  const data = files.filter((file) => purpose === null || file["purpose"] === purpose);
  const [first, last] = [files[0]?.["id"] ?? null, files.at(-1)?.["id"] ?? null];
  return {
    body: { object: "list", data, first_id: first, last_id: last, has_more: page.hasMore },
    notes: call.query.has("order") ? ["order"] : [],
  };
};

export const bedrockFiles: ResourceAdapter = {
  operations: {
    "files.create": create,
    "files.list": list,
    "files.retrieve": retrieve,
    "files.content": content,
    "files.delete": remove,
  },
  readError: readS3Error,
};
