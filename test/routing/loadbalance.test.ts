import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { loadbalance } from "../../src/routing/loadbalance.ts";
import type { Outcome } from "../../src/schema/outcome.ts";
import { failed, fakeCall, type FakeReply, said, target } from "./fakes.ts";

/** The index of the child that these weights give for a chance. */
const chosen = async (weights: readonly number[], chance: number): Promise<number> => {
  const targets = weights.map(() => target(said(200)));
  const dispatch = loadbalance(
    targets.map((each, index) => ({ weight: weights[index] ?? 0, dispatch: each.dispatch })),
  );
  await dispatch(fakeCall({ chances: [chance] }));
  return targets.findIndex(({ tries }) => tries === 1);
};

/** The largest chance there is. */
const ALMOST_ONE = 1 - Number.EPSILON / 2;

test.each<[string, readonly number[], number, number]>([
  ["the first share begins at 0", [1, 1], 0, 0],
  ["a share ends before the next begins", [1, 1], 0.4999, 0],
  ["the next share begins at its bound", [1, 1], 0.5, 1],
  ["the last share reaches to the end", [1, 1, 1], ALMOST_ONE, 2],
  ["shares are in proportion", [3, 1], 0.74, 0],
  ["shares are in proportion, the rest", [3, 1], 0.76, 1],
  ["any scale will do", [0.003, 0.001], 0.76, 1],
  ["zero is never chosen at the front", [0, 1], 0, 1],
  ["zero is never chosen at the end", [1, 0], ALMOST_ONE, 0],
  ["zero is never chosen in the middle", [1, 0, 1], 0.5, 2],
  ["all zeros are equal shares", [0, 0], 0, 0],
  ["all zeros are equal shares, the rest", [0, 0], 0.6, 1],
  ["the largest weights stay finite", [1e308, 1e308], 0.6, 1],
  ["the largest weights stay finite at the front", [1e308, 1e308, 1e308], 0.1, 0],
  ["a tiny weight beside a huge one is no trap", [1e308, 5e-324], ALMOST_ONE, 0],
  ["one child is the one", [7], ALMOST_ONE, 0],
])("%s", async (_name, weights, chance, expected) => {
  expect(await chosen(weights, chance)).toBe(expected);
});

const weights = fc.array(fc.oneof(fc.nat(9), fc.double({ min: 0, max: 1e308, noNaN: true })), {
  minLength: 1,
  maxLength: 8,
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("whatever the weights, one child is chosen, and none of weight zero while another has any", () =>
  fc.assert(
    fc.asyncProperty(weights, chance, async (weights, chance) => {
      const index = await chosen(weights, chance);
      expect(index).toBeGreaterThanOrEqual(0);
      if (weights.some((weight) => weight > 0)) expect(weights[index]).toBeGreaterThan(0);
    }),
  ));

test("evenly spread chances give each child its share", async () => {
  const counts = [0, 0, 0, 0];
  for (let step = 0; step < 1000; step++) {
    const index = await chosen([5, 3, 0, 2], (step + 0.5) / 1000);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  expect(counts).toEqual([500, 300, 0, 200]);
});

describe("the chosen child", () => {
  test.each([said(500), failed("network")])("is answered for, whatever it says", async (outcome) => {
    const [first, second] = [target(outcome), target(said(200))];
    const dispatch = loadbalance([
      { weight: 1, dispatch: first.dispatch },
      { weight: 1, dispatch: second.dispatch },
    ]);
    expect(await dispatch(fakeCall({ chances: [0] }))).toBe(outcome);
    expect([first.tries, second.tries]).toEqual([1, 0]);
  });

  test("is drawn anew for every call", async () => {
    const targets = [target(said(200)), target(said(200))];
    const dispatch = loadbalance(targets.map((each) => ({ weight: 1, dispatch: each.dispatch })));
    const call = fakeCall({ chances: [0.1, 0.9, 0.2] });
    for (let count = 0; count < 3; count++) await dispatch(call);
    expect(targets.map(({ tries }) => tries)).toEqual([2, 1]);
  });
});

describe("a child that the call is not for", () => {
  const ELSEWHERE = failed("unsupported", "previous_response_not_found");

  const run = async (
    outcomes: readonly Outcome<FakeReply>[],
    weights: readonly number[] = outcomes.map(() => 1),
    call = fakeCall({ chances: [0] }),
  ) => {
    const targets = outcomes.map((outcome) => target(outcome));
    const outcome = await loadbalance(
      targets.map(({ dispatch }, index) => ({ weight: weights[index] ?? 1, dispatch })),
    )(call);
    return { outcome, tried: targets.map(({ tries }) => tries) };
  };

  test("is passed over for the first that can", async () => {
    const answer = said(200);
    const { outcome, tried } = await run([ELSEWHERE, ELSEWHERE, answer, said(200)]);
    expect(outcome).toBe(answer);
    expect(tried).toEqual([1, 1, 1, 0]);
  });

  test("is not passed over for one of weight zero", async () => {
    const { outcome, tried } = await run([ELSEWHERE, said(200)], [1, 0]);
    expect(outcome).toBe(ELSEWHERE);
    expect(tried).toEqual([1, 0]);
  });

  test("has the word when no other can", async () => {
    expect((await run([ELSEWHERE, failed("unsupported", "not_found")])).outcome).toBe(ELSEWHERE);
  });

  test("is the only one that is passed over", async () => {
    const failure = failed("unprepared", "missing_credential");
    expect((await run([failure, said(200)])).outcome).toBe(failure);
  });
});
