/**
 * Azure OpenAI speaks OpenAI's shapes, with two differences: a batch's output may be a blob in a storage
 * account (learn.microsoft.com/azure/ai-services/openai/how-to/batch-blob-storage), and fine-tuning jobs have
 * states of their own (github.com/Azure/azure-rest-api-specs, AzureOpenAI/authoring/stable/2024-10-21).
 */
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import type { Auth } from "../schema/provider-row.ts";
import { objectOf, textOf } from "./resource.fields.ts";
import { batchContent, batchErrors, notReady } from "./resource.openai.ts";
import type { Perform, ResourceAdapter, ResourceAnswer, ResourceCall } from "./resource.ts";
import { passedOn, UpstreamRefused } from "./resource.ts";
import { readS3Error } from "./s3.ts";

const output: Perform = async (call) => {
  const batch = await call.json({ url: call.home(`/batches/${encodeURIComponent(call.id)}`, call.search) });
  const found = (await batchContent(call, batch)) ?? (await blobContent(call, batch)) ?? batchErrors(batch);
  if (found === undefined) throw notReady(call.id, batch["status"]);
  return found;
};

/** Both paths are named "even in cases where a corresponding file isn't created". */
const blobContent = async (call: ResourceCall, batch: JsonObject): Promise<ResourceAnswer | undefined> => {
  const [first, second] = [batch["output_blob"], batch["error_blob"]].flatMap((blob) => textOf(blob) ?? []);
  if (first === undefined) return undefined;
  try {
    return await blob(call, first);
  } catch (error) {
    const isAbsent = error instanceof UpstreamRefused && error.response.status === 404;
    if (!isAbsent || second === undefined) throw error;
    return blob(call, second);
  }
};

/** The version of storage's API that is asked, and the scope of its tokens. */
const STORAGE_VERSION = "2022-11-02";
const STORAGE_SCOPE = "https://storage.azure.com/.default";

const blob = async (call: ResourceCall, url: string): Promise<ResourceAnswer> =>
  passedOn(
    await call.send({
      url: checkedBlob(call, url),
      headers: { "x-ms-version": STORAGE_VERSION, "x-ms-date": new Date(call.now * 1000).toUTCString() },
      options: { azure_entra_scope: STORAGE_SCOPE },
      isForeign: true,
      ...withoutKey(call),
    }),
  );

/** A key is the resource's own: storage knows only tokens, and signatures in the URL. */
const withoutKey = ({ option }: ResourceCall): { readonly auth?: Auth } =>
  option("azure_ad_token") === undefined && option("azure_auth_mode") === undefined
    ? { auth: { kind: "none" } }
    : {};

/** The clouds' ends of a storage account's host. */
const STORAGE_HOSTS = [
  ".blob.core.windows.net",
  ".blob.core.usgovcloudapi.net",
  ".blob.core.chinacloudapi.cn",
];

/** What a batch names as its output is fetched with a token, so it has to be Azure's, or behind the custom host. */
const checkedBlob = (call: ResourceCall, text: string): string => {
  const url = URL.parse(text);
  const isAzures =
    url?.protocol === "https:" && STORAGE_HOSTS.some((suffix) => url.hostname.endsWith(suffix));
  const isCustoms = !call.atHome && url !== null && url.origin === URL.parse(call.home(""))?.origin;
  if (url !== null && (isAzures || isCustoms)) return url.href;
  throw new GatewayError(
    "upstream_redirect",
    `Cannot give the output of batch ${call.id}: its blob is not in a storage account of Azure's`,
  );
};

export const azureBatches: ResourceAdapter = {
  operations: { "batches.output": output },
  passes: true,
  readError: readS3Error, // storage's errors have the same elements
};

const JOBS = "/fine_tuning/jobs";

const job = (call: ResourceCall, rest = ""): string =>
  call.home(`${JOBS}/${encodeURIComponent(call.id)}${rest}`, call.search);

/** `FineTuningJobCreation` has no `method`: what trains by examples says its hyperparameters at the top. */
const create: Perform = async (call) => {
  const url = call.home(JOBS, call.search);
  return { body: readJob(await call.json({ method: "POST", url, body: JSON.stringify(hoisted(call)) })) };
};

const hoisted = ({ body, option }: ResourceCall): JsonObject => {
  const { method, ...rest } = body;
  const { type, supervised } = objectOf(method);
  if (option("azure_api_version")?.trim() === "v1" || (type !== "supervised" && type !== undefined))
    return body;
  const { hyperparameters } = objectOf(supervised);
  if (!isObject(method) || rest["hyperparameters"] !== undefined) return body;
  return hyperparameters === undefined ? rest : { ...rest, hyperparameters };
};

const retrieve: Perform = async (call) => ({ body: readJob(await call.json({ url: job(call) })) });

const cancel: Perform = async (call) => ({
  body: readJob(await call.json({ method: "POST", url: job(call, "/cancel") })),
});

const list: Perform = async (call) => {
  const page = await call.json({ url: call.home(JOBS, call.search) });
  const { data } = page;
  return { body: isArray(data) ? { ...page, data: data.map((each) => readJob(objectOf(each))) } : page };
};

/** `FineTuningState`'s words for a job that waits; all others are OpenAI's. */
const WAITING: ReadonlySet<string> = new Set(["created", "pending"]);

const readJob = (value: JsonObject): JsonObject => {
  const status = textOf(value["status"]) ?? "";
  return WAITING.has(status) ? { ...value, status: "queued" } : value;
};

export const azureTuning: ResourceAdapter = {
  operations: {
    "fine_tuning.create": create,
    "fine_tuning.list": list,
    "fine_tuning.retrieve": retrieve,
    "fine_tuning.cancel": cancel,
  },
  passes: true,
};
