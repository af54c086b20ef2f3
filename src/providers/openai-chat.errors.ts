/** Errors of OpenAI-shaped APIs: any provider's words in, OpenAI's error object out. */
import type { Fault } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString, parsedObject } from "../schema/json.ts";
import { openaiCode } from "./long-prompt.ts";
import { pageText } from "./page-text.ts";

/** What an upstream's error body says, whichever of the many shapes it has. */
export const readError = (status: number, body: unknown): Fault => {
  if (isString(body)) return faultOf(status, pageText(body));
  if (isArray(body)) return readError(status, body[0]); // Gemini wraps the object in a list
  if (!isObject(body)) return faultOf(status, "");
  const { error } = body;
  if (isString(error)) return faultOf(status, error, body);
  if (isObject(error)) return faultOf(status, messageOf(error) + rawReason(error["metadata"]), error);
  return faultOf(status, messageOf(body), body);
};

/** The error that a frame of a 200 stream carries. Its own code is the nearest thing to a status. */
export const readStreamError = (body: JsonObject): Fault => {
  const fault = readError(502, body);
  const stated = Number(fault.code);
  const status = stated >= 400 && stated < 600 ? stated : wordStatus(fault);
  return { ...fault, status };
};

export const writeError = (fault: Fault, provider: string | null): JsonObject => ({
  error: errorObject(fault, provider === null ? fault.message : prefixed(fault.message, provider)),
  ...(provider === null ? {} : { provider }),
});

/**
 * An OpenAI-shaped error body with our prefix, every other field kept, and none missing that clients look
 * at. `undefined` when the body has no error object whose message could carry the prefix.
 */
export const prefixError = (body: JsonObject, provider: string): JsonObject | undefined => {
  const { error } = body;
  if (!isObject(error) || !isString(error["message"])) return undefined;
  const { type, param, code } = readError(502, body);
  const message = prefixed(error["message"], provider);
  return { ...body, error: { ...missing({ type, param, code }, error), message }, provider };
};

/** The blank line ends a frame that the upstream may have left open. */
export const writeStreamError = (fault: Fault): string => {
  const { message, param } = fault;
  const type = fault.type ?? "upstream_error";
  const code = openaiCode(fault) ?? "stream_interrupted";
  return `\n\ndata: ${JSON.stringify({ error: { message, type, param, code } })}\n\n`;
};

/** The error with those fields that it does not have. */
const missing = (fields: JsonObject, error: JsonObject): JsonObject => ({
  ...error,
  ...Object.fromEntries(Object.entries(fields).filter(([name]) => error[name] === undefined)),
});

/** Longest message taken from text that is not JSON, in characters. */
const MAX_TEXT = 500;

/** How far down a message may be nested. */
const MAX_DEPTH = 4;

/** Where servers put the sentence, in order of preference. */
const MESSAGE_FIELDS = ["message", "Message", "msg", "detail", "errors", "error_description", "title"];

/** Words in `type` or `code` that stand for a status; anything else is the upstream's fault. */
const WORD_STATUS: readonly (readonly [RegExp, number])[] = [
  [/rate_limit|quota|too_many/i, 429],
  [/overloaded|unavailable/i, 503],
  [/invalid_request|bad_request|context_length/i, 400],
  [/timeout/i, 504],
];

const wordStatus = ({ type, code, status }: Fault): number =>
  WORD_STATUS.find(([word]) => word.test(`${type} ${code}`))?.[1] ?? status;

const errorObject = (fault: Fault, message: string): JsonObject => ({
  message,
  type: fault.type,
  param: fault.param,
  code: openaiCode(fault),
});

const prefixed = (message: string, provider: string): string => `${provider} error: ${message}`;

const faultOf = (status: number, message: string, source: JsonObject = {}): Fault => ({
  status,
  message: message === "" ? `The upstream answered ${status} without a reason` : message,
  type:
    wordOf(source["type"]) ??
    NAMES.map((name) => source[name]).find(isString) ??
    wordOf(firstOf(source)["type"]),
  param: wordOf(source["param"]) ?? detailPath(source["detail"]),
  code: wordOf(source["code"]) ?? wordOf(source["error_code"]) ?? wordOf(firstOf(source)["code"]),
});

/** The first of a list of faults: Cloudflare's, FastAPI's. */
const firstOf = ({ errors, detail }: JsonObject): JsonObject => {
  const first = isObject(errors) ? errors : [errors, detail].find(isArray)?.[0];
  return isObject(first) ? first : {};
};

/** Where the kind of an error is said in place of `type`: Google's `status`, Stability's `name`. */
const NAMES = ["status", "name"];

const wordOf = (value: JsonValue | undefined): string | null => {
  if (isString(value)) return value;
  return isNumber(value) ? String(value) : null;
};

const messageOf = (error: JsonObject, depth = 0): string => {
  for (const name of MESSAGE_FIELDS) {
    const message = depth > MAX_DEPTH ? "" : sentence(error[name], depth + 1);
    if (message !== "") return message;
  }
  return Object.keys(error).length === 0 ? "" : JSON.stringify(error).slice(0, MAX_TEXT);
};

/**
 * What the provider said that a router asked: "Provider returned error" is all that the error itself says of it
 * (github.com/LibreChat-AI/agents/issues/37).
 */
const rawReason = (metadata: JsonValue | undefined): string => {
  const raw = isObject(metadata) ? metadata["raw"] : undefined;
  if (!isString(raw) || raw.trim() === "") return "";
  return `: ${readError(502, parsedObject(raw) ?? raw).message}`;
};

/** Text, a list of faults (FastAPI's `detail`, Cloudflare's `errors`), or an object (Mistral's `message`). */
const sentence = (value: JsonValue | undefined, depth: number): string => {
  if (isString(value)) return value;
  if (isArray(value))
    return value
      .map((each) => (isArray(each) ? "" : sentence(each, depth)))
      .filter(Boolean)
      .join("; ");
  if (!isObject(value)) return "";
  const path = locPath(value);
  return path === null ? messageOf(value, depth) : `${path}: ${messageOf(value, depth)}`;
};

const detailPath = (detail: JsonValue | undefined): string | null =>
  isArray(detail) && isObject(detail[0]) ? locPath(detail[0]) : null;

/** FastAPI's `loc`: `["body", "messages", 0]`, where `body` says nothing. */
const locPath = ({ loc }: JsonObject): string | null => {
  if (!isArray(loc)) return null;
  const steps = loc.map(wordOf).filter((step, at) => step !== null && (at > 0 || step !== "body"));
  return steps.length === 0 ? null : steps.join(".");
};
