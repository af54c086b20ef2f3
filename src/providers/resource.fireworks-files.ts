/**
 * Files for Fireworks are datasets (docs.fireworks.ai/api-reference/upload-dataset-files, and the types of
 * github.com/fw-ai-external/python-sdk). Their lines are OpenAI's own, so the bytes go on as they come.
 *
 * "This path can handle file sizes up to 150Mb": a larger file's size has to be said before it is sent
 * (`x-portkey-file-upload-size`), and it goes to a URL that is signed for just that many bytes.
 */
import type { Bytes } from "../lib/bytes.ts";
import type { FormPart } from "../lib/form-stream.ts";
import { fieldText } from "../lib/form-stream.ts";
import type { HttpResponse } from "../lib/http.ts";
import { streamOf } from "../lib/stream-of.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import { objectOf, secondsOf, segmentOf, textOf } from "./resource.fields.ts";
import { accountUrl, failureOf, idOf, listAll } from "./resource.fireworks.ts";
import { sendForm, sendStreamed } from "./resource.streamed.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";
import { readS3Error } from "./s3.ts";

const create: Perform = async (call) => {
  const upload = new Upload(call);
  const notes: string[] = [];
  try {
    for await (const part of call.form()) {
      if (part.name === "purpose") upload.isFor(await fieldText(part));
      else if (part.name === "file") await upload.take(part);
      else notes.push(part.name);
    }
    return { body: upload.finished(), notes };
  } catch (error) {
    await upload.abandon();
    throw error;
  }
};

class Upload {
  readonly #call: ResourceCall;
  #purpose: string | undefined;
  #id: string | undefined;
  #filename = "";
  #bytes = 0;

  constructor(call: ResourceCall) {
    this.#call = call;
    const purpose = call.option("file_purpose");
    if (purpose !== undefined) this.isFor(purpose);
  }

  isFor(text: string): void {
    const purpose = text.trim();
    if (purpose !== "batch" && purpose !== "fine-tune")
      throw invalidRequest("purpose", "must be batch or fine-tune for Fireworks");
    this.#purpose = purpose;
  }

