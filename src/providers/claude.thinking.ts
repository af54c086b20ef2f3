/** How much an Anthropic model may think, sample and write: the fields that depend on one another. */
import { table } from "../lib/table.ts";
import { defined } from "../lib/defined.ts";
import type { Block, Chat, Reasoning } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isNumber } from "../schema/json.ts";
import { isForeign } from "./anthropic-messages.blocks.ts";
import type { Effort, ModelFacts } from "./claude.models.ts";
import type { Note } from "./dialect.ts";

export interface Limits {
  readonly max_tokens: number;
  readonly thinking?: JsonObject;
  /** Goes into `output_config`. */
  readonly effort?: string;
}

export interface Sampling {
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
}

/** What to think with, and a `max_tokens` that leaves room for it. */
export const writeLimits = (chat: Chat, facts: ModelFacts, forced: boolean, notes: Note[]): Limits => {
  const asked =
    chat.reasoning === undefined
      ? {}
      : beside(forced, askedThinking(chat.reasoning, facts, notes), facts, notes);
  const budget = budgetOf(asked.thinking);
  const said = defined({ thinking: asked.thinking, effort: asked.effort });
  if (budget === undefined) return { ...said, max_tokens: chat.maxTokens ?? facts.maxTokens };
  const unthought = lacksThought(chat);
  if (asked.verbatim !== true) return fitted(budget, chat.maxTokens, facts, forced || unthought, notes);
  if (!unthought) return { ...said, max_tokens: chat.maxTokens ?? roomFor(budget, facts) };
  notes.push("thinking");
  return { ...defined({ effort: asked.effort }), max_tokens: chat.maxTokens ?? facts.maxTokens };
};

/** Sampling fields, without those that the model or its thinking refuses. */
export const writeSampling = (
  chat: Chat,
  facts: ModelFacts,
  thinking: JsonObject | undefined,
  notes: Note[],
): Sampling => {
  const isThinking = thinking !== undefined && thinking["type"] !== "disabled";
  if (facts.sampling === "none") return restricted(chat, Infinity, notes);
  if (isThinking) return restricted(chat, LEAST_THOUGHT_TOP_P, notes);
  const temperature = clamped(chat.temperature, notes);
  const both = facts.sampling === "one" && temperature !== undefined && chat.topP !== undefined;
  if (both && chat.topP !== 1) notes.push("top_p");
  return defined({ temperature, top_p: both ? undefined : chat.topP, top_k: chat.topK });
};

/** The smallest `top_p` beside thinking (extended-thinking). */
const LEAST_THOUGHT_TOP_P = 0.95;
/** The API's smallest thinking budget. */
const LEAST_BUDGET = 1024;
/** What stays for the answer when a budget meets the model's output limit. */
const ANSWER_ROOM = 4096;

/** OpenAI's words for effort as a budget. */
const BUDGETS = table({
  minimal: 1024,
  low: 1024,
  medium: 4096,
  high: 16384,
  xhigh: 32000,
  max: 32000,
});

/** A budget as an effort, where only efforts are understood: the first row that is not smaller. */
const BUDGET_EFFORTS: readonly (readonly [number, Effort])[] = [
  [2048, "low"],
  [8192, "medium"],
  [24576, "high"],
  [Infinity, "xhigh"],
];

/** Thoughts are shown to whoever asked for any. */
const SHOWN = Object.freeze({ display: "summarized" });

interface Asked {
  readonly thinking?: JsonObject;
  readonly effort?: string;
  /** The client's own thinking object, which is not ours to change where the model takes its kind. */
  readonly verbatim?: boolean;
}

const askedThinking = (reasoning: Reasoning, facts: ModelFacts, notes: Note[]): Asked => {
  if (reasoning.native?.dialect === "anthropic-messages") {
    const { type } = reasoning.native.fields;
    if (!facts.refusesThinking.some((refused) => refused === type))
      return verbatimThinking(reasoning, reasoning.native.fields, facts, notes);
    notes.push("thinking"); // as the model takes it
  }
  if (reasoning.mode === "disabled" || reasoning.effort === "none") return switchedOff(facts, notes);
  if (facts.thinking === "none") {
    notes.push("reasoning_effort");
    return {};
  }
  if (facts.thinking === "budget" || (facts.thinking === "both" && wantsBudget(reasoning))) {
    return budgeted(reasoning, notes);
  }
  return adaptive(reasoning, facts, notes);
};

/** Adaptive thinking beside a call that is forced or not: how hard to try can be said without it. */
const beside = (forced: boolean, asked: Asked, facts: ModelFacts, notes: Note[]): Asked => {
  const isRefused = forced && !facts.forcedThought && asked.verbatim !== true;
  if (!isRefused || asked.thinking?.["type"] !== "adaptive") return asked;
  notes.push("thinking");
  return defined({ effort: asked.effort });
};

/** An empty object means that the client of this dialect set an effort and left thinking alone. */
const verbatimThinking = (
  reasoning: Reasoning,
  fields: JsonObject,
  facts: ModelFacts,
  notes: Note[],
): Asked => {
  const effort = reasoning.effort === undefined ? undefined : effortFor(reasoning.effort, facts, notes);
  const thinking = Object.keys(fields).length === 0 ? undefined : fields;
  return defined({ thinking, effort, verbatim: true });
};

