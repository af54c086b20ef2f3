/** Whether a list of status codes names an outcome. */
import type { Outcome } from "../schema/outcome.ts";
import { statusOf } from "../schema/outcome.ts";

/** What a network failure goes by. The reference calls it 500 (503 for a connect timeout), so lists written for it say those. */
const NETWORK_STATUSES: readonly number[] = [500, 502, 503, 504];

export const isListed = (outcome: Outcome, statuses: readonly number[]): boolean => {
  if (statuses.includes(statusOf(outcome))) return true;
  return (
    outcome.kind === "failed" &&
    outcome.error.status >= 500 &&
    outcome.cause !== "unsupported" &&
    NETWORK_STATUSES.some((status) => statuses.includes(status))
  );
};
