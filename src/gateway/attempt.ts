/** One try at one target: prepare, sign, send, peek, and what came of it as an outcome. */
import { EgressRefused } from "../lib/egress.ts";
import { BodyTooLarge } from "../lib/body.ts";
import { FormMalformed } from "../lib/form-stream.ts";
import { HeaderUnsendable } from "../lib/http.errors.ts";
import { classifyNetworkError, isBug } from "../lib/network-error.ts";
import { EventTooLarge } from "../lib/sse.ts";
import type { ErrorCode } from "../schema/errors.ts";
import { GatewayError, INTERNAL, MalformedReply } from "../schema/errors.ts";
import type { FailureCause, Outcome } from "../schema/outcome.ts";
import type { Dispatch } from "../schema/plan.ts";
import type { AttemptRecord } from "../schema/record.ts";
import type { Call } from "./call.ts";
import { countedBy, estimated } from "./count-tokens.ts";
import type { Leash } from "./deadline.ts";
import { leash } from "./deadline.ts";
import { mediaFor, withMedia } from "./media.ts";
import { uploadedHere } from "./native.ts";
import { peek } from "./peek.ts";
import type { Prepared } from "./prepare.ts";
import { openRealtime, openingMs } from "./realtime.open.ts";
import { prepare } from "./prepare.ts";
import type { Reply } from "./reply-head.ts";
import type { Adapted } from "./resource.ts";
import { adapted } from "./resource.ts";
import { askedOf } from "./responses.compact.ts";
import { send } from "./sending.ts";
import type { ResolvedTarget, Target } from "./target.ts";
import { resolveTarget } from "./target.ts";

export const attempt =
  (target: Target): Dispatch<Call, Reply> =>
  // Not async: on the way of every call, a promise less is time saved.
  (given) => {
    let call = given;
    if (call.recorder.attempts.length > 0) call.departure.attend(); // another try is for somebody
    if (call.signal.aborted) return Promise.resolve({ kind: "cancelled" });
    call.takeTry();
    const log = new AttemptLog(call, target, call.world.now());
    let resolved: ResolvedTarget;
    let prepared: Prepared | Adapted;
    try {
      resolved = resolveTarget(call, target);
      log.resolved(resolved);
      call = askedOf(given, resolved);
      prepared = adapted(call, resolved) ?? estimated(call, resolved) ?? prepare(call, resolved);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return Promise.resolve(log.failed(error, NOT_FOR_IT.has(error.code) ? "unsupported" : "unprepared"));
    }
    log.prepared(prepared);
    return exchange(call, resolved, prepared, log);
  };

/** The target has no such endpoint, or cannot know what the call refers to; another one may. */
const NOT_FOR_IT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "unsupported_endpoint",
  "previous_response_not_found",
  "thread_not_found",
  "not_found",
]);

const exchange = async (
  call: Call,
  target: ResolvedTarget,
  prepared: Prepared | Adapted,
  log: AttemptLog,
): Promise<Outcome<Reply>> => {
  const { limits } = call.surroundings;
  const limitMs = target.requestTimeoutMs ?? openingMs(call.inbound.ingress, limits);
  const held = leash(call.departure, limitMs);
  const sentAt = call.world.now();
  try {
    const reply = uploadedHere(
      call,
      countedBy(call, target, await replyOf(call, target, prepared, held, log)),
    );
    held.answered();
    return log.replied(reply);
  } catch (error) {
    held.abort();
    call.departure.attend();
    if (call.signal.aborted) return log.cancelled();
    if (isBug(error)) call.report(error);
    const [failure, cause] = failureOf(error, target, held, limitMs);
    return log.failed(failure, cause);
  } finally {
    call.waited(call.world.now() - sentAt);
  }
};

/** Not async, for most: on the way of every call, a promise less is time saved. */
const replyOf = (
  call: Call,
  target: ResolvedTarget,
  prepared: Prepared | Adapted,
  held: Leash,
  log: AttemptLog,
): Promise<Reply> => {
  if ("run" in prepared) return prepared.run(held);
  if (call.inbound.ingress.endpoint === "realtime") return openRealtime(call, target, prepared, held);
  const media = mediaFor(call, target);
  if (media.length === 0) return asked(call, target, prepared, held);
  return withMedia(call, media, held.signal).then((completed) => {
    const ready = prepare(completed, target);
    log.prepared(ready);
    return asked(call, target, ready, held);
  });
};

const asked = (call: Call, target: ResolvedTarget, ready: Prepared, held: Leash): Promise<Reply> =>
  send(call, target, ready, held).then((response) => peek(call, target, response, held));