const wantsBudget = (reasoning: Reasoning): boolean =>
  reasoning.budgetTokens !== undefined && reasoning.effort === undefined;

const switchedOff = (facts: ModelFacts, notes: Note[]): Asked => {
  if (facts.thinking === "none") return {};
  if (facts.off !== "low-effort") return { thinking: { type: facts.off } };
  notes.push("reasoning_effort (low)");
  return { effort: "low" };
};

const budgeted = (reasoning: Reasoning, notes: Note[]): Asked => {
  const budget = reasoning.budgetTokens ?? BUDGETS.get(reasoning.effort ?? "medium");
  if (budget !== undefined) {
    return { thinking: { type: "enabled", budget_tokens: Math.max(budget, LEAST_BUDGET) } };
  }
  notes.push("reasoning_effort");
  return {};
};

const adaptive = (reasoning: Reasoning, facts: ModelFacts, notes: Note[]): Asked => {
  const word = reasoning.effort ?? effortOfBudget(reasoning.budgetTokens);
  const effort = word === undefined ? undefined : effortFor(word, facts, notes);
  if (word !== undefined && effort === undefined) return {};
  const thinking = { type: "adaptive", ...(facts.hidesThought ? SHOWN : {}) };
  return defined({ thinking, effort });
};

const effortOfBudget = (budget: number | undefined): Effort | undefined =>
  budget === undefined ? undefined : BUDGET_EFFORTS.find(([limit]) => budget <= limit)?.[1];

/** OpenAI's words are Anthropic's, but for one more; what a model does not take of them is `high`. */
const effortFor = (said: string, facts: ModelFacts, notes: Note[]): Effort | undefined => {
  const word = said === "minimal" ? "low" : said;
  const effort = facts.efforts.find((known) => known === word);
  if (effort !== undefined) return effort;
  const nearest = BUDGETS.has(word) ? facts.efforts.find((known) => known === "high") : undefined;
  notes.push(nearest === undefined ? "reasoning_effort" : `reasoning_effort (${nearest})`);
  return nearest;
};

const budgetOf = (thinking: JsonObject | undefined): number | undefined => {
  const budget = thinking?.["type"] === "enabled" ? thinking["budget_tokens"] : undefined;
  return isNumber(budget) ? budget : undefined;
};

/** A `max_tokens` for a budget; a client's budget past the limit that we know is believed. */
const roomFor = (budget: number, facts: ModelFacts): number => {
  const wanted = budget + facts.maxTokens;
  return budget < facts.outputLimit ? Math.min(wanted, facts.outputLimit) : wanted;
};

/**
 * Whether the last assistant turn calls tools, or is to be gone on with, without the thinking that led to it, as the
 * history of a client that was never shown any. Beside a budget the API refuses that (extended-thinking, "Preserving
 * thinking blocks"; github.com/Aider-AI/aider/issues/3820); adaptive thinking takes it.
 */
const lacksThought = ({ messages }: Chat): boolean => {
  const last = messages.findLast((message) => message.role === "assistant");
  if (last === undefined) return false;
  if (last !== messages.at(-1) && !last.blocks.some((block) => block.kind === "tool-call")) return false;
  return !last.blocks.slice(0, 1).some(isThought);
};

/** What it signed; another maker's thinking is not sent. */
const isThought = (block: Block): boolean =>
  block.kind === "redacted" ||
  (block.kind === "reasoning" && block.signature !== undefined && !isForeign(block.signature));

/** The API wants `budget_tokens < max_tokens`, and no budget beside a forced tool choice. */
const fitted = (
  budget: number,
  maxTokens: number | undefined,
  facts: ModelFacts,
  refused: boolean,
  notes: Note[],
): Limits => {
  const room =
    maxTokens === undefined
      ? Math.min(budget, facts.outputLimit - ANSWER_ROOM)
      : Math.min(budget, maxTokens - 1);
  if (refused || room < LEAST_BUDGET) {
    notes.push("reasoning_effort");
    return { max_tokens: maxTokens ?? facts.maxTokens };
  }
  return {
    max_tokens: maxTokens ?? roomFor(room, facts),
    thinking: { type: "enabled", budget_tokens: room },
  };
};

/** What stays where a temperature of 1 is the only one, `top_k` is refused and `top_p` begins somewhere. */
const restricted = (chat: Chat, leastTopP: number, notes: Note[]): Sampling => {
  const top_p = chat.topP !== undefined && chat.topP >= leastTopP ? chat.topP : undefined;
  // Values that change nothing may go without a note: 1 is the default of both.
  if (chat.temperature !== undefined && chat.temperature !== 1) notes.push("temperature");
  if (top_p !== chat.topP && chat.topP !== 1) notes.push("top_p");
  if (chat.topK !== undefined) notes.push("top_k");
  return defined({ top_p });
};

const clamped = (temperature: number | undefined, notes: Note[]): number | undefined => {
  if (temperature === undefined) return undefined;
  const within = Math.min(Math.max(temperature, 0), 1);
  if (within !== temperature) notes.push(`temperature (clamped to ${within})`);
  return within;
};
