import { describe, expect, test } from "bun:test";
import type { Chosen } from "../../src/gateway/plan.ts";
import { createPlanner } from "../../src/gateway/plan.ts";
import { readGatewayHeaders } from "../../src/gateway/headers.ts";
import type { EgressPolicy, HostTrust } from "../../src/lib/egress.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import { thrown } from "../support/thrown.ts";
import { callOf, type Headers, inboundOf, NO_EGRESS, surroundingsOf } from "./fakes.ts";

const POLICY: EgressPolicy = { trusted: [], allowLoopback: false };

interface Asked {
  readonly headers?: Headers;
  readonly body?: JsonObject;
  readonly configs?: Readonly<Record<string, JsonObject>>;
  readonly defaultConfig?: string;
  readonly environment?: Headers;
}

const plannerOf = ({ configs = {}, defaultConfig, environment }: Asked) => {
  const surroundings = surroundingsOf(environment === undefined ? {} : { environment });
  return createPlanner({ surroundings, policy: POLICY, configs, defaultConfig });
};

const choose = (asked: Asked): Chosen => {
  const inbound = inboundOf({ headers: asked.headers ?? {}, body: asked.body ?? { model: "m" } });
  return plannerOf(asked).choose(inbound, readGatewayHeaders(inbound.headers));
};

const config = (value: unknown): Headers => ({
  "x-portkey-config": typeof value === "string" ? value : JSON.stringify(value),
});
const provider = (name: string): Headers => ({ "x-portkey-provider": name });
const SELF: Headers = { "x-portkey-forward-headers": "a, X-Portkey-Forward-Headers " };
const INSIDE: Headers = { "x-portkey-custom-host": "http://169.254.169.254/v1" };

const NOBODY = "Either x-portkey-config or x-portkey-provider header is required";
const NO_PROVIDER =
  "Either x-portkey-provider needs to be passed. Or the x-portkey-config header should have a valid config with provider details in it.";
const NOT_JSON = "Invalid config passed. You need to pass a valid json";
const FORWARDS_ITSELF = "forward_headers must not contain the 'x-portkey-forward-headers' header";

describe("a request is refused", () => {
  test.each<[string, Headers, string]>([
    ["that names nobody", {}, NOBODY],
    ["that names nobody, with empty headers", { ...provider(""), ...config("") }, NOBODY],
    ["by an unknown provider", provider("nope"), "Invalid provider passed"],
    ["by a provider in other letters", provider("OpenAI"), "Invalid provider passed"],
    [
      "by an unknown provider though the config names one",
      { ...provider("nope"), ...config({ provider: "openai", api_key: "k" }) },
      "Invalid provider passed",
    ],
    ["by a host inside", { ...provider("openai"), ...INSIDE }, "Invalid custom host"],
    ["by what is no host", { ...provider("openai"), "x-portkey-custom-host": "x" }, "Invalid custom host"],
    ["by a config that is not JSON", config("{"), NOT_JSON],
    ["by a saved config's name that is not here", config("pc-unknown-1234"), NOT_JSON],
    ["by null", config("null"), NOT_JSON],
    ["by an array", config("[]"), NO_PROVIDER],
    ["by a number", config("5"), NO_PROVIDER],
    ["by a config with a provider of null", config({ provider: null }), NO_PROVIDER],
    ["by an array beside a provider", { ...provider("openai"), ...config("[]") }, "Invalid config passed"],
    ["by a config without a provider", config({ retry: { attempts: 1 } }), NO_PROVIDER],
    ["by an empty config", config({}), NO_PROVIDER],
    ["by a config with only a key", config({ api_key: "k" }), NO_PROVIDER],
    ["by a config with faults", config({ provider: "nope", api_key: "k" }), "Invalid config passed"],
    [
      "by a config of old",
      config({ provider: "openai", api_key: "k", options: [{}] }),
      "This version of config is not supported in this route. Please migrate to the latest version",
    ],
    ["by headers that forward themselves", { ...provider("openai"), ...SELF }, FORWARDS_ITSELF],
  ])("%s", (_name, headers, message) => {
    expect(thrown(() => choose({ headers }))).toMatchObject({ message, status: 400 });
  });

  test("with a line for each fault of its config", () => {
    const headers = config({ strategy: { mode: "fallback" }, targets: [{ provider: "nope", api_key: "k" }] });
    const { errors } = thrown(() => choose({ headers }));
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toStartWith(
      "path: targets,0,provider, message: Invalid 'provider' value. Must be one of:",
    );
  });
});

/** Each fault alone, in the order in which the first of several is told, that of Portkey's gateway 1.15. */
const IN_ORDER: readonly (readonly [Headers, string])[] = [
  [provider("nope"), "Invalid provider passed"],
  [INSIDE, "Invalid custom host"],
  [config("{"), NOT_JSON],
  [SELF, FORWARDS_ITSELF],
];

describe("of two faults the first is told:", () => {
  const pairs = IN_ORDER.flatMap(([first, message], at) =>
    IN_ORDER.slice(at + 1).map(([second, other]) => [message, other, { ...second, ...first }] as const),
  );
  test.each(pairs)("%s, before %s", (message, _other, headers) => {
    const named = "x-portkey-provider" in headers ? headers : { ...provider("openai"), ...headers };
    expect(thrown(() => choose({ headers: named })).message).toBe(message);
  });

  test("a missing provider, before what else is wrong with the config", () => {
    expect(thrown(() => choose({ headers: config({ strategy: { mode: "x" } }) })).message).toBe(NO_PROVIDER);
    expect(thrown(() => choose({ headers: config({ options: [{}] }) })).message).toBe(NO_PROVIDER);
  });
});

