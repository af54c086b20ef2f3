/** Chooses what to do with a call: headers, a named config or the default become a compiled dispatch. */
import { LRUCache } from "lru-cache";
import { customHostFault } from "../lib/egress.ts";
import type { EgressPolicy } from "../lib/egress.ts";
import { mayCall } from "../providers/auth.ts";
import { compile } from "../routing/compile.ts";
import type { Config } from "../schema/config.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import type { Dispatch } from "../schema/plan.ts";
import type { ConfigRules } from "../schema/read-config.ts";
import { readConfig } from "../schema/read-config.ts";
import { attempt } from "./attempt.ts";
import type { Addressed, Call, Surroundings } from "./call.ts";
import { unmet } from "./unmet.ts";
import { checkForwardName } from "./forward.ts";
import type { GatewayHeaders } from "./headers.ts";
import type { Inbound, Ingress } from "./inbound.ts";
import { bodyJson } from "./inbound.ts";
import type { Reply } from "./reply-head.ts";

export interface Plan {
  readonly dispatch: Dispatch<Call, Reply>;
  /** The config itself says which provider; otherwise the request must. */
  readonly namesProvider: boolean;
  /** What the config asks for and this version does not have. */
  readonly notes: readonly string[];
}

export interface Chosen {
  readonly plan: Plan;
  readonly addressed: Addressed | undefined;
}

export interface Planner {
  choose(inbound: Inbound, headers: GatewayHeaders): Chosen;
}

const MAX_PLANS = 500;
const NO_PROVIDER =
  "Either x-portkey-provider needs to be passed. Or the x-portkey-config header should have a valid config with provider details in it.";

export interface PlannerOptions {
  readonly surroundings: Surroundings;
  readonly policy: EgressPolicy;
  /** The operator's configs by name, as written. */
  readonly configs: Readonly<Record<string, JsonObject>>;
  /** The name of the config of calls that bring none. */
  readonly defaultConfig?: string | undefined;
}

export const createPlanner = (options: PlannerOptions): Planner => {
  const { surroundings, policy } = options;
  const rules = configRules(surroundings, policy);
  const planOf = (config: Config, isOperators: boolean): Plan => ({
    notes: unmet(config),
    dispatch: compile<Call, Reply>(config, (path, node) => attempt({ path, node, isOperators })),
    namesProvider:
      config.provider !== undefined || config.targets !== undefined || config.virtual_key !== undefined,
  });
  // The operator chose the hosts in these, so they are not judged as a caller's.
  const operatorRules: ConfigRules = { ...rules, customHostFault: () => undefined };
  const namedPlans = new Map(
    Object.entries(options.configs).map(([name, config]) => [
      name,
      planOf(readNamed(name, config, operatorRules), true),
    ]),
  );
  const judgeHost = remembered((host: string) => customHostFault(host, policy));
  const bare = planOf({}, false);
  const sent = new LRUCache<string, Plan>({ max: MAX_PLANS });
  const planFor = (header: string | undefined, isAddressed: boolean): Plan => {
    if (header === undefined) return bare;
    const known = namedPlans.get(header) ?? sent.get(header);
    if (known !== undefined) return known;
    if (!isAddressed && !saysProvider(header)) throw new GatewayError("missing_provider", NO_PROVIDER);
    const plan = planOf(readConfig(header, rules), false);
    sent.set(header, plan);
    return plan;
  };
  return {
    choose(inbound, headers) {
      const named = addressedBy(inbound, headers, surroundings);
      const config = headers.config ?? (named === undefined ? options.defaultConfig : undefined);
      const addressed = named ?? ownerOf(inbound.ingress);
      if (config === undefined && addressed === undefined)
        throw new GatewayError(
          "missing_provider",
          "Either x-portkey-config or x-portkey-provider header is required",
        );
      checkHeaders(headers, surroundings, judgeHost);
      const plan = planFor(config, addressed !== undefined);
      for (const name of headers.forwardHeaders ?? []) checkForwardName(name);
      if (!plan.namesProvider && addressed === undefined)
        throw new GatewayError("missing_provider", NO_PROVIDER);
      return { plan, addressed };
    },
  };
};

