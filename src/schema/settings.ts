/** The operator's settings: where to listen, what to keep, which providers, keys and configs there are. */
import { Type } from "@sinclair/typebox";
import type { Static } from "@sinclair/typebox";
import type { Secret } from "../lib/secret.ts";
import { closed, dictionary, oneOf, open, verbatim } from "./build.ts";
import type { JsonObject } from "./json.ts";
import type { Limits } from "./limits.ts";
import type { ProviderRow } from "./provider-row.ts";

/** A name under which the operator keeps a credential and its provider's details. */
export interface VirtualKey {
  readonly provider: string;
  readonly apiKey: Secret | undefined;
  readonly customHost: string | undefined;
  readonly options: JsonObject;
}

export type LogLevelName = "debug" | "info" | "warn" | "error" | "silent";
export type LogFormatName = "json" | "text";

/** Where responses are kept that clients may ask for again, how much of them, and for how long. */
export interface StorageSettings {
  /** Undefined keeps them in memory. */
  readonly directory: string | undefined;
  readonly retentionMs: number;
  readonly maxBytes: number;
}

/** Settings as the program uses them: files, environment and flags resolved. */
export interface Settings {
  /** The file they are from, where there is one. */
  readonly path: string | undefined;
  readonly host: string;
  readonly port: number;
  /** Further names under which clients may call a gateway that is bound to loopback. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may read answers and open sessions; `*` is every one. */
  readonly corsOrigins: readonly string[];
  readonly logLevel: LogLevelName;
  readonly logFormat: LogFormatName;
  /** Hosts that callers may name although they are private. */
  readonly trustedHosts: readonly string[] | undefined;
  readonly limits: Limits;
  readonly storage: StorageSettings;
  readonly providers: readonly ProviderRow[];
  readonly virtualKeys: ReadonlyMap<string, VirtualKey>;
  readonly configs: Readonly<Record<string, JsonObject>>;
  readonly defaultConfig: string | undefined;
}

const text = (description: string) => Type.Optional(Type.String({ description, minLength: 1 }));
const count = (description: string, minimum = 1) => Type.Optional(Type.Integer({ description, minimum }));
/** Timers hold no more: a longer one fires at once. */
export const MAX_TIMER_MS = 2_147_483_647;
const words = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));

/** As browsers write it: a scheme, a host and perhaps a port. */
const ORIGIN = "^[a-z][a-z0-9+.-]*://[^\\s/?#@]+$";

const ORIGINS = 'must be "*" or a list of origins, each a scheme, a host and perhaps a port';

const ListenSchema = closed({
  host: text("Address to listen on; 127.0.0.1 when absent."),
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, description: "Port; 8787 when absent." })),
  allowed_hosts: words("Further Host names under which a gateway bound to loopback answers."),
  cors_origins: Type.Optional(
    Type.Union([oneOf(["*"], ORIGINS), Type.Array(Type.String({ pattern: ORIGIN }))], {
      description:
        'Origins (https://app.example) whose pages may call the gateway from a browser, or "*" for every one; none when absent.',
      errorMessage: ORIGINS,
    }),
  ),
});

const LogSchema = closed({
  level: Type.Optional(
    oneOf(["debug", "info", "warn", "error", "silent"], "must be debug, info, warn, error or silent"),
  ),
  format: Type.Optional(oneOf(["json", "text"], "must be json or text")),
});

const LimitsSchema = closed({
  max_json_bytes: count("Largest JSON body, and largest message of a realtime session."),
  max_replay_bytes: count("Largest other body that is kept so that it can be sent again."),
  max_json_depth: count("Deepest nesting of a JSON body."),
  max_reply_bytes: count("Largest upstream body that is read whole."),
  max_fetched_media: count("Images and documents fetched for one call.", 0),
  max_fetched_media_bytes: count("Largest size of all that is fetched for one call."),
  media_fetch_ms: count("Time for one of them to come."),
  connect_ms: count("For a connection to an upstream to come about, TLS included."),
  first_event_ms: count("From sending to the first event or the whole answer."),
  stream_idle_ms: count("Longest silence of an upstream stream."),
  ping_ms: count("Longest silence towards a streaming client."),
  session_idle_ms: count("Longest silence of both ends of a realtime session."),
  max_attempts: count("Tries at targets in one call."),
  max_config_depth: count("Deepest nesting of a config."),
  max_config_targets: count("Targets in one config."),
  max_in_flight: count("Calls in flight."),
  keep_alive_ms: count("How long a client's connection may wait for its next call; at most 255 s."),
  drain_ms: count("How long a shutdown waits for calls in flight.", 0),
});

const StorageSchema = closed({
  path: text("Directory for what is kept, or :memory:; the user's own for state when absent."),
  retention_days: count("Days for which responses are kept; 30 when absent."),
  max_bytes: count("Bytes of responses that are kept, the newest; 1 GiB when absent."),
});

const VirtualKeySchema = open({
  provider: Type.String({ description: "The provider the credential belongs to." }),
  api_key: text("`env:NAME`, `file:PATH`, or the credential itself."),
  custom_host: text("Base URL of the provider."),
});

const ProviderSchema = closed({
  id: Type.String({ pattern: "^[a-z0-9][a-z0-9._-]{0,63}$", description: "What callers write." }),
  name: text("For people."),
  dialect: Type.Optional(
    oneOf(["openai-chat", "anthropic-messages"], "must be openai-chat or anthropic-messages"),
  ),
  base_url: Type.String({ pattern: "^https?://", description: "Base URL; paths are added to it." }),
  env: words("Environment variables that may hold the credential."),
  keyless: Type.Optional(Type.Boolean({ description: "The provider needs no credential." })),
  chat_path: text("Where chat is below the base; /chat/completions (or /messages) when absent."),
});

/** The settings file. Every key is optional; an unknown one is an error. */
export const SettingsFileSchema = closed({
  $schema: text("For editors."),
  listen: Type.Optional(ListenSchema),
  log: Type.Optional(LogSchema),
  limits: Type.Optional(LimitsSchema),
  storage: Type.Optional(StorageSchema),
  egress: Type.Optional(
    closed({ trusted_hosts: words("Private hosts that callers may name in custom_host.") }),
  ),
  providers: Type.Optional(Type.Array(ProviderSchema, { description: "Providers of your own." })),
  virtual_keys: Type.Optional(dictionary(VirtualKeySchema, { description: "Credentials by name." })),
  configs: Type.Optional(dictionary(verbatim(), { description: "Routing configs by name." })),
  default_config: text("The name of the config of requests that bring none."),
});

export type SettingsFile = Static<typeof SettingsFileSchema>;
