/** What a call cost, in integer micro-dollars; null where a price that is needed is not known. */
import type { Usage } from "../schema/chat.ts";
import type { ModelFacts, ModelPrices, Price, TimedPrices } from "../schema/model-facts.ts";

/** `at` is when the call was made, in milliseconds since 1970. */
export const costOf = (facts: ModelFacts, usage: Usage, at: number): number | null => {
  const prices = pricesAt(facts, at);
  if (prices.input === null && prices.output === null && prices.perCall === null) return null;
  let total = prices.perCall ?? 0;
  for (const [tokens, price] of parts(usage, prices)) {
    if (tokens <= 0) continue;
    if (price === null) return null;
    total += tokens * rateOf(price, usage.input);
  }
  return Math.round(total);
};

/** The prices that hold at a time. */
export const pricesAt = ({ prices }: ModelFacts, at: number): ModelPrices =>
  (prices.findLast((timed) => holds(timed, at)) ?? prices[0]).prices;

const holds = ({ from, between }: TimedPrices, at: number): boolean => {
  if (from !== undefined) return at >= Date.parse(from);
  if (between === undefined) return true;
  const time = new Date(at).toISOString().slice(11, 16);
  const [start, end] = between;
  return end < start ? time >= start || time < end : time >= start && time < end;
};

type Part = readonly [tokens: number, price: Price | null];

/** Every token once, at the price of the narrowest kind that has one. */
const parts = (usage: Usage, prices: ModelPrices): readonly Part[] => {
  const { input, output, cacheRead = 0, cacheWrite = 0, cacheWriteLong = 0 } = usage;
  const { audioInput = 0, audioOutput = 0, reasoning = 0 } = usage;
  const write = prices.cacheWrite ?? prices.input;
  return [
    [input - cacheRead - cacheWrite - audioInput, prices.input],
    [cacheRead, prices.cacheRead ?? prices.input],
    [cacheWrite - cacheWriteLong, write],
    [cacheWriteLong, prices.cacheWriteLong ?? write],
    [audioInput, prices.audioInput ?? prices.input],
    [output - reasoning - audioOutput, prices.output],
    [reasoning, prices.reasoning ?? prices.output],
    [audioOutput, prices.audioOutput ?? prices.output],
  ];
};

const rateOf = (price: Price, input: number): number => {
  if (typeof price === "number") return price;
  return price.tiers.findLast(({ above }) => input > above)?.price ?? price.base;
};
