/** OpenAI's batch (`Batch` of its SDK), out of what another provider says of a job of its own. */
import type { JsonObject, JsonValue } from "../schema/json.ts";

export interface BatchFacts {
  readonly id: string;
  readonly endpoint: string;
  readonly model: string | null;
  readonly status: string;
  /** The id of the file that is asked. */
  readonly input: string;
  /** The ids of those that hold answers and errors. */
  readonly output: string | null;
  readonly errorFile?: string | null;
  /** What went wrong before any request was answered. */
  readonly errors?: readonly JsonObject[];
  /** Seconds since 1970, as are the other times; `endedAt` belongs to whichever end the status says. */
  readonly createdAt: number | null;
  readonly startedAt?: number | null;
  readonly endedAt?: number | null;
  readonly expiresAt?: number | null;
  /** How long it may take: `24h` unless said. */
  readonly window?: string;
  readonly counts?: BatchCounts;
  readonly metadata?: JsonValue | undefined;
}

export interface BatchCounts {
  readonly total?: number | undefined;
  readonly completed?: number | undefined;
  readonly failed?: number | undefined;
}

export const batchObject = (facts: BatchFacts): JsonObject => {
  const { status, endedAt = null, counts = {}, errors = [] } = facts;
  const at = (ending: string): number | null => (status === ending ? endedAt : null);
  return {
    id: facts.id,
    object: "batch",
    endpoint: facts.endpoint,
    model: facts.model,
    errors: errors.length === 0 ? null : { object: "list", data: errors },
    input_file_id: facts.input,
    completion_window: facts.window ?? "24h",
    status,
    output_file_id: facts.output,
    error_file_id: facts.errorFile ?? null,
    created_at: facts.createdAt ?? 0,
    in_progress_at: facts.startedAt ?? null,
    expires_at: facts.expiresAt ?? null,
    finalizing_at: null,
    completed_at: at("completed"),
    failed_at: at("failed"),
    expired_at: at("expired"),
    cancelling_at: null,
    cancelled_at: at("cancelled"),
    request_counts: {
      total: counts.total ?? 0,
      completed: counts.completed ?? 0,
      failed: counts.failed ?? 0,
    },
    metadata: facts.metadata ?? null,
  };
};
