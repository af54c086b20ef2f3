/** Google's rows: AI Studio, and Vertex AI with the models of other makers that it serves. */
import type {
  HeaderInput,
  ModelName,
  OptionNeed,
  PlaceInput,
  ProviderRow,
  Quirks,
  RowVariant,
} from "../schema/provider-row.ts";
import { CLOUD_QUIRKS } from "./anthropic-messages.inputs.ts";
import { MISTRAL_QUIRKS } from "./mistral-quirks.ts";

/** Streams say so in the path; without `alt=sse` they would be one long JSON array. */
const stream = (path: string): string => `${path}:streamGenerateContent?alt=sse`;

// Versions stand in the paths: hosts of their own (`custom_host`) are asked for `/v1beta/models/…` and `/v1/projects/…`.
const STUDIO_MODEL = "/v1beta/models/{model}";
const PROJECT = "/v1/projects/{vertex_project_id}/locations/{vertex_region}";
const VERTEX_MODEL = `${PROJECT}/publishers/google/models/{model}`;

/** Imagen has a method of its own, Gemini's models draw in a chat. */
const drawing = (chat: string): RowVariant => ({
  models: "gemini.*image|nano-banana",
  pathname: "^/v1/images/(?:generations|edits)/?$",
  row: { paths: { images: chat, image_edits: chat }, codecs: DRAWING },
});

const DRAWING = { images: "gemini-images", image_edits: "gemini-edits" } as const;

const GOOGLE: ProviderRow = {
  id: "google",
  name: "Google AI Studio",
  aliases: ["gemini"],
  dialect: "gemini",
  base: "https://generativelanguage.googleapis.com",
  // Keys go in a header (ai.google.dev/api); OAuth tokens, which start with ya29., are bearer tokens.
  auth: { kind: "header", name: "x-goog-api-key", bearerPrefix: "ya29." },
  env: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  paths: {
    chat: `${STUDIO_MODEL}:generateContent`,
    embeddings: `${STUDIO_MODEL}:batchEmbedContents`,
    images: `${STUDIO_MODEL}:predict`,
    models: "/v1beta/models",
    count_tokens: `${STUDIO_MODEL}:countTokens`,
  },
  streamPaths: { chat: stream(STUDIO_MODEL) },
  methodPath: `${STUDIO_MODEL}:{method}`,
  codecs: { embeddings: "gemini-embeddings", images: "imagen", count_tokens: "gemini-count" },
  modelNames: [{ pattern: "^(?:models|google)/", name: "" }],
  variants: [drawing(`${STUDIO_MODEL}:generateContent`)],
};

/** docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/locations; the last two hold data within a continent. */
const PLACES: readonly PlaceInput[] = [
  {
    option: "vertex_region",
    kind: "label",
    isRegion: true,
    bases: {
      global: "https://aiplatform.googleapis.com",
      us: "https://aiplatform.us.rep.googleapis.com",
      eu: "https://aiplatform.eu.rep.googleapis.com",
    },
  },
  {
    option: "vertex_project_id",
    kind: "path",
    within: { option: "vertex_service_account_json", field: "project_id" },
  },
];

const ANTHROPIC_BETA: HeaderInput = {
  option: "anthropic_beta",
  header: "anthropic-beta",
  bare: true,
  betasAt: "vertex",
};

const without = (pattern: string): readonly ModelName[] => [{ pattern, name: "" }];

const CLAUDE_QUIRKS: Quirks = { ...CLOUD_QUIRKS, sets: { anthropic_version: "vertex-2023-10-16" } };

/** platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai: the model is in the path. */
const CLAUDE: RowVariant = {
  models: "^(?:anthropic[./]|publishers/anthropic/models/)?claude",
  row: {
    dialect: "anthropic-messages",
    paths: {
      chat: `${PROJECT}/publishers/anthropic/models/{model}:rawPredict`,
      // docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/count-tokens: the body names the model
      count_tokens: `${PROJECT}/publishers/anthropic/models/count-tokens:rawPredict`,
    },
    streamPaths: { chat: `${PROJECT}/publishers/anthropic/models/{model}:streamRawPredict` },
    codecs: {},
    takesNoQuery: true, // "The canonical `?beta=true` marker has no meaning on Vertex": client.ts of @anthropic-ai/vertex-sdk
    inputs: [ANTHROPIC_BETA],
    modelNames: without("^(?:anthropic[./]|publishers/anthropic/models/)"),
    quirks: { ...CLAUDE_QUIRKS, removes: ["model", "anthropic_beta"] },
    endpointQuirks: { count_tokens: { ...CLAUDE_QUIRKS, removes: ["anthropic_beta"] } },
    fetchesMedia: true, // "only base64-encoded sources": platform.claude.com/docs/en/build-with-claude/vision
  },
};

/** There betas are refused that chats may say: github.com/BerriAI/litellm/pull/39597. */
const CLAUDE_COUNT: RowVariant = {
  ...CLAUDE,
  pathname: "/count_tokens/?$",
  row: { ...CLAUDE.row, inputs: [] },
};

/** docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/mistral: Mistral's own body. */
const MISTRAL: RowVariant = {
  models: "^(?:mistralai[./]|publishers/mistralai/models/|mistral-|ministral-|codestral-)",
  row: {
    dialect: "openai-chat",
    paths: { chat: `${PROJECT}/publishers/mistralai/models/{model}:rawPredict` },
    streamPaths: { chat: `${PROJECT}/publishers/mistralai/models/{model}:streamRawPredict` },
    codecs: {},
    modelNames: without("^(?:mistralai[./]|publishers/mistralai/models/)"),
    quirks: MISTRAL_QUIRKS,
  },
};

/** Models deployed by their user from the Model Garden, by the number of their endpoint. */
const OWN_ENDPOINT: RowVariant = {
  models: "^endpoints[./]",
  row: {
    dialect: "openai-chat",
    paths: { chat: `${PROJECT}/endpoints/{model}/chat/completions` },
    streamPaths: {},
    codecs: {},
    modelNames: without("^endpoints[./]"),
    quirks: { developerAsSystem: true },
  },
};

/** Tuned Gemini models are called by the number of their endpoint: …/vertex-ai/generative-ai/docs/models/gemini-use-supervised-tuning. */
const TUNED: RowVariant = {
  models: "^\\d+$",
  row: {
    paths: { chat: `${PROJECT}/endpoints/{model}:generateContent` },
    streamPaths: { chat: stream(`${PROJECT}/endpoints/{model}`) },
    methodPath: `${PROJECT}/endpoints/{model}:{method}`,
    codecs: {},
  },
};

/** The same by its whole name, as a tuning job tells it (`TunedModel.endpoint` of the Google Gen AI SDK 3.1). */
const TUNED_BY_NAME: RowVariant = {
  models: "^projects/[^/]+/locations/[^/]+/endpoints/\\d+$",
  row: {
    paths: { chat: "/v1/{model}:generateContent" },
    streamPaths: { chat: stream("/v1/{model}") },
    methodPath: "/v1/{model}:{method}",
    codecs: {},
  },
};

/**
 * `maker/model`, of whichever maker: docs.cloud.google.com/vertex-ai/generative-ai/docs/maas/call-open-model-apis. Google's
 * own Gemma is one of them (github.com/BerriAI/litellm/pull/28846).
 */
const OPEN_MODELS: RowVariant = {
  models:
    "^(?:meta\\.|publishers/(?!google/)|(?!(?:google|publishers|models|projects)/)[a-z0-9-]+/|(?:publishers/google/models/|google[./])?gemma-.*-maas$)",
  row: {
    dialect: "openai-chat",
    paths: { chat: `${PROJECT}/endpoints/openapi/chat/completions` },
    streamPaths: {},
    codecs: {},
    modelNames: [
      { pattern: "^meta[./]", name: "meta/" },
      { pattern: "^(?:publishers/google/models/|google[./])?gemma-", name: "google/gemma-" },
      { pattern: "^publishers/([a-z0-9-]+)/models/", name: "$1/" },
    ],
    quirks: { developerAsSystem: true, rename: { max_completion_tokens: "max_tokens" } },
  },
};

