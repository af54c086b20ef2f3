/** What rows of OpenAI-compatible providers are made of: paths, bearer tokens, and the habits of older servers. */
import type { ProviderRow, Quirks, RowVariant } from "../schema/provider-row.ts";

/** Where OpenAI-shaped endpoints are below a base. */
export const OPENAI_PATHS = Object.freeze({
  chat: "/chat/completions",
  completions: "/completions",
  embeddings: "/embeddings",
  images: "/images/generations",
  image_edits: "/images/edits",
  image_variations: "/images/variations",
  speech: "/audio/speech",
  transcriptions: "/audio/transcriptions",
  translations: "/audio/translations",
  models: "/models",
  moderations: "/moderations",
  rerank: "/rerank",
} satisfies ProviderRow["paths"]);

type Paths = ProviderRow["paths"];

/** `responses` is named where it is spoken: the others' clients are translated. */
type OpenaiEndpoint = keyof typeof OPENAI_PATHS;

/** OpenAI's Responses API, below a base that says the version. */
export const RESPONSES = Object.freeze({ responses: "/responses" } satisfies Paths);

/**
 * OpenAI's models that are asked by that API alone: "only supported in v1/responses and not in v1/chat/completions"
 * (github.com/pgadmin-org/pgadmin4/issues/9795 of Pro, alvinunreal/tmuxai/issues/82 and cline/cline/issues/7049 of Codex;
 * the rest is `ResponsesModel` of the SDK 7.57 without its `ChatModel`), and for tools: "Function tools with
 * reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions" (openai/openai-openapi/issues/541; of those that
 * think unasked BerriAI/litellm/pull/34569 and bolna-ai/bolna/pull/1019, on Azure can1357/oh-my-pi/issues/11052).
 */
export const BY_RESPONSES = Object.freeze({
  responsesModels:
    "^(?:o[13]-pro|o[34](?:-mini)?-deep-research|codex-mini|computer-use|gpt-5(?:[.]\\d+)?-(?:pro|codex)|gpt-.*(?:cyber|daybreak|rosalind))",
  responsesTools: "^gpt-(?:5[.][4-9]|6)(?!\\d|.*-chat)",
  thinksUnasked: "^gpt-(?:5[.][5-9]|6)",
} satisfies Partial<ProviderRow>);

/** OpenAI's Realtime API. */
export const REALTIME = Object.freeze({ realtime: "/realtime" } satisfies Paths);

/** Paths of chat, models and the endpoints that are named, below a base that says the version. */
export const flat = (...endpoints: readonly OpenaiEndpoint[]): Paths => below("", ...endpoints);

/** The same below a base that leaves the version to the path. */
export const v1 = (...endpoints: readonly OpenaiEndpoint[]): Paths => below("/v1", ...endpoints);

/** The same below a prefix of the provider's own. */
export const below = (prefix: string, ...endpoints: readonly OpenaiEndpoint[]): Paths =>
  Object.freeze(
    Object.fromEntries(
      (["chat", "models", ...endpoints] as const).map((endpoint) => [
        endpoint,
        prefix + OPENAI_PATHS[endpoint],
      ]),
    ),
  );

/** A provider that takes OpenAI's chat with a bearer token. */
export const openaiCompatible = (
  row: Omit<ProviderRow, "dialect" | "auth"> & Partial<ProviderRow>,
): ProviderRow => withResources({ dialect: "openai-chat", auth: { kind: "bearer" }, ...row });

/**
 * Files, batches and fine-tuning jobs are below the version that chat is below, where the base leaves it to
 * the path: novita.ai/docs/api-reference/model-apis-llm-create-batch, and Moonshot's `/v1/batches`.
 */
const withResources = (row: ProviderRow): ProviderRow => {
  const [, prefix] = /^(\/.+)\/chat\/completions$/.exec(row.paths.chat ?? "") ?? [];
  if (prefix === undefined || prefix.includes("{") || row.proxyPath !== undefined) return row;
  const variant: RowVariant = { pathname: RESOURCE_PATHNAME, row: { proxyPath: `${prefix}{path}` } };
  return { ...row, variants: [...(row.variants ?? []), variant] };
};

/** What is kept at a provider, by OpenAI's paths. */
export const RESOURCE_PATHNAME = "^/v1/(?:files|batches|fine_tuning)(?:/|$)";

/** No `developer` role, whose messages are the system's. */
export const NO_DEVELOPER = Object.freeze({ developerAsSystem: true } satisfies Quirks);

/**
 * Servers that predate the `developer` role and `max_completion_tokens`. Most of today's take both names
 * of the limit, and none but OpenAI's own reasoning models refuses the older one.
 */
export const CLASSIC = Object.freeze({
  developerAsSystem: true,
  rename: { max_completion_tokens: "max_tokens" },
} satisfies Quirks);

/**
 * Vendors and servers whose chats have `top_k`: docs.together.ai/reference/chat-completions-1,
 * alibabacloud.com/help/en/model-studio/qwen-api-reference, docs.siliconflow.cn, novita.ai/docs, docs.vllm.ai
 * ("Extra parameters"), docs.sglang.ai, tools/server/README.md of llama.cpp.
 */
export const SAMPLED = Object.freeze({ ...CLASSIC, takesTopK: true } satisfies Quirks);

/** Servers on other machines of the same vendor, which know other keys. */
export const elsewhere = (row: ProviderRow, id: string, name: string, base: string): ProviderRow => {
  const { aliases: _, ...rest } = row;
  return { ...rest, id, name, base };
};
