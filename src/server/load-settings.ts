/** Settings out of a file, the environment and flags; a later one of these wins over an earlier one. */
import { readFileSync } from "node:fs";
import { parseTrustedHosts } from "../lib/egress.ts";
import { OPENAI_PATHS, REALTIME } from "../providers/compatible.ts";
import { Secret } from "../lib/secret.ts";
import type { ClientDialectId } from "../schema/chat.ts";
import { faultsOf } from "../schema/faults.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import type { Limits } from "../schema/limits.ts";
import { DEFAULT_LIMITS } from "../schema/limits.ts";
import type { ProviderRow } from "../schema/provider-row.ts";
import type { Settings, SettingsFile, VirtualKey } from "../schema/settings.ts";
import { MAX_TIMER_MS, SettingsFileSchema } from "../schema/settings.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../telemetry/log.ts";
import { storageSettings } from "./storage-settings.ts";

/** Something the operator has to put right; the message is one line for them. */
export class SettingsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SettingsError";
  }
}

export interface Flags {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly settings?: string | undefined;
  readonly "log-level"?: string | undefined;
  readonly "log-format"?: string | undefined;
  readonly data?: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export const loadSettings = (flags: Flags, environment: Environment): Settings => {
  const path = flags.settings ?? word(environment, "TURNPIKE_SETTINGS");
  const file = path === undefined ? {} : readSettingsFile(path);
  const trusted = word(environment, "TRUSTED_CUSTOM_HOSTS");
  return {
    path,
    host: flags.host ?? word(environment, "TURNPIKE_HOST", "HOST") ?? file.listen?.host ?? "127.0.0.1",
    port: portOf(flags, environment) ?? file.listen?.port ?? 8787,
    allowedHosts: file.listen?.allowed_hosts ?? [],
    corsOrigins: [file.listen?.cors_origins ?? []].flat(),
    logLevel:
      oneOf(LOG_LEVELS, "log level", flags["log-level"] ?? word(environment, "TURNPIKE_LOG_LEVEL")) ??
      file.log?.level ??
      "info",
    logFormat:
      oneOf(LOG_FORMATS, "log format", flags["log-format"] ?? word(environment, "TURNPIKE_LOG_FORMAT")) ??
      file.log?.format ??
      "json",
    trustedHosts: trusted === undefined ? file.egress?.trusted_hosts : parseTrustedHosts(trusted),
    limits: limitsOf(file, environment),
    storage: storageSettings(flags.data, (...names) => word(environment, ...names), file.storage),
    providers: (file.providers ?? []).map(providerRow),
    virtualKeys: virtualKeysOf(file, environment),
    configs: file.configs ?? {},
    defaultConfig: defaultConfigOf(file),
  };
};

/** The first of some variables that says something. */
const word = (environment: Environment, ...names: readonly string[]): string | undefined =>
  names.map((name) => environment[name]?.trim()).find((value) => value !== undefined && value !== "");

const portOf = (flags: Flags, environment: Environment): number | undefined => {
  const value = flags.port ?? word(environment, "TURNPIKE_PORT", "PORT");
  if (value === undefined) return undefined;
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new SettingsError(
    `Cannot listen: port must be a number from 0 to 65535, not ${JSON.stringify(value)}`,
  );
};

const oneOf = <T extends string>(
  words: readonly T[],
  what: string,
  value: string | undefined,
): T | undefined => {
  if (value === undefined) return undefined;
  const found = words.find((candidate) => candidate === value);
  if (found === undefined)
    throw new SettingsError(`Cannot start: ${what} must be one of ${words.join(", ")}`);
  return found;
};

const readSettingsFile = (path: string): SettingsFile => {
  const value = parseSettings(path, readText(path));
  const faults = faultsOf(SettingsFileSchema, value);
  if (faults.length === 0) return value; // it fits the schema
  const [first] = faults;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  throw new SettingsError(`Cannot load settings ${path}: /${first?.path.join("/")} ${first?.message}${more}`);
};

const readText = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new SettingsError(
      `Cannot load settings ${path}: ${code === "ENOENT" ? "there is no such file" : code}`,
    );
  }
};

const parseSettings = (path: string, text: string): JsonObject => {
  let value: unknown;
  try {
    value = /\.ya?ml$/i.test(path) ? Bun.YAML.parse(text) : Bun.JSONC.parse(text);
  } catch (error) {
    throw new SettingsError(`Cannot load settings ${path}: ${firstLine(error)}`);
  }
  if (!isObject(value)) throw new SettingsError(`Cannot load settings ${path}: an object is expected`);
  return value;
};

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "it cannot be read";

