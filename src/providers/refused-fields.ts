/**
 * Fields of chats that some vendors know and others answer with 400 or 422, so that a fallback from one to another
 * would never be answered.
 *
 * OpenAI: "Unknown parameter: 'reasoning'" (github.com/teabranch/open-responses-server/issues/41), "Unrecognized
 * request argument supplied: enable_thinking" of a fallback (github.com/LianjiaTech/bella-openapi/issues/331).
 * Groq: "property 'reasoning' is unsupported" (github.com/musistudio/claude-code-router/pull/1204), `verbosity`
 * (github.com/CherryHQ/cherry-studio/issues/11435), `prompt_cache_key` (github.com/eigent-ai/eigent/issues/1827).
 * Cerebras: "property 'body.thinking' is unsupported" (github.com/anomalyco/opencode/issues/6648), `store`
 * (github.com/huggingface/huggingface.js/pull/2268), `top_k` (github.com/mnfst/modelparams.dev/pull/115).
 * Fireworks: "Extra inputs are not permitted, field: 'vl_high_resolution_images'"
 * (github.com/web-infra-dev/midscene/issues/1322).
 * Mistral: "extra_forbidden" of `max_completion_tokens` and of `metadata`, which it takes today
 * (github.com/editor-code-assistant/eca/issues/231, github.com/OpenHands/OpenHands-CLI/issues/83).
 */
import type { LimitName } from "../schema/provider-row.ts";
import { names } from "./body-fields.ts";

/** What other vendors' documents add to OpenAI's chat. */
const OTHERS = [
  ...names("thinking enable_thinking thinking_budget reasoning chat_template_kwargs enable_search"),
  ...names("top_k k min_p beam_size repetition_penalty length_penalty"),
  ...names("safety_settings safety_mode safe_mode safe_prompt labels image_config"),
  ...names("anthropic_beta anthropic_version documents citation_options"),
  ...names("additionalModelRequestFields additional_model_request_fields"),
  ...names("additionalModelResponseFieldPaths additional_model_response_field_paths"),
  ...names("guardrailConfig guardrail_config performanceConfig performance_config"),
  ...names("models provider transforms search_domain_filter search_recency_filter"),
  ...names("context_length_exceeded_behavior prompt_truncate_len"),
];

const othersBut = (own: ReadonlySet<string>): readonly string[] => OTHERS.filter((field) => !own.has(field));

/** `ChatCompletionCreateParamsBase` of OpenAI's SDK 7.57 has none of them. */
export const OPENAI_REFUSES = Object.freeze(othersBut(names("")));

/**
 * "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead": of OpenAI's
 * models that think (github.com/langflow-ai/openrag/issues/398, on GitHub Realiserad/fish-ai/issues/161 and
 * actions/ai-inference/issues/116, on Azure cline/cline/issues/5419).
 */
export const OPENAI_LIMITS: readonly LimitName[] = [
  { models: "^(?:openai/)?(?:o[134](?:-|$)|gpt-[56](?!.*-chat))", name: "max_completion_tokens" },
];

/**
 * `ChatCompletionCreateParamsBase` of groq-sdk 1.6, but for `stream_options`, which its users send; of the last three
 * console.groq.com/docs/openai says it.
 */
export const GROQ_REFUSES = [
  ...othersBut(names("documents citation_options")),
  ...names("audio modalities moderation prediction prompt_cache_key prompt_cache_options"),
  ...names("prompt_cache_retention safety_identifier verbosity web_search_options"),
  ...names("logprobs logit_bias top_logprobs"),
] as const;

/** OpenAI's own that `chat/completions.d.ts` of @cerebras/cerebras_cloud_sdk 1.91 does not have either. */
export const CEREBRAS_REFUSES = [
  ...othersBut(names("")),
  ...names("audio function_call functions metadata modalities moderation prompt_cache_options"),
  ...names("prompt_cache_retention safety_identifier store verbosity web_search_options"),
] as const;

/** Of xAI's models, those that think: docs.x.ai/docs/guides/reasoning. The others refuse the penalties alone. */
export const GROK_PENALTIES = ["presence_penalty", "frequency_penalty"] as const;
export const GROK_REFUSES = [...GROK_PENALTIES, "stop"] as const;

/** The same for `types/chat/completion_create_params.py` of fireworks-ai 1.2.30. */
export const FIREWORKS_REFUSES = [
  ...othersBut(
    names("thinking top_k min_p repetition_penalty", "context_length_exceeded_behavior prompt_truncate_len"),
  ),
  ...names("audio modalities moderation prompt_cache_options prompt_cache_retention"),
  ...names("safety_identifier store verbosity web_search_options"),
] as const;

/** The same for `ChatCompletionRequest` of @mistralai/mistralai 2.7. */
export const MISTRAL_REFUSES = [
  ...othersBut(names("safe_mode safe_prompt")),
  ...names("audio function_call functions logit_bias logprobs modalities moderation prompt_cache_options"),
  ...names("prompt_cache_retention safety_identifier store top_logprobs user verbosity web_search_options"),
] as const;

/**
 * Fields of messages that answers of other providers hold, and clients send back with them: "property
 * 'reasoning_content' is unsupported" (Groq: github.com/janhq/jan/issues/8136, Cerebras:
 * github.com/Kilo-Org/kilocode/issues/10375). An assistant's message of both SDKs has `reasoning` alone.
 */
export const SENT_BACK = [
  ...names("content_blocks reasoning_content reasoning_details refusal annotations audio images"),
] as const;

/** Mistral's `AssistantMessage` has not even that; "extra_forbidden": github.com/charmbracelet/crush/issues/1590. */
export const ALL_SENT_BACK = [...SENT_BACK, "reasoning"] as const;