/** Asked before the config is judged, as the reference does; what is no JSON at all is judged there. */
const saysProvider = (config: string): boolean => {
  try {
    const written: unknown = JSON.parse(config);
    return written === null || (isObject(written) && NAMING_KEYS.some((key) => Boolean(written[key])));
  } catch {
    return true;
  }
};

const NAMING_KEYS = ["provider", "targets", "virtual_key", "virtualKey"] as const;

const configRules = (surroundings: Surroundings, policy: EgressPolicy): ConfigRules => {
  const { catalog, environment, limits, virtualKeys } = surroundings;
  return {
    providers: catalog.ids,
    canonicalProvider: (alias) => catalog.find(alias.replace(/^@/, ""))?.id,
    customHostFault: (value) => customHostFault(value, policy),
    needs: (provider) => catalog.find(provider)?.needs,
    hasCredential: (provider) => {
      const row = catalog.find(provider);
      return row !== undefined && mayCall(row, environment);
    },
    isVirtualKey: (name) => virtualKeys.has(name),
    maxDepth: limits.maxConfigDepth,
    maxTargets: limits.maxConfigTargets,
  };
};

const readNamed = (name: string, config: JsonObject, rules: ConfigRules): Config => {
  try {
    return readConfig(config, rules);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new GatewayError(
      "invalid_config",
      `Cannot load config ${JSON.stringify(name)}: ${[error.message, ...(error.errors ?? [])].join("; ")}`,
    );
  }
};

type HostJudge = (host: string) => string | undefined;

/** Few hosts are named many times; judging one parses it. */
const remembered = (judge: HostJudge): HostJudge => {
  const known = new LRUCache<string, { readonly fault: string | undefined }>({ max: MAX_PLANS });
  return (host) => {
    const verdict = known.get(host);
    if (verdict !== undefined) return verdict.fault;
    const fault = judge(host);
    known.set(host, { fault });
    return fault;
  };
};

/** In the reference's order, so that of two faults the same one is told. */
const checkHeaders = (headers: GatewayHeaders, surroundings: Surroundings, judgeHost: HostJudge): void => {
  if (
    headers.provider !== undefined &&
    surroundings.catalog.find(headers.provider.replace(/^@/, "")) === undefined &&
    !isVirtualKeyName(headers.provider, surroundings)
  )
    throw new GatewayError("invalid_provider", "Invalid provider passed", { param: "x-portkey-provider" });
  if (headers.customHost !== undefined && judgeHost(headers.customHost) !== undefined)
    throw new GatewayError("invalid_custom_host", "Invalid custom host", { param: "x-portkey-custom-host" });
};

const isVirtualKeyName = (name: string, { virtualKeys }: Surroundings): boolean =>
  name.startsWith("@") && virtualKeys.has(name.slice(1));

/** `x-portkey-provider`, `x-portkey-virtual-key`, or the front of the model: `anthropic/claude…`, `@name/model`. */
const addressedBy = (
  inbound: Inbound,
  headers: GatewayHeaders,
  surroundings: Surroundings,
): Addressed | undefined => {
  if (headers.provider !== undefined) return { provider: headers.provider };
  if (headers.virtualKey !== undefined) return { provider: `@${headers.virtualKey}` };
  return addressedByModel(bodyJson(inbound)["model"], surroundings);
};

/** A vendor's own path goes to that vendor, where nobody says otherwise. */
const ownerOf = ({ native }: Ingress): Addressed | undefined =>
  native === undefined ? undefined : { provider: native.provider };

const addressedByModel = (model: unknown, surroundings: Surroundings): Addressed | undefined => {
  if (!isString(model)) return undefined;
  const slash = model.indexOf("/");
  if (slash < 1) return undefined;
  const provider = model.slice(0, slash);
  const isKnown =
    isVirtualKeyName(provider, surroundings) ||
    surroundings.catalog.find(provider.replace(/^@/, "")) !== undefined;
  return isKnown ? { provider, model: model.slice(slash + 1) } : undefined;
};
