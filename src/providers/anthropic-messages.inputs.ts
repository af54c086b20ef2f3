/** The headers in which clients of Anthropic's API say its version and its betas, wherever it is served. */
import type { HeaderInput, Quirks } from "../schema/provider-row.ts";

export const ANTHROPIC_INPUTS: readonly HeaderInput[] = [
  { option: "anthropic_version", header: "anthropic-version", bare: true, default: "2023-06-01" },
  { option: "anthropic_beta", header: "anthropic-beta", bare: true },
];

/**
 * Models that know no system's turn amid the conversation, which Claude Code makes for every model: "role 'system' is
 * not supported on this model" of Claude before 4.8 (github.com/BerriAI/litellm/pull/32831,
 * platform.claude.com/docs/build-with-claude/mid-conversation-system-messages).
 */
const systemAsUser = "claude-(?:instant|v?[123]|(?:[a-z]+-)?4(?![-.][89]))";

/** What is said in those headers: where they are read, the API takes no such fields ("Extra inputs are not permitted"). */
export const ANTHROPIC_QUIRKS: Quirks = Object.freeze({
  systemAsUser,
  removes: ["anthropic_version", "anthropic_beta"],
});

/** Clouds that take Anthropic's body in calls of their own. */
export const CLOUD_QUIRKS: Quirks = Object.freeze({ systemAsUser, plainCacheMarks: true });
