/** Conditional: the first condition that holds names the child. */
import { GatewayError } from "../schema/errors.ts";
import type { ReplyHead } from "../schema/outcome.ts";
import type { Dispatch, MatchScope, RoutedCall } from "../schema/plan.ts";

export interface Branch {
  readonly matches: (scope: MatchScope) => boolean;
  readonly then: string;
}

export const conditional =
  <Call extends RoutedCall, Reply extends ReplyHead>(
    children: ReadonlyMap<string, Dispatch<Call, Reply>>,
    branches: readonly Branch[] | undefined,
    otherwise: string | undefined,
  ): Dispatch<Call, Reply> =>
  async (call) => {
    if (branches === undefined) throw routerError("No conditions passed in the query router");
    const scope = call.scope();
    const name = branches.find((branch) => branch.matches(scope))?.then ?? otherwise;
    if (name === undefined) throw routerError("Query router did not resolve to any valid target");
    const child = children.get(name);
    if (child === undefined) throw routerError(`Invalid target name found in the query router: ${name}`);
    return child(call);
  };

const routerError = (message: string): GatewayError => new GatewayError("router_error", message);
