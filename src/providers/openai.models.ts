/**
 * What OpenAI's thinking models take of a chat, by name: the words of an effort, and what they refuse beside thinking.
 *
 * Efforts: github.com/anomalyco/models.dev/pull/2296 (with the vendor's page of each model), of which
 * github.com/enricoros/big-AGI/issues/944 and /1159 asked the API; docs.litellm.ai/blog/gpt_6_sol_luna;
 * github.com/BerriAI/litellm-docs/pull/1173 (Astra, whose `max` is the Responses API's alone).
 * Sampling: "Unsupported value: 'temperature' does not support 0 with this model" and the like, but while such a model
 * does not think (github.com/vercel/ai/issues/10932); penalties, probabilities and `logit_bias`
 * (learn.microsoft.com/azure/ai-foundry/openai/how-to/reasoning); `stop` (github.com/EleutherAI/lm-evaluation-harness/pull/3247,
 * bolna-ai/bolna/pull/1019). Calls one by one: run-llama/llama_index/issues/20865. Searchers: charmbracelet/mods/issues/480.
 */
import type { Chat } from "../schema/chat.ts";
import type { Note } from "./dialect.ts";
import { nearestWord } from "./efforts.ts";
import { asksFor } from "./idle-values.ts";

/** The word that the model takes for an effort: the nearest where it refuses that one, reported. */
export const effortFor = (model: string, effort: string, notes: Set<Note>): string => {
  const words = wordsOf(nameOf(model));
  const word = words === undefined ? effort : (nearestWord(words, effort) ?? effort);
  if (word !== effort) notes.add(`reasoning_effort (${word})`);
  return word;
};

/** Whether the model can be told not to think. */
export const canBeOff = (model: string): boolean => wordsOf(nameOf(model))?.includes("none") === true;

/** The chat without what the model refuses at that effort; what of it asked for something is noted. */
export const takenBy = (chat: Chat, effort: string | undefined, notes: Set<Note>): Chat => {
  const refused = refusedBy(nameOf(chat.model), effort).filter((field) => chat[field] !== undefined);
  if (refused.length === 0) return chat;
  for (const field of refused) if (asksFor(FIELDS[field], chat[field])) notes.add(FIELDS[field]);
  return { ...chat, ...Object.fromEntries(refused.map((field) => [field, undefined])) };
};

/** A model's name without the vendor and the path before it. */
export const nameOf = (model: string): string => model.slice(model.lastIndexOf("/") + 1).toLowerCase();

/** From the least to the most. First match wins; models that think in no such measure are not there. */
const EFFORTS: readonly (readonly [models: RegExp, words: string])[] = [
  [/^o(1(?!-(mini|preview))|3|4)(?!.*deep-research)/, "low medium high"],
  [/^gpt-5(\.\d+)?-(chat|search)/, ""],
  [/^gpt-5-pro/, "high"],
  [/^gpt-5\.\d+-pro/, "medium high xhigh"],
  [/^gpt-5(\.1)?-codex(?!-max)/, "low medium high"],
  [/^gpt-5\.\d+-codex/, "low medium high xhigh"],
  [/^gpt-5(?!\.)/, "minimal low medium high"],
  [/^gpt-5\.1(?!\d)/, "none low medium high"],
  [/^gpt-5\.[2-5](?!\d)/, "none low medium high xhigh"],
  [/^gpt-6-astra/, "low medium high xhigh"],
  [/^gpt-(5|6)(?!\d)/, "none low medium high xhigh max"],
  [/^gpt-oss/, "low medium high"],
];

const wordsOf = (name: string): readonly string[] | undefined => {
  const words = EFFORTS.find(([models]) => models.test(name))?.[1];
  return words ? words.split(" ") : undefined;
};

/** What a model may refuse, and OpenAI's name for it. */
const FIELDS = Object.freeze({
  temperature: "temperature",
  topP: "top_p",
  logprobs: "logprobs",
  topLogprobs: "top_logprobs",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  logitBias: "logit_bias",
  stop: "stop",
} satisfies Partial<Record<keyof Chat, Note>>);

type Field = keyof typeof FIELDS;

/** The first of `o` are said to take `stop` ("Not supported with latest reasoning models o3 and o4-mini": the SDK's types). */
const UNSTOPPABLE = /^(o3(?!-mini)|o4|gpt-)/;

/** These do not think unless they are asked to. */
const OFF_AT_FIRST = /^gpt-5\.[1-4](?!\d)/;

const SEARCHERS = /-search-(api|preview)/;

const refusedBy = (name: string, effort: string | undefined): readonly Field[] => {
  if (SEARCHERS.test(name)) return ["temperature", "topP", "presencePenalty", "frequencyPenalty"];
  const words = name.startsWith("gpt-oss") ? undefined : wordsOf(name);
  if (words === undefined) return [];
  const isOff = words.includes("none") && (effort ?? (OFF_AT_FIRST.test(name) ? "none" : "")) === "none";
  return [
    ...(isOff ? [] : (["temperature", "topP", "logprobs", "topLogprobs"] as const)),
    "presencePenalty",
    "frequencyPenalty",
    "logitBias",
    ...(UNSTOPPABLE.test(name) ? (["stop"] as const) : []),
  ];
};

/** These models call one by one, and refuse every word of that in a chat. */
export const callsOneByOne = (model: string): boolean => /^o[134]/.test(nameOf(model));
