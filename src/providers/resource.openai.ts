/** Providers that speak OpenAI's shapes: everything is passed through but the output of a batch, which is no path of theirs. */
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Perform, ResourceAdapter, ResourceAnswer, ResourceCall } from "./resource.ts";
import { passedOn } from "./resource.ts";

const output: Perform = async (call) => {
  const batch = await call.json({ url: call.home(`/batches/${encodeURIComponent(call.id)}`, call.search) });
  const found = (await batchContent(call, batch)) ?? batchErrors(batch);
  if (found === undefined) throw notReady(call.id, batch["status"]);
  return found;
};

/** The file that a batch's answers are in; where every request failed, there is only one of errors. */
export const batchContent = async (
  call: ResourceCall,
  batch: JsonObject,
): Promise<ResourceAnswer | undefined> => {
  const file = [batch["output_file_id"], batch["error_file_id"]].find(
    (id): id is string => isString(id) && id !== "",
  );
  if (file === undefined) return undefined;
  const url = call.home(`/files/${encodeURIComponent(file)}/content`, call.search);
  return passedOn(await call.send({ url }));
};

/** The errors of a batch that was never begun. */
export const batchErrors = ({ errors }: JsonObject): ResourceAnswer | undefined => {
  if (isArray(errors) && errors.length > 0) return { body: { object: "list", data: errors } };
  return isObject(errors) && isArray(errors["data"]) && errors["data"].length > 0
    ? { body: errors }
    : undefined;
};

/** 409: asked again later, it may be there. */
export const notReady = (id: string, status: unknown): GatewayError =>
  new GatewayError(
    "output_not_ready",
    `Cannot give the output of batch ${id}: its status is ${isString(status) ? status : "unknown"}, and there is no output file`,
    { param: "id" },
  );

export const openaiResources: ResourceAdapter = {
  operations: { "batches.output": output },
  passes: true,
};
