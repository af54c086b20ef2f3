/**
 * Fine-tuning for Vertex AI: its tuning jobs, in the fields that @google/genai 3.1.0 sends and reads.
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isString } from "../schema/json.ts";
import { objectOf, uriOf } from "./gcs.ts";
import {
  checkSupervised,
  countOf,
  hyperparametersOf,
  neededField,
  objectOf as fieldsOf,
  secondsOf,
  textOf,
  unsaid,
} from "./resource.fields.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";
import { cancelJob, errorOf, jobId, jobsUrl, jobUrl, listJobs } from "./resource.vertex-jobs.ts";
import { madeModel } from "./resource.vertex-lines.ts";

const KIND = "tuningJobs";

const CREATED_BY = ["hyperparameters", "method", "model", "suffix", "training_file", "validation_file"];

const create: Perform = async (call) => {
  checkSupervised(call);
  const { body } = call;
  const model = call.model ?? neededField(call, "model");
  const isGoogles = madeModel(model).maker === "google";
  const given = hyperparametersOf(body);
  // "This feature is only available for open source models": `SupervisedHyperParameters.batchSize` of @google/genai.
  const { batch_size: _, ...known } = given;
  const taken = isGoogles ? known : given;
  const request = {
    ...baseOf(model),
    supervisedTuningSpec: {
      trainingDatasetUri: fileUri(call, "training_file"),
      ...defined({
        validationDatasetUri:
          textOf(body["validation_file"]) === undefined ? undefined : fileUri(call, "validation_file"),
        hyperParameters: writeParameters(taken),
      }),
    },
    ...defined({ tunedModelDisplayName: textOf(body["suffix"]) }),
  };
  const job = await call.json({ method: "POST", url: jobsUrl(call, KIND), body: JSON.stringify(request) });
  const others = Object.keys(given).filter(
    (field) => !(PARAMETERS.has(field) && field in taken) && given[field] !== "auto",
  );
  return {
    body: readJob(job),
    notes: [...unsaid(body, CREATED_BY), ...others.map((field) => `hyperparameters.${field}`)],
  };
};

/** A model that was tuned before is said by its name as a resource; other makers' keep the name that they have. */
const baseOf = (model: string): JsonObject => {
  if (/^projects\/[\w./@:-]+$/.test(model)) return { preTunedModel: { tunedModelName: model } };
  const { maker, name } = madeModel(model);
  return { baseModel: maker === "google" ? name : model };
};

const fileUri = (call: ResourceCall, field: string): string =>
  uriOf(objectOf(call, neededField(call, field), field));

/** `SupervisedHyperParameters`. */
const PARAMETERS = table({
  n_epochs: "epochCount",
  batch_size: "batchSize",
  learning_rate_multiplier: "learningRateMultiplier",
  adapter_size: "adapterSize",
});

/** `auto` is Vertex's choice too. */
const writeParameters = (given: JsonObject): JsonObject | undefined => {
  const said = Object.entries(given).flatMap(([name, value]): [string, JsonValue][] => {
    const theirs = PARAMETERS.get(name);
    const isSaid = isNumber(value) || (isString(value) && value !== "auto");
    return theirs !== undefined && isSaid ? [[theirs, value]] : [];
  });
  return said.length === 0 ? undefined : Object.fromEntries(said);
};

const readParameters = (given: JsonObject): JsonObject =>
  Object.fromEntries(
    [...PARAMETERS].flatMap(([ours, theirs]): [string, JsonValue][] => {
      const value = given[theirs];
      return value === undefined ? [] : [[ours, countOf(value) ?? value]];
    }),
  );

const retrieve: Perform = async (call) => ({ body: readJob(await call.json({ url: jobUrl(call, KIND) })) });

const list: Perform = async (call) => ({ body: await listJobs(call, KIND, readJob) });

const cancel: Perform = async (call) => ({ body: readJob(await cancelJob(call, KIND)) });

/** `JobState` in the types of @google/genai 3.1.0. */
const STATUSES = table({
  JOB_STATE_SUCCEEDED: "succeeded",
  JOB_STATE_PARTIALLY_SUCCEEDED: "succeeded",
  JOB_STATE_RUNNING: "running",
  JOB_STATE_UPDATING: "running",
  JOB_STATE_FAILED: "failed",
  JOB_STATE_CANCELLING: "cancelled",
  JOB_STATE_CANCELLED: "cancelled",
  JOB_STATE_EXPIRED: "cancelled",
});

/** A job as OpenAI's fine-tuning job. */
const readJob = (job: JsonObject): JsonObject => {
  const spec = fieldsOf(job["supervisedTuningSpec"]);
  const error = errorOf(job);
  const stats = fieldsOf(fieldsOf(job["tuningDataStats"])["supervisedTuningDataStats"]);
  return {
    id: jobId(job),
    object: "fine_tuning.job",
    created_at: secondsOf(job["createTime"]) ?? 0,
    finished_at: secondsOf(job["endTime"]),
    model: textOf(job["baseModel"]) ?? "",
    fine_tuned_model: tunedModel(fieldsOf(job["tunedModel"])),
    status: STATUSES.get(textOf(job["state"]) ?? "") ?? "queued",
    error: error === undefined ? null : { ...error, param: null },
    hyperparameters: readParameters(fieldsOf(spec["hyperParameters"])),
    training_file: encodeURIComponent(textOf(spec["trainingDatasetUri"]) ?? ""),
    validation_file: validationId(spec["validationDatasetUri"]),
    result_files: [],
    trained_tokens: countOf(stats["totalBillableTokenCount"]) ?? null,
    organization_id: "",
    seed: 0,
  };
};

/** A tuned model is called by the number of its endpoint. */
const tunedModel = ({ endpoint, model }: JsonObject): string | null =>
  textOf(endpoint)?.split("/").at(-1) ?? textOf(model) ?? null;

const validationId = (uri: JsonValue | undefined): string | null => {
  const text = textOf(uri);
  return text === undefined ? null : encodeURIComponent(text);
};

export const vertexTuning: ResourceAdapter = {
  operations: {
    "fine_tuning.create": create,
    "fine_tuning.list": list,
    "fine_tuning.retrieve": retrieve,
    "fine_tuning.cancel": cancel,
  },
};
