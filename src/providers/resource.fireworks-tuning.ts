/**
 * Fine-tuning for Fireworks: its supervised fine-tuning jobs, in the fields of
 * github.com/fw-ai-external/python-sdk (`supervised_fine_tuning_job*.py`).
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber } from "../schema/json.ts";
import {
  checkSupervised,
  hyperparametersOf,
  neededField,
  secondsOf,
  segmentOf,
  textOf,
  unsaid,
} from "./resource.fields.ts";
import {
  accountName,
  accountUrl,
  datasetName,
  failureOf,
  idOf,
  listAll,
  modelName,
} from "./resource.fireworks.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";

const KIND = "supervisedFineTuningJobs";

const CREATED_BY = [
  "hyperparameters",
  "method",
  "model",
  "output_model",
  "suffix",
  "training_file",
  "validation_file",
];

const create: Perform = async (call) => {
  checkSupervised(call);
  const { body } = call;
  const given = hyperparametersOf(body);
  const suffix = textOf(body["suffix"]);
  const check = textOf(body["validation_file"]);
  const request = {
    dataset: datasetName(call, neededField(call, "training_file"), "training_file"),
    baseModel: modelName(call.model ?? neededField(call, "model")),
    ...writeParameters(given),
    ...defined({
      evaluationDataset: check === undefined ? undefined : datasetName(call, check, "validation_file"),
      displayName: suffix,
      outputModel: outputModel(call, textOf(body["output_model"]) ?? suffix),
    }),
  };
  const job = await call.json({ method: "POST", url: accountUrl(call, KIND), body: JSON.stringify(request) });
  const others = Object.keys(given).filter((name) => !PARAMETERS.has(name) && given[name] !== "auto");
  return {
    body: readJob(job),
    notes: [...unsaid(body, CREATED_BY), ...others.map((name) => `hyperparameters.${name}`)],
  };
};

const outputModel = (call: ResourceCall, name: string | undefined): string | undefined =>
  name === undefined ? undefined : `${accountName(call)}/models/${segmentOf(name, "suffix")}`;

/** Rates are absolute, so a multiplier of OpenAI's has no place; the size of a batch is counted in examples. */
const PARAMETERS = table({
  n_epochs: "epochs",
  batch_size: "batchSizeSamples",
  learning_rate: "learningRate",
  lora_rank: "loraRank",
});

const writeParameters = (given: JsonObject): JsonObject =>
  Object.fromEntries(
    [...PARAMETERS].flatMap(([ours, theirs]): [string, JsonValue][] => {
      const value = given[ours];
      return isNumber(value) ? [[theirs, value]] : [];
    }),
  );

const readParameters = (job: JsonObject): JsonObject =>
  Object.fromEntries(
    [...PARAMETERS].flatMap(([ours, theirs]): [string, JsonValue][] => {
      const value = job[theirs];
      return isNumber(value) ? [[ours, value]] : [];
    }),
  );

const jobUrl = (call: ResourceCall): string => accountUrl(call, `${KIND}/${segmentOf(call.id)}`);

const retrieve: Perform = async (call) => ({ body: readJob(await call.json({ url: jobUrl(call) })) });

const list: Perform = async (call) => ({ body: await listAll(call, KIND, readJob) });

/** A job is stopped by deleting it. */
const cancel: Perform = async (call) => {
  const job = readJob(await call.json({ url: jobUrl(call) }));
  await (await call.send({ method: "DELETE", url: jobUrl(call) })).text();
  return { body: { ...job, status: "cancelled" } };
};

/** `JobState` */
const STATUSES = table({
  JOB_STATE_UNSPECIFIED: "queued",
  JOB_STATE_PENDING: "queued",
  JOB_STATE_RE_QUEUEING: "queued",
  JOB_STATE_PAUSED: "queued",
  JOB_STATE_VALIDATING: "validating_files",
  JOB_STATE_COMPLETED: "succeeded",
  JOB_STATE_EARLY_STOPPED: "succeeded",
  JOB_STATE_FAILED: "failed",
  JOB_STATE_EXPIRED: "failed",
  JOB_STATE_CANCELLING: "cancelled",
  JOB_STATE_CANCELLED: "cancelled",
  JOB_STATE_DELETING: "cancelled",
  JOB_STATE_DELETING_CLEANING_UP: "cancelled",
});

const readJob = (job: JsonObject): JsonObject => {
  const status = STATUSES.get(textOf(job["state"]) ?? "") ?? "running";
  const failure = failureOf(job);
  const check = textOf(job["evaluationDataset"]);
  return {
    id: idOf(job["name"]),
    object: "fine_tuning.job",
    created_at: secondsOf(job["createTime"]) ?? 0,
    finished_at: secondsOf(job["completedTime"]),
    model: textOf(job["baseModel"]) ?? "",
    fine_tuned_model: status === "succeeded" ? (textOf(job["outputModel"]) ?? null) : null,
    status,
    error: failure === undefined ? null : { ...failure, param: null },
    hyperparameters: readParameters(job),
    training_file: idOf(job["dataset"]),
    validation_file: check === undefined ? null : idOf(check),
    result_files: [],
    trained_tokens: null,
    organization_id: "",
    seed: 0,
  };
};

export const fireworksTuning: ResourceAdapter = {
  operations: {
    "fine_tuning.create": create,
    "fine_tuning.list": list,
    "fine_tuning.retrieve": retrieve,
    "fine_tuning.cancel": cancel,
  },
};
