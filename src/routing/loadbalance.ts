/** Load balance: one child by chance, in proportion to its weight. */
import type { Outcome, ReplyHead } from "../schema/outcome.ts";
import type { Dispatch, RoutedCall } from "../schema/plan.ts";
import { isElsewhere } from "./elsewhere.ts";

export interface Weighted<Call extends RoutedCall, Reply extends ReplyHead> {
  /** Zero or more; a child of weight 0 is chosen only when no other has any. */
  readonly weight: number;
  readonly dispatch: Dispatch<Call, Reply>;
}

export const loadbalance = <Call extends RoutedCall, Reply extends ReplyHead>(
  children: readonly Weighted<Call, Reply>[],
): Dispatch<Call, Reply> => {
  const largest = Math.max(...children.map((child) => child.weight));
  // Shares of the largest weight, so that a sum of huge weights stays finite.
  const shares = children.map((child) => (largest > 0 ? child.weight / largest : 1));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return async (call) => {
    const index = pick(shares, call.world.random() * total);
    const chosen = children[index];
    if (chosen === undefined) return { kind: "cancelled" }; // never empty: it would not compile
    const outcome = await chosen.dispatch(call);
    return isElsewhere(outcome) ? askOthers(call, outcome, others(children, shares, index)) : outcome;
  };
};

/** The children that might have been chosen, too. */
const others = <Child>(
  children: readonly Child[],
  shares: readonly number[],
  chosen: number,
): readonly Child[] => children.filter((_, index) => index !== chosen && (shares[index] ?? 0) > 0);

/** The first child that the call may be for. */
const askOthers = async <Call extends RoutedCall, Reply extends ReplyHead>(
  call: Call,
  first: Outcome<Reply>,
  children: readonly Weighted<Call, Reply>[],
): Promise<Outcome<Reply>> => {
  for (const { dispatch } of children) {
    if (!call.hasTries()) return first;
    const outcome = await dispatch(call);
    if (!isElsewhere(outcome)) return outcome;
  }
  return first;
};

/** The first index whose share covers `drawn`; rounding at the very end falls to the last child with a share. */
const pick = (shares: readonly number[], drawn: number): number => {
  let rest = drawn;
  for (const [index, share] of shares.entries()) {
    if (rest < share) return index;
    rest -= share;
  }
  return shares.findLastIndex((share) => share > 0);
};
