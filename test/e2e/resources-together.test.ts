/** Files and batches for Together AI, through OpenAI's own client. */
import { describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import type { JsonObject } from "../../src/schema/json.ts";
import { STEP_MS } from "../support/wait.ts";
import { collect, failureOf, KEY, startPair } from "./setup.ts";

const pair = startPair();

const headers = (more: Record<string, string> = {}): Record<string, string> => ({
  "x-portkey-provider": "together-ai",
  "x-portkey-custom-host": pair.upstream.url,
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

const answers = (...bodies: readonly (JsonObject | readonly JsonObject[] | string)[]): void =>
  pair.upstream.enqueue(
    ...bodies.map((body) => ({
      kind: "raw" as const,
      chunks: [typeof body === "string" ? body : JSON.stringify(body)],
      headers: { "content-type": "application/json" },
    })),
  );

const urls = async (count: number): Promise<readonly string[]> => {
  const seen: string[] = [];
  while (seen.length < count) {
    const { method, url } = await pair.upstream.next();
    seen.push(`${method} ${url}`);
  }
  return seen;
};

const errorOf = async (promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> => {
  const error = await failureOf(promise);
  if (error instanceof OpenAI.APIError) return error;
  throw new Error(`Not an answer: ${String(error)}`);
};

/** docs.together.ai/reference/upload-file */
const FILE: JsonObject = {
  id: "file-1",
  object: "file",
  created_at: 1_715_021_438,
  filename: "tides.jsonl",
  bytes: 2664,
  purpose: "batch-api",
  Processed: true,
  FileType: "jsonl",
  LineCount: 123,
};
const READ = {
  id: "file-1",
  object: "file",
  bytes: 2664,
  created_at: 1_715_021_438,
  filename: "tides.jsonl",
  purpose: "batch",
  status: "processed",
};
const LINES = '{"custom_id": "a", "body": {"messages": []}}\n{"custom_id": "b", "body": {}}';

describe("a file for Together AI", () => {
  test.each([
    ["batch", "tides.jsonl", "batch-api", "jsonl"],
    ["fine-tune", 'ti"de.CSV', "fine-tune", "csv"],
    ["eval", "tides", "eval", "jsonl"],
  ] as const)("for %s, named %s, goes up as its own", async (purpose, name, theirs, type) => {
    answers(FILE);
    const body: OpenAI.FileCreateParams = {
      file: await toFile(Buffer.from(LINES), name),
      purpose: purpose as OpenAI.FilePurpose, // the vendor has more of them
    };
    expect(await openai().files.create(body)).toEqual(READ as OpenAI.FileObject);
    const sent = await pair.upstream.next();
    expect([sent.method, sent.url, sent.headers["authorization"]]).toEqual([
      "POST",
      "/v1/files/upload",
      `Bearer ${KEY}`,
    ]);
    const sentAs = { "content-type": sent.headers["content-type"] ?? "" };
    const form = await new Response(sent.body, { headers: sentAs }).formData();
    expect(Object.fromEntries([...form].filter(([field]) => field !== "file"))).toEqual({
      purpose: theirs,
      file_name: name,
      file_type: type,
    });
    const file = form.get("file");
    expect(file instanceof Blob ? await file.text() : file).toBe(LINES);
  });

  test("is for what a header says before the form does", async () => {
    answers(FILE);
    await openai({ "x-portkey-file-purpose": "batch" }).files.create({
      file: await toFile(Buffer.from(LINES), "a.jsonl"),
      purpose: "fine-tune",
    });
    const { body } = await pair.upstream.next();
    expect(body).toContain("batch-api");
    expect(body).not.toContain("fine-tune");
  });

  test("is refused without a file, or without a purpose", async () => {
    const post = (fields: Readonly<Record<string, string | Blob>>): Promise<Response> => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      const sent = headers({ authorization: `Bearer ${KEY}` });
      return fetch(`${pair.gateway.url}/v1/files`, { method: "POST", headers: sent, body: form });
    };
    const file = new File([LINES], "a.jsonl");
    for (const [fields, param] of [
      [{ purpose: "batch" }, "file"],
      [{ file }, "purpose"],
    ] as const) {
      const response = await post(fields);
      expect([response.status, await response.json()]).toMatchObject([400, { error: { param } }]);
    }
    answers(FILE);
    const response = await post({ purpose: "batch", expires_after: "1", file });
    expect(response.headers.get("x-turnpike-not-carried")).toBe("expires_after");
  });

  test("is read, listed in pages and by purpose, and deleted", async () => {
    answers(FILE);
    expect(await openai().files.retrieve("file-1")).toEqual(READ as OpenAI.FileObject);
    const later = { ...FILE, id: "file-2", created_at: 1_715_021_500, Processed: false };
    const output = { ...FILE, id: "file-3", created_at: 1_715_021_600, purpose: "batch-generated" };
    const all = { data: [FILE, output, later] };
    answers(all, all, all);
    expect((await collect(openai().files.list({ limit: 2 }))).map(({ id }) => id)).toEqual([
      "file-3",
      "file-2",
      "file-1",
    ]);
    const batches = await openai().files.list({ purpose: "batch", order: "asc" });
    expect(batches.data.map(({ id, status }) => [id, status])).toEqual([
      ["file-1", "processed"],
      ["file-2", "uploaded"],
    ]);
    answers({ id: "file-1", deleted: true });
    expect(await openai().files.delete("file-1")).toEqual({ id: "file-1", object: "file", deleted: true });
    expect(await urls(5)).toEqual([
      "GET /v1/files/file-1",
      ...Array<string>(3).fill("GET /v1/files"),
      "DELETE /v1/files/file-1",
    ]);
  });

  test("comes back byte for byte", async () => {
    answers(LINES);
    expect(await (await openai().files.content("file-1")).text()).toBe(LINES);
    expect(await urls(1)).toEqual(["GET /v1/files/file-1/content"]);
  });

  test("is Together's own where it goes up by Together's path", async () => {
    answers(FILE);
    const form = new FormData();
    form.set("purpose", "batch-api");
    const response = await fetch(`${pair.gateway.url}/v1/files/upload`, {
      method: "POST",
      headers: headers({ authorization: `Bearer ${KEY}` }),
      body: form,
    });
    expect(await response.json()).toEqual(FILE);
    expect(await urls(1)).toEqual(["POST /v1/files/upload"]);
  });
});

/** docs.together.ai/reference/batch-create */
const JOB: JsonObject = {
  id: "01234567-8901-2345-6789-012345678901",
  user_id: "user_789xyz012",
  input_file_id: "file-input",
  file_size_bytes: 1_048_576,
  status: "IN_PROGRESS",
  job_deadline: "2024-01-16T14:30:00Z",
  created_at: "2024-01-15T14:30:00Z",
  endpoint: "/v1/chat/completions",
  progress: 75,
  model_id: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
};
const ID = "01234567-8901-2345-6789-012345678901";
const PATH = `/v1/batches/${ID}`;
const MADE_AT = Date.UTC(2024, 0, 15, 14, 30) / 1000;

const output = (): Promise<Response> =>
  fetch(`${pair.gateway.url}${PATH}/output`, {
    headers: headers({ authorization: `Bearer ${KEY}` }),
    keepalive: false,
  });

describe("a batch for Together AI", () => {
  test("is one of its jobs, out of the wrapper that a new one comes in", async () => {
    answers({ job: { ...JOB, status: "VALIDATING" }, warning: "Some lines are long" });
    const { data, response } = await openai()
      .batches.create({
        endpoint: "/v1/chat/completions",
        completion_window: "24h",
        input_file_id: "file-input",
        metadata: { sea: "north" },
      })
      .withResponse();
    expect(data as object).toMatchObject({
      id: ID,
      object: "batch",
      status: "validating",
      input_file_id: "file-input",
      model: JOB["model_id"],
      created_at: MADE_AT,
      expires_at: MADE_AT + 86_400,
      errors: null,
      output_file_id: null,
      warning: "Some lines are long",
    });
    expect(response.headers.get("x-turnpike-not-carried")).toBe("metadata");
    const sent = await pair.upstream.next();
    expect([sent.url, sent.json]).toEqual([
      "/v1/batches",
      { input_file_id: "file-input", endpoint: "/v1/chat/completions", completion_window: "24h" },
    ]);
  });

  test("may name its model, and how urgent it is", async () => {
    answers({ job: JOB });
    const target = { provider: "together-ai", api_key: KEY };
    const config = { ...target, override_params: { model: "llama", priority: 1 } };
    await openai({ "x-portkey-config": JSON.stringify(config) }).batches.create({
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
      input_file_id: "file-input",
    });
    expect((await pair.upstream.next()).json).toMatchObject({ model_id: "llama", priority: 1 });
  });

  test.each([
    ["COMPLETED", "completed", "completed_at"],
    ["FAILED", "failed", "failed_at"],
    ["EXPIRED", "expired", "expired_at"],
    ["CANCELLED", "cancelled", "cancelled_at"],
  ])("that is %s is %s", async (theirs, status, field) => {
    answers({ ...JOB, status: theirs, completed_at: "2024-01-15T15:45:30Z", error: "Too long" });
    expect(await openai().batches.retrieve(ID)).toMatchObject({
      status,
      [field]: Date.UTC(2024, 0, 15, 15, 45, 30) / 1000,
      errors: { data: [{ message: "Too long" }] },
    });
  });

  test("is listed and cancelled", async () => {
    const jobs = [JOB, { ...JOB, id: "b2" }, { ...JOB, id: "b3" }];
    answers(jobs, jobs);
    expect((await collect(openai().batches.list({ limit: 2 }))).map(({ id }) => id)).toEqual([
      ID,
      "b2",
      "b3",
    ]);
    answers({ ...JOB, status: "CANCELLED" });
    expect((await openai().batches.cancel(ID)).status).toBe("cancelled");
    expect(await urls(3)).toEqual(["GET /v1/batches", "GET /v1/batches", `POST ${PATH}/cancel`]);
    answers("no list");
    expect((await errorOf(collect(openai().batches.list()))).status).toBe(502);
  });

  test("has its answers in a file, or only errors, or neither yet", async () => {
    answers({ ...JOB, status: "COMPLETED", output_file_id: "out", error_file_id: "err" }, "{}\n");
    expect(await (await output()).text()).toBe("{}\n");
    expect(await urls(2)).toEqual([`GET ${PATH}`, "GET /v1/files/out/content"]);
    answers({ ...JOB, status: "FAILED", error: "No such model" });
    expect(await (await output()).json()).toEqual({
      object: "list",
      data: [{ code: "batch_failed", message: "No such model" }],
    });
    answers(JOB);
    expect((await output()).status).toBe(409);
  });
});