/** docs.cloud.google.com/vertex-ai/generative-ai/docs/embeddings: from the second on they have a method of their own. */
const NEW_EMBEDDINGS: RowVariant = {
  models: "gemini-embedding-[2-9]",
  row: {
    paths: { embeddings: `${VERTEX_MODEL}:embedContent` },
    codecs: { embeddings: "gemini-embedding" },
  },
};

/** docs.cloud.google.com/generative-ai-app-builder/docs/ranking: of another service, and of no region. */
const RANKING: RowVariant = {
  pathname: "^/v1/rerank/?$",
  row: { base: "https://discoveryengine.googleapis.com", codecs: { rerank: "vertex-rerank" } },
};

/** Google's keys: docs.cloud.google.com/docs/authentication/api-keys. */
const API_KEY = "^(?:AIza|AQ\\.)";

/**
 * Express mode: a key alone, no project and no region, for Gemini's chat
 * (docs.cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode/vertex-ai-express-mode-api-reference).
 */
const EXPRESS_CHAT = "/v1/publishers/google/models/{model}:generateContent";
const EXPRESS: RowVariant = {
  pathname: "^(?!/v1/(?:proxy|projects)/)", // a path of the caller's own may name a project
  key: API_KEY,
  without: ["vertex_project_id", "vertex_service_account_json"],
  row: {
    base: "https://aiplatform.googleapis.com",
    paths: { chat: EXPRESS_CHAT, images: EXPRESS_CHAT, image_edits: EXPRESS_CHAT },
    streamPaths: { chat: stream("/v1/publishers/google/models/{model}") },
    methodPath: "/v1/publishers/google/models/{model}:{method}",
    codecs: DRAWING,
  },
};

/** What the configs of Portkey's gateway are told that lack it. */
const VERTEX_NEEDS: OptionNeed = {
  anyOf: [
    ["vertex_region", "vertex_project_id"],
    ["vertex_region", "vertex_service_account_json"],
  ],
  orKey: API_KEY,
  fault:
    "Invalid configuration. ('vertex_project_id' and 'vertex_region') or ('vertex_service_account_json' and 'vertex_region') are required for 'vertex-ai' provider. Example: { 'provider': 'vertex-ai', 'vertex_project_id': 'my-project-id', 'vertex_region': 'us-central1', api_key: 'ya29...' }",
};

const VERTEX: ProviderRow = {
  id: "vertex-ai",
  name: "Google Vertex AI",
  aliases: ["vertex"],
  dialect: "gemini",
  base: "https://{vertex_region}-aiplatform.googleapis.com",
  auth: { kind: "google" },
  paths: {
    chat: `${VERTEX_MODEL}:generateContent`,
    embeddings: `${VERTEX_MODEL}:predict`,
    images: `${VERTEX_MODEL}:predict`,
    count_tokens: `${VERTEX_MODEL}:countTokens`,
    rerank: "/v1/projects/{vertex_project_id}/locations/global/rankingConfigs/default_ranking_config:rank",
  },
  streamPaths: { chat: stream(VERTEX_MODEL) },
  methodPath: `${VERTEX_MODEL}:{method}`,
  codecs: { embeddings: "vertex-embeddings", images: "imagen", count_tokens: "vertex-count" },
  adapters: { files: "vertex-files", batches: "vertex-batches", fine_tuning: "vertex-tuning" },
  hosts: { storage: "https://storage.googleapis.com" },
  operatorsOnly: ["vertex_storage_bucket_name"],
  places: PLACES,
  modelNames: without("^(?:publishers/google/models/|models/|google[./])"),
  needs: VERTEX_NEEDS,
  variants: [
    RANKING,
    CLAUDE_COUNT,
    CLAUDE,
    MISTRAL,
    OWN_ENDPOINT,
    TUNED,
    TUNED_BY_NAME,
    OPEN_MODELS,
    EXPRESS,
    NEW_EMBEDDINGS,
    drawing(`${VERTEX_MODEL}:generateContent`),
  ],
};

export const GOOGLE_ROWS: readonly ProviderRow[] = [GOOGLE, VERTEX];
