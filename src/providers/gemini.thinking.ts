/** How much a Gemini model may think: the wire's words for effort and budget as a `thinkingConfig`. */
import { table } from "../lib/table.ts";
import type { Reasoning } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Note } from "./dialect.ts";
import type { Level, ModelFacts } from "./gemini.models.ts";

/** Thoughts are shown to whoever asked for any, unless an Anthropic client wants them hidden. */
export const writeThinking = (
  reasoning: Reasoning | undefined,
  facts: ModelFacts,
  notes: Set<Note>,
): JsonObject | undefined => {
  if (reasoning === undefined) return undefined;
  if (isOff(reasoning)) return switchedOff(facts, notes);
  if (facts.thinking === "none") {
    notes.add("reasoning_effort");
    return undefined;
  }
  for (const field of Object.keys(reasoning.native?.fields ?? {}))
    if (!SAID.has(field)) notes.add(`thinking.${field}`);
  const includeThoughts = reasoning.native?.fields["display"] !== "omitted";
  return facts.thinking === "budget"
    ? { includeThoughts, ...budgetOf(reasoning, facts, notes) }
    : { includeThoughts, ...levelOf(reasoning, facts, notes) };
};

/** Of Anthropic's thinking object. */
const SAID: ReadonlySet<string> = new Set(["type", "budget_tokens", "display"]);

/** The budgets that Google's own OpenAI-shaped API gives to efforts: ai.google.dev/gemini-api/docs/openai. */
const BUDGETS = table({
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
});

const LEVELS = table<Level>({
  minimal: "MINIMAL",
  low: "LOW",
  medium: "MEDIUM",
  high: "HIGH",
  xhigh: "HIGH",
  max: "HIGH",
});

/** The level of a budget, where only levels are understood: the first row that is not smaller. */
const BUDGET_LEVELS: readonly (readonly [number, Level])[] = [
  [2048, "LOW"],
  [8192, "MEDIUM"],
  [Infinity, "HIGH"],
];

/** A budget for the model to choose. */
const DYNAMIC = -1;

const ORDER: readonly Level[] = ["MINIMAL", "LOW", "MEDIUM", "HIGH"];

const isOff = ({ mode, effort, budgetTokens }: Reasoning): boolean =>
  mode === "disabled" || effort === "none" || budgetTokens === 0;

/** Models that cannot rest think as little as they can. */
const switchedOff = (facts: ModelFacts, notes: Set<Note>): JsonObject | undefined => {
  if (facts.thinking === "none") return undefined;
  if (facts.canRest) return { thinkingBudget: 0 };
  const [least] = facts.budgets;
  const level = facts.levels[0];
  notes.add(`reasoning_effort (${facts.thinking === "budget" ? `${least} tokens` : level?.toLowerCase()})`);
  return facts.thinking === "budget" ? { thinkingBudget: least } : { thinkingLevel: level };
};

const budgetOf = (reasoning: Reasoning, { budgets }: ModelFacts, notes: Set<Note>): JsonObject => {
  const { effort, budgetTokens } = reasoning;
  const wanted = budgetTokens ?? (effort === undefined ? DYNAMIC : BUDGETS.get(effort));
  if (wanted === undefined) {
    notes.add("reasoning_effort");
    return {};
  }
  if (wanted < 0) return { thinkingBudget: DYNAMIC };
  const within = Math.min(Math.max(wanted, budgets[0]), budgets[1]);
  if (budgetTokens !== undefined && within !== wanted)
    notes.add(`thinking.budget_tokens (clamped to ${within})`);
  return { thinkingBudget: within };
};

const levelOf = (reasoning: Reasoning, facts: ModelFacts, notes: Set<Note>): JsonObject => {
  const { effort, budgetTokens = DYNAMIC } = reasoning;
  if (effort === undefined && budgetTokens < 0) return {}; // the model's own default
  const wanted =
    effort === undefined ? BUDGET_LEVELS.find(([most]) => budgetTokens <= most)?.[1] : LEVELS.get(effort);
  if (wanted === undefined) {
    notes.add("reasoning_effort");
    return {};
  }
  const level = nearest(wanted, facts.levels);
  if (level !== wanted) notes.add(`reasoning_effort (${level.toLowerCase()})`);
  return { thinkingLevel: level };
};

/** The level itself, or the next higher one that is accepted. */
const nearest = (wanted: Level, levels: readonly Level[]): Level =>
  levels.find((level) => ORDER.indexOf(level) >= ORDER.indexOf(wanted)) ?? "HIGH";
