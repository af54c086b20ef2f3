import { describe, expect, test } from "bun:test";
import { type CallOptions, callOf, type Headers, HOMELESS_ROW, ODD_ROW, resolved } from "./fakes.ts";
import type { ResolvedTarget } from "../../src/gateway/target.ts";
import type { ConfigNode } from "../../src/schema/config.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import { thrown } from "../support/thrown.ts";

const ENVIRONMENT = {
  OPENAI_API_KEY: "sk-env",
  ANTHROPIC_API_KEY: " sk-ant-env ",
  ODD_KEY: " ",
  ODD_TOKEN: "odd-env",
  HOMELESS_KEY: "homeless-env",
};

interface Situation extends CallOptions {
  readonly node?: ConfigNode;
  /** The config is the operator's. */
  readonly isOperators?: boolean;
  /** The target's place in its config. */
  readonly path?: string;
}

const resolve = ({ node = {}, isOperators = false, path = "config", ...options }: Situation) =>
  resolved(callOf({ environment: ENVIRONMENT, ...options }), node, isOperators, path);

const outcomeOf = (resolve: () => ResolvedTarget): unknown => {
  try {
    const { row, credential } = resolve();
    return [row.id, credential];
  } catch (error) {
    return error;
  }
};

const bearer = (key: string): Headers => ({ authorization: `Bearer ${key}` });
const to = (host: string): Headers => ({ "x-portkey-custom-host": host });
const OPENAI = { provider: "openai" };
const HOST = "https://models.example/v1";

