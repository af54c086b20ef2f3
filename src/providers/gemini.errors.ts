/** Errors of Google's APIs: `{error: {code, message, status, details}}`, or a list that holds one. */
import type { Fault } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { readError as readAnyError } from "./openai-chat.errors.ts";
import { pageText } from "./page-text.ts";

export const readError = (status: number, body: unknown): Fault => {
  const found = errorOf(body);
  if (found === undefined && isObject(body)) return readAnyError(status, body); // of something in between
  const error = found ?? {};
  const { code, message, status: word } = error;
  return {
    status,
    message: messageOf(message, body) ?? `The upstream answered ${status} without a reason`,
    type: isString(word) ? word : null,
    param: fieldOf(error["details"]),
    code: isNumber(code) || isString(code) ? String(code) : null,
  };
};

/** An error inside a stream or a reply of status 200: its own code is its status. */
export const readInnerError = (body: unknown): Fault => {
  const fault = readError(502, body);
  const code = Number(fault.code);
  return code >= 400 && code < 600 ? { ...fault, status: code } : fault;
};

/** The error object of a body; `undefined` when the body is no error. */
export const errorOf = (body: unknown): JsonObject | undefined => {
  if (isArray(body)) return errorOf(body[0]); // streams and Vertex wrap it in a list
  if (!isObject(body)) return undefined;
  const { error } = body;
  if (isObject(error)) return error;
  // Google's token and gateway services: {error: "invalid_grant", error_description: "…"}.
  return isString(error) ? { status: error, message: body["error_description"] ?? error } : undefined;
};

const messageOf = (message: JsonValue | undefined, body: unknown): string | undefined => {
  if (isString(message) && message !== "") return message;
  return (isString(body) && pageText(body)) || undefined;
};

/** The first field that a `google.rpc.BadRequest` names. */
const fieldOf = (details: JsonValue | undefined): string | null => {
  for (const detail of isArray(details) ? details : []) {
    const violations = isObject(detail) ? detail["fieldViolations"] : undefined;
    const first = isArray(violations) ? violations[0] : undefined;
    if (isObject(first) && isString(first["field"])) return first["field"];
  }
  return null;
};
