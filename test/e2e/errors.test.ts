/** Every way to be refused: a clear error in the client's dialect, and a gateway that answers on. */
import { afterEach, describe, expect, test } from "bun:test";
import * as anthropic from "@anthropic-ai/sdk";
import * as openai from "openai";
import type { JsonObject } from "../../src/schema/json.ts";
import { closedUrl, type Script } from "../support/upstream.ts";
import { ask, failureOf, KEY, type Provider, startPair } from "./setup.ts";

const MAX_JSON_BYTES = 65_536;

const pair = startPair({
  env: {
    TURNPIKE_MAX_JSON_BYTES: String(MAX_JSON_BYTES),
    // A trusted name is dialled as it is, so that one without an address can be tried.
    TRUSTED_CUSTOM_HOSTS: "localhost,127.0.0.1,nonexistent.invalid",
  },
});

/** A connection that was kept is given a second chance: a new one. */
const REFUSALS: readonly Script[] = [{ kind: "refuse" }, { kind: "refuse" }];

const PROVIDERS = ["openai", "anthropic"] as const satisfies readonly Provider[];

const authorized = (more: Record<string, string> = {}): Record<string, string> =>
  pair.headers("openai", { authorization: `Bearer ${KEY}`, ...more });

/** After every fault a good call still succeeds, in the same process. */
afterEach(async () => {
  const response = await pair.post("/v1/chat/completions", ask("echo"), authorized());
  expect(response.status).toBe(200);
  await response.arrayBuffer();
});

describe.each(PROVIDERS)("a refusal of %s", (provider) => {
  const classes = [
    [400, openai.BadRequestError, anthropic.BadRequestError],
    [401, openai.AuthenticationError, anthropic.AuthenticationError],
    [403, openai.PermissionDeniedError, anthropic.PermissionDeniedError],
    [404, openai.NotFoundError, anthropic.NotFoundError],
    [413, openai.APIError, anthropic.APIError],
    [429, openai.RateLimitError, anthropic.RateLimitError],
    [500, openai.InternalServerError, anthropic.InternalServerError],
    [503, openai.InternalServerError, anthropic.InternalServerError],
  ] as const;

  test.each(classes)("with %i has its class in both clients", async (status, ofOpenai, ofAnthropic) => {
    const script: Script = { kind: "status", status };
    pair.upstream.enqueue(script, script);
    const chat = await failureOf(pair.openai(provider).chat.completions.create(ask("echo")));
    const messages = await failureOf(pair.anthropic(provider).messages.create(ask("echo")));
    expect(chat).toBeInstanceOf(ofOpenai);
    expect(chat).toMatchObject({ status, message: expect.stringContaining(`${provider} error: `) });
    expect(messages).toBeInstanceOf(ofAnthropic);
    expect(messages).toMatchObject({ status, type: expect.stringMatching(/_error$|^request_too_large$/) });
  });

  test("in HTML keeps its status and becomes JSON", async () => {
    pair.upstream.enqueue({ kind: "html", status: 502 });
    const failure = await failureOf(pair.openai(provider).chat.completions.create(ask("echo")));
    expect(failure).toBeInstanceOf(openai.InternalServerError);
    expect(failure).toMatchObject({ status: 502, error: { message: expect.any(String) } });
  });
});

test("retry-after reaches the client", async () => {
  pair.upstream.enqueue({ kind: "status", status: 429, headers: { "retry-after": "7" } });
  const failure = await failureOf(pair.openai("openai").chat.completions.create(ask("echo")));
  expect(failure).toBeInstanceOf(openai.RateLimitError);
  expect(failure instanceof openai.RateLimitError && failure.headers.get("retry-after")).toBe("7");
});

test("an overload of Anthropic is one to both clients", async () => {
  const script: Script = { kind: "status", status: 529 };
  pair.upstream.enqueue(script, script);
  const messages = await failureOf(pair.anthropic("anthropic").messages.create(ask("echo")));
  const chat = await failureOf(pair.openai("anthropic").chat.completions.create(ask("echo")));
  expect(messages).toBeInstanceOf(anthropic.InternalServerError);
  expect(messages).toMatchObject({ status: 529, type: "overloaded_error" });
  expect(chat).toBeInstanceOf(openai.InternalServerError);
  expect(chat).toMatchObject({ status: 529, type: "overloaded_error" });
});

interface BadInput {
  readonly name: string;
  readonly status: number;
  readonly code: string;
  readonly message: string | RegExp;
  readonly body?: JsonObject | string;
  readonly headers?: () => Record<string, string> | Promise<Record<string, string>>;
}

const to = (host: string): Record<string, string> => authorized({ "x-portkey-custom-host": host });
const configured = (config: string): Record<string, string> => ({ "x-portkey-config": config });

const deep = `{"model":"echo","max_tokens":1,"messages":${"[".repeat(5000)}${"]".repeat(5000)}}`;

