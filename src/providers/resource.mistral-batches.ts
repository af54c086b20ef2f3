/**
 * Batches for Mistral are its batch jobs (docs.mistral.ai/inference/batch-processing, and the types of
 * @mistralai/mistralai 2.7.0). Its files, and the rows in them, are OpenAI's.
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import {
  countOf,
  limitOf,
  neededField,
  objectOf,
  secondsOf,
  segmentOf,
  textOf,
  unsaid,
} from "./resource.fields.ts";
import { batchObject } from "./resource.batch.ts";
import { batchJobs } from "./resource.batch-jobs.ts";
import { listAfter } from "./resource.pages.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";

const CREATED_BY = ["completion_window", "endpoint", "input_file_id", "metadata", "model"];

const create: Perform = async (call) => {
  const { body } = call;
  const request = {
    input_files: [neededField(call, "input_file_id")],
    endpoint: neededField(call, "endpoint"),
    ...defined({
      model: call.model ?? undefined,
      metadata: body["metadata"] ?? undefined,
      timeout_hours: hoursOf(body["completion_window"]),
    }),
  };
  const url = call.home("/batch/jobs");
  const job = await call.json({ method: "POST", url, body: JSON.stringify(request) });
  return { body: readJob(job), notes: unsaid(body, CREATED_BY) };
};

const hoursOf = (window: JsonValue | undefined): number | undefined => {
  const [, hours, days] = /^(?:(\d{1,3})h|(\d{1,2})d)$/.exec(textOf(window) ?? "") ?? [];
  if (hours !== undefined) return Number(hours);
  return days === undefined ? undefined : Number(days) * 24;
};

const jobUrl = (call: ResourceCall, rest = ""): string =>
  call.home(`/batch/jobs/${segmentOf(call.id)}${rest}`);

/** Jobs that are asked for at once. */
const MOST = 100;

const list: Perform = async (call) => ({
  body: await listAfter({
    limit: limitOf(call.query, MOST),
    after: call.query.get("after"),
    most: MOST,
    page: async (size, token = "0") => {
      const query = `?page=${token}&page_size=${size}&order_by=-created`;
      const { data } = await call.json({ url: call.home("/batch/jobs", query) });
      const items = (isArray(data) ? data : []).filter(isObject).map(readJob);
      return { items, next: items.length < size ? undefined : String(Number(token) + 1) };
    },
  }),
});

/** `BatchJobStatus` */
const STATUSES = table({
  QUEUED: "validating",
  RUNNING: "in_progress",
  SUCCESS: "completed",
  FAILED: "failed",
  TIMEOUT_EXCEEDED: "expired",
  CANCELLATION_REQUESTED: "cancelling",
  CANCELLED: "cancelled",
});

const readJob = (job: JsonObject): JsonObject => {
  const inputs = job["input_files"];
  return batchObject({
    id: textOf(job["id"]) ?? "",
    endpoint: textOf(job["endpoint"]) ?? "",
    model: textOf(job["model"]) ?? null,
    status: STATUSES.get(textOf(job["status"]) ?? "") ?? "in_progress",
    errors: errorsOf(job["errors"]),
    input: isArray(inputs) ? (textOf(inputs[0]) ?? "") : "",
    output: textOf(job["output_file"]) ?? null,
    errorFile: textOf(job["error_file"]) ?? null,
    createdAt: secondsOf(job["created_at"]),
    startedAt: secondsOf(job["started_at"]),
    endedAt: secondsOf(job["completed_at"]),
    counts: {
      total: countOf(job["total_requests"]),
      completed: countOf(job["succeeded_requests"]),
      failed: countOf(job["failed_requests"]),
    },
    metadata: job["metadata"],
  });
};

/** Each message, once for all requests that it is about. */
const errorsOf = (errors: JsonValue | undefined): readonly JsonObject[] =>
  (isArray(errors) ? errors : []).flatMap((error) => {
    const message = textOf(objectOf(error)["message"]);
    return message === undefined ? [] : [{ code: "request_failed", message }];
  });

export const mistralBatches: ResourceAdapter = {
  operations: {
    "batches.create": create,
    "batches.list": list,
    ...batchJobs({ url: jobUrl, read: readJob }),
  },
};
