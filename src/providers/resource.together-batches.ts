/**
 * Batches for Together AI are its batch jobs (docs.together.ai/reference/batch-create and its siblings, and the types of
 * together-ai): in capitals, with times as text, and wrapped when they are new. The rows of their files are OpenAI's.
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject } from "../schema/json.ts";
import { batchObject } from "./resource.batch.ts";
import { batchJobs } from "./resource.batch-jobs.ts";
import { limitOf, neededField, objectOf, secondsOf, segmentOf, textOf, unsaid } from "./resource.fields.ts";
import { listAfter } from "./resource.pages.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";

const CREATED_BY = ["completion_window", "endpoint", "input_file_id", "model", "model_id", "priority"];

const create: Perform = async (call) => {
  const { body } = call;
  const { priority } = body;
  const request = {
    input_file_id: neededField(call, "input_file_id"),
    endpoint: neededField(call, "endpoint"),
    ...defined({
      completion_window: textOf(body["completion_window"]),
      model_id: call.model ?? textOf(body["model_id"]),
      priority: isNumber(priority) ? priority : undefined,
    }),
  };
  const url = call.home("/batches");
  const { job, warning } = await call.json({ method: "POST", url, body: JSON.stringify(request) });
  const made = { ...readJob(objectOf(job)), ...defined({ warning: textOf(warning) }) };
  return { body: made, notes: unsaid(body, CREATED_BY) };
};

const jobUrl = (call: ResourceCall, rest = ""): string => call.home(`/batches/${segmentOf(call.id)}${rest}`);

const MAX_LIMIT = 100;

/** All of them come at once, as an array. */
const list: Perform = async (call) => ({
  body: await listAfter({
    limit: limitOf(call.query, MAX_LIMIT),
    after: call.query.get("after"),
    most: MAX_LIMIT,
    page: async () => {
      const jobs = arrayOf(await (await call.send({ url: call.home("/batches") })).text());
      return { items: jobs.filter(isObject).map(readJob), next: undefined };
    },
  }),
});

const arrayOf = (text: string): readonly JsonValue[] => {
  try {
    const value: unknown = JSON.parse(text);
    if (isArray(value)) return value;
  } catch {
    // told below
  }
  throw new MalformedReply("a list of batches was expected");
};

/** docs.together.ai/docs/inference/batch/manage, "Check batch status" */
const STATUSES = table({
  VALIDATING: "validating",
  IN_PROGRESS: "in_progress",
  COMPLETED: "completed",
  FAILED: "failed",
  EXPIRED: "expired",
  CANCELLED: "cancelled",
});

const readJob = (job: JsonObject): JsonObject => {
  const error = textOf(job["error"]);
  return batchObject({
    id: textOf(job["id"]) ?? "",
    endpoint: textOf(job["endpoint"]) ?? "",
    model: textOf(job["model_id"]) ?? null,
    status: STATUSES.get(textOf(job["status"]) ?? "") ?? "in_progress",
    errors: error === undefined ? [] : [{ code: "batch_failed", message: error }],
    input: textOf(job["input_file_id"]) ?? "",
    output: textOf(job["output_file_id"]) ?? null,
    errorFile: textOf(job["error_file_id"]) ?? null,
    createdAt: secondsOf(job["created_at"]),
    endedAt: secondsOf(job["completed_at"]),
    expiresAt: secondsOf(job["job_deadline"]),
  });
};

export const togetherBatches: ResourceAdapter = {
  operations: {
    "batches.create": create,
    "batches.list": list,
    ...batchJobs({ url: jobUrl, read: readJob }),
  },
};
