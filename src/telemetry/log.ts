/** The log: one line per event, as JSON or for a person to read, at the level that was chosen. */
import type { CallRecord } from "../schema/record.ts";
import { callLines, lineOf, rounded } from "./call-line.ts";
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
  const written = callLines();
  const callLine = (level: LogLevel, record: CallRecord): string => {
    const line = written(level, record);
    return line.length <= MAX_LINE ? line : clipped(lineOf(level, shortened(record)));
  };
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

/** What is too long loses its long words first. */
const shortened = (record: CallRecord): CallRecord => {
  const clip = (value: string | null): string | null => (value === null ? null : value.slice(0, 256));
  return {
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
  };
};

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
