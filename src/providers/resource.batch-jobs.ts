/** What every provider does alike whose batches are jobs of its own and whose rows, asked and answered, are OpenAI's. */
import type { JsonObject } from "../schema/json.ts";
import { batchContent, batchErrors, notReady } from "./resource.openai.ts";
import type { Perform, ResourceAdapter, ResourceCall } from "./resource.ts";

export interface BatchJobs {
  /** Where the call's job is, and below it. */
  readonly url: (call: ResourceCall, rest?: string) => string;
  /** OpenAI's batch, out of the job. */
  readonly read: (job: JsonObject) => JsonObject;
}

export const batchJobs = ({ url, read }: BatchJobs): ResourceAdapter["operations"] => {
  const get = async (call: ResourceCall): Promise<JsonObject> => read(await call.json({ url: url(call) }));

  const retrieve: Perform = async (call) => ({ body: await get(call) });

  const cancel: Perform = async (call) => ({
    body: read(await call.json({ method: "POST", url: url(call, "/cancel") })),
  });

  const output: Perform = async (call) => {
    const batch = await get(call);
    const found = (await batchContent(call, batch)) ?? batchErrors(batch);
    if (found === undefined) throw notReady(call.id, batch["status"]);
    return found;
  };

  return { "batches.retrieve": retrieve, "batches.cancel": cancel, "batches.output": output };
};
