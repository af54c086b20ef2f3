import { describe, expect, test } from "bun:test";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { faultLines, read, refusal } from "./config-facts.ts";

const INCOMPLETE =
  "Invalid configuration. It must have either 'provider' and 'api_key', or 'strategy' and 'targets', or 'cache', or 'retry', or 'request_timeout'";
const VERTEX =
  "Invalid configuration. ('vertex_project_id' and 'vertex_region') or ('vertex_service_account_json' and 'vertex_region') are required for 'vertex-ai' provider. Example: { 'provider': 'vertex-ai', 'vertex_project_id': 'my-project-id', 'vertex_region': 'us-central1', api_key: 'ya29...' }";
const PROVIDERS =
  "Invalid 'provider' value. Must be one of: openai, anthropic, azure-openai, bedrock, ollama, vertex-ai";
const NEGATIVE = "Number must be greater than or equal to 0";

const KEYED = { provider: "openai", api_key: "k" } as const;
const balance = (...weights: readonly number[]): JsonObject => ({
  strategy: { mode: "loadbalance" },
  targets: weights.map((weight) => ({ ...KEYED, weight })),
});
const conditional = (query: JsonValue): JsonObject => ({
  // oxlint-disable-next-line unicorn/no-thenable -- the wire's word
  strategy: { mode: "conditional", conditions: [{ query, then: "a" }] },
  targets: [KEYED],
});
const nested = (depth: number): JsonObject =>
  depth === 0 ? KEYED : { strategy: { mode: "single" }, targets: [nested(depth - 1)] };

test.each(["pc-abc", "null", "", "{"])("%p is no config", (text) => {
  const { code, status, message, errors } = refusal(text);
  expect([code, status, message, errors]).toEqual([
    "invalid_config",
    400,
    "Invalid config passed. You need to pass a valid json",
    undefined,
  ]);
});

test.each([
  ["5", "number"],
  ["[]", "array"],
  ['"text"', "string"],
  ["true", "boolean"],
])("%p is a %s, not a config", (text, kind) => {
  expect(faultLines(text)).toEqual([`path: , message: Expected object, received ${kind}`]);
});

test.each(["name", "id", "virtual_key", "override_params", "input_mutators", "cb_config", "is_open"])(
  "a %s of null is none",
  (key) => {
    expect(read({ ...KEYED, [key]: null })).toEqual(KEYED);
  },
);

test("nulls of a target and of its strategy are none, too", () => {
  const target = { ...KEYED, overrideParams: null };
  expect(read({ strategy: { mode: "single", cb_config: null }, targets: [target] })).toEqual({
    strategy: { mode: "single" },
    targets: [KEYED],
  });
});

describe("a target of Portkey's documents", () => {
  const one = (target: JsonObject) => {
    const { targets } = read({ strategy: { mode: "fallback" }, targets: [target] });
    return targets?.[0];
  };
  const model = (name: string): JsonObject => ({ override_params: { model: name, n: 1 } });

  test.each<[string, JsonObject, JsonObject]>([
    ["names a virtual key as its provider", { provider: "@team-openai" }, { virtual_key: "team-openai" }],
    [
      "names a virtual key at the front of its model",
      model("@team-openai/gpt"),
      { virtual_key: "team-openai", ...model("gpt") },
    ],
    ["names a provider there", model("@ollama/a/b"), { provider: "ollama", ...model("a/b") }],
    [
      "names the same twice",
      { provider: "@team-openai", ...model("@team-openai/gpt") },
      { virtual_key: "team-openai", ...model("gpt") },
    ],
    [
      "has a model that only looks like it",
      { ...KEYED, ...model("@cf/meta/llama") },
      { ...KEYED, ...model("@cf/meta/llama") },
    ],
    ["says single of itself", { ...KEYED, strategy: { mode: "single" } }, { ...KEYED }],
  ])("%s", (_name, target, expected) => {
    expect(one(target)).toEqual(expected);
  });

  test("that nobody knows is told so", () => {
    const config = { strategy: { mode: "fallback" }, targets: [model("@nobody/gpt")] };
    expect(faultLines(config)).toEqual([`path: targets,0, message: ${INCOMPLETE}`]);
  });
});

