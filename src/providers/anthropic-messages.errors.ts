/** Errors of Anthropic's API: any provider's error body read, ours written in its shape. */
import { table } from "../lib/table.ts";
import type { Fault } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { anthropicMessage } from "./long-prompt.ts";
import { readError as readAnyError } from "./openai-chat.errors.ts";
import { pageText } from "./page-text.ts";

/** Reads this API's errors, OpenAI's, Google's (`google.rpc.Status`), and whatever a proxy in between may answer. */
export const readError = (status: number, body: unknown): Fault => {
  const error = errorOf(body);
  const message = messageOf(error);
  if (message === undefined && isObject(body)) return readAnyError(status, body); // of something in between
  const details = isObject(error["details"]) ? error["details"] : {};
  const { code, status: googles } = error;
  return {
    status,
    message: message ?? `HTTP ${status}`,
    type: word(error["type"]) ?? (isNumber(code) ? word(googles) : null),
    param: word(error["param"]),
    code: isNumber(code) ? String(code) : (word(code) ?? word(details["error_code"])),
  };
};

/** The error of a stream's `error` event, which has no status of its own. */
export const readStreamError = (body: unknown): Fault => {
  const fault = readError(500, body);
  return { ...fault, status: STATUSES.get(fault.type ?? "") ?? 500 };
};

export const writeError = (fault: Fault, provider: string | null): JsonObject => ({
  type: "error",
  error: {
    type: errorType(fault),
    message: `${provider === null ? "" : `${provider} error: `}${anthropicMessage(fault)}`,
    ...(fault.code === LOST_THREAD && { details: { error_code: LOST_THREAD } }),
  },
});

/** `ThreadNotFoundErrorDetails` of @anthropic-ai/sdk 1.12: clients send the whole conversation then. */
const LOST_THREAD = "thread_not_found";

export const writeStreamError = (fault: Fault): string =>
  `\n\nevent: error\ndata: ${JSON.stringify(writeError(fault, null))}\n\n`;

/** platform.claude.com/docs/en/api/errors */
const STATUSES = table({
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
});

const TYPES: ReadonlyMap<number, string> = new Map([
  ...[...STATUSES].map(([type, status]) => [status, type] as const),
  [408, "timeout_error"],
  [424, "api_error"], // Bedrock's: the model failed
  [503, "overloaded_error"],
]);

/** Longest message that is passed on: a proxy's HTML page is not an explanation. */
const LONGEST = 500;

/** Statuses that are not an error's own: several types share them. */
const VAGUE: readonly number[] = [400, 500, 503];

/**
 * The status names the type: OpenAI calls a bad key an `invalid_request_error`, this API does not. A vague one leaves
 * it to the type; what is the server's fault is nobody's invalid request, as some that speak OpenAI's API say.
 */
const errorType = ({ status, type }: Fault): string => {
  const named = VAGUE.includes(status) ? undefined : TYPES.get(status);
  if (named !== undefined) return named;
  const usual = type === null ? undefined : STATUSES.get(type);
  const blamesCaller = usual !== undefined && usual < 429;
  if (type !== null && usual !== undefined && !(blamesCaller && status >= 500)) return type;
  return TYPES.get(status) ?? (status < 500 ? "invalid_request_error" : "api_error");
};

const errorOf = (body: unknown): JsonObject => {
  if (isString(body)) return { message: pageText(body) };
  if (isArray(body)) return errorOf(body[0]); // of Vertex AI
  if (!isObject(body)) return {};
  const { error } = body;
  if (isObject(error)) return error;
  return isString(error)
    ? { message: error }
    : { ...body, type: body["type"] === "error" ? undefined : body["type"] };
};

const messageOf = (error: JsonObject): string | undefined => {
  const message = [error["message"], error["detail"]].find(isString)?.trim() ?? "";
  return message === "" ? undefined : message.slice(0, LONGEST);
};

const word = (value: unknown): string | null => (isString(value) && value !== "" ? value : null);