describe("the credential", () => {
  test.each<[string, Situation, string | undefined]>([
    ["is the client's", { addressed: OPENAI, headers: bearer("mine") }, "mine"],
    ["is the client's, as x-api-key", { addressed: OPENAI, headers: { "x-api-key": "mine" } }, "mine"],
    ["is the environment's where the client sends none", { addressed: OPENAI }, "sk-env"],
    ["is the environment's, without blanks", { addressed: { provider: "anthropic" } }, "sk-ant-env"],
    ["is that of the first variable that says something", { addressed: { provider: "odd" } }, "odd-env"],
    [
      "is the environment's for the placeholder",
      { addressed: OPENAI, headers: bearer("turnpike") },
      "sk-env",
    ],
    ["is the config's", { node: { ...OPENAI, api_key: "own" } }, "own"],
    ["is the config's before the environment's", { node: { ...OPENAI, api_key: "own" } }, "own"],
    [
      "is the config's, not the client's, where the config names the provider",
      { node: { ...OPENAI, api_key: "own" }, headers: bearer("mine") },
      "own",
    ],
    [
      "is the environment's, not the client's, where the config names the provider",
      { node: OPENAI, headers: bearer("mine") },
      "sk-env",
    ],
    [
      "is the client's where the config names no provider",
      { node: { api_key: "own" }, addressed: OPENAI, headers: bearer("mine") },
      "mine",
    ],
    [
      "is the config's for the client's placeholder",
      { node: { api_key: "own" }, addressed: OPENAI, headers: bearer("turnpike") },
      "own",
    ],
    [
      "is the environment's for the config's placeholder",
      { node: { ...OPENAI, api_key: "turnpike" } },
      "sk-env",
    ],
    [
      "is the client's for a host of the client's",
      { addressed: OPENAI, headers: { ...bearer("mine"), ...to(HOST) } },
      "mine",
    ],
    [
      "is the config's for a host of the config's",
      { node: { ...OPENAI, api_key: "own", custom_host: HOST } },
      "own",
    ],
    ["may be missing where none is needed", { addressed: { provider: "ollama" } }, undefined],
    [
      "may be missing where none is needed, elsewhere too",
      { addressed: { provider: "ollama" }, headers: to(HOST) },
      undefined,
    ],
    [
      "may be sent where none is needed",
      { addressed: { provider: "ollama" }, headers: bearer("mine") },
      "mine",
    ],
    ["may be missing for a host of the client's", { addressed: OPENAI, headers: to(HOST) }, undefined],
    [
      "is the client's where the config is one target without a key",
      { node: OPENAI, headers: bearer("mine"), environment: {} },
      "mine",
    ],
    [
      "is the client's where that target's key is empty",
      { node: { ...OPENAI, api_key: "" }, headers: bearer("mine"), environment: {} },
      "mine",
    ],
    [
      "is the client's where that target is on a host of its own",
      { node: { ...OPENAI, custom_host: HOST }, headers: bearer("mine") },
      "mine",
    ],
    [
      "is the environment's before the client's where the config names a provider",
      { node: OPENAI, headers: bearer("mine") },
      "sk-env",
    ],
    ["is a virtual key's", { node: { virtual_key: "team" } }, "sk-kept"],
    [
      "is a virtual key's by header",
      { headers: { "x-portkey-virtual-key": "team" }, addressed: { provider: "@team" } },
      "sk-kept",
    ],
    [
      "is the client's where a virtual key that nobody knows stands beside a provider",
      { headers: { "x-portkey-virtual-key": "nobody", ...bearer("mine") }, addressed: OPENAI },
      "mine",
    ],
    ["is a virtual key's by the provider's header", { addressed: { provider: "@team" } }, "sk-kept"],
    [
      "is a virtual key's, whatever the client sends",
      { addressed: { provider: "@team" }, headers: bearer("mine") },
      "sk-kept",
    ],
    ["is a virtual key's for its own host", { node: { virtual_key: "inside" } }, "sk-kept"],
    [
      "is a virtual key's for the operator's host",
      { node: { virtual_key: "team", custom_host: HOST }, isOperators: true },
      "sk-kept",
    ],
  ])("%s", (_name, situation, expected) => {
    expect(resolve(situation).credential).toBe(expected);
  });

  test.each<[string, Situation]>([
    ["to a host in the header", { addressed: OPENAI, headers: to(HOST) }],
    [
      "to a host in the header, for the placeholder",
      { addressed: OPENAI, headers: { ...bearer("turnpike"), ...to(HOST) } },
    ],
    [
      "to the provider's own host when a header says so",
      { addressed: OPENAI, headers: to("https://api.openai.com/v1") },
    ],
    ["to a host in a config", { node: { ...OPENAI, custom_host: HOST } }],
    ["to a host in an operator's config", { node: { ...OPENAI, custom_host: HOST }, isOperators: true }],
    ["to a provider whose host the caller names", { addressed: { provider: "homeless" }, headers: to(HOST) }],
  ])("of the environment never goes %s", (_name, situation) => {
    expect(resolve(situation).credential).toBeUndefined();
  });

  test.each<[string, Situation]>([
    ["in the header", { node: { virtual_key: "team" }, headers: to(HOST) }],
    [
      "in the header, the same as the key's own",
      { node: { virtual_key: "inside" }, headers: to("http://models.internal:8080/v1") },
    ],
    ["in the config", { node: { virtual_key: "team", custom_host: HOST } }],
    ["in the header, the key by header", { addressed: { provider: "@team" }, headers: to(HOST) }],
  ])("of a virtual key never goes to a host of the caller's %s", (_name, situation) => {
    const error = thrown(() => resolve(situation));
    expect(error).toMatchObject({ code: "host_not_allowed_for_key", status: 403 });
    expect(error.message).not.toContain("kept");
  });

  test("of a virtual key never goes to another provider than its own", () => {
    const situation = { node: { provider: "anthropic", virtual_key: "team" } };
    // To refuse it is as good as to use the key's own provider.
    const outcome = outcomeOf(() => resolve(situation));
    expect(outcome).not.toEqual(["anthropic", "sk-kept"]);
  });

  test.each<[string, Situation, string]>([
    [
      "by header",
      { addressed: OPENAI },
      'send it as "Authorization: Bearer <key>", as api_key in the config, or set OPENAI_API_KEY',
    ],
    [
      "in a target",
      { node: OPENAI, path: "config.targets[0]", headers: bearer("mine") },
      "give it as api_key in the config, or set OPENAI_API_KEY where the gateway runs",
    ],
    ["in an operator's config", { node: OPENAI, isOperators: true, headers: bearer("mine") }, "give it as"],
  ])("that is missing is asked for, %s", (_name, situation, text) => {
    const error = thrown(() => resolve({ ...situation, environment: {} }));
    expect(error).toMatchObject({ code: "missing_credential", status: 401 });
    expect(error.message).toStartWith("No API key for openai: ");
    expect(error.message).toContain(text);
  });
});