test("a config of the old format is told so, once nothing else is wrong", () => {
  const old = { mode: "single", options: [KEYED] };
  expect(refusal({ ...old, retry: { attempts: 1 } }).message).toBe(
    "This version of config is not supported in this route. Please migrate to the latest version",
  );
  expect(faultLines(old)).toEqual([`path: , message: ${INCOMPLETE}`]);
  expect(faultLines({ ...KEYED, options: null })).toEqual([]);
});

describe("accepted", () => {
  test.each<[string, JsonObject]>([
    ["a provider with a key", KEYED],
    ["a key in camelCase", { provider: "openai", apiKey: "k" }],
    ["a provider that needs no key", { provider: "ollama" }],
    ["a known virtual key", { virtual_key: "team-openai" }],
    ["AWS keys", { provider: "bedrock", aws_access_key_id: "a", aws_secret_access_key: "s" }],
    ["an Azure auth mode", { provider: "azure-openai", azure_auth_mode: "managed" }],
    ["an Azure token", { provider: "azure-openai", azure_ad_token: "t" }],
    ["a key of Vertex's express mode", { provider: "vertex-ai", api_key: "AIzaKey" }],
    ["a Vertex project", { provider: "vertex-ai", vertex_project_id: "p", vertex_region: "r" }],
    [
      "a Vertex service account",
      { provider: "vertex-ai", vertex_service_account_json: { type: "x" }, vertex_region: "r" },
    ],
    ["retry alone", { retry: { attempts: 1 } }],
    ["cache alone", { cache: { mode: "simple", max_age: 5 } }],
    ["a timeout alone", { request_timeout: 0 }],
    ["guardrails alone, as text", { input_guardrails: ["pg-1"] }],
    ["guardrails alone, as objects", { output_guardrails: [{ "default.contains": {} }] }],
    ["hooks alone", { after_request_hooks: [] }],
    ["a weight of 0 beside others", balance(0, 1)],
    ["a target that its group completes", { ...KEYED, strategy: { mode: "single" }, targets: [{}] }],
    [
      "a Vertex group whose target has the region",
      {
        provider: "vertex-ai",
        api_key: "k",
        vertex_project_id: "p",
        strategy: { mode: "single" },
        targets: [{ vertex_region: "r" }],
      },
    ],
    ["a good custom host", { ...KEYED, custom_host: "https://example.com" }],
    ["32 levels of targets", nested(32)],
    ["status codes on a node", { ...KEYED, on_status_codes: [500] }],
  ])("%s", (_name, config) => {
    expect(faultLines(config)).toEqual([]);
  });
});

