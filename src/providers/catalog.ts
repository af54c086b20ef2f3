/** The providers, one row each. A plain OpenAI-compatible one is a row and nothing else. */
import type { HeaderInput, MappedEndpoint, ProviderRow, Quirks } from "../schema/provider-row.ts";
import { AZURE_ROWS } from "./catalog.azure.ts";
import { MEDIA_ROWS } from "./catalog.media.ts";
import { PLATFORM_ROWS } from "./catalog.platforms.ts";
import { VECTOR_ROWS } from "./catalog.vectors.ts";

/** Where OpenAI-shaped endpoints are, with and without the version in the path. */
export const OPENAI_PATHS = Object.freeze({
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

type Paths = ProviderRow["paths"];

const flat = (...endpoints: readonly MappedEndpoint[]): Paths => pathsOf("", endpoints);
const v1 = (...endpoints: readonly MappedEndpoint[]): Paths => pathsOf("/v1", endpoints);

/** Chat and models are offered by all; the rest is named. */
const pathsOf = (prefix: string, endpoints: readonly MappedEndpoint[]): Paths =>
  Object.freeze(
    Object.fromEntries(
      ["chat", "models", ...endpoints].map((endpoint) => [
        endpoint,
        prefix + OPENAI_PATHS[endpoint as MappedEndpoint],
      ]),
    ),
  );
const BEARER = Object.freeze({ kind: "bearer" } as const);

/** Servers that predate the `developer` role and `max_completion_tokens`. */
const CLASSIC = Object.freeze({
  developerAsSystem: true,
  rename: { max_completion_tokens: "max_tokens" },
} satisfies Quirks);
const NO_DEVELOPER = Object.freeze({ developerAsSystem: true } satisfies Quirks);

const OPENAI_INPUTS: readonly HeaderInput[] = [
  { option: "openai_organization", header: "openai-organization", bare: true },
  { option: "openai_project", header: "openai-project", bare: true },
  { option: "openai_beta", header: "openai-beta", bare: true },
];
const ANTHROPIC_INPUTS: readonly HeaderInput[] = [
  { option: "anthropic_version", header: "anthropic-version", bare: true, default: "2023-06-01" },
  { option: "anthropic_beta", header: "anthropic-beta", bare: true },
];

const openaiCompatible = (
  row: Omit<ProviderRow, "dialect" | "auth"> & Partial<ProviderRow>,
): ProviderRow => ({
  dialect: "openai-chat",
  auth: BEARER,
  ...row,
});

const ROWS: readonly ProviderRow[] = [
  openaiCompatible({
    id: "openai",
    name: "OpenAI",
    base: "https://api.openai.com/v1",
    env: ["OPENAI_API_KEY"],
    paths: flat(
      "completions",
      "embeddings",
      "images",
      "image_edits",
      "speech",
      "transcriptions",
      "translations",
    ),
    inputs: OPENAI_INPUTS,
  }),
  {
    id: "anthropic",
    name: "Anthropic",
    dialect: "anthropic-messages",
    base: "https://api.anthropic.com/v1",
    // OAuth tokens (sk-ant-oat…) are bearer tokens; API keys go in x-api-key: docs.claude.com/en/api/overview
    auth: { kind: "header", name: "x-api-key", bearerPrefix: "sk-ant-oat" },
    env: ["ANTHROPIC_API_KEY"],
    paths: { chat: "/messages", models: "/models" },
    inputs: ANTHROPIC_INPUTS,
  },
  openaiCompatible({
    id: "cerebras",
    name: "Cerebras",
    base: "https://api.cerebras.ai/v1",
    env: ["CEREBRAS_API_KEY"],
    paths: flat("completions"),
    quirks: NO_DEVELOPER,
  }),
  openaiCompatible({
    id: "deepinfra",
    name: "DeepInfra",
    base: "https://api.deepinfra.com/v1/openai",
    env: ["DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"],
    paths: flat("completions", "embeddings", "images", "speech", "transcriptions"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "deepseek",
    name: "DeepSeek",
    base: "https://api.deepseek.com",
    env: ["DEEPSEEK_API_KEY"],
    paths: v1(),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "groq",
    name: "Groq",
    base: "https://api.groq.com/openai/v1",
    env: ["GROQ_API_KEY"],
    paths: flat("speech", "transcriptions", "translations"),
    quirks: NO_DEVELOPER,
  }),
  openaiCompatible({
    id: "mistral-ai",
    name: "Mistral AI",
    aliases: ["mistral"],
    base: "https://api.mistral.ai/v1",
    env: ["MISTRAL_API_KEY"],
    paths: flat("embeddings", "transcriptions"),
    // docs.mistral.ai/api: random_seed, safe_prompt, tool_choice "any" (also takes "required" today)
    quirks: {
      developerAsSystem: true,
      rename: { max_completion_tokens: "max_tokens", seed: "random_seed", safe_mode: "safe_prompt" },
      values: { tool_choice: { required: "any" } },
    },
  }),
  openaiCompatible({
    id: "novita-ai",
    name: "Novita AI",
    aliases: ["novita"],
    base: "https://api.novita.ai/openai",
    env: ["NOVITA_API_KEY"],
    paths: v1("completions", "embeddings"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "ollama",
    name: "Ollama",
    base: "http://localhost:11434",
    paths: v1("completions", "embeddings"),
    auth: { kind: "none" },
    keyless: true,
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "openrouter",
    name: "OpenRouter",
    base: "https://openrouter.ai/api",
    env: ["OPENROUTER_API_KEY"],
    paths: v1("completions", "embeddings"),
  }),
  openaiCompatible({
    id: "perplexity-ai",
    name: "Perplexity",
    aliases: ["perplexity"],
    base: "https://api.perplexity.ai",
    env: ["PERPLEXITY_API_KEY"],
    paths: flat(),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "together-ai",
    name: "Together AI",
    aliases: ["together"],
    base: "https://api.together.xyz",
    env: ["TOGETHER_API_KEY"],
    paths: v1("completions", "embeddings", "images", "speech", "transcriptions", "translations"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "x-ai",
    name: "xAI",
    aliases: ["xai", "grok"],
    base: "https://api.x.ai/v1",
    env: ["XAI_API_KEY"],
    paths: flat("completions", "images"),
    quirks: NO_DEVELOPER,
  }),
  ...AZURE_ROWS,
  ...MEDIA_ROWS,
  ...PLATFORM_ROWS,
  ...VECTOR_ROWS,
];

/** Rows by id and by alias. */
export interface Catalog {
  readonly ids: readonly string[];
  find(idOrAlias: string): ProviderRow | undefined;
  readonly rows: readonly ProviderRow[];
}

export const createCatalog = (added: readonly ProviderRow[] = []): Catalog => {
  const byName = new Map<string, ProviderRow>();
  // The operator's rows come last and win over ours of the same id.
  for (const row of [...ROWS, ...added]) {
    byName.set(row.id, row);
    for (const alias of row.aliases ?? []) byName.set(alias, row);
  }
  const rows = [...new Set(byName.values())];
  return Object.freeze({ ids: rows.map((row) => row.id), rows, find: (name: string) => byName.get(name) });
};