  async take(part: FormPart): Promise<void> {
    if (this.#id !== undefined) throw invalidRequest("file", "must be one file");
    const size = sizeOf(this.#call);
    // What it is for is no field of a dataset's, so it stands in its name.
    const datasetId = `${this.#purpose ?? "file"}-${this.#call.freshId()}`;
    this.#filename = part.filename || `${datasetId}.jsonl`;
    const dataset = { displayName: this.#filename, userUploaded: {} };
    const url = accountUrl(this.#call, "datasets");
    await this.#call.json({ method: "POST", url, body: JSON.stringify({ datasetId, dataset }) });
    this.#id = datasetId;
    if (size === undefined) await this.#post(part, datasetId);
    else await this.#put(part, datasetId, size);
    if (this.#bytes === 0) throw invalidRequest("file", "must not be empty");
  }

  finished(): JsonObject {
    if (this.#id === undefined) throw invalidRequest("file", "is required");
    if (this.#purpose === undefined) throw invalidRequest("purpose", "is required");
    const [bytes, created_at, filename] = [this.#bytes, this.#call.now, this.#filename];
    return fileObject({
      id: this.#id,
      bytes,
      created_at,
      filename,
      purpose: this.#purpose,
      status: "processed",
    });
  }

  async abandon(): Promise<void> {
    if (this.#id === undefined) return;
    const url = accountUrl(this.#call, `datasets/${this.#id}`);
    await this.#call.send({ method: "DELETE", url, isCleanup: true }).catch(() => undefined);
  }

  async #post(part: FormPart, id: string): Promise<void> {
    const file = {
      field: "file",
      filename: this.#filename,
      contentType: "application/jsonl",
      pieces: this.#counted(part, undefined),
    };
    await (await sendForm(this.#call, accountUrl(this.#call, `datasets/${id}:upload`), [file])).text();
  }

  /** Both headers are part of the URL's signature. */
  async #put(part: FormPart, id: string, size: number): Promise<void> {
    const filename = `${id}.jsonl`;
    const body = JSON.stringify({ filenameToSize: { [filename]: String(size) } });
    const endpoint = accountUrl(this.#call, `datasets/${id}:getUploadEndpoint`);
    const urls = objectOf(
      (await this.#call.json({ method: "POST", url: endpoint, body }))["filenameToSignedUrls"],
    );
    const url = signedUrl(this.#call, urls[filename]);
    const headers = {
      "content-type": "application/octet-stream",
      "x-goog-content-length-range": `${size},${size}`,
      "content-length": String(size),
    };
    const request = { method: "PUT", url, headers, auth: { kind: "none" }, isForeign: true } as const;
    await (await sendStreamed(this.#call, request, this.#counted(part, size))).text();
    const validate = accountUrl(this.#call, `datasets/${id}:validateUpload`);
    await this.#call.json({ method: "POST", url: validate, body: "{}" });
  }

  async *#counted(part: FormPart, size: number | undefined): AsyncGenerator<Bytes> {
    for await (const chunk of part.body) {
      this.#bytes += chunk.byteLength;
      if (size !== undefined && this.#bytes > size) throw this.#anotherSize(size);
      yield chunk;
    }
    if (size !== undefined && this.#bytes < size) throw this.#anotherSize(size);
  }

  #anotherSize(size: number): Error {
    return invalidRequest("file", `is not of ${size} bytes, as file_upload_size says`);
  }
}

const sizeOf = ({ option }: ResourceCall): number | undefined => {
  const text = option("file_upload_size");
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text.trim()))
    throw invalidRequest("file_upload_size", "must be a number of bytes");
  return Number(text);
};

/** A storage host that Fireworks names; at home nothing goes there in the clear. */
const signedUrl = ({ atHome }: ResourceCall, value: unknown): string => {
  const url = isString(value) ? URL.parse(value) : null;
  if (url === null || (atHome && url.protocol !== "https:"))
    throw new MalformedReply("a signed URL was expected");
  return url.href;
};

interface FileFields {
  readonly id: string;
  readonly bytes: number;
  readonly created_at: number;
  readonly filename: string;
  readonly purpose: string;
  readonly status: string;
}

const fileObject = (fields: FileFields): JsonObject => ({ ...fields, object: "file" });

/** `Dataset`; its size is not told. */
const readDataset = (dataset: JsonObject): JsonObject => {
  const id = idOf(dataset["name"]);
  const failure = failureOf(dataset);
  const isReady = dataset["state"] === "READY";
  return {
    ...fileObject({
      id,
      bytes: 0,
      created_at: secondsOf(dataset["createTime"]) ?? 0,
      filename: textOf(dataset["displayName"]) ?? id,
      purpose: purposeOf(id, dataset),
      status: failure !== undefined ? "error" : isReady ? "processed" : "uploaded",
    }),
    ...(failure === undefined ? {} : { status_details: failure["message"] }),
  };
};

const purposeOf = (id: string, dataset: JsonObject): string => {
  if (textOf(dataset["sourceJobName"]) !== undefined) return "batch_output";
  return id.startsWith("batch-") ? "batch" : "fine-tune";
};

const retrieve: Perform = async (call) => ({
  body: readDataset(await call.json({ url: accountUrl(call, `datasets/${segmentOf(call.id)}`) })),
});

const list: Perform = async (call) => {
  const page = await listAll(call, "datasets", readDataset);
  const unsaid = ["order", "purpose"].filter((name) => call.query.has(name));
  return { body: page, notes: unsaid };
};

const remove: Perform = async (call) => {
  const id = segmentOf(call.id);
  await (await call.send({ method: "DELETE", url: accountUrl(call, `datasets/${id}`) })).text();
  return { body: { id, object: "file", deleted: true } };
};

const content: Perform = async (call) => {
  const pieces = await datasetPieces(call, call.id);
  return { headers: { "content-type": "application/jsonl" }, body: streamOf(joined(pieces)) };
};

/** The files of a dataset, the first of them open already: `DatasetGetDownloadEndpointResponse`. */
export const datasetPieces = async (
  call: ResourceCall,
  id: string,
): Promise<AsyncGenerator<ReadableStream<Bytes>>> => {
  const endpoint = accountUrl(call, `datasets/${segmentOf(id)}:getDownloadEndpoint`);
  const urls = objectOf((await call.json({ url: endpoint }))["filenameToSignedUrls"]);
  const named = Object.entries(urls).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const [first, ...rest] = named.map(([, url]) => signedUrl(call, url));
  if (first === undefined) throw invalidRequest("id", "names a dataset without files");
  return opened(call, await open(call, first), rest);
};

const open = (call: ResourceCall, url: string): Promise<HttpResponse> =>
  call.send({ url, auth: { kind: "none" }, isForeign: true });

async function* opened(
  call: ResourceCall,
  first: HttpResponse,
  rest: readonly string[],
): AsyncGenerator<ReadableStream<Bytes>> {
  if (first.body !== null) yield first.body;
  for (const url of rest) {
    const { body } = await open(call, url);
    if (body !== null) yield body;
  }
}

/** A file's last line may lack its end. */
async function* joined(pieces: AsyncIterable<ReadableStream<Bytes>>): AsyncGenerator<Bytes> {
  let last = NEWLINE;
  for await (const piece of pieces) {
    if (last !== NEWLINE) yield Uint8Array.of(NEWLINE);
    for await (const chunk of piece) {
      last = chunk.at(-1) ?? last;
      yield chunk;
    }
  }
}

const NEWLINE = 10;

export const fireworksFiles: ResourceAdapter = {
  operations: {
    "files.create": create,
    "files.list": list,
    "files.retrieve": retrieve,
    "files.content": content,
    "files.delete": remove,
  },
  readError: readS3Error, // of the storage that the signed URLs are of
};
