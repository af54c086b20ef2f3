/** Providers with an API of their own, past or present. Where a vendor also speaks OpenAI's, that is used. */
import type { ProviderRow } from "../schema/provider-row.ts";
import { CLASSIC, openaiCompatible } from "./compatible.ts";

export const ONE_OFF_ROWS: readonly ProviderRow[] = [
  // Jamba's endpoint; the Jurassic models and their own are retired: docs.ai21.com/reference/jamba-1-6-api-ref
  openaiCompatible({
    id: "ai21",
    name: "AI21 Labs",
    base: "https://api.ai21.com/studio/v1",
    env: ["AI21_API_KEY"],
    paths: { chat: "/chat/completions", models: "/models" },
    quirks: CLASSIC,
  }),
  // The vendor's endpoint for OpenAI's clients, which send bearer tokens: docs.bytez.com, "OpenAI compatible"
  openaiCompatible({
    id: "bytez",
    name: "Bytez",
    base: "https://api.bytez.com",
    env: ["BYTEZ_API_KEY"],
    paths: { chat: "/models/v2/openai/v1/chat/completions" },
    quirks: CLASSIC,
    // Its own API, which is passed through, has another scheme: `apiKeyAuth` in closed-source/openapi.yaml of
    // github.com/Bytez-com/docs
    variants: [
      { pathname: "^/v1/proxy/", row: { auth: { kind: "header", name: "authorization", scheme: "Key" } } },
    ],
  }),
  {
    id: "cohere",
    name: "Cohere",
    dialect: "cohere",
    base: "https://api.cohere.ai",
    auth: { kind: "bearer" },
    env: ["COHERE_API_KEY", "CO_API_KEY"],
    paths: {
      chat: "/v2/chat",
      completions: "/v1/generate",
      embeddings: "/v2/embed",
      models: "/v1/models",
      rerank: "/v2/rerank",
      // `TranscriptionsCreateRequest` of cohere-ai 8.1: OpenAI's form, in which `language` must be said
      transcriptions: "/v2/audio/transcriptions",
    },
    codecs: { completions: "cohere-completions", embeddings: "cohere-embeddings", rerank: "cohere-rerank" },
    adapters: { files: "cohere-files", batches: "cohere-batches" },
    // Streams of the first version are lines of JSON.
    variants: [{ pathname: "^/v1/completions/?$", row: { framing: "ndjson" } }],
  },
  // The router serves chat and models; dedicated endpoints, as bases of their own, serve the rest at the same paths:
  // huggingface.co/docs/inference-providers, huggingface.co/docs/inference-endpoints
  openaiCompatible({
    id: "huggingface",
    name: "Hugging Face",
    base: "https://router.huggingface.co",
    env: ["HF_TOKEN", "HUGGINGFACE_API_KEY"],
    paths: {
      chat: "/v1/chat/completions",
      completions: "/v1/completions",
      embeddings: "/v1/embeddings",
      models: "/v1/models",
      rerank: "/rerank", // of Text Embeddings Inference, which dedicated endpoints run
    },
    codecs: { rerank: "tei-rerank" },
    places: [{ option: "huggingface_base_url", kind: "url" }],
    variants: [
      {
        option: { name: "huggingface_base_url", matches: "." },
        row: { base: "{huggingface_base_url}" },
      },
    ],
    quirks: CLASSIC,
  }),
  {
    id: "oracle",
    name: "Oracle OCI Generative AI",
    aliases: ["oci"],
    dialect: "oracle",
    base: "https://inference.generativeai.{oracle_region}.oci.oraclecloud.com",
    auth: { kind: "oci" },
    env: ["OCI_CLI_KEY_CONTENT"],
    paths: {
      chat: "/{oracle_api_version}/actions/chat",
      embeddings: "/{oracle_api_version}/actions/embedText",
      rerank: "/{oracle_api_version}/actions/rerankText",
    },
    codecs: { embeddings: "oracle-embeddings", rerank: "oracle-rerank" },
    places: [
      { option: "oracle_region", kind: "label", isRegion: true },
      { option: "oracle_api_version", kind: "path", default: "20231130" },
    ],
  },
  // Retired in 2024 for Gemini; what users still call is passed through: ai.google.dev/palm_docs
  openaiCompatible({
    id: "palm",
    name: "Google PaLM",
    base: "https://generativelanguage.googleapis.com/v1beta3",
    auth: { kind: "header", name: "x-goog-api-key" },
    env: ["PALM_API_KEY"],
    paths: {},
  }),
  // A model is `deployment` or `deployment:adapter/version`: docs.predibase.com/user-guide/inference/migrate-openai
  openaiCompatible({
    id: "predibase",
    name: "Predibase",
    base: "https://serving.app.predibase.com",
    env: ["PREDIBASE_API_TOKEN", "PREDIBASE_API_KEY"],
    paths: {
      chat: "/{predibase_tenant_id}/deployments/v2/llms/{model}/v1/chat/completions",
      completions: "/{predibase_tenant_id}/deployments/v2/llms/{model}/v1/completions",
    },
    // A label, as ids of tenants are: what an end user is called must not lead elsewhere.
    places: [{ option: "predibase_tenant_id", kind: "label", field: "user" }],
    quirks: { ...CLASSIC, splitsModelAt: ":" },
    endpointQuirks: { completions: { splitsModelAt: ":" } },
  }),
  // "Our API is fully OpenAI-compatible": docs.reka.ai/quickstart
  openaiCompatible({
    id: "reka-ai",
    name: "Reka AI",
    aliases: ["reka"],
    base: "https://api.reka.ai",
    env: ["REKA_API_KEY"],
    paths: { chat: "/v1/chat/completions", models: "/v1/models" },
    quirks: CLASSIC,
  }),
  // The base names the model: http://host:8000/v2/models/ensemble
  openaiCompatible({
    id: "triton",
    name: "NVIDIA Triton",
    base: null,
    keyless: true,
    paths: { completions: "/generate" },
    streamPaths: { completions: "/generate_stream" },
    codecs: { completions: "triton-completions" },
  }),
  // Chat and embeddings in OpenAI's shape: developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility;
  // passed-through calls name a model, as below `/run`
  openaiCompatible({
    id: "workers-ai",
    name: "Cloudflare Workers AI",
    aliases: ["cloudflare"],
    base: "https://api.cloudflare.com/client/v4/accounts/{workers_ai_account_id}/ai",
    env: ["WORKERS_AI_API_KEY", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY"],
    paths: {
      chat: "/v1/chat/completions",
      completions: "/run/{model}",
      embeddings: "/v1/embeddings",
      images: "/run/{model}",
      models: "/models/search",
      rerank: "/run/{model}",
    },
    modelList: "cloudflare",
    codecs: {
      completions: "workers-ai-completions",
      images: "workers-ai-images",
      rerank: "workers-ai-rerank",
    },
    proxyPath: "/run{path}",
    places: [{ option: "workers_ai_account_id", kind: "path" }],
    quirks: { ...CLASSIC, textContent: "always" },
  }),
];
