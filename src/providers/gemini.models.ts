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
  /** Whether it knows `systemInstruction`. */
  readonly system: boolean;
  /** Whether it may be told how closely to look at an image. */
  readonly looksCloser: boolean;
  /** Whether it answers in speech, and in nothing else. */
  readonly speaks: boolean;
  /** Where it takes penalties. */
  readonly penalties: "nowhere" | "vertex" | "everywhere";
  /** Whether the last turn may be its own, for it to go on with. */
  readonly goesOn: boolean;
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
  system: true,
  looksCloser: true,
  speaks: false,
  penalties: "nowhere",
  goesOn: false,
});

const facts = (known: Partial<ModelFacts>): ModelFacts => Object.freeze({ ...NEWEST, ...known });

const EARLY = { signsCalls: false, looksCloser: false, penalties: "vertex", goesOn: true } as const;
const NONE = { ...EARLY, thinking: "none" } as const;
const budget = (least: number, most: number, canRest: boolean): ModelFacts =>
  facts({ ...EARLY, thinking: "budget", budgets: [least, most], canRest });
const ALL_LEVELS = { levels: ["MINIMAL", "LOW", "MEDIUM", "HIGH"] } as const;
const UNLED = { system: false } as const;

/**
 * First match wins. Names come bare, with a version, and with a platform's prefix.
 *
 * "Per part media resolution is not supported for this Model" before Gemini 3: github.com/langchain4j/langchain4j/pull/4389;
 * where a model draws, its prompt is then not counted (github.com/googleapis/python-genai/issues/2224).
 * "Developer instruction is not enabled for models/gemma-3-27b-it": github.com/0xPlaygrounds/rig/issues/788; Gemma 4 has
 * one (github.com/PAIR-code/deliberate-lab/issues/1223), speech has none (github.com/TheKentuckian/robot_comic/issues/122).
 * "Penalty is not enabled for models/gemini-2.5-flash": github.com/vercel/ai/issues/8943; on Vertex AI 2.5 has them
 * (github.com/BerriAI/litellm/issues/16031). "Requests ending with a model turn are not supported" since 3.6 and
 * 3.5 Flash-Lite: github.com/LibreChat-AI/agents/pull/323.
 */
const ROWS: readonly (readonly [RegExp, ModelFacts])[] = [
  [/gemma-[1-3](?!\d)/, facts({ ...NONE, ...UNLED })],
  [/^(?!.*gemini)/, facts(NONE)], // Gemma, LearnLM, and endpoints that have only a number
  [/gemini-(?:1|2\.0|pro(?!-latest)|ultra)/, facts({ ...NONE, penalties: "everywhere" })],
  [/gemini-2\.5.*-tts/, facts({ ...NONE, ...UNLED, speaks: true })],
  [/gemini-2\.5.*-image/, facts(NONE)],
  [/gemini-2\.5-flash-lite/, budget(512, 24_576, true)],
  [/gemini-2\.5-flash/, budget(1, 24_576, true)],
  [/gemini-2/, budget(128, 32_768, false)],
  [/gemini-3.*-tts/, facts({ ...UNLED, speaks: true, thinking: "none" })],
  // firebase.google.com/docs/ai-logic/imagen-models-migration: "with thinking level MINIMAL", "HIGH"
  [/gemini-3\.1-flash(?:-lite)?-image/, facts({ levels: ["MINIMAL", "HIGH"], looksCloser: false })],
  [/gemini-3.*-image/, facts({ thinking: "none", looksCloser: false })],
  [/gemini-3-pro/, facts({ levels: ["LOW", "HIGH"], goesOn: true })],
  [/gemini-3\.1-pro/, facts({ goesOn: true })],
  [/gemini-3\.(?:5-flash-lite|6-flash)/, facts(ALL_LEVELS)],
  [/gemini-3(?:\.[0-5])?-flash/, facts({ ...ALL_LEVELS, goesOn: true })],
];
