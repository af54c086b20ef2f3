/** Azure OpenAI, Azure AI Foundry and GitHub's models. */
import { ANTHROPIC_INPUTS, ANTHROPIC_QUIRKS } from "./anthropic-messages.inputs.ts";
import { OPENAI_LIMITS, OPENAI_REFUSES } from "./refused-fields.ts";
import type { HeaderInput, PlaceInput, ProviderRow, Quirks, RowVariant } from "../schema/provider-row.ts";
import { BY_RESPONSES, RESOURCE_PATHNAME } from "./compatible.ts";
import { OPENAI_API } from "./variants.ts";

const OPENAI_ENDPOINTS = Object.freeze({
  chat: "/chat/completions",
  completions: "/completions",
  embeddings: "/embeddings",
  images: "/images/generations",
  image_edits: "/images/edits",
  speech: "/audio/speech",
  transcriptions: "/audio/transcriptions",
  translations: "/audio/translations",
  models: "/models",
} satisfies ProviderRow["paths"]);

/** OpenAI's endpoints, each path put through `spelled`. */
const endpoints = (spelled: (path: string) => string): ProviderRow["paths"] =>
  Object.freeze(
    Object.fromEntries(Object.entries(OPENAI_ENDPOINTS).map(([name, path]) => [name, spelled(path)])),
  );

const VERSION = "?api-version={azure_api_version}";

const DEPLOYMENT: PlaceInput = { option: "azure_deployment_id", kind: "path" };

/** The last version with a date that is no preview, for what has a reference of no other: learn.microsoft.com/azure/ai-foundry/openai/reference */
const OPENAI_VERSION: PlaceInput = { option: "azure_api_version", kind: "path", default: "2024-10-21" };

const DATED: ProviderRow["paths"] = Object.freeze({
  ...endpoints((path) => `/deployments/{azure_deployment_id}${path}${VERSION}`),
  models: `/models${VERSION}`,
  // learn.microsoft.com/azure/foundry/openai/how-to/responses: below no deployment, which is the body's model
  responses: `/responses${VERSION}`,
  // learn.microsoft.com/azure/ai-foundry/openai/how-to/realtime-audio-websockets, "GA version": no api-version
  realtime: "/v1/realtime",
});

/** learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle, "v1 API support": generally available. */
const VERSIONLESS: ProviderRow["paths"] = Object.freeze({
  chat: "/v1/chat/completions",
  embeddings: "/v1/embeddings",
  models: "/v1/models",
  responses: "/v1/responses",
});

/**
 * OpenAI's own paths, where the body's model is the deployment: learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle.
 * The model of a job is one that is not deployed yet.
 */
const openaiPaths = (asked: Omit<RowVariant, "row">, version: string): readonly RowVariant[] => [
  { ...asked, pathname: RESOURCE_PATHNAME, row: { proxyPath: `/v1{path}${version}` } },
  {
    ...asked,
    row: {
      paths: {
        ...endpoints((path) => `/v1${path}${version}`),
        responses: `/v1/responses${version}`,
        realtime: "/v1/realtime",
      },
      proxyPath: `/v1{path}${version}`,
      modelOption: DEPLOYMENT.option,
      ...BY_RESPONSES,
    },
  },
];

/** Azure's own clients say the version in the query. */
const UNDATED = Object.freeze({ without: ["azure_api_version"], search: "^(?!.*[?&]api-version=)" });

const RESOURCES: ProviderRow["adapters"] = { batches: "azure-batches", fine_tuning: "azure-tuning" };