describe("the place", () => {
  test.each<[string, Situation, string, "fixed" | "caller"]>([
    ["is the provider's own", { node: OPENAI }, "https://api.openai.com/v1", "fixed"],
    [
      "is the header's",
      { addressed: OPENAI, headers: { ...bearer("k"), ...to(` ${HOST} `) } },
      HOST,
      "caller",
    ],
    ["is the config's", { node: { ...OPENAI, api_key: "k", custom_host: HOST } }, HOST, "caller"],
    [
      "is the operator's config's",
      { node: { ...OPENAI, api_key: "k", custom_host: HOST }, isOperators: true },
      HOST,
      "fixed",
    ],
    [
      "is the header's before the config's",
      { node: { ...OPENAI, api_key: "k", custom_host: "https://other.example" }, headers: to(HOST) },
      HOST,
      "caller",
    ],
    ["is the virtual key's", { node: { virtual_key: "inside" } }, "http://models.internal:8080/v1", "fixed"],
  ])("%s", (_name, situation, base, trust) => {
    expect(resolve(situation)).toMatchObject({ base, trust });
  });

  test("that nobody knows is asked for", () => {
    expect(thrown(() => resolve({ node: { provider: HOMELESS_ROW.id, api_key: "k" } }))).toMatchObject({
      code: "missing_input",
      param: "custom_host",
    });
  });
});

describe("the provider", () => {
  test.each<[string, Situation, string]>([
    ["is the config's", { node: OPENAI }, "openai"],
    ["is the config's before the header's", { node: OPENAI, addressed: { provider: "anthropic" } }, "openai"],
    ["is the header's", { addressed: OPENAI }, "openai"],
    ["may have another name", { addressed: { provider: "xai" }, headers: bearer("k") }, "x-ai"],
    ["may come with an @", { addressed: { provider: "@openai" } }, "openai"],
    ["is the virtual key's", { node: { virtual_key: "claude" } }, "anthropic"],
    [
      "is the virtual key's, not the header's",
      { headers: { "x-portkey-virtual-key": "claude" }, addressed: OPENAI },
      "anthropic",
    ],
  ])("%s", (_name, situation, id) => {
    expect(resolve(situation).row.id).toBe(id);
  });

  test.each<[string, Situation, string, string]>([
    ["is missing", {}, "missing_provider", "Either x-portkey-provider needs to be passed."],
    ["is unknown", { addressed: { provider: "nope" } }, "invalid_provider", "Invalid provider passed"],
    [
      "is an unknown virtual key",
      { node: { virtual_key: "nope" } },
      "invalid_provider",
      'no virtual key named "nope"',
    ],
    [
      "is an unknown virtual key in a header",
      { headers: { "x-portkey-virtual-key": "nope" }, addressed: { provider: "@nope" } },
      "invalid_provider",
      'no virtual key named "nope"',
    ],
  ])("that %s is told", (_name, situation, code, message) => {
    const error = thrown(() => resolve(situation));
    expect(error.code).toBe(code as "invalid_provider");
    expect(error.message).toContain(message);
  });
});

