/**
 * Files for Together AI (docs.together.ai/reference/upload-file and its siblings): they go up at a path of their own,
 * are for purposes in other words, and are listed all at once. Their bytes go on as they come.
 */
import type { FormPart } from "../lib/form-stream.ts";
import { fieldText } from "../lib/form-stream.ts";
import { table } from "../lib/table.ts";
import { invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, parsedObject } from "../schema/json.ts";
import { countOf, limitOf, secondsOf, segmentOf, textOf } from "./resource.fields.ts";
import { listAfter } from "./resource.pages.ts";
import type { FormPiece } from "./resource.streamed.ts";
import { sendForm, textPiece } from "./resource.streamed.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";

const create: Perform = async (call) => {
  const notes: string[] = [];
  const text = await (await sendForm(call, call.home("/files/upload"), partsOf(call, notes))).text();
  const file = parsedObject(text);
  if (file === undefined) throw new MalformedReply("a JSON object was expected");
  return { body: readFile(file), notes };
};

/** The client's parts as they come; what only Together asks for is said by the file's name. */
async function* partsOf(call: ResourceCall, notes: string[]): AsyncGenerator<FormPiece> {
  let purpose = call.option("file_purpose");
  let isNamed = false;
  if (purpose !== undefined) yield textPiece("purpose", purposeOf(purpose));
  for await (const part of call.form()) {
    if (part.name === "file") {
      if (isNamed) throw invalidRequest("file", "must be one file");
      isNamed = true;
      yield* fileOf(part);
    } else if (part.name !== "purpose") notes.push(part.name);
    else if (purpose === undefined) {
      purpose = await fieldText(part);
      yield textPiece("purpose", purposeOf(purpose));
    }
  }
  if (!isNamed) throw invalidRequest("file", "is required");
  if (purpose === undefined) throw invalidRequest("purpose", "is required");
}

function* fileOf(part: FormPart): Generator<FormPiece> {
  const filename = part.filename || "file.jsonl";
  const [, type = "jsonl"] = /\.(csv|jsonl|parquet)$/i.exec(filename) ?? [];
  yield textPiece("file_name", filename);
  yield textPiece("file_type", type.toLowerCase());
  yield { field: "file", filename, contentType: "application/octet-stream", pieces: part.body };
}

/** What OpenAI calls otherwise; all other purposes are Together's to judge. */
const purposeOf = (text: string): string => (text.trim() === "batch" ? "batch-api" : text.trim());

const PURPOSES = table({ "batch-api": "batch", "batch-generated": "batch_output" });

const fileUrl = (call: ResourceCall): string => call.home(`/files/${segmentOf(call.id)}`);

const retrieve: Perform = async (call) => ({ body: readFile(await call.json({ url: fileUrl(call) })) });

const remove: Perform = async (call) => {
  const { id, deleted } = await call.json({ method: "DELETE", url: fileUrl(call) });
  return { body: { id: id ?? call.id, object: "file", deleted: deleted ?? true } };
};

/** As many as OpenAI's `limit` may say. */
const MAX_LIMIT = 10_000;

const list: Perform = async (call) => ({
  body: await listAfter({
    limit: limitOf(call.query, MAX_LIMIT),
    after: call.query.get("after"),
    most: MAX_LIMIT,
    page: async () => {
      const { data } = await call.json({ url: call.home("/files") });
      return { items: selected(call.query, data), next: undefined };
    },
  }),
});

/** The newest first, unless it is asked for otherwise. */
const selected = (query: URLSearchParams, data: JsonValue | undefined): readonly JsonObject[] => {
  const purpose = query.get("purpose");
  const sign = query.get("order") === "asc" ? 1 : -1;
  return (isArray(data) ? data : [])
    .filter(isObject)
    .map(readFile)
    .filter((file) => purpose === null || file["purpose"] === purpose)
    .toSorted((one, other) => sign * (madeAt(one) - madeAt(other)));
};

const madeAt = (file: JsonObject): number => secondsOf(file["created_at"]) ?? 0;

const readFile = (file: JsonObject): JsonObject => {
  const purpose = textOf(file["purpose"]) ?? "";
  return {
    id: textOf(file["id"]) ?? "",
    object: "file",
    bytes: countOf(file["bytes"]) ?? 0,
    created_at: madeAt(file),
    filename: textOf(file["filename"]) ?? "",
    purpose: PURPOSES.get(purpose) ?? purpose,
    status: file["Processed"] === true ? "processed" : "uploaded",
  };
};

export const togetherFiles: ResourceAdapter = {
  operations: {
    "files.create": create,
    "files.list": list,
    "files.retrieve": retrieve,
    "files.delete": remove,
  },
  passes: true, // contents, and Together's own paths
};
