import { expect, test } from "bun:test";
import fc from "fast-check";
import type { AttemptRecord, CallRecord } from "../../src/schema/record.ts";
import { callJson } from "../../src/telemetry/call-line.ts";

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom('a"b\\c\n', "\u2028", "{}"),
);
const maybe = fc.option(text);
const time = fc.oneof(
  fc.double({ min: -1000, max: 1e9, noNaN: true }),
  fc.constantFrom(0, 0.005, 1.1, 2.05, 3.999),
);
const count = fc.oneof(fc.nat(), fc.double());
const some = fc.option(fc.nat(), { nil: undefined });

const attempt: fc.Arbitrary<AttemptRecord> = fc.record(
  {
    target: text,
    provider: text,
    requestModel: maybe,
    mode: fc.option(fc.constantFrom("passthrough", "edited", "translated")),
    status: fc.option(fc.nat()),
    outcome: fc.constantFrom("answered", "refused", "failed", "cancelled"),
    reason: maybe,
    ttftMs: fc.option(time),
    durationMs: time,
    reconnected: fc.constant(true as const),
  },
  {
    requiredKeys: [
      "target",
      "provider",
      "requestModel",
      "mode",
      "status",
      "outcome",
      "reason",
      "ttftMs",
      "durationMs",
    ],
  },
);

const call: fc.Arbitrary<CallRecord> = fc.record({
  id: text,
  traceId: text,
  time: text,
  method: text,
  path: text,
  endpoint: text,
  ingress: maybe,
  status: fc.nat(),
  outcome: fc.constantFrom("answered", "refused", "failed", "cancelled", "interrupted"),
  stream: fc.boolean(),
  provider: maybe,
  target: maybe,
  originalModel: maybe,
  requestModel: maybe,
  responseModel: maybe,
  finish: maybe,
  attempts: fc.array(attempt, { maxLength: 3 }),
  usage: fc.option(
    fc
      .record({
        input: count,
        output: count,
        cacheRead: some,
        cacheWrite: some,
        reasoning: some,
        searchUnits: some,
      })
      .map((used) => used as NonNullable<CallRecord["usage"]>), // counts that are absent are undefined here
  ),
  cost: fc.option(fc.nat()),
  ttftMs: fc.option(time),
  durationMs: time,
  overheadMs: time,
  notes: fc.array(text, { maxLength: 3 }),
  error: fc.option(fc.record({ code: text, message: text })),
});

const hundredths = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 100) / 100);

/** What a serializer makes of it. */
const serialized = (record: CallRecord): unknown =>
  JSON.parse(
    JSON.stringify({
      level: "info",
      event: "call",
      time: record.time,
      id: record.id,
      trace_id: record.traceId,
      method: record.method,
      path: record.path,
      endpoint: record.endpoint,
      ingress: record.ingress,
      status: record.status,
      outcome: record.outcome,
      stream: record.stream,
      provider: record.provider,
      target: record.target,
      original_model: record.originalModel,
      request_model: record.requestModel,
      response_model: record.responseModel,
      finish: record.finish,
      attempts: record.attempts.map((made) => ({
        target: made.target,
        provider: made.provider,
        request_model: made.requestModel,
        mode: made.mode,
        status: made.status,
        outcome: made.outcome,
        reason: made.reason,
        ttft_ms: hundredths(made.ttftMs),
        duration_ms: hundredths(made.durationMs),
        reconnected: made.reconnected,
      })),
      usage: record.usage && {
        input: record.usage.input,
        output: record.usage.output,
        cache_read: record.usage.cacheRead,
        cache_write: record.usage.cacheWrite,
        reasoning: record.usage.reasoning,
        search_units: record.usage.searchUnits,
      },
      cost_usd: record.cost === null ? null : record.cost / 1e6,
      ttft_ms: hundredths(record.ttftMs),
      duration_ms: hundredths(record.durationMs),
      overhead_ms: hundredths(record.overheadMs),
      notes: record.notes,
      error: record.error,
    }),
  );

test("a call's line says what a serializer would say of it, in one line", () => {
  fc.assert(
    fc.property(call, (record) => {
      const line = callJson("info", record);
      expect(line).not.toContain("\n");
      expect(JSON.parse(line)).toEqual(serialized(record));
    }),
    { numRuns: 500 },
  );
});
