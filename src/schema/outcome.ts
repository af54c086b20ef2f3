/** How an attempt ended, as a value that strategies reason about. */
import type { HeaderFields } from "../lib/header-fields.ts";
import type { AttemptRecord } from "./record.ts";
import type { GatewayError } from "./errors.ts";

/** What a strategy may know of an upstream reply. */
export interface ReplyHead {
  readonly status: number;
  readonly headers: HeaderFields;
  /** Lets go of the reply's connection when another attempt is made instead. */
  discard(): void;
}

export type FailureCause = "timeout" | "network" | "malformed" | "unsupported" | "unprepared";

/** `A` is what the gateway keeps of an attempt; strategies pass it along unread. */
interface Attempted<R extends ReplyHead> {
  readonly attempt: AttemptRecord;
  /** Retries made before this outcome; -1 when they were used up or given up on a status worth retrying. */
  readonly retries: number;
  readonly reply: R;
}

export type Outcome<R extends ReplyHead = ReplyHead> =
  | ({ readonly kind: "answered" } & Attempted<R>)
  /** The upstream said no. */
  | ({ readonly kind: "refused" } & Attempted<R>)
  | {
      readonly kind: "failed";
      readonly attempt: AttemptRecord;
      readonly retries: number;
      readonly cause: FailureCause;
      readonly error: GatewayError;
    }
  /** The client left. */
  | { readonly kind: "cancelled" };

/** The HTTP status an outcome would give the client. */
export const statusOf = (outcome: Outcome): number => {
  switch (outcome.kind) {
    case "answered":
    case "refused":
      return outcome.reply.status;
    case "failed":
      return outcome.error.status;
    case "cancelled":
      return 499;
  }
};
