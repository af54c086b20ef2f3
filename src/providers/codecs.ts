/** The codecs of endpoints other than chat, by the name a row gives them. */
import type { Codec } from "./codec.ts";
import { cohereEmbeddings } from "./codec.cohere-embeddings.ts";
import { bedrockCohereEmbeddings } from "./codec.bedrock-cohere-embeddings.ts";
import { bedrockStabilityImages } from "./codec.bedrock-stability-images.ts";
import { fireworksFlux, fireworksImages } from "./codec.fireworks-images.ts";
import { nomicEmbeddings } from "./codec.nomic-embeddings.ts";
import { novaImages } from "./codec.nova-images.ts";
import { segmindImages } from "./codec.segmind-images.ts";
import { stabilityImages } from "./codec.stability-images.ts";
import { stabilityV1Images } from "./codec.stability-v1-images.ts";
import { tritonCompletions } from "./codec.triton-completions.ts";
import { titanEmbeddings } from "./codec.titan-embeddings.ts";
import type { Codec } from "./codec.ts";
import { voyageEmbeddings } from "./codec.voyage-embeddings.ts";
import { workersAiCompletions } from "./codec.workers-ai-completions.ts";
import { workersAiImages } from "./codec.workers-ai-images.ts";
import { hyperbolicImages, siliconflowImages } from "./images-list.ts";

const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ["cohere-embeddings", cohereEmbeddings],
  ["bedrock-cohere-embeddings", bedrockCohereEmbeddings],
  ["bedrock-stability-images", bedrockStabilityImages],
  ["fireworks-flux", fireworksFlux],
  ["fireworks-images", fireworksImages],
  ["hyperbolic-images", hyperbolicImages],
  ["nomic-embeddings", nomicEmbeddings],
  ["nova-images", novaImages],
  ["segmind-images", segmindImages],
  ["siliconflow-images", siliconflowImages],
  ["stability-images", stabilityImages],
  ["stability-v1-images", stabilityV1Images],
  ["triton-completions", tritonCompletions],
  ["titan-embeddings", titanEmbeddings],
  ["voyage-embeddings", voyageEmbeddings],
  ["workers-ai-completions", workersAiCompletions],
  ["workers-ai-images", workersAiImages],
]);

export const codecOf = (name: string): Codec => {
  const codec = CODECS.get(name);
  if (codec === undefined) throw new Error(`There is no codec ${name}`); // a row that no test has seen
  return codec;
};
