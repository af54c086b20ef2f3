/** Reads a routing config: text or JSON in, a valid tree with one spelling out, or an error that names every fault. */
import {
  DEFAULT_CONFIG_LIMITS,
  MAX_CONFIG_CHARACTERS,
  overgrown,
  unfit,
  type ConfigLimits,
} from "./config-limits.ts";
import { configRules, type GatewayFacts } from "./config-rules.ts";
import { ConfigSchema, MAX_REQUEST_TIMEOUT_MS, MAX_RETRY_ATTEMPTS, type Config } from "./config.ts";
import { GatewayError } from "./errors.ts";
import { expected, faultLine, faultsOf, ruleFault, type Fault } from "./faults.ts";
import { isArray, isNumber, isObject, isString, type JsonObject, type JsonValue } from "./json.ts";
import { normalise } from "./normalise.ts";
import { withoutSlugs } from "./slugs.ts";

export interface ConfigRules extends GatewayFacts, Partial<ConfigLimits> {}

/** The config that `raw` (the header's text, or JSON) says. Throws `GatewayError("invalid_config")`. */
export const readConfig = (raw: string | JsonObject, rules: ConfigRules): Config => {
  const limits = { ...DEFAULT_CONFIG_LIMITS, ...rules };
  const written = parse(raw);
  judge(unfit(written, limits));
  const spelled = normalise(written);
  judge(overgrown(spelled, limits));
  const config = tidy(spelled, rules);
  judge(...faultsOf(ConfigSchema, config, configRules(config, rules)));
  if (config.options) throw new GatewayError("invalid_config", OUTDATED);
  return config;
};

const NOT_JSON = "Invalid config passed. You need to pass a valid json";
const FAULTY = "Invalid config passed";
const OUTDATED =
  "This version of config is not supported in this route. Please migrate to the latest version";

/** Faults that are told at once; a large config could have a line for each of its values. */
const MAX_FAULTS = 100;

/** As the reference does, `null` counts as no JSON, and other values are told what they are. */
const parse = (raw: string | JsonObject): JsonObject => {
  const value = isString(raw) ? parseText(raw) : raw;
  if (value === undefined || value === null) throw new GatewayError("invalid_config", NOT_JSON);
  if (!isObject(value)) return refuse(expected([], "object", value));
  return value;
};

const parseText = (text: string): JsonValue | undefined => {
  if (text.length > MAX_CONFIG_CHARACTERS) {
    refuse(ruleFault([], `Config must contain at most ${MAX_CONFIG_CHARACTERS} character(s)`));
  }
  try {
    return JSON.parse(text) as JsonValue; // what JSON's parser gives is JSON
  } catch {
    return undefined; // the parser's message would quote the text
  }
};

const judge = (...faults: readonly (Fault | undefined)[]): void => {
  const found = faults.filter((fault) => fault !== undefined);
  if (found.length > 0) refuse(...found);
};

const refuse = (...found: readonly Fault[]): never => {
  throw new GatewayError("invalid_config", FAULTY, { errors: found.slice(0, MAX_FAULTS).map(faultLine) });
};

/** Keys that Portkey's gateway 1.15 does not judge, so that clients may write `null` for nothing. */
const NULLABLE: ReadonlySet<string> = new Set([
  "name",
  "id",
  "virtual_key",
  "override_params",
  "input_mutators",
  "output_mutators",
  "cb_config",
  "is_open",
]);

const withoutNulls = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key, value]) => value !== null || !NULLABLE.has(key)));

/** A strategy of one target, which is the node itself: mintlify.com/portkey-AI/gateway/concepts/routing, "Single Mode". */
const withoutIdleStrategy = (node: JsonObject): JsonObject => {
  const { strategy, ...rest } = node;
  const isIdle = isObject(strategy) && strategy.mode === "single" && node.targets === undefined;
  return isIdle && node.provider !== undefined ? rest : node;
};

/** Names replaced and numbers cut to what is obeyed, where they are of the right type. */
const tidy = (written: JsonObject, rules: ConfigRules): JsonObject => {
  const node = withoutSlugs(withoutIdleStrategy(withoutNulls(written)), {
    isVirtualKey: rules.isVirtualKey,
    isProvider: (name) => rules.providers.includes(canonical(name, rules)),
  });
  const { provider, request_timeout: timeout, retry, strategy, targets } = node;
  return {
    ...node,
    ...(isObject(strategy) && { strategy: withoutNulls(strategy) }),
    ...(isString(provider) && { provider: canonical(provider, rules) }),
    ...(isNumber(timeout) && { request_timeout: Math.min(timeout, MAX_REQUEST_TIMEOUT_MS) }),
    ...(isObject(retry) && { retry: tidyRetry(retry) }),
    ...(isArray(targets) && { targets: targets.map((target) => tidyTarget(target, rules)) }),
  };
};

const tidyTarget = (target: JsonValue, rules: ConfigRules): JsonValue =>
  isObject(target) ? tidy(target, rules) : target;

const tidyRetry = (retry: JsonObject): JsonObject =>
  isNumber(retry.attempts)
    ? { ...retry, attempts: Math.min(Math.max(Math.trunc(retry.attempts), 0), MAX_RETRY_ATTEMPTS) }
    : retry;

const canonical = (provider: string, { providers, canonicalProvider }: ConfigRules): string =>
  providers.includes(provider) ? provider : (canonicalProvider?.(provider) ?? provider);
