/** The one event per call. Every view of a call (a stdout line, a stored row, a metric) is made of it. */
import type { Usage } from "./chat.ts";

/** How a body went on: as it came, with a value replaced, or through the canonical form. */
export type BodyMode = "passthrough" | "edited" | "translated";

/** One try at one target. */
export interface AttemptRecord {
  /** `config`, `config.targets[1]`, … */
  readonly target: string;
  readonly provider: string;
  readonly requestModel: string | null;
  readonly mode: BodyMode | null;
  readonly status: number | null;
  readonly outcome: "answered" | "refused" | "failed" | "cancelled";
  /** Why a failed attempt failed, for a person. */
  readonly reason: string | null;
  readonly ttftMs: number | null;
  readonly durationMs: number;
  /** A kept connection to the provider had died: the request was sent once more, over a new one. */
  readonly reconnected?: true;
}

export interface CallRecord {
  readonly id: string;
  readonly traceId: string;
  /** RFC 3339. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly endpoint: string;
  readonly ingress: string | null;
  /** What the client got; 499 when it left before. */
  readonly status: number;
  readonly outcome: "answered" | "refused" | "failed" | "cancelled" | "interrupted";
  readonly stream: boolean;
  readonly provider: string | null;
  readonly target: string | null;
  readonly originalModel: string | null;
  readonly requestModel: string | null;
  readonly responseModel: string | null;
  readonly finish: string | null;
  readonly attempts: readonly AttemptRecord[];
  readonly usage: Usage | null;
  /** Micro-dollars; null where a price that is needed is not known. */
  readonly cost: number | null;
  /** From sending upstream to the first event that was handed on. */
  readonly ttftMs: number | null;
  readonly durationMs: number;
  /** What of the duration was ours: the duration less the time spent waiting for upstreams and back-off, and handing a stream on. */
  readonly overheadMs: number;
  /** What could not be carried between dialects. */
  readonly notes: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
}
