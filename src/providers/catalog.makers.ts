/** Makers of models who speak OpenAI's chat themselves, or are its origin: what their models take stands in their rows. */
import type { HeaderInput, ProviderRow, Quirks, RowVariant } from "../schema/provider-row.ts";
import {
  BY_RESPONSES,
  CLASSIC,
  elsewhere,
  flat,
  NO_DEVELOPER,
  openaiCompatible,
  REALTIME,
  RESPONSES,
  SAMPLED,
  v1,
} from "./compatible.ts";
import { GROK_WORDS, KIMI_EFFORTS } from "./efforts.ts";
import { MISTRAL_QUIRKS } from "./mistral-quirks.ts";
import { DEEPSEEK_THINKING, GLM_THINKING, KIMI_THINKING, QWEN_THINKING } from "./thinking-words.ts";
import { GROK_PENALTIES, GROK_REFUSES, OPENAI_LIMITS, OPENAI_REFUSES } from "./refused-fields.ts";

const OPENAI_INPUTS: readonly HeaderInput[] = [
  { option: "openai_organization", header: "openai-organization", bare: true },
  { option: "openai_project", header: "openai-project", bare: true },
  { option: "openai_beta", header: "openai-beta", bare: true },
];

/**
 * Vendors that want the reasoning of earlier turns back, and refuse a turn that called tools without it
 * or lose their thread: api-docs.deepseek.com/guides/thinking_mode, platform.kimi.ai/docs "Thinking models",
 * docs.z.ai/guides/capabilities/thinking-mode.
 */
const REMINDED: Quirks = { ...CLASSIC, reasoningField: "reasoning_content" };

const DASHSCOPE = openaiCompatible({
  id: "dashscope",
  name: "Alibaba Model Studio",
  aliases: ["qwen"],
  base: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
  env: ["DASHSCOPE_API_KEY"],
  paths: flat("completions", "embeddings"),
  quirks: { ...SAMPLED, thinking: QWEN_THINKING, systemFirst: true },
});

/** Rerankers are of the vendor's own API, on the same host: help.aliyun.com/zh/model-studio/text-rerank-api. */
const withDashscopeRerank = (row: ProviderRow, host: string): ProviderRow => ({
  ...row,
  paths: { ...row.paths, rerank: "/services/rerank/text-rerank/text-rerank" },
  codecs: { rerank: "dashscope-rerank" },
  variants: [{ pathname: "^/v1/rerank/?$", row: { base: `${host}/api/v1` } }],
});

const KIMI: Quirks = {
  ...REMINDED,
  thinking: KIMI_THINKING,
  efforts: KIMI_EFFORTS,
  refusesEmpty: true,
  prefillField: "partial",
  kimiSchemas: true,
};

const GLM: Quirks = {
  ...REMINDED,
  thinking: GLM_THINKING,
  toolChoices: "auto",
  formats: "object",
  refusesEmpty: true,
  needsUser: true,
};

const GROK: Quirks = { ...NO_DEVELOPER, efforts: GROK_WORDS };

/** Who refuses an effort has no word for thinking in the Responses API either. */
const grokRefuses = (models: string, ...refuses: readonly string[]): RowVariant => ({
  models,
  row: {
    quirks: { ...GROK, refuses },
    endpointQuirks: refuses.includes("reasoning_effort") ? { responses: { refuses: ["reasoning"] } } : {},
  },
});

/**
 * docs.x.ai/docs/guides/reasoning; of models that do not think github.com/miaoxworld/NativeTavern/issues/83, and
 * "does not support parameter reasoningEffort" of those that cannot be told how much:
 * git.cosmolan.fr/mirrors/hermes-agent/commit/d6e1fadbf59085214e3f97e231d3c7f0d1643941.
 */
const GROK_VARIANTS: readonly RowVariant[] = [
  grokRefuses("^grok-(?:3-mini|4[.][3-9]|4[.]20-multi)", ...GROK_REFUSES),
  grokRefuses(
    "^grok-(?:4(?![.](?:[3-9]|20-multi))|code)(?!.*non-reasoning)",
    ...GROK_REFUSES,
    "reasoning_effort",
  ),
  grokRefuses("^grok-4.*non-reasoning", ...GROK_PENALTIES, "reasoning_effort"),
  grokRefuses("^grok-3(?!-mini)", "reasoning_effort"),
];

const FIXED_IN_KIMI = ["temperature", "top_p", "n", "presence_penalty", "frequency_penalty"];

const MOONSHOT = openaiCompatible({
  id: "moonshot",
  name: "Moonshot AI (China)",
  base: "https://api.moonshot.cn",
  env: ["MOONSHOT_API_KEY"],
  paths: v1(),
  quirks: KIMI,
  // "invalid temperature: only 1 is allowed for this model": github.com/anomalyco/opencode/issues/27796; of the other
  // words for sampling java.agentscope.io/v2/en/integration/model/kimi says the same
  variants: [{ models: "^kimi-k(?:2[.][5-9]|3)", row: { quirks: { ...KIMI, refuses: FIXED_IN_KIMI } } }],
});

