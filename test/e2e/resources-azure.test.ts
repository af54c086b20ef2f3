/** Files, batches and fine-tuning for Azure OpenAI and Azure AI Foundry. */
import { describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import type { JsonObject } from "../../src/schema/json.ts";
import { startGateway } from "../support/gateway.ts";
import { STEP_MS } from "../support/wait.ts";
import { type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

const VERSION = "?api-version=2025-01-01";

const azure = (more: Headers = {}): Record<string, string> => ({
  "x-portkey-provider": "azure-openai",
  "x-portkey-custom-host": `${pair.upstream.url}/openai`,
  "x-portkey-azure-api-version": "2025-01-01",
  ...more,
});

const foundry = (more: Headers = {}): Record<string, string> => ({
  "x-portkey-provider": "azure-ai",
  "x-portkey-azure-foundry-url": `${pair.upstream.url}/models`,
  ...more,
});

const client = (defaultHeaders: Headers): OpenAI =>
  new OpenAI({
    apiKey: KEY,
    baseURL: `${pair.gateway.url}/v1`,
    defaultHeaders,
    maxRetries: 0,
    timeout: STEP_MS,
  });

const answers = (body: JsonObject | string, status = 200): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    chunks: [typeof body === "string" ? body : JSON.stringify(body)],
    headers: { "content-type": typeof body === "string" ? "application/xml" : "application/json" },
  });

const output = (headers: Headers): Promise<Response> =>
  fetch(`${pair.gateway.url}/v1/batches/batch_1/output`, {
    headers: { authorization: `Bearer ${KEY}`, ...headers },
    keepalive: false,
  });

const BATCH = { id: "batch_1", object: "batch", status: "completed", output_file_id: null };
const blobs = (): JsonObject => ({
  ...BATCH,
  output_blob: `${pair.upstream.url}/batch-output/results.jsonl`,
  error_blob: `${pair.upstream.url}/batch-output/errors.jsonl`,
});

describe("Azure OpenAI", () => {
  test("is passed files and batches at its own paths", async () => {
    answers({ id: "file-1", object: "file" });
    const file = await toFile(Buffer.from("{}\n"), "lines.jsonl");
    await client(azure()).files.create({ file, purpose: "batch" });
    const arrived = await pair.upstream.next();
    expect([arrived.method, arrived.url]).toEqual(["POST", `/openai/files${VERSION}`]);
    expect(arrived.headers["api-key"]).toBe(KEY);
    answers({ ...BATCH, status: "validating" });
    await client(azure()).batches.cancel("batch_1");
    expect((await pair.upstream.next()).url).toBe(`/openai/batches/batch_1/cancel${VERSION}`);
  });

  test("gives the output of a batch from its file", async () => {
    answers({ ...BATCH, error_file_id: "file-err" });
    answers("{}\n");
    expect(await (await output(azure())).text()).toBe("{}\n");
    expect((await pair.upstream.next()).url).toBe(`/openai/batches/batch_1${VERSION}`);
    expect((await pair.upstream.next()).url).toBe(`/openai/files/file-err/content${VERSION}`);
  });

  test("gives the output of a batch from its blob, which a key does not open", async () => {
    answers(blobs());
    answers("{}\n");
    expect(await (await output(azure())).text()).toBe("{}\n");
    await pair.upstream.next();
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/batch-output/results.jsonl");
    expect(arrived.headers["x-ms-version"]).toBe("2022-11-02");
    expect(arrived.headers).not.toContainKeys(["api-key", "authorization"]);
  });

  test("gives what the client wants forwarded to Azure, and not to the blob's host", async () => {
    answers(blobs());
    answers("{}\n");
    const more = { "x-portkey-forward-headers": "authorization, x-mine", "x-mine": "1" };
    expect(await (await output(azure(more))).text()).toBe("{}\n");
    expect((await pair.upstream.next()).headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      "x-mine": "1",
    });
    expect((await pair.upstream.next()).headers).not.toContainKeys(["authorization", "x-mine"]);
  });

  test("opens the blob with a token, and takes the errors where there are no results", async () => {
    answers(blobs());
    answers("<Error><Code>BlobNotFound</Code><Message>No blob</Message></Error>", 404);
    answers("{}\n");
    const response = await output(azure({ "x-portkey-azure-ad-token": "entra-token" }));
    expect(await response.text()).toBe("{}\n");
    await pair.upstream.next();
    await pair.upstream.next();
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/batch-output/errors.jsonl");
    expect(arrived.headers["authorization"]).toBe("Bearer entra-token");
  });

  test("opens the blob with a token for storage, where an identity is asked for one", async () => {
    const gateway = await startGateway({ env: { AZURE_AUTHORITY_HOST: pair.upstream.url } });
    const token = (value: string): JsonObject => ({ access_token: value, expires_in: 3600 });
    for (const body of [token("for-azure"), blobs(), token("for-storage"), "{}\n"]) answers(body);
    const response = await fetch(`${gateway.url}/v1/batches/batch_1/output`, {
      headers: azure({
        "x-portkey-azure-auth-mode": "entra",
        "x-portkey-azure-entra-tenant-id": "tenant",
        "x-portkey-azure-entra-client-id": "client",
        "x-portkey-azure-entra-client-secret": "secret",
      }),
    });
    expect(await response.text()).toBe("{}\n");
    await pair.upstream.next();
    expect((await pair.upstream.next()).headers["authorization"]).toBe("Bearer for-azure");
    const asked = await pair.upstream.next();
    expect(new URLSearchParams(asked.body).get("scope")).toBe("https://storage.azure.com/.default");
    expect((await pair.upstream.next()).headers["authorization"]).toBe("Bearer for-storage");
  });

  test("tells what storage says", async () => {
    answers({ ...blobs(), error_blob: "" });
    answers("<Error><Code>AuthorizationFailure</Code><Message>Not yours</Message></Error>", 403);
    const response = await output(azure());
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      error: { message: "azure-openai error: Not yours", code: "AuthorizationFailure" },
    });
  });

  test("does not follow a batch to somebody else's host", async () => {
    answers({ ...BATCH, output_blob: "https://blob.core.windows.net.example.com/a", error_blob: "" });
    const response = await output(azure({ "x-portkey-azure-ad-token": "entra-token" }));
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: "upstream_redirect" } });
    expect(pair.upstream.requests).toHaveLength(1);
  });

  test("says that an output is not there yet", async () => {
    answers({ ...BATCH, status: "in_progress", output_blob: "", error_blob: "" });
    expect((await output(azure())).status).toBe(409);
  });
});

