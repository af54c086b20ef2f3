/** Files, batches and fine-tuning for Bedrock, through OpenAI's own client. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI, { toFile } from "openai";
import { isObject, type JsonObject } from "../../src/schema/json.ts";
import { AWS_KEYS, type FakeAws, s3Error, type Seen, startAws } from "../support/aws.ts";
import { startGateway } from "../support/gateway.ts";
import { LIMIT_MS, STEP_MS, within } from "../support/wait.ts";
import { collect, failureOf, startPair } from "./setup.ts";

const pair = startPair();
let aws: FakeAws;
beforeAll(() => {
  aws = startAws();
}, LIMIT_MS);
afterEach(() => aws.reset());
afterAll(() => aws.stop());

const NOVA = "eu.amazon.nova-pro-v1:0";
const CLAUDE = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
const TITAN = "amazon.titan-embed-text-v2:0";
const COHERE = "cohere.embed-english-v3";
const LLAMA = "meta.llama3-1-70b-instruct-v1:0";
const ROLE = "arn:aws:iam::123456789012:role/batch";

const headers = (more: Record<string, string> = {}): Record<string, string> => ({
  "x-portkey-provider": "bedrock",
  "x-portkey-custom-host": aws.url,
  "x-portkey-aws-access-key-id": AWS_KEYS.accessKeyId,
  "x-portkey-aws-secret-access-key": AWS_KEYS.secretAccessKey,
  "x-portkey-aws-region": "eu-west-1",
  "x-portkey-aws-s3-bucket": "tides",
  "x-portkey-aws-bedrock-model": NOVA,
  ...more,
});

const openai = (more?: Record<string, string>): OpenAI =>
  new OpenAI({
    apiKey: "turnpike",
    baseURL: `${pair.gateway.url}/v1`,
    defaultHeaders: headers(more),
    maxRetries: 0,
    timeout: STEP_MS,
  });

const request = (id: string, body: JsonObject = {}, url = "/v1/chat/completions"): JsonObject => ({
  custom_id: id,
  method: "POST",
  url,
  body: { model: "m", max_tokens: 100, messages: [{ role: "user", content: "When is high tide?" }], ...body },
});

const USER = { role: "user", content: "When is high tide?" };
const TOOLS = [
  {
    type: "function",
    function: { name: "tide", description: "When", parameters: { type: "object", properties: {} } },
  },
];

const embedding = (id: string, body: JsonObject): JsonObject => ({
  custom_id: id,
  method: "POST",
  url: "/v1/embeddings",
  body: { model: "m", ...body },
});

const jsonl = (lines: readonly JsonObject[]): string =>
  lines.map((line) => JSON.stringify(line)).join("\r\n");

const upload = async (
  text: string,
  more?: Record<string, string>,
  purpose: "batch" | "fine-tune" = "batch",
): Promise<OpenAI.FileObject> =>
  openai(more).files.create({ file: await toFile(Buffer.from(text), "tides é.jsonl"), purpose });

const stored = (): string => [...aws.objects.values()][0]?.text ?? "";
const records = (): readonly JsonObject[] =>
  stored()
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

describe("a file for Bedrock", () => {
  test("is stored in S3 in Bedrock's lines", async () => {
    const text = jsonl([request("a"), request("b", { temperature: 0.5 })]);
    const file = await upload(text, { "x-portkey-aws-s3-object-key": "in/t+i des.jsonl" });
    expect(decodeURIComponent(file.id)).toBe("s3://tides/in/t+i des.jsonl");
    expect(file).toMatchObject({ object: "file", purpose: "batch", filename: "tides é.jsonl" });
    expect(file.bytes).toBe(Buffer.byteLength(stored()));
    expect(records()).toEqual([
      {
        recordId: "a",
        modelInput: {
          messages: [{ role: "user", content: [{ text: "When is high tide?" }] }],
          inferenceConfig: { maxTokens: 100 },
        },
      },
      {
        recordId: "b",
        modelInput: {
          messages: [{ role: "user", content: [{ text: "When is high tide?" }] }],
          inferenceConfig: { maxTokens: 100, temperature: 0.5 },
        },
      },
    ]);
  });

  test("asks Claude in its own words, tools and all", async () => {
    const tools = [{ type: "function", function: { name: "tide", parameters: { type: "object" } } }];
    await upload(jsonl([request("a", { tools })]), {
      "x-portkey-aws-bedrock-model": CLAUDE,
      "anthropic-beta": "context-1m-2025-08-07",
    });
    expect(records()[0]?.["modelInput"]).toMatchObject({
      anthropic_version: "bedrock-2023-05-31",
      anthropic_beta: ["context-1m-2025-08-07"],
      max_tokens: 100,
      messages: [{ role: "user" }],
      tools: [{ name: "tide" }],
    });
    expect(records()[0]?.["modelInput"]).not.toContainKeys(["model", "stream"]);
    expect([...aws.objects.values()][0]?.headers).toMatchObject({
      "x-amz-meta-invocation-type": "InvokeModel",
      "x-amz-meta-endpoint": "/v1/chat/completions",
    });
  });

  test("with tools asks Nova in its own words, every line of it", async () => {
    const lines = [
      request("a", { tools: TOOLS, tool_choice: "required", top_k: 40, temperature: 0.5 }),
      request("b", { messages: [{ role: "system", content: "Be brief" }, USER], service_tier: "flex" }),
      request("c", {
        messages: [
          USER,
          {
            role: "assistant",
            tool_calls: [{ id: "call_1", type: "function", function: { name: "tide", arguments: "{}" } }],
          },
          { role: "tool", tool_call_id: "call_1", content: "At noon" },
        ],
        tools: TOOLS,
      }),
    ];
    const client = openai();
    const file = await toFile(Buffer.from(jsonl(lines)), "a.jsonl");
    const { response } = await client.files.create({ file, purpose: "batch" }).withResponse();
    expect(response.headers.get("x-turnpike-not-carried")).toBe("service_tier");
    const toolSpec = {
      name: "tide",
      description: "When",
      inputSchema: { json: { type: "object", properties: {} } },
    };
    const asked = { role: "user", content: [{ text: "When is high tide?" }] };
    expect(records().map((record) => record["modelInput"])).toEqual([
      {
        messages: [asked],
        inferenceConfig: { maxTokens: 100, temperature: 0.5, topK: 40 },
        toolConfig: { tools: [{ toolSpec }], toolChoice: { any: {} } },
      },
      { system: [{ text: "Be brief" }], messages: [asked], inferenceConfig: { maxTokens: 100 } },
      {
        messages: [
          asked,
          { role: "assistant", content: [{ toolUse: { toolUseId: "call_1", name: "tide", input: {} } }] },
          {
            role: "user",
            content: [{ toolResult: { toolUseId: "call_1", content: [{ text: "At noon" }] } }],
          },
        ],
        inferenceConfig: { maxTokens: 100 },
        toolConfig: { tools: [{ toolSpec }] },
      },
    ]);
    expect([...aws.objects.values()][0]?.headers).toMatchObject({
      "x-amz-meta-invocation-type": "InvokeModel",
    });
  });

  test("with tools says Nova's effort where Nova's own body has it", async () => {
    const line = request("a", { tools: TOOLS, reasoning_effort: "low" });
    await upload(jsonl([line]), { "x-portkey-aws-bedrock-model": "us.amazon.nova-2-lite-v1:0" });
    expect(records()[0]?.["modelInput"]).toMatchObject({
      inferenceConfig: { maxTokens: 100, reasoningConfig: { type: "enabled", maxReasoningEffort: "low" } },
    });
  });

  test("of texts to embed is written in the words of the model that embeds them", async () => {
    const titan = [
      embedding("a", { input: "Ebb", dimensions: 256 }),
      embedding("b", { input: ["Flow"], encoding_format: "base64" }),
    ];
    const file = await toFile(Buffer.from(jsonl(titan)), "a.jsonl");
    const { response } = await openai({ "x-portkey-aws-bedrock-model": TITAN })
      .files.create({ file, purpose: "batch" })
      .withResponse();
    expect(response.headers.get("x-turnpike-not-carried")).toBe("encoding_format");
    expect(records()).toEqual([
      { recordId: "a", modelInput: { inputText: "Ebb", dimensions: 256 } },
      { recordId: "b", modelInput: { inputText: "Flow" } },
    ]);
    expect([...aws.objects.values()][0]?.headers).toMatchObject({
      "x-amz-meta-invocation-type": "InvokeModel",
      "x-amz-meta-endpoint": "/v1/embeddings",
    });
    aws.reset();
    const cohere = embedding("a", { input: ["Ebb", "Flow"], encoding_format: "int8" });
    await upload(jsonl([cohere]), { "x-portkey-aws-bedrock-model": COHERE });
    expect(records()[0]?.["modelInput"]).toEqual({
      texts: ["Ebb", "Flow"],
      input_type: "search_document",
      embedding_types: ["int8"],
    });
  });

  test("with a line that nests without an end is refused, and nothing is stored", async () => {
    const deep = "[".repeat(50_000) + "]".repeat(50_000);
    const lines = `${jsonl([request("a")])}\n{"recordId":"b","modelInput":{"a":${deep}}}`;
    const { status, param } = await errorOf(upload(lines));
    expect([status, param]).toEqual([400, "file.line 2"]);
    expect(aws.objects.size).toBe(0);
  });

  test("of several MiB goes up in parts, and comes back whole", async () => {
    const content = "ebb and flow ".repeat(8000);
    const lines = Array.from({ length: 200 }, (_, index) =>
      request(String(index), { messages: [{ role: "user", content }] }),
    );
    const file = await upload(jsonl(lines));
    expect(aws.seen.filter(({ query }) => query.includes("partNumber"))).toHaveLength(3);
    expect(records().map((record) => record["recordId"])).toEqual(
      lines.map((line) => line["custom_id"] ?? ""),
    );
    expect(aws.open.size).toBe(0);
    const back = await openai().files.content(file.id);
    expect(await back.text()).toBe(stored());
  });

  test("may be told what it is for first, and what cannot be carried is told", async () => {
    const form = new FormData();
    form.set("purpose", "batch");
    form.set("expires_after[anchor]", "created_at");
    form.set("file", new File([jsonl([request("a", { logit_bias: { "1": 2 } })])], "a.jsonl"));
    const url = `${pair.gateway.url}/v1/files`;
    const response = await fetch(url, { method: "POST", headers: headers(), body: form });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-turnpike-not-carried")).toBe("expires_after[anchor], logit_bias");
  });

  test("is given up when the caller's time is up", async () => {
    const gate = Promise.withResolvers<Response>();
    aws.fail(
      ({ method }) => method === "PUT",
      () => gate.promise,
    );
    const error = await errorOf(upload(jsonl([request("a")]), { "x-portkey-request-timeout": "100" }));
    gate.resolve(new Response());
    expect([error.status, error.type]).toEqual([408, "timeout_error"]);
  });

  test("whose client sends nothing more is not waited for without an end", async () => {
    const sent = { ...headers(), host: "localhost", "x-portkey-request-timeout": "100" };
    const head = Object.entries({
      ...sent,
      "content-type": "multipart/form-data; boundary=b",
      "content-length": "100000000",
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    const part = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n{"custom_id"';
    const socket = connect(Number(new URL(pair.gateway.url).port), "127.0.0.1");
    const { promise: answer, resolve, reject } = Promise.withResolvers<string>();
    socket.once("data", (bytes: Buffer) => resolve(bytes.toString()));
    socket.once("error", reject);
    socket.write(`POST /v1/files HTTP/1.1\r\n${head.join("")}\r\n${part}`);
    try {
      expect(await within(answer, "the upload to be given up")).toStartWith("HTTP/1.1 408");
    } finally {
      socket.destroy();
    }
    expect(aws.seen).toHaveLength(0);
  });

  test("is asked for again where S3 is overloaded", async () => {
    const { id } = await upload(jsonl([request("a")]));
    aws.fail(
      ({ method }) => method === "HEAD",
      () => s3Error(503, "SlowDown"),
    );
    const target = { request_timeout: STEP_MS };
    const config = JSON.stringify({ strategy: { mode: "fallback" }, targets: [target, target] });
    const found = await openai({ "x-portkey-config": config }).files.retrieve(id);
    expect(found.id).toBe(id);
    expect(aws.seen.filter(({ method }) => method === "HEAD")).toHaveLength(2);
  });

  test("that is no form is refused", async () => {
    const url = `${pair.gateway.url}/v1/files`;
    const response = await fetch(url, { method: "POST", headers: headers(), body: "lines" });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param: "body" } }]);
  });

  test("is encrypted as asked", async () => {
    await upload(jsonl([request("a")]), {
      "x-portkey-amz-server-side-encryption": "aws:kms",
      "x-portkey-amz-server-side-encryption-aws-kms-key-id": "key-1",
    });
    expect([...aws.objects.values()][0]?.headers).toMatchObject({
      "x-amz-server-side-encryption": "aws:kms",
      "x-amz-server-side-encryption-aws-kms-key-id": "key-1",
    });
  });

  test("of examples is written for the model that learns", async () => {
    const messages = [
      { role: "system", content: "Be brief" },
      { role: "user", content: "Tide?" },
      { role: "assistant", content: "High" },
    ];
    const text = `${JSON.stringify({ messages })}\n{"prompt": 1.0, "completion":"b"}\n`;
    await upload(text, {}, "fine-tune");
    expect(records()[0]).toEqual({
      schemaVersion: "bedrock-conversation-2024",
      system: [{ text: "Be brief" }],
      messages: [
        { role: "user", content: [{ text: "Tide?" }] },
        { role: "assistant", content: [{ text: "High" }] },
      ],
    });
    expect(stored()).toEndWith('{"prompt": 1.0, "completion":"b"}\n');
    aws.reset();
    await upload(JSON.stringify({ messages }), { "x-portkey-aws-bedrock-model": CLAUDE }, "fine-tune");
    expect(records()[0]).toEqual({ system: "Be brief", messages: messages.slice(1) });
    aws.reset();
    const inParts = messages.map(({ role, content }) => ({
      role,
      content: [{ type: "text", text: content }],
    }));
    await upload(
      JSON.stringify({ messages: inParts }),
      { "x-portkey-aws-bedrock-model": CLAUDE },
      "fine-tune",
    );
    expect(records()[0]).toEqual({ system: "Be brief", messages: messages.slice(1) });
    aws.reset();
    await upload(JSON.stringify({ messages: inParts }), { "x-portkey-model-type": "text" }, "fine-tune");
    expect(records()[0]).toEqual({ prompt: "Be brief\nTide?", completion: "High" });
  });

  test("is found, read and deleted again", async () => {
    const { id } = await upload(jsonl([request("a")]));
    const found = await openai().files.retrieve(id);
    expect(found).toMatchObject({
      id,
      bytes: Buffer.byteLength(stored()),
      filename: "tides é.jsonl",
      purpose: "batch",
      created_at: Date.UTC(2026, 10, 21, 10) / 1000,
    });
    expect(await openai().files.delete(id)).toEqual({ id, object: "file", deleted: true });
    expect(aws.objects.size).toBe(0);
    const error = await errorOf(openai().files.retrieve(id));
    expect([error.status, error.message]).toEqual([404, "404 bedrock error: There is no such object"]);
  });

  test("is listed with the others, page by page", async () => {
    for (const key of ["a&b.jsonl", "c.jsonl", "d.jsonl"])
      await upload(jsonl([request("a")]), { "x-portkey-aws-s3-object-key": key });
    const first = await openai().files.list({ limit: 2 });
    expect(first.has_more).toBe(true);
    const all = await collect(openai().files.list({ limit: 2 }));
    expect(all.map(({ id }) => decodeURIComponent(id))).toEqual([
      "s3://tides/a&b.jsonl",
      "s3://tides/c.jsonl",
      "s3://tides/d.jsonl",
    ]);
    expect(await collect(openai().files.list({ purpose: "fine-tune" }))).toEqual([]);
  });
});

describe("a file that Bedrock cannot use is refused, and nothing of it is left:", () => {
  const DOCUMENT = {
    role: "user",
    content: [{ type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" } }],
  };
  const bad: readonly (readonly [what: string, lines: string, message: RegExp, model?: string])[] = [
    [
      "a line that is no JSON",
      `${JSON.stringify(request("a"))}\n{"custom_id":`,
      /file\.line 2: must be a JSON/,
    ],
    ["a line without an id", '{"custom_id":1,"body":{}}', /file\.line 1: custom_id/],
    ["a fault in a body", jsonl([request("a", { messages: 1 })]), /file\.line 1: body\.messages/],
    [
      "tools",
      jsonl([request("a", { tools: TOOLS })]),
      /file\.line 1: body\.tools: .* but by Claude and Nova/,
      LLAMA,
    ],
    [
      "tools in a later line alone",
      jsonl([request("a"), request("b", { tools: TOOLS })]),
      /file\.line 2: body\.tools: .* the file's first line must have some/,
    ],
    [
      "a document beside tools",
      jsonl([request("a", { tools: TOOLS }), request("b", { messages: [DOCUMENT] })]),
      /file\.line 2: body\.messages: hold a document/,
    ],
    [
      "texts to embed for a model that does not",
      jsonl([embedding("a", { input: "Ebb" })]),
      /file\.line 1: url: must not be \/v1\/embeddings/,
    ],
    [
      "more than one text for Titan",
      jsonl([embedding("a", { input: ["Ebb", "Flow"] })]),
      /file\.line 1: body\.input: must be one text/,
      TITAN,
    ],
    [
      "a chat among texts to embed",
      jsonl([embedding("a", { input: "Ebb" }), request("b")]),
      /file\.line 2: url: must be \/v1\/embeddings, as in the file's first line/,
      TITAN,
    ],
    [
      "texts to embed among chats",
      jsonl([request("a"), embedding("b", { input: "Ebb" })]),
      /file\.line 2: url: must be of a chat/,
      TITAN,
    ],
    [
      "an image by URL",
      jsonl([
        request("a", {
          messages: [
            { role: "user", content: [{ type: "image_url", image_url: { url: "https://x.example/a.png" } }] },
          ],
        }),
      ]),
      /file\.line 1: body\.messages\.0\.content\.0\.image_url\.url: must hold the bytes/,
    ],
    ["another API", jsonl([request("a", {}, "/v1/images/generations")]), /file\.line 1: url: must be/],
    ["no lines", " \n", /file: must have lines/],
    ["lines of examples", '{"prompt":"a","completion":"b"}', /purpose: does not fit/],
  ];

  test.each(bad)("%s", async (_name, text, message, model = NOVA) => {
    const error = await errorOf(upload(text, { "x-portkey-aws-bedrock-model": model }));
    expect(error.status).toBe(400);
    expect(error.message).toMatch(message);
    expect([aws.objects.size, aws.open.size]).toEqual([0, 0]);
  });

  test("a bad line at the front of many MiB", async () => {
    const error = await errorOf(upload(`[]\n${jsonl([request("a", { user: "x".repeat(30_000_000) })])}`));
    expect(error.message).toContain("file.line 1");
  });

  test("a bad line after parts of it have gone up", async () => {
    const content = "ebb and flow ".repeat(8000);
    const lines = Array.from({ length: 120 }, (_, index) =>
      request(String(index), { messages: [{ role: "user", content }] }),
    );
    const error = await errorOf(upload(`${jsonl(lines)}\nnot JSON`));
    expect(error.message).toContain("file.line 121");
    expect(aws.seen.some(({ query }) => query.includes("partNumber"))).toBe(true);
    expect([aws.objects.size, aws.open.size]).toEqual([0, 0]);
  });

  test("an upload that S3 breaks off at its end", async () => {
    const content = "ebb and flow ".repeat(8000);
    const lines = Array.from({ length: 120 }, () => request("a", { messages: [{ role: "user", content }] }));
    aws.fail(
      ({ method, query }) => method === "POST" && query.startsWith("?uploadId"),
      () => new Response("<Error><Code>InternalError</Code><Message>Try again</Message></Error>"),
    );
    const error = await errorOf(upload(jsonl(lines)));
    expect([error.status, error.message]).toEqual([500, "500 bedrock error: Try again"]);
    expect(aws.open.size).toBe(0);
  });
});

describe("a file for Bedrock needs", () => {
  const needs: readonly (readonly [string, Record<string, string>, string])[] = [
    ["a bucket", { "x-portkey-aws-s3-bucket": "" }, "aws_s3_bucket"],
    ["a bucket's name", { "x-portkey-aws-s3-bucket": "evil.example/x" }, "aws_s3_bucket"],
    ["a model", { "x-portkey-aws-bedrock-model": "" }, "aws_bedrock_model"],
    ["a key that Bedrock reads", { "x-portkey-aws-s3-object-key": "a.txt" }, "aws_s3_object_key"],
    ["a key in its bucket", { "x-portkey-aws-s3-object-key": "../x.jsonl" }, "aws_s3_bucket"],
  ];

  test.each(needs)("%s", async (_name, more, param) => {
    const error = await errorOf(upload(jsonl([request("a")]), more));
    expect([error.status, error.param]).toEqual([400, param]);
    expect(aws.seen).toEqual([]);
  });

  test("a right signature, or says what S3 says", async () => {
    const error = await errorOf(upload(jsonl([request("a")]), { "x-portkey-aws-secret-access-key": "x" }));
    expect([error.status, error.message]).toEqual([
      403,
      '403 bedrock error: S3 says "SignatureDoesNotMatch"',
    ]);
  });

  test("keys of the caller's own: the gateway's open no bucket for a request", async () => {
    const without = { "x-portkey-aws-access-key-id": "", "x-portkey-aws-secret-access-key": "" };
    const error = await errorOf(openai(without).files.retrieve(encodeURIComponent("s3://secret/a.jsonl")));
    expect([error.status, error.code]).toEqual([403, "host_not_allowed_for_key"]);
  });
});

describe("a batch for Bedrock", () => {
  const create = async (fileId: string, more: JsonObject = {}, model = NOVA): Promise<OpenAI.Batch> => {
    const own = { model, role_arn: ROLE, ...more };
    return openai().batches.create({
      input_file_id: fileId,
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
      ...own,
    });
  };
  const asked = (): JsonObject => aws.seen.find(({ path }) => path === "/model-invocation-job")?.json ?? {};
  const finish = (batch: OpenAI.Batch, more: JsonObject = {}): void => {
    const id = decodeURIComponent(batch.id).split("/").at(-1) ?? "";
    const endTime = "2026-11-21T12:00:00Z";
    aws.jobs.set(id, { ...aws.jobs.get(id), status: "Completed", endTime, ...more });
  };
  const output = (id: string): Promise<Response> =>
    fetch(`${pair.gateway.url}/v1/batches/${encodeURIComponent(id)}/output`, {
      headers: headers(),
      keepalive: false,
    });

  test("is a job that knows how its file is written", async () => {
    const file = await upload(jsonl([request("a")]), { "x-portkey-aws-s3-object-key": "in/a.jsonl" });
    const batch = await create(file.id, { metadata: { tide: "high" } });
    expect(batch).toMatchObject({ object: "batch", status: "validating", input_file_id: file.id });
    expect(asked()).toMatchObject({
      roleArn: ROLE,
      modelId: NOVA,
      modelInvocationType: "Converse",
      timeoutDurationInHours: 24,
      inputDataConfig: { s3InputDataConfig: { s3Uri: "s3://tides/in/a.jsonl" } },
      outputDataConfig: { s3OutputDataConfig: { s3Uri: "s3://tides/in/" } },
    });
    expect(asked()["jobName"]).toMatch(/^[a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9+\-.]){0,63}$/);
    const found = await openai().batches.retrieve(batch.id);
    expect(found).toMatchObject({
      id: batch.id,
      status: "validating",
      created_at: Date.UTC(2026, 10, 21, 10) / 1000,
    });
  });

  test("says where it is to be written, and how", async () => {
    const file = await upload(jsonl([request("a")]));
    const output_data_config = { s3OutputDataConfig: { s3Uri: "s3://answers/x/" } };
    await create(file.id, { output_data_config, job_name: "mine", model_invocation_type: "InvokeModel" });
    expect(asked()).toMatchObject({
      jobName: "mine",
      outputDataConfig: output_data_config,
      modelInvocationType: "InvokeModel",
    });
  });

  test("that is asked for twice by one call is one job", async () => {
    const file = await upload(jsonl([request("a")]));
    aws.fail(
      ({ path }) => path === "/model-invocation-job",
      () => Response.json({ message: "Busy" }, { status: 503 }),
    );
    const retry = { attempts: 1, on_status_codes: [503] };
    const client = openai({ "x-portkey-config": JSON.stringify({ retry }) });
    const own = { endpoint: "/v1/chat/completions", completion_window: "24h" } as const;
    const more = { model: NOVA, role_arn: ROLE };
    await client.batches.create({ input_file_id: file.id, ...own, ...more });
    const sent = aws.seen.filter(({ path }) => path === "/model-invocation-job").map(({ json }) => json);
    expect(sent).toHaveLength(2);
    expect(sent[0]).toEqual(sent[1] ?? {});
    expect(sent[0]?.["clientRequestToken"]).toMatch(/^[0-9a-f]{64}$/);
  });

  test("needs a role and a file", async () => {
    const { id } = await upload(jsonl([request("a")]));
    const own = { endpoint: "/v1/chat/completions", completion_window: "24h", model: NOVA } as const;
    const roleless = await errorOf(openai().batches.create({ input_file_id: id, ...own }));
    expect([roleless.status, roleless.param]).toEqual([400, "role_arn"]);
    const fileless = await errorOf(openai().batches.create({ input_file_id: "file-1", ...own }));
    expect([fileless.status, fileless.param]).toEqual([400, "input_file_id"]);
  });

  test("is listed in OpenAI's words and seconds, the newest first", async () => {
    const { id } = await upload(jsonl([request("a")]));
    const made = [await create(id), await create(id), await create(id)];
    finish(made[0] ?? (await create(id)), { status: "Failed", message: "No access" });
    const listed = await collect(openai().batches.list({ limit: 2 }));
    expect(listed.map((batch) => batch.id)).toEqual(made.map((batch) => batch.id).toReversed());
    expect(listed.at(-1)).toMatchObject({
      status: "failed",
      failed_at: Date.UTC(2026, 10, 21, 12) / 1000,
      errors: { data: [{ message: "No access" }] },
    });
  });

  test("is cancelled", async () => {
    const batch = await create((await upload(jsonl([request("a")]))).id);
    expect((await openai().batches.cancel(batch.id)).status).toBe("cancelling");
    expect(aws.seen.some(({ path }) => path.endsWith("/stop"))).toBe(true);
  });

  test("gives its rows as OpenAI's, one for each request", async () => {
    const file = await upload(jsonl([request("a"), request("b")]));
    const batch = await create(file.id);
    finish(batch, { totalRecordCount: 2, successRecordCount: 1, errorRecordCount: 1 });
    const found = await openai().batches.retrieve(batch.id);
    expect(found.request_counts).toEqual({ total: 2, completed: 1, failed: 1 });
    const said = { role: "assistant", content: [{ text: "At noon" }] };
    const usage = { inputTokens: 5, outputTokens: 2, totalTokens: 7 };
    const rows = [
      {
        recordId: "a",
        modelInput: {},
        modelOutput: { output: { message: said }, stopReason: "end_turn", usage },
      },
      { recordId: "b", modelInput: {}, error: { errorCode: 400, errorMessage: "Too long" } },
    ];
    const place = decodeURIComponent(found.output_file_id ?? "").replace("s3://", "");
    expect(place).toMatch(/^tides\/job000000000\/.*\.jsonl\.out$/);
    aws.objects.set(place, { text: jsonl(rows), headers: {} });
    const response = await output(batch.id);
    expect(response.status).toBe(200);
    const [first, second] = (await response.text())
      .trim()
      .split("\n")
      .map((row): unknown => JSON.parse(row));
    expect(first).toMatchObject({
      custom_id: "a",
      error: null,
      response: {
        status_code: 200,
        body: {
          object: "chat.completion",
          model: NOVA,
          choices: [{ message: { content: "At noon" }, finish_reason: "stop" }],
          usage: { prompt_tokens: 5, completion_tokens: 2 },
        },
      },
    });
    expect(second).toMatchObject({
      custom_id: "b",
      response: { status_code: 400, body: { error: { message: "bedrock error: Too long" } } },
    });
    expect(await (await openai().files.content(found.output_file_id ?? "")).text()).toBe(jsonl(rows));
  });

  test("answers in the API that its lines asked", async () => {
    const line = request("a", {}, "/v1/messages");
    const file = await upload(jsonl([line]), { "x-portkey-aws-bedrock-model": CLAUDE });
    const batch = await create(file.id, {}, CLAUDE);
    expect(asked()["modelInvocationType"]).toBe("InvokeModel");
    finish(batch);
    const found = await openai().batches.retrieve(batch.id);
    const modelOutput = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude",
      content: [{ type: "text", text: "At noon" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 5, output_tokens: 2 },
    };
    aws.objects.set(decodeURIComponent(found.output_file_id ?? "").replace("s3://", ""), {
      text: JSON.stringify({ recordId: "a", modelOutput }),
      headers: {},
    });
    const row: unknown = JSON.parse(await (await output(batch.id)).text());
    expect(row).toMatchObject({
      response: { body: { id: "msg_1", type: "message", content: [{ text: "At noon" }] } },
    });
  });

  const rowsAfter = async (batch: OpenAI.Batch, rows: readonly JsonObject[]): Promise<readonly unknown[]> => {
    finish(batch);
    const found = await openai().batches.retrieve(batch.id);
    const place = decodeURIComponent(found.output_file_id ?? "").replace("s3://", "");
    aws.objects.set(place, { text: jsonl(rows), headers: {} });
    const text = await (await output(batch.id)).text();
    return text
      .trim()
      .split("\n")
      .map((row): unknown => JSON.parse(row));
  };

  test("gives the rows behind one that cannot be read", async () => {
    const batch = await create((await upload(jsonl([request("a"), request("b")]))).id);
    const answer = (message: JsonObject): JsonObject => ({ output: { message }, stopReason: "end_turn" });
    const said = answer({ role: "assistant", content: [{ text: "At noon" }] });
    const rows = await rowsAfter(batch, [
      { recordId: "a", modelInput: {}, modelOutput: answer({ role: "assistant" }) },
      { recordId: "b", modelInput: {}, modelOutput: said },
    ]);
    expect(rows).toMatchObject([
      {
        custom_id: "a",
        response: {
          status_code: 502,
          body: { error: { message: "bedrock error: The reply has no message" } },
        },
      },
      { custom_id: "b", response: { status_code: 200 } },
    ]);
  });

  test("gives the calls that Nova made, and what it counts in its own words", async () => {
    const file = await upload(jsonl([request("a", { tools: TOOLS })]));
    const batch = await create(file.id);
    expect(asked()["modelInvocationType"]).toBe("InvokeModel");
    const content = [{ toolUse: { toolUseId: "t-1", name: "tide", input: { day: 1 } } }];
    const usage = {
      inputTokens: 5,
      outputTokens: 2,
      totalTokens: 7,
      cacheReadInputTokenCount: 3,
      cacheWriteInputTokenCount: 0,
    };
    const modelOutput = {
      output: { message: { role: "assistant", content } },
      stopReason: "tool_use",
      usage,
    };
    const [row] = await rowsAfter(batch, [{ recordId: "a", modelInput: {}, modelOutput }]);
    expect(row).toMatchObject({
      response: {
        body: {
          choices: [
            {
              message: { tool_calls: [{ id: "t-1", function: { name: "tide", arguments: '{"day":1}' } }] },
              finish_reason: "tool_calls",
            },
          ],
          usage: { prompt_tokens: 8, prompt_tokens_details: { cached_tokens: 3 } },
        },
      },
    });
  });

  test("of texts to embed gives lists of vectors", async () => {
    const more = { "x-portkey-aws-bedrock-model": TITAN };
    const file = await upload(jsonl([embedding("a", { input: "Ebb" })]), more);
    const batch = await create(file.id, { endpoint: "/v1/embeddings" }, TITAN);
    expect(batch.endpoint).toBe("/v1/embeddings");
    expect(asked()).toMatchObject({ modelId: TITAN, modelInvocationType: "InvokeModel" });
    expect((await openai().batches.retrieve(batch.id)).endpoint).toBe("/v1/embeddings");
    const rows = await rowsAfter(batch, [
      {
        recordId: "a",
        modelInput: { inputText: "Ebb" },
        modelOutput: { embedding: [0.5, 1], inputTextTokenCount: 3 },
      },
      {
        recordId: "b",
        modelInput: { inputText: "Flow", embeddingTypes: ["binary"] },
        modelOutput: { embeddingsByType: { binary: [1, 0] }, inputTextTokenCount: 2 },
      },
      {
        recordId: "c",
        modelInput: { texts: ["Ebb", "Flow"], embedding_types: ["int8"] },
        modelOutput: { embeddings: { int8: [[5], [6]] }, response_type: "embeddings_by_type" },
      },
      { recordId: "d", modelInput: {}, error: { errorCode: 400, errorMessage: "Too long" } },
    ]);
    const list = (...vectors: readonly (readonly number[])[]): unknown => ({
      object: "list",
      data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: vector })),
      model: TITAN,
    });
    expect(rows).toMatchObject([
      { custom_id: "a", response: { status_code: 200, body: list([0.5, 1]) } },
      { custom_id: "b", response: { status_code: 200, body: list([1, 0]) } },
      { custom_id: "c", response: { status_code: 200, body: list([5], [6]) } },
      {
        custom_id: "d",
        response: { status_code: 400, body: { error: { message: "bedrock error: Too long" } } },
      },
    ]);
    expect(rows[0]).toMatchObject({
      response: { body: { usage: { prompt_tokens: 3, total_tokens: 3 } } },
    });
  });

  test("whose output breaks off or cannot be read does not look whole", async () => {
    const batch = await create((await upload(jsonl([request("a")]))).id);
    finish(batch);
    const found = await openai().batches.retrieve(batch.id);
    const place = decodeURIComponent(found.output_file_id ?? "").replace("s3://", "");
    aws.objects.set(place, { text: '{"recordId":"a","modelOutput":{}}\n{"recordId":', headers: {} });
    expect(await failureOf(output(batch.id).then((response) => response.text()))).toBeInstanceOf(Error);
  });

  test("whose output nobody reads any more is let go of", async () => {
    const batch = await create((await upload(jsonl([request("a")]))).id);
    finish(batch);
    const left = Promise.withResolvers<void>();
    const row = Buffer.from('{"recordId":"a","modelOutput":{}}\n');
    aws.fail(
      ({ path }) => path.endsWith(".out"),
      () =>
        new Response(
          new ReadableStream<Uint8Array>({
            start: (controller) => controller.enqueue(row),
            cancel: () => left.resolve(),
          }),
        ),
    );
    const reader = (await output(batch.id)).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('"custom_id":"a"');
    await reader?.cancel();
    await within(left.promise, "S3 to see that nobody reads");
  });

  test("without output yet is a conflict, and one that failed gives its errors", async () => {
    const batch = await create((await upload(jsonl([request("a")]))).id);
    const early = await output(batch.id);
    expect([early.status, await early.json()]).toMatchObject([409, { error: { code: "output_not_ready" } }]);
    finish(batch, { status: "Failed", message: "No access" });
    const failed = await output(batch.id);
    expect([failed.status, await failed.json()]).toMatchObject([200, { data: [{ message: "No access" }] }]);
  });

  test("that is not there is refused in Bedrock's words", async () => {
    const error = await errorOf(openai().batches.retrieve("job999999999"));
    expect([error.status, error.message, error.type]).toEqual([
      404,
      "404 bedrock error: No such job",
      "ResourceNotFoundException",
    ]);
  });
});

describe("fine-tuning for Bedrock", () => {
  test("is a customization job", async () => {
    const { id } = await upload('{"prompt":"a","completion":"b"}', {}, "fine-tune");
    const own = { role_arn: ROLE };
    const made = await openai().fineTuning.jobs.create({
      training_file: id,
      model: "amazon.nova-micro-v1:0",
      suffix: "tides",
      hyperparameters: { n_epochs: 2, batch_size: "auto" },
      seed: 7,
      ...own,
    });
    expect(made).toMatchObject({ object: "fine_tuning.job", status: "running", training_file: id });
    expect(aws.seen.find(({ path }) => path === "/model-customization-jobs")?.json).toMatchObject({
      customModelName: "tides",
      roleArn: ROLE,
      baseModelIdentifier: "amazon.nova-micro-v1:0",
      customizationType: "FINE_TUNING",
      trainingDataConfig: { s3Uri: decodeURIComponent(id) },
      outputDataConfig: { s3Uri: "s3://tides/tides" },
      hyperParameters: { epochCount: "2" },
    });
    const found = await openai().fineTuning.jobs.retrieve(made.id);
    expect(found).toMatchObject({ id: made.id, hyperparameters: { n_epochs: 2 }, fine_tuned_model: null });
    expect((await collect(openai().fineTuning.jobs.list())).map((job) => job.id)).toEqual([made.id]);
    expect((await openai().fineTuning.jobs.cancel(made.id)).status).toBe("cancelled");
  });

  test("offers no events, and says what it offers", async () => {
    const error = await errorOf(openai().fineTuning.jobs.listEvents("job1").then());
    expect([error.status, error.code]).toEqual([400, "unsupported_endpoint"]);
    expect(error.message).toContain("fine_tuning.create, fine_tuning.list");
  });
});

test("what Bedrock cannot carry of a batch is told", async () => {
  const { id } = await upload(jsonl([request("a")]));
  const response = await fetch(`${pair.gateway.url}/v1/batches`, {
    method: "POST",
    headers: { ...headers(), "content-type": "application/json" },
    body: JSON.stringify({ input_file_id: id, model: NOVA, role_arn: ROLE, metadata: { a: "b" } }),
  });
  expect(response.headers.get("x-turnpike-not-carried")).toBe("metadata");
});

test("an upload whose client leaves is given up in S3 as well", async () => {
  const controller = new AbortController();
  const content = "ebb and flow ".repeat(8000);
  const boundary = "b0undary";
  const line = `${JSON.stringify(request("a", { messages: [{ role: "user", content }] }))}\n`;
  const begun = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const watch = ({ method, query }: Seen): boolean => {
    if (query.includes("partNumber=1&")) begun.resolve();
    if (method === "DELETE" && query.startsWith("?uploadId")) gone.resolve();
    return false;
  };
  aws.fail(watch, () => s3Error(500, "never"));
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n`,
    );
    for (let index = 0; index < 120; index++) yield Buffer.from(line);
    await new Promise<void>((_resolve, reject) => {
      controller.signal.addEventListener("abort", () => reject(new Error("left")));
    });
  }
  const source = body();
  const left = failureOf(
    fetch(`${pair.gateway.url}/v1/files`, {
      method: "POST",
      headers: { ...headers(), "content-type": `multipart/form-data; boundary=${boundary}` },
      body: new ReadableStream<Uint8Array>({
        pull: async (made) => {
          const { value, done } = await source.next();
          if (done === true) made.close();
          else made.enqueue(value);
        },
      }),
      signal: controller.signal,
    }),
  );
  await begun.promise;
  controller.abort();
  await left;
  const record = await pair.gateway.nextRecord(
    (line_) => line_["path"] === "/v1/files" && line_["status"] === 499,
  );
  expect(record["outcome"]).toBe("cancelled");
  await within(gone.promise, "the upload's parts to be given up");
});

describe("with a virtual key of the operator's", () => {
  const start = async (bucket: string): Promise<OpenAI> => {
    const path = join(mkdtempSync(join(tmpdir(), "turnpike-settings-")), "settings.json");
    const key = {
      provider: "bedrock",
      custom_host: aws.url,
      aws_access_key_id: AWS_KEYS.accessKeyId,
      aws_secret_access_key: AWS_KEYS.secretAccessKey,
      aws_region: "eu-west-1",
      aws_s3_bucket: bucket,
    };
    writeFileSync(path, JSON.stringify({ virtual_keys: { aws: key } }));
    const gateway = await startGateway({ args: ["--settings", path] });
    const defaultHeaders = { "x-portkey-provider": "@aws", "x-portkey-aws-bedrock-model": NOVA };
    const baseURL = `${gateway.url}/v1`;
    return new OpenAI({ apiKey: "turnpike", baseURL, defaultHeaders, maxRetries: 0, timeout: STEP_MS });
  };

  test("only its bucket is open, for files and for jobs", async () => {
    const client = await start("tides");
    const file = await toFile(Buffer.from(jsonl([request("a")])), "a.jsonl");
    const { id } = await client.files.create({ file, purpose: "batch" });
    expect((await client.files.retrieve(id)).id).toBe(id);
    const elsewhere = encodeURIComponent("s3://secrets/a.jsonl");
    const own = { endpoint: "/v1/chat/completions", completion_window: "24h" } as const;
    const more = { model: NOVA, role_arn: ROLE };
    const written = { ...more, output_data_config: { s3OutputDataConfig: { s3Uri: "s3://secrets/" } } };
    const tries: readonly (() => Promise<unknown>)[] = [
      () => client.files.content(elsewhere),
      () => client.files.delete(elsewhere),
      () => client.files.list({}, { headers: { "x-portkey-aws-s3-bucket": "secrets" } }).then(),
      () => client.batches.create({ input_file_id: elsewhere, ...own, ...more }),
      () => client.batches.create({ input_file_id: id, ...own, ...written }),
      () => client.fineTuning.jobs.create({ training_file: elsewhere, suffix: "s", ...more }),
    ];
    const before = aws.seen.length;
    for (const attempt of tries) {
      const error = await errorOf(attempt());
      expect([error.status, error.code]).toEqual([403, "host_not_allowed_for_key"]);
    }
    expect(aws.seen.slice(before)).toEqual([]);
  });
});