const azureOpenai: ProviderRow = {
  id: "azure-openai",
  name: "Azure OpenAI",
  aliases: ["azure"],
  dialect: "openai-chat",
  base: "https://{azure_resource_name}.openai.azure.com/openai",
  auth: { kind: "azure", keyHeader: "api-key" },
  env: ["AZURE_OPENAI_API_KEY"],
  paths: DATED,
  quirks: { refuses: OPENAI_REFUSES, limitNames: OPENAI_LIMITS },
  endpointQuirks: { realtime: { removes: ["api-version"] } },
  proxyPath: `{path}${VERSION}`,
  adapters: RESOURCES,
  places: [{ option: "azure_resource_name", kind: "label" }, DEPLOYMENT, OPENAI_VERSION],
  inputs: [{ option: "openai_beta", header: "openai-beta", bare: true }],
  aka: {
    azure_resource_name: ["resource_name"],
    azure_deployment_id: ["deployment_id"],
    azure_api_version: ["api_version"],
  },
  variants: [
    ...openaiPaths({ option: { name: "azure_api_version", matches: "^v1$" } }, ""),
    // The version of what is new there: learn.microsoft.com/azure/foundry/openai/how-to/responses, "Code interpreter"
    ...openaiPaths({ option: { name: "azure_api_version", matches: "^preview$" } }, VERSION),
    ...openaiPaths({ search: "[?&]api-version=preview(?:&|$)" }, VERSION),
    {
      // Nobody says a version: what the document lists as generally available needs none.
      ...UNDATED,
      pathname: "^/v1/(?:chat/completions|messages|embeddings|models|responses)/?$",
      row: { paths: { ...DATED, ...VERSIONLESS }, modelOption: DEPLOYMENT.option, ...BY_RESPONSES },
    },
    { ...UNDATED, pathname: "^/v1/(?:responses/|vector_stores(?:/|$))", row: { proxyPath: "/v1{path}" } },
    {
      // The "preview version" of the realtime document: an api-version, and the deployment in its own parameter.
      pathname: "^/v1/realtime/?$",
      option: { name: "azure_api_version", matches: "-preview$" },
      row: {
        paths: { realtime: `/realtime${VERSION}&deployment={model}` },
        modelOption: DEPLOYMENT.option,
        endpointQuirks: { realtime: { removes: ["model"] } },
      },
    },
    { pathname: "^/v1/(responses|realtime/?)$", row: { modelOption: DEPLOYMENT.option } },
    { option: { name: OPENAI_API, matches: "^responses$" }, row: { modelOption: DEPLOYMENT.option } },
  ],
};

/**
 * Of models that are not OpenAI's the document's `max_tokens` (docs.github.com/en/rest/models/inference): some answer the
 * newer name with 422 (github.com/pydantic/pydantic-ai/issues/6593).
 */
const LIMITS: Quirks["limitNames"] = [
  {
    models:
      "^(?!openai/)[^/]+/|^(?:ministral|mistral|codestral|pixtral|magistral|meta-|llama|phi-|deepseek|cohere|command|jais|jamba|ai21)",
    name: "max_tokens",
  },
  ...OPENAI_LIMITS,
];

/** What unknown fields of a body do: learn.microsoft.com/azure/ai-foundry/model-inference/reference (extensibility) */
const EXTRA_PARAMETERS: HeaderInput = {
  option: "azure_extra_parameters",
  header: "extra-parameters",
  default: "drop",
};

/** Claude in Foundry is Anthropic's API below /anthropic: docs.claude.com/en/docs/build-with-claude/claude-in-microsoft-foundry */
const claudeAt = (prefix: string): Partial<ProviderRow> => ({
  dialect: "anthropic-messages",
  paths: { chat: `${prefix}/v1/messages`, count_tokens: `${prefix}/v1/messages/count_tokens` },
  auth: { kind: "azure", keyHeader: "x-api-key" },
  inputs: ANTHROPIC_INPUTS,
  quirks: ANTHROPIC_QUIRKS,
  endpointQuirks: { count_tokens: ANTHROPIC_QUIRKS },
});

const FOUNDRY_URL: PlaceInput = { option: "azure_foundry_url", kind: "url" };

/** Azure OpenAI's part of a resource takes keys in its own header. */
const STORAGE: Partial<ProviderRow> = { proxyRoot: true, auth: { kind: "azure", keyHeader: "api-key" } };