describe("headers and config", () => {
  const NODE: ConfigNode = {
    ...OPENAI,
    request_timeout: 500,
    forward_headers: ["x-config"],
    strict_open_ai_compliance: false,
  };

  test("the config's count where the headers say nothing", () => {
    expect(resolve({ node: NODE })).toMatchObject({
      requestTimeoutMs: 500,
      forwardHeaders: ["x-config"],
      strict: false,
    });
  });

  test("the headers' count before the config's", () => {
    const headers = {
      "x-portkey-request-timeout": "70",
      "x-portkey-forward-headers": "",
      "x-portkey-strict-open-ai-compliance": "true",
    };
    expect(resolve({ node: NODE, headers })).toMatchObject({
      requestTimeoutMs: 70,
      forwardHeaders: [],
      strict: false, // a header can switch compliance off, never on
    });
  });

  test("neither says anything by default", () => {
    expect(resolve({ node: OPENAI })).toMatchObject({
      requestTimeoutMs: undefined,
      forwardHeaders: [],
      strict: true,
    });
  });
});

describe("an option", () => {
  const option = (situation: Situation): string | undefined => resolve(situation).option("openai_project");
  const HEADER = { "x-portkey-openai-project": "sent" };

  test.each<[string, Situation, string | undefined]>([
    ["is the config's", { node: { ...OPENAI, openai_project: "own" } }, "own"],
    ["is the header's", { addressed: OPENAI, headers: HEADER }, "sent"],
    [
      "is the config's where the config names the provider",
      { node: { ...OPENAI, openai_project: "own" }, headers: HEADER },
      "own",
    ],
    ["is the virtual key's", { node: { virtual_key: "team" } }, "proj-kept"],
    [
      "is the config's before the virtual key's",
      { node: { virtual_key: "team", openai_project: "own" } },
      "own",
    ],
    [
      "is not a header's without the prefix",
      { node: OPENAI, headers: { "openai-project": "bare" } },
      undefined,
    ],
    ["is not an empty text", { node: { ...OPENAI, openai_project: "" } }, undefined],
  ])("%s", (_name, situation, expected) => {
    expect(option(situation)).toBe(expected);
  });

  test("is not a number", () => {
    expect(resolve({ node: { ...OPENAI, odd_region: 7 } }).option("odd_region")).toBeUndefined();
  });
});

test("the target keeps its place and the row it stands for", () => {
  expect(resolve({ addressed: { provider: "odd" } })).toMatchObject({ path: "config", row: ODD_ROW });
});

describe("the model", () => {
  test.each<[string, Situation, string | null]>([
    ["is the client's", { node: OPENAI, body: { model: "m" } }, "m"],
    [
      "is what is behind the provider's name",
      { addressed: { provider: "openai", model: "m2" }, body: { model: "openai/m2" } },
      "m2",
    ],
    [
      "stays whole where the config names the provider",
      { node: OPENAI, addressed: { provider: "openai", model: "m2" }, body: { model: "openai/m2" } },
      "openai/m2",
    ],
    [
      "is the override's before any other",
      {
        node: { override_params: { model: "m3" } },
        addressed: { provider: "openai", model: "m2" },
        body: { model: "openai/m2" },
      },
      "m3",
    ],
    ["is what a client of chats says", { node: OPENAI, body: { model: "m[1m]" } }, "m[1m]"],
    ["may be missing", { node: OPENAI, body: {} }, null],
    ["is no number", { node: OPENAI, body: { model: 7 } }, null],
  ])("%s", (_name, situation, expected) => {
    expect(resolve(situation).model).toBe(expected);
  });
});

test("a key in the operator's config does not go to a host that the request names", () => {
  const node = { ...OPENAI, api_key: "k", custom_host: "https://other.example" };
  expect(() => resolve({ node, headers: to(HOST), isOperators: true })).toThrow("not sent to a host");
});

