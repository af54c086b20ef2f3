/** Errors of the Responses API: bodies as in the chat API, events and failed responses of its own. */
import { namedFrame } from "../lib/sse.ts";
import type { Fault } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import { openaiCode } from "./long-prompt.ts";
import { readError, readStreamError } from "./openai-chat.errors.ts";

export { readError };

/**
 * The `error` event. The API's reference has the fields at the top, its servers put them into an `error`
 * object (github.com/openai/openai-dotnet/issues/881); clients know the one or the other.
 */
export const readEventError = (event: JsonObject): Fault => {
  if (isObject(event["error"])) return stated(event);
  const { type: _, ...error } = event;
  return stated({ error });
};

/** The `error` of a response whose status is `failed`. */
export const readResponseError = (response: JsonObject): Fault =>
  stated({ error: isObject(response["error"]) ? response["error"] : { message: FAILED } });

/** An error that a response states in spite of its status; a sound one has `error: null`. */
export const errorIn = (body: JsonObject): Fault | undefined => {
  if (body["status"] === "failed") return readResponseError(body);
  return isObject(body["error"]) ? stated(body) : undefined;
};

/** The fields of an `error` event, in both shapes at once. */
export const errorFields = (fault: Fault): JsonObject => {
  const { message, param } = fault;
  const code = codeOf(fault);
  return { code, message, param, error: { type: fault.type ?? "upstream_error", code, message, param } };
};

/** The `error` of a failed response. */
export const failure = (fault: Fault): JsonValue => ({ code: codeOf(fault), message: fault.message });

/**
 * The blank line ends a frame that the upstream may have left open. The number is the least there is:
 * who writes this has not counted the events before it.
 */
export const writeStreamError = (fault: Fault): string =>
  `\n\n${namedFrame("error", JSON.stringify({ type: "error", sequence_number: 0, ...errorFields(fault) }))}`;

/** Such an error has no status but that of the answer it stands in: its code tells whose fault it was. */
const stated = (body: JsonObject): Fault => {
  const fault = readStreamError(body);
  return REQUEST_FAULT.test(fault.code ?? "") ? { ...fault, status: 400 } : fault;
};

/**
 * Of the codes of `ResponseError` in the OpenAI SDK those that say that another try would fail alike: what is
 * wrong with the prompt, an image, or a policy.
 */
const REQUEST_FAULT = /^(?:invalid_|image_|unsupported_image_|empty_image_)|_image$|_policy|_mismatch$/;

const FAILED = "The response failed without a reason";

/** Clients look at the code to tell what may be tried again: `ResponseError.code` of the OpenAI SDK. */
const codeOf = (fault: Fault): string =>
  openaiCode(fault) ?? (fault.status === 429 ? "rate_limit_exceeded" : "server_error");
