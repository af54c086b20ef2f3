/** Errors of Bedrock's runtime: as a response, and as an exception in the middle of a stream. */
import type { HeaderFields } from "../lib/header-fields.ts";
import { table } from "../lib/table.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { Fault } from "../schema/chat.ts";
import type { JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import { readError as readAnyError } from "./openai-chat.errors.ts";
import { pageText } from "./page-text.ts";

/**
 * The service's own errors say `message`, those in front of it `Message` (AccessDenied); the type is in
 * a header, in older ones in the body, and of a path that nobody knows in `Output`, without a message.
 */
export const readError = (status: number, body: unknown, headers?: HeaderFields): Fault => {
  const { message, Message, __type, Output } = isObject(body) ? body : {};
  const said =
    headers?.get("x-amzn-errortype") ?? __type ?? (isObject(Output) ? Output["__type"] : undefined);
  const type = isString(said) ? bareType(said) : null;
  const told = messageOf([message, Message, isString(body) ? pageText(body) : undefined, type]);
  if (told === undefined && isObject(body)) return readAnyError(status, body); // of something in between
  return {
    status,
    message: told ?? `HTTP ${status}`,
    type,
    param: null,
    code: null,
  };
};

/** Whether an event ends the stream with an error. */
export const isFailure = (name: string): boolean => /(?:exception|error|failure)$/i.test(name);

export const readStreamError = ({ event = "error", data }: SseEvent): Fault => {
  const body = parsed(data);
  const { originalMessage, originalStatusCode } = isObject(body) ? body : {};
  const fault = readError(STATUSES.get(event.toLowerCase()) ?? 500, body);
  return {
    ...fault,
    message: messageOf([isObject(body) ? body["message"] : body, originalMessage]) ?? event,
    type: `${event.slice(0, 1).toUpperCase()}${event.slice(1)}`,
    code: isNumber(originalStatusCode) ? String(originalStatusCode) : null,
  };
};

/** "Common errors" and the exceptions of API_runtime_ConverseStream. */
const STATUSES = table({
  accessdeniedexception: 403,
  internalserverexception: 500,
  modelerrorexception: 424,
  modelnotreadyexception: 429,
  modelstreamerrorexception: 424,
  modeltimeoutexception: 408,
  resourcenotfoundexception: 404,
  servicequotaexceededexception: 400,
  serviceunavailableexception: 503,
  throttlingexception: 429,
  validationexception: 400,
});

/** Longest message that is passed on: a proxy's HTML page is not an explanation. */
const LONGEST = 500;

const messageOf = (candidates: readonly unknown[]): string | undefined =>
  candidates
    .filter(isString)
    .map((text) => text.trim().slice(0, LONGEST))
    .find((text) => text !== "");

/** `ValidationException:http://internal.amazon.com/…` and `com.amazon.coral.service#UnknownOperationException`. */
const bareType = (type: string): string | null => {
  const [name = ""] = type.split(":");
  const bare = name.slice(name.lastIndexOf("#") + 1);
  return bare === "" ? null : bare;
};

/** JSON, or the text that is none. */
export const parsed = (data: string): JsonValue => {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
};
