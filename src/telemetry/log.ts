/** The log: one line per event, as JSON or for a person to read, at the level that was chosen. */
import type { Usage } from "../schema/chat.ts";
import type { AttemptRecord, CallRecord } from "../schema/record.ts";
import type { LineQueue } from "./line-queue.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_FORMATS = ["json", "text"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface Log {
  /** `event` is one word for what happened; `fields` hold no secret and no prompt. */
  say(level: Exclude<LogLevel, "silent">, event: string, fields?: Readonly<Record<string, unknown>>): void;
  call(record: CallRecord): void;
}

const MAX_LINE = 8192;

export const createLog = (queue: LineQueue, level: LogLevel, format: LogFormat): Log => {
  const threshold = LOG_LEVELS.indexOf(level);
  const isHeard = (candidate: LogLevel): boolean => LOG_LEVELS.indexOf(candidate) >= threshold;
  const write = (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): void =>
    queue.write(format === "json" ? jsonLine(level, event, fields) : textLine(level, event, fields));
  return {
    say(level, event, fields = {}) {
      if (isHeard(level)) write(level, event, { time: new Date().toISOString(), ...fields });
    },
    call(record) {
      const level = levelOf(record);
      if (!isHeard(level)) return;
      if (format === "json") queue.write(callLine(level, record));
      else write(level, "call", summary(record));
    },
  };
};

const levelOf = (record: CallRecord): LogLevel => {
  if (record.status >= 500 || record.outcome === "interrupted") return "error";
  return record.status >= 400 && record.status !== 499 ? "warn" : "info";
};

const jsonLine = (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): string =>
  clipped(JSON.stringify({ level, event, ...fields }));

/** A line stays one line and stays JSON: what is too long is replaced by what says so. */
const clipped = (line: string): string =>
  line.length <= MAX_LINE
    ? line
    : JSON.stringify({
        level: "warn",
        event: "line_too_long",
        length: line.length,
        start: line.slice(0, 1024),
      });

const callLine = (level: LogLevel, record: CallRecord): string => {
  const line = JSON.stringify(wire(level, record));
  if (line.length <= MAX_LINE) return line;
  const clip = (value: string | null): string | null => (value === null ? null : value.slice(0, 256));
  return clipped(
    JSON.stringify(
      wire(level, {
        ...record,
        traceId: record.traceId.slice(0, 64),
        path: record.path.slice(0, 256),
        originalModel: clip(record.originalModel),
        requestModel: clip(record.requestModel),
        responseModel: clip(record.responseModel),
        attempts: [],
        finish: clip(record.finish),
        error: record.error && {
          code: record.error.code.slice(0, 256),
          message: record.error.message.slice(0, 1024),
        },
        notes: record.notes.slice(0, 20).map((note) => note.slice(0, 80)),
      }),
    ),
  );
};

/** The record in the spelling of the wire: snake_case. */
const wire = (level: LogLevel, record: CallRecord): Readonly<Record<string, unknown>> => ({
  level,
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
  attempts: record.attempts.map(wireAttempt),
  usage: record.usage === null ? null : wireUsage(record.usage),
  cost_usd: record.cost === null ? null : record.cost / MICRO_PER_DOLLAR,
  ttft_ms: rounded(record.ttftMs),
  duration_ms: rounded(record.durationMs),
  overhead_ms: rounded(record.overheadMs),
  notes: record.notes,
  error: record.error,
});

const wireAttempt = (attempt: AttemptRecord) => {
  const wired = {
    target: attempt.target,
    provider: attempt.provider,
    request_model: attempt.requestModel,
    mode: attempt.mode,
    status: attempt.status,
    outcome: attempt.outcome,
    reason: attempt.reason,
    ttft_ms: rounded(attempt.ttftMs),
    duration_ms: rounded(attempt.durationMs),
  };
  return attempt.reconnected === true ? { ...wired, reconnected: true } : wired;
};

/** Field by field: what is not there costs as much to leave out as to write. */
const wireUsage = (usage: Usage) => {
  const wired: Record<string, number> = { input: usage.input, output: usage.output };
  if (usage.cacheRead !== undefined) wired["cache_read"] = usage.cacheRead;
  if (usage.cacheWrite !== undefined) wired["cache_write"] = usage.cacheWrite;
  if (usage.reasoning !== undefined) wired["reasoning"] = usage.reasoning;
  if (usage.searchUnits !== undefined) wired["search_units"] = usage.searchUnits;
  return wired;
};

const MICRO_PER_DOLLAR = 1e6;

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 100) / 100);

const summary = (record: CallRecord): Readonly<Record<string, unknown>> => ({
  time: record.time,
  status: record.status,
  outcome: record.outcome,
  method: record.method,
  path: record.path,
  provider: record.provider ?? "-",
  model: record.requestModel ?? record.originalModel ?? "-",
  ms: rounded(record.durationMs),
  tries: record.attempts.length,
  ...(record.error === null ? {} : { error: record.error.message }),
});

const textLine = (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): string => {
  const { time, ...rest } = fields;
  const words = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [time, level.toUpperCase().padEnd(5), event, ...words].join(" ");
};
