/** Files, batches and fine-tuning for Vertex AI, through OpenAI's own client. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI, { toFile } from "openai";
import { isObject, type JsonObject } from "../../src/schema/json.ts";
import { startGateway } from "../support/gateway.ts";
import { type FakeGoogle, startGoogle } from "../support/google.ts";
import { LIMIT_MS, STEP_MS } from "../support/wait.ts";
import { collect, failureOf, startPair } from "./setup.ts";

const pair = startPair();
let google: FakeGoogle;
beforeAll(() => {
  google = startGoogle();
});
afterEach(() => google.reset());
afterAll(() => google.stop());

const TOKEN = "ya29.token";
const PARENT = "projects/sea/locations/europe-west4";

const headers = (more: Record<string, string> = {}): Record<string, string> => ({
  "x-portkey-provider": "vertex-ai",
  "x-portkey-custom-host": google.url,
  "x-portkey-vertex-project-id": "sea",
  "x-portkey-vertex-region": "europe-west4",
  "x-portkey-vertex-storage-bucket-name": "tides",
  ...more,
});

const openai = (more?: Record<string, string>): OpenAI =>
  new OpenAI({
    apiKey: TOKEN,
    baseURL: `${pair.gateway.url}/v1`,
    defaultHeaders: headers(more),
    maxRetries: 0,
    timeout: STEP_MS,
  });

const request = (id: string, body: JsonObject = {}, url = "/v1/chat/completions"): JsonObject => ({
  custom_id: id,
  method: "POST",
  url,
  body: {
    model: "gemini-2.5-flash",
    max_tokens: 100,
    messages: [{ role: "user", content: "When is high tide?" }],
    ...body,
  },
});

const jsonl = (lines: readonly JsonObject[]): string => lines.map((line) => JSON.stringify(line)).join("\n");

const upload = async (
  text: string,
  more?: Record<string, string>,
  purpose: "batch" | "fine-tune" = "batch",
): Promise<OpenAI.FileObject> =>
  openai(more).files.create({ file: await toFile(Buffer.from(text), "tides é.jsonl"), purpose });

const stored = (): string => [...google.objects.values()][0]?.text ?? "";
const rows = (text = stored()): readonly JsonObject[] =>
  text
    .trim()
    .split("\n")
    .map((line): JsonObject => {
      const value: unknown = JSON.parse(line);
      return isObject(value) ? value : {};
    });

const errorOf = async (promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> => {
  const error = await failureOf(promise);
  if (error instanceof OpenAI.APIError) return error;
  throw new Error(`Not an answer: ${String(error)}`);
};

describe("a file for Vertex AI", () => {
  test("is stored in Cloud Storage in Gemini's rows", async () => {
    const file = await upload(jsonl([request("a"), request("b", { temperature: 0.5 })]), {
      "x-portkey-provider-file-name": "in/t+i des.jsonl",
    });
    expect(decodeURIComponent(file.id)).toBe("gs://tides/in/t+i des.jsonl");
    expect(file).toMatchObject({ object: "file", purpose: "batch", filename: "tides é.jsonl" });
    expect(file.bytes).toBe(Buffer.byteLength(stored()));
    expect(rows()).toEqual([
      {
        request: {
          contents: [{ role: "user", parts: [{ text: "When is high tide?" }] }],
          generationConfig: { maxOutputTokens: 100 },
        },
        requestId: "a",
      },
      {
        request: {
          contents: [{ role: "user", parts: [{ text: "When is high tide?" }] }],
          generationConfig: { maxOutputTokens: 100, temperature: 0.5 },
        },
        requestId: "b",
      },
    ]);
    expect(google.seen.map(({ method, path, token }) => [method, path, token])).toEqual([
      ["PUT", "/tides/in/t%2Bi%20des.jsonl", `Bearer ${TOKEN}`],
    ]);
  });

  test("asks Claude in its own words", async () => {
    await upload(jsonl([request("a")]), { "x-portkey-provider-model": "anthropic.claude-sonnet-4-5" });
    expect(rows()).toEqual([
      {
        custom_id: "a",
        request: {
          anthropic_version: "vertex-2023-10-16",
          max_tokens: 100,
          messages: [{ role: "user", content: "When is high tide?" }],
        },
      },
    ]);
  });

  test("asks open models in OpenAI's, by whichever API", async () => {
    await upload(jsonl([request("a"), request("b", {}, "/v1/messages")]), {
      "x-portkey-provider-model": "meta.llama-4-scout",
    });
    const [first, second] = rows();
    expect(first).toEqual(request("a", { model: "meta/llama-4-scout" }));
    expect(second).toMatchObject({
      custom_id: "b",
      url: "/v1/chat/completions",
      body: { model: "meta/llama-4-scout", messages: [{ role: "user", content: "When is high tide?" }] },
    });
  });

  test("asks for embeddings, a text a line", async () => {
    const body = { model: "text-embedding-005", input: "tide", dimensions: 8 };
    const form = new FormData();
    form.set("purpose", "batch");
    form.set("file", new File([jsonl([{ custom_id: "a", url: "/v1/embeddings", body }])], "a.jsonl"));
    const response = await fetch(`${pair.gateway.url}/v1/files`, {
      method: "POST",
      headers: headers({ authorization: `Bearer ${TOKEN}` }),
      body: form,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-turnpike-not-carried")).toBe("outputDimensionality");
    expect(rows()).toEqual([{ content: "tide", requestId: "a" }]);
    const several = { custom_id: "a", url: "/v1/embeddings", body: { ...body, input: ["a", "b"] } };
    expect((await errorOf(upload(jsonl([several])))).message).toContain("body.input: must be one text");
  });

  test("of several MiB goes up in parts, and comes back whole", async () => {
    const content = "ebb and flow ".repeat(8000);
    const lines = Array.from({ length: 200 }, (_, index) =>
      request(String(index), { messages: [{ role: "user", content }] }),
    );
    const file = await upload(jsonl(lines));
    expect(google.seen.filter(({ query }) => query.has("partNumber"))).toHaveLength(3);
    expect(rows().map((row) => row["requestId"])).toEqual(lines.map((line) => line["custom_id"] ?? ""));
    expect(google.open.size).toBe(0);
    const back = await openai().files.content(file.id);
    expect(await back.text()).toBe(stored());
  });

  test("of examples is written for Gemini, and rows of its own stay as they are", async () => {
    const messages = [
      { role: "system", content: "Be brief" },
      { role: "user", content: "Tide?" },
      { role: "assistant", content: "High" },
    ];
    const own = '{"contents": [{"role":"user","parts":[{"text":"a"}]}]}';
    await upload(`${JSON.stringify({ messages })}\n${own}\n`, {}, "fine-tune");
    expect(rows()[0]).toEqual({
      systemInstruction: { parts: [{ text: "Be brief" }] },
      contents: [
        { role: "user", parts: [{ text: "Tide?" }] },
        { role: "model", parts: [{ text: "High" }] },
      ],
    });
    expect(stored()).toEndWith(`${own}\n`);
  });

  test("that is for something else is stored as it comes", async () => {
    const file = await openai({ "x-portkey-file-purpose": "user_data" }).files.create({
      file: await toFile(Buffer.from("%PDF"), "a.pdf", { type: "application/pdf" }),
      purpose: "user_data",
    });
    expect(stored()).toBe("%PDF");
    expect((await openai().files.retrieve(file.id)).purpose).toBe("user_data");
    expect([...google.objects.values()][0]?.headers["content-type"]).toBe("application/pdf");
    expect(await (await openai().files.content(file.id)).text()).toBe("%PDF");
  });

  test("is found and deleted again", async () => {
    const { id } = await upload(jsonl([request("a")]));
    expect(await openai().files.retrieve(id)).toMatchObject({
      id,
      bytes: Buffer.byteLength(stored()),
      filename: "tides é.jsonl",
      purpose: "batch",
      created_at: Date.UTC(2026, 10, 21, 10) / 1000,
    });
    expect(await openai().files.delete(id)).toEqual({ id, object: "file", deleted: true });
    expect(google.objects.size).toBe(0);
    const error = await errorOf(openai().files.delete(id));
    expect([error.status, error.message]).toEqual([
      404,
      "404 vertex-ai error: The specified key does not exist.",
    ]);
  });

  const bad: readonly (readonly [string, string, RegExp])[] = [
    ["a line that is no JSON", `${JSON.stringify(request("a"))}\n{`, /file\.line 2: must be a JSON object/],
    ["a line without an id", '{"custom_id":1,"body":{"model":"m"}}', /file\.line 1: custom_id/],
    ["a fault in a body", jsonl([request("a", { messages: 1 })]), /file\.line 1: body\.messages/],
    ["another API", jsonl([request("a", {}, "/v1/images/generations")]), /file\.line 1: url: must be/],
    ["no lines", " \n", /file: must not be empty/],
    ["lines of examples", '{"messages":[{"role":"user","content":"a"}]}', /purpose: does not fit/],
  ];

  test.each(bad)("is refused, and nothing of it is left: %s", async (_name, text, message) => {
    const error = await errorOf(upload(text));
    expect([error.status, error.message]).toEqual([400, expect.stringMatching(message) as string]);
    expect([google.objects.size, google.open.size]).toEqual([0, 0]);
  });

  test("given up half way leaves nothing", async () => {
    const content = "ebb and flow ".repeat(8000);
    const lines = Array.from({ length: 100 }, () => request("a", { messages: [{ role: "user", content }] }));
    expect((await errorOf(upload(`${jsonl(lines)}\n{`))).status).toBe(400);
    expect(google.seen.at(-1)?.method).toBe("DELETE");
    expect([google.objects.size, google.open.size]).toEqual([0, 0]);
  });

  test("is listed by name, page by page, by what it is for", async () => {
    for (const name of ["d.jsonl", "b.jsonl", "in/a.jsonl"])
      await upload(jsonl([request("a")]), { "x-portkey-provider-file-name": name });
    const more = { "x-portkey-provider-file-name": "c.bin", "x-portkey-file-purpose": "user_data" };
    await upload("x", more);
    google.objects.set("tides/out/prediction-1/predictions.jsonl", { text: "{}", headers: {} });
    google.objects.set("tides/in/", { text: "", headers: {} });
    google.objects.set("secrets/a.jsonl", { text: "{}", headers: {} });
    const names = ["b.jsonl", "c.bin", "d.jsonl", "in/a.jsonl", "out/prediction-1/predictions.jsonl"];
    google.seen.length = 0;
    const all = await collect(openai().files.list());
    expect(all.map(({ id }) => decodeURIComponent(id))).toEqual(names.map((name) => `gs://tides/${name}`));
    for (const file of all) expect(file).toEqual(await openai().files.retrieve(file.id));
    expect(all.map(({ purpose }): string => purpose)).toEqual([
      "batch",
      "user_data",
      "batch",
      "batch",
      "batch_output",
    ]);
    expect(google.seen[0]).toMatchObject({ path: "/storage/v1/b/tides/o", token: `Bearer ${TOKEN}` });

    const first = await openai().files.list({ limit: 2 });
    expect([first.data, first.has_more]).toEqual([all.slice(0, 2), true]);
    for (const limit of [1, 2, 3, 5]) expect(await collect(openai().files.list({ limit }))).toEqual(all);
    const batches = await openai().files.list({ purpose: "batch", limit: 3 });
    expect([batches.data.map(({ id }) => id), batches.has_more]).toEqual([
      [0, 2, 3].map((index) => all[index]?.id ?? ""),
      false,
    ]);
    expect(await collect(openai().files.list({ purpose: "vision" }))).toEqual([]);
    // What was deleted since is no less a place to go on from.
    const after = encodeURIComponent("gs://tides/c.a");
    expect((await openai().files.list({ after })).data).toEqual(all.slice(1));
  });

  test("is listed only with a bucket, whose objects pages follow", async () => {
    const nameless = await errorOf(
      collect(openai({ "x-portkey-vertex-storage-bucket-name": "" }).files.list()),
    );
    expect([nameless.status, nameless.message]).toEqual([
      400,
      expect.stringContaining("vertex_storage_bucket_name") as string,
    ]);
    for (const after of ["file-1", encodeURIComponent("gs://secrets/a.jsonl")])
      expect(await errorOf(collect(openai().files.list({ after })))).toMatchObject({
        status: 400,
        param: "after",
      });
    expect(google.seen).toEqual([]);
  });

  test("by a URL that Claude would have to fetch is refused", async () => {
    const content = [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }];
    const line = request("a", { model: "claude-sonnet-4-5", messages: [{ role: "user", content }] });
    expect((await errorOf(upload(jsonl([line])))).message).toContain(
      "body.messages.0.content.0.image_url.url: must hold the bytes",
    );
  });

  test("is not looked for where its name would climb", async () => {
    const error = await errorOf(openai().files.retrieve(encodeURIComponent("gs://tides/a/../b")));
    expect([error.status, google.seen.length]).toEqual([400, 0]);
  });
});

describe("with credentials of the operator's", () => {
  test(
    "only the operator's bucket is open",
    async () => {
      const path = join(mkdtempSync(join(tmpdir(), "turnpike-settings-")), "settings.json");
      const key = {
        provider: "vertex-ai",
        api_key: TOKEN,
        custom_host: google.url,
        vertex_project_id: "sea",
        vertex_region: "europe-west4",
        vertex_storage_bucket_name: "tides",
      };
      writeFileSync(path, JSON.stringify({ virtual_keys: { sea: key } }));
      const gateway = await startGateway({ args: ["--settings", path] });
      const get = (id: string, more: Record<string, string> = {}): Promise<Response> =>
        fetch(`${gateway.url}/v1/files/${encodeURIComponent(id)}`, {
          headers: { "x-portkey-provider": "@sea", ...more },
        });
      google.objects.set("tides/a.jsonl", { text: "{}", headers: {} });
      google.objects.set("secrets/a.jsonl", { text: "{}", headers: {} });
      expect((await get("gs://tides/a.jsonl")).status).toBe(200);
      const other = await get("gs://secrets/a.jsonl");
      expect([other.status, await other.json()]).toMatchObject([
        403,
        { error: { code: "host_not_allowed_for_key" } },
      ]);
      const named = await get("gs://secrets/a.jsonl", { "x-portkey-vertex-storage-bucket-name": "secrets" });
      expect(named.status).toBe(403);
      const listed = (more: Record<string, string> = {}): Promise<Response> =>
        fetch(`${gateway.url}/v1/files`, { headers: { "x-portkey-provider": "@sea", ...more } });
      expect(await (await listed()).json()).toMatchObject({ data: [{ filename: "a.jsonl" }] });
      expect((await listed({ "x-portkey-vertex-storage-bucket-name": "secrets" })).status).toBe(403);
      expect(google.seen.filter(({ path }) => path.includes("/secrets"))).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe("a batch for Vertex AI", () => {
  const NEXT: JsonObject = { model: "gemini-2.5-flash" };
  const createBatch = (more: JsonObject = {}): Promise<OpenAI.Batch> =>
    openai().batches.create({
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
      input_file_id: encodeURIComponent("gs://tides/in/a.jsonl"),
      ...NEXT,
      ...more,
    });

  test("is a batch prediction job", async () => {
    const batch = await createBatch({ metadata: { a: "b" } });
    expect(batch).toMatchObject({
      id: [...google.jobs.keys()][0],
      object: "batch",
      status: "validating",
      created_at: Date.UTC(2026, 10, 21, 10) / 1000,
      input_file_id: encodeURIComponent("gs://tides/in/a.jsonl"),
    });
    expect(google.seen[0]?.path).toBe(`/v1/${PARENT}/batchPredictionJobs`);
    expect(google.seen[0]?.json).toEqual({
      displayName: expect.stringMatching(/^turnpike-batch-/) as string,
      model: "publishers/google/models/gemini-2.5-flash",
      inputConfig: { instancesFormat: "jsonl", gcsSource: { uris: ["gs://tides/in/a.jsonl"] } },
      outputConfig: {
        predictionsFormat: "jsonl",
        gcsDestination: { outputUriPrefix: "gs://tides/in/" },
      },
      instanceConfig: { instanceType: "object", excludedFields: ["requestId"] },
    });
  });

  test.each([
    ["anthropic.claude-sonnet-4-5", "publishers/anthropic/models/claude-sonnet-4-5"],
    ["meta/llama-4-scout", "publishers/meta/models/llama-4-scout"],
    ["123456", `${PARENT}/models/123456`],
  ])("asks %s as %s", async (model, name) => {
    await createBatch({ model, output_data_config: "gs://tides/out" });
    expect(google.seen[0]?.json).toMatchObject({
      model: name,
      outputConfig: { gcsDestination: { outputUriPrefix: "gs://tides/out" } },
    });
    if (name.startsWith("publishers")) expect(google.seen[0]?.json).not.toHaveProperty("instanceConfig");
  });

  test("is read, listed page by page, and cancelled", async () => {
    for (const _ of [1, 2, 3]) await createBatch();
    const first = await openai().batches.list({ limit: 2 });
    const all = await collect(openai().batches.list({ limit: 2 }));
    const ids = [...google.jobs.keys()];
    expect(all.map(({ id }) => id)).toEqual(ids);
    expect([first.data.map(({ id }) => id), first.has_more]).toEqual([ids.slice(0, 2), true]);
    const id = all[0]?.id ?? "";
    expect((await openai().batches.cancel(id)).status).toBe("cancelling");
    const job = google.jobs.get(id) ?? {};
    google.jobs.set(id, {
      ...job,
      state: "JOB_STATE_FAILED",
      error: { code: 3, message: "Bad rows" },
      completionStats: { successfulCount: "1", failedCount: "2", incompleteCount: "-1" },
    });
    expect(await openai().batches.retrieve(id)).toMatchObject({
      status: "failed",
      errors: { data: [{ code: "3", message: "Bad rows" }] },
      request_counts: { total: 3, completed: 1, failed: 2 },
    });
    const error = await errorOf(openai().batches.retrieve("9"));
    expect([error.status, error.message]).toEqual([404, "404 vertex-ai error: No job"]);
    expect((await errorOf(collect(openai().batches.list({ after: "9" })))).status).toBe(400);
  });
});

describe("the output of a batch for Vertex AI", () => {
  const FOLDER = "gs://tides/in/prediction-model-2026";
  const ended = (more: JsonObject = {}): void =>
    void google.jobs.set("7", {
      name: `${PARENT}/batchPredictionJobs/7`,
      state: "JOB_STATE_SUCCEEDED",
      model: "publishers/google/models/gemini-2.5-flash",
      inputConfig: { gcsSource: { uris: ["gs://tides/in/a.jsonl"] } },
      outputInfo: { gcsOutputDirectory: FOLDER },
      ...more,
    });
  const put = (name: string, lines: readonly JsonObject[], headers: Record<string, string> = {}): void =>
    void google.objects.set(name, { text: `${jsonl(lines)}\n`, headers });
  const output = (): Promise<Response> =>
    fetch(`${pair.gateway.url}/v1/batches/7/output`, {
      headers: headers({ authorization: `Bearer ${TOKEN}` }),
    });

  const GEMINIS: JsonObject = {
    candidates: [{ content: { role: "model", parts: [{ text: "At noon" }] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    modelVersion: "gemini-2.5-flash",
  };

  test("is its rows in OpenAI's shape", async () => {
    ended();
    const fault =
      'Bad Request: {"error": {"code": 400, "message": "Too long", "status": "INVALID_ARGUMENT"}}';
    put("tides/in/prediction-model-2026/predictions.jsonl", [
      { status: "", request: {}, response: GEMINIS, requestId: "a" },
      { status: fault, request: {}, response: {}, requestId: "b" },
    ]);
    const response = await output();
    expect(response.headers.get("content-type")).toBe("application/jsonl");
    const [first, second] = rows(await response.text());
    expect(first).toMatchObject({
      id: "batch_req_a",
      custom_id: "a",
      error: null,
      response: {
        status_code: 200,
        body: {
          object: "chat.completion",
          model: "gemini-2.5-flash",
          choices: [{ message: { role: "assistant", content: "At noon" }, finish_reason: "stop" }],
          usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
        },
      },
    });
    expect(second).toMatchObject({
      custom_id: "b",
      response: { status_code: 400, body: { error: { message: "vertex-ai error: Too long" } } },
    });
    expect((await openai().batches.retrieve("7")).output_file_id).toBe(
      encodeURIComponent(`${FOLDER}/predictions.jsonl`),
    );
  });

  test("is in the dialect that the file's lines were in", async () => {
    ended({ model: "publishers/anthropic/models/claude-sonnet-4-5" });
    put("tides/in/a.jsonl", [{}], { "x-goog-meta-endpoint": "/v1/messages" });
    const message = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-sonnet-4-5",
      content: [{ type: "text", text: "At noon" }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 2 },
    };
    put("tides/in/prediction-model-2026/predictions.jsonl", [
      { custom_id: "a", request: {}, response: message, status: "" },
    ]);
    expect(rows(await (await output()).text())[0]).toMatchObject({
      custom_id: "a",
      response: { status_code: 200, body: { type: "message", content: [{ text: "At noon" }] } },
    });
  });

  test("may be in several files, of embeddings or of OpenAI's own answers", async () => {
    ended({ state: "JOB_STATE_PARTIALLY_SUCCEEDED" });
    const embeddings = { values: [0.5, 1], statistics: { token_count: 2 } };
    put("tides/in/prediction-model-2026/000000000000.jsonl", [
      { instance: { content: "tide", requestId: "a" }, predictions: [{ embeddings }], status: "" },
    ]);
    const completion = { id: "c", object: "chat.completion", choices: [{ index: 0 }] };
    put("tides/in/prediction-model-2026/000000000001.jsonl", [
      { custom_id: "b", response: { status_code: 200, body: completion } },
      { custom_id: "c", response: completion },
    ]);
    const all = rows(await (await output()).text());
    expect(all.map((row) => row["custom_id"] ?? "")).toEqual(["a", "b", "c"]);
    expect(all[0]).toMatchObject({
      response: { body: { object: "list", data: [{ embedding: [0.5, 1] }], usage: { prompt_tokens: 2 } } },
    });
    expect(all.slice(1)).toMatchObject([
      { response: { body: completion } },
      { response: { body: completion } },
    ]);
  });

  test("that cannot be read breaks off visibly", async () => {
    ended();
    google.objects.set("tides/in/prediction-model-2026/predictions.jsonl", { text: "{\n", headers: {} });
    expect(await failureOf(output().then((response) => response.text()))).toBeInstanceOf(Error);
  });

  test("that is not there is told: not yet, never, or gone", async () => {
    ended({ state: "JOB_STATE_RUNNING" });
    expect((await output()).status).toBe(409);
    ended({ state: "JOB_STATE_FAILED", outputInfo: {}, error: { code: 5, message: "No such file" } });
    const never = await output();
    expect([never.status, await never.json()]).toEqual([
      200,
      { object: "list", data: [{ code: "5", message: "No such file" }] },
    ]);
    ended();
    expect((await output()).status).toBe(404);
  });
});

describe("fine-tuning at Vertex AI", () => {
  const create = (more: JsonObject = {}): Promise<OpenAI.FineTuning.FineTuningJob> =>
    openai().fineTuning.jobs.create({
      model: "gemini-2.5-flash",
      training_file: encodeURIComponent("gs://tides/train.jsonl"),
      validation_file: "gs://tides/check.jsonl",
      suffix: "tides",
      method: {
        type: "supervised",
        supervised: { hyperparameters: { n_epochs: 2, learning_rate_multiplier: "auto" } },
      },
      ...more,
    });

  test("is a tuning job", async () => {
    const job = await create();
    expect(google.seen[0]?.path).toBe(`/v1/${PARENT}/tuningJobs`);
    expect(google.seen[0]?.json).toEqual({
      baseModel: "gemini-2.5-flash",
      tunedModelDisplayName: "tides",
      supervisedTuningSpec: {
        trainingDatasetUri: "gs://tides/train.jsonl",
        validationDatasetUri: "gs://tides/check.jsonl",
        hyperParameters: { epochCount: 2 },
      },
    });
    expect(job).toMatchObject({
      object: "fine_tuning.job",
      status: "queued",
      hyperparameters: { n_epochs: 2 },
      training_file: encodeURIComponent("gs://tides/train.jsonl"),
    });
  });

  test.each([
    ["models/gemini-2.5-flash", { baseModel: "gemini-2.5-flash" }],
    ["meta/llama3_1@llama-3.1-8b", { baseModel: "meta/llama3_1@llama-3.1-8b" }],
    [`${PARENT}/models/5@1`, { preTunedModel: { tunedModelName: `${PARENT}/models/5@1` } }],
  ])("starts from %s", async (model, expected) => {
    await create({ model });
    expect(google.seen[0]?.json).toMatchObject(expected);
  });

  test.each([
    ["gemini-2.5-flash", { epochCount: 1 }],
    ["meta/llama-3.3-70b", { epochCount: 1, batchSize: 4 }],
  ])("of %s is told a batch size where the model takes one", async (model, hyperParameters) => {
    await create({ model, method: undefined, hyperparameters: { n_epochs: 1, batch_size: 4 } });
    const spec = google.seen[0]?.json?.["supervisedTuningSpec"] as JsonObject;
    expect(spec["hyperParameters"]).toEqual(hyperParameters);
  });

  test("ends with a model that can be called by its endpoint's number", async () => {
    const { id } = await create();
    google.jobs.set(id, {
      ...google.jobs.get(id),
      state: "JOB_STATE_SUCCEEDED",
      endTime: "2026-11-21T11:00:00Z",
      tunedModel: { model: `${PARENT}/models/5@1`, endpoint: `${PARENT}/endpoints/99` },
      tuningDataStats: { supervisedTuningDataStats: { totalBillableTokenCount: "1234" } },
    });
    expect(await openai().fineTuning.jobs.retrieve(id)).toMatchObject({
      status: "succeeded",
      fine_tuned_model: "99",
      trained_tokens: 1234,
      finished_at: Date.UTC(2026, 10, 21, 11) / 1000,
    });
  });

  test("is listed and cancelled", async () => {
    const { id } = await create();
    await create();
    expect(await collect(openai().fineTuning.jobs.list({ limit: 1 }))).toHaveLength(2);
    expect((await openai().fineTuning.jobs.cancel(id)).status).toBe("cancelled");
  });

  test("is refused for another kind of training, and without a file", async () => {
    const error = await errorOf(create({ method: { type: "dpo", dpo: {} } }));
    expect([error.status, error.param]).toEqual([400, "method.type"]);
    expect((await errorOf(create({ training_file: "file-1" }))).param).toBe("training_file");
    expect(google.seen).toHaveLength(0);
  });
});
