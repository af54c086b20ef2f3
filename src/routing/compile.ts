/** Compiles a config's tree, once, into the one function that answers calls. */
import type { ConfigNode, Inherited } from "../schema/config.ts";
import { inherit, NOTHING_INHERITED } from "../schema/config.ts";
import type { ReplyHead } from "../schema/outcome.ts";
import type { Dispatch, RoutedCall } from "../schema/plan.ts";
import { conditional } from "./conditional.ts";
import { fallback } from "./fallback.ts";
import { loadbalance } from "./loadbalance.ts";
import { compileQuery } from "./match.ts";
import { DEFAULT_RETRY_STATUSES, retry } from "./retry.ts";

/** Makes the dispatch of one target: `path` is its place (`config.targets[0]`), `node` what holds there. */
export type Leaf<Call extends RoutedCall, Reply extends ReplyHead> = (
  path: string,
  node: Inherited,
) => Dispatch<Call, Reply>;

export const compile = <Call extends RoutedCall, Reply extends ReplyHead>(
  config: ConfigNode,
  leaf: Leaf<Call, Reply>,
): Dispatch<Call, Reply> => compileNode(config, NOTHING_INHERITED, "config", leaf);

const compileNode = <Call extends RoutedCall, Reply extends ReplyHead>(
  node: ConfigNode,
  parent: Inherited,
  path: string,
  leaf: Leaf<Call, Reply>,
): Dispatch<Call, Reply> => {
  const held = inherit(parent, node);
  const { strategy } = node;
  if (strategy === undefined) return withRetry(leaf(path, held), held);
  const compiled = (node.targets ?? []).map((target, index) => ({
    target,
    dispatch: compileNode(target, held, `${path}.targets[${index}]`, leaf),
  }));
  const children = standing(compiled, held);
  switch (strategy.mode) {
    case "single":
      return fallback(dispatchesOf(children).slice(0, 1), {});
    case "fallback":
      return fallback(dispatchesOf(children), { onStatusCodes: strategy.on_status_codes });
    case "loadbalance":
      return loadbalance(children.map(({ target, dispatch }) => ({ dispatch, weight: target.weight ?? 1 })));
    case "conditional":
      return conditional(
        named(compiled),
        strategy.conditions?.map(({ query, then }, index) => ({
          then,
          matches: compileQuery(query, `${path}.strategy.conditions[${index}].query`),
        })),
        strategy.default,
      );
  }
};

interface Child<Call extends RoutedCall, Reply extends ReplyHead> {
  readonly target: ConfigNode;
  readonly dispatch: Dispatch<Call, Reply>;
}

const dispatchesOf = <Call extends RoutedCall, Reply extends ReplyHead>(
  children: readonly Child<Call, Reply>[],
): readonly Dispatch<Call, Reply>[] => children.map(({ dispatch }) => dispatch);

/**
 * The children without those that are marked as open, unless all are. The mark counts in a config that has an id
 * alone, as in Portkey's gateway 1.15; a condition names its child, so none is taken from it.
 */
const standing = <Call extends RoutedCall, Reply extends ReplyHead>(
  children: readonly Child<Call, Reply>[],
  held: Inherited,
): readonly Child<Call, Reply>[] => {
  const closed = held.id === undefined ? [] : children.filter(({ target }) => target.is_open !== true);
  return closed.length === 0 ? children : closed;
};

/** The first target of a name is the one that is meant. */
const named = <Call extends RoutedCall, Reply extends ReplyHead>(
  children: readonly Child<Call, Reply>[],
): ReadonlyMap<string, Dispatch<Call, Reply>> => {
  const byName = new Map<string, Dispatch<Call, Reply>>();
  for (const { target, dispatch } of children) {
    const { name } = target;
    if (name !== undefined && !byName.has(name)) byName.set(name, dispatch);
  }
  return byName;
};

const withRetry = <Call extends RoutedCall, Reply extends ReplyHead>(
  dispatch: Dispatch<Call, Reply>,
  held: Inherited,
): Dispatch<Call, Reply> => {
  const policy = held.retry;
  if (policy === undefined || policy.attempts === 0) return dispatch;
  return retry(dispatch, {
    attempts: policy.attempts,
    onStatusCodes: policy.on_status_codes ?? DEFAULT_RETRY_STATUSES,
    useRetryAfterHeader: policy.use_retry_after_header === true,
  });
};
