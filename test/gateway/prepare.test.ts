import { describe, expect, test } from "bun:test";
import { USER_AGENT } from "../../src/gateway/identity.ts";
import { prepare, type Prepared } from "../../src/gateway/prepare.ts";
import type { ConfigNode } from "../../src/schema/config.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import { thrown } from "../support/thrown.ts";
import { type CallOptions, callOf, type Headers, MESSAGES, MODELS, PROXY, resolved } from "./fakes.ts";

interface Situation extends CallOptions {
  readonly node?: ConfigNode;
}

const prepared = ({ node = {}, ...options }: Situation): Prepared => {
  const call = callOf(options);
  return prepare(call, resolved(call, node));
};

const OPENAI: ConfigNode = { provider: "openai", api_key: "sk" };
const ODD: ConfigNode = { provider: "odd", api_key: "sk" };
const ANTHROPIC: ConfigNode = { provider: "anthropic", api_key: "sk" };

const headersOf = ({ headers }: Prepared): Headers => ({ ...headers });

const jsonOf = ({ body }: Prepared): unknown => (typeof body === "string" ? JSON.parse(body) : undefined);

/** Large integers, `1.0`, odd spaces, repeated keys and fields of tomorrow. */
const ODD_TEXT = `{ "model":"m" ,"seed":12345678901234567890, "temperature" : 1.0,
  "x":1,"x":{"y":[1e400, 0.10]},"messages":[ {"role":"user","content":"h\\u0069"} ] }`;

describe("a chat of the same dialect", () => {
  test.each<[string, ConfigNode, Partial<CallOptions>]>([
    ["as an OpenAI chat", OPENAI, {}],
    ["as an Anthropic message", ANTHROPIC, { ingress: MESSAGES, path: "/v1/messages" }],
  ])("goes on byte for byte %s", (_name, node, options) => {
    expect(prepared({ node, body: ODD_TEXT, ...options })).toMatchObject({
      body: ODD_TEXT,
      mode: "passthrough",
      notes: [],
      method: "POST",
    });
  });

  test.each<[string, Situation, string]>([
    [
      "the model, from behind the provider's name",
      { addressed: { provider: "openai", model: "m2" }, headers: { authorization: "Bearer sk" } },
      ODD_TEXT.replace('"m"', '"m2"'),
    ],
    [
      "an override",
      { node: { ...OPENAI, override_params: { temperature: 0 } } },
      ODD_TEXT.replace("1.0", "0"),
    ],
    [
      "an override of an object",
      { node: { ...OPENAI, override_params: { messages: [] } } },
      ODD_TEXT.replace(/"messages":\[.*?\] \}/s, '"messages":[] }'),
    ],
    [
      "an override of what was not there",
      { node: { ...OPENAI, override_params: { max_tokens: 5 } } },
      ODD_TEXT.replace("} ] }", '} ],"max_tokens":5 }'),
    ],
    [
      "an override of a repeated key, wherever it is",
      { node: { ...OPENAI, override_params: { x: 2 } } },
      ODD_TEXT.replace('"x":1', '"x":2').replace(/\{"y".*?\]\}/, "2"),
    ],
    [
      "several overrides",
      { node: { ...OPENAI, override_params: { model: "m2", seed: null } } },
      ODD_TEXT.replace('"m"', '"m2"').replace("12345678901234567890", "null"),
    ],
  ])("is edited in one place for %s", (_name, situation, expected) => {
    const { body, mode } = prepared({ body: ODD_TEXT, ...situation });
    expect(body).toBe(expected);
    expect(mode).toBe("edited");
  });

  test("is not edited by an override that says the same", () => {
    const node = { ...OPENAI, override_params: { model: "m" } };
    expect(prepared({ node, body: ODD_TEXT })).toMatchObject({ body: ODD_TEXT, mode: "passthrough" });
  });

  test("has the model that an override names, before the one at the front", () => {
    const situation = {
      addressed: { provider: "openai", model: "from-front" },
      headers: { authorization: "Bearer sk" },
      node: { override_params: { model: "from-override" } },
    };
    expect(prepared({ body: '{"model":"openai/from-front"}', ...situation })).toMatchObject({
      body: '{"model":"from-override"}',
    });
  });

  test("keeps a model with a slash where the config names the provider", () => {
    const body = '{"model":"openai/gpt"}';
    const node: ConfigNode = { provider: "openrouter", api_key: "sk" };
    const addressed = { provider: "openai", model: "gpt" };
    expect(prepared({ node, body, addressed })).toMatchObject({ body });
  });
});