describe("refused", () => {
  const refused: readonly [string, JsonObject, ...(readonly string[])][] = [
    ["an empty config", {}, `path: , message: ${INCOMPLETE}`],
    ["a provider without key", { provider: "openai" }, `path: , message: ${INCOMPLETE}`],
    ["an unknown virtual key", { virtual_key: "other" }, `path: , message: ${INCOMPLETE}`],
    ["a key without provider", { api_key: "k" }, `path: , message: ${INCOMPLETE}`],
    [
      "a target of another provider than its group's",
      { ...KEYED, strategy: { mode: "single" }, targets: [{ provider: "anthropic" }] },
      `path: targets,0, message: ${INCOMPLETE}`,
    ],
    ["an unknown provider", { provider: "nope", api_key: "k" }, `path: provider, message: ${PROVIDERS}`],
    [
      "a provider named like an object's method",
      { provider: "constructor", api_key: "k" },
      `path: provider, message: ${PROVIDERS}`,
    ],
    ["a provider of null", { provider: null }, "path: provider, message: Expected string, received null"],
    ["a key of null", { ...KEYED, api_key: null }, "path: api_key, message: Expected string, received null"],
    [
      "an unknown mode",
      { strategy: { mode: "x" }, targets: [] },
      "path: strategy,mode, message: Invalid 'mode' value. Must be one of: single, loadbalance, fallback, conditional",
    ],
    ["no mode", { strategy: {}, targets: [KEYED] }, "path: strategy,mode, message: Required"],
    [
      "no targets",
      { strategy: { mode: "single" }, targets: [] },
      "path: targets, message: Array must contain at least 1 element(s)",
    ],
    [
      "targets that are missing",
      { strategy: { mode: "single" }, retry: { attempts: 1 } },
      "path: targets, message: Required",
    ],
    ["a strategy alone", { strategy: { mode: "single" } }, `path: , message: ${INCOMPLETE}`],
    [
      "targets without a strategy",
      { ...KEYED, targets: [KEYED] },
      "path: , message: Invalid configuration. 'targets' needs a 'strategy'",
    ],
    ["a negative weight", balance(-1, 1), `path: targets,0,weight, message: ${NEGATIVE}`],
    [
      "an absurd weight",
      balance(1e308, 1),
      "path: targets,0,weight, message: Number must be less than or equal to 9007199254740991",
    ],
    [
      "no weight at all",
      balance(0, 0),
      "path: targets, message: At least one target must have a weight greater than 0",
    ],
    ["a negative timeout", { request_timeout: -1 }, `path: request_timeout, message: ${NEGATIVE}`],
    ["a cache's short form", { cache: "simple" }, "path: cache, message: Expected object, received string"],
    [
      "an unknown cache mode",
      { cache: { mode: "x" } },
      "path: cache,mode, message: Invalid 'cache.mode' value. Must be one of: simple, semantic",
    ],
    [
      "a cache age in words",
      { cache: { mode: "simple", maxAge: "1" } },
      "path: cache,max_age, message: Expected number, received string",
    ],
    ["attempts that are missing", { retry: {} }, "path: retry,attempts, message: Required"],
    [
      "attempts in words",
      { retry: { attempts: "5" } },
      "path: retry,attempts, message: Expected number, received string",
    ],
    [
      "compliance in words",
      { ...KEYED, strictOpenAiCompliance: "no" },
      "path: strict_open_ai_compliance, message: Expected boolean, received string",
    ],
    ["mixed guardrails", { input_guardrails: ["a", {}] }, "path: input_guardrails, message: Invalid input"],
    [
      "a service account with numbers",
      { ...KEYED, vertex_service_account_json: { a: 1 } },
      "path: vertex_service_account_json,a, message: Expected string, received number",
    ],
    [
      "a list of headers that forwards itself",
      { ...KEYED, forwardHeaders: ["a", "X-Portkey-Forward-Headers"] },
      "path: forward_headers, message: forward_headers must not contain the 'x-portkey-forward-headers' header",
    ],
    ["a bad custom host", { ...KEYED, customHost: "http://h" }, "path: , message: Invalid custom host"],
    ["Vertex without a region", { provider: "vertex-ai", api_key: "k" }, `path: , message: ${VERTEX}`],
    [
      "a condition's query in words",
      { strategy: { mode: "conditional", conditions: [{ query: "x" }] }, targets: [KEYED] },
      "path: strategy,conditions,0,query, message: Expected object, received string",
      "path: strategy,conditions,0,then, message: Required",
    ],
    [
      "a pattern that cannot be compiled",
      conditional({ $or: [{ "metadata.a": { $regex: "(" } }] }),
      "path: strategy,conditions,0,query,$or,0,metadata.a,$regex, message: Invalid regular expression",
    ],
    [
      "everything at once",
      { provider: "vertex-ai", customHost: "x" },
      `path: , message: ${INCOMPLETE}`,
      "path: , message: Invalid custom host",
      `path: , message: ${VERTEX}`,
    ],
  ];
  test.each([...refused])("%s", (_name, config, ...lines) => {
    expect(faultLines(config)).toEqual(lines);
  });

  test("a wrong type spares its own node the rules, not its siblings", () => {
    const config = { strategy: { mode: "fallback" }, targets: [{ provider: "openai", weight: "1" }, {}] };
    expect(faultLines(config)).toEqual([
      "path: targets,0,weight, message: Expected number, received string",
      `path: targets,1, message: ${INCOMPLETE}`,
    ]);
  });

  test("no fault echoes a value", () => {
    const secret = "sk-very-secret";
    const config = {
      provider: secret,
      api_key: [secret],
      custom_host: secret,
      cache: secret,
      strategy: { mode: secret, conditions: [{ query: { a: { $regex: `(${secret}` } } }] },
    };
    expect(JSON.stringify(refusal(config).errors)).not.toContain(secret);
    expect(refusal(`{"api_key":"${secret}"`).message).not.toContain(secret);
  });
});

