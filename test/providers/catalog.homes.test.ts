/** Where providers with options in their address are at home. */
import { describe, expect, test } from "bun:test";
import { createCatalog } from "../../src/providers/catalog.ts";
import { codecOf } from "../../src/providers/codecs.ts";
import { filledBase, mappedUrl, proxiedUrl } from "../../src/providers/url.ts";
import { rowFor } from "../../src/providers/variants.ts";
import type { MappedEndpoint, ProviderRow } from "../../src/schema/provider-row.ts";

const catalog = createCatalog();

type Options = Readonly<Record<string, string>>;

const rowOf = (provider: string): ProviderRow => {
  const row = catalog.find(provider);
  if (row === undefined) throw new Error(`There is no ${provider}`);
  return row;
};

const homeOf = (provider: string, pathname: string, model: string | null, options: Options) => {
  const option = (name: string): string | undefined => options[name];
  const row = rowFor(rowOf(provider), { model, pathname, option });
  return { row, option, base: filledBase(row, row.base ?? "", option) };
};

const PATHNAMES: Partial<Record<MappedEndpoint, string>> = {
  chat: "/v1/chat/completions",
  embeddings: "/v1/embeddings",
  models: "/v1/models",
  rerank: "/v1/rerank",
  responses: "/v1/responses",
  transcriptions: "/v1/audio/transcriptions",
};

const urlOf = (provider: string, endpoint: MappedEndpoint, model: string, options: Options = {}): string => {
  const pathname = PATHNAMES[endpoint] ?? "/v1/images/generations";
  const { row, option, base } = homeOf(provider, pathname, model, options);
  return mappedUrl(row, base, endpoint, { model, stream: false, search: "", option });
};

const passedUrl = (provider: string, pathname: string, options: Options = {}): string => {
  const { row, option, base } = homeOf(provider, pathname, null, options);
  return proxiedUrl(row, base, pathname, { search: "", option });
};

const AZURE = { azure_resource_name: "res", azure_deployment_id: "gpt" };
const FOUNDRY = "https://res.services.ai.azure.com";

