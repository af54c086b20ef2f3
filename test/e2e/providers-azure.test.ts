/** Azure OpenAI, Azure AI Foundry and GitHub's models, as clients of the gateway reach them. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../src/schema/json.ts";
import { startGateway } from "../support/gateway.ts";
import type { UpstreamRequest } from "../support/upstream.ts";
import { ask, collect, KEY, startPair, type Headers } from "./setup.ts";

const pair = startPair();

interface Exchanged {
  readonly response: Response;
  readonly body: JsonObject;
  readonly arrived: UpstreamRequest;
}

/** A call with the key, through the gateway to the upstream. */
const exchange = async (path: string, body: JsonObject, headers: Headers): Promise<Exchanged> => {
  const response = await pair.post(path, body, { authorization: `Bearer ${KEY}`, ...headers });
  return { response, body: (await response.json()) as JsonObject, arrived: await pair.upstream.next() };
};

/** A call that never leaves the gateway. */
const refused = async (
  path: string,
  headers: Headers,
  body: JsonObject = ask("echo"),
): Promise<JsonObject> => {
  const response = await pair.post(path, body, { authorization: `Bearer ${KEY}`, ...headers });
  expect(pair.upstream.requests).toHaveLength(0);
  return { ...((await response.json()) as JsonObject), status: response.status };
};

