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
import { faultLine, faultsOf, ruleFault, type Fault } from "./faults.ts";
import { isArray, isNumber, isObject, isString, type JsonObject, type JsonValue } from "./json.ts";
import { normalise } from "./normalise.ts";

export interface ConfigRules extends GatewayFacts, Partial<ConfigLimits> {}

/** The config that `raw` (the header's text, or JSON) says. Throws `GatewayError("invalid_config")`. */
export const readConfig = (raw: string | JsonObject, rules: ConfigRules): Config => {
  const limits = { ...DEFAULT_CONFIG_LIMITS, ...rules };
  const written = parse(raw);
  refuse(unfit(written, limits));
  const spelled = normalise(written);
  refuse(overgrown(spelled, limits));
  const config = tidy(spelled, rules);
  refuse(...faultsOf(ConfigSchema, config, configRules(config, rules)));
  if (config.options) throw new GatewayError("invalid_config", OUTDATED);
  return config;
};

const NOT_JSON = "Invalid config passed. You need to pass a valid json";
const FAULTY = "Invalid config passed";
const OUTDATED =
  "This version of config is not supported in this route. Please migrate to the latest version";

/** Faults that are told at once; a large config could have a line for each of its values. */
const MAX_FAULTS = 100;

const parse = (raw: string | JsonObject): JsonObject => {
  const value: unknown = isString(raw) ? parseText(raw) : raw;
  if (!isObject(value)) throw new GatewayError("invalid_config", NOT_JSON);
  return value;
};

const parseText = (text: string): unknown => {
  if (text.length > MAX_CONFIG_CHARACTERS) {
    refuse(ruleFault([], `Config must contain at most ${MAX_CONFIG_CHARACTERS} character(s)`));
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's message would quote the text
  }
};

const refuse = (...faults: readonly (Fault | undefined)[]): void => {
  const found = faults.filter((fault) => fault !== undefined);
  if (found.length === 0) return;
  throw new GatewayError("invalid_config", FAULTY, { errors: found.slice(0, MAX_FAULTS).map(faultLine) });
};

/** Aliases replaced and numbers cut to what is obeyed, where they are of the right type. */
const tidy = (node: JsonObject, rules: ConfigRules): JsonObject => {
  const { provider, request_timeout: timeout, retry, targets } = node;
  return {
    ...node,
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
