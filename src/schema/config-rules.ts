/** The rules of a config that no schema can say: what must stand together, and what only this gateway knows. */
import { inheritOptions } from "./config.ts";
import { expected, ruleFault, type Fault, type Path, type Rule, type Rules } from "./faults.ts";
import { isArray, isNumber, isObject, isString, type JsonObject, type JsonValue } from "./json.ts";
import type { OptionNeed } from "./provider-row.ts";
import { queryFaults } from "./query.ts";

/** What the gateway knows that decides whether a config is valid. */
export interface GatewayFacts {
  /** Every provider's id, in the order in which a message lists them. */
  readonly providers: readonly string[];
  /** The id behind another name of a provider. */
  readonly canonicalProvider?: (alias: string) => string | undefined;
  /** What is wrong with a custom host, `undefined` when it may be called. */
  readonly customHostFault: (value: string) => string | undefined;
  /** True when the provider needs no credential, or when the gateway has one for it. */
  readonly hasCredential: (provider: string) => boolean;
  readonly isVirtualKey: (name: string) => boolean;
  /** What a provider needs of a config besides a credential. */
  readonly needs?: (provider: string) => OptionNeed | undefined;
}

/** The rules that the config's schema names, for the config `root`. */
export const configRules = (root: JsonObject, facts: GatewayFacts): Rules =>
  new Map<string, Rule>([
    ["provider", (value, path) => (isKnown(value, facts) ? [] : [ruleFault(path, unknownProvider(facts))])],
    ["forward_headers", (value, path) => (namesItself(value) ? [ruleFault(path, FORWARDS_ITSELF)] : [])],
    ["query", (value, path) => (isObject(value) ? queryFaults(value, path) : [])],
    ["node", (value, path, sound) => (isObject(value) ? nodeFaults(root, value, path, sound, facts) : [])],
  ]);

const FORWARDS_ITSELF = "forward_headers must not contain the 'x-portkey-forward-headers' header";
const INCOMPLETE =
  "Invalid configuration. It must have either 'provider' and 'api_key', or 'strategy' and 'targets', or 'cache', or 'retry', or 'request_timeout'";
const INVALID_HOST = "Invalid custom host";
const NO_STRATEGY = "Invalid configuration. 'targets' needs a 'strategy'";
const NO_TARGETS = "Array must contain at least 1 element(s)";
const NO_WEIGHT = "At least one target must have a weight greater than 0";

/** Any of these makes a node worth having, as it completes what a header says. */
const SUFFICIENT_KEYS = [
  "cache",
  "retry",
  "request_timeout",
  "before_request_hooks",
  "after_request_hooks",
  "input_guardrails",
  "output_guardrails",
] as const;

const unknownProvider = (facts: GatewayFacts): string =>
  `Invalid 'provider' value. Must be one of: ${facts.providers.join(", ")}`;

const isKnown = (provider: JsonValue, facts: GatewayFacts): provider is string =>
  isString(provider) && facts.providers.includes(provider);

const namesItself = (headers: JsonValue): boolean =>
  isArray(headers) &&
  headers.some((name) => isString(name) && name.trim().toLowerCase() === "x-portkey-forward-headers");

const nodeFaults = (
  root: JsonObject,
  node: JsonObject,
  path: Path,
  sound: boolean,
  facts: GatewayFacts,
): readonly Fault[] => {
  const options = optionsAt(root, path);
  const { custom_host: host, strategy, targets } = node;
  const faults: Fault[] = [];
  if (!isSufficient(node) && !hasAccess(options, facts)) faults.push(ruleFault(path, INCOMPLETE));
  if (isString(host) && facts.customHostFault(host) !== undefined) faults.push(ruleFault(path, INVALID_HOST));
  const lack = strategy === undefined ? lackOf(options, facts) : undefined;
  if (lack !== undefined) faults.push(ruleFault(path, lack));
  if (strategy === undefined && targets !== undefined) faults.push(ruleFault(path, NO_STRATEGY));
  // A group that is already at fault gets the messages of Portkey's gateway 1.15 alone, as its clients expect.
  return sound && faults.length === 0 && isObject(strategy) ? groupFaults(strategy, targets, path) : faults;
};

const groupFaults = (strategy: JsonObject, targets: JsonValue | undefined, path: Path): readonly Fault[] => {
  const below = [...path, "targets"];
  if (!isArray(targets)) return [expected(below, "array", targets)];
  if (targets.length === 0) return [ruleFault(below, NO_TARGETS)];
  const isIdle = strategy.mode === "loadbalance" && !targets.some(hasWeight);
  return isIdle ? [ruleFault(below, NO_WEIGHT)] : [];
};

const hasWeight = (target: JsonValue): boolean =>
  isObject(target) && (!isNumber(target.weight) || target.weight > 0);

const isSufficient = (node: JsonObject): boolean =>
  SUFFICIENT_KEYS.some((key) => node[key] !== undefined) ||
  (node.strategy !== undefined && node.targets !== undefined);

const hasAccess = (options: JsonObject, facts: GatewayFacts): boolean =>
  hasVirtualKey(options, facts) ||
  has(options, "aws_access_key_id", "aws_secret_access_key") ||
  has(options, "oracle_fingerprint", "oracle_private_key") ||
  hasProviderAccess(options, facts);

const hasProviderAccess = (options: JsonObject, facts: GatewayFacts): boolean => {
  const { provider } = options;
  if (provider === undefined) return false;
  if (options.api_key !== undefined) return true;
  const need = needOf(options, facts);
  if (need !== undefined && meets(options, need)) return true;
  if (has(options, "azure_auth_mode") || has(options, "azure_ad_token")) return true;
  return isKnown(provider, facts) && facts.hasCredential(provider);
};

/** What the provider's own rule says of options that lack what it needs. */
const lackOf = (options: JsonObject, facts: GatewayFacts): string | undefined => {
  const need = needOf(options, facts);
  return need === undefined || meets(options, need) || hasVirtualKey(options, facts) ? undefined : need.fault;
};

const needOf = ({ provider }: JsonObject, facts: GatewayFacts): OptionNeed | undefined =>
  isString(provider) ? facts.needs?.(provider) : undefined;

const meets = (options: JsonObject, { anyOf, orKey }: OptionNeed): boolean =>
  anyOf.some((set) => has(options, ...set)) || isKeyOf(options, orKey);

const isKeyOf = ({ api_key: key }: JsonObject, pattern: string | undefined): boolean =>
  pattern !== undefined && isString(key) && new RegExp(pattern).test(key);

const hasVirtualKey = ({ virtual_key: name }: JsonObject, facts: GatewayFacts): boolean =>
  isString(name) && facts.isVirtualKey(name);

const has = (options: JsonObject, ...keys: readonly string[]): boolean =>
  keys.every((key) => options[key] !== undefined);

/** The provider options that hold at the node at `path`, its ancestors' included. */
const optionsAt = (root: JsonObject, path: Path): JsonObject => {
  let place: JsonValue | undefined = root;
  let options = inheritOptions({}, root);
  for (const step of path) {
    place = child(place, step);
    if (isObject(place)) options = inheritOptions(options, place);
  }
  return options;
};

const child = (place: JsonValue | undefined, step: string | number): JsonValue | undefined => {
  if (isArray(place)) return place[Number(step)];
  return isObject(place) ? place[step] : undefined;
};
