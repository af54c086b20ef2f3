/** What another server keeps: no failure of the target that was asked for it, whatever a policy says. */
import type { ErrorCode } from "../schema/errors.ts";
import type { Outcome } from "../schema/outcome.ts";

const ELSEWHERE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["previous_response_not_found", "not_found"]);

/** The target was not asked at all, because it cannot know what the call refers to; another one may. */
export const isElsewhere = (outcome: Outcome): boolean =>
  outcome.kind === "failed" && outcome.cause === "unprepared" && ELSEWHERE.has(outcome.error.code);
