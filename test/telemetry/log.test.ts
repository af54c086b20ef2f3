import { describe, expect, test } from "bun:test";
import type { CallRecord } from "../../src/schema/record.ts";
import type { LineQueue } from "../../src/telemetry/line-queue.ts";
import { createLog, LOG_LEVELS, type LogFormat, type LogLevel } from "../../src/telemetry/log.ts";

const start = (level: LogLevel = "debug", format: LogFormat = "json") => {
  const lines: string[] = [];
  const queue: LineQueue = {
    write: (line) => void lines.push(line),
    dropped: 0,
    flush: () => Promise.resolve(),
  };
  return { lines, log: createLog(queue, level, format) };
};

const RECORD: CallRecord = {
  id: "id-1",
  traceId: "trace-1",
  time: "2026-11-21T12:00:00.000Z",
  method: "POST",
  path: "/v1/chat/completions",
  endpoint: "chat",
  ingress: "openai-chat",
  status: 200,
  outcome: "answered",
  stream: true,
  provider: "openai",
  target: "config",
  originalModel: "openai/m",
  requestModel: "m",
  responseModel: "m-2026",
  finish: "stop",
  attempts: [
    {
      target: "config",
      provider: "openai",
      requestModel: "m",
      mode: "edited",
      status: 200,
      outcome: "answered",
      reason: null,
      ttftMs: 12.3456,
      durationMs: 20,
    },
  ],
  usage: { input: 3, output: 2, cacheRead: 1 },
  cost: 1500,
  ttftMs: 12.3456,
  durationMs: 45.678,
  overheadMs: 0.001,
  notes: ["seed"],
  error: null,
};

const parsed = (line = ""): unknown => JSON.parse(line);

describe("the level", () => {
  test.each([...LOG_LEVELS])("%s lets through what is as loud", (level) => {
    const { lines, log } = start(level);
    for (const said of ["debug", "info", "warn", "error"] as const) log.say(said, said);
    const from = LOG_LEVELS.indexOf(level);
    expect(lines.map((line) => parsed(line))).toMatchObject(
      LOG_LEVELS.slice(from, -1).map((heard) => ({ level: heard, event: heard })),
    );
  });

  test.each<[string, Partial<CallRecord>, LogLevel]>([
    ["an answer", {}, "info"],
    ["a client that left", { status: 499, outcome: "cancelled" }, "info"],
    ["a refusal", { status: 400, outcome: "refused" }, "warn"],
    ["a busy provider", { status: 429, outcome: "refused" }, "warn"],
    ["a failure", { status: 502, outcome: "failed" }, "error"],
    ["a stream that broke", { status: 200, outcome: "interrupted" }, "error"],
  ])("of a call is that of %s", (_name, more, level) => {
    const { lines, log } = start();
    log.call({ ...RECORD, ...more });
    expect(parsed(lines[0])).toMatchObject({ level, event: "call" });
    const quiet = start("silent");
    quiet.log.call({ ...RECORD, ...more });
    expect(quiet.lines).toEqual([]);
  });
});

test("a call is one line of JSON in the wire's spelling, times to a hundredth of a millisecond", () => {
  const { lines, log } = start();
  log.call(RECORD);
  expect(lines).toHaveLength(1);
  expect(parsed(lines[0])).toEqual({
    level: "info",
    event: "call",
    time: "2026-11-21T12:00:00.000Z",
    id: "id-1",
    trace_id: "trace-1",
    method: "POST",
    path: "/v1/chat/completions",
    endpoint: "chat",
    ingress: "openai-chat",
    status: 200,
    outcome: "answered",
    stream: true,
    provider: "openai",
    target: "config",
    original_model: "openai/m",
    request_model: "m",
    response_model: "m-2026",
    finish: "stop",
    attempts: [
      {
        target: "config",
        provider: "openai",
        request_model: "m",
        mode: "edited",
        status: 200,
        outcome: "answered",
        reason: null,
        ttft_ms: 12.35,
        duration_ms: 20,
      },
    ],
    usage: { input: 3, output: 2, cache_read: 1 },
    cost_usd: 0.0015,
    ttft_ms: 12.35,
    duration_ms: 45.68,
    overhead_ms: 0,
    notes: ["seed"],
    error: null,
  });
});

/** What callers put where it ends up in a log. */
const HOSTILE = 'a\nb\r\u001b[31mred\u2028{"level":"error"}\u0000"';

test.each(["json", "text"] as const)("what a caller writes stays inside its line of %s", (format) => {
  const { lines, log } = start("debug", format);
  log.call({ ...RECORD, path: HOSTILE, originalModel: HOSTILE, requestModel: HOSTILE, traceId: HOSTILE });
  log.say("info", "x", { field: HOSTILE });
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f]/); // eslint-disable-line no-control-regex
});

describe("a line that is too long", () => {
  const LONG = "x".repeat(20_000);
  const lineOf = (more: Partial<CallRecord>): string => {
    const { lines, log } = start();
    log.call({ ...RECORD, ...more });
    return lines[0] ?? "";
  };

  test.each<[string, Partial<CallRecord>]>([
    ["path", { path: LONG }],
    ["trace id", { traceId: LONG }],
    ["model", { originalModel: LONG, requestModel: LONG, responseModel: LONG }],
    ["list of attempts", { attempts: Array.from({ length: 100 }, () => RECORD.attempts).flat() }],
    ["list of notes", { notes: Array.from({ length: 2000 }, (_, index) => `messages.${index} (audio)`) }],
    ["error", { status: 400, error: { code: "x", message: LONG } }],
  ])("for its %s still tells of the call", (_name, more) => {
    const line = lineOf(more);
    expect(line.length).toBeLessThanOrEqual(8192);
    expect(parsed(line)).toMatchObject({ event: "call", id: "id-1", status: more.status ?? 200 });
  });

  test("for anything else is still JSON, and says so", () => {
    const { lines, log } = start();
    log.say("error", "bug", { error: "😀".repeat(20_000) });
    expect(lines[0]?.length).toBeLessThanOrEqual(8192);
    expect(parsed(lines[0])).toMatchObject({ event: "line_too_long", length: expect.any(Number) });
    expect(lines[0]).toContain("bug");
  });
});

describe("for a person", () => {
  test("a call is what one looks for", () => {
    const { lines, log } = start("info", "text");
    log.call(RECORD);
    expect(lines).toEqual([
      '2026-11-21T12:00:00.000Z INFO  call status=200 outcome="answered" method="POST" path="/v1/chat/completions" provider="openai" model="m" ms=45.68 tries=1',
    ]);
  });

  test("a failure has its reason, and what is not known is a dash", () => {
    const { lines, log } = start("info", "text");
    const unknown = { provider: null, requestModel: null, originalModel: null, attempts: [] };
    log.call({ ...RECORD, ...unknown, status: 400, error: { code: "x", message: "No such thing" } });
    expect(lines[0]).toEndWith('provider="-" model="-" ms=45.68 tries=0 error="No such thing"');
  });

  test("an event is its word and its fields", () => {
    const { lines, log } = start("info", "text");
    log.say("warn", "exposed", { port: 80 });
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z WARN  exposed port=80$/);
  });
});