describe("limits", () => {
  test("33 levels of targets are too many", () => {
    expect(faultLines(nested(33))).toEqual([
      `path: ${"targets,0,".repeat(33).slice(0, -1)}, message: Targets must not nest deeper than 32 levels`,
    ]);
    expect(faultLines(nested(2), { maxDepth: 1 })).toHaveLength(1);
  });

  test.each([150, 20_000])("%d levels of targets are refused with a path", (depth) => {
    const text = `${'{"targets":['.repeat(depth)}{}${"]}".repeat(depth)}`;
    expect(faultLines(text)).toEqual([expect.stringMatching(/^path: targets,0,.*must not nest deeper/)]);
  });

  test("more targets than allowed are refused, wherever they are", () => {
    const group = (count: number): JsonObject => ({
      strategy: { mode: "fallback" },
      targets: Array.from({ length: count }, () => KEYED),
    });
    const line = "path: targets,1,targets, message: Config must contain at most 9 target(s)";
    const root = { strategy: { mode: "fallback" }, targets: [group(4), group(4)] };
    expect(faultLines(root, { maxTargets: 10 })).toEqual([]);
    expect(faultLines(root, { maxTargets: 9 })).toEqual([line]);
    expect(faultLines(group(1025))).toHaveLength(1);
  });

  test("a hundred thousand targets and a megabyte of text are refused", () => {
    expect(faultLines({ targets: Array.from({ length: 100_000 }, () => ({})) })).toEqual([
      "path: , message: Config must contain at most 100000 values",
    ]);
    expect(faultLines(`{"name":"${"x".repeat(1_048_576)}"}`)).toEqual([
      "path: , message: Config must contain at most 1048576 character(s)",
    ]);
  });

  test("a hundred faults are told at most", () => {
    expect(faultLines({ ...KEYED, on_status_codes: Array.from({ length: 500 }, () => "x") })).toHaveLength(
      100,
    );
  });
});

describe("keys that reach a prototype", () => {
  test.each(["__proto__", "constructor", "prototype"])("%s is refused at every depth", (key) => {
    const bad = `{"${key}":{"polluted":true,"api_key":"evil"}}`;
    const line = (path: string) => `path: ${path}, message: Unrecognized key(s) in object: '${key}'`;
    expect(faultLines(bad)).toEqual([line("")]);
    expect(faultLines(`{"targets":[{"retry":${bad}}]}`)).toEqual([line("targets,0,retry")]);
    expect(faultLines(`{"override_params":{"a":[${bad}]}}`)).toEqual([line("override_params,a,0")]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("the result", () => {
  test("has one spelling, and keeps unknown keys and verbatim values", () => {
    const config = {
      provider: "openai",
      apiKey: "k",
      deploymentId: "d",
      $schema: "s",
      overrideParams: { maxTokens: 1, max_tokens: 2 },
      retry: { attempts: 1, onStatusCodes: [429] },
    };
    expect(read(JSON.stringify(config))).toEqual({
      provider: "openai",
      api_key: "k",
      deployment_id: "d",
      $schema: "s",
      override_params: { maxTokens: 1, max_tokens: 2 },
      retry: { attempts: 1, on_status_codes: [429] },
    });
  });

  test.each([
    [1e9, 5],
    [7, 5],
    [5, 5],
    [1.9, 1],
    [-0.5, 0],
    [-3, 0],
  ])("cuts %d attempts to %d", (attempts, expected) => {
    expect(read({ retry: { attempts } }).retry?.attempts).toBe(expected);
  });

  test("cuts a request timeout to an hour, at every level", () => {
    const target = { ...KEYED, requestTimeout: 1e12 };
    const config = read({ strategy: { mode: "single" }, targets: [target], request_timeout: 5 });
    expect([config.request_timeout, config.targets?.[0]?.request_timeout]).toEqual([5, 3_600_000]);
  });

  test("names a provider by its id", () => {
    const config = read({ strategy: { mode: "single" }, targets: [{ provider: "claude", apiKey: "k" }] });
    expect(config.targets?.[0]?.provider).toBe("anthropic");
  });
});
