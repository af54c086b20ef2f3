/** What a target was not asked for, because it is not for it: no failure of its own, whatever a policy says. */
import type { Outcome } from "../schema/outcome.ts";

/** It does not offer the endpoint, or cannot know what the call refers to; another target may. */
export const isElsewhere = (outcome: Outcome): boolean =>
  outcome.kind === "failed" && outcome.cause === "unsupported";