const azureAi: ProviderRow = {
  id: "azure-ai",
  name: "Azure AI Foundry",
  aliases: ["azure-inference", "azure-foundry"],
  dialect: "openai-chat",
  base: "{azure_foundry_url}",
  auth: { kind: "azure" },
  env: ["AZURE_AI_API_KEY", "AZURE_INFERENCE_CREDENTIAL"],
  // learn.microsoft.com/azure/ai-foundry/how-to/deploy-models-cohere-rerank: Cohere's own path, below its model's URL
  paths: { ...endpoints((path) => path + VERSION), rerank: "/v2/rerank" },
  codecs: { rerank: "cohere-rerank" },
  adapters: RESOURCES,
  places: [
    FOUNDRY_URL,
    // learn.microsoft.com/rest/api/aifoundry/model-inference: the version that the data plane documents
    { option: "azure_api_version", kind: "path", default: "2024-05-01-preview" },
  ],
  inputs: [
    EXTRA_PARAMETERS,
    { option: "azure_deployment_name", header: "azureml-model-deployment" },
    { option: "openai_beta", header: "openai-beta", bare: true },
  ],
  quirks: { developerAsSystem: true, limitNames: LIMITS },
  aka: { azure_extra_parameters: ["azure_extra_params"], azure_api_version: ["api_version"] },
  variants: [
    {
      option: { name: "azure_foundry_url", matches: "/anthropic/v1/?$" },
      row: { ...claudeAt(""), paths: { chat: "/messages", count_tokens: "/messages/count_tokens" } },
    },
    { option: { name: "azure_foundry_url", matches: "anthropic" }, row: claudeAt("") },
    { models: "claude", option: { name: "azure_foundry_url", matches: "." }, row: claudeAt("/anthropic") },
    { models: "claude", row: claudeAt("") },
    {
      // OpenAI's API of a Foundry resource has no version in its query: learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
      option: { name: "azure_foundry_url", matches: "/openai/v1/?$" },
      row: {
        paths: { ...endpoints((path) => path), responses: "/responses", realtime: "/realtime" },
        quirks: { limitNames: LIMITS },
      },
    },
    // Files and jobs are the resource's: learn.microsoft.com/azure/foundry/reference/rest/batches-create-batch
    {
      pathname: RESOURCE_PATHNAME,
      option: { name: "azure_api_version", matches: "^v1$" },
      row: { ...STORAGE, proxyPath: "/openai/v1{path}" },
    },
    {
      pathname: RESOURCE_PATHNAME,
      row: {
        ...STORAGE,
        proxyPath: `/openai{path}${VERSION}`,
        places: [FOUNDRY_URL, OPENAI_VERSION],
      },
    },
  ],
};

const github: ProviderRow = {
  id: "github",
  name: "GitHub Models",
  dialect: "openai-chat",
  // docs.github.com/en/rest/models/inference
  base: "https://models.github.ai/inference",
  auth: { kind: "bearer" },
  env: ["GITHUB_TOKEN"],
  paths: {
    chat: "/chat/completions",
    completions: "/completions",
    embeddings: "/embeddings",
    models: "/models",
  },
  inputs: [EXTRA_PARAMETERS],
  quirks: { developerAsSystem: true, limitNames: LIMITS },
  aka: { azure_extra_parameters: ["azure_extra_params"] },
  variants: [
    // docs.github.com/en/rest/models/catalog
    { pathname: "^/v1/models(?:/|$)", row: { base: "https://models.github.ai/catalog" } },
    {
      // docs.github.com/en/rest/models/inference: what an organization pays for
      option: { name: "github_organization", matches: "." },
      row: { base: "https://models.github.ai/orgs/{github_organization}/inference" },
    },
  ],
};

export const AZURE_ROWS: readonly ProviderRow[] = [azureOpenai, azureAi, github];
