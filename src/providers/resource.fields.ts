/** What adapters read out of bodies and queries, whatever the provider. */
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import { textOf } from "./resource.bedrock-jobs.ts";
import type { ResourceCall } from "./resource.ts";

export { limitOf, secondsOf, textOf, unsaid } from "./resource.bedrock-jobs.ts";

export const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

/** Counts are numbers, or as text where the vendor's counts have 64 bits. */
export const countOf = (value: JsonValue | undefined): number | undefined => {
  const count = isString(value) && value !== "" ? Number(value) : value;
  return isNumber(count) && Number.isFinite(count) ? count : undefined;
};

/** A field that the provider cannot do without. */
export const neededField = ({ body, provider }: ResourceCall, field: string): string => {
  const value = textOf(body[field]);
  if (value === undefined) throw invalidRequest(field, `is required by ${provider}, and must be a text`);
  return value;
};

/** Batches of one kind alone: another kind is not what the client would get. */
export const checkEndpoint = ({ body, provider }: ResourceCall, only: string): void => {
  const { endpoint } = body;
  if (endpoint === undefined || endpoint === null || endpoint === only) return;
  throw invalidRequest("endpoint", `must be ${only} for ${provider}, which has no batches of others`);
};

/** A provider's name of a thing, or its last part, as one segment of a path. */
export const segmentOf = (id: string, param = "id"): string => {
  const last = id.slice(id.lastIndexOf("/") + 1);
  if (!/^[a-z0-9][a-z0-9._-]*$/i.test(last)) throw invalidRequest(param, "is not an id of the provider's");
  return last;
};

/** OpenAI moved them into the method; the older place is still taken. */
export const hyperparametersOf = ({ hyperparameters, method }: JsonObject): JsonObject => {
  const { type } = objectOf(method);
  const kind = isString(type) ? objectOf(objectOf(method)[type]) : {};
  return { ...objectOf(hyperparameters), ...objectOf(kind["hyperparameters"]) };
};

/** 400 for another kind of training than by examples. */
export const checkSupervised = ({ body, provider }: ResourceCall): void => {
  const { type } = objectOf(body["method"]);
  if (type === undefined || type === "supervised") return;
  throw new GatewayError("invalid_request", `method.type: must be supervised for ${provider}`, {
    param: "method.type",
  });
};
