/**
 * What Anthropic's models accept and refuse, by model name.
 *
 * Sources: the migration guides under platform.claude.com/docs/en/models and
 * platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting, /effort, /extended-thinking.
 */

export type Effort = "low" | "medium" | "high" | "xhigh" | "max";

export interface ModelFacts {
  /** `budget`: `{type: "enabled", budget_tokens}`; `adaptive`: `{type: "adaptive"}` with an effort. */
  readonly thinking: "none" | "budget" | "both" | "adaptive";
  /**
   * Kinds of thinking that it refuses by name: "thinking.type.enabled" (github.com/NousResearch/hermes-agent/issues/11137),
   * "thinking.type.disabled" (github.com/cline/cline/issues/13203), "adaptive thinking" (github.com/BerriAI/litellm/issues/27168).
   */
  readonly refusesThinking: readonly string[];
  /** How thinking is switched off; `low-effort` where it cannot be. */
  readonly off: "disabled" | "between_tools" | "low-effort";
  /** Values of `output_config.effort` that are accepted. */
  readonly efforts: readonly Effort[];
  /** `one`: temperature or top_p, not both. `none`: neither, and no top_k. */
  readonly sampling: "all" | "one" | "none";
  /** Whether a tool choice of `any` or `tool` is accepted, and beside thinking. */
  readonly forcedTools: boolean;
  readonly forcedThought: boolean;
  /** Whether it goes on with a turn that the assistant began (…/migration-guide, "Prefill removal"). */
  readonly prefill: boolean;
  /**
   * Whether it can be held to a schema, by a tool or for its answer: "Sonnet 4.5 and Opus 4.1" were the first
   * (claude.com/blog/structured-outputs-on-the-claude-developer-platform).
   */
  readonly schemas: boolean;
  /** Whether thinking comes back without its text unless that is asked for (…/thinking, "Controlling thinking display"). */
  readonly hidesThought: boolean;
  /** `max_tokens` when the client gives none; the API requires it. */
  readonly maxTokens: number;
  /** The most that `max_tokens` may say, where our own defaults could pass it. */
  readonly outputLimit: number;
}

/** The facts of a model; a name that no row knows counts as the newest kind that still takes sampling. */
export const factsOf = (model: string): ModelFacts =>
  ROWS.find(([pattern]) => pattern.test(model.toLowerCase()))?.[1] ?? UNKNOWN;

const facts = (known: Partial<ModelFacts>): ModelFacts => Object.freeze({ ...UNKNOWN, ...known });

const EFFORTS: readonly Effort[] = ["low", "medium", "high", "xhigh", "max"];

const UNKNOWN: ModelFacts = Object.freeze({
  thinking: "adaptive",
  refusesThinking: [],
  off: "disabled",
  efforts: EFFORTS,
  sampling: "all",
  forcedTools: true,
  forcedThought: true,
  prefill: true,
  schemas: true,
  hidesThought: false,
  maxTokens: 16384,
  outputLimit: 64000,
});

const FREE = { schemas: false } as const;
const THOUGHTLESS = {
  ...FREE,
  thinking: "none",
  refusesThinking: ["enabled", "adaptive"],
  efforts: [],
} as const;
const BUDGET = { thinking: "budget", refusesThinking: ["adaptive"], efforts: [] } as const;
const ADAPTIVE = {
  thinking: "adaptive",
  refusesThinking: ["enabled"],
  sampling: "none",
  prefill: false,
  hidesThought: true,
  outputLimit: 128000,
} as const;
const ALWAYS_ON = { ...ADAPTIVE, refusesThinking: ["enabled", "disabled"], off: "low-effort" } as const;

/**
 * First match wins. Names come bare, with a date, with a platform's prefix or suffix, in capitals, and with the version
 * before the size (`claude-4-sonnet`: docs.litellm.ai/docs/providers/snowflake).
 */
const ROWS: readonly (readonly [RegExp, ModelFacts])[] = [
  [/claude-(?:instant|v?[12](?!\d))/, facts({ ...THOUGHTLESS, maxTokens: 4096 })],
  [/claude-3-(?:opus|sonnet|haiku)/, facts({ ...THOUGHTLESS, maxTokens: 4096 })],
  [/claude-3[-.]5-/, facts({ ...THOUGHTLESS, maxTokens: 8192 })],
  [/claude-3[-.]7-/, facts({ ...BUDGET, ...FREE })],
  [/claude-(?:\w+-)?4[-.][89](?!\d)/, facts(ADAPTIVE)],
  // Until Claude 4.7 a forced call excludes thinking of either kind: github.com/langchain-ai/langchain-aws/pull/1151
  [/claude-(?:\w+-)?4[-.]7(?!\d)/, facts({ ...ADAPTIVE, forcedThought: false })],
  [
    /claude-(?:\w+-)?4[-.]6(?!\d)/,
    facts({
      thinking: "both",
      sampling: "one",
      prefill: false,
      efforts: ["low", "medium", "high", "max"],
      forcedThought: false,
    }),
  ],
  [
    /claude-(?:opus-4[-.]5|4[-.]5-opus)(?!\d)/,
    facts({ ...BUDGET, sampling: "one", efforts: ["low", "medium", "high"] }),
  ],
  [/claude-(?:\w+-)?4[-.]5(?!\d)/, facts({ ...BUDGET, sampling: "one" })],
  // Every Claude 4 refuses the two together: github.com/anthropics/skills, skills/claude-api/shared/model-migration.md
  [/claude-(?:opus-4[-.]1|4[-.]1-opus)(?!\d)/, facts({ ...BUDGET, sampling: "one", outputLimit: 32000 })],
  [/claude-(?:opus-4|4-opus)(?!\d)/, facts({ ...BUDGET, ...FREE, sampling: "one", outputLimit: 32000 })],
  [/claude-(?:\w+-)?4(?!\d)/, facts({ ...BUDGET, ...FREE, sampling: "one" })],
  [/claude-mythos-preview/, facts({ ...ALWAYS_ON, efforts: ["low", "medium", "high", "max"] })],
  [/claude-(?:fable|mythos)-5(?![-.]\d(?!\d))/, facts(ALWAYS_ON)],
  // Fable 5.1, Mythos 5.1, Opus 5.5 and Sonnet 5.5 also refuse a forced tool choice; Haiku 5.5 does not.
  [
    /claude-sonnet-5[-.]\d(?!\d)/,
    facts({
      ...ADAPTIVE,
      refusesThinking: ["enabled", "disabled"],
      off: "between_tools",
      forcedTools: false,
    }),
  ],
  [/claude-(?:fable|mythos|opus)-5[-.]\d(?!\d)/, facts({ ...ALWAYS_ON, forcedTools: false })],
  [/claude-\w+-5(?!\d)/, facts(ADAPTIVE)],
  // A later family is expected to be like the newest we know.
  [/claude-[a-z]+-(?:[6-9]|[1-9]\d)(?!\d)/, facts({ ...ALWAYS_ON, forcedTools: false })],
];
