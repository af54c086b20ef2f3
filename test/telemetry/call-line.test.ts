import { expect, test } from "bun:test";
import fc from "fast-check";
import type { AttemptRecord, CallRecord } from "../../src/schema/record.ts";
import { callLines, lineOf } from "../../src/telemetry/call-line.ts";

/** What callers and providers may say, and what stands for a gap in a kept line. */
const words = fc.constantFrom("m", "", "\u0000", "\u0000#", 'a"b\\', "\u2028\n", "😀", "\ud800", "\\u0000");
const numbers = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, 0.004, 0.005, 9.994, 9.995, 9.999, 10, 1e21, Number.POSITIVE_INFINITY),
);
const maybe = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { freq: 3 });
const there = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined });

const attempts: fc.Arbitrary<AttemptRecord> = fc
  .record({
    target: words,
    provider: words,
    requestModel: maybe(words),
    mode: fc.constantFrom("edited", "translated", null),
    status: maybe(fc.constantFrom(200, 429)),
    outcome: fc.constantFrom("answered", "refused"),
    reason: maybe(words),
    ttftMs: maybe(numbers),
    durationMs: numbers,
    reconnected: there(fc.constant(true as const)),
  })
  .map(({ reconnected, ...attempt }) => (reconnected === undefined ? attempt : { ...attempt, reconnected }));

const usages = fc
  .record({ input: numbers, output: numbers, cacheRead: there(numbers), reasoning: there(numbers) })
  .map(({ cacheRead, reasoning, ...counts }) => ({
    ...counts,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(reasoning === undefined ? {} : { reasoning }),
  }));

const records: fc.Arbitrary<CallRecord> = fc.record({
  id: fc.constantFrom("0190a7f0", "0190a7f1"),
  traceId: fc.oneof(fc.constant("0190a7f0"), words),
  time: fc.constantFrom("2026-11-21T12:00:00.000Z", "2026-11-21T12:00:00.001Z"),
  method: fc.constantFrom("POST", "GET"),
  path: words,
  endpoint: fc.constantFrom("chat", "embeddings"),
  ingress: maybe(fc.constant("openai-chat")),
  status: fc.constantFrom(200, 502),
  outcome: fc.constantFrom("answered", "failed"),
  stream: fc.boolean(),
  provider: maybe(words),
  target: maybe(words),
  originalModel: maybe(words),
  requestModel: maybe(words),
  responseModel: maybe(words),
  finish: maybe(words),
  attempts: fc.oneof(
    attempts.map((attempt) => [attempt]),
    fc.array(attempts, { maxLength: 2 }),
  ),
  usage: maybe(usages),
  cost: maybe(numbers),
  ttftMs: maybe(numbers),
  durationMs: numbers,
  overheadMs: numbers,
  notes: fc.constantFrom([], [], ["seed"]),
  error: fc.constantFrom(null, null, { code: "x", message: "y" }),
});

test("a line says what it would without those before it", () => {
  fc.assert(
    fc.property(fc.array(records, { minLength: 1, maxLength: 20 }), (calls) => {
      const line = callLines();
      for (const record of [...calls, ...calls]) expect(line("info", record)).toBe(lineOf("info", record));
    }),
  );
});

test("of calls of one kind each line has the values of its own", () => {
  fc.assert(
    fc.property(records, fc.array(fc.tuple(numbers, numbers, words), { maxLength: 5 }), (record, others) => {
      const line = callLines();
      line("info", record);
      for (const [durationMs, cost, traceId] of others) {
        const call = { ...record, durationMs, cost, traceId };
        expect(line("info", call)).toBe(lineOf("info", call));
      }
    }),
  );
});
