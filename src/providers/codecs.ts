/** The codecs of endpoints other than chat, by the name a row gives them. */
import { bedrockClaudeCompletions } from "./codec.bedrock-claude-completions.ts";
import { bedrockCohereCompletions } from "./codec.bedrock-cohere-completions.ts";
import { bedrockCohereEmbeddings } from "./codec.bedrock-cohere-embeddings.ts";
import { bedrockJurassicCompletions } from "./codec.bedrock-jurassic-completions.ts";
import { bedrockLlamaCompletions } from "./codec.bedrock-llama-completions.ts";
import { bedrockMistralCompletions } from "./codec.bedrock-mistral-completions.ts";
import { bedrockRerank } from "./codec.bedrock-rerank.ts";
import { bedrockTitanCompletions } from "./codec.bedrock-titan-completions.ts";
import { bedrockClaudeCount, geminiCount, openaiCount, vertexCount } from "./codec.count-tokens.ts";
import { bedrockStabilityImages } from "./codec.bedrock-stability-images.ts";
import { cohereCompletions } from "./codec.cohere-completions.ts";
import { cohereEmbeddings } from "./codec.cohere-embeddings.ts";
import { cohereRerank } from "./codec.cohere-rerank.ts";
import { dashscopeRerank } from "./codec.dashscope-rerank.ts";
import { deepinfraRerank } from "./codec.deepinfra-rerank.ts";
import { fireworksFlux, fireworksImages } from "./codec.fireworks-images.ts";
import { geminiEmbedding, geminiEmbeddings } from "./codec.gemini-embeddings.ts";
import { geminiEdits, geminiImages } from "./codec.gemini-images.ts";
import { imagen } from "./codec.imagen.ts";
import { jinaEmbeddings } from "./codec.jina-embeddings.ts";
import { nomicEmbeddings } from "./codec.nomic-embeddings.ts";
import { novaEmbeddings } from "./codec.nova-embeddings.ts";
import { novaImages } from "./codec.nova-images.ts";
import { oracleEmbeddings } from "./codec.oracle-embeddings.ts";
import { oracleRerank } from "./codec.oracle-rerank.ts";
import { perplexityEmbeddings } from "./codec.perplexity-embeddings.ts";
import { pineconeRerank } from "./codec.pinecone-rerank.ts";
import { rerank, textRerank } from "./codec.rerank.ts";
import { segmindImages } from "./codec.segmind-images.ts";
import { sglangRerank } from "./codec.sglang-rerank.ts";
import { stabilityImages } from "./codec.stability-images.ts";
import { stabilityV1Images } from "./codec.stability-v1-images.ts";
import { teiRerank } from "./codec.tei-rerank.ts";
import { titanEmbeddings } from "./codec.titan-embeddings.ts";
import { tritonCompletions } from "./codec.triton-completions.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Codec } from "./codec.ts";
import { vertexEmbeddings } from "./codec.vertex-embeddings.ts";
import { vertexRerank } from "./codec.vertex-rerank.ts";
import { voyageEmbeddings } from "./codec.voyage-embeddings.ts";
import { voyageMultimodalEmbeddings } from "./codec.voyage-multimodal-embeddings.ts";
import { voyageRerank } from "./codec.voyage-rerank.ts";
import { workersAiCompletions } from "./codec.workers-ai-completions.ts";
import { workersAiImages } from "./codec.workers-ai-images.ts";
import { workersAiRerank } from "./codec.workers-ai-rerank.ts";
import { xaiEdits, xaiImages } from "./codec.xai-images.ts";
import { hyperbolicImages, siliconflowImages } from "./images-list.ts";
import { nebiusImages, recraftImages, togetherImages } from "./images-openai.ts";

const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ["bedrock-claude-completions", bedrockClaudeCompletions],
  ["bedrock-claude-count", bedrockClaudeCount],
  ["bedrock-cohere-completions", bedrockCohereCompletions],
  ["bedrock-cohere-embeddings", bedrockCohereEmbeddings],
  ["bedrock-jurassic-completions", bedrockJurassicCompletions],
  ["bedrock-llama-completions", bedrockLlamaCompletions],
  ["bedrock-mistral-completions", bedrockMistralCompletions],
  ["bedrock-rerank", bedrockRerank],
  ["bedrock-stability-images", bedrockStabilityImages],
  ["bedrock-titan-completions", bedrockTitanCompletions],
  ["cohere-completions", cohereCompletions],
  ["cohere-embeddings", cohereEmbeddings],
  ["cohere-rerank", cohereRerank],
  ["dashscope-rerank", dashscopeRerank],
  ["deepinfra-rerank", deepinfraRerank],
  ["fireworks-flux", fireworksFlux],
  ["fireworks-images", fireworksImages],
  ["gemini-count", geminiCount],
  ["gemini-edits", geminiEdits],
  ["gemini-embedding", geminiEmbedding],
  ["gemini-embeddings", geminiEmbeddings],
  ["gemini-images", geminiImages],
  ["hyperbolic-images", hyperbolicImages],
  ["imagen", imagen],
  ["jina-embeddings", jinaEmbeddings],
  ["nebius-images", nebiusImages],
  ["nomic-embeddings", nomicEmbeddings],
  ["nova-embeddings", novaEmbeddings],
  ["nova-images", novaImages],
  ["openai-count", openaiCount],
  ["oracle-embeddings", oracleEmbeddings],
  ["oracle-rerank", oracleRerank],
  ["perplexity-embeddings", perplexityEmbeddings],
  ["pinecone-rerank", pineconeRerank],
  ["recraft-images", recraftImages],
  ["rerank", rerank],
  ["segmind-images", segmindImages],
  ["sglang-rerank", sglangRerank],
  ["siliconflow-images", siliconflowImages],
  ["together-images", togetherImages],
  ["stability-images", stabilityImages],
  ["stability-v1-images", stabilityV1Images],
  ["tei-rerank", teiRerank],
  ["text-rerank", textRerank],
  ["titan-embeddings", titanEmbeddings],
  ["triton-completions", tritonCompletions],
  ["vertex-count", vertexCount],
  ["vertex-embeddings", vertexEmbeddings],
  ["vertex-rerank", vertexRerank],
  ["voyage-embeddings", voyageEmbeddings],
  ["voyage-multimodal-embeddings", voyageMultimodalEmbeddings],
  ["voyage-rerank", voyageRerank],
  ["workers-ai-completions", workersAiCompletions],
  ["workers-ai-images", workersAiImages],
  ["workers-ai-rerank", workersAiRerank],
  ["xai-edits", xaiEdits],
  ["xai-images", xaiImages],
]);

export const codecOf = (name: string): Codec => {
  const codec = SPARING.get(name);
  if (codec === undefined) throw new Error(`There is no codec ${name}`); // a row that no test has seen
  return codec;
};

/** OpenAI's clients may write null for what they leave out: no vendor gets it, and nothing is told of it. */
const sparing = (codec: Codec): Codec => ({
  ...codec,
  write: (body, target) => codec.write(withoutNulls(body), target),
});

const withoutNulls = (body: JsonObject): JsonObject =>
  Object.values(body).includes(null)
    ? Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
    : body;

const SPARING: ReadonlyMap<string, Codec> = new Map(
  [...CODECS].map(([name, codec]) => [name, sparing(codec)]),
);
