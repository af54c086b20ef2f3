/** Errors for Gemini's clients: the code, the message and the word of a `google.rpc.Status`. */
import { dataFrame } from "../lib/sse.ts";
import type { Fault } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { errorOf } from "./gemini.errors.ts";

export const writeError = (fault: Fault, provider: string | null): JsonObject => ({
  error: {
    code: fault.status,
    message: provider === null ? fault.message : `${provider} error: ${fault.message}`,
    status: wordOf(fault.status),
    ...(fault.param === null ? {} : { details: [badRequest(fault.param, fault.message)] }),
  },
});

export const ownError = (body: JsonObject): "as-is" | undefined =>
  errorOf(body) === undefined ? undefined : "as-is";

/** The blank line ends a frame that the upstream may have left open. */
export const writeStreamError = (fault: Fault): string =>
  `\n\n${dataFrame(JSON.stringify(writeError(fault, null)))}`;

const badRequest = (field: string, description: string): JsonObject => ({
  "@type": "type.googleapis.com/google.rpc.BadRequest",
  fieldViolations: [{ field, description }],
});

/** `HTTP Mapping` of google/rpc/code.proto in github.com/googleapis/googleapis. */
const WORDS: ReadonlyMap<number, string> = new Map([
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [408, "DEADLINE_EXCEEDED"],
  [409, "ABORTED"],
  [424, "INTERNAL"], // Bedrock's: the model failed
  [429, "RESOURCE_EXHAUSTED"],
  [499, "CANCELLED"],
  [500, "INTERNAL"],
  [501, "UNIMPLEMENTED"],
  [504, "DEADLINE_EXCEEDED"],
]);

const wordOf = (status: number): string =>
  WORDS.get(status) ?? (status < 500 ? "INVALID_ARGUMENT" : "UNAVAILABLE");