describe("a call goes home", () => {
  test.each<[string, MappedEndpoint, string, Options, string]>([
    [
      "azure-openai",
      "chat",
      "m",
      { ...AZURE, azure_api_version: "2024-10-21" },
      "https://res.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
    ],
    ["azure-openai", "chat", "m", AZURE, "https://res.openai.azure.com/openai/v1/chat/completions"],
    ["azure-openai", "embeddings", "m", AZURE, "https://res.openai.azure.com/openai/v1/embeddings"],
    ["azure-openai", "responses", "m", AZURE, "https://res.openai.azure.com/openai/v1/responses"],
    [
      "azure-openai",
      "images",
      "m",
      AZURE,
      "https://res.openai.azure.com/openai/deployments/gpt/images/generations?api-version=2024-10-21",
    ],
    [
      "azure-openai",
      "chat",
      "m",
      { ...AZURE, azure_api_version: "v1" },
      "https://res.openai.azure.com/openai/v1/chat/completions",
    ],
    ["azure-openai", "models", "m", AZURE, "https://res.openai.azure.com/openai/v1/models"],
    [
      "azure-ai",
      "chat",
      "phi",
      { azure_foundry_url: `${FOUNDRY}/models` },
      `${FOUNDRY}/models/chat/completions?api-version=2024-05-01-preview`,
    ],
    ["azure-ai", "chat", "claude", { azure_foundry_url: FOUNDRY }, `${FOUNDRY}/anthropic/v1/messages`],
    [
      "azure-ai",
      "chat",
      "gpt",
      { azure_foundry_url: `${FOUNDRY}/openai/v1/` },
      `${FOUNDRY}/openai/v1/chat/completions`,
    ],
    [
      "azure-ai",
      "rerank",
      "m",
      { azure_foundry_url: "https://my-rerank.eastus2.models.ai.azure.com" },
      "https://my-rerank.eastus2.models.ai.azure.com/v2/rerank",
    ],
    [
      "dashscope",
      "rerank",
      "qwen3-rerank",
      {},
      "https://dashscope-intl.aliyuncs.com/api/v1/services/rerank/text-rerank/text-rerank",
    ],
    [
      "deepinfra",
      "rerank",
      "Qwen/Qwen3-Reranker-8B",
      {},
      "https://api.deepinfra.com/v1/inference/Qwen/Qwen3-Reranker-8B",
    ],
    ["github", "models", "m", {}, "https://models.github.ai/catalog/models"],
    ["github", "chat", "m", {}, "https://models.github.ai/inference/chat/completions"],
    [
      "github",
      "chat",
      "m",
      { github_organization: "acme" },
      "https://models.github.ai/orgs/acme/inference/chat/completions",
    ],
    [
      "workers-ai",
      "models",
      "m",
      { workers_ai_account_id: "acc" },
      "https://api.cloudflare.com/client/v4/accounts/acc/ai/models/search",
    ],
    ["pinecone", "rerank", "m", {}, "https://api.pinecone.io/rerank"],
    [
      "fireworks-ai",
      "transcriptions",
      "whisper-v3",
      {},
      "https://audio-prod.api.fireworks.ai/v1/audio/transcriptions",
    ],
    [
      "fireworks-ai",
      "transcriptions",
      "whisper-v3-turbo",
      {},
      "https://audio-turbo.api.fireworks.ai/v1/audio/transcriptions",
    ],
    ["deepseek", "completions", "deepseek-v4-flash", {}, "https://api.deepseek.com/beta/completions"],
    ["openrouter", "speech", "openai/tts-1", {}, "https://openrouter.ai/api/v1/audio/speech"],
    ["perplexity-ai", "embeddings", "pplx-embed-v1-4b", {}, "https://api.perplexity.ai/v1/embeddings"],
    [
      "vertex-ai",
      "rerank",
      "semantic-ranker-default@latest",
      { vertex_project_id: "sea", vertex_region: "us-central1" },
      "https://discoveryengine.googleapis.com/v1/projects/sea/locations/global/rankingConfigs/default_ranking_config:rank",
    ],
    [
      "bedrock",
      "rerank",
      "arn:aws:bedrock:us-east-1::foundation-model/cohere.rerank-v3-5:0",
      { aws_region: "us-east-1" },
      "https://bedrock-runtime.us-east-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Fcohere.rerank-v3-5%3A0/invoke",
    ],
    ["github", "chat", "openai/gpt-4.1", {}, "https://models.github.ai/inference/chat/completions"],
    [
      "cortex",
      "chat",
      "llama",
      { snowflake_account: "org-acc" },
      "https://org-acc.snowflakecomputing.com/api/v2/cortex/v1/chat/completions",
    ],
    [
      "databricks",
      "chat",
      "llama",
      { databricks_workspace: "dbc-1" },
      "https://dbc-1.cloud.databricks.com/serving-endpoints/llama/invocations",
    ],
    [
      "fireworks",
      "images",
      "flux-1-dev",
      {},
      "https://api.fireworks.ai/inference/v1/workflows/accounts/fireworks/models/flux-1-dev/text_to_image",
    ],
  ])("%s: %s of %p", (provider, endpoint, model, options, url) => {
    expect(urlOf(provider, endpoint, model, options)).toBe(url);
  });

  test.each<[string, string, Options, string]>([
    ["azure", "/v1/responses/resp_1", AZURE, "https://res.openai.azure.com/openai/v1/responses/resp_1"],
    ["azure", "/v1/files", AZURE, "https://res.openai.azure.com/openai/files?api-version=2024-10-21"],
    [
      "azure-ai",
      "/v1/batches/b",
      { azure_foundry_url: `${FOUNDRY}/api/projects/p` },
      `${FOUNDRY}/openai/batches/b?api-version=2024-10-21`,
    ],
    ["azure-ai", "/v1/files", { azure_foundry_url: `${FOUNDRY}/openai/v1/` }, `${FOUNDRY}/openai/v1/files`],
    ["fireworks-ai", "/v1/proxy/models", {}, "https://api.fireworks.ai/inference/v1/models"],
    [
      "fireworks-ai",
      "/v1/proxy/datasets",
      { fireworks_account_id: "me" },
      "https://api.fireworks.ai/v1/accounts/me/datasets",
    ],
    ["together-ai", "/v1/files", {}, "https://api.together.xyz/v1/files"],
    ["novita-ai", "/v1/batches/b", {}, "https://api.novita.ai/openai/v1/batches/b"],
    ["moonshot", "/v1/batches", {}, "https://api.moonshot.cn/v1/batches"],
    ["moonshot-ai", "/v1/batches", {}, "https://api.moonshot.ai/v1/batches"],
    ["groq", "/v1/batches", {}, "https://api.groq.com/openai/v1/batches"],
    ["deepinfra", "/v1/files", {}, "https://api.deepinfra.com/v1/openai/files"],
    ["ollama", "/v1/api/tags", {}, "http://localhost:11434/api/tags"],
    ["meshy", "/v1/proxy/text-to-3d", {}, "https://api.meshy.ai/openapi/v2/text-to-3d"],
    ["meshy", "/v1/proxy/image-to-3d/1", {}, "https://api.meshy.ai/openapi/v1/image-to-3d/1"],
    ["pinecone", "/v1/proxy/indexes", {}, "https://api.pinecone.io/indexes"],
    ["replicate", "/v1/proxy/predictions", {}, "https://api.replicate.com/v1/predictions"],
    ["tripo3d", "/v1/proxy/task", {}, "https://api.tripo3d.ai/v2/openapi/task"],
  ])("%s: passed through %p", (provider, pathname, options, url) => {
    expect(passedUrl(provider, pathname, options)).toBe(url);
  });
});

describe("every row", () => {
  const rows = catalog.rows.flatMap((row) => [
    row,
    ...(row.variants ?? []).map((variant): ProviderRow => ({ ...row, ...variant.row })),
  ]);

  test("names codecs that there are", () => {
    for (const { codecs } of rows) for (const name of Object.values(codecs ?? {})) codecOf(name);
  });

  test("has a codec only where it has a path", () => {
    const offered = new Map(catalog.rows.map(({ id, paths }) => [id, paths]));
    for (const { codecs, id, paths } of rows) {
      // A variant of other paths keeps the codecs of those it is not about.
      const stray = Object.keys(codecs ?? {}).filter(
        (endpoint) => !(endpoint in paths || endpoint in (offered.get(id) ?? {})),
      );
      expect([id, stray]).toEqual([id, []]);
    }
  });

  test("has a name of its own", () => {
    const names = catalog.rows.flatMap(({ id, aliases }) => [id, ...(aliases ?? [])]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
