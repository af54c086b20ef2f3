/** Anthropic's betas on Bedrock: what a body needs that says none, and what Converse has none for. */
import { table } from "../lib/table.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { takenBetas } from "./claude.betas.ts";
import type { Note } from "./dialect.ts";

export const converseBetas = (
  said: readonly (JsonValue | undefined)[],
  notes: Note[],
): readonly string[] | undefined => {
  const betas = takenBetas("bedrock", said, notes) ?? [];
  for (const beta of betas) if (INVOKED.test(beta)) notes.push(`anthropic-beta (${beta})`);
  const taken = betas.filter((beta) => !INVOKED.test(beta));
  return taken.length === 0 ? undefined : taken;
};

/**
 * What InvokeModel has and Converse has not: compaction (docs.aws.amazon.com/bedrock/latest/userguide/
 * claude-messages-compaction.html, quoted in github.com/truefoundry/models/pull/2160) and tools that are searched
 * (platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool).
 */
const INVOKED = /^(?:compact|tool-search-tool)-/;

const SEARCHES = "tool-search-tool-2025-10-19";

/** Said of a tool there, of the request here (github.com/BerriAI/litellm/issues/23825, /BerriAI/litellm-docs/pull/1550). */
export const EAGER = "eager_input_streaming";
export const EAGER_BETA = "fine-grained-tool-streaming-2025-05-14";

/** Tools that search among others: only InvokeModel has them. */
export const isToolSearch = (type: JsonValue | undefined): boolean =>
  isString(type) && type.startsWith("tool_search_tool_");

/**
 * Fields of a tool that Anthropic's own API takes without a beta, and Bedrock does not: "tools.11.custom.defer_loading:
 * Extra inputs are not permitted" (github.com/anthropics/claude-code/issues/82549).
 */
const OF_FIELDS = table({ defer_loading: SEARCHES, input_examples: "tool-examples-2025-10-29" });

/** Betas that a body needs here, whether or not its client says them: of its tools, and of what it edits. */
export const bodyBetas = ({ tools, context_management: context }: JsonObject): readonly string[] => {
  const ofTools = listOf(tools).flatMap((tool) => [
    ...(tool[EAGER] === true ? [EAGER_BETA] : []),
    ...(isToolSearch(tool["type"]) ? [SEARCHES] : []),
    ...Object.keys(tool).flatMap((field) => OF_FIELDS.get(field) ?? []),
  ]);
  const edits = isObject(context) ? listOf(context["edits"]) : [];
  return [...ofTools, ...edits.map((edit) => (isCompaction(edit) ? COMPACTS : EDITS))];
};

/** github.com/BerriAI/litellm/pull/27593 */
const COMPACTS = "compact-2026-01-12";
export const EDITS = "context-management-2025-06-27";

export const isCompaction = ({ type }: JsonObject): boolean => isString(type) && type.startsWith("compact_");

const listOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  isArray(value) ? value.filter(isObject) : [];
