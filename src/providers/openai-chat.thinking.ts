/**
 * What a client of another API says of thinking, in the words of a vendor whose chat has more of them than OpenAI's.
 *
 * Where a vendor has none, or a model is not known to take them, an effort is all that can be said.
 */
import { defined } from "../lib/defined.ts";
import type { Chat, Reasoning } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import type { ThinkingWords } from "../schema/provider-row.ts";
import type { Note } from "./dialect.ts";
import { noteRest, writeReasoning } from "./openai-chat.effort.ts";

/** The fields of a request; what cannot be said is noted. */
export const writeThinking = (
  { reasoning, model }: Chat,
  words: ThinkingWords | undefined,
  notes: Set<Note>,
): JsonObject => {
  if (reasoning === undefined) return {};
  const asked = askedOf(reasoning);
  if (words === undefined || asked === undefined || !isTold(words, asked, model))
    return defined({ reasoning_effort: writeReasoning(reasoning, model, notes) });
  noteRest(reasoning, notes);
  return asked === "off" ? SPELLINGS[words.field](false) : switchedOn(words, reasoning, notes);
};

type Asked = "on" | "off";

/** `adaptive` leaves it to the model, which is what saying nothing does. */
const askedOf = ({ mode, effort, budgetTokens }: Reasoning): Asked | undefined => {
  if (mode === "disabled" || effort === "none") return "off";
  return mode === "enabled" || budgetTokens !== undefined ? "on" : undefined;
};

const isTold = (words: ThinkingWords, asked: Asked, model: string): boolean => {
  const models = words[asked];
  return models !== undefined && new RegExp(models, "i").test(model);
};

/** An effort is said beside it, but in place of an object that says either. */
const switchedOn = (words: ThinkingWords, reasoning: Reasoning, notes: Set<Note>): JsonObject => {
  const { effort, budgetTokens } = reasoning;
  const said = defined({ reasoning_effort: effort });
  const saysEither = words.field === "reasoning" && effort !== undefined;
  const budget = words.takesBudget !== true || saysEither ? undefined : budgetTokens;
  if (budgetTokens !== undefined && budget === undefined) notes.add("thinking.budget_tokens");
  return saysEither ? said : { ...said, ...SPELLINGS[words.field](true, budget) };
};

type Spelling = (isOn: boolean, budget?: number) => JsonObject;

const SPELLINGS: Readonly<Record<ThinkingWords["field"], Spelling>> = Object.freeze({
  thinking: (isOn: boolean, budget?: number) => ({
    thinking: defined({ type: isOn ? "enabled" : "disabled", budget_tokens: budget }),
  }),
  enable_thinking: (isOn: boolean, budget?: number) =>
    defined({ enable_thinking: isOn, thinking_budget: budget }),
  reasoning: (isOn: boolean, budget?: number) => ({
    reasoning: budget === undefined ? { enabled: isOn } : { max_tokens: budget },
  }),
});
