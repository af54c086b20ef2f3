/** Files, batches and fine-tuning for Fireworks, through OpenAI's own client. */
import { describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { isObject, type JsonObject } from "../../src/schema/json.ts";
import type { UpstreamRequest } from "../support/upstream.ts";
import { STEP_MS } from "../support/wait.ts";
import { collect, failureOf, KEY, startPair } from "./setup.ts";

const pair = startPair();

const headers = (more: Record<string, string> = {}): Record<string, string> => ({
  "x-portkey-provider": "fireworks-ai",
  "x-portkey-custom-host": `${pair.upstream.url}/inference/v1`,
  "x-portkey-fireworks-account-id": "sea",
  ...more,
});

const openai = (more?: Record<string, string>): OpenAI =>
  new OpenAI({
    apiKey: KEY,
    baseURL: `${pair.gateway.url}/v1`,
    defaultHeaders: headers(more),
    maxRetries: 0,
    timeout: STEP_MS,
  });

const answers = (...bodies: readonly (JsonObject | string)[]): void =>
  pair.upstream.enqueue(
    ...bodies.map((body) => ({
      kind: "raw" as const,
      chunks: [typeof body === "string" ? body : JSON.stringify(body)],
      headers: { "content-type": typeof body === "string" ? "application/octet-stream" : "application/json" },
    })),
  );

const arrived = async (count: number): Promise<readonly UpstreamRequest[]> => {
  const requests: UpstreamRequest[] = [];
  while (requests.length < count) requests.push(await pair.upstream.next());
  return requests;
};

const errorOf = async (promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> => {
  const error = await failureOf(promise);
  if (error instanceof OpenAI.APIError) return error;
  throw new Error(`Not an answer: ${String(error)}`);
};

const LINES = '{"custom_id": "a", "body": {"messages": []}}\n{"custom_id": "b", "body": {"messages": []}}\n';
const TIME = "2026-11-21T10:00:00Z";
const AT = Date.UTC(2026, 10, 21, 10) / 1000;
const DATASETS = "/v1/accounts/sea/datasets";

describe("a file for Fireworks", () => {
  const upload = async (more?: Record<string, string>): Promise<OpenAI.FileObject> =>
    openai(more).files.create({ file: await toFile(Buffer.from(LINES), 'ti"des.jsonl'), purpose: "batch" });

  test("is a dataset, and its bytes go on as they come", async () => {
    answers({ name: "accounts/sea/datasets/d" }, { id: "d", object: "file" });
    const file = await upload({ "x-portkey-file-purpose": "batch" });
    expect(file).toMatchObject({
      object: "file",
      bytes: Buffer.byteLength(LINES),
      filename: 'ti"des.jsonl',
      purpose: "batch",
    });
    const [made, sent] = await arrived(2);
    expect([made?.method, made?.url, made?.headers["authorization"]]).toEqual([
      "POST",
      DATASETS,
      `Bearer ${KEY}`,
    ]);
    expect(made?.json).toEqual({
      datasetId: file.id,
      dataset: { displayName: 'ti"des.jsonl', userUploaded: {} },
    });
    expect(file.id).toStartWith("batch-");
    expect([sent?.method, sent?.url]).toEqual(["POST", `${DATASETS}/${file.id}:upload`]);
    const form = await new Response(sent?.body ?? "", {
      headers: { "content-type": sent?.headers["content-type"] ?? "" },
    }).formData();
    const part = form.get("file");
    expect(part instanceof Blob ? await part.text() : part).toBe(LINES);
  });

  test("whose size is said goes to the URL that is signed for it, without the key", async () => {
    const seen: string[] = [];
    let put: Request | undefined;
    let stored = "";
    const fake = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      async fetch(request) {
        const { pathname, origin } = new URL(request.url);
        seen.push(`${request.method} ${pathname.replace(/file-[0-9a-f-]+/, "ID")}`);
        const text = await request.text();
        if (request.method === "PUT") [put, stored] = [request, text];
        if (!pathname.endsWith(":getUploadEndpoint")) return Response.json({});
        const value: unknown = JSON.parse(text);
        const sizes = isObject(value) && isObject(value["filenameToSize"]) ? value["filenameToSize"] : {};
        const urls = Object.keys(sizes).map((name) => [name, `${origin}/signed`]);
        return Response.json({ filenameToSignedUrls: Object.fromEntries(urls) as JsonObject });
      },
    });
    const size = Buffer.byteLength(LINES);
    const sized = (bytes: number): Promise<OpenAI.FileObject> =>
      upload({
        "x-portkey-custom-host": `http://127.0.0.1:${fake.port}`,
        "x-portkey-file-upload-size": String(bytes),
      });
    expect((await sized(size)).bytes).toBe(size);
    expect(stored).toBe(LINES);
    expect(put?.headers.get("x-goog-content-length-range")).toBe(`${size},${size}`);
    expect(put?.headers.get("content-length")).toBe(String(size));
    expect(put?.headers.get("authorization")).toBeNull();
    expect(seen.splice(0)).toEqual([
      `POST ${DATASETS}`,
      `POST ${DATASETS}/ID:getUploadEndpoint`,
      "PUT /signed",
      `POST ${DATASETS}/ID:validateUpload`,
    ]);
    for (const other of [size - 1, size + 1]) {
      const error = await errorOf(sized(other));
      expect([error.status, error.message]).toEqual([
        400,
        `400 file: is not of ${other} bytes, as file_upload_size says`,
      ]);
      // The upload that was broken off may be heard of after that.
      expect(seen.splice(0)).toContain(`DELETE ${DATASETS}/ID`);
    }
    await fake.stop(true);
  });

  test("whose size is no number is refused before anything is made", async () => {
    const error = await errorOf(upload({ "x-portkey-file-upload-size": "none" }));
    expect([error.param, pair.upstream.requests.length]).toEqual(["file_upload_size", 0]);
  });

  test("that breaks off leaves no dataset", async () => {
    answers({}, {}, {});
    const boundary = "b0undary";
    const form = [
      `--${boundary}`,
      'content-disposition: form-data; name="purpose"',
      "",
      "batch",
      `--${boundary}`,
      'content-disposition: form-data; name="file"; filename="a.jsonl"',
      "",
      LINES,
    ].join("\r\n");
    const response = await fetch(`${pair.gateway.url}/v1/files`, {
      method: "POST",
      headers: headers({
        authorization: `Bearer ${KEY}`,
        "content-type": `multipart/form-data; boundary=${boundary}`,
      }),
      body: form,
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { message: expect.stringContaining("it ends before its last boundary") as string } },
    ]);
    const removed = await pair.upstream.next(({ method }) => method === "DELETE");
    expect(removed.url).toStartWith(`${DATASETS}/batch-`);
  });

  test("is found, listed, read and deleted", async () => {
    const dataset = (id: string, more: JsonObject = {}): JsonObject => ({
      name: `accounts/sea/datasets/${id}`,
      displayName: "a.jsonl",
      createTime: TIME,
      state: "READY",
      ...more,
    });
    answers(dataset("batch-1"));
    expect(await openai().files.retrieve("batch-1")).toMatchObject({
      id: "batch-1",
      created_at: AT,
      filename: "a.jsonl",
      purpose: "batch",
      status: "processed",
    });
    answers(
      { datasets: [dataset("x"), dataset("y", { state: "UPLOADING" })], nextPageToken: "t" },
      { datasets: [dataset("x"), dataset("y"), dataset("z", { sourceJobName: "j" })] },
    );
    const all = await collect(openai().files.list({ limit: 2 }));
    expect(all.map(({ id, purpose }) => [id, purpose])).toEqual([
      ["x", "fine-tune"],
      ["y", "fine-tune"],
      ["z", "batch_output"],
    ]);
    const { url } = pair.upstream;
    answers(
      { filenameToSignedUrls: { "b.jsonl": `${url}/b?sig=2`, "a.jsonl": `${url}/a?sig=1` } },
      "{}",
      "[]\n",
    );
    const content = await openai().files.content("batch-1");
    expect(await content.text()).toBe("{}\n[]\n");
    answers({});
    expect(await openai().files.delete("x")).toEqual({ id: "x", object: "file", deleted: true });
    const requests = await arrived(7);
    expect(requests.map((request) => `${request.method} ${request.url}`)).toEqual([
      `GET ${DATASETS}/batch-1`,
      `GET ${DATASETS}?pageSize=2`,
      `GET ${DATASETS}?pageSize=200`,
      `GET ${DATASETS}/batch-1:getDownloadEndpoint`,
      "GET /a?sig=1",
      "GET /b?sig=2",
      `DELETE ${DATASETS}/x`,
    ]);
    expect(requests[4]?.headers).not.toHaveProperty("authorization");
  });

  test("is not fetched from a private host that the provider names, though a caller may", async () => {
    const elsewhere = pair.upstream.url.replace("127.0.0.1", "localhost");
    answers({ filenameToSignedUrls: { "a.jsonl": `${elsewhere}/a?sig=1` } });
    const error = await errorOf(openai().files.content("batch-1"));
    expect([error.status, error.code]).toEqual([502, "upstream_malformed"]);
    expect(error.message).toContain("it names a host that is not called: its name is not a public one");
    expect(error.message).not.toContain("sig=1");
    expect(await arrived(1)).toHaveLength(1);
  });

  test("needs to know whose account", async () => {
    const error = await errorOf(openai({ "x-portkey-fireworks-account-id": "" }).files.retrieve("a"));
    expect([error.status, error.message]).toEqual([
      400,
      expect.stringContaining("needs fireworks_account_id") as string,
    ]);
  });
});

