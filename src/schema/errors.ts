/**
 * Every way a call can end in an error of ours: code, status, type and blame in one table.
 *
 * Upstream refusals are values (`Outcome`), not these. A `GatewayError` is thrown where the call
 * cannot go on; `refuse` renders it in the client's dialect.
 */
import type { JsonValue } from "./json.ts";

interface ErrorRow {
  readonly status: number;
  readonly type: string;
}

export const ERRORS = Object.freeze({
  invalid_host: { status: 400, type: "invalid_request_error" },
  host_not_allowed: { status: 403, type: "permission_error" },
  method_not_allowed: { status: 405, type: "invalid_request_error" },
  origin_not_allowed: { status: 403, type: "permission_error" },
  upgrade_required: { status: 426, type: "invalid_request_error" },
  not_found: { status: 404, type: "invalid_request_error" },
  invalid_content_type: { status: 400, type: "invalid_request_error" },
  unsupported_encoding: { status: 415, type: "invalid_request_error" },
  invalid_json: { status: 400, type: "invalid_request_error" },
  json_too_deep: { status: 400, type: "invalid_request_error" },
  request_too_large: { status: 413, type: "invalid_request_error" },
  invalid_request: { status: 400, type: "invalid_request_error" },
  previous_response_not_found: { status: 400, type: "invalid_request_error" },
  thread_not_found: { status: 404, type: "not_found_error" },
  invalid_header: { status: 400, type: "invalid_request_error" },
  invalid_config: { status: 400, type: "invalid_request_error" },
  invalid_provider: { status: 400, type: "invalid_request_error" },
  missing_provider: { status: 400, type: "invalid_request_error" },
  invalid_custom_host: { status: 400, type: "invalid_request_error" },
  host_not_allowed_for_key: { status: 403, type: "permission_error" },
  router_error: { status: 400, type: "invalid_request_error" },
  missing_credential: { status: 401, type: "authentication_error" },
  token_refused: { status: 401, type: "authentication_error" },
  missing_input: { status: 400, type: "invalid_request_error" },
  unsupported_endpoint: { status: 400, type: "invalid_request_error" },
  body_not_replayable: { status: 400, type: "invalid_request_error" },
  output_not_ready: { status: 409, type: "invalid_request_error" },
  request_timeout: { status: 408, type: "timeout_error" },
  upstream_timeout: { status: 504, type: "upstream_error" },
  upstream_unreachable: { status: 502, type: "upstream_error" },
  upstream_malformed: { status: 502, type: "upstream_error" },
  upstream_redirect: { status: 502, type: "upstream_error" },
  upstream_response_too_large: { status: 502, type: "upstream_error" },
  stream_interrupted: { status: 502, type: "upstream_error" },
  overloaded: { status: 503, type: "overloaded_error" },
  storage_unavailable: { status: 503, type: "api_error" },
  shutting_down: { status: 503, type: "overloaded_error" },
  internal_error: { status: 500, type: "api_error" },
} satisfies Record<string, ErrorRow>);

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** Path of the fault: a body path (`messages.0.role`), a header, a config path. */
  readonly param?: string;
  /** One line per fault, where there are several (a config's). */
  readonly errors?: readonly string[];
  readonly cause?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly errors: readonly string[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "GatewayError";
    this.code = code;
    this.param = details.param ?? null;
    this.errors = details.errors;
    this.headers = details.headers ?? {};
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get type(): string {
    return ERRORS[this.code].type;
  }
}

/** All that is told of a bug. */
export const INTERNAL = "Something went wrong in the gateway";

/** A request body that breaks its dialect's rules: 400 with the path of the fault. */
export const invalidRequest = (param: string, message: string): GatewayError =>
  new GatewayError("invalid_request", `${param}: ${message}`, { param });

/** An upstream reply that a dialect cannot read; becomes a failed attempt, not a crash. */
export class MalformedReply extends Error {
  readonly body: JsonValue | undefined;

  constructor(message: string, body?: JsonValue) {
    super(message);
    this.name = "MalformedReply";
    this.body = body;
  }
}
