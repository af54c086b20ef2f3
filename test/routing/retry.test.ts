import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { backoffMs, DEFAULT_RETRY_STATUSES, retry, type RetryPolicy } from "../../src/routing/retry.ts";
import type { Outcome } from "../../src/schema/outcome.ts";
import { START_DATE } from "../support/world.ts";
import { CANCELLED, type CallOptions, failed, fakeCall, type FakeReply, said, target } from "./fakes.ts";

const POLICY: RetryPolicy = {
  attempts: 3,
  onStatusCodes: DEFAULT_RETRY_STATUSES,
  useRetryAfterHeader: true,
};

/** Runs a retry over a target that says these in turn. */
const run = async (
  outcomes: readonly Outcome<FakeReply>[],
  policy: Partial<RetryPolicy> = {},
  options: CallOptions = {},
) => {
  const call = fakeCall(options);
  const tried = target(...outcomes);
  const dispatch = async () => {
    call.takeTry();
    return tried.dispatch(call);
  };
  const outcome = await retry(dispatch, { ...POLICY, ...policy })(call);
  const retries = outcome.kind === "cancelled" ? undefined : outcome.retries;
  return { outcome, retries, tries: tried.tries, slept: call.world.slept, call };
};

describe("a retry is made", () => {
  const cases: readonly (readonly [string, Outcome<FakeReply>, readonly number[], boolean])[] = [
    ...DEFAULT_RETRY_STATUSES.map(
      (status) => [`after ${status}`, said(status), DEFAULT_RETRY_STATUSES, true] as const,
    ),
    ["not after 200", said(200), DEFAULT_RETRY_STATUSES, false],
    ["not after 400", said(400), DEFAULT_RETRY_STATUSES, false],
    ["not after 408", said(408), DEFAULT_RETRY_STATUSES, false],
    ["after a listed 408", said(408), [408], true],
    ["after a listed 200", said(200), [200], true],
    ["not after a status that the list leaves out", said(500), [429], false],
    ["after a network failure", failed("network"), DEFAULT_RETRY_STATUSES, true],
    ["after a network failure, whatever the list says", failed("network"), [], true],
    ["not after a timeout of the caller's", failed("timeout"), DEFAULT_RETRY_STATUSES, false],
    ["after a timeout of the caller's that is listed", failed("timeout"), [408], true],
    ["after our own timeout", failed("timeout", "upstream_timeout"), DEFAULT_RETRY_STATUSES, true],
    ["after an answer that cannot be read", failed("malformed"), DEFAULT_RETRY_STATUSES, true],
    ["not after an unreadable answer that is not listed", failed("malformed"), [429], false],
    ["not where the call could not be prepared", failed("unprepared"), [401], false],
    ["not where the endpoint is not supported", failed("unsupported"), [400], false],
    ["not when the client has left", CANCELLED, [499], false],
  ];

  test.each(cases)("%s", async (_name, first, onStatusCodes, isMade) => {
    const { tries, outcome, retries } = await run([first, said(201)], { onStatusCodes });
    expect(tries).toBe(isMade ? 2 : 1);
    expect(outcome.kind).toBe(isMade ? "answered" : first.kind);
    if (first.kind !== "cancelled") expect(retries).toBe(isMade ? 1 : 0);
  });
});

describe("a retry counts", () => {
  test("none when the first try does", async () => {
    expect(await run([said(200)])).toMatchObject({ retries: 0, tries: 1, slept: [] });
  });

  test("those before the try that did", async () => {
    expect(await run([said(500), said(500), said(200)])).toMatchObject({ retries: 2, tries: 3 });
  });

  test("those before a refusal that is not worth another", async () => {
    expect(await run([said(500), said(400)])).toMatchObject({ retries: 1, tries: 2 });
  });

  test.each<[string, Outcome<FakeReply>]>([
    ["a status", said(503)],
    ["a network failure", failed("network")],
  ])("-1 when all were used up by %s", async (_name, outcome) => {
    const result = await run([outcome]);
    expect(result).toMatchObject({ retries: -1, tries: 4, outcome: { kind: outcome.kind } });
  });
});

describe("a discarded reply", () => {
  test("is let go of, the one that is returned is not", async () => {
    const [first, second, last] = [said(500), said(500), said(200)];
    await run([first, second, last]);
    expect([first, second, last].map(({ reply }) => reply.discards)).toEqual([1, 1, 0]);
  });

  test("is never the last refusal", async () => {
    const [first, last] = [said(500), said(500)];
    await run([first, last], { attempts: 1 });
    expect([first, last].map(({ reply }) => reply.discards)).toEqual([1, 0]);
  });

  test("may be an answer that is listed", async () => {
    const first = said(200);
    await run([first, said(201)], { onStatusCodes: [200] });
    expect(first.reply.discards).toBe(1);
  });
});