const BAD_INPUTS: readonly BadInput[] = [
  { name: "a body that is not JSON", status: 400, code: "invalid_json", message: /JSON/, body: "{bad" },
  { name: "a body that is too deep", status: 400, code: "json_too_deep", message: /deep/, body: deep },
  {
    name: "a body that is too large",
    status: 413,
    code: "request_too_large",
    message: /large|bytes/,
    body: ask("echo", "x".repeat(MAX_JSON_BYTES)),
  },
  {
    name: "another content type",
    status: 400,
    code: "invalid_content_type",
    message: "Invalid content type passed",
    headers: () => authorized({ "content-type": "text/plain" }),
  },
  {
    name: "no provider and no config",
    status: 400,
    code: "missing_provider",
    message: "Either x-portkey-config or x-portkey-provider header is required",
    headers: () => ({ authorization: `Bearer ${KEY}` }),
  },
  {
    name: "no provider before a body that is not there",
    status: 400,
    code: "missing_provider",
    message: "Either x-portkey-config or x-portkey-provider header is required",
    body: "",
    headers: () => ({ authorization: `Bearer ${KEY}` }),
  },
  {
    name: "an unknown provider before a body that is not JSON",
    status: 400,
    code: "invalid_provider",
    message: "Invalid provider passed",
    body: "{bad",
    headers: () => authorized({ "x-portkey-provider": "nope" }),
  },
  {
    name: "an unknown provider",
    status: 400,
    code: "invalid_provider",
    message: "Invalid provider passed",
    headers: () => authorized({ "x-portkey-provider": "nope" }),
  },
  {
    name: "a custom host that may not be called",
    status: 400,
    code: "invalid_custom_host",
    message: "Invalid custom host",
    headers: () => to("http://169.254.169.254/v1"),
  },
  {
    name: "a config that is not JSON",
    status: 400,
    code: "invalid_config",
    message: "Invalid config passed. You need to pass a valid json",
    headers: () => configured("{"),
  },
  {
    name: "no key",
    status: 401,
    code: "missing_credential",
    message: /key/i,
    headers: () => ({ "x-portkey-provider": "openai" }),
  },
  {
    name: "a host without an address",
    status: 502,
    code: "upstream_unreachable",
    message: /resolv/,
    headers: () => to("http://nonexistent.invalid/v1"),
  },
  {
    name: "a host that refuses",
    status: 502,
    code: "upstream_unreachable",
    message: /refused/,
    headers: async () => to(await closedUrl()),
  },
  {
    name: "a key that no header can hold",
    status: 400,
    code: "invalid_header",
    message: "authorization: has a line break or characters that a header cannot hold",
    headers: () => ({ "x-portkey-config": asciiJson(pair.target("openai", { api_key: "ключ" })) }),
  },
];

/** JSON as clients write it that put only ASCII into headers. */
const asciiJson = (value: JsonObject): string =>
  JSON.stringify(value).replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const ROWS = BAD_INPUTS.map((input) => [input.name, input] as const);

const send = async (path: string, input: BadInput): Promise<Response> =>
  pair.post(path, input.body ?? ask("echo"), (await input.headers?.()) ?? authorized());

describe("a client of chat/completions", () => {
  test.each(ROWS)("is told of %s", async (_name, input) => {
    const response = await send("/v1/chat/completions", input);
    const message = typeof input.message === "string" ? input.message : expect.stringMatching(input.message);
    expect(response.status).toBe(input.status);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(response.headers.get("x-portkey-trace-id")).toBeTruthy();
    expect(await response.json()).toMatchObject({
      status: "failure",
      message,
      error: { message, code: input.code, type: expect.any(String) },
    });
  });

  test("is told of every fault of a config, with its path", async () => {
    const config = { strategy: { mode: "x" }, targets: [{ provider: "nope" }] };
    const response = await pair.route(config);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      status: "failure",
      message: "Invalid config passed",
      errors: expect.arrayContaining([
        expect.stringMatching(/^path: strategy,mode, message: Invalid 'mode' value\./),
        expect.stringMatching(/^path: targets,0,provider, message: Invalid 'provider' value\./),
      ]),
    });
  });

  test("is never shown its own key", async () => {
    pair.upstream.enqueue(...REFUSALS);
    const response = await pair.post("/v1/chat/completions", ask("echo"), authorized());
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain(KEY);
  });
});

describe("a client of messages", () => {
  test.each(ROWS)("is told of %s", async (_name, input) => {
    const response = await send("/v1/messages", input);
    const message = typeof input.message === "string" ? input.message : expect.stringMatching(input.message);
    expect(response.status).toBe(input.status);
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: expect.any(String), message },
    });
  });
});

const UPSTREAM_FAULTS: readonly (readonly [string, readonly Script[], code: string])[] = [
  ["redirects", [{ kind: "redirect", status: 307, location: "http://127.0.0.1:1/" }], "upstream_redirect"],
  ["answers with broken JSON", [{ kind: "malformed" }], "upstream_malformed"],
  ["closes the connection", REFUSALS, "upstream_unreachable"],
];

test.each(UPSTREAM_FAULTS)("an upstream that %s is a 502", async (_name, scripts, code) => {
  pair.upstream.enqueue(...scripts);
  const response = await pair.post("/v1/chat/completions", ask("echo"), {
    ...authorized(),
    "x-portkey-provider": "anthropic",
  });
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ error: { code, type: "upstream_error" } });
});

test("a reply that is cut is never a short success", async () => {
  pair.upstream.enqueue({ kind: "cut", afterEvents: 0, how: "fin" });
  const outcome = await pair
    .post("/v1/chat/completions", ask("echo"), authorized())
    .then(async (response) => [response.status, await response.text()] as const)
    .catch(() => "cut" as const);
  expect(outcome === "cut" || outcome[0] === 502).toBe(true);
});
