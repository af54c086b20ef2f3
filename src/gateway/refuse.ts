/** The only catch: an error of ours in the client's dialect. Anything else is a bug, shown without its stack. */
import { clientDialect } from "../providers/dialects.ts";
import type { ClientDialectId } from "../schema/chat.ts";
import { GatewayError, INTERNAL } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import type { FailureCause, Outcome } from "../schema/outcome.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { Gateway } from "./assemble.ts";
import type { Call } from "./call.ts";
import type { Ingress } from "./inbound.ts";
import type { Reply } from "./reply-head.ts";
import { addAttempt } from "./response-headers.ts";

export const refuse = (gateway: Gateway, ingress: Ingress, recorder: Recorder, thrown: unknown): Response => {
  const error = thrown instanceof GatewayError ? thrown : bug(gateway, thrown);
  recorder.error = { code: error.code, message: error.message };
  recorder.settle(error.status, "refused");
  return render(error, ingress.dialect, { "x-portkey-trace-id": recorder.traceId });
};

/** The answer to a call whose last attempt failed. */
export const refuseFailed = (call: Call, outcome: Extract<Outcome<Reply>, { kind: "failed" }>): Response => {
  const { error, attempt } = outcome;
  call.recorder.error = { code: error.code, message: error.message };
  call.recorder.settle(error.status, "failed");
  const response = render(error, call.inbound.ingress.dialect, {
    "x-portkey-trace-id": call.recorder.traceId,
  });
  addAttempt(response.headers, attempt, outcome.retries);
  if (!OUTSIDE.has(outcome.cause)) response.headers.set(EXCEPTION, "true");
  return response;
};

/** The reference's mark of an answer that no upstream has given; it calls failures of the network answers. */
const EXCEPTION = "x-portkey-gateway-exception";
const OUTSIDE: ReadonlySet<FailureCause> = new Set<FailureCause>(["timeout", "network"]);

/** An error of ours as a response in the client's dialect. */
export const render = (
  error: GatewayError,
  dialect: ClientDialectId,
  headers: Readonly<Record<string, string>>,
): Response =>
  new Response(JSON.stringify(bodyOf(error, dialect)), {
    status: error.status,
    headers: { "content-type": "application/json", ...headers, ...error.headers },
  });

const bug = (gateway: Gateway, thrown: unknown): GatewayError => {
  gateway.report(thrown);
  return new GatewayError("internal_error", INTERNAL);
};

const bodyOf = (error: GatewayError, dialect: ClientDialectId): JsonObject => {
  const { status, message, type, param } = error;
  if (!OPENAIS.has(dialect))
    return clientDialect(dialect).writeError(
      { status, message: withErrors(error), type, param, code: error.code },
      null,
    );
  // The reference's body for a timeout the caller set, to the letter.
  if (error.code === "request_timeout") return { error: { message, type, param: null, code: null } };
  return {
    status: "failure",
    message,
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    error: { message: withErrors(error), type, param, code: error.code },
  };
};

/** Their clients look into `error`; the reference's own, on these paths, at what stands beside it. */
const OPENAIS: ReadonlySet<ClientDialectId> = new Set<ClientDialectId>(["openai-chat", "openai-responses"]);

const withErrors = (error: GatewayError): string =>
  error.errors === undefined ? error.message : [error.message, ...error.errors].join("; ");