/** `TURNPIKE_MAX_JSON_BYTES` and so on: a limit's name in capitals. */
const limitsOf = (file: SettingsFile, environment: Environment): Limits => {
  const given: Record<string, number> = {};
  for (const name of Object.keys(DEFAULT_LIMITS)) {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const value = fromEnvironment(environment, snake) ?? fromFile(file, snake);
    if (value !== undefined) given[name] = name.endsWith("Ms") ? Math.min(value, MAX_TIMER_MS) : value;
  }
  return { ...DEFAULT_LIMITS, ...given };
};

const fromFile = (file: SettingsFile, name: string): number | undefined => {
  const limits: Readonly<Record<string, number | undefined>> = file.limits ?? {};
  return limits[name];
};

const fromEnvironment = (environment: Environment, name: string): number | undefined => {
  const variable = `TURNPIKE_${name.toUpperCase()}`;
  const value = word(environment, variable);
  if (value === undefined) return undefined;
  if (/^\d{1,12}$/.test(value)) return Number(value);
  throw new SettingsError(`Cannot start: ${variable} must be a whole number`);
};

const PATHS: Readonly<Record<"openai-chat" | "anthropic-messages", ProviderRow["paths"]>> = Object.freeze({
  "openai-chat": { ...OPENAI_PATHS, ...REALTIME },
  "anthropic-messages": { chat: "/messages", models: "/models", count_tokens: "/messages/count_tokens" },
});

const providerRow = (written: NonNullable<SettingsFile["providers"]>[number]): ProviderRow => {
  const dialect = written.dialect ?? "openai-chat";
  return {
    id: written.id,
    name: written.name ?? written.id,
    dialect,
    base: written.base_url.replace(/\/+$/, ""),
    auth: dialect === "anthropic-messages" ? { kind: "header", name: "x-api-key" } : { kind: "bearer" },
    env: written.env ?? [],
    paths: { ...PATHS[dialect], ...pathsBelow(dialect, written.chat_path) },
    ...(dialect === "openai-chat" ? { codecs: { rerank: "text-rerank" } } : {}),
    ...(dialect === "anthropic-messages"
      ? {
          inputs: [
            { option: "anthropic_version", header: "anthropic-version", bare: true, default: "2023-06-01" },
            { option: "anthropic_beta", header: "anthropic-beta", bare: true },
          ],
        }
      : {}),
    keyless: written.keyless ?? false,
  };
};

/** A chat elsewhere takes what hangs below it along. */
const pathsBelow = (dialect: ClientDialectId, chat: string | undefined): ProviderRow["paths"] => {
  if (chat === undefined) return {};
  return dialect === "anthropic-messages" ? { chat, count_tokens: `${chat}/count_tokens` } : { chat };
};

const virtualKeysOf = (file: SettingsFile, environment: Environment): ReadonlyMap<string, VirtualKey> =>
  new Map(
    Object.entries(file.virtual_keys ?? {}).map(([name, written]) => {
      const { provider, api_key: apiKey, custom_host: customHost, ...options } = written;
      const secret = isString(apiKey) ? resolveSecret(name, apiKey, environment) : undefined;
      return [
        name,
        { provider, apiKey: secret, customHost: isString(customHost) ? customHost : undefined, options },
      ];
    }),
  );

const resolveSecret = (name: string, reference: string, environment: Environment): Secret => {
  const value = dereference(reference, environment);
  if (value !== undefined && value !== "") return new Secret(value);
  throw new SettingsError(
    `Cannot load virtual key ${JSON.stringify(name)}: its api_key reference leads to nothing`,
  );
};

const dereference = (reference: string, environment: Environment): string | undefined => {
  if (reference.startsWith("env:")) return word(environment, reference.slice("env:".length));
  if (reference.startsWith("file:")) return readText(reference.slice("file:".length)).trim();
  return reference;
};

const defaultConfigOf = (file: SettingsFile): string | undefined => {
  const name = file.default_config;
  if (name === undefined || Object.hasOwn(file.configs ?? {}, name)) return name;
  throw new SettingsError(
    `Cannot load settings: default_config names ${JSON.stringify(name)}, which is not in configs`,
  );
};
