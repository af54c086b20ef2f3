/** Files and batches of embeddings for Cohere, through OpenAI's own client. */
import { describe, expect, test } from "bun:test";
import type { Schema } from "avsc";
import OpenAI, { toFile } from "openai";
import type { JsonObject } from "../../src/schema/json.ts";
import { avroFile } from "../support/avro.ts";
import type { UpstreamRequest } from "../support/upstream.ts";
import { STEP_MS } from "../support/wait.ts";
import { collect, failureOf, KEY, startPair } from "./setup.ts";

const pair = startPair();

const headers = (): Record<string, string> => ({
  "x-portkey-provider": "cohere",
  "x-portkey-custom-host": pair.upstream.url,
});

const openai = (): OpenAI =>
  new OpenAI({
    apiKey: KEY,
    baseURL: `${pair.gateway.url}/v1`,
    defaultHeaders: headers(),
    maxRetries: 0,
    timeout: STEP_MS,
  });

const answers = (...bodies: readonly JsonObject[]): void =>
  pair.upstream.enqueue(
    ...bodies.map((body) => ({
      kind: "raw" as const,
      chunks: [JSON.stringify(body)],
      headers: { "content-type": "application/json" },
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

const TIME = "2026-11-21T10:00:00Z";
const AT = Date.UTC(2026, 10, 21, 10) / 1000;

const line = (id: string, body: JsonObject, url = "/v1/embeddings"): string =>
  `${JSON.stringify({ custom_id: id, method: "POST", url, body: { model: "embed", ...body } })}\n`;

describe("a file for Cohere", () => {
  const upload = async (text: string): Promise<OpenAI.FileObject> =>
    openai().files.create({ file: await toFile(Buffer.from(text), "tides.jsonl"), purpose: "batch" });

  test("is a dataset of texts, with their ids", async () => {
    answers({ id: "tides-1" });
    const own = '{"text":"ebb","custom_id":"c"}\n';
    const file = await upload(line("a", { input: "high tide" }) + line("b", { input: ["low"] }) + own);
    const [sent] = await arrived(1);
    expect([sent?.method, sent?.url]).toEqual([
      "POST",
      "/v1/datasets?name=tides.jsonl&type=embed-input&optional_fields=custom_id",
    ]);
    expect(sent?.headers["authorization"]).toBe(`Bearer ${KEY}`);
    const form = await new Response(sent?.body ?? "", {
      headers: { "content-type": sent?.headers["content-type"] ?? "" },
    }).formData();
    const part = form.get("data");
    const rows = part instanceof Blob ? await part.text() : "";
    expect(rows).toBe(`{"custom_id":"a","text":"high tide"}\n{"custom_id":"b","text":"low"}\n${own}`);
    expect(file).toMatchObject({
      id: "tides-1",
      object: "file",
      bytes: rows.length,
      filename: "tides.jsonl",
      purpose: "batch",
    });
  });

  const bad: readonly (readonly [string, string, RegExp])[] = [
    ["another API", line("a", { messages: [] }, "/v1/chat/completions"), /file\.line 1: url: must be/],
    ["several texts", line("a", { input: ["a", "b"] }), /file\.line 1: body\.input: must be one text/],
    ["a line that is no JSON", `${line("a", { input: "a" })}{`, /file\.line 2: must be a JSON object/],
    ["no lines", "\n", /file: must have lines/],
  ];

  test.each(bad)("is refused, and the upload breaks off: %s", async (_name, text, message) => {
    const error = await errorOf(upload(text));
    expect([error.status, error.message]).toEqual([400, expect.stringMatching(message) as string]);
    expect(pair.upstream.requests).toEqual([]); // none came whole
  });

  test("is found, listed and deleted", async () => {
    const dataset = (id: string, more: JsonObject = {}): JsonObject => ({
      id,
      name: "tides",
      created_at: TIME,
      dataset_type: "embed-input",
      validation_status: "validated",
      dataset_parts: [{ size_bytes: 3 }, { size_bytes: 4 }],
      ...more,
    });
    answers({ dataset: dataset("d", { validation_status: "failed", validation_error: "No text" }) });
    expect(await openai().files.retrieve("d")).toMatchObject({
      id: "d",
      bytes: 7,
      created_at: AT,
      filename: "tides",
      status: "error",
      status_details: "No text",
    });
    answers({ datasets: [dataset("x")] }, { datasets: [dataset("x"), dataset("y")] });
    const all = await collect(openai().files.list({ limit: 1 }));
    expect(all.map(({ id }) => id)).toEqual(["x", "y"]);
    answers({});
    expect(await openai().files.delete("x")).toEqual({ id: "x", object: "file", deleted: true });
    const requests = await arrived(4);
    expect(requests.map((request) => `${request.method} ${request.url}`)).toEqual([
      "GET /v1/datasets/d",
      "GET /v1/datasets?limit=1&offset=0",
      "GET /v1/datasets?limit=100&offset=0",
      "DELETE /v1/datasets/x",
    ]);
  });

  test("has no content to give, which is told", async () => {
    const error = await errorOf(openai().files.content("d"));
    expect([error.status, error.message]).toEqual([
      400,
      expect.stringContaining("files.content is not supported by cohere") as string,
    ]);
  });
});

describe("a batch for Cohere", () => {
  const JOB: JsonObject = {
    job_id: "j1",
    status: "processing",
    created_at: TIME,
    input_dataset_id: "tides-1",
    model: "embed-english-v3.0",
    truncate: "END",
  };

  test("is an embed job", async () => {
    answers({ job_id: "j1" });
    const batch = await openai().batches.create({
      endpoint: "/v1/embeddings",
      completion_window: "24h",
      input_file_id: "tides-1",
      ...ASKED,
    });
    expect(batch).toMatchObject({ id: "j1", status: "in_progress", input_file_id: "tides-1" });
    const [made] = await arrived(1);
    expect([made?.url, made?.json]).toEqual([
      "/v1/embed-jobs",
      {
        model: "embed-english-v3.0",
        dataset_id: "tides-1",
        input_type: "search_document",
        truncate: "END",
      },
    ]);
  });
  const ASKED: JsonObject = { model: "embed-english-v3.0", truncate: "END" };

  test("is of embeddings alone", async () => {
    const chats = {
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
      input_file_id: "tides-1",
    } as const;
    expect(await errorOf(openai().batches.create({ ...chats, ...ASKED }))).toMatchObject({
      status: 400,
      param: "endpoint",
    });
  });

  test("is read, listed and cancelled", async () => {
    answers({ ...JOB, status: "complete", output_dataset_id: "out" });
    expect(await openai().batches.retrieve("j1")).toMatchObject({
      status: "completed",
      created_at: AT,
      output_file_id: "out",
    });
    answers({ embed_jobs: [JOB, { ...JOB, job_id: "j2" }] }, { embed_jobs: [JOB, { ...JOB, job_id: "j2" }] });
    expect((await collect(openai().batches.list({ limit: 1 }))).map(({ id }) => id)).toEqual(["j1", "j2"]);
    answers({}, { ...JOB, status: "cancelling" });
    expect((await openai().batches.cancel("j1")).status).toBe("cancelling");
    const requests = await arrived(5);
    expect(requests.map((request) => `${request.method} ${request.url}`)).toEqual([
      "GET /v1/embed-jobs/j1",
      "GET /v1/embed-jobs",
      "GET /v1/embed-jobs",
      "POST /v1/embed-jobs/j1/cancel",
      "GET /v1/embed-jobs/j1",
    ]);
  });

  const output = (): Promise<Response> =>
    fetch(`${pair.gateway.url}/v1/batches/j1/output`, {
      headers: { ...headers(), authorization: `Bearer ${KEY}` },
      keepalive: false,
    });
  const part = (index: number): JsonObject => ({
    id: `p${index}`,
    url: `${pair.upstream.url}/part-${index}?sig=s`,
    index,
  });
  const sends = (file: Uint8Array): void =>
    pair.upstream.enqueue({
      kind: "raw",
      chunks: [file],
      headers: { "content-type": "application/octet-stream" },
    });
  const done = (): void =>
    answers(
      { ...JOB, status: "complete", output_dataset_id: "out" },
      { dataset: { id: "out", dataset_parts: [part(1), part(0)] } },
    );

  test("has its output read from Avro, part by part", async () => {
    answers(JOB);
    expect((await output()).status).toBe(409);
    done();
    sends(await avroFile(RESULT, [record("a", [0.5, -1])], "deflate"));
    sends(await avroFile(RESULT, [record("b", null, [3, -4])], "null"));
    const response = await output();
    expect(response.status).toBe(200);
    const rows = (await response.text())
      .trimEnd()
      .split("\n")
      .map((row) => JSON.parse(row) as JsonObject);
    const answered = (embedding: JsonObject): JsonObject => ({
      status_code: 200,
      body: {
        object: "list",
        data: [{ object: "embedding", index: 0, ...embedding }],
        model: "embed-english-v3.0",
      },
    });
    expect(rows).toMatchObject([
      { id: "r-a", custom_id: "a", response: answered({ embedding: [0.5, -1] }), error: null },
      { custom_id: "b", response: answered({ embedding: [3, -4], embedding_type: "int8" }) },
    ]);
    const requests = await arrived(5);
    expect(requests.slice(1).map(({ url }) => url)).toEqual([
      "/v1/embed-jobs/j1",
      "/v1/datasets/out",
      "/part-0?sig=s",
      "/part-1?sig=s",
    ]);
    expect(requests.map(({ headers: sent }) => "authorization" in sent)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test("has an output that breaks off where its file does", async () => {
    done();
    const file = await avroFile(RESULT, [record("a", [0.5])], "null");
    sends(file.subarray(0, -3));
    expect(await failureOf(output().then((response) => response.text()))).toBeInstanceOf(Error);
  });
});

/** The fields of a record of an embed job's output. */
const RESULT: Schema = {
  type: "record",
  name: "embed_result",
  fields: [
    { name: "id", type: "string" },
    { name: "custom_id", type: ["null", "string"] },
    { name: "text", type: "string" },
    {
      name: "embeddings",
      type: {
        type: "record",
        name: "embeddings",
        fields: [
          { name: "float", type: ["null", { type: "array", items: "float" }] },
          { name: "int8", type: ["null", { type: "array", items: "int" }] },
        ],
      },
    },
  ],
};

const record = (id: string, float: readonly number[] | null, int8: readonly number[] | null = null) => ({
  id: `r-${id}`,
  custom_id: id,
  text: "high tide",
  embeddings: { float, int8 },
});
