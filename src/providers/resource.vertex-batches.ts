/**
 * Batches for Vertex AI are its batch prediction jobs
 * (docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/batch-prediction-from-cloud-storage, and the
 * types of @google/genai 3.1.0).
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { GcsObject } from "./gcs.ts";
import { folderOf, idOf, objectOf, parsedUri, uriOf } from "./gcs.ts";
import { countOf, neededField, objectOf as fieldsOf, secondsOf, textOf, unsaid } from "./resource.fields.ts";
import { notReady } from "./resource.openai.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";
import { cancelJob, errorOf, jobId, jobsUrl, jobUrl, listJobs, projectPath } from "./resource.vertex-jobs.ts";
import { EMBEDDINGS, madeModel, ROW_ID } from "./resource.vertex-lines.ts";
import type { BatchCounts } from "./resource.batch.ts";
import { batchObject } from "./resource.batch.ts";
import { rowsOf } from "./resource.vertex-output.ts";
import { readS3Error } from "./s3.ts";

const KIND = "batchPredictionJobs";

const CREATED_BY = [
  "completion_window",
  "endpoint",
  "input_file_id",
  "instance_config",
  "job_name",
  "model",
  "output_data_config",
];

const create: Perform = async (call) => {
  const { body } = call;
  const input = objectOf(call, neededField(call, "input_file_id"), "input_file_id");
  const model = call.model ?? call.option("provider_model") ?? neededField(call, "model");
  const request = {
    displayName: textOf(body["job_name"]) ?? `turnpike-batch-${call.freshId()}`,
    model: modelName(call, model),
    inputConfig: { instancesFormat: "jsonl", gcsSource: { uris: [uriOf(input)] } },
    outputConfig: outputConfig(call, input),
    ...defined({ instanceConfig: instanceConfig(body["instance_config"], model) }),
  };
  const job = await call.json({ method: "POST", url: jobsUrl(call, KIND), body: JSON.stringify(request) });
  return {
    body: { ...readBatch(job), ...defined({ endpoint: textOf(body["endpoint"]) }) },
    notes: unsaid(body, CREATED_BY),
  };
};

/** A publisher's model, or one of the project's own by its number. */
const modelName = (call: ResourceCall, model: string): string => {
  if (/^\d+$/.test(model)) return `${projectPath(call)}/models/${model}`;
  const { maker, name } = madeModel(model);
  if (/^projects\/[\w./@-]+$/.test(model)) return model;
  if (!/^[\w.@-]+$/.test(name)) throw invalidRequest("model", "is not the name of a model of Vertex's");
  return `publishers/${maker}/models/${name}`;
};

/** Ids stay out of what Gemini is asked: they "will be attached to the batch prediction output". */
const instanceConfig = (given: JsonValue | undefined, model: string): JsonValue | undefined => {
  if (given !== undefined) return given;
  const { maker } = madeModel(model);
  return maker === "google" ? { instanceType: "object", excludedFields: [ROW_ID] } : undefined;
};

/** Where the client says nothing, the answers stand beside the file. */
const outputConfig = (call: ResourceCall, { bucket, key }: GcsObject): JsonObject => {
  const given = call.body["output_data_config"];
  const said = isString(given) ? given : textOf(destinationOf(given)["outputUriPrefix"]);
  if (given !== undefined && said === undefined)
    throw invalidRequest("output_data_config", "must be a gs:// URI, or have gcsDestination.outputUriPrefix");
  const beside = uriOf({ bucket, key: key.slice(0, key.lastIndexOf("/") + 1) });
  const folder = said === undefined ? beside : uriOf(folderOf(call, said, "output_data_config"));
  return { predictionsFormat: "jsonl", gcsDestination: { outputUriPrefix: folder } };
};

const destinationOf = (config: JsonValue | undefined): JsonObject =>
  fieldsOf(fieldsOf(config)["gcsDestination"]);

const retrieve: Perform = async (call) => ({
  body: readBatch(await call.json({ url: jobUrl(call, KIND) })),
});