describe("a provider's spelling", () => {
  const MESSAGE = '"messages":[]';
  test.each<[string, string, string, readonly string[]]>([
    ["nothing to change", `{"model":"m",${MESSAGE}}`, `{"model":"m",${MESSAGE}}`, []],
    ["a field by another name", '{"max_completion_tokens": 1.0}', '{"max_tokens": 1.0}', []],
    [
      "the newer field where both are there",
      '{"max_tokens":1,"a":0,"max_completion_tokens":2}',
      '{"a":0,"max_tokens":2}',
      [],
    ],
    ["a value by another name", '{"tool_choice" : "required"}', '{"tool_choice" : "any"}', []],
    ["a value that stays", '{"tool_choice":"auto"}', '{"tool_choice":"auto"}', []],
    [
      "a value named like a property of all objects",
      '{"tool_choice":"constructor"}',
      '{"tool_choice":"constructor"}',
      [],
    ],
    [
      "a refused field, which is told",
      '{"a":1.0,"n":2,"logit_bias":{"1":1}}',
      '{"a":1.0}',
      ["logit_bias", "n"],
    ],
    ["a refused field that asks for nothing", '{"a":1.0,"n":1,"logit_bias":{}}', '{"a":1.0}', []],
    [
      "the developer's role",
      '{"messages":[{"role":"developer","n":1.0},{"role":"user"},{"role":"developer"}]}',
      '{"messages":[{"role":"system","n":1.0},{"role":"user"},{"role":"system"}]}',
      [],
    ],
  ])("is applied to the client's bytes: %s", (_name, sent, expected, notes) => {
    const written = prepared({ node: ODD, body: sent });
    expect(written).toMatchObject({ body: expected, mode: sent === expected ? "passthrough" : "edited" });
    expect(written.notes).toEqual([...notes]);
  });

  test("is applied to what an override says, too", () => {
    const node = { ...ODD, override_params: { max_completion_tokens: 7, tool_choice: "required" } };
    expect(prepared({ node, body: '{"model":"m"}' }).body).toBe(
      '{"model":"m","max_tokens":7,"tool_choice":"any"}',
    );
  });

  test("is applied to a translated body", () => {
    const written = prepared({
      node: ODD,
      ingress: MESSAGES,
      body: {
        model: "m",
        max_tokens: 9,
        messages: [{ role: "user", content: "hi" }],
        tool_choice: { type: "any" },
        tools: [{ name: "t", input_schema: { type: "object" } }],
      },
    });
    expect(written.mode).toBe("translated");
    expect(jsonOf(written)).toMatchObject({ max_tokens: 9, tool_choice: "any" });
  });

  test("takes no more time than the body is long", () => {
    const messages = Array.from({ length: 4000 }, () => ({ role: "developer", content: "" }));
    const startedAt = performance.now();
    prepared({ node: ODD, body: { messages } });
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

test("a chat of another dialect is translated, and what is lost is told", () => {
  const body: JsonObject = {
    model: "m",
    messages: [{ role: "user", content: "hi" }],
    max_tokens: 5,
    logit_bias: { "1": 1 },
  };
  const written = prepared({ node: ANTHROPIC, body });
  expect(written).toMatchObject({ mode: "translated", notes: ["logit_bias"] });
  expect(jsonOf(written)).toMatchObject({ model: "m", max_tokens: 5 });
});

test("a body that a dialect cannot read is refused with its path", () => {
  expect(thrown(() => prepared({ node: ANTHROPIC, body: { model: "m", messages: "hi" } }))).toMatchObject({
    code: "invalid_request",
    param: "messages",
  });
});

describe("the URL", () => {
  const chat = (node: ConfigNode, path = "/v1/chat/completions"): string =>
    prepared({ node, path, body: { model: "m", messages: [], max_tokens: 1 } }).url;

  test.each<[string, string, string]>([
    ["is the provider's", chat(OPENAI), "https://api.openai.com/v1/chat/completions"],
    ["is the row's path below the row's base", chat(ODD), "https://odd.example/base/talk"],
    ["of another dialect is that dialect's", chat(ANTHROPIC), "https://api.anthropic.com/v1/messages"],
    [
      "is below the host that was named",
      chat({ ...OPENAI, custom_host: "https://h.example/x/" }),
      "https://h.example/x/chat/completions",
    ],
    [
      "has the query of the host that was named, behind the path",
      chat({ ...OPENAI, custom_host: "https://h.example/x/?api-version=1&b=2" }, "/v1/chat/completions?b=3"),
      "https://h.example/x/chat/completions?api-version=1&b=2",
    ],
    [
      "is swallowed by a query that is there for that",
      chat({ ...OPENAI, custom_host: "https://h.example/the/path?" }),
      "https://h.example/the/path?/chat/completions",
    ],
    [
      "has the query",
      chat(OPENAI, "/v1/chat/completions?a=b"),
      "https://api.openai.com/v1/chat/completions?a=b",
    ],
    [
      "has the query without what is the gateway's",
      chat(OPENAI, "/v1/chat/completions?pretty&a=pretty&pretty=1"),
      "https://api.openai.com/v1/chat/completions?a=pretty",
    ],
    [
      "has no query when that is all",
      chat(OPENAI, "/v1/chat/completions?pretty"),
      "https://api.openai.com/v1/chat/completions",
    ],
    [
      "has no query of another dialect",
      chat(ANTHROPIC, "/v1/chat/completions?a=b"),
      "https://api.anthropic.com/v1/messages",
    ],
  ])("of a chat %s", (_name, href, expected) => {
    expect(href).toBe(expected);
  });

  test("of the models is the row's, with the query", () => {
    const { url, method, body } = prepared({
      node: ODD,
      ingress: MODELS,
      method: "GET",
      path: "/v1/models?limit=3",
    });
    expect([method, url, body]).toEqual(["GET", "https://odd.example/base/catalogue?limit=3", null]);
  });

  const DEEPSEEK: ConfigNode = { provider: "deepseek", api_key: "sk" };
  test.each<[string, string, string]>([
    ["openai", "/v1/files", "https://api.openai.com/v1/files"],
    ["openai", "/v1/files?limit=3&x", "https://api.openai.com/v1/files?limit=3&x"],
    ["openai", "/v1/proxy/files/f-1", "https://api.openai.com/v1/files/f-1"],
    ["openai", "/v1/proxy/v1/files", "https://api.openai.com/v1/files"],
    ["openai", "/v1/proxy", "https://api.openai.com/v1"],
    ["openai", "/v1/a/v1/proxy/b", "https://api.openai.com/v1/a/v1/proxy/b"],
    ["anthropic", "/v1/messages/count_tokens", "https://api.anthropic.com/v1/messages/count_tokens"],
    ["anthropic", "/v1/proxy/v1/messages/batches", "https://api.anthropic.com/v1/messages/batches"],
    ["odd", "/v1/proxy/a%2Fb", "https://odd.example/base/a%2Fb"],
    ["deepseek", "/v1/proxy/beta/completions", "https://api.deepseek.com/beta/completions"],
    ["deepseek", "/v1/user/balance", "https://api.deepseek.com/user/balance"],
    ["deepseek", "/v1/proxyish/x", "https://api.deepseek.com/proxyish/x"],
  ])("of a passed-through call: %s %s", (provider, path, expected) => {
    const node = { provider, api_key: "sk" };
    expect(prepared({ node, ingress: PROXY, method: "GET", path }).url).toBe(expected);
  });

  test.each([
    "/v1/proxy.evil.example/x",
    "/v1/proxy@evil.example/x",
    "/v1/proxy:pw@evil.example/x",
    "/v1/proxy:8443/x",
    "/v1/proxy//evil.example/x",
    "/v1//evil.example/x",
    "/v1/proxy/\\evil.example/x",
    "/v1/proxy/@evil.example/x",
    "/v1/proxy/../../../evil.example",
    "/v1/proxy/http://evil.example",
  ])("of a passed-through call never leaves the provider's host: %s", (path) => {
    for (const node of [DEEPSEEK, OPENAI, ODD]) {
      const home = new URL(prepared({ node, body: { messages: [] } }).url).origin;
      const url = new URL(prepared({ node, ingress: PROXY, method: "GET", path }).url);
      expect([url.origin, url.username, url.password]).toEqual([home, "", ""]);
    }
  });
});

describe("the headers of a chat", () => {
  const NOISE: Headers = {
    authorization: "Bearer client",
    cookie: "a=b",
    "user-agent": "client/1",
    "x-mine": "1",
    "accept-encoding": "gzip",
    "x-portkey-metadata": "{}",
    "content-type": "application/json; charset=latin1",
  };

  test("are ours, none of the client's", () => {
    expect(headersOf(prepared({ node: OPENAI, headers: NOISE, body: {} }))).toEqual({
      "content-type": "application/json",
      "accept-encoding": "identity",
      "user-agent": USER_AGENT,
    });
  });

  test("carry no credential: to sign comes last", () => {
    for (const node of [OPENAI, ODD, { provider: "ollama" }])
      expect(Object.values(headersOf(prepared({ node, body: {} }))).join()).not.toContain("sk");
  });

  test.each<[string, Situation, string]>([
    ["the default", { node: ODD }, "eu"],
    ["the config's", { node: { ...ODD, odd_region: "us" } }, "us"],
    [
      "the header's",
      {
        addressed: { provider: "odd" },
        headers: { authorization: "Bearer sk", "x-portkey-odd-region": "asia" },
      },
      "asia",
    ],
    ["the body's", { node: ODD, body: { odd_region: "mars" } }, "mars"],
    ["the body's list", { node: ODD, body: { odd_region: ["a", "b"] } }, "a,b"],
    [
      "the config's before the body's",
      { node: { ...ODD, odd_region: "us" }, body: { odd_region: "mars" } },
      "us",
    ],
  ])("say a provider's option: %s", (_name, situation, expected) => {
    expect(prepared({ body: {}, ...situation }).headers["x-odd-region"]).toBe(expected);
  });

  test("say a bare option where the row knows it", () => {
    expect(prepared({ node: ODD, headers: { "odd-beta": "b1" }, body: {} }).headers["odd-beta"]).toBe("b1");
  });
});

describe("a passed-through call", () => {
  const passed = (more: Situation): Prepared =>
    prepared({ node: OPENAI, ingress: PROXY, path: "/v1/files", ...more });

  test("takes the client's own headers along, and the target's credential", () => {
    const headers = {
      "user-agent": "client/1",
      "accept-encoding": "br",
      "content-type": "application/json",
      authorization: "Bearer client",
      cookie: "a=b",
      "openai-beta": "assistants=v2",
    };
    expect(headersOf(passed({ headers, body: "{}" }))).toEqual({
      "user-agent": "client/1",
      "accept-encoding": "br",
      "content-type": "application/json",
      "openai-beta": "assistants=v2",
    });
  });

  test("names us where the client has no name", () => {
    expect(headersOf(passed({ body: "{}" }))["user-agent"]).toBe(USER_AGENT);
  });

  test("keeps a version that the client names", () => {
    const headers = { "anthropic-version": "2099-01-01" };
    expect(headersOf(passed({ node: ANTHROPIC, headers }))["anthropic-version"]).toBe("2099-01-01");
    expect(headersOf(passed({ node: ANTHROPIC }))["anthropic-version"]).toBe("2023-06-01");
  });

  test("keeps its JSON to the letter, but for overrides", () => {
    expect(passed({ body: ODD_TEXT })).toMatchObject({
      body: ODD_TEXT,
      mode: "passthrough",
    });
    const node = { ...OPENAI, override_params: { model: "m2" } };
    expect(passed({ node, body: ODD_TEXT })).toMatchObject({
      body: ODD_TEXT.replace('"m"', '"m2"'),
      mode: "edited",
    });
  });

  test("keeps its bytes", () => {
    const bytes = new TextEncoder().encode("RIFF");
    expect(passed({ body: { kind: "bytes", bytes } })).toMatchObject({ body: bytes, mode: "passthrough" });
  });

  test("can send a stream once", () => {
    const stream = new Blob(["a"]).stream();
    const body = { kind: "stream", stream } as const;
    expect(passed({ body }).body).toBe(stream);
    stream.getReader();
    expect(thrown(() => passed({ body })).code).toBe("body_not_replayable");
  });

  test("keeps its method", () => {
    expect(passed({ method: "DELETE", path: "/v1/files/f-1" })).toMatchObject({
      method: "DELETE",
      body: null,
    });
  });
});
