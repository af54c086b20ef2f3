/**
 * Which of Anthropic's betas the clouds that serve Claude take.
 *
 * One that they do not know fails the whole request ("invalid beta flag", "Unexpected value(s) … for the
 * `anthropic-beta` header"), and clients that take us for Anthropic's own API send many. Bedrock's were tried one by
 * one in github.com/router-for-me/CLIProxyAPI/issues/4750 and github.com/envoyproxy/ai-gateway/pull/2512, and
 * github.com/anthropics/claude-code/issues/56595 is a third; of Vertex AI issues/34802 and /21625 there. The rest is
 * what the clients themselves leave out: `anthropic_beta_headers_config.json` of github.com/BerriAI/litellm.
 */
import { table } from "../lib/table.ts";
import type { BetaHost } from "../schema/provider-row.ts";
import type { JsonValue } from "../schema/json.ts";
import { isArray, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Note } from "./dialect.ts";

/** The betas that a host takes, by its names for them. As a header they are a list with commas, in a body also an array. */
export const takenBetas = (
  host: BetaHost,
  said: readonly (JsonValue | undefined)[],
  notes: Note[],
): readonly string[] | undefined => {
  const all = said.flatMap(listed).map((beta) => RENAMED.get(beta) ?? beta);
  const betas = [...new Set(all)].filter((beta) => beta !== "");
  const { refuses, takes } = HOSTS[host];
  const isUnasked = betas.some((beta) => plain(beta) === UNASKED);
  const taken = betas.filter((beta) =>
    isUnasked
      ? takes.has(plain(beta)) && !refuses.has(beta)
      : !refuses.has(plain(beta)) && !refuses.has(beta),
  );
  for (const beta of betas) if (!taken.includes(beta)) notes.push(`anthropic-beta (${beta})`);
  return taken.length === 0 ? undefined : taken;
};

const listed = (said: JsonValue | undefined): readonly string[] =>
  (isArray(said) ? said : [said])
    .filter(isString)
    .flatMap((text) => text.split(","))
    .map((beta) => beta.trim());

/** A beta without its date. */
const plain = (beta: string): string => beta.replace(/-\d{4}-?\d\d-?\d\d$/, "");

/** Both clouds have a name of their own for it: github.com/anthropics/claude-code/issues/30926 */
const RENAMED = table({ "advanced-tool-use-2025-11-20": "tool-search-tool-2025-10-19" });

/** Claude Code sends betas that nobody asked for, and more of them with every version: of those, only known ones go on. */
const UNASKED = "claude-code";

interface KnownBetas {
  readonly refuses: ReadonlySet<string>;
  /** Of Claude Code's. */
  readonly takes: ReadonlySet<string>;
}

const TAKEN_BY_BOTH = names(
  "claude-code compact computer-use context-1m context-management dangerous-tool-use interleaved-thinking",
  "thinking-binding-controls thinking-display-updates tool-search-tool web-search",
);
const REFUSED_BY_BOTH = names(
  "advisor-tool code-execution fast-mode files-api mcp-servers oauth prompt-caching-scope redact-thinking skills",
  "token-efficient-tools-2026-03-28 web-fetch",
);

const HOSTS: Readonly<Record<BetaHost, KnownBetas>> = Object.freeze({
  bedrock: {
    refuses: names(...REFUSED_BY_BOTH, "extended-cache-ttl prompt-caching"),
    takes: names(
      ...TAKEN_BY_BOTH,
      "adaptive-thinking dev-full-thinking effort fine-grained-tool-streaming mcp-client output-128k search-results",
      "structured-outputs token-counting token-efficient-tools tool-examples",
      "mid-conversation-output-config mid-conversation-tool-changes",
    ),
  },
  vertex: {
    refuses: names(...REFUSED_BY_BOTH, "mcp-client"),
    takes: names(...TAKEN_BY_BOTH, "effort per-turn-control"),
  },
});
