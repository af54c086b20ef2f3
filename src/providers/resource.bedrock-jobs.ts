/** What Bedrock's batch and customization jobs have in common: where they are asked for, their ids, times and pages. */
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import type { Perform, ResourceCall } from "./resource.ts";
import { unwrapped } from "./s3.ts";

/** A path of Bedrock's control plane. */
export const controlUrl = (call: ResourceCall, path: string): string => call.host("control") + path;

/** What a client calls a job: its ARN, encoded so that it is one segment of a path. */
export const jobId = (arn: JsonValue | undefined): string => encodeURIComponent(isString(arn) ? arn : "");

/** A job's ARN or its last part, by what the client sent; encoded for a path of AWS's. */
export const jobSegment = (id: string, param = "id"): string => {
  const plain = unwrapped(id);
  if (!/^[a-z0-9][a-z0-9:/._-]*$/i.test(plain)) throw invalidRequest(param, "must be a job's ARN");
  return encodeURIComponent(plain);
};

export const textOf = (value: JsonValue | undefined): string | undefined =>
  isString(value) && value !== "" ? value : undefined;

/** A field that Bedrock cannot do without. */
export const needed = (body: JsonObject, field: string): string => {
  const value = textOf(body[field]);
  if (value === undefined) throw invalidRequest(field, "is required by Bedrock, and must be a text");
  return value;
};

/** Bedrock says RFC 3339, OpenAI seconds since 1970. */
export const secondsOf = (time: JsonValue | undefined): number | null => {
  if (isNumber(time)) return Math.floor(time);
  const ms = isString(time) ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? null : Math.floor(ms / 1000);
};

/** The `s3Uri` of a job's data, which stands within `s3InputDataConfig` and the like. */
export const s3UriOf = (config: JsonValue | undefined): string | undefined => {
  if (!isObject(config)) return undefined;
  const own = textOf(config["s3Uri"]);
  if (own !== undefined) return own;
  return Object.values(config)
    .flatMap((inner) => (isObject(inner) ? (textOf(inner["s3Uri"]) ?? []) : []))
    .at(0);
};

/** A request that is tried again, because nobody heard the answer, does not make a second job. */
export const writeOnce = (call: ResourceCall, request: JsonObject): string => {
  const said = JSON.stringify([call.callId, request]);
  const clientRequestToken = new Bun.CryptoHasher("sha256").update(said).digest("hex");
  return JSON.stringify({ ...request, clientRequestToken });
};

/** Fields of a request that Bedrock has no word for. */
export const unsaid = (body: JsonObject, known: readonly string[]): readonly string[] =>
  Object.keys(body).filter((field) => !known.includes(field) && body[field] !== undefined);

const USUAL_LIMIT = 20;

export const limitOf = (query: URLSearchParams, most: number): number => {
  const text = query.get("limit");
  if (text === null) return USUAL_LIMIT;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw invalidRequest("limit", "must be a whole number from 1");
  return Math.min(Number(text), most);
};

/** Most jobs that Bedrock lists at once. */
const MAX_JOBS = 1000;

/** A kind of Bedrock's jobs. */
export interface Jobs {
  /** Where one of them is, and where all are: `/model-invocation-job`, `/model-invocation-jobs` */
  readonly one: string;
  readonly all: string;
  /** The field of a list that holds them. */
  readonly summaries: string;
  /** The field of a job that says when it began, and the filter by it. */
  readonly began: string;
  readonly before: string;
  /** A job, or its summary in a list, in OpenAI's shape. */
  readonly read: (job: JsonObject) => JsonObject;
}

/** A job by its segment. */
export const getJob = (call: ResourceCall, { one }: Jobs, segment: string): Promise<JsonObject> =>
  call.json({ url: controlUrl(call, `${one}/${segment}`) });

export const retrieveJob =
  (jobs: Jobs): Perform =>
  async (call) => ({ body: jobs.read(await getJob(call, jobs, jobSegment(call.id))) });

export const listJobs =
  (jobs: Jobs): Perform =>
  async (call) => ({ body: await pageOf(call, jobs) });

/** Answered "with an empty HTTP body": API_StopModelInvocationJob.html */
export const cancelJob =
  (jobs: Jobs): Perform =>
  async (call) => {
    const segment = jobSegment(call.id);
    const url = controlUrl(call, `${jobs.one}/${segment}/stop`);
    await (await call.send({ method: "POST", url })).text();
    return { body: jobs.read(await getJob(call, jobs, segment)) };
  };

/**
 * The newest first. OpenAI's pages follow a job's id and Bedrock's a token, so the page after a job is made
 * of those that began before it.
 */
const pageOf = async (call: ResourceCall, jobs: Jobs): Promise<JsonObject> => {
  const query = new URLSearchParams({
    maxResults: String(limitOf(call.query, MAX_JOBS)),
    sortBy: "CreationTime",
    sortOrder: "Descending",
  });
  const after = call.query.get("after");
  const before =
    after === null ? undefined : textOf((await getJob(call, jobs, jobSegment(after, "after")))[jobs.began]);
  if (before !== undefined) query.set(jobs.before, before);
  const page = await call.json({ url: controlUrl(call, `${jobs.all}?${query.toString()}`) });
  const summaries = page[jobs.summaries];
  const data = (isArray(summaries) ? summaries : []).filter(isObject).map(jobs.read);
  return {
    object: "list",
    data,
    first_id: data[0]?.["id"] ?? null,
    last_id: data.at(-1)?.["id"] ?? null,
    has_more: textOf(page["nextToken"]) !== undefined,
  };
};