describe("fine-tuning at Azure OpenAI", () => {
  const JOB = { id: "ftjob-1", object: "fine_tuning.job", model: "gpt-4o", training_file: "file-1" };

  test("says hyperparameters at the top, and a waiting job is queued", async () => {
    answers({ ...JOB, status: "pending" });
    const job = await client(azure()).fineTuning.jobs.create({
      model: "gpt-4o",
      training_file: "file-1",
      method: { type: "supervised", supervised: { hyperparameters: { n_epochs: 2 } } },
    });
    expect(job.status).toBe("queued");
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe(`/openai/fine_tuning/jobs${VERSION}`);
    expect(arrived.json).toEqual({
      model: "gpt-4o",
      training_file: "file-1",
      hyperparameters: { n_epochs: 2 },
    });
  });

  test.each([
    [{ type: "dpo", dpo: { hyperparameters: { beta: 0.1 } } }, "2025-04-01-preview"],
    [{ type: "supervised", supervised: { hyperparameters: { n_epochs: 2 } } }, "v1"],
  ] as const)("leaves %j to version %s", async (method, version) => {
    answers({ ...JOB, status: "running" });
    const headers = azure({ "x-portkey-azure-api-version": version });
    const body = { model: "gpt-4o", training_file: "file-1", method };
    const job = await client(headers).fineTuning.jobs.create(body);
    expect(job.status).toBe("running");
    expect((await pair.upstream.next()).json).toEqual(body);
  });

  test("reads, lists and cancels jobs in OpenAI's words", async () => {
    const jobs = client(azure()).fineTuning.jobs;
    answers({ ...JOB, status: "created" });
    expect((await jobs.retrieve("ftjob-1")).status).toBe("queued");
    answers({ object: "list", data: [{ ...JOB, status: "pending" }], has_more: false });
    expect((await jobs.list({ limit: 1 })).data[0]?.status).toBe("queued");
    answers({ ...JOB, status: "cancelled" });
    expect((await jobs.cancel("ftjob-1")).status).toBe("cancelled");
    const urls = [await pair.upstream.next(), await pair.upstream.next(), await pair.upstream.next()];
    expect(urls.map(({ url }) => url)).toEqual([
      `/openai/fine_tuning/jobs/ftjob-1${VERSION}`,
      "/openai/fine_tuning/jobs?api-version=2025-01-01&limit=1",
      `/openai/fine_tuning/jobs/ftjob-1/cancel${VERSION}`,
    ]);
  });

  test("is passed the events of a job", async () => {
    answers({ object: "list", data: [], has_more: false });
    await client(azure()).fineTuning.jobs.listEvents("ftjob-1");
    expect((await pair.upstream.next()).url).toBe(`/openai/fine_tuning/jobs/ftjob-1/events${VERSION}`);
  });
});

describe("Azure AI Foundry", () => {
  test("keeps files and jobs at its resource, whatever its URL leads to", async () => {
    answers({ id: "file-1", object: "file" });
    await client(foundry()).files.retrieve("file-1");
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/openai/files/file-1?api-version=2024-10-21");
    expect(arrived.headers["api-key"]).toBe(KEY);
    answers({ ...BATCH, output_file_id: "file-out" });
    answers("{}\n");
    const response = await output(foundry({ "x-portkey-azure-api-version": "v1" }));
    expect(await response.text()).toBe("{}\n");
    expect((await pair.upstream.next()).url).toBe("/openai/v1/batches/batch_1");
    expect((await pair.upstream.next()).url).toBe("/openai/v1/files/file-out/content");
  });

  test("is asked below OpenAI's API where its URL is that", async () => {
    answers(BATCH);
    const url = `${pair.upstream.url}/openai/v1`;
    await client(foundry({ "x-portkey-azure-foundry-url": url })).batches.retrieve("batch_1");
    expect((await pair.upstream.next()).url).toBe("/openai/v1/batches/batch_1");
  });
});
