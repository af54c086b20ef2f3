/**
 * What Google's models accept and refuse, by model name.
 *
 * Sources: ai.google.dev/gemini-api/docs/thinking, /gemini-3, /thought-signatures and
 * docs.cloud.google.com/gemini-enterprise-agent-platform/models/thinking (its table of levels).
 */

export type Level = "MINIMAL" | "LOW" | "MEDIUM" | "HIGH";

export interface ModelFacts {
  /** `budget`: `thinkingBudget` in tokens; `level`: `thinkingLevel`. */
  readonly thinking: "none" | "budget" | "level";
  /** The smallest and the largest budget. */
  readonly budgets: readonly [least: number, most: number];
  /** A budget of 0 switches thinking off. */
  readonly canRest: boolean;
  /** Levels that are accepted, least first. */
  readonly levels: readonly Level[];
  /**
   * Since Gemini 3 calls have ids and signatures, a call of the history without its signature is
   * refused, and a function's response may hold media.
   */
  readonly signsCalls: boolean;
}

/** The facts of a model; a name that no row knows counts as the newest kind. */
export const factsOf = (model: string): ModelFacts =>
  ROWS.find(([pattern]) => pattern.test(model))?.[1] ?? NEWEST;

const NEWEST: ModelFacts = Object.freeze<ModelFacts>({
  thinking: "level",
  budgets: [0, 0],
  canRest: false,
  levels: ["LOW", "MEDIUM", "HIGH"],
  signsCalls: true,
});

const facts = (known: Partial<ModelFacts>): ModelFacts => Object.freeze({ ...NEWEST, ...known });

const NONE = facts({ thinking: "none", signsCalls: false });
const budget = (least: number, most: number, canRest: boolean): ModelFacts =>
  facts({ thinking: "budget", budgets: [least, most], canRest, signsCalls: false });
const ALL_LEVELS = facts({ levels: ["MINIMAL", "LOW", "MEDIUM", "HIGH"] });

/** First match wins. Names come bare, with a version, and with a platform's prefix. */
const ROWS: readonly (readonly [RegExp, ModelFacts])[] = [
  [/^(?!.*gemini)/, NONE], // Gemma, LearnLM, and endpoints that have only a number
  [/gemini-(?:1|2\.0|pro(?!-latest)|ultra)/, NONE],
  [/gemini-2\.5.*-(?:image|tts)/, NONE],
  [/gemini-2\.5-flash-lite/, budget(512, 24_576, true)],
  [/gemini-2\.5-flash/, budget(1, 24_576, true)],
  [/gemini-2/, budget(128, 32_768, false)],
  [/gemini-3.*-(?:image|tts)/, facts({ thinking: "none" })],
  [/gemini-3-pro/, facts({ levels: ["LOW", "HIGH"] })],
  [/gemini-3(?:\.[0-6])?-flash/, ALL_LEVELS],
];
