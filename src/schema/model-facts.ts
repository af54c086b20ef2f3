/** What is known of a model without asking its provider: how much it reads, and what it costs. */

/** Dollars per million tokens, which are micro-dollars per token; by the call's input where long inputs cost more. */
export type Price = number | TieredPrice;

export interface TieredPrice {
  readonly base: number;
  /** The last tier whose `above` the input exceeds is the price of all of the call's tokens. Ascending. */
  readonly tiers: readonly { readonly above: number; readonly price: number }[];
}

/** An unknown price is null, never 0. A part without a price of its own costs what the whole costs. */
export interface ModelPrices {
  readonly input: Price | null;
  readonly output: Price | null;
  readonly cacheRead: Price | null;
  readonly cacheWrite: Price | null;
  /** Of cache entries that are kept for an hour. */
  readonly cacheWriteLong: Price | null;
  readonly audioInput: Price | null;
  readonly audioOutput: Price | null;
  readonly reasoning: Price | null;
  /** Micro-dollars for every call, whatever its tokens. */
  readonly perCall: number | null;
}

/** Prices and when they hold: always, from a day on, or between two times of day (UTC, the second excluded). */
export interface TimedPrices {
  /** `2026-08-17`. */
  readonly from?: string;
  /** `["00:30", "16:30"]`; may pass midnight. */
  readonly between?: readonly [string, string];
  readonly prices: ModelPrices;
}

export interface ModelFacts {
  readonly id: string;
  readonly contextWindow: number | null;
  readonly deprecated: boolean;
  /** The last that holds is the one; the first holds when no other does. */
  readonly prices: readonly [TimedPrices, ...TimedPrices[]];
}
