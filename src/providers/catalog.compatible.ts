/**
 * Providers that speak OpenAI's chat and serve the models of many makers: a row each, and nothing else.
 *
 * Bases and paths are divided as users of custom hosts expect. What a vendor refuses is listed only
 * where its document says so; everything else goes on as it came.
 */
import type { HeaderInput, ProviderRow, Quirks } from "../schema/provider-row.ts";
import { ANTHROPIC_INPUTS } from "./anthropic-messages.inputs.ts";
import {
  below,
  CLASSIC,
  elsewhere,
  flat,
  NO_DEVELOPER,
  openaiCompatible,
  SAMPLED,
  v1,
} from "./compatible.ts";
import { GROQ_EFFORTS, OPEN_EFFORTS } from "./efforts.ts";
import { OPENROUTER_THINKING, TOGETHER_THINKING } from "./thinking-words.ts";
import { CEREBRAS_REFUSES, GROQ_REFUSES, SENT_BACK } from "./refused-fields.ts";

/** The hosted gateway's own options; a request's `x-portkey-config` speaks to this gateway. */
const PORTKEY_INPUTS: readonly HeaderInput[] = [
  { option: "portkey_config", header: "x-portkey-config" },
  { option: "portkey_provider", header: "x-portkey-provider" },
  { option: "portkey_virtual_key", header: "x-portkey-virtual-key" },
];

/** A site that wants to be named (openrouter.ai/docs, "App attribution"). */
const OPENROUTER_INPUTS: readonly HeaderInput[] = [
  { option: "openrouter_referer", header: "http-referer", bare: true },
  { option: "openrouter_title", header: "x-title", bare: true },
];

/** Tokens of a proxy in front of a deployment (modal.com/docs, "Proxy Auth Tokens"). */
const MODAL_INPUTS: readonly HeaderInput[] = [
  { option: "modal_key", header: "modal-key", bare: true },
  { option: "modal_secret", header: "modal-secret", bare: true },
];

const DEEPBRICKS_INPUTS: readonly HeaderInput[] = [
  { option: "openai_organization", header: "deepbricks-organization" },
  { option: "openai_project", header: "deepbricks-project" },
];

const CEREBRAS: Quirks = {
  ...NO_DEVELOPER, // inference-docs.cerebras.ai/resources/openai: system messages are the developer's
  refuses: CEREBRAS_REFUSES,
  refusesInMessages: SENT_BACK,
  efforts: OPEN_EFFORTS,
};

const OPENROUTER: Quirks = {
  thinking: OPENROUTER_THINKING,
  takesTopK: true,
  reasoningField: "reasoning_details",
};

const SILICONFLOW = openaiCompatible({
  id: "siliconflow",
  name: "SiliconFlow (China)",
  base: "https://api.siliconflow.cn/v1",
  env: ["SILICONFLOW_API_KEY"],
  paths: flat("embeddings", "images", "speech", "transcriptions", "rerank"),
  codecs: { images: "siliconflow-images", rerank: "text-rerank" },
  quirks: SAMPLED,
});

