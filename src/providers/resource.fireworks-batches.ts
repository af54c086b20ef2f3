/**
 * Batches for Fireworks are its batch inference jobs
 * (docs.fireworks.ai/api-reference/create-batch-inference-job, docs.fireworks.ai/guides/batch-inference).
 */
import type { Bytes } from "../lib/bytes.ts";
import { defined } from "../lib/defined.ts";
import type { Line } from "../lib/lines.ts";
import { linesOf } from "../lib/lines.ts";
import { streamOf } from "../lib/stream-of.ts";
import { table } from "../lib/table.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import { clientDialect } from "./dialects.ts";
import {
  checkEndpoint,
  countOf,
  neededField,
  objectOf,
  secondsOf,
  segmentOf,
  textOf,
  unsaid,
} from "./resource.fields.ts";
import { datasetPieces } from "./resource.fireworks-files.ts";
import { accountUrl, datasetName, failureOf, idOf, listAll, modelName } from "./resource.fireworks.ts";
import type { BatchCounts } from "./resource.batch.ts";
import { batchObject } from "./resource.batch.ts";
import { notReady } from "./resource.openai.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";
import { readS3Error } from "./s3.ts";

const KIND = "batchInferenceJobs";

const CREATED_BY = [
  "completion_window",
  "endpoint",
  "inference_parameters",
  "input_file_id",
  "job_name",
  "model",
  "output_dataset_id",
];

const CHAT = "/v1/chat/completions";

const create: Perform = async (call) => {
  const { body } = call;
  checkEndpoint(call, CHAT);
  const output = textOf(body["output_dataset_id"]);
  const request = {
    model: modelName(call.model ?? neededField(call, "model")),
    inputDatasetId: datasetName(call, neededField(call, "input_file_id"), "input_file_id"),
    ...defined({
      outputDatasetId: output === undefined ? undefined : datasetName(call, output, "output_dataset_id"),
      displayName: textOf(body["job_name"]),
      inferenceParameters: body["inference_parameters"],
    }),
  };
  const job = await call.json({ method: "POST", url: accountUrl(call, KIND), body: JSON.stringify(request) });
  return { body: readBatch(job), notes: unsaid(body, CREATED_BY) };
};

const jobUrl = (call: ResourceCall): string => accountUrl(call, `${KIND}/${segmentOf(call.id)}`);

const retrieve: Perform = async (call) => ({ body: readBatch(await call.json({ url: jobUrl(call) })) });

const list: Perform = async (call) => ({ body: await listAll(call, KIND, readBatch) });

/** A job is stopped by deleting it: there is no other way in the API. */
const cancel: Perform = async (call) => {
  const batch = readBatch(await call.json({ url: jobUrl(call) }));
  await (await call.send({ method: "DELETE", url: jobUrl(call) })).text();
  return { body: { ...batch, status: "cancelling", cancelling_at: call.now } };
};

/** An expired job's dataset has "any completed requests up to that point". */
const output: Perform = async (call) => {
  const job = await call.json({ url: jobUrl(call) });
  const batch = readBatch(job);
  const dataset = batch["output_file_id"];
  if (isString(dataset)) {
    const rows = written(await datasetPieces(call, dataset), call);
    return { headers: { "content-type": "application/jsonl" }, body: streamOf(rows) };
  }
  if (isObject(batch["errors"])) return { body: batch["errors"] };
  throw notReady(call.id, batch["status"]);
};

const MAX_ROW_BYTES = 32 * 1024 * 1024;

async function* written(
  pieces: AsyncIterable<ReadableStream<Bytes>>,
  call: ResourceCall,
): AsyncGenerator<Bytes> {
  const encoder = new TextEncoder();
  for await (const piece of pieces)
    for await (const line of linesOf(piece, MAX_ROW_BYTES))
      yield encoder.encode(`${JSON.stringify(writeRow(parsed(line), call.provider))}\n`);
}

/** A row that cannot be read ends the answer visibly: what follows it may be anything. */
const parsed = ({ number, text }: Line): JsonObject => {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new MalformedReply(`line ${number} of the output is no JSON object`);
  return value;
};

/** A row has the answer itself where OpenAI's has it in an envelope; rows of the file of errors have an error. */
const writeRow = (row: JsonObject, provider: string): JsonObject => {
  const id = textOf(row["custom_id"]) ?? "";
  const { response, error } = row;
  const answer = objectOf(response);
  const fault = error ?? answer["error"];
  const isAnswer = isObject(response) && fault == null;
  const [status_code, body] = isAnswer ? [200, objectOf(answer["body"] ?? answer)] : faultOf(fault, provider);
  return {
    id: `batch_req_${id}`,
    custom_id: id,
    response: { status_code, request_id: textOf(body["id"]) ?? id, body },
    error: null,
  };
};

const faultOf = (error: JsonValue | undefined, provider: string): readonly [number, JsonObject] => {
  const { code, message } = objectOf(error);
  const status = isNumber(code) && code >= 400 && code < 600 ? code : 500;
  const text = textOf(error) ?? textOf(message) ?? "The row has no answer";
  const fault = { status, message: text, type: null, param: null, code: null };
  return [status, clientDialect("openai-chat").writeError(fault, provider)];
};

/** `JobState` */
const STATUSES = table({
  JOB_STATE_UNSPECIFIED: "validating",
  JOB_STATE_VALIDATING: "validating",
  JOB_STATE_CREATING: "validating",
  JOB_STATE_CREATING_INPUT_DATASET: "validating",
  JOB_STATE_PENDING: "validating",
  JOB_STATE_RE_QUEUEING: "validating",
  JOB_STATE_RUNNING: "in_progress",
  JOB_STATE_IDLE: "in_progress",
  JOB_STATE_WRITING_RESULTS: "finalizing",
  JOB_STATE_COMPLETED: "completed",
  JOB_STATE_FAILED: "failed",
  JOB_STATE_EXPIRED: "expired",
  JOB_STATE_CANCELLING: "cancelling",
  JOB_STATE_CANCELLED: "cancelled",
  JOB_STATE_DELETING: "cancelled",
  JOB_STATE_DELETING_CLEANING_UP: "cancelled",
});

const WITH_OUTPUT: ReadonlySet<string> = new Set(["completed", "expired"]);

const readBatch = (job: JsonObject): JsonObject => {
  const status = STATUSES.get(textOf(job["state"]) ?? "") ?? "in_progress";
  const failure = failureOf(job);
  const outputId = idOf(job["outputDatasetId"]);
  return batchObject({
    id: idOf(job["name"]),
    endpoint: CHAT,
    model: textOf(job["model"]) ?? null,
    status,
    errors: failure === undefined ? [] : [failure],
    input: idOf(job["inputDatasetId"]),
    // The dataset "will also contain the error file".
    output: WITH_OUTPUT.has(status) && outputId !== "" ? outputId : null,
    createdAt: secondsOf(job["createTime"]),
    endedAt: secondsOf(job["updateTime"]),
    counts: countsOf(objectOf(job["jobProgress"])),
  });
};

const countsOf = (progress: JsonObject): BatchCounts => ({
  total: countOf(progress["totalInputRequests"]),
  completed: countOf(progress["successfullyProcessedRequests"]),
  failed: countOf(progress["failedRequests"]),
});

export const fireworksBatches: ResourceAdapter = {
  operations: {
    "batches.create": create,
    "batches.list": list,
    "batches.retrieve": retrieve,
    "batches.cancel": cancel,
    "batches.output": output,
  },
  readError: readS3Error,
};