describe("a batch for Fireworks", () => {
  const JOB: JsonObject = {
    name: "accounts/sea/batchInferenceJobs/j1",
    createTime: TIME,
    updateTime: TIME,
    state: "JOB_STATE_RUNNING",
    model: "accounts/fireworks/models/llama",
    inputDatasetId: "accounts/sea/datasets/batch-1",
    outputDatasetId: "accounts/sea/datasets/out-1",
    jobProgress: { totalInputRequests: 3, successfullyProcessedRequests: 2, failedRequests: 1 },
  };
  const JOBS = "/v1/accounts/sea/batchInferenceJobs";

  test("is a batch inference job", async () => {
    answers({ ...JOB, state: "JOB_STATE_VALIDATING" });
    const batch = await openai().batches.create({
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
      input_file_id: "batch-1",
      ...MODEL,
    });
    expect(batch).toMatchObject({
      id: "j1",
      status: "validating",
      created_at: AT,
      input_file_id: "batch-1",
      output_file_id: null,
      request_counts: { total: 3, completed: 2, failed: 1 },
    });
    const [made] = await arrived(1);
    expect(made?.url).toBe(JOBS);
    expect(made?.json).toEqual({
      model: "accounts/fireworks/models/llama",
      inputDatasetId: "accounts/sea/datasets/batch-1",
    });
  });
  const MODEL: JsonObject = { model: "llama" };

  test("is of chats alone", async () => {
    const texts = { endpoint: "/v1/embeddings", completion_window: "24h", input_file_id: "batch-1" } as const;
    expect(await errorOf(openai().batches.create({ ...texts, ...MODEL }))).toMatchObject({
      status: 400,
      param: "endpoint",
    });
  });

  test("is read, listed and stopped", async () => {
    answers({ ...JOB, state: "JOB_STATE_COMPLETED", status: { code: "OK", message: "done" } });
    expect(await openai().batches.retrieve("j1")).toMatchObject({
      status: "completed",
      completed_at: AT,
      output_file_id: "out-1",
      errors: null,
    });
    answers({ batchInferenceJobs: [JOB] });
    expect(await collect(openai().batches.list())).toHaveLength(1);
    answers(JOB, {});
    expect((await openai().batches.cancel("j1")).status).toBe("cancelling");
    const requests = await arrived(4);
    expect(requests.map((request) => `${request.method} ${request.url}`)).toEqual([
      `GET ${JOBS}/j1`,
      `GET ${JOBS}?pageSize=20`,
      `GET ${JOBS}/j1`,
      `DELETE ${JOBS}/j1`,
    ]);
  });

  const output = (): Promise<Response> =>
    fetch(`${pair.gateway.url}/v1/batches/j1/output`, {
      headers: headers({ authorization: `Bearer ${KEY}` }),
      keepalive: false,
    });

  test("gives its answers, and its errors, as OpenAI's rows", async () => {
    const { url } = pair.upstream;
    const completion = { id: "c", object: "chat.completion", choices: [{ index: 0 }] };
    answers(
      { ...JOB, state: "JOB_STATE_COMPLETED" },
      { filenameToSignedUrls: { "error.jsonl": `${url}/error`, "results.jsonl": `${url}/results` } },
      `${JSON.stringify({ custom_id: "b", error: { code: 400, message: "Too long" } })}\n`,
      `${JSON.stringify({ custom_id: "a", response: completion })}\n`,
    );
    const response = await output();
    const rows = (await response.text()).trim().split("\n");
    expect(rows.map((row): unknown => JSON.parse(row))).toMatchObject([
      {
        custom_id: "b",
        response: { status_code: 400, body: { error: { message: "fireworks-ai error: Too long" } } },
      },
      { id: "batch_req_a", custom_id: "a", error: null, response: { status_code: 200, body: completion } },
    ]);
  });

  test("says that they are not there yet, or never will be", async () => {
    answers(JOB);
    expect((await output()).status).toBe(409);
    const status = { code: "INVALID_ARGUMENT", message: "No such model" };
    answers({ ...JOB, state: "JOB_STATE_FAILED", status });
    expect(await (await output()).json()).toEqual({ object: "list", data: [status] });
  });
});

