/**
 * A call's record as one line of JSON, in the spelling of the wire: snake_case.
 *
 * Written by hand, because it is written for every call: a serializer finds out anew each time which fields
 * there are and what has to be escaped, and costs half as much again.
 */
import type { Usage } from "../schema/chat.ts";
import type { AttemptRecord, CallRecord } from "../schema/record.ts";

/** `level` is a word that needs no escaping. */
export const callJson = (level: string, record: CallRecord): string =>
  `{"level":"${level}","event":"call","time":${text(record.time)},"id":${text(record.id)}` +
  `,"trace_id":${text(record.traceId)},"method":${text(record.method)},"path":${text(record.path)}` +
  `,"endpoint":${text(record.endpoint)},"ingress":${text(record.ingress)},"status":${record.status}` +
  `,"outcome":"${record.outcome}","stream":${record.stream},"provider":${text(record.provider)}` +
  `,"target":${text(record.target)},"original_model":${text(record.originalModel)}` +
  `,"request_model":${text(record.requestModel)},"response_model":${text(record.responseModel)}` +
  `,"finish":${text(record.finish)},"attempts":[${attempts(record.attempts)}],"usage":${usage(record.usage)}` +
  `,"cost_usd":${dollars(record.cost)},"ttft_ms":${ms(record.ttftMs)},"duration_ms":${ms(record.durationMs)}` +
  `,"overhead_ms":${ms(record.overheadMs)},"notes":${listed(record.notes)},"error":${error(record.error)}}`;

const attempts = (made: readonly AttemptRecord[]): string => {
  let all = "";
  for (const each of made) all += all === "" ? attempt(each) : `,${attempt(each)}`;
  return all;
};

const attempt = (made: AttemptRecord): string =>
  `{"target":${text(made.target)},"provider":${text(made.provider)},"request_model":${text(made.requestModel)}` +
  `,"mode":${text(made.mode)},"status":${made.status},"outcome":"${made.outcome}"` +
  `,"reason":${text(made.reason)},"ttft_ms":${ms(made.ttftMs)},"duration_ms":${ms(made.durationMs)}` +
  (made.reconnected === true ? `,"reconnected":true}` : "}");

const usage = (used: Usage | null): string => {
  if (used === null) return "null";
  const { cacheRead, cacheWrite, reasoning, searchUnits } = used;
  let fields = `{"input":${count(used.input)},"output":${count(used.output)}`;
  if (cacheRead !== undefined) fields += `,"cache_read":${count(cacheRead)}`;
  if (cacheWrite !== undefined) fields += `,"cache_write":${count(cacheWrite)}`;
  if (reasoning !== undefined) fields += `,"reasoning":${count(reasoning)}`;
  if (searchUnits !== undefined) fields += `,"search_units":${count(searchUnits)}`;
  return `${fields}}`;
};

/** Most words stand in JSON as they are. */
const PLAIN = /^[\w .:/@()[\]{},+=-]*$/;

const text = (value: string | null): string => {
  if (value === null) return "null";
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
};

const MICRO_PER_DOLLAR = 1e6;

const dollars = (micro: number | null): string => (micro === null ? "null" : count(micro / MICRO_PER_DOLLAR));

/** What is no number for JSON is said as it would say it. */
const count = (value: number): string => (Number.isFinite(value) ? String(value) : "null");

/** To a hundredth; whole numbers are written faster than fractions. */
const ms = (value: number | null): string => {
  if (value === null || !Number.isFinite(value)) return "null";
  const hundredths = Math.round(value * 100);
  if (hundredths < 0) return String(hundredths / 100);
  const rest = hundredths % 100;
  const whole = (hundredths - rest) / 100;
  if (rest === 0) return String(whole);
  if (rest % 10 === 0) return `${whole}.${rest / 10}`;
  return rest < 10 ? `${whole}.0${rest}` : `${whole}.${rest}`;
};

const listed = (notes: readonly string[]): string => (notes.length === 0 ? "[]" : JSON.stringify(notes));

const error = (said: CallRecord["error"]): string => (said === null ? "null" : JSON.stringify(said));
