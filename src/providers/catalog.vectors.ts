/** Providers of embeddings, and the vector stores that calls are passed through to. */
import type { ProviderRow } from "../schema/provider-row.ts";

/** Speaks for errors only, where no chat is offered. */
const OPENAI_ERRORS = "openai-chat" as const;

const jina: ProviderRow = {
  id: "jina",
  name: "Jina AI",
  dialect: OPENAI_ERRORS,
  base: "https://api.jina.ai/v1",
  auth: { kind: "bearer" },
  env: ["JINA_API_KEY"],
  paths: { embeddings: "/embeddings", rerank: "/rerank" },
  codecs: { embeddings: "jina-embeddings", rerank: "rerank" },
};

const nomic: ProviderRow = {
  id: "nomic",
  name: "Nomic",
  dialect: OPENAI_ERRORS,
  base: "https://api-atlas.nomic.ai/v1",
  auth: { kind: "bearer" },
  env: ["NOMIC_API_KEY"],
  paths: { embeddings: "/embedding/text" },
  codecs: { embeddings: "nomic-embeddings" },
};

const voyage: ProviderRow = {
  id: "voyage",
  name: "Voyage AI",
  dialect: OPENAI_ERRORS,
  base: "https://api.voyageai.com/v1",
  auth: { kind: "bearer" },
  env: ["VOYAGE_API_KEY"],
  paths: { embeddings: "/embeddings", rerank: "/rerank" },
  codecs: { embeddings: "voyage-embeddings", rerank: "voyage-rerank" },
  variants: [
    {
      // docs.voyageai.com/reference/multimodal-embeddings-api
      models: "^voyage-multimodal-",
      row: {
        paths: { embeddings: "/multimodalembeddings" },
        codecs: { embeddings: "voyage-multimodal-embeddings" },
      },
    },
  ],
};

const milvus: ProviderRow = {
  id: "milvus",
  name: "Milvus",
  dialect: OPENAI_ERRORS,
  base: null,
  auth: { kind: "bearer" },
  paths: {},
  keyless: true,
};

const pinecone: ProviderRow = {
  id: "pinecone",
  name: "Pinecone",
  dialect: OPENAI_ERRORS,
  base: "https://api.pinecone.io",
  auth: { kind: "header", name: "api-key" },
  env: ["PINECONE_API_KEY"],
  paths: { rerank: "/rerank" },
  codecs: { rerank: "pinecone-rerank" },
  // docs.pinecone.io/reference/api/versioning: without a version the oldest one answers
  inputs: [
    { option: "pinecone_api_version", header: "x-pinecone-api-version", bare: true, default: "2025-04" },
  ],
};

const qdrant: ProviderRow = {
  id: "qdrant",
  name: "Qdrant",
  dialect: OPENAI_ERRORS,
  base: null,
  // qdrant.tech/documentation/guides/security: the key alone, without a scheme
  auth: { kind: "header", name: "api-key" },
  paths: {},
  keyless: true,
};

export const VECTOR_ROWS: readonly ProviderRow[] = [jina, milvus, nomic, pinecone, qdrant, voyage];
