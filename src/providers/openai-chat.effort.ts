/**
 * How much an OpenAI-shaped model is asked to think, from what a client of any API said.
 *
 * `reasoning_effort` is refused by models that do not think ("Unrecognized request argument"), and clients of
 * Anthropic's API send a thinking budget to whatever model they are pointed at: what was said in tokens is
 * therefore only passed on to a model whose name is known to take an effort. An effort in words is the
 * client's own choice and also goes to models whose name tells nothing (a deployment, a fine-tuned model).
 *
 * A name stands below only where a vendor's document, or its refusal as users report it, says so; every other
 * is unknown. The words that OpenAI's models take are in `openai.models.ts`. Groq: console.groq.com/docs/reasoning.
 * xAI: docs.x.ai/developers/model-capabilities/text/reasoning. Left out on purpose: Claude, for which Anthropic's
 * compatible endpoint ignores the field (platform.claude.com/docs/en/api/openai-sdk), and Mistral's models, which
 * take `high` and `none` alone (docs.mistral.ai/capabilities/reasoning/adjustable).
 */
import type { Reasoning } from "../schema/chat.ts";
import type { Note } from "./dialect.ts";
import { canBeOff, effortFor, nameOf } from "./openai.models.ts";

/** The value of `reasoning_effort`, if any; what cannot be said is noted. */
export const writeReasoning = (reasoning: Reasoning, model: string, notes: Set<Note>): string | undefined => {
  noteRest(reasoning, notes);
  const thinking = thinkingOf(model);
  if (reasoning.mode === "disabled") return writeOff(thinking, model, notes);
  if (reasoning.effort !== undefined) return writeEffort(reasoning.effort, thinking, model, notes);
  return reasoning.budgetTokens === undefined
    ? undefined
    : writeBudget(reasoning.budgetTokens, thinking, notes);
};

/** What a thinking object says besides whether and how much. */
export const noteRest = ({ native }: Reasoning, notes: Set<Note>): void => {
  for (const name of Object.keys(native?.fields ?? {}))
    if (name !== "type" && name !== "budget_tokens") notes.add(`thinking.${name}`);
};

/** Whether the model is known to refuse every word about thinking. */
export const refusesReasoning = (model: string): boolean => thinkingOf(model) === "never";

type Thinking = "takes effort" | "never" | "unknown";

/** Names without the vendor and the path before them: `openai/gpt-5`, `accounts/fireworks/models/gpt-oss-120b`. */
const TAKES_EFFORT: readonly RegExp[] = [
  /^o(1(?!-(mini|preview))|3|4)(?!.*deep-research)/,
  /^gpt-[56](?!\d|.*-(pro|chat|search))/, // gpt-5-pro takes `high` alone
  /^gpt-oss/,
  /^grok-4\.[3567](?!\d)/, // grok-4.20 refuses it
];

/** OpenAI's models from before thinking, and Llama, for which Groq and Cerebras answer 400. */
const NEVER: readonly RegExp[] = [/^(chatgpt-4o|gpt-3\.5|gpt-4)/, /^(meta-)?llama/];

/** Of other makers' models those that take the word `none`. */
const CAN_BE_OFF = /^grok-4\.3(?!\d)/;

/** The largest thinking budget, in tokens, that an effort stands for; what is beyond is `high`, which all take. */
const EFFORTS = [
  [2048, "low"],
  [8192, "medium"],
] as const;

const thinkingOf = (model: string): Thinking => {
  const name = nameOf(model);
  if (NEVER.some((pattern) => pattern.test(name))) return "never";
  return TAKES_EFFORT.some((pattern) => pattern.test(name)) ? "takes effort" : "unknown";
};

/** A model that never thinks is off already. */
const writeOff = (thinking: Thinking, model: string, notes: Set<Note>): string | undefined => {
  if (thinking === "never") return undefined;
  if (canBeOff(model) || CAN_BE_OFF.test(nameOf(model))) return "none";
  notes.add("thinking");
  return undefined;
};

const writeEffort = (
  effort: string,
  thinking: Thinking,
  model: string,
  notes: Set<Note>,
): string | undefined => {
  if (thinking !== "never") return effortFor(model, effort, notes);
  notes.add("reasoning_effort");
  return undefined;
};

const writeBudget = (budget: number, thinking: Thinking, notes: Set<Note>): string | undefined => {
  if (thinking === "takes effort") return EFFORTS.find(([most]) => budget <= most)?.[1] ?? "high";
  notes.add("thinking");
  return undefined;
};
