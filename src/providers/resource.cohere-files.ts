/**
 * Files for Cohere are datasets of texts to embed (docs.cohere.com/docs/embed-jobs-api, and the types of
 * cohere-ai 8.1.0): OpenAI's batch requests for embeddings are written as their rows on the way.
 */
import type { Bytes } from "../lib/bytes.ts";
import type { FormPart } from "../lib/form-stream.ts";
import { fieldText } from "../lib/form-stream.ts";
import { linesOf, LineTooLong } from "../lib/lines.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { located, parseLine } from "./resource.bedrock-lines.ts";
import { countOf, limitOf, objectOf, secondsOf, segmentOf, textOf } from "./resource.fields.ts";
import { listAfter } from "./resource.pages.ts";
import { sendForm } from "./resource.streamed.ts";
import { FileNotes } from "./resource.notes.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";

const MAX_LINE_BYTES = 1024 * 1024;

const create: Perform = async (call) => {
  const upload = new Upload(call);
  const notes = new FileNotes();
  try {
    for await (const part of call.form()) {
      if (part.name === "purpose") upload.isFor(await fieldText(part));
      else if (part.name === "file") await upload.take(part, notes);
      else notes.add(part.name);
    }
    return { body: upload.finished(), notes: [...notes] };
  } catch (error) {
    await upload.abandon();
    throw error;
  }
};

class Upload {
  readonly #call: ResourceCall;
  #isSaid = false;
  #filename: string | undefined;
  #id: string | undefined;
  #bytes = 0;

  constructor(call: ResourceCall) {
    this.#call = call;
  }

  isFor(text: string): void {
    if (text.trim() !== "batch") throw invalidRequest("purpose", "must be batch for Cohere");
    this.#isSaid = true;
  }

  async take(part: FormPart, notes: Set<string>): Promise<void> {
    if (this.#filename !== undefined) throw invalidRequest("file", "must be one file");
    const call = this.#call;
    this.#filename = part.filename || `${call.freshId()}.jsonl`;
    const query = new URLSearchParams({
      name: call.option("provider_file_name") ?? this.#filename,
      type: "embed-input",
      // Without it only the texts are kept, and no answer could be told from another.
      optional_fields: "custom_id",
    });
    const file = {
      field: "data",
      filename: "embed-input.jsonl",
      contentType: "application/jsonl",
      pieces: this.#rows(part, notes),
    };
    const response = await sendForm(call, call.home("/v1/datasets", `?${query.toString()}`), [file]);
    const answer: unknown = JSON.parse(await response.text());
    this.#id = isObject(answer) ? textOf(answer["id"]) : undefined;
    if (this.#id === undefined) throw new MalformedReply("the new dataset has no id");
  }

  finished(): JsonObject {
    if (this.#id === undefined) throw invalidRequest("file", "is required");
    if (!this.#isSaid) throw invalidRequest("purpose", "is required");
    return {
      id: this.#id,
      object: "file",
      bytes: this.#bytes,
      created_at: this.#call.now,
      filename: this.#filename ?? "",
      purpose: "batch",
      status: "uploaded",
    };
  }

  async abandon(): Promise<void> {
    if (this.#id === undefined) return;
    const url = datasetUrl(this.#call, this.#id);
    await this.#call.send({ method: "DELETE", url, isCleanup: true }).catch(() => undefined);
  }

  async *#rows(part: FormPart, notes: Set<string>): AsyncGenerator<Bytes> {
    const encoder = new TextEncoder();
    try {
      for await (const line of linesOf(part.body, MAX_LINE_BYTES)) {
        try {
          const row = encoder.encode(`${JSON.stringify(writeRow(parseLine(line), notes))}\n`);
          this.#bytes += row.byteLength;
          yield row;
        } catch (error) {
          throw located(error, line);
        }
      }
    } catch (error) {
      throw error instanceof LineTooLong ? invalidRequest("file", error.message) : error;
    }
    if (this.#bytes === 0) throw invalidRequest("file", "must have lines");
  }
}

/** What a job says for all rows, and no row for itself. */
const OF_THE_JOB: ReadonlySet<string> = new Set([
  "encoding_format",
  "input",
  "input_type",
  "model",
  "truncate",
]);

/** A text with its id; Cohere's own rows stay as they are. */
const writeRow = (line: JsonObject, notes: Set<string>): JsonObject => {
  const { custom_id, url, body } = line;
  if (isString(line["text"]) && body === undefined) return line;
  if (!isString(custom_id)) throw invalidRequest("custom_id", "must be a string");
  if (!isObject(body)) throw invalidRequest("body", "must be a JSON object");
  if (url !== undefined && url !== "/v1/embeddings")
    throw invalidRequest("url", "must be /v1/embeddings for Cohere, whose batches are of embeddings alone");
  for (const field of Object.keys(body)) if (!OF_THE_JOB.has(field)) notes.add(field);
  return { custom_id, text: textIn(body["input"]) };
};

const textIn = (input: JsonValue | undefined): string => {
  const [text, ...others] = isArray(input) ? input : [input];
  if (isString(text) && others.length === 0) return text;
  throw invalidRequest("body.input", "must be one text for Cohere: a line for each");
};

export const datasetUrl = (call: ResourceCall, id: string): string =>
  call.home(`/v1/datasets/${segmentOf(id)}`);

/** `DatasetValidationStatus` */
const STATUSES: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ["validated", "processed"],
  ["skipped", "processed"],
  ["failed", "error"],
]);

const readDataset = (dataset: JsonObject): JsonObject => {
  const parts = dataset["dataset_parts"];
  const sizes = (isArray(parts) ? parts : []).map((part) => countOf(objectOf(part)["size_bytes"]) ?? 0);
  const fault = textOf(dataset["validation_error"]);
  return {
    id: textOf(dataset["id"]) ?? "",
    object: "file",
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    created_at: secondsOf(dataset["created_at"]) ?? 0,
    filename: textOf(dataset["name"]) ?? "",
    purpose: dataset["dataset_type"] === "embed-result" ? "batch_output" : "batch",
    status: STATUSES.get(dataset["validation_status"]) ?? "uploaded",
    ...(fault === undefined ? {} : { status_details: fault }),
  };
};

const retrieve: Perform = async (call) => {
  const { dataset } = await call.json({ url: datasetUrl(call, call.id) });
  return { body: readDataset(objectOf(dataset)) };
};

/** Datasets that are asked for at once. */
const MOST = 100;

const list: Perform = async (call) => {
  const page = await listAfter({
    limit: limitOf(call.query, MOST),
    after: call.query.get("after"),
    most: MOST,
    page: async (size, token = "0") => {
      const answer = await call.json({ url: call.home("/v1/datasets", `?limit=${size}&offset=${token}`) });
      const datasets = answer["datasets"];
      const items = (isArray(datasets) ? datasets : []).filter(isObject).map(readDataset);
      return { items, next: items.length < size ? undefined : String(Number(token) + size) };
    },
  });
  return { body: page, notes: ["order", "purpose"].filter((name) => call.query.has(name)) };
};

const remove: Perform = async (call) => {
  await (await call.send({ method: "DELETE", url: datasetUrl(call, call.id) })).text();
  return { body: { id: segmentOf(call.id), object: "file", deleted: true } };
};

/** What a dataset holds is kept in Avro, so there is no content to give. */
export const cohereFiles: ResourceAdapter = {
  operations: {
    "files.create": create,
    "files.list": list,
    "files.retrieve": retrieve,
    "files.delete": remove,
  },
};
