/** Batches for Mistral, through OpenAI's own client. */
import { describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import type { JsonObject } from "../../src/schema/json.ts";
import { STEP_MS } from "../support/wait.ts";
import { collect, KEY, startPair } from "./setup.ts";

const pair = startPair();

const headers = (): Record<string, string> => ({
  "x-portkey-provider": "mistral-ai",
  "x-portkey-custom-host": `${pair.upstream.url}/v1`,
});

const openai = (): OpenAI =>
  new OpenAI({
    apiKey: KEY,
    baseURL: `${pair.gateway.url}/v1`,
    defaultHeaders: headers(),
    maxRetries: 0,
    timeout: STEP_MS,
  });

const answers = (...bodies: readonly (JsonObject | string)[]): void =>
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

const JOB: JsonObject = {
  id: "j1",
  object: "batch",
  input_files: ["file-1"],
  endpoint: "/v1/chat/completions",
  model: "mistral-small-latest",
  status: "QUEUED",
  created_at: 1_700_000_000,
  started_at: null,
  completed_at: null,
  total_requests: 3,
  completed_requests: 2,
  succeeded_requests: 1,
  failed_requests: 1,
  errors: [],
  output_file: null,
  error_file: null,
};

const output = (): Promise<Response> =>
  fetch(`${pair.gateway.url}/v1/batches/j1/output`, {
    headers: { ...headers(), authorization: `Bearer ${KEY}` },
    keepalive: false,
  });

describe("a batch for Mistral", () => {
  test("is a batch job of a file that is passed through", async () => {
    answers({ id: "file-1", object: "file" }, JOB);
    const file = await openai().files.create({
      file: await toFile(Buffer.from("{}\n"), "a.jsonl"),
      purpose: "batch",
    });
    const batch = await openai().batches.create({
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
      input_file_id: file.id,
      metadata: { sea: "north" },
    });
    expect(batch).toMatchObject({
      id: "j1",
      object: "batch",
      status: "validating",
      input_file_id: "file-1",
      created_at: 1_700_000_000,
      errors: null,
      request_counts: { total: 3, completed: 1, failed: 1 },
    });
    expect((await pair.upstream.next()).url).toBe("/v1/files");
    const made = await pair.upstream.next();
    expect([made.url, made.json]).toEqual([
      "/v1/batch/jobs",
      {
        input_files: ["file-1"],
        endpoint: "/v1/chat/completions",
        metadata: { sea: "north" },
        timeout_hours: 24,
      },
    ]);
  });

  test("is read, listed and cancelled", async () => {
    answers({ ...JOB, status: "TIMEOUT_EXCEEDED", completed_at: 1_700_000_100 });
    expect(await openai().batches.retrieve("j1")).toMatchObject({
      status: "expired",
      expired_at: 1_700_000_100,
    });
    const jobs = [JOB, { ...JOB, id: "j2" }];
    answers({ data: [JOB], total: 2 }, { data: jobs, total: 2 });
    expect((await collect(openai().batches.list({ limit: 1 }))).map(({ id }) => id)).toEqual(["j1", "j2"]);
    answers({ ...JOB, status: "CANCELLATION_REQUESTED" });
    expect((await openai().batches.cancel("j1")).status).toBe("cancelling");
    expect(await urls(4)).toEqual([
      "GET /v1/batch/jobs/j1",
      "GET /v1/batch/jobs?page=0&page_size=1&order_by=-created",
      "GET /v1/batch/jobs?page=0&page_size=100&order_by=-created",
      "POST /v1/batch/jobs/j1/cancel",
    ]);
  });

  test("has its answers in a file, or only errors, or neither yet", async () => {
    answers({ ...JOB, status: "SUCCESS", output_file: "out" }, "{}\n");
    expect(await (await output()).text()).toBe("{}\n");
    expect(await urls(2)).toEqual(["GET /v1/batch/jobs/j1", "GET /v1/files/out/content"]);
    answers({ ...JOB, status: "FAILED", errors: [{ message: "No model", count: 3 }] });
    expect(await (await output()).json()).toEqual({
      object: "list",
      data: [{ code: "request_failed", message: "No model" }],
    });
    answers({ ...JOB, status: "RUNNING" });
    expect((await output()).status).toBe(409);
  });

  test("is Mistral's own where it is asked for by Mistral's path", async () => {
    answers(JOB);
    const response = await fetch(`${pair.gateway.url}/v1/batch/jobs/j1`, {
      headers: { ...headers(), authorization: `Bearer ${KEY}` },
    });
    expect(await response.json()).toEqual(JOB);
    expect(await urls(1)).toEqual(["GET /v1/batch/jobs/j1"]);
  });
});
