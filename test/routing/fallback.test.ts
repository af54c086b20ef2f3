import { describe, expect, test } from "bun:test";
import { fallback } from "../../src/routing/fallback.ts";
import type { Outcome } from "../../src/schema/outcome.ts";
import { CANCELLED, failed, fakeCall, type FakeReply, said, target } from "./fakes.ts";

/** Runs a fallback over targets that say these, and tells which of them were tried. */
const run = async (
  outcomes: readonly Outcome<FakeReply>[],
  onStatusCodes?: readonly number[],
  call = fakeCall(),
) => {
  const targets = outcomes.map((outcome) => target(outcome));
  const dispatches = targets.map(({ dispatch }) => dispatch);
  const outcome = await fallback(dispatches, { onStatusCodes })(call);
  return { outcome, tried: targets.map(({ tries }) => tries) };
};

const discardsOf = (outcome: Outcome<FakeReply>): number | undefined =>
  outcome.kind === "answered" || outcome.kind === "refused" ? outcome.reply.discards : undefined;

describe("a fallback tries the next target", () => {
  const cases: readonly (readonly [string, Outcome<FakeReply>, readonly number[] | undefined, boolean])[] = [
    ["not after 200", said(200), undefined, false],
    ["not after 206", said(206), undefined, false],
    ["not after 246, a guardrail's verdict that lets pass", said(246), undefined, false],
    ["after 304", said(304), undefined, true],
    ["after 400", said(400), undefined, true],
    ["after 408", said(408), undefined, true],
    ["after 429", said(429), undefined, true],
    ["after 446, a guardrail's denial", said(446), undefined, true],
    ["after 500", said(500), undefined, true],
    ["after a timeout", failed("timeout"), undefined, true],
    ["after a network failure", failed("network"), undefined, true],
    ["after an answer that cannot be read", failed("malformed"), undefined, true],
    ["after a target that could not be prepared", failed("unprepared"), undefined, true],
    ["not when the client has left", CANCELLED, undefined, false],
    ["after a listed status", said(429), [429], true],
    ["after a listed 446", said(446), [446], true],
    ["after a listed 200", said(200), [200], true],
    ["not after another one", said(500), [429], false],
    ["never with an empty list", said(500), [], false],
    ["never with an empty list, whatever failed", failed("network"), [], false],
    ["after a listed timeout of the caller's", failed("timeout"), [408], true],
    ["not after a timeout of the caller's that is not listed", failed("timeout"), [500], false],
    ["after a network failure with 500 listed", failed("network"), [500], true],
    ["after a network failure with 502 listed", failed("network"), [502], true],
    ["after a network failure with 503 listed", failed("network"), [429, 503], true],
    ["after a network failure with 504 listed", failed("network"), [504], true],
    ["not after a network failure with only 4xx listed", failed("network"), [408, 429], false],
    ["after an unreadable answer with 500 listed", failed("malformed"), [500], true],
    ["after our own timeout with 503 listed", failed("timeout", "upstream_timeout"), [503], true],
    ["not after a missing key with 500 listed", failed("unprepared"), [500], false],
    ["after a missing key with 401 listed", failed("unprepared"), [401], true],
    ["after what the target does not offer, whatever is listed", failed("unsupported"), [500], true],
    ["after what the target does not offer, with an empty list", failed("unsupported"), [], true],
    ["not when the client has left, even for a listed 499", CANCELLED, [499], false],
  ];

  test.each(cases)("%s", async (_name, first, onStatusCodes, goesOn) => {
    const second = said(200);
    const { outcome, tried } = await run([first, second], onStatusCodes);
    expect(tried).toEqual([1, goesOn ? 1 : 0]);
    expect(outcome).toBe(goesOn ? second : first);
  });
});

describe("a fallback", () => {
  test("gives the last outcome when all fail", async () => {
    const last = said(418);
    const { outcome, tried } = await run([said(500), failed("network"), last]);
    expect(outcome).toBe(last);
    expect(tried).toEqual([1, 1, 1]);
  });

  test("stops at the first answer", async () => {
    const { outcome, tried } = await run([said(500), said(201), said(200)]);
    expect(outcome).toMatchObject({ kind: "answered", reply: { status: 201 } });
    expect(tried).toEqual([1, 1, 0]);
  });

  test("lets go of the replies it leaves, and only of those", async () => {
    const outcomes = [said(500), said(503), said(200), said(200)];
    const { outcome } = await run(outcomes);
    expect(outcome).toBe(outcomes[2] ?? CANCELLED);
    expect(outcomes.map(discardsOf)).toEqual([1, 1, 0, 0]);
  });

  test("does not let go of the last refusal", async () => {
    const outcomes = [said(500), said(500)];
    await run(outcomes);
    expect(outcomes.map(discardsOf)).toEqual([1, 0]);
  });

  test("lets go of an answer that a list makes it leave", async () => {
    const outcomes = [said(200), said(200)];
    await run(outcomes, [200]);
    expect(outcomes.map(discardsOf)).toEqual([1, 0]);
  });

  test("stops when the client has left, whatever came back", async () => {
    const call = fakeCall();
    const first = said(500);
    const second = target(said(200));
    const leaving = async () => {
      call.leave();
      return first;
    };
    expect(await fallback([leaving, second.dispatch], {})(call)).toBe(first);
    expect(second.tries).toBe(0);
  });

  test("stops when the call may try no more", async () => {
    const first = said(500);
    const { outcome, tried } = await run([first, said(200)], undefined, fakeCall({ tries: 0 }));
    expect(outcome).toBe(first);
    expect(tried).toEqual([1, 0]);
    expect(first.reply.discards).toBe(0);
  });

  test("lets what is thrown through", async () => {
    const thrown = new Error("router error");
    const rest = target(said(200));
    const dispatch = fallback([() => Promise.reject(thrown), rest.dispatch], {});
    expect(await dispatch(fakeCall()).catch((error: unknown) => error)).toBe(thrown);
    expect(rest.tries).toBe(0);
  });
});
