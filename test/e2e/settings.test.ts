/** The settings file, the environment's credentials, and addressing by the model's name, from outside. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { Gateway } from "../support/gateway.ts";
import { killGateways, startGateway } from "../support/gateway.ts";
import type { Upstream } from "../support/upstream.ts";
import { startUpstream } from "../support/upstream.ts";

let upstream: Upstream;
let gateway: Gateway;

const settingsFile = (): string => {
  const path = join(mkdtempSync(join(tmpdir(), "turnpike-settings-")), "settings.yaml");
  writeFileSync(
    path,
    `
providers:
  - id: house
    name: Our own models
    base_url: ${upstream.url}/v1
    keyless: true
virtual_keys:
  claude-prod:
    provider: anthropic
    api_key: env:CLAUDE_PROD_KEY
    custom_host: ${upstream.url}/v1
    models: [claude-sonnet-4-5]
configs:
  main:
    strategy: { mode: fallback }
    targets:
      - { provider: house, override_params: { model: small } }
      - { virtual_key: claude-prod }
default_config: main
`,
  );
  return path;
};

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({
    args: ["--settings", settingsFile()],
    env: { CLAUDE_PROD_KEY: "sk-ant-prod", OPENAI_API_KEY: "sk-of-the-gateway" },
  });
});

afterAll(async () => {
  await killGateways();
  await upstream.close();
});

const ask = (model: string) => ({
  model,
  max_tokens: 50,
  messages: [{ role: "user" as const, content: "hello" }],
});

describe("a client that can only set a base URL", () => {
  test("names a virtual key at the front of the model, in OpenAI's dialect", async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "turnpike", maxRetries: 0 });
    const reply = await client.chat.completions.create(ask("@claude-prod/claude-sonnet-4-5"));
    const seen = upstream.requests.at(-1);
    expect(reply.choices[0]?.message.content).toContain("hello");
    expect(seen?.headers["x-api-key"]).toBe("sk-ant-prod");
    expect(seen?.json).toMatchObject({ model: "claude-sonnet-4-5" });
  });

  test("names a provider of the operator's, in Anthropic's dialect", async () => {
    const client = new Anthropic({ baseURL: gateway.url, apiKey: "turnpike", maxRetries: 0 });
    const reply = await client.messages.create(ask("house/llama"));
    const seen = upstream.requests.at(-1);
    expect(reply.content[0]).toMatchObject({ type: "text" });
    expect(seen?.url).toBe("/v1/chat/completions");
    expect(seen?.headers).not.toHaveProperty("authorization");
    expect(seen?.json).toMatchObject({ model: "llama" });
  });
});

describe("the default config", () => {
  test("answers a request that names nothing, and falls back", async () => {
    upstream.enqueue({ kind: "status", status: 500 });
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(ask("claude-sonnet-4-5")),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-portkey-last-used-option-index")).toBe("config.targets[1]");
    expect(upstream.requests.at(-2)?.json).toMatchObject({ model: "small" });
    expect(upstream.requests.at(-1)?.headers["x-api-key"]).toBe("sk-ant-prod");
  });
});

test.each([
  { provider: "@claude-prod", override_params: { model: "claude-haiku-4-5" } },
  { override_params: { model: "@claude-prod/claude-haiku-4-5" } },
])("a target may name a virtual key as Portkey's documents do: %j", async (target) => {
  const config = { strategy: { mode: "fallback" }, targets: [target] };
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-portkey-config": JSON.stringify(config) },
    body: JSON.stringify(ask("gpt-4o")),
  });
  expect(response.status).toBe(200);
  expect(upstream.requests.at(-1)?.headers["x-api-key"]).toBe("sk-ant-prod");
  expect(upstream.requests.at(-1)?.json).toMatchObject({ model: "claude-haiku-4-5" });
});

describe("a credential of the gateway's own", () => {
  const post = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(ask("gpt-4o")),
    });

  test("of the environment is not sent to a host that the request names", async () => {
    const response = await post({
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": `${upstream.url}/v1`,
    });
    expect(response.status).toBe(200);
    expect(upstream.requests.at(-1)?.headers).not.toHaveProperty("authorization");
  });

  test("of a virtual key is not sent to a host that the request names", async () => {
    const before = upstream.requests.length;
    const response = await post({
      "x-portkey-virtual-key": "claude-prod",
      "x-portkey-custom-host": `${upstream.url}/v1`,
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: "host_not_allowed_for_key" } });
    expect(upstream.requests.length).toBe(before);
  });
});

describe("the list of models", () => {
  test("holds what the settings name", async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "turnpike" });
    const ids = (await client.models.list()).data.map(({ id }) => id);
    expect(ids).toContain("@claude-prod/claude-sonnet-4-5");
    expect(ids).toContain("house/small");
  });
});

describe("a config that asks for checks", () => {
  const send = (config: unknown, more: Record<string, string> = {}): Promise<Response> =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-portkey-config": JSON.stringify(config), ...more },
      body: JSON.stringify(ask("llama")),
    });

  test("that deny is refused with the path, since they cannot be held", async () => {
    const response = await send({
      provider: "house",
      input_guardrails: [{ "default.contains": {}, deny: true }],
    });
    expect(response.status).toBe(400);
    expect((await response.json()).errors).toEqual([expect.stringContaining("path: input_guardrails")]);
  });

  test.each([
    ['[{"default.contains":{},"deny":true}]', "path: x-portkey-default-output-guardrails"],
    ["{bad", "x-portkey-default-output-guardrails must be a JSON array"],
    ['{"default.contains":{}}', "x-portkey-default-output-guardrails must be a JSON array"],
  ])("by header, %s, is refused", async (checks, fault) => {
    const response = await send({ provider: "house" }, { "x-portkey-default-output-guardrails": checks });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(fault);
  });

  test.each(["", "[]", "null"])("by header, %p, asks for none", async (checks) => {
    const response = await send({ provider: "house" }, { "x-portkey-default-input-guardrails": checks });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-turnpike-not-carried")).toBeNull();
  });

  test("by header that only watch goes on and says what was left out", async () => {
    const checks = { "x-portkey-default-input-guardrails": '[{"default.contains":{}}]' };
    const response = await send({ provider: "house" }, checks);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-turnpike-not-carried")).toBe("x-portkey-default-input-guardrails");
  });

  test("that only watch goes on and says what was left out", async () => {
    const response = await send({ provider: "house", output_guardrails: [{ "default.contains": {} }] });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-turnpike-not-carried")).toContain("output_guardrails");
  });
});
