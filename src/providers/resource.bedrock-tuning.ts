/** Fine-tuning for Bedrock: its model customization jobs (the types of @aws-sdk/client-bedrock 3.1162.0). */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import type { Jobs } from "./resource.bedrock-jobs.ts";
import {
  cancelJob,
  controlUrl,
  jobId,
  listJobs,
  needed,
  retrieveJob,
  s3UriOf,
  secondsOf,
  textOf,
  unsaid,
  writeOnce,
} from "./resource.bedrock-jobs.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";
import type { S3Object } from "./s3.ts";
import { folderOf, objectOf, readS3Error, uriOf } from "./s3.ts";

const CREATED_BY = [
  "customization_type",
  "hyperparameters",
  "job_name",
  "method",
  "model",
  "output_file",
  "role_arn",
  "suffix",
  "training_file",
  "validation_file",
];

const create: Perform = async (call) => {
  const { body } = call;
  const training = objectOf(call, needed(body, "training_file"), "training_file");
  const validation = validationOf(call);
  const suffix = needed(body, "suffix");
  const request = {
    jobName: textOf(body["job_name"]) ?? `turnpike-tuning-${call.callId}`,
    customModelName: suffix,
    roleArn: needed(body, "role_arn"),
    baseModelIdentifier: call.model ?? needed(body, "model"),
    customizationType: textOf(body["customization_type"]) ?? "FINE_TUNING",
    trainingDataConfig: { s3Uri: uriOf(training) },
    outputDataConfig: { s3Uri: outputUri(call, training, suffix) },
    ...defined({
      validationDataConfig:
        validation === undefined ? undefined : { validators: [{ s3Uri: uriOf(validation) }] },
      hyperParameters: writeParameters(hyperparameters(body)),
    }),
  };
  const url = controlUrl(call, "/model-customization-jobs");
  const { jobArn } = await call.json({ method: "POST", url, body: writeOnce(call, request) });
  const job = { ...request, jobArn, status: "InProgress", creationTime: call.now };
  return { body: readJob({ ...job, outputModelName: null }), notes: unsaid(body, CREATED_BY) };
};

const validationOf = (call: ResourceCall): S3Object | undefined => {
  const file = textOf(call.body["validation_file"]);
  return file === undefined ? undefined : objectOf(call, file, "validation_file");
};

/** Where the client says nothing, beside the examples. */
const outputUri = (call: ResourceCall, { bucket, key }: S3Object, suffix: string): string => {
  const given = textOf(call.body["output_file"]);
  if (given !== undefined) return uriOf(folderOf(call, given, "output_file"));
  return uriOf({ bucket, key: `${key.slice(0, key.lastIndexOf("/") + 1)}${suffix}` });
};

/** OpenAI moved them into the method; the older place is still taken. */
const hyperparameters = ({ hyperparameters: own, method }: JsonObject): JsonObject => {
  const kind = isObject(method) && isString(method["type"]) ? method[method["type"]] : undefined;
  const within = isObject(kind) ? kind["hyperparameters"] : undefined;
  return { ...(isObject(own) ? own : {}), ...(isObject(within) ? within : {}) };
};

/** Which of them a model takes differs: docs.aws.amazon.com/bedrock/latest/userguide/custom-models-hp.html */
const PARAMETERS = table({
  n_epochs: "epochCount",
  batch_size: "batchSize",
  learning_rate_multiplier: "learningRateMultiplier",
});

/** Others are the model's own and go by their names; `auto` is Bedrock's choice too. */
const writeParameters = (given: JsonObject): Record<string, string> | undefined => {
  const said = Object.entries(given).flatMap(([name, value]): [string, string][] =>
    isNumber(value) || (isString(value) && value !== "auto")
      ? [[PARAMETERS.get(name) ?? name, String(value)]]
      : [],
  );
  return said.length === 0 ? undefined : Object.fromEntries(said);
};

const NAMES = new Map([...PARAMETERS].map(([ours, theirs]) => [theirs, ours]));

const readParameters = (given: JsonValue | undefined): JsonObject =>
  Object.fromEntries(
    Object.entries(isObject(given) ? given : {}).map(([name, value]) => [
      NAMES.get(name) ?? name,
      isString(value) && value.trim() !== "" && !Number.isNaN(Number(value)) ? Number(value) : value,
    ]),
  );

/** `ModelCustomizationJobStatus` */
const STATUSES = table({
  InProgress: "running",
  Completed: "succeeded",
  Failed: "failed",
  Stopping: "cancelled",
  Stopped: "cancelled",
});

/** A job, or its summary in a list, as OpenAI's fine-tuning job. */
const readJob = (job: JsonObject): JsonObject => {
  const status = STATUSES.get(textOf(job["status"]) ?? "") ?? "running";
  const message = textOf(job["failureMessage"]);
  const output = s3UriOf(job["outputDataConfig"]);
  return {
    id: jobId(job["jobArn"]),
    object: "fine_tuning.job",
    created_at: secondsOf(job["creationTime"]) ?? 0,
    finished_at: secondsOf(job["endTime"]),
    model: textOf(job["baseModelArn"]) ?? textOf(job["baseModelIdentifier"]) ?? "",
    fine_tuned_model: textOf(job["outputModelArn"]) ?? textOf(job["customModelArn"]) ?? null,
    status,
    error: message === undefined ? null : { code: "job_failed", message, param: null },
    hyperparameters: readParameters(job["hyperParameters"]),
    training_file: encodeURIComponent(s3UriOf(job["trainingDataConfig"]) ?? ""),
    validation_file: validationId(job["validationDataConfig"]),
    result_files: status === "succeeded" && output !== undefined ? [encodeURIComponent(output)] : [],
    trained_tokens: null,
    organization_id: "",
    seed: 0,
  };
};

const validationId = (config: JsonValue | undefined): string | null => {
  const validators = isObject(config) ? config["validators"] : undefined;
  const uri = Array.isArray(validators) ? s3UriOf(validators[0] as JsonValue) : undefined; // JSON, as it was parsed
  return uri === undefined ? null : encodeURIComponent(uri);
};

const JOBS: Jobs = {
  one: "/model-customization-jobs",
  all: "/model-customization-jobs",
  summaries: "modelCustomizationJobSummaries",
  began: "creationTime",
  before: "creationTimeBefore",
  read: readJob,
};

export const bedrockTuning: ResourceAdapter = {
  operations: {
    "fine_tuning.create": create,
    "fine_tuning.list": listJobs(JOBS),
    "fine_tuning.retrieve": retrieveJob(JOBS),
    "fine_tuning.cancel": cancelJob(JOBS),
  },
  readError: readS3Error,
};