const list: Perform = async (call) => ({ body: await listJobs(call, KIND, readBatch) });

const cancel: Perform = async (call) => ({ body: readBatch(await cancelJob(call, KIND)) });

/** "If the batch prediction job is terminated, all completed rows are exported." */
const output: Perform = async (call) => {
  const job = await call.json({ url: jobUrl(call, KIND) });
  const batch = readBatch(job);
  const folder = hasEnded(job) ? outputFolder(job) : undefined;
  if (folder !== undefined)
    return rowsOf(call, {
      folder: folderOf(call, folder, "id"),
      input: inputUri(job),
      model: textOf(job["model"]) ?? "",
    });
  if (isObject(batch["errors"])) return { body: batch["errors"] };
  throw notReady(call.id, batch["status"]);
};

/** `JobState` in the types of @google/genai 3.1.0. */
const STATUSES = table({
  JOB_STATE_UNSPECIFIED: "validating",
  JOB_STATE_QUEUED: "validating",
  JOB_STATE_PENDING: "validating",
  JOB_STATE_PAUSED: "validating",
  JOB_STATE_RUNNING: "in_progress",
  JOB_STATE_UPDATING: "in_progress",
  JOB_STATE_SUCCEEDED: "completed",
  JOB_STATE_PARTIALLY_SUCCEEDED: "completed",
  JOB_STATE_FAILED: "failed",
  JOB_STATE_CANCELLING: "cancelling",
  JOB_STATE_CANCELLED: "cancelled",
  JOB_STATE_EXPIRED: "expired",
});

const ENDED: ReadonlySet<string> = new Set(["completed", "cancelled", "expired", "failed"]);

const statusOf = (job: JsonObject): string => STATUSES.get(textOf(job["state"]) ?? "") ?? "in_progress";

const hasEnded = (job: JsonObject): boolean => ENDED.has(statusOf(job));

const outputFolder = (job: JsonObject): string | undefined =>
  textOf(fieldsOf(job["outputInfo"])["gcsOutputDirectory"]);

const inputUri = (job: JsonObject): string | undefined => {
  const { uris } = fieldsOf(fieldsOf(job["inputConfig"])["gcsSource"]);
  return isArray(uris) ? textOf(uris[0]) : undefined;
};

/** A job as OpenAI's batch. */
const readBatch = (job: JsonObject): JsonObject => {
  const error = errorOf(job);
  const model = textOf(job["model"]) ?? null;
  return batchObject({
    id: jobId(job),
    endpoint: model !== null && /embedding/.test(model) ? EMBEDDINGS : "/v1/chat/completions",
    model,
    status: statusOf(job),
    errors: error === undefined ? [] : [error],
    input: encodeURIComponent(inputUri(job) ?? ""),
    output: hasEnded(job) ? outputId(job) : null,
    createdAt: secondsOf(job["createTime"]),
    startedAt: secondsOf(job["startTime"]),
    endedAt: secondsOf(job["endTime"]),
    counts: countsOf(fieldsOf(job["completionStats"])),
  });
};

const countsOf = ({ successfulCount, failedCount, incompleteCount }: JsonObject): BatchCounts => {
  const [completed, failed, open] = [successfulCount, failedCount, incompleteCount].map(
    (count) => Math.max(0, countOf(count) ?? 0), // -1 is "not known"
  ) as [number, number, number]; // one for each
  return { total: completed + failed + open, completed, failed };
};

/** The file that most jobs have; others have several, which `/output` reads one after another. */
const outputId = (job: JsonObject): string | null => {
  const folder = parsedUri(outputFolder(job) ?? "");
  if (folder === undefined) return null;
  return idOf({ bucket: folder.bucket, key: `${folder.key.replace(/\/+$/, "")}/predictions.jsonl` });
};

export const vertexBatches: ResourceAdapter = {
  operations: {
    "batches.create": create,
    "batches.list": list,
    "batches.retrieve": retrieve,
    "batches.cancel": cancel,
    "batches.output": output,
  },
  readError: readS3Error,
};