describe("the wait", () => {
  test("doubles, between half and all of it", async () => {
    const waits = async (chance: number) => (await run([said(500)], {}, { chances: [chance] })).slept;
    expect(await waits(0)).toEqual([500, 1000, 2000]);
    expect(await waits(0.5)).toEqual([750, 1500, 3000]);
    fc.assert(
      fc.property(
        fc.nat(10),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (made, chance) => {
          const full = 1000 * 2 ** made;
          expect(backoffMs(made, chance)).toBeGreaterThanOrEqual(full / 2);
          expect(backoffMs(made, chance)).toBeLessThanOrEqual(full);
        },
      ),
    );
  });

  test("draws its jitter anew each time", async () => {
    const { slept } = await run([said(500)], {}, { chances: [0, 0.5, 0] });
    expect(slept).toEqual([500, 1500, 2000]);
  });

  test("is not made after the last try", async () => {
    const { slept, tries } = await run([said(500)], { attempts: 1 });
    expect([slept.length, tries]).toEqual([1, 2]);
  });

  test("is told as time that is not ours", async () => {
    const { call } = await run([said(429, { "retry-after": "2" }), said(200)]);
    expect(call.told).toEqual([2000]);
  });

  test.each<[string, Readonly<Record<string, string>>, number]>([
    ["retry-after-ms", { "retry-after-ms": "40" }, 40],
    ["x-ms-retry-after-ms", { "x-ms-retry-after-ms": "50" }, 50],
    ["retry-after", { "retry-after": "3" }, 3000],
    ["a date", { "retry-after": new Date(START_DATE + 4000).toUTCString() }, 4000],
  ])("is the provider's by %s", async (_name, headers, expected) => {
    expect((await run([said(429, headers), said(200)])).slept).toEqual([expected]);
  });

  test("is the provider's after any listed status", async () => {
    expect((await run([said(503, { "retry-after": "3" }), said(200)])).slept).toEqual([3000]);
  });

  test("is our own where the provider says nothing of use", async () => {
    const { slept } = await run([
      said(429, { "retry-after": "0" }),
      said(429, { "retry-after": "x" }),
      said(200),
    ]);
    expect(slept).toEqual([750, 1500]);
  });

  test("is our own unless the provider was to be heard", async () => {
    const asked = said(429, { "retry-after-ms": "40" });
    expect((await run([asked, said(200)], { useRetryAfterHeader: false })).slept).toEqual([750]);
  });
});

describe("patience", () => {
  const busy = (seconds: number) => said(429, { "retry-after": String(seconds) });

  test.each([60, 61, 1_000_000])("ends at once when %d seconds are asked for", async (seconds) => {
    const asked = busy(seconds);
    const result = await run([asked, said(200)]);
    expect(result).toMatchObject({ retries: -1, tries: 1, slept: [] });
    expect(asked.reply).toMatchObject({ status: 429, discards: 0 });
    expect(asked.reply.headers.get("retry-after")).toBe(String(seconds));
  });

  test("is a minute in all", async () => {
    expect(await run([busy(25), busy(25), busy(25), said(200)])).toMatchObject({
      retries: -1,
      tries: 3,
      slept: [25_000, 25_000],
    });
  });

  test("is one for the whole call, not one for each target", async () => {
    const call = fakeCall();
    const once = (seconds: number) => retry(target(busy(seconds), said(200)).dispatch, POLICY)(call);
    expect(await once(40)).toMatchObject({ kind: "answered", retries: 1 });
    expect(await once(40)).toMatchObject({ kind: "refused", retries: -1 });
    expect(call.patience.leftMs).toBe(20_000);
  });

  test("bounds our own waits, too", async () => {
    const { slept, retries } = await run([said(500)], { attempts: 5 }, { patienceMs: 3000, chances: [0] });
    expect(slept).toEqual([500, 1000]);
    expect(retries).toBe(-1);
  });
});

describe("a retry stops", () => {
  test("when the client leaves during the wait", async () => {
    const { outcome, tries } = await run([said(500), said(200)], {}, { leavesAsleep: true });
    expect(outcome).toEqual({ kind: "cancelled" });
    expect(tries).toBe(1);
  });

  test("when the call may try no more, without a wait", async () => {
    const result = await run([said(500)], { attempts: 5 }, { tries: 2 });
    expect(result).toMatchObject({ retries: -1, tries: 2 });
    expect(result.slept).toHaveLength(1);
    expect(result.outcome).toMatchObject({ kind: "refused", reply: { status: 500, discards: 1 } });
  });
});