describe("fine-tuning at Fireworks", () => {
  const JOB: JsonObject = {
    name: "accounts/sea/supervisedFineTuningJobs/t1",
    createTime: TIME,
    state: "JOB_STATE_PENDING",
    baseModel: "accounts/fireworks/models/llama",
    dataset: "accounts/sea/datasets/train",
    outputModel: "accounts/sea/models/tides",
    epochs: 2,
  };
  const JOBS = "/v1/accounts/sea/supervisedFineTuningJobs";

  test("is a supervised fine-tuning job", async () => {
    answers(JOB);
    const { data: job, response } = await openai()
      .fineTuning.jobs.create({
        model: "llama",
        training_file: "train",
        validation_file: "check",
        suffix: "tides",
        hyperparameters: { n_epochs: 2, learning_rate_multiplier: 3, batch_size: "auto" },
      })
      .withResponse();
    expect(response.headers.get("x-turnpike-not-carried")).toBe("hyperparameters.learning_rate_multiplier");
    expect(job).toMatchObject({
      id: "t1",
      object: "fine_tuning.job",
      status: "queued",
      created_at: AT,
      training_file: "train",
      hyperparameters: { n_epochs: 2 },
      fine_tuned_model: null,
    });
    const [made] = await arrived(1);
    expect([made?.url, made?.json]).toEqual([
      JOBS,
      {
        dataset: "accounts/sea/datasets/train",
        evaluationDataset: "accounts/sea/datasets/check",
        baseModel: "accounts/fireworks/models/llama",
        displayName: "tides",
        outputModel: "accounts/sea/models/tides",
        epochs: 2,
      },
    ]);
  });

  test("is read, listed and stopped", async () => {
    answers({ ...JOB, state: "JOB_STATE_COMPLETED", completedTime: TIME });
    expect(await openai().fineTuning.jobs.retrieve("t1")).toMatchObject({
      status: "succeeded",
      fine_tuned_model: "accounts/sea/models/tides",
      finished_at: AT,
    });
    answers({ supervisedFineTuningJobs: [JOB, { ...JOB, state: "JOB_STATE_RUNNING" }] });
    const all = await collect(openai().fineTuning.jobs.list());
    expect(all.map(({ status }) => status)).toEqual(["queued", "running"]);
    answers(JOB, {});
    expect((await openai().fineTuning.jobs.cancel("t1")).status).toBe("cancelled");
  });

  test("tells what Fireworks says", async () => {
    pair.upstream.enqueue({ kind: "status", status: 404, body: { code: 5, message: "No job", details: [] } });
    const error = await errorOf(openai().fineTuning.jobs.retrieve("t9"));
    expect([error.status, error.message]).toEqual([404, "404 fireworks-ai error: No job"]);
  });
});