const failureOf = (
  error: unknown,
  target: ResolvedTarget,
  held: Leash,
  limitMs: number,
): readonly [GatewayError, FailureCause] => {
  if (held.timedOut) return [timeoutError(target, limitMs), "timeout"];
  if (error instanceof GatewayError) return [error, error.status < 500 ? "unprepared" : "malformed"];
  if (error instanceof EgressRefused)
    return [
      new GatewayError("invalid_custom_host", "Invalid custom host", { param: "custom_host" }),
      "unprepared",
    ];
  if (error instanceof BodyTooLarge)
    return [
      new GatewayError(
        "upstream_response_too_large",
        `Cannot read the answer of ${target.row.id}: it is too large`,
      ),
      "malformed",
    ];
  if (error instanceof MalformedReply || error instanceof EventTooLarge)
    return [malformed(target, error.message), "malformed"];
  if (error instanceof FormMalformed)
    return [new GatewayError("invalid_request", `Cannot read the form: ${error.message}`), "unprepared"];
  if (error instanceof HeaderUnsendable) return [unsendable(error), "unprepared"];
  if (isBug(error)) return [new GatewayError("internal_error", INTERNAL), "malformed"];
  const { message } = classifyNetworkError(error);
  return [
    new GatewayError("upstream_unreachable", `Cannot reach ${target.row.id}: ${message}`, { cause: error }),
    "network",
  ];
};

/** What an option, a credential or a forwarded header says stands in a header of the request. */
const unsendable = ({ header }: HeaderUnsendable): GatewayError =>
  new GatewayError("invalid_header", `${header}: has a line break or characters that a header cannot hold`, {
    param: header,
  });

const malformed = (target: ResolvedTarget, message: string): GatewayError =>
  new GatewayError("upstream_malformed", `Cannot read the answer of ${target.row.id}: ${message}`);

/** A limit the caller set is the reference's 408; our own is a gateway timeout. */
const timeoutError = (target: ResolvedTarget, limitMs: number): GatewayError =>
  target.requestTimeoutMs === undefined
    ? new GatewayError("upstream_timeout", `Cannot reach ${target.row.id}: no answer within ${limitMs} ms`)
    : new GatewayError("request_timeout", `Request exceeded the timeout sent in the request: ${limitMs}ms`);

/** Writes the attempt into the call's record, however it ended. */
class AttemptLog {
  readonly #call: Call;
  readonly #target: Target;
  readonly #startedAt: number;
  #resolved: ResolvedTarget | undefined;
  #prepared: Prepared | Adapted | undefined;

  constructor(call: Call, target: Target, startedAt: number) {
    this.#call = call;
    this.#target = target;
    this.#startedAt = startedAt;
  }

  resolved(resolved: ResolvedTarget): void {
    this.#resolved = resolved;
  }

  prepared(prepared: Prepared | Adapted): void {
    this.#prepared = prepared;
  }

  replied(reply: Reply): Outcome<Reply> {
    const kind = reply.content.kind === "fault" || reply.status >= 400 ? "refused" : "answered";
    const reason = reply.content.kind === "fault" ? reply.content.fault.type : null;
    const attempt = this.#record(kind, reply.status, reason, reply);
    // One by one: a long conversation may have more of them than a call can have arguments.
    if (kind === "answered") for (const note of this.#prepared?.notes ?? []) this.#call.recorder.note(note);
    return { kind, attempt, retries: 0, reply };
  }

  failed(error: GatewayError, cause: FailureCause): Outcome<Reply> {
    return {
      kind: "failed",
      attempt: this.#record("failed", null, error.message),
      retries: 0,
      cause,
      error,
    };
  }

  cancelled(): Outcome<Reply> {
    this.#record("cancelled", null, null);
    return { kind: "cancelled" };
  }

  #record(
    outcome: AttemptRecord["outcome"],
    status: number | null,
    reason: string | null,
    reply?: Reply,
  ): AttemptRecord {
    const durationMs = this.#call.world.now() - this.#startedAt;
    const known: AttemptRecord = {
      target: this.#target.path,
      provider: this.#resolved?.row.id ?? this.#target.node.options.provider ?? "",
      requestModel: this.#resolved?.model ?? null,
      mode: this.#prepared?.mode ?? null,
      status,
      outcome,
      reason,
      ttftMs: reply === undefined ? null : durationMs,
      durationMs,
    };
    const record: AttemptRecord = reply?.reconnected === true ? { ...known, reconnected: true } : known;
    this.#call.recorder.attempts.push(record);
    return record;
  }
}
