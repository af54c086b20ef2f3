/** Batches for Cohere are its embed jobs: docs.cohere.com/reference/create-embed-job, and the types of cohere-ai 8.1.0. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import { embeddedRows } from "./resource.cohere-output.ts";
import {
  checkEndpoint,
  limitOf,
  neededField,
  secondsOf,
  segmentOf,
  textOf,
  unsaid,
} from "./resource.fields.ts";
import { notReady } from "./resource.openai.ts";
import { listAfter } from "./resource.pages.ts";
import { batchObject } from "./resource.batch.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";

const CREATED_BY = [
  "completion_window",
  "embedding_types",
  "endpoint",
  "input_file_id",
  "input_type",
  "job_name",
  "model",
  "name",
  "truncate",
];

const EMBEDDINGS = "/v1/embeddings";

const create: Perform = async (call) => {
  const { body } = call;
  checkEndpoint(call, EMBEDDINGS);
  const request = {
    model: call.model ?? neededField(call, "model"),
    dataset_id: segmentOf(neededField(call, "input_file_id"), "input_file_id"),
    // What is embedded without a word is what is stored.
    input_type: textOf(body["input_type"]) ?? "search_document",
    ...defined({
      name: textOf(body["name"]) ?? textOf(body["job_name"]),
      embedding_types: body["embedding_types"],
      truncate: body["truncate"],
    }),
  };
  const url = call.home("/v1/embed-jobs");
  const { job_id } = await call.json({ method: "POST", url, body: JSON.stringify(request) });
  const { model, dataset_id: input_dataset_id } = request;
  return {
    body: readJob({ job_id, model, input_dataset_id, status: "processing", created_at: call.now }),
    notes: unsaid(body, CREATED_BY),
  };
};

const jobUrl = (call: ResourceCall, rest = ""): string =>
  call.home(`/v1/embed-jobs/${segmentOf(call.id)}${rest}`);

const getJob = async (call: ResourceCall): Promise<JsonObject> =>
  readJob(await call.json({ url: jobUrl(call) }));

const retrieve: Perform = async (call) => ({ body: await getJob(call) });

const MOST = 1000;

/** All jobs come at once. */
const list: Perform = async (call) => ({
  body: await listAfter({
    limit: limitOf(call.query, MOST),
    after: call.query.get("after"),
    most: MOST,
    page: async () => {
      const jobs = (await call.json({ url: call.home("/v1/embed-jobs") }))["embed_jobs"];
      return { items: (isArray(jobs) ? jobs : []).filter(isObject).map(readJob), next: undefined };
    },
  }),
});

/** Answered with nothing. */
const cancel: Perform = async (call) => {
  await (await call.send({ method: "POST", url: jobUrl(call, "/cancel"), body: "{}" })).text();
  return { body: await getJob(call) };
};

const output: Perform = async (call) => {
  const batch = await getJob(call);
  const dataset = textOf(batch["output_file_id"]);
  if (dataset === undefined) throw notReady(call.id, batch["status"]);
  return embeddedRows(call, dataset, textOf(batch["model"]) ?? "");
};

/** `EmbedJobStatus` */
const STATUSES = table({
  processing: "in_progress",
  complete: "completed",
  cancelling: "cancelling",
  cancelled: "cancelled",
  failed: "failed",
});

const readJob = (job: JsonObject): JsonObject =>
  batchObject({
    id: textOf(job["job_id"]) ?? "",
    endpoint: EMBEDDINGS,
    model: textOf(job["model"]) ?? null,
    status: STATUSES.get(textOf(job["status"]) ?? "") ?? "in_progress",
    input: textOf(job["input_dataset_id"]) ?? "",
    output: textOf(job["output_dataset_id"]) ?? null,
    createdAt: secondsOf(job["created_at"]),
  });

export const cohereBatches: ResourceAdapter = {
  operations: {
    "batches.create": create,
    "batches.list": list,
    "batches.retrieve": retrieve,
    "batches.cancel": cancel,
    "batches.output": output,
  },
};
