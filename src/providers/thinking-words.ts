/**
 * How vendors' chats are told to think or not, and which of their models take it: the rest may refuse the field.
 *
 * DeepSeek: api-docs.deepseek.com/guides/thinking_mode. GLM: docs.z.ai/guides/capabilities/thinking-mode; 5.3 always
 * thinks (dev.to/aihubmix/glm-53-api-guide-always-on-thinking-3-effort-levels-and-the-support-matrix-1d8e). Kimi:
 * platform.kimi.ai/docs, "Thinking models"; K3 and K2.7 always think (java.agentscope.io/v2/en/integration/model/kimi).
 * Qwen: alibabacloud.com/help/en/model-studio/deep-thinking and /visual-reasoning; its open models think in streams
 * only (github.com/OpenBMB/UltraRAG/issues/287), and those for code not at all.
 * Together: docs.together.ai/docs/inference/chat/reasoning. OpenRouter: openrouter.ai/docs/use-cases/reasoning-tokens.
 */
import type { ThinkingWords } from "../schema/provider-row.ts";

const words = (said: ThinkingWords): ThinkingWords => Object.freeze(said);

export const DEEPSEEK_THINKING = words({
  field: "thinking",
  on: ".",
  off: ".",
  unasked: "^deepseek-(?!chat)",
});

export const GLM_THINKING = words({
  field: "thinking",
  on: "^glm-(?:4[.][5-9]|5)",
  off: "^glm-(?:4[.][5-9]|5(?![.]3))",
});

export const KIMI_THINKING = words({
  field: "thinking",
  on: "^kimi-k2[.][56]",
  off: "^kimi-k2[.][56]",
  unasked: "^kimi-k(?:2[.][5-9]|2-thinking|3)",
});

export const QWEN_THINKING = words({
  field: "enable_thinking",
  on: "^qwen(?:-(?:plus|flash|turbo)|3-(?:max|vl-(?:plus|flash))|(?:3[.]|[4-9])[.\\d]*-(?!\\d|omni|coder))",
  off: "^(?!.*(?:thinking|qwq|qvq))",
  // of its models since 3.5 and its open ones thinking is the default: alibabacloud.com/help/en/model-studio/deep-thinking
  unasked:
    "^(?:qwen(?:3[.]|[4-9])[.\\d]*-(?!omni|coder)|qwen3-[.\\d]+b(?:-a[.\\d]+b)?$|qwq|qvq|qwen.*-thinking)",
  inStreams: "^qwen3-[.\\d]+b(?:-a[.\\d]+b)?$",
  takesBudget: true,
});

/** Models that can do either, wherever they are served. */
const HYBRIDS = "deepseek-v(?:3[.][12]|4)|glm-(?:4[.][5-7]|5(?![.]3))|kimi-k2[.][56]|qwen3[.][56]";

export const TOGETHER_THINKING = words({ field: "reasoning", on: HYBRIDS, off: HYBRIDS });

export const OPENROUTER_THINKING = words({
  field: "reasoning",
  on: ".",
  off: HYBRIDS,
  unasked: "^deepseek/deepseek-v4",
  takesBudget: true,
});
