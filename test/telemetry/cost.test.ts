/** What a call costs: every token once, at the narrowest known price, and nothing made up. */
import { describe, expect, test } from "bun:test";
import type { Usage } from "../../src/schema/chat.ts";
import type { ModelFacts, ModelPrices, TimedPrices } from "../../src/schema/model-facts.ts";
import { costOf } from "../../src/telemetry/cost.ts";

const UNKNOWN: ModelPrices = {
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWriteLong: null,
  audioInput: null,
  audioOutput: null,
  reasoning: null,
  perCall: null,
};

const timed = (prices: Partial<ModelPrices>, when: Omit<TimedPrices, "prices"> = {}): TimedPrices => ({
  ...when,
  prices: { ...UNKNOWN, ...prices },
});

const facts = (...prices: ModelFacts["prices"]): ModelFacts => ({
  id: "m",
  contextWindow: null,
  deprecated: false,
  prices,
});

const NOW = Date.parse("2026-11-21T12:00:00Z");
const cost = (prices: Partial<ModelPrices>, usage: Usage): number | null =>
  costOf(facts(timed(prices)), usage, NOW);

const USAGE: Usage = { input: 1000, output: 100 };

describe("parts", () => {
  test.each<[string, Partial<ModelPrices>, Usage, number | null]>([
    ["dollars per million are micro-dollars a token", { input: 3, output: 15 }, USAGE, 4500],
    [
      "cached tokens are part of the input",
      { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
      { ...USAGE, cacheRead: 400, cacheWrite: 200 },
      400 * 3 + 400 * 0.3 + 200 * 3.75 + 1500,
    ],
    [
      "an hour's cache has its own price",
      { input: 3, output: 15, cacheWrite: 3.75, cacheWriteLong: 6 },
      { ...USAGE, cacheWrite: 200, cacheWriteLong: 160 },
      800 * 3 + 40 * 3.75 + 160 * 6 + 1500,
    ],
    [
      "what has no price of its own costs what the whole costs",
      { input: 3, output: 15 },
      { ...USAGE, cacheRead: 400, reasoning: 50 },
      4500,
    ],
    [
      "sound and reasoning",
      { input: 1, output: 2, audioInput: 10, audioOutput: 20, reasoning: 3 },
      { ...USAGE, audioInput: 100, audioOutput: 10, reasoning: 20 },
      900 + 100 * 10 + 70 * 2 + 10 * 20 + 20 * 3,
    ],
    ["a price for every call", { input: 1, output: 1, perCall: 5000 }, USAGE, 6100],
    ["a call alone may be priced", { perCall: 5000 }, { input: 0, output: 0 }, 5000],
    ["a fraction is rounded", { input: 0.0375, output: 0 }, { input: 10, output: 3 }, 0],
    ["nothing is free that has no price", {}, { input: 0, output: 0 }, null],
    ["an unknown price that is needed makes the cost unknown", { input: 3 }, USAGE, null],
    ["an unknown price that is not needed does not", { input: 0.02 }, { input: 1000, output: 0 }, 20],
    ["a price of nothing is known", { input: 0, output: 0 }, USAGE, 0],
  ])("%s", (_, prices, usage, expected) => {
    expect(cost(prices, usage)).toBe(expected);
  });
});

describe("tiers", () => {
  const input = {
    base: 1,
    tiers: [
      { above: 200, price: 2 },
      { above: 500, price: 4 },
    ],
  };
  const output = { base: 10, tiers: [{ above: 200, price: 20 }] };

  test.each([
    [200, 200 * 1 + 100],
    [201, 201 * 2 + 200],
    [501, 501 * 4 + 200],
  ])("an input of %d decides the price of all tokens", (tokens, expected) => {
    expect(cost({ input, output }, { input: tokens, output: 10 })).toBe(expected);
  });
});

describe("times", () => {
  const at = (time: string, ...later: readonly TimedPrices[]): number | null =>
    costOf(facts(timed({ input: 1, output: 0 }), ...later), { input: 100, output: 0 }, Date.parse(time));
  const from = timed({ input: 2, output: 0 }, { from: "2026-08-17" });
  const night = timed({ input: 5, output: 0 }, { between: ["22:00", "04:00"] });
  const day = timed({ input: 3, output: 0 }, { between: ["00:30", "16:30"] });

  test.each<[string, readonly TimedPrices[], number]>([
    ["2026-08-16T23:59:59Z", [from], 100],
    ["2026-08-17T00:00:00Z", [from], 200],
    ["2026-11-21T00:29:59Z", [day], 100],
    ["2026-11-21T00:30:00Z", [day], 300],
    ["2026-11-21T16:30:00Z", [day], 100],
    ["2026-11-21T23:00:00Z", [from, night], 500],
    ["2026-11-21T03:59:00Z", [from, night], 500],
    ["2026-11-21T12:00:00Z", [from, night], 200],
  ])("at %s", (time, later, expected) => {
    expect(at(time, ...later)).toBe(expected);
  });
});
