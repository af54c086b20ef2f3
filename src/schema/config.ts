/** The routing config: the schema of its tree, its types, and what a node takes over from its parent. */
import { Type, type ObjectOptions, type Static } from "@sinclair/typebox";
import { dictionary, oneOf, open, verbatim, type Immutable } from "./build.ts";
import type { JsonObject, JsonValue } from "./json.ts";

export const STRATEGY_MODES = ["single", "loadbalance", "fallback", "conditional"] as const;
export const CACHE_MODES = ["simple", "semantic"] as const;

/** Largest `retry.attempts` that is obeyed; more is cut to it. */
export const MAX_RETRY_ATTEMPTS = 5;
/** Largest `request_timeout` that is obeyed; more is cut to it. */
export const MAX_REQUEST_TIMEOUT_MS = 3_600_000;

const text = (description: string) => Type.Optional(Type.String({ description }));
const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
const statusCodes = (description: string) => Type.Optional(Type.Array(Type.Number(), { description }));
const objects = (description: string) => Type.Optional(Type.Array(verbatim(), { description }));
const guardrails = (description: string) =>
  Type.Optional(Type.Union([Type.Array(Type.String()), Type.Array(verbatim())], { description }));
const node = (fields: ObjectOptions) => ({ ...fields, $id: "ConfigNode", rule: "node" });

const Condition = open(
  {
    query: verbatim({
      description: "What must hold of `metadata.…`, `params.…` or `url.pathname`.",
      rule: "query",
    }),
    then: Type.String({ description: "The `name` of the target that is used when the query holds." }),
  },
  { description: "A query and the target it leads to." },
);

const Strategy = open(
  {
    mode: oneOf(STRATEGY_MODES, `Invalid 'mode' value. Must be one of: ${STRATEGY_MODES.join(", ")}`, {
      description: "How one of the targets is chosen.",
    }),
    on_status_codes: statusCodes(
      "`fallback` goes on to the next target only on these status codes; without the list, on every failure.",
    ),
    conditions: Type.Optional(
      Type.Array(Condition, { description: "`conditional` takes the first whose query holds." }),
    ),
    default: text("The `name` of the target that `conditional` takes when no query holds."),
    cb_config: Type.Optional(verbatim({ description: "The circuit breaker of every target below." })),
  },
  { description: "How a group uses its targets." },
);

const Retry = open(
  {
    attempts: Type.Number({
      description: `How many further attempts a target gets: a whole number from 0 to ${MAX_RETRY_ATTEMPTS}; others are cut to it.`,
    }),
    on_status_codes: statusCodes("The status codes to retry on; 429, 500, 502, 503 and 504 by default."),
    use_retry_after_header: flag("Whether to wait as long as the provider asks for."),
  },
  { description: "Further attempts at the same target." },
);

const Cache = open(
  {
    mode: oneOf(CACHE_MODES, `Invalid 'cache.mode' value. Must be one of: ${CACHE_MODES.join(", ")}`, {
      description: "`simple` answers equal requests, `semantic` also similar ones.",
    }),
    max_age: Type.Optional(Type.Number({ description: "How long an answer may be used again." })),
  },
  { description: "Whether and how answers are used again." },
);

/** A node of the config: a group when it has a `strategy`, else a target. Other keys are provider options. */
export const ConfigSchema = open(
  {
    strategy: Type.Optional(Strategy),
    provider: Type.Optional(Type.String({ description: "The provider that is called.", rule: "provider" })),
    api_key: text("The provider's credential."),
    aws_secret_access_key: text("AWS: the secret access key."),
    aws_access_key_id: text("AWS: the access key's id."),
    aws_session_token: text("AWS: the session token of temporary credentials."),
    aws_region: text("AWS: the region."),
    custom_host: text("A base URL to call instead of the provider's own."),
    vertex_project_id: text("Vertex AI: the Google Cloud project."),
    vertex_region: text("Vertex AI: the region."),
    openai_project: text("OpenAI: the project."),
    openai_organization: text("OpenAI: the organization."),
    azure_model_name: text("Azure: the model behind the deployment."),
    azure_auth_mode: text("Azure: `entra`, `managed` or `workload` in place of a key."),
    cache: Type.Optional(Cache),
    retry: Type.Optional(Retry),
    weight: Type.Optional(
      Type.Number({
        // The sum of all weights must stay a finite number.
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: "The share of calls under `loadbalance`; 1 by default.",
      }),
    ),
    on_status_codes: statusCodes("Accepted and ignored: only `strategy.on_status_codes` counts."),
    targets: Type.Optional(
      Type.Array(Type.Ref("ConfigNode"), { description: "The nodes that a strategy chooses from." }),
    ),
    request_timeout: Type.Optional(
      Type.Number({
        minimum: 0,
        description: `Milliseconds that an attempt may take until its answer is there, or begins where it is a stream; 0 is no limit, at most ${MAX_REQUEST_TIMEOUT_MS}.`,
      }),
    ),
    forward_headers: Type.Optional(
      Type.Array(Type.String(), {
        description: "Names of request headers that go to the provider unchanged.",
        rule: "forward_headers",
      }),
    ),
    before_request_hooks: objects("Hooks before the provider is called, in their long form."),
    after_request_hooks: objects("Hooks after the provider has answered, in their long form."),
    input_guardrails: guardrails("Checks on the request."),
    output_guardrails: guardrails("Checks on the response."),
    vertex_service_account_json: Type.Optional(
      dictionary(Type.String(), { description: "Vertex AI: a service account's key file." }),
    ),
    strict_open_ai_compliance: flag("Whether answers keep to fields that OpenAI documents; true by default."),
    name: text("The label that a condition refers to."),
    id: text("The config's id."),
    virtual_key: text("The name of a credential that the gateway keeps."),
    override_params: Type.Optional(
      verbatim({ description: "Fields that replace those of the request's body." }),
    ),
    input_mutators: objects("Changes to the request."),
    output_mutators: objects("Changes to the response."),
    cb_config: Type.Optional(verbatim({ description: "The target's circuit breaker." })),
    is_open: flag(
      "Marks a target that is to be passed over while others are left, in a config with an `id`.",
    ),
  },
  node({ description: "A node of a routing config: a group of targets, or a target." }),
);