describe("with a virtual key of the operator's", () => {
  test("a request may ask for another region", () => {
    const headers = { "x-portkey-virtual-key": "cloud", "x-portkey-aws-region": "us-west-2" };
    expect(resolve({ headers }).base).toBe("https://bedrock-runtime.us-west-2.amazonaws.com");
  });

  test("a request may not have another role assumed", () => {
    const headers = {
      "x-portkey-virtual-key": "cloud",
      "x-portkey-aws-role-arn": "arn:aws:iam::1:role/mine",
    };
    expect(() => resolve({ headers }).option("aws_role_arn")).toThrow("not the request's to say");
  });
});

describe("a model that OpenAI serves by its Responses API alone", () => {
  const dialectOf = (model: string, more: Situation = {}): string =>
    resolve({ node: OPENAI, body: { model }, ...more }).row.dialect;

  test.each([
    "gpt-5-pro",
    "gpt-5.2-pro-2025-12-11",
    "gpt-5-codex",
    "gpt-5.1-codex-max",
    "codex-mini-latest",
    "o3-pro",
    "computer-use-preview",
    "gpt-6-cyber",
    "gpt-rosalind-research",
  ])("is asked by it: %s", (model) => expect(dialectOf(model)).toBe("openai-responses"));

  test.each(["gpt-5", "gpt-5-mini", "gpt-5.1", "gpt-4o", "o3", "o3-mini", "gpt-5-chat-latest"])(
    "is not %s",
    (model) => expect(dialectOf(model)).toBe("openai-chat"),
  );

  const calling = (model: string, more: JsonObject = {}, situation: Situation = {}): string =>
    resolve({ node: OPENAI, body: { model, tools: [{ type: "function" }], ...more }, ...situation }).row
      .dialect;

  test.each<[string, JsonObject]>([
    ["gpt-5.4", { reasoning_effort: "low" }],
    ["gpt-5.5", {}],
    ["gpt-5.6-terra", { reasoning_effort: "max" }],
    ["gpt-6-astra", {}],
    ["gpt-6.1-sol", {}],
  ])("is asked by it for functions: %s with %j", (model, more) =>
    expect(calling(model, more)).toBe("openai-responses"),
  );

  test.each<[string, JsonObject]>([
    ["gpt-5.4", {}],
    ["gpt-5.4", { reasoning_effort: "none" }],
    ["gpt-5.6-sol", { reasoning_effort: "none" }],
    ["gpt-5.6-sol", { tools: null, reasoning_effort: "high" }],
    ["gpt-5.6-sol", { tools: [] }],
    ["gpt-5.2", { reasoning_effort: "high" }],
    ["gpt-4.1", {}],
  ])("is asked by a chat for functions: %s with %j", (model, more) =>
    expect(calling(model, more)).toBe("openai-chat"),
  );

  const azure = (model: string, version?: string) =>
    resolve({
      node: {
        provider: "azure-openai",
        api_key: "k",
        azure_resource_name: "res",
        azure_deployment_id: "mine",
        ...(version === undefined ? {} : { azure_api_version: version }),
      },
      body: { model, tools: [{ type: "function" }] },
    });

  test.each<[string | undefined, string, string]>([
    [undefined, "gpt-6-astra", "openai-responses"],
    ["v1", "gpt-5-codex", "openai-responses"],
    ["preview", "gpt-5.5", "openai-responses"],
    [undefined, "gpt-4.1", "openai-chat"],
    ["2025-01-01-preview", "gpt-6-astra", "openai-chat"],
  ])("on Azure with version %s: %s by %s", (version, model, dialect) => {
    const { row, model: asked } = azure(model, version);
    expect(row.dialect).toBe(dialect as typeof row.dialect);
    if (dialect === "openai-responses") expect(asked).toBe("mine");
  });

  test("is asked by a chat where that is asked for, and on hosts of their own", () => {
    expect(dialectOf("gpt-5-pro", { node: { ...OPENAI, openai_api: "chat" } })).toBe("openai-chat");
    expect(dialectOf("gpt-5-pro", { node: { ...OPENAI, api_key: "k", custom_host: HOST } })).toBe(
      "openai-chat",
    );
  });
});