describe("the provider is named", () => {
  test.each<[string, Asked, unknown]>([
    ["by its header", { headers: provider("openai") }, { provider: "openai" }],
    ["by another name of it", { headers: provider("mistral") }, { provider: "mistral" }],
    ["by a virtual key in its header", { headers: provider("@team") }, { provider: "@team" }],
    ["by a virtual key", { headers: { "x-portkey-virtual-key": "team" } }, { provider: "@team" }],
    [
      "at the front of the model",
      { body: { model: "anthropic/claude" } },
      { provider: "anthropic", model: "claude" },
    ],
    ["by its header, with an @", { headers: provider("@openai") }, { provider: "@openai" }],
    ["at the front, with an @", { body: { model: "@openai/gpt" } }, { provider: "@openai", model: "gpt" }],
    ["by a virtual key at the front", { body: { model: "@team/gpt" } }, { provider: "@team", model: "gpt" }],
    [
      "once, however many slashes follow",
      { body: { model: "openrouter/openai/gpt" } },
      { provider: "openrouter", model: "openai/gpt" },
    ],
    [
      "by its header before the model, which stays whole",
      { headers: provider("openrouter"), body: { model: "openai/gpt" } },
      { provider: "openrouter" },
    ],
  ])("%s", (_name, asked, addressed) => {
    const chosen = choose(asked);
    expect(chosen.addressed).toEqual(addressed as Chosen["addressed"]);
    expect(chosen.plan.namesProvider).toBe(false);
  });

  test.each<[string, JsonObject]>([
    ["nobody knows", { model: "nobody/gpt" }],
    ["is empty", { model: "/gpt" }],
    ["is no virtual key", { model: "@nobody/gpt" }],
    ["is missing", { model: "gpt" }],
  ])("not by a model whose front %s", (_name, body) => {
    expect(thrown(() => choose({ body })).message).toBe(NOBODY);
  });

  test.each<[string, unknown]>([
    ["a provider", { provider: "openai", api_key: "k" }],
    ["targets", { strategy: { mode: "single" }, targets: [{ provider: "openai", api_key: "k" }] }],
    ["a virtual key", { virtual_key: "team" }],
  ])("by a config with %s", (_name, value) => {
    expect(choose({ headers: config(value) }).plan.namesProvider).toBe(true);
  });

  test("by the header for a config that names none", () => {
    const headers = { ...provider("openai"), ...config({ retry: { attempts: 1 } }) };
    expect(choose({ headers })).toMatchObject({
      addressed: { provider: "openai" },
      plan: { namesProvider: false },
    });
  });

  test("by the model for a config that names none", () => {
    const headers = config({ retry: { attempts: 1 } });
    expect(choose({ headers, body: { model: "openai/m" } }).addressed).toEqual({
      provider: "openai",
      model: "m",
    });
  });
});

test("a provider that has its key in the environment needs none in the config", () => {
  const headers = config({ provider: "openai" });
  expect(thrown(() => choose({ headers })).message).toBe("Invalid config passed");
  expect(choose({ headers, environment: { OPENAI_API_KEY: "sk" } }).plan.namesProvider).toBe(true);
  expect(choose({ headers: config({ provider: "ollama" }) }).plan.namesProvider).toBe(true);
});

const NAMED = { provider: "openai", api_key: "k" };

describe("a config by name", () => {
  const configs = { main: NAMED, other: NAMED };

  test("is found", () => {
    expect(choose({ headers: config("main"), configs }).plan.namesProvider).toBe(true);
  });

  test("is the default of requests that bring neither config nor provider", () => {
    expect(choose({ configs, defaultConfig: "main" }).plan.namesProvider).toBe(true);
    expect(choose({ configs, defaultConfig: "main", headers: provider("openai") }).plan.namesProvider).toBe(
      false,
    );
  });

  test("is refused at the start when it has faults, all of them told with its name", () => {
    const error = thrown(() =>
      plannerOf({ configs: { bad: { provider: "nope", api_key: "k", weight: -1 } } }),
    );
    expect(error.code).toBe("invalid_config");
    expect(error.message).toStartWith('Cannot load config "bad": Invalid config passed; path: ');
    expect(error.message).toContain("path: provider, message: ");
    expect(error.message).toContain("path: weight, message: ");
  });

  test("may lead inside, which a caller's may not", () => {
    const inside = { ...NAMED, custom_host: "http://10.0.0.7/v1" };
    expect(() => plannerOf({ configs: { inside } })).not.toThrow();
    expect(thrown(() => choose({ headers: config(inside) })).errors).toEqual([
      "path: , message: Invalid custom host",
    ]);
  });
});

test("the same config is compiled once", () => {
  const planner = plannerOf({});
  const chosen = (value: unknown) => {
    const inbound = inboundOf({ headers: config(value), body: {} });
    return planner.choose(inbound, readGatewayHeaders(inbound.headers)).plan;
  };
  expect(chosen(NAMED)).toBe(chosen(NAMED));
  expect(chosen(NAMED)).not.toBe(chosen({ ...NAMED, api_key: "other" }));
});

test("whoever wrote the config, its hosts are trusted or judged accordingly", async () => {
  const trusts: HostTrust[] = [];
  const call = callOf({
    body: { model: "m" },
    egress: {
      ...NO_EGRESS,
      send: async (_url, _init, trust) => {
        trusts.push(trust);
        return Response.json({ choices: [] });
      },
    },
  });
  const host = { ...NAMED, custom_host: "https://models.example/v1" };
  const planner = createPlanner({ surroundings: call.surroundings, policy: POLICY, configs: { mine: host } });
  for (const written of ["mine", host]) {
    const headers = readGatewayHeaders(new Headers(config(written)));
    await planner.choose(call.inbound, headers).plan.dispatch(call);
  }
  expect(trusts).toEqual(["fixed", "caller"]);
});