export const COMPATIBLE_ROWS: readonly ProviderRow[] = [
  openaiCompatible({
    id: "302ai",
    name: "302.AI",
    base: "https://api.302.ai",
    env: ["302AI_API_KEY", "AI302_API_KEY"],
    paths: v1("embeddings", "images", "speech", "transcriptions"),
  }),
  openaiCompatible({
    id: "aibadgr",
    name: "AI Badgr",
    base: "https://aibadgr.com/api/v1",
    env: ["AIBADGR_API_KEY"],
    paths: flat(),
    quirks: NO_DEVELOPER,
  }),
  openaiCompatible({
    id: "anyscale",
    name: "Anyscale",
    base: "https://api.endpoints.anyscale.com/v1",
    env: ["ANYSCALE_API_KEY"],
    paths: flat("completions", "embeddings"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "cerebras",
    name: "Cerebras",
    base: "https://api.cerebras.ai/v1",
    env: ["CEREBRAS_API_KEY"],
    paths: flat("completions"),
    quirks: CEREBRAS,
    // "parallel_tool_calls=False is not supported by this model": github.com/agno-agi/agno/issues/4508
    variants: [
      {
        models: "gpt-oss",
        row: { quirks: { ...CEREBRAS, refuses: [...CEREBRAS_REFUSES, "parallel_tool_calls"] } },
      },
    ],
  }),
  openaiCompatible({
    id: "cometapi",
    name: "CometAPI",
    base: "https://api.cometapi.com/v1",
    env: ["COMETAPI_API_KEY", "COMETAPI_KEY"],
    paths: flat("embeddings", "images", "image_edits", "speech", "transcriptions", "translations"),
  }),
  openaiCompatible({
    id: "deepbricks",
    name: "DeepBricks",
    base: "https://api.deepbricks.ai/v1",
    env: ["DEEPBRICKS_API_KEY"],
    paths: flat("images"),
    inputs: DEEPBRICKS_INPUTS,
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "deepinfra",
    name: "DeepInfra",
    base: "https://api.deepinfra.com/v1/openai",
    env: ["DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"],
    // edits: @ai-sdk/deepinfra 2.0, deepinfra-image-model
    paths: {
      ...flat("completions", "embeddings", "images", "image_edits", "speech", "transcriptions"),
      rerank: "/{model}",
    },
    codecs: { rerank: "deepinfra-rerank" },
    quirks: CLASSIC,
    // deepinfra.com/Qwen/Qwen3-Reranker-8B/api: rerankers are not below /openai
    variants: [{ pathname: "^/v1/rerank/?$", row: { base: "https://api.deepinfra.com/v1/inference" } }],
  }),
  openaiCompatible({
    id: "featherless-ai",
    name: "Featherless AI",
    aliases: ["featherless"],
    base: "https://api.featherless.ai/v1",
    env: ["FEATHERLESS_API_KEY"],
    paths: flat("completions"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "groq",
    name: "Groq",
    base: "https://api.groq.com/openai/v1",
    env: ["GROQ_API_KEY"],
    // embeddings: groq-sdk 1.6, resources/embeddings
    paths: flat("embeddings", "speech", "transcriptions", "translations"),
    quirks: {
      ...NO_DEVELOPER,
      refuses: GROQ_REFUSES,
      // console.groq.com/docs/openai, "Currently Unsupported OpenAI Features"
      refusesInMessages: [...SENT_BACK, "name"],
      // "json mode cannot be combined with tool/function calling": github.com/vercel/ai/pull/16540
      refusesBesideTools: ["response_format"],
      textContent: "parts",
      efforts: GROQ_EFFORTS,
      // groq-sdk 1.6: auto, on_demand, flex, performance
      values: { service_tier: { default: "on_demand", priority: "performance" } },
    },
  }),
  openaiCompatible({
    id: "hyperbolic",
    name: "Hyperbolic",
    base: "https://api.hyperbolic.xyz",
    env: ["HYPERBOLIC_API_KEY"],
    paths: { ...v1("completions"), images: "/v1/image/generation" },
    codecs: { images: "hyperbolic-images" },
    quirks: SAMPLED,
  }),
  openaiCompatible({
    id: "inference-net",
    name: "Inference.net",
    base: "https://api.inference.net/v1",
    env: ["INFERENCE_API_KEY"],
    paths: flat(),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "iointelligence",
    name: "IO Intelligence",
    base: "https://api.intelligence.io.solutions/api/v1",
    env: ["IOINTELLIGENCE_API_KEY"],
    paths: flat("embeddings"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "kluster-ai",
    name: "kluster.ai",
    base: "https://api.kluster.ai/v1",
    env: ["KLUSTER_API_KEY"],
    paths: flat("embeddings"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "krutrim",
    name: "Krutrim",
    base: "https://cloud.olakrutrim.com/v1",
    env: ["KRUTRIM_API_KEY", "KRUTRIM_CLOUD_API_KEY"],
    paths: flat(),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "lambda",
    name: "Lambda",
    // moved from api.lambdalabs.com, and closed: docs.lambda.ai/public-cloud/lambda-inference-api
    base: "https://api.lambda.ai/v1",
    env: ["LAMBDA_API_KEY"],
    paths: flat("completions"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "lemonfox-ai",
    name: "Lemonfox.ai",
    aliases: ["lemonfox"],
    base: "https://api.lemonfox.ai/v1",
    env: ["LEMONFOX_API_KEY"],
    paths: flat("images", "speech", "transcriptions"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "lepton",
    name: "Lepton AI",
    base: "https://api.lepton.ai",
    env: ["LEPTON_API_KEY"],
    paths: below("/api/v1", "completions", "transcriptions"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "lingyi",
    name: "Lingyi (01.AI)",
    aliases: ["01-ai"],
    base: "https://api.lingyiwanwu.com",
    env: ["LINGYI_API_KEY"],
    paths: v1(),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "matterai",
    name: "Matter AI",
    base: "https://api.matterai.so/v1",
    env: ["MATTERAI_API_KEY"],
    paths: flat(),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "modal",
    name: "Modal",
    base: null, // every deployment has a host of its own
    env: ["MODAL_API_KEY"],
    paths: flat("completions", "embeddings"),
    inputs: MODAL_INPUTS,
    keyless: true,
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "monsterapi",
    name: "MonsterAPI",
    base: "https://llm.monsterapi.ai/v1",
    env: ["MONSTERAPI_API_KEY", "MONSTER_API_KEY"],
    paths: flat(),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "ncompass",
    name: "nCompass",
    base: "https://api.ncompass.tech/v1",
    env: ["NCOMPASS_API_KEY"],
    paths: flat(),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "nebius",
    name: "Nebius Token Factory",
    // moved from api.studio.nebius.ai: docs.tokenfactory.nebius.com/api-reference/introduction
    base: "https://api.tokenfactory.nebius.com/v1",
    env: ["NEBIUS_API_KEY"],
    paths: flat("completions", "embeddings", "images"),
    codecs: { images: "nebius-images" },
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "nextbit",
    name: "NextBit",
    base: "https://api.nextbit256.com/v1",
    env: ["NEXTBIT_API_KEY"],
    paths: flat("completions"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "novita-ai",
    name: "Novita AI",
    aliases: ["novita"],
    base: "https://api.novita.ai/openai",
    env: ["NOVITA_API_KEY"],
    paths: v1("completions", "embeddings", "rerank"),
    codecs: { rerank: "text-rerank" },
    quirks: SAMPLED,
  }),
  openaiCompatible({
    id: "nscale",
    name: "Nscale",
    base: "https://inference.api.nscale.com/v1",
    env: ["NSCALE_API_KEY", "NSCALE_SERVICE_TOKEN"],
    paths: flat("images"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "openrouter",
    name: "OpenRouter",
    base: "https://openrouter.ai/api",
    env: ["OPENROUTER_API_KEY"],
    // openrouter.ai/docs/guides/overview/multimodal/tts
    paths: v1("completions", "embeddings", "speech", "rerank"),
    codecs: { rerank: "rerank" },
    // Some models answer an encoding that they do not have with no vectors: github.com/plastic-labs/honcho/issues/932
    endpointQuirks: { embeddings: { values: { encoding_format: { base64: "float" } } } },
    inputs: OPENROUTER_INPUTS,
    quirks: OPENROUTER,
    // Claude is also served as Anthropic serves it, with its thinking budgets, signatures and cache marks:
    // hexdocs.pm/openrouter_sdk/OpenrouterSdk.Api.Messages.html
    variants: [
      // DeepSeek's demand for its thoughts goes through: github.com/danny-avila/LibreChat/issues/13366
      {
        models: "^deepseek/deepseek-v4",
        row: { quirks: { ...OPENROUTER, reasoningField: "reasoning_content" } },
      },
      // Schemas reach Kimi as they are: github.com/tailcallhq/forgecode/issues/3123
      { models: "^moonshotai/", row: { quirks: { ...OPENROUTER, kimiSchemas: true } } },
      {
        models: "^anthropic/",
        pathname: "^/v1/messages/?$",
        row: {
          dialect: "anthropic-messages",
          paths: { chat: "/v1/messages" },
          inputs: [...OPENROUTER_INPUTS, ...ANTHROPIC_INPUTS],
        },
      },
    ],
  }),
  openaiCompatible({
    id: "ovhcloud",
    name: "OVHcloud AI Endpoints",
    base: "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
    env: ["OVHCLOUD_API_KEY", "OVH_AI_ENDPOINTS_ACCESS_TOKEN"],
    paths: flat("completions", "embeddings", "transcriptions"),
    quirks: CLASSIC,
  }),
  openaiCompatible({
    id: "portkey",
    name: "Portkey",
    base: "https://api.portkey.ai/v1",
    auth: { kind: "header", name: "x-portkey-api-key" },
    env: ["PORTKEY_API_KEY"],
    paths: flat(
      "completions",
      "embeddings",
      "images",
      "image_edits",
      "image_variations",
      "speech",
      "transcriptions",
      "translations",
      "moderations",
      "rerank",
    ),
    codecs: { rerank: "rerank" },
    inputs: PORTKEY_INPUTS,
  }),
  openaiCompatible({
    id: "sambanova",
    name: "SambaNova",
    base: "https://api.sambanova.ai",
    env: ["SAMBANOVA_API_KEY"],
    paths: v1("embeddings", "transcriptions", "translations"),
    quirks: { ...CLASSIC, textContent: "parts" },
  }),
  SILICONFLOW,
  elsewhere(SILICONFLOW, "siliconflow-com", "SiliconFlow", "https://api.siliconflow.com/v1"), // docs.siliconflow.com
  openaiCompatible({
    id: "together-ai",
    name: "Together AI",
    aliases: ["together"],
    base: "https://api.together.xyz",
    env: ["TOGETHER_API_KEY"],
    paths: v1("completions", "embeddings", "images", "speech", "transcriptions", "translations", "rerank"),
    codecs: { images: "together-images", rerank: "rerank" },
    adapters: { files: "together-files", batches: "together-batches" },
    quirks: { ...SAMPLED, thinking: TOGETHER_THINKING, efforts: OPEN_EFFORTS },
  }),
  openaiCompatible({
    id: "upstage",
    name: "Upstage",
    base: "https://api.upstage.ai/v1", // moved from …/v1/solar: console.upstage.ai/api-keys
    env: ["UPSTAGE_API_KEY"],
    paths: flat("embeddings"),
    quirks: CLASSIC,
  }),
];
