/**
 * A call's record as a line of JSON.
 *
 * Calls come in kinds: the same path, model and outcome, with other times and counts. The text around those is
 * kept, since writing it anew is the dearest thing that is done for a call that is only handed on.
 */
import type { Usage } from "../schema/chat.ts";
import type { AttemptRecord, CallRecord } from "../schema/record.ts";

/** Writes lines; what was written last makes the next of its kind cheaper. */
export const callLines = (): ((level: string, record: CallRecord) => string) => {
  let kinds: readonly Kind[] = [];
  return (level, record) => {
    const attempt = soleAttempt(record);
    if (attempt === undefined) return lineOf(level, record);
    let kind = likeOf(kinds, record, attempt);
    if (kind === undefined) {
      kind = { first: record, attempt, texts: textsOf(level, record, attempt) };
      kinds = [kind, ...kinds.slice(0, MAX_KINDS - 1)];
    }
    return kind.texts === undefined ? lineOf(level, record) : filled(kind.texts, record, attempt);
  };
};

const likeOf = (kinds: readonly Kind[], record: CallRecord, attempt: AttemptRecord): Kind | undefined => {
  for (const kind of kinds)
    if (isLike(kind.first, record) && isLikeAttempt(kind.attempt, attempt)) return kind;
  return undefined;
};

const MAX_KINDS = 8;

interface Kind {
  readonly first: CallRecord;
  readonly attempt: AttemptRecord;
  /** What stands between the values of a call; undefined where a caller's own words look like a gap. */
  readonly texts: readonly string[] | undefined;
}

export const lineOf = (level: string, record: CallRecord): string => JSON.stringify(wire(level, record));

/** Most calls: one try, and nothing to tell about it. */
const soleAttempt = ({ attempts, notes, error }: CallRecord): AttemptRecord | undefined =>
  attempts.length === 1 && notes.length === 0 && error === null ? attempts[0] : undefined;

const isLike = (a: CallRecord, b: CallRecord): boolean =>
  a.path === b.path &&
  a.requestModel === b.requestModel &&
  a.originalModel === b.originalModel &&
  a.responseModel === b.responseModel &&
  a.stream === b.stream &&
  a.status === b.status &&
  a.outcome === b.outcome &&
  a.finish === b.finish &&
  a.method === b.method &&
  a.endpoint === b.endpoint &&
  a.ingress === b.ingress &&
  a.provider === b.provider &&
  a.target === b.target &&
  isLikeUsage(a.usage, b.usage);

const isLikeUsage = (a: Usage | null, b: Usage | null): boolean => {
  if (a === null || b === null) return a === b;
  for (const count of COUNTED) if ((a[count] === undefined) !== (b[count] === undefined)) return false;
  return true;
};

const isLikeAttempt = (a: AttemptRecord, b: AttemptRecord): boolean =>
  a.target === b.target &&
  a.provider === b.provider &&
  a.requestModel === b.requestModel &&
  a.mode === b.mode &&
  a.status === b.status &&
  a.outcome === b.outcome &&
  a.reason === b.reason &&
  a.reconnected === b.reconnected;

/** What stands for a text, and for a number, where the line is cut. */
const TEXT = "\u0000";
const NUMBER = "\u0000#";

const textsOf = (
  level: string,
  record: CallRecord,
  attempt: AttemptRecord,
): readonly string[] | undefined => {
  const usage = record.usage === null ? null : wireUsage(record.usage);
  const line = JSON.stringify({
    ...wire(level, record),
    time: TEXT,
    id: TEXT,
    trace_id: TEXT,
    attempts: [{ ...wireAttempt(attempt), ttft_ms: NUMBER, duration_ms: NUMBER }],
    usage: usage && Object.fromEntries(Object.keys(usage).map((count) => [count, NUMBER])),
    cost_usd: NUMBER,
    ttft_ms: NUMBER,
    duration_ms: NUMBER,
    overhead_ms: NUMBER,
  });
  const texts = line.replaceAll(JSON.stringify(NUMBER), "\\u0000").split("\\u0000");
  const gaps = 9 + Object.keys(usage ?? {}).length;
  return texts.length === gaps + 1 ? texts : undefined;
};

const filled = (texts: readonly string[], record: CallRecord, attempt: AttemptRecord): string => {
  let at = 5;
  let line =
    `${texts[0]}${record.time}${texts[1]}${record.id}${texts[2]}${inside(record)}${texts[3]}` +
    `${hundredths(attempt.ttftMs)}${texts[4]}${hundredths(attempt.durationMs)}${texts[5]}`;
  const { usage } = record;
  if (usage !== null)
    for (const count of COUNTED) {
      const value = usage[count];
      if (value !== undefined) line += `${numeral(value)}${texts[++at]}`;
    }
  return (
    `${line}${numeral(costOf(record))}${texts[++at]}${hundredths(record.ttftMs)}${texts[++at]}` +
    `${hundredths(record.durationMs)}${texts[++at]}${hundredths(record.overheadMs)}${texts[++at]}`
  );
};

/** A caller's own trace id may hold anything. */
const inside = ({ id, traceId }: CallRecord): string =>
  traceId === id ? id : JSON.stringify(traceId).slice(1, -1);

/** As JSON writes numbers. */
const numeral = (value: number | null): string =>
  value !== null && Number.isFinite(value) ? String(value) : "null";

const hundredths = (ms: number | null): string => {
  if (ms === null) return "null";
  const count = Math.round(ms * 100);
  return SHORT[count] ?? numeral(count / 100);
};

/** Times of less than ten milliseconds: a fraction costs more to write than to look up. */
const SHORT: readonly string[] = Array.from({ length: 1000 }, (_, count) => String(count / 100));

/** The record in the spelling of the wire: snake_case. */
const wire = (level: string, record: CallRecord): Readonly<Record<string, unknown>> => ({
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
  cost_usd: costOf(record),
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

const wireUsage = (usage: Usage): Readonly<Record<string, number>> =>
  Object.fromEntries(
    COUNTS.flatMap(([name, count]) => {
      const value = usage[count];
      return value === undefined ? [] : [[name, value]];
    }),
  );

const COUNTS = [
  ["input", "input"],
  ["output", "output"],
  ["cache_read", "cacheRead"],
  ["cache_write", "cacheWrite"],
  ["reasoning", "reasoning"],
  ["search_units", "searchUnits"],
] as const satisfies readonly (readonly [string, keyof Usage])[];

const COUNTED = COUNTS.map(([, count]) => count);

const MICRO_PER_DOLLAR = 1e6;

const costOf = ({ cost }: CallRecord): number | null => (cost === null ? null : cost / MICRO_PER_DOLLAR);

export const rounded = (ms: number | null): number | null =>
  ms === null ? null : Math.round(ms * 100) / 100;
