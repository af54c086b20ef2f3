/**
 * Anthropic's betas as Bedrock takes them, whichever of its APIs is asked: one that it does not know, and the whole
 * request is refused ("invalid beta flag").
 *
 * Each was tried alone: github.com/router-for-me/CLIProxyAPI/issues/4750 (of Claude Code's), BerriAI/litellm,
 * litellm/anthropic_beta_headers_config.json ("bedrock"; what that platform does not offer at all).
 */
import { table } from "../lib/table.ts";
import type { JsonValue } from "../schema/json.ts";
import { isArray, isString } from "../schema/json.ts";
import type { Note } from "./dialect.ts";

/** As a header they are a list with commas, in a body also an array. */
export const bedrockBetas = (
  said: readonly (JsonValue | undefined)[],
  notes: Note[],
): readonly string[] | undefined => {
  const all = said
    .flatMap((value): readonly unknown[] => (isArray(value) ? value : [value]))
    .filter(isString)
    .flatMap((text) => text.split(","))
    .map((beta) => beta.trim())
    .filter((beta) => beta !== "");
  const refused = new Set(all.filter((beta) => REFUSED.test(beta)));
  notes.push(...[...refused].map((beta) => `anthropic_beta (${beta})`));
  const taken = all.filter((beta) => !refused.has(beta)).map((beta) => RENAMED.get(beta) ?? beta);
  return taken.length === 0 ? undefined : [...new Set(taken)];
};

const REFUSED =
  /^(?:advisor-tool|code-execution|fast-mode|files-api|mcp-client|mcp-servers|oauth|prompt-caching-scope|redact-thinking|skills|token-efficient-tools-2026|web-fetch|web-search)-/;

/** Tools that are found when they are needed have a name of their own here. */
const RENAMED = table({ "advanced-tool-use-2025-11-20": "tool-search-tool-2025-10-19" });

/** Said of a tool there, of the request here (github.com/BerriAI/litellm/issues/23825, /BerriAI/litellm-docs/pull/1550). */
export const EAGER = "eager_input_streaming";
export const EAGER_BETA = "fine-grained-tool-streaming-2025-05-14";