export const MAKER_ROWS: readonly ProviderRow[] = [
  withDashscopeRerank(DASHSCOPE, "https://dashscope-intl.aliyuncs.com"),
  withDashscopeRerank(
    elsewhere(
      DASHSCOPE,
      "dashscope-cn",
      "Alibaba Model Studio (China)",
      "https://dashscope.aliyuncs.com/compatible-mode/v1",
    ),
    "https://dashscope.aliyuncs.com",
  ),
  elsewhere(
    DASHSCOPE,
    "dashscope-us",
    "Alibaba Model Studio (US)",
    "https://dashscope-us.aliyuncs.com/compatible-mode/v1",
  ),
  openaiCompatible({
    id: "deepseek",
    name: "DeepSeek",
    base: "https://api.deepseek.com",
    env: ["DEEPSEEK_API_KEY"],
    // api-docs.deepseek.com/api/create-completion: what stands between prompt and suffix, of the beta alone
    paths: { ...v1(), completions: "/beta/completions" },
    quirks: {
      ...REMINDED,
      thinking: DEEPSEEK_THINKING,
      formats: "object",
      textContent: "parts",
      // "Invalid 'tools': empty array": github.com/marimo-team/marimo/issues/5493
      refusesEmptyLists: ["tools"],
    },
  }),
  openaiCompatible({
    id: "mistral-ai",
    name: "Mistral AI",
    aliases: ["mistral"],
    base: "https://api.mistral.ai/v1",
    env: ["MISTRAL_API_KEY"],
    // docs.mistral.ai/api: a completion between prompt and suffix answers as a chat does, at its own path
    paths: {
      ...flat("embeddings", "transcriptions", "moderations"),
      chat: "/{mistral_fim_completion}/completions",
    },
    adapters: { batches: "mistral-batches" },
    modelNames: [{ pattern: "^mistralai[.]", name: "" }], // as platforms that serve them call them
    places: [
      {
        option: "mistral_fim_completion",
        kind: "word",
        words: { true: "fim", false: "chat" },
        default: "false",
      },
    ],
    quirks: {
      ...MISTRAL_QUIRKS,
      values: {
        ...MISTRAL_QUIRKS.values,
        // `RequestedServiceTier` of @mistralai/mistralai 2.7 has two words
        service_tier: { default: "standard_only", flex: "standard_only", priority: "auto" },
      },
    },
    // `EmbeddingRequest`, and `timestamp_granularities` of audioTranscriptionsComplete, of @mistralai/mistralai 2.7
    endpointQuirks: {
      embeddings: { rename: { dimensions: "output_dimension" }, refuses: ["user"] },
      transcriptions: { plainLists: true },
    },
  }),
  MOONSHOT,
  elsewhere(MOONSHOT, "moonshot-ai", "Moonshot AI", "https://api.moonshot.ai"), // platform.kimi.ai/docs/api/quickstart
  openaiCompatible({
    id: "openai",
    name: "OpenAI",
    base: "https://api.openai.com/v1",
    env: ["OPENAI_API_KEY"],
    paths: {
      ...flat(
        "completions",
        "embeddings",
        "images",
        "image_edits",
        "image_variations",
        "speech",
        "transcriptions",
        "translations",
        "moderations",
      ),
      ...RESPONSES,
      ...REALTIME,
      count_tokens: "/responses/input_tokens",
    },
    codecs: { count_tokens: "openai-count" },
    ...BY_RESPONSES,
    quirks: { refuses: OPENAI_REFUSES, limitNames: OPENAI_LIMITS },
    // vLLM, LiteLLM and their like are called as OpenAI with a host of their own.
    onOtherHosts: { paths: { rerank: "/rerank" }, codecs: { rerank: "text-rerank" }, quirks: {} },
    inputs: OPENAI_INPUTS,
  }),
  openaiCompatible({
    id: "perplexity-ai",
    name: "Perplexity",
    aliases: ["perplexity"],
    base: "https://api.perplexity.ai",
    env: ["PERPLEXITY_API_KEY", "PPLX_API_KEY"],
    // docs.perplexity.ai/api-reference/embeddings-post: what came after chat is below a version
    paths: { ...flat(), embeddings: "/v1/embeddings" },
    codecs: { embeddings: "perplexity-embeddings" },
    quirks: { ...CLASSIC, alternates: true },
  }),
  openaiCompatible({
    id: "x-ai",
    name: "xAI",
    aliases: ["xai", "grok"],
    base: "https://api.x.ai/v1",
    env: ["XAI_API_KEY"],
    // docs.x.ai, "Comparison with Chat Completions API": reasoning comes back by the Responses API only
    // developers.cloudflare.com/ai/models/xai/grok-voice: wss://api.x.ai/v1/realtime?model=…, a bearer token
    paths: { ...flat("completions", "embeddings", "images", "image_edits"), ...RESPONSES, ...REALTIME },
    codecs: { images: "xai-images", image_edits: "xai-edits" },
    quirks: GROK,
    variants: GROK_VARIANTS,
  }),
  openaiCompatible({
    id: "z-ai",
    name: "Z.AI",
    aliases: ["zai"],
    base: "https://api.z.ai/api/paas/v4",
    env: ["ZAI_API_KEY", "Z_AI_API_KEY"],
    paths: flat("images", "transcriptions"),
    quirks: GLM,
  }),
  openaiCompatible({
    id: "zhipu",
    name: "Zhipu AI",
    aliases: ["bigmodel"],
    base: "https://open.bigmodel.cn/api/paas/v4",
    env: ["ZHIPU_API_KEY", "ZHIPUAI_API_KEY"],
    paths: flat("embeddings", "images", "speech", "transcriptions", "rerank"),
    codecs: { rerank: "text-rerank" },
    quirks: GLM,
  }),
];
