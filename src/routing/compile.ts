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
  const targets = node.targets ?? [];
  const children = targets.map((child, index) => compileNode(child, held, `${path}.targets[${index}]`, leaf));
  switch (strategy.mode) {
    case "single":
      return fallback(children.slice(0, 1), {});
    case "fallback":
      return fallback(children, { onStatusCodes: strategy.on_status_codes });
    case "loadbalance":
      return loadbalance(
        children.map((dispatch, index) => ({ dispatch, weight: targets[index]?.weight ?? 1 })),
      );
    case "conditional":
      return conditional(
        named(targets, children),
        strategy.conditions?.map(({ query, then }, index) => ({
          then,
          matches: compileQuery(query, `${path}.strategy.conditions[${index}].query`),
        })),
        strategy.default,
      );
  }
};

/** The first target of a name is the one that is meant. */
const named = <Child>(
  targets: readonly ConfigNode[],
  children: readonly Child[],
): ReadonlyMap<string, Child> => {
  const byName = new Map<string, Child>();
  for (const [index, child] of children.entries()) {
    const name = targets[index]?.name;
    if (name !== undefined && !byName.has(name)) byName.set(name, child);
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
