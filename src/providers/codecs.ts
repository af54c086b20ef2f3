/** The codecs of endpoints other than chat, by the name a row gives them. */
import { fireworksFlux, fireworksImages } from "./codec.fireworks-images.ts";
import { geminiEmbedding, geminiEmbeddings } from "./codec.gemini-embeddings.ts";
import { imagen } from "./codec.imagen.ts";
import { nomicEmbeddings } from "./codec.nomic-embeddings.ts";
import { segmindImages } from "./codec.segmind-images.ts";
import { stabilityImages } from "./codec.stability-images.ts";
import { stabilityV1Images } from "./codec.stability-v1-images.ts";
import type { Codec } from "./codec.ts";
import { vertexEmbeddings } from "./codec.vertex-embeddings.ts";
import { voyageEmbeddings } from "./codec.voyage-embeddings.ts";
import { hyperbolicImages, siliconflowImages } from "./images-list.ts";

const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ["fireworks-flux", fireworksFlux],
  ["fireworks-images", fireworksImages],
  ["gemini-embedding", geminiEmbedding],
  ["gemini-embeddings", geminiEmbeddings],
  ["hyperbolic-images", hyperbolicImages],
  ["imagen", imagen],
  ["nomic-embeddings", nomicEmbeddings],
  ["segmind-images", segmindImages],
  ["siliconflow-images", siliconflowImages],
  ["stability-images", stabilityImages],
  ["stability-v1-images", stabilityV1Images],
  ["vertex-embeddings", vertexEmbeddings],
  ["voyage-embeddings", voyageEmbeddings],
]);

export const codecOf = (name: string): Codec => {
  const codec = CODECS.get(name);
  if (codec === undefined) throw new Error(`There is no codec ${name}`); // a row that no test has seen
  return codec;
};
