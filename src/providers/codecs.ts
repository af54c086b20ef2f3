/** The codecs of endpoints other than chat, by the name a row gives them. */
import { bedrockCohereEmbeddings } from "./codec.bedrock-cohere-embeddings.ts";
import { bedrockLlamaCompletions, bedrockMistralCompletions } from "./codec.bedrock-completions.ts";
import { bedrockStabilityImages } from "./codec.bedrock-stability-images.ts";
import { cohereEmbeddings } from "./codec.cohere-embeddings.ts";
import { fireworksFlux, fireworksImages } from "./codec.fireworks-images.ts";
import { geminiEmbedding, geminiEmbeddings } from "./codec.gemini-embeddings.ts";
import { imagen } from "./codec.imagen.ts";
import { nomicEmbeddings } from "./codec.nomic-embeddings.ts";
import { novaImages } from "./codec.nova-images.ts";
import { segmindImages } from "./codec.segmind-images.ts";
import { stabilityImages } from "./codec.stability-images.ts";
import { stabilityV1Images } from "./codec.stability-v1-images.ts";
import { titanEmbeddings } from "./codec.titan-embeddings.ts";
import { tritonCompletions } from "./codec.triton-completions.ts";
import type { Codec } from "./codec.ts";
import { vertexEmbeddings } from "./codec.vertex-embeddings.ts";
import { voyageEmbeddings } from "./codec.voyage-embeddings.ts";
import { workersAiCompletions } from "./codec.workers-ai-completions.ts";
import { workersAiImages } from "./codec.workers-ai-images.ts";
import { hyperbolicImages, siliconflowImages } from "./images-list.ts";

const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ["bedrock-cohere-embeddings", bedrockCohereEmbeddings],
  ["bedrock-llama-completions", bedrockLlamaCompletions],
  ["bedrock-mistral-completions", bedrockMistralCompletions],
  ["bedrock-stability-images", bedrockStabilityImages],
  ["cohere-embeddings", cohereEmbeddings],
  ["fireworks-flux", fireworksFlux],
  ["fireworks-images", fireworksImages],
  ["gemini-embedding", geminiEmbedding],
  ["gemini-embeddings", geminiEmbeddings],
  ["hyperbolic-images", hyperbolicImages],
  ["imagen", imagen],
  ["nomic-embeddings", nomicEmbeddings],
  ["nova-images", novaImages],
  ["segmind-images", segmindImages],
  ["siliconflow-images", siliconflowImages],
  ["stability-images", stabilityImages],
  ["stability-v1-images", stabilityV1Images],
  ["titan-embeddings", titanEmbeddings],
  ["triton-completions", tritonCompletions],
  ["vertex-embeddings", vertexEmbeddings],
  ["voyage-embeddings", voyageEmbeddings],
  ["workers-ai-completions", workersAiCompletions],
  ["workers-ai-images", workersAiImages],
]);

export const codecOf = (name: string): Codec => {
  const codec = CODECS.get(name);
  if (codec === undefined) throw new Error(`There is no codec ${name}`); // a row that no test has seen
  return codec;
};
