/** What Vertex AI's batch and tuning jobs have in common: where they are asked for, their ids and their pages. */
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isNumber, isObject } from "../schema/json.ts";
import { limitOf, objectOf, segmentOf, textOf } from "./resource.fields.ts";
import { listAfter } from "./resource.pages.ts";
import type { ResourceCall } from "./resource.ts";
import { missingInput } from "./url.ts";

/** Where a project's jobs and models are. */
export const projectPath = (call: ResourceCall): string => {
  const account = call.object("vertex_service_account_json") ?? {};
  const project = call.option("vertex_project_id") ?? textOf(account["project_id"]);
  const region = call.option("vertex_region");
  if (project === undefined) throw missingInput({ id: call.provider }, "vertex_project_id");
  if (region === undefined) throw missingInput({ id: call.provider }, "vertex_region");
  // Older projects have their organisation's domain before a colon.
  if (!/^[a-z0-9][a-z0-9.:-]*$/i.test(project))
    throw invalidRequest("vertex_project_id", "is not the id of a project");
  return `projects/${project}/locations/${segmentOf(region, "vertex_region")}`;
};

/** `batchPredictionJobs`, with what follows it. */
export const jobsUrl = (call: ResourceCall, kind: string, rest = ""): string =>
  call.home(`/v1/${projectPath(call)}/${kind}${rest}`);

export const jobUrl = (call: ResourceCall, kind: string, id = call.id, verb = ""): string =>
  jobsUrl(call, kind, `/${segmentOf(id)}${verb}`);

/** A job's id is the last part of its name. */
export const jobId = (job: JsonObject): string => (textOf(job["name"]) ?? "").split("/").at(-1) ?? "";

/** Answered with an empty object. */
export const cancelJob = async (call: ResourceCall, kind: string): Promise<JsonObject> => {
  await call.json({ method: "POST", url: jobUrl(call, kind, call.id, ":cancel"), body: "{}" });
  return call.json({ url: jobUrl(call, kind) });
};

/** Jobs that are asked for at once. */
const MOST_JOBS = 100;

export const listJobs = (
  call: ResourceCall,
  kind: string,
  read: (job: JsonObject) => JsonObject,
): Promise<JsonObject> =>
  listAfter({
    limit: limitOf(call.query, MOST_JOBS),
    after: call.query.get("after"),
    most: MOST_JOBS,
    page: async (size, token) => {
      const query = new URLSearchParams({
        pageSize: String(size),
        ...(token === undefined ? {} : { pageToken: token }),
      });
      const answer = await call.json({ url: jobsUrl(call, kind, `?${query.toString()}`) });
      const jobs = answer[kind];
      return {
        items: (isArray(jobs) ? jobs : []).filter(isObject).map(read),
        next: textOf(answer["nextPageToken"]),
      };
    },
  });

/** Why a job failed. */
export const errorOf = (job: JsonObject): JsonObject | undefined => {
  const { code, message } = objectOf(job["error"]);
  const text = textOf(message);
  return text === undefined
    ? undefined
    : { code: isNumber(code) ? String(code) : "job_failed", message: text };
};
