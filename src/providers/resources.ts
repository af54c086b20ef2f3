/** The adapters of files, batches and fine-tuning, by the name a row gives them. */
import type { ProviderRow } from "../schema/provider-row.ts";
import type { ResourceFamily } from "../schema/resource.ts";
import { azureBatches, azureTuning } from "./resource.azure.ts";
import { bedrockBatches } from "./resource.bedrock-batches.ts";
import { bedrockFiles } from "./resource.bedrock-files.ts";
import { bedrockTuning } from "./resource.bedrock-tuning.ts";
import { cohereBatches } from "./resource.cohere-batches.ts";
import { cohereFiles } from "./resource.cohere-files.ts";
import { fireworksBatches } from "./resource.fireworks-batches.ts";
import { fireworksFiles } from "./resource.fireworks-files.ts";
import { fireworksTuning } from "./resource.fireworks-tuning.ts";
import { mistralBatches } from "./resource.mistral-batches.ts";
import { openaiResources } from "./resource.openai.ts";
import { togetherBatches } from "./resource.together-batches.ts";
import { togetherFiles } from "./resource.together-files.ts";
import { vertexBatches } from "./resource.vertex-batches.ts";
import { vertexFiles } from "./resource.vertex-files.ts";
import { vertexTuning } from "./resource.vertex-tuning.ts";
import type { ResourceAdapter } from "./resource.ts";

const ADAPTERS: ReadonlyMap<string, ResourceAdapter> = new Map<string, ResourceAdapter>([
  ["azure-batches", azureBatches],
  ["azure-tuning", azureTuning],
  ["bedrock-batches", bedrockBatches],
  ["bedrock-files", bedrockFiles],
  ["bedrock-tuning", bedrockTuning],
  ["cohere-batches", cohereBatches],
  ["cohere-files", cohereFiles],
  ["fireworks-batches", fireworksBatches],
  ["fireworks-files", fireworksFiles],
  ["fireworks-tuning", fireworksTuning],
  ["mistral-batches", mistralBatches],
  ["together-batches", togetherBatches],
  ["together-files", togetherFiles],
  ["vertex-batches", vertexBatches],
  ["vertex-files", vertexFiles],
  ["vertex-tuning", vertexTuning],
]);

/** What a row says of a family; a row that says nothing speaks OpenAI's shapes, or has its own paths passed through. */
export const adapterOf = (row: ProviderRow, family: ResourceFamily): ResourceAdapter => {
  const name = row.adapters?.[family];
  if (name === undefined) return openaiResources;
  const adapter = ADAPTERS.get(name);
  if (adapter === undefined) throw new Error(`There is no adapter ${name}`); // a row that no test has seen
  return adapter;
};
