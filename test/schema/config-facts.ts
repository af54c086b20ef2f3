/** A gateway's facts for tests of configs, and the faults that a config has in its eyes. */
import { createCatalog } from "../../src/providers/catalog.ts";
import { GatewayError } from "../../src/schema/errors.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import { readConfig, type ConfigRules } from "../../src/schema/read-config.ts";

export const FACTS: ConfigRules = {
  providers: ["openai", "anthropic", "azure-openai", "bedrock", "ollama", "vertex-ai"],
  canonicalProvider: (alias) => (alias === "claude" ? "anthropic" : undefined),
  customHostFault: (value) => (value.startsWith("https://") ? undefined : "not https"),
  needs: (provider) => createCatalog().find(provider)?.needs,
  hasCredential: (provider) => provider === "ollama",
  isVirtualKey: (name) => name === "team-openai",
};

export const read = (config: string | JsonObject, rules: Partial<ConfigRules> = {}) =>
  readConfig(config, { ...FACTS, ...rules });

/** The error that refuses `config`. */
export const refusal = (config: string | JsonObject, rules: Partial<ConfigRules> = {}): GatewayError => {
  try {
    read(config, rules);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("The config was accepted");
};

/** The lines of that error; none when `config` is accepted. */
export const faultLines = (
  config: string | JsonObject,
  rules: Partial<ConfigRules> = {},
): readonly string[] => {
  try {
    read(config, rules);
    return [];
  } catch (error) {
    if (error instanceof GatewayError) return error.errors ?? [error.message];
    throw error;
  }
};
