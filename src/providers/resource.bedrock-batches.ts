/**
 * Batches for Bedrock are its model invocation jobs
 * (docs.aws.amazon.com/bedrock/latest/APIReference/API_ModelInvocationJobSummary.html and
 * API_StopModelInvocationJob.html; fields that those pages do not have yet are in the types of
 * @aws-sdk/client-bedrock 3.1162.0).
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject } from "../schema/json.ts";
import { batchObject } from "./resource.batch.ts";
import { EMBEDDINGS } from "./resource.bedrock-embeddings.ts";
import { kmsKeyOf } from "./resource.bedrock-files.ts";
import type { Jobs } from "./resource.bedrock-jobs.ts";
import {
  cancelJob,
  controlUrl,
  getJob,
  jobId,
  jobSegment,
  listJobs,
  needed,
  retrieveJob,
  s3UriOf,
  secondsOf,
  textOf,
  unsaid,
  writeOnce,
} from "./resource.bedrock-jobs.ts";
import { outputOf, rowsOf } from "./resource.bedrock-output.ts";
import { notReady } from "./resource.openai.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";
import { folderOf, headOf, idOf, objectOf, readS3Error, uriOf } from "./s3.ts";

const CREATED_BY = [
  "completion_window",
  "endpoint",
  "input_file_id",
  "job_name",
  "model",
  "model_invocation_type",
  "output_data_config",
  "role_arn",
];

const create: Perform = async (call) => {
  const { body } = call;
  const input = objectOf(call, needed(body, "input_file_id"), "input_file_id");
  const modelId = call.model ?? call.option("aws_bedrock_model") ?? needed(body, "model");
  const hours = hoursOf(body["completion_window"]);
  const request = {
    jobName: textOf(body["job_name"]) ?? `turnpike-batch-${call.callId}`,
    roleArn: needed(body, "role_arn"),
    modelId,
    inputDataConfig: { s3InputDataConfig: { s3Uri: uriOf(input) } },
    outputDataConfig: outputConfig(call, input.bucket, input.key),
    ...defined({
      timeoutDurationInHours: hours,
      modelInvocationType:
        textOf(body["model_invocation_type"]) ?? (await headOf(call, input)).meta("invocation-type"),
    }),
  };
  const url = controlUrl(call, "/model-invocation-job");
  const { jobArn } = await call.json({ method: "POST", url, body: writeOnce(call, request) });
  return {
    body: {
      ...readBatch({ ...request, jobArn, status: "Submitted", submitTime: call.now }),
      ...defined({ endpoint: textOf(body["endpoint"]) }),
    },
    notes: unsaid(body, CREATED_BY),
  };
};

/** Where the client says nothing, the answers stand beside the file. */
const outputConfig = (call: ResourceCall, bucket: string, key: string): JsonObject => {
  const given = call.body["output_data_config"];
  if (given === undefined) {
    const s3Uri = uriOf({ bucket, key: key.slice(0, key.lastIndexOf("/") + 1) });
    return { s3OutputDataConfig: defined({ s3Uri, s3EncryptionKeyId: kmsKeyOf(call) }) };
  }
  const uri = s3UriOf(given);
  if (!isObject(given) || uri === undefined)
    throw invalidRequest("output_data_config", "must have s3OutputDataConfig.s3Uri");
  folderOf(call, uri, "output_data_config.s3OutputDataConfig.s3Uri");
  return given;
};

/** How long a job may take; which hours it takes is Bedrock's to say. */
const hoursOf = (window: JsonValue | undefined): number | undefined => {
  const [, count] = /^(\d{1,3})h$/.exec(textOf(window) ?? "") ?? [];
  return count === undefined ? undefined : Number(count);
};

/** Jobs that were stopped have the answers they came to; one that expired never began. */
const output: Perform = async (call) => {
  const job = await getJob(call, BATCHES, jobSegment(call.id));
  const batch = readBatch(job);
  const place = ENDED.has(textOf(job["status"]) ?? "") ? outputOf(call, job) : undefined;
  if (place !== undefined) return rowsOf(call, job, place);
  if (isObject(batch["errors"])) return { body: batch["errors"] };
  throw notReady(call.id, batch["status"]);
};

const ENDED: ReadonlySet<string> = new Set(["Completed", "PartiallyCompleted", "Stopped"]);

/** `ModelInvocationJobStatus` */
const STATUSES = table({
  Submitted: "validating",
  Validating: "validating",
  Scheduled: "in_progress",
  InProgress: "in_progress",
  PartiallyCompleted: "completed",
  Completed: "completed",
  Failed: "failed",
  Stopping: "cancelling",
  Stopped: "cancelled",
  Expired: "expired",
});

/** A job, or its summary in a list, as OpenAI's batch. */
const readBatch = (job: JsonObject): JsonObject => {
  const message = textOf(job["message"]);
  const model = textOf(job["modelId"]) ?? null;
  return batchObject({
    id: jobId(job["jobArn"]),
    endpoint: model !== null && /embed/.test(model) ? EMBEDDINGS : "/v1/chat/completions",
    model,
    status: STATUSES.get(textOf(job["status"]) ?? "") ?? "in_progress",
    errors: message === undefined ? [] : [{ code: "job_failed", message }],
    input: encodeURIComponent(s3UriOf(job["inputDataConfig"]) ?? ""),
    output: outputId(job),
    window: `${numberOf(job["timeoutDurationInHours"]) ?? 24}h`,
    createdAt: secondsOf(job["submitTime"]),
    endedAt: secondsOf(job["endTime"]),
    expiresAt: secondsOf(job["jobExpirationTime"]),
    counts: {
      total: numberOf(job["totalRecordCount"]),
      completed: numberOf(job["successRecordCount"]),
      failed: numberOf(job["errorRecordCount"]),
    },
  });
};

const numberOf = (value: JsonValue | undefined): number | undefined => (isNumber(value) ? value : undefined);

const outputId = (job: JsonObject): string | null => {
  const place = ENDED.has(textOf(job["status"]) ?? "") ? outputOf(undefined, job) : undefined;
  return place === undefined ? null : idOf(place);
};

const BATCHES: Jobs = {
  one: "/model-invocation-job",
  all: "/model-invocation-jobs",
  summaries: "invocationJobSummaries",
  began: "submitTime",
  before: "submitTimeBefore",
  read: readBatch,
};

export const bedrockBatches: ResourceAdapter = {
  operations: {
    "batches.create": create,
    "batches.list": listJobs(BATCHES),
    "batches.retrieve": retrieveJob(BATCHES),
    "batches.cancel": cancelJob(BATCHES),
    "batches.output": output,
  },
  readError: readS3Error,
};