type Fields = Immutable<Static<typeof ConfigSchema>>;

export type Strategy = NonNullable<Fields["strategy"]>;
export type StrategyMode = Strategy["mode"];
export type Condition = NonNullable<Strategy["conditions"]>[number];
export type RetryPolicy = NonNullable<Fields["retry"]>;
export type CachePolicy = NonNullable<Fields["cache"]>;

/** What belongs to one provider: its credential and every option that is no routing key. */
export interface ProviderOptions {
  readonly provider?: string;
  readonly api_key?: string;
  readonly virtual_key?: string;
  readonly [option: string]: JsonValue | undefined;
}

/** A node after `readConfig`. */
export type ConfigNode = Omit<Fields, "targets"> & {
  readonly targets?: readonly ConfigNode[];
  readonly [option: string]: JsonValue | undefined;
};
/** The root of a config. */
export type Config = ConfigNode;
/** A leaf: a node without a strategy. */
export type Target = ConfigNode;

export type BeforeHooks = Pick<Fields, "before_request_hooks" | "input_guardrails" | "input_mutators">;
export type AfterHooks = Pick<Fields, "after_request_hooks" | "output_guardrails" | "output_mutators">;

/** What holds at a node once its ancestors have been heard. */
export interface Inherited {
  readonly id: string | undefined;
  readonly options: ProviderOptions;
  readonly override_params: JsonObject;
  readonly retry: RetryPolicy | undefined;
  readonly cache: CachePolicy | undefined;
  /** Never 0: 0 is no answer to the question, so the parent's counts. */
  readonly request_timeout: number | undefined;
  readonly custom_host: string | undefined;
  readonly forward_headers: readonly string[] | undefined;
  readonly strict_open_ai_compliance: boolean | undefined;
  readonly before: BeforeHooks;
  readonly after: AfterHooks;
}

/** What holds above the root. */
export const NOTHING_INHERITED: Inherited = Object.freeze({
  id: undefined,
  options: {},
  override_params: {},
  retry: undefined,
  cache: undefined,
  request_timeout: undefined,
  custom_host: undefined,
  forward_headers: undefined,
  strict_open_ai_compliance: undefined,
  before: {},
  after: {},
});

/** What holds at `node`, given what holds at its parent. */
export const inherit = (parent: Inherited, node: ConfigNode): Inherited => ({
  id: parent.id ?? node.id,
  options: inheritOptions(parent.options, node),
  override_params: { ...parent.override_params, ...node.override_params },
  retry: node.retry ?? parent.retry,
  cache: node.cache ?? parent.cache,
  request_timeout: node.request_timeout || parent.request_timeout,
  custom_host: node.custom_host || parent.custom_host,
  forward_headers: node.forward_headers ?? parent.forward_headers,
  strict_open_ai_compliance: node.strict_open_ai_compliance ?? parent.strict_open_ai_compliance,
  before: definesAny(node, BEFORE) ? pick(node, BEFORE) : parent.before,
  after: definesAny(node, AFTER) ? pick(node, AFTER) : parent.after,
});

/**
 * The provider and its options at a node. A credential never goes to another provider, so a node that
 * names another provider or virtual key than its parent starts from nothing.
 */
export const inheritOptions = (parent: JsonObject, node: JsonObject): JsonObject => {
  const own = Object.fromEntries(Object.entries(node).filter(([key]) => !ROUTING_KEYS.has(key)));
  return keeps(parent, node, "provider") && keeps(parent, node, "virtual_key") ? { ...parent, ...own } : own;
};

const BEFORE = ["before_request_hooks", "input_guardrails", "input_mutators"] as const;
const AFTER = ["after_request_hooks", "output_guardrails", "output_mutators"] as const;

/** Keys that are about the node itself or have a rule of their own; every other key is a provider option. */
const ROUTING_KEYS: ReadonlySet<string> = new Set([
  "strategy",
  "targets",
  "name",
  "id",
  "weight",
  "is_open",
  "cb_config",
  "metadata",
  "on_status_codes",
  "override_params",
  "retry",
  "cache",
  "request_timeout",
  "custom_host",
  "forward_headers",
  "strict_open_ai_compliance",
  "default_input_guardrails",
  "default_output_guardrails",
  ...BEFORE,
  ...AFTER,
]);

const keeps = (parent: JsonObject, node: JsonObject, key: string): boolean =>
  node[key] === undefined || node[key] === parent[key];

const definesAny = (node: ConfigNode, keys: readonly string[]): boolean =>
  keys.some((key) => node[key] !== undefined);

const pick = <K extends keyof Fields>(node: ConfigNode, keys: readonly K[]): Pick<Fields, K> =>
  // Only the keys asked for are copied, each with its own value.
  Object.fromEntries(keys.flatMap((key) => (node[key] === undefined ? [] : [[key, node[key]]]))) as Pick<
    Fields,
    K
  >;