const completion = { id: "c", object: "chat.completion", created: 1, model: "gpt-4o" };
const choice = { index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello" } };
const CHAT = {
  ...completion,
  choices: [choice],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

const answer = (body: JsonObject): void =>
  pair.upstream.enqueue({
    kind: "raw",
    chunks: [JSON.stringify(body)],
    headers: { "content-type": "application/json" },
  });

const openai = (more: Headers = {}): Headers => ({
  "x-portkey-provider": "azure-openai",
  "x-portkey-custom-host": `${pair.upstream.url}/openai`,
  "x-portkey-azure-deployment-id": "my-gpt",
  "x-portkey-azure-api-version": "2025-01-01",
  ...more,
});

describe("Azure OpenAI", () => {
  test("is asked by deployment and version, with the key in its header", async () => {
    answer({ ...CHAT, prompt_filter_results: [{ prompt_index: 0 }] });
    const sent = { ...ask("gpt-4o"), parallel_tool_calls: false, service_tier: "default" };
    const { arrived, body } = await exchange("/v1/chat/completions", sent, openai());
    expect(arrived.url).toBe("/openai/deployments/my-gpt/chat/completions?api-version=2025-01-01");
    expect(arrived.headers["api-key"]).toBe(KEY);
    expect(arrived.headers).not.toHaveProperty("authorization");
    expect(arrived.json).toEqual(sent);
    expect(body).toMatchObject({ choices: [choice], prompt_filter_results: [{ prompt_index: 0 }] });
  });

  test.each([
    ["/v1/completions", "completions"],
    ["/v1/embeddings", "embeddings"],
    ["/v1/images/generations", "images/generations"],
    ["/v1/audio/speech", "audio/speech"],
  ])("offers %p", async (path, below) => {
    const { arrived, response } = await exchange(path, { model: "m", input: "x", prompt: "x" }, openai());
    expect(response.status).toBe(200);
    expect(arrived.url).toBe(`/openai/deployments/my-gpt/${below}?api-version=2025-01-01`);
  });

  test.each(["audio/transcriptions", "audio/translations", "images/edits"])(
    "gets the form of %p as it was sent, with a token too",
    async (path) => {
      const form = new FormData();
      form.set("model", "whisper");
      form.set("file", new File(["RIFF"], "a.wav", { type: "audio/wav" }));
      const response = await fetch(`${pair.gateway.url}/v1/${path}`, {
        method: "POST",
        headers: openai({ "x-portkey-azure-ad-token": "entra-token" }),
        body: form,
      });
      expect(response.status).toBe(200);
      const arrived = await pair.upstream.next();
      expect(arrived.url).toBe(`/openai/deployments/my-gpt/${path}?api-version=2025-01-01`);
      expect(arrived.headers["authorization"]).toBe("Bearer entra-token");
      expect(arrived.headers["content-type"]).toStartWith("multipart/form-data; boundary=");
      expect(arrived.body).toContain("RIFF");
    },
  );

  test("streams", async () => {
    const chunk = (delta: JsonObject, reason: string | null): string =>
      `data: ${JSON.stringify({ ...completion, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
    pair.upstream.enqueue({
      kind: "raw",
      // Azure begins with what its filter says of the prompt, without a choice.
      chunks: [
        `data: ${JSON.stringify({ ...completion, choices: [], prompt_filter_results: [] })}\n\n`,
        chunk({ role: "assistant", content: "Hel" }, null),
        chunk({ content: "lo" }, null),
        chunk({}, "stop"),
        "data: [DONE]\n\n",
      ],
      headers: { "content-type": "text/event-stream" },
    });
    const client = pair.openai("openai", openai());
    const stream = await client.chat.completions.create({ ...ask("gpt-4o"), stream: true });
    const chunks = await collect(stream);
    expect(chunks.map((each) => each.choices[0]?.delta.content ?? "").join("")).toBe("Hello");
  });

  test("is asked by OpenAI's own paths in version v1, where the model is the deployment", async () => {
    const v1 = openai({ "x-portkey-azure-api-version": "v1" });
    answer(CHAT);
    const { arrived } = await exchange("/v1/chat/completions", ask("gpt-4o"), v1);
    expect(arrived.url).toBe("/openai/v1/chat/completions");
    expect(arrived.json).toEqual(ask("my-gpt"));
    const image = await exchange("/v1/images/generations", { model: "x", prompt: "y" }, v1);
    expect(image.arrived.url).toBe("/openai/v1/images/generations");
    expect(image.arrived.json).toEqual({ model: "my-gpt", prompt: "y" });
  });

  test("keeps the client's model in version v1 without a deployment", async () => {
    answer(CHAT);
    const headers = { ...openai(), "x-portkey-azure-api-version": "v1", "x-portkey-azure-deployment-id": "" };
    const { arrived } = await exchange("/v1/chat/completions", ask("gpt-4o"), headers);
    expect(arrived.json).toEqual(ask("gpt-4o"));
  });

  test.each([
    ["2025-01-01", "/v1/files?limit=2", "/openai/files?api-version=2025-01-01&limit=2"],
    ["2025-01-01", "/v1/proxy/files?api-version=x", "/openai/files?api-version=x"],
    [
      "2025-01-01",
      "/v1/proxy/evil.openai.azure.com/x",
      "/openai/evil.openai.azure.com/x?api-version=2025-01-01",
    ],
    ["v1", "/v1/responses/resp_1/cancel", "/openai/v1/responses/resp_1/cancel"],
    ["v1", "/v1/proxy/v1/batches?after=a", "/openai/v1/batches?after=a"],
  ])("passes through in version %p: %p", async (version, path, url) => {
    const headers = openai({ "x-portkey-azure-api-version": version });
    const { arrived } = await exchange(path, { a: 1 }, headers);
    expect(arrived.url).toBe(url);
    expect(arrived.headers["api-key"]).toBe(KEY);
    expect(arrived.json).toEqual({ a: 1 });
  });

  test.each([
    ["/v1/chat/completions", "preview", "/openai/v1/chat/completions?api-version=preview"],
    ["/v1/responses", "preview", "/openai/v1/responses?api-version=preview"],
    ["/v1/chat/completions?api-version=preview", "", "/openai/v1/chat/completions?api-version=preview"],
    ["/v1/files?limit=2", "preview", "/openai/v1/files?api-version=preview&limit=2"],
  ])("is asked by OpenAI's own paths in the newest preview: %p", async (path, version, url) => {
    answer(CHAT);
    const { arrived } = await exchange(
      path,
      ask("gpt-4o"),
      openai({ "x-portkey-azure-api-version": version }),
    );
    expect(arrived.url).toBe(url);
    expect(arrived.json).toEqual(ask(path.startsWith("/v1/files") ? "gpt-4o" : "my-gpt"));
  });

  test.each(["v1", "preview"])(
    "is asked to tune the model that a job names, in version %p",
    async (version) => {
      const job = { model: "gpt-4o", training_file: "file-1" };
      const headers = openai({ "x-portkey-azure-api-version": version });
      const { arrived } = await exchange("/v1/fine_tuning/jobs", job, headers);
      expect(arrived.url).toStartWith("/openai/v1/fine_tuning/jobs");
      expect(arrived.json).toEqual(job);
    },
  );

  test("is named by a config in the shorter words too", async () => {
    answer(CHAT);
    const response = await pair.route({
      provider: "azure",
      api_key: KEY,
      deploymentId: "my-gpt",
      api_version: "2025-01-01",
      custom_host: `${pair.upstream.url}/openai`,
    });
    expect(response.status).toBe(200);
    expect((await pair.upstream.next()).url).toBe(
      "/openai/deployments/my-gpt/chat/completions?api-version=2025-01-01",
    );
  });

  test("answers Anthropic's clients", async () => {
    answer(CHAT);
    const { arrived, body } = await exchange("/v1/messages", ask("gpt-4o"), openai());
    expect(arrived.url).toStartWith("/openai/deployments/my-gpt/chat/completions?");
    expect(body).toMatchObject({ type: "message", content: [{ type: "text", text: "Hello" }] });
  });

  test.each([
    ["v1", "/openai/v1/responses"],
    ["2025-04-01-preview", "/openai/responses?api-version=2025-04-01-preview"],
  ])("is asked for a response of the deployment in version %p", async (version, url) => {
    const headers = openai({ "x-portkey-azure-api-version": version });
    const { arrived } = await exchange("/v1/responses", { model: "gpt-4o", input: "Hi" }, headers);
    expect(arrived.url).toBe(url);
    expect(arrived.json).toEqual({ model: "my-gpt", input: "Hi" });
  });

  test.each(["/v1/chat/completions", "/v1/messages"])(
    "is asked for a response of the deployment by clients of %s that ask for that API",
    async (path) => {
      const headers = openai({
        "x-portkey-azure-api-version": "2025-04-01-preview",
        "x-portkey-openai-api": "responses",
      });
      const { arrived } = await exchange(path, ask("gpt-4o"), headers);
      expect(arrived.url).toBe("/openai/responses?api-version=2025-04-01-preview");
      expect(arrived.json).toMatchObject({ model: "my-gpt", max_output_tokens: 4096 });
    },
  );

  test.each([
    ["azure_resource_name", { "x-portkey-azure-deployment-id": "d" }],
    [
      "azure_deployment_id",
      { "x-portkey-azure-resource-name": "r", "x-portkey-azure-api-version": "2025-01-01" },
    ],
  ])("says that %p is missing", async (option, headers) => {
    const error = await refused("/v1/chat/completions", { "x-portkey-provider": "azure-openai", ...headers });
    const message = `send x-portkey-${option.replaceAll("_", "-")}, or ${option} in the config`;
    expect(error).toMatchObject({ status: 400, error: { message: expect.stringContaining(message) } });
  });

  test("says that a credential is missing", async () => {
    const error = await refused("/v1/chat/completions", openai({ authorization: "" }));
    expect(error).toMatchObject({ status: 400, error: { param: "api_key" } });
  });

  test.each(["evil.example/", "x.y", "a@b"])("takes no host for a resource name: %p", async (name) => {
    const error = await refused("/v1/chat/completions", {
      "x-portkey-provider": "azure-openai",
      "x-portkey-azure-deployment-id": "d",
      "x-portkey-azure-resource-name": name,
    });
    expect(error).toMatchObject({ status: 400, error: { param: "azure_resource_name" } });
  });

  test("does not lend the gateway's identity to a host of the caller's", async () => {
    const error = await refused("/v1/chat/completions", openai({ "x-portkey-azure-auth-mode": "managed" }));
    expect(error).toMatchObject({ status: 403 });
  });

  test("is signed for with a token of the client's application", async () => {
    const gateway = await startGateway({ env: { AZURE_AUTHORITY_HOST: pair.upstream.url } });
    answer({ access_token: "issued", expires_in: 3600 });
    answer(CHAT);
    const headers = openai({
      "content-type": "application/json",
      "x-portkey-azure-auth-mode": "entra",
      "x-portkey-azure-entra-tenant-id": "tenant",
      "x-portkey-azure-entra-client-id": "app",
      "x-portkey-azure-entra-client-secret": "secret",
    });
    const body = JSON.stringify(ask("gpt-4o"));
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers, body });
    expect(response.status).toBe(200);
    expect((await pair.upstream.next()).url).toBe("/tenant/oauth2/v2.0/token");
    expect((await pair.upstream.next()).headers["authorization"]).toBe("Bearer issued");
    await gateway.kill();
  });

  describe("without a version", () => {
    const undated = (): Headers => {
      const { "x-portkey-azure-api-version": _, ...headers } = openai();
      return headers;
    };

    test("is asked where none is needed, for the deployment", async () => {
      answer(CHAT);
      const { arrived } = await exchange("/v1/chat/completions", ask("gpt-4o"), undated());
      expect(arrived.url).toBe("/openai/v1/chat/completions");
      expect(arrived.json).toMatchObject({ model: "my-gpt" });
    });

    test("is asked for the model where no deployment is named", async () => {
      answer(CHAT);
      const { "x-portkey-azure-deployment-id": _, ...headers } = undated();
      const { arrived } = await exchange("/v1/chat/completions", ask("gpt-4o"), headers);
      expect(arrived.url).toBe("/openai/v1/chat/completions");
      expect(arrived.json).toMatchObject({ model: "gpt-4o" });
    });

    test("is asked in the version of the client's query", async () => {
      answer(CHAT);
      const path = "/v1/chat/completions?api-version=2025-01-01";
      const { arrived } = await exchange(path, ask("gpt-4o"), undated());
      expect(arrived.url).toBe("/openai/deployments/my-gpt/chat/completions?api-version=2025-01-01");
    });

    test("is asked in the last one that has a reference, for what has no other", async () => {
      answer({ created: 1, data: [] });
      const { arrived } = await exchange("/v1/images/generations", { model: "m", prompt: "a" }, undated());
      expect(arrived.url).toBe("/openai/deployments/my-gpt/images/generations?api-version=2024-10-21");
    });
  });

  test("tells what it refused", async () => {
    pair.upstream.enqueue({
      kind: "status",
      status: 404,
      body: { error: { code: "DeploymentNotFound", message: "The API deployment does not exist." } },
    });
    const { response, body } = await exchange("/v1/chat/completions", ask("gpt-4o"), openai());
    expect(response.status).toBe(404);
    expect(body["error"]).toMatchObject({
      message: "azure-openai error: The API deployment does not exist.",
      code: "DeploymentNotFound",
    });
  });
});

const foundry = (path: string, more: Headers = {}): Headers => ({
  "x-portkey-provider": "azure-ai",
  "x-portkey-azure-foundry-url": pair.upstream.url + path,
  ...more,
});

describe("Azure AI Foundry", () => {
  test("is asked where its URL says, and told to drop what it does not know", async () => {
    answer(CHAT);
    const sent = { ...ask("phi"), messages: [{ role: "developer", content: "Be brief" }] };
    const { arrived } = await exchange("/v1/chat/completions", sent, foundry("/models/"));
    expect(arrived.url).toBe("/models/chat/completions?api-version=2024-05-01-preview");
    expect(arrived.headers).toMatchObject({ authorization: `Bearer ${KEY}`, "extra-parameters": "drop" });
    expect(arrived.json).toMatchObject({ messages: [{ role: "system", content: "Be brief" }] });
  });

  test.each([
    ["/models", "Ministral-3B", "max_tokens"],
    ["/openai/v1", "mistral-large-2512", "max_tokens"],
    ["/models", "gpt-5", "max_completion_tokens"],
    ["/openai/v1", "my-deployment", "max_completion_tokens"],
  ])("has a limit in the words of its model: %s of %s by %s", async (path, model, field) => {
    answer(CHAT);
    const { arrived } = await exchange("/v1/messages", ask(model), foundry(path));
    expect(arrived.json).toEqual({ ...ask(model), max_tokens: undefined, [field]: 4096 });
  });

  test("gets its options as headers", async () => {
    const config = {
      provider: "azure-inference",
      api_key: KEY,
      azure_foundry_url: `${pair.upstream.url}/models`,
      azureApiVersion: "2025-06-01",
      azureDeploymentName: "blue",
      azureExtraParams: "pass-through",
    };
    answer(CHAT);
    const response = await pair.route(config);
    expect(response.status).toBe(200);
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/models/chat/completions?api-version=2025-06-01");
    expect(arrived.headers).toMatchObject({
      "azureml-model-deployment": "blue",
      "extra-parameters": "pass-through",
    });
  });

  test("keeps what embeddings are asked for", async () => {
    const sent = { model: "e", input: ["a"], dimensions: 8, encoding_format: "base64" };
    const { arrived } = await exchange("/v1/embeddings", sent, foundry("/models"));
    expect(arrived.url).toBe("/models/embeddings?api-version=2024-05-01-preview");
    expect(arrived.json).toEqual(sent);
  });

  test("is asked without a version below /openai/v1", async () => {
    answer(CHAT);
    const { arrived } = await exchange("/v1/chat/completions", ask("gpt"), foundry("/openai/v1"));
    expect(arrived.url).toBe("/openai/v1/chat/completions");
  });

  test.each([
    ["below /anthropic", "/anthropic", "any-name", "/anthropic/v1/messages"],
    ["below /anthropic/v1", "/anthropic/v1", "any-name", "/anthropic/v1/messages"],
    ["by its name", "", "claude-sonnet-4-5", "/anthropic/v1/messages"],
  ])("speaks Anthropic's API to a Claude %s", async (_, path, model, url) => {
    answer({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model,
      content: [{ type: "text", text: "Hello" }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    });
    const beta = { "x-portkey-anthropic-beta": "context-1m" };
    const { arrived, body } = await exchange("/v1/chat/completions", ask(model), foundry(path, beta));
    expect(arrived.url).toBe(url);
    expect(arrived.headers).toMatchObject({
      "x-api-key": KEY,
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "context-1m",
    });
    expect(arrived.headers).not.toHaveProperty("authorization");
    expect(body).toMatchObject({ choices: [{ message: { content: "Hello" } }] });
  });

  test("carries a token to a Claude as a token", async () => {
    const token = { "x-portkey-azure-ad-token": "entra-token" };
    const { arrived } = await exchange("/v1/messages", ask("claude"), foundry("/anthropic", token));
    expect(arrived.headers["authorization"]).toBe("Bearer entra-token");
    expect(arrived.headers).not.toHaveProperty("x-api-key");
  });

  test("says that its URL is missing", async () => {
    const error = await refused("/v1/chat/completions", { "x-portkey-provider": "azure-ai" });
    const message = "send x-portkey-azure-foundry-url, or azure_foundry_url in the config";
    expect(error).toMatchObject({ status: 400, error: { message: expect.stringContaining(message) } });
  });

  test.each([
    "http://169.254.169.254",
    "http://10.0.0.1:80",
    "res.services.ai.azure.com",
    "https://a@b.example",
  ])("is not reached at %p", async (url) => {
    const headers = { "x-portkey-provider": "azure-ai", "x-portkey-azure-foundry-url": url };
    expect(await refused("/v1/chat/completions", headers)).toMatchObject({ status: 400 });
  });

  test("gets the operator's key only where the operator's URL says", async () => {
    const folder = mkdtempSync(join(tmpdir(), "turnpike-foundry-"));
    const settings = join(folder, "settings.json");
    const foundryUrl = `${pair.upstream.url}/models`;
    const virtualKey = { provider: "azure-ai", api_key: "operators", azure_foundry_url: foundryUrl };
    writeFileSync(settings, JSON.stringify({ virtual_keys: { team: virtualKey } }));
    const gateway = await startGateway({ args: ["--settings", settings] });
    const call = (headers: Headers): Promise<Response> =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-portkey-virtual-key": "team", ...headers },
        body: JSON.stringify(ask("phi")),
      });
    answer(CHAT);
    expect((await call({})).status).toBe(200);
    const arrived = await pair.upstream.next();
    expect(arrived.url).toStartWith("/models/chat/completions?");
    expect(arrived.headers["authorization"]).toBe("Bearer operators");
    const elsewhere = await call({ "x-portkey-azure-foundry-url": `${pair.upstream.url}/mine` });
    expect(elsewhere.status).toBe(403);
    await gateway.kill();
    rmSync(folder, { recursive: true });
  });
});

describe("GitHub Models", () => {
  const github = (): Headers => ({
    "x-portkey-provider": "github",
    "x-portkey-custom-host": `${pair.upstream.url}/inference`,
  });

  test("is asked with the token, without a version", async () => {
    answer(CHAT);
    const { arrived } = await exchange("/v1/chat/completions", ask("openai/gpt-4.1"), github());
    expect(arrived.url).toBe("/inference/chat/completions");
    expect(arrived.headers["authorization"]).toBe(`Bearer ${KEY}`);
    expect(arrived.json).toEqual(ask("openai/gpt-4.1"));
  });

  test.each([
    ["openai/gpt-5", "max_completion_tokens"],
    ["meta/Llama-4-Scout-17B-16E-Instruct", "max_tokens"],
  ])("has a limit in the words of its model: %s by %s", async (model, field) => {
    answer(CHAT);
    const { arrived } = await exchange("/v1/messages", ask(model), github());
    expect(arrived.json).toEqual({ ...ask(model), max_tokens: undefined, [field]: 4096 });
  });

  test("embeds", async () => {
    const sent = { model: "openai/text-embedding-3-small", input: "a", dimensions: 8 };
    const { arrived } = await exchange("/v1/embeddings", sent, github());
    expect(arrived.url).toBe("/inference/embeddings");
    expect(arrived.json).toEqual(sent);
  });
});
