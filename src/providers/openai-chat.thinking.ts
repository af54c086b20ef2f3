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
import { thinkingSwitch } from "./thinking-switch.ts";
import { patternOf } from "./patterns.ts";

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
  return asked === "off" ? thinkingSwitch(words.field, false) : switchedOn(words, reasoning, notes);
};

type Asked = "on" | "off";

/** `adaptive` leaves it to the model, which is what saying nothing does. */
const askedOf = ({ mode, effort, budgetTokens }: Reasoning): Asked | undefined => {
  if (mode === "disabled" || effort === "none") return "off";
  return mode === "enabled" || budgetTokens !== undefined ? "on" : undefined;
};

const isTold = (words: ThinkingWords, asked: Asked, model: string): boolean => {
  const models = words[asked];
  return models !== undefined && patternOf(models).test(model);
};

/** An effort is said beside it, but in place of an object that says either. */
const switchedOn = (words: ThinkingWords, reasoning: Reasoning, notes: Set<Note>): JsonObject => {
  const { effort, budgetTokens } = reasoning;
  const said = defined({ reasoning_effort: effort });
  const saysEither = words.field === "reasoning" && effort !== undefined;
  const budget = words.takesBudget !== true || saysEither ? undefined : budgetTokens;
  if (budgetTokens !== undefined && budget === undefined) notes.add("thinking.budget_tokens");
  return saysEither ? said : { ...said, ...thinkingSwitch(words.field, true, budget) };
};
