/**
 * Every row of the catalogue, through the gateway: a chat is answered where it has one, and each of its other
 * endpoints is asked for at the provider. A new row whose call needs more than a key and a host is named here.
 */
import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { createCatalog } from "../../src/providers/catalog.ts";
import type { DialectId } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import type { MappedEndpoint, ProviderRow } from "../../src/schema/provider-row.ts";
import { type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

const AWS: Headers = {
  "x-portkey-aws-access-key-id": "AKIATEST",
  "x-portkey-aws-secret-access-key": "secret",
  "x-portkey-aws-region": "eu-west-1",
};

/** What a call to the row needs besides a key and a host. */
const HEADERS: Readonly<Record<string, Headers>> = {
  "azure-openai": { "x-portkey-azure-deployment-id": "my-gpt" },
  bedrock: AWS,
  oracle: {
    "x-portkey-oracle-compartment-id": "ocid1.compartment.oc1..c",
    "x-portkey-oracle-tenancy": "ocid1.tenancy.oc1..t",
    "x-portkey-oracle-user": "ocid1.user.oc1..u",
    "x-portkey-oracle-fingerprint": "20:3b",
    "x-portkey-oracle-private-key": privateKey.export({ type: "pkcs8", format: "pem" }).replaceAll("\n", ""),
  },
  predibase: { "x-portkey-predibase-tenant-id": "t-1" },
  sagemaker: AWS,
  "vertex-ai": { "x-portkey-vertex-region": "europe-west1", "x-portkey-vertex-project-id": "tides" },
};

type Models = Readonly<Partial<Record<MappedEndpoint, string>>>;

/** Where the model decides what the call looks like. */
const MODELS: Readonly<Record<string, Models>> = {
  bedrock: {
    chat: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    embeddings: "amazon.titan-embed-text-v2:0",
    images: "amazon.nova-canvas-v1:0",
    rerank: "cohere.rerank-v3-5:0",
  },
  google: { chat: "gemini-2.5-flash", embeddings: "gemini-embedding-001", images: "imagen-4.0-generate-001" },
  "vertex-ai": {
    chat: "gemini-2.5-flash",
    count_tokens: "gemini-2.5-flash",
    embeddings: "gemini-embedding-001",
    images: "imagen-4.0-generate-001",
  },
};

/** The least that an API answers a chat with. */
const ANSWERS: Readonly<Partial<Record<DialectId, JsonObject>>> = {
  "openai-chat": {
    id: "c1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
  },
  "anthropic-messages": {
    id: "m1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [{ type: "text", text: "Hello" }],
    stop_reason: "end_turn",
    usage: { input_tokens: 3, output_tokens: 1 },
  },
  "bedrock-converse": {
    output: { message: { role: "assistant", content: [{ text: "Hello" }] } },
    stopReason: "end_turn",
    usage: { inputTokens: 3, outputTokens: 1, totalTokens: 4 },
  },
  cohere: {
    id: "c1",
    message: { role: "assistant", content: [{ type: "text", text: "Hello" }] },
    finish_reason: "COMPLETE",
  },
  gemini: {
    candidates: [{ content: { parts: [{ text: "Hello" }], role: "model" }, index: 0, finishReason: "STOP" }],
  },
  oracle: {
    modelId: "m",
    chatResponse: {
      apiFormat: "GENERIC",
      choices: [
        {
          index: 0,
          message: { role: "ASSISTANT", content: [{ type: "TEXT", text: "Hello" }] },
          finishReason: "stop",
        },
      ],
    },
  },
};

const MESSAGES = [{ role: "user", content: "Hello" }];
const FILE = "file";

interface Question {
  readonly path: string;
  /** None for a GET; a form with a file where that is what the endpoint takes. */
  readonly body?: JsonObject | typeof FILE;
}

/** How clients ask; realtime sessions are no requests: `realtime.test.ts` opens them. */
const QUESTIONS: Readonly<Record<Exclude<MappedEndpoint, "realtime">, Question>> = {
  chat: { path: "/v1/chat/completions", body: { messages: MESSAGES } },
  completions: { path: "/v1/completions", body: { prompt: "Hello" } },
  embeddings: { path: "/v1/embeddings", body: { input: "Hello" } },
  images: { path: "/v1/images/generations", body: { prompt: "A tide" } },
  image_edits: { path: "/v1/images/edits", body: FILE },
  image_variations: { path: "/v1/images/variations", body: FILE },
  speech: { path: "/v1/audio/speech", body: { input: "Hello", voice: "alloy" } },
  transcriptions: { path: "/v1/audio/transcriptions", body: FILE },
  translations: { path: "/v1/audio/translations", body: FILE },
  moderations: { path: "/v1/moderations", body: { input: "Hello" } },
  models: { path: "/v1/models" },
  rerank: { path: "/v1/rerank", body: { query: "tide", documents: ["ebb", "flow"] } },
  responses: { path: "/v1/responses", body: { input: "Hello", store: false } },
  count_tokens: { path: "/v1/messages/count_tokens", body: { messages: MESSAGES } },
};

const headersOf = ({ id }: ProviderRow): Headers => ({
  authorization: `Bearer ${KEY}`,
  "x-portkey-provider": id,
  "x-portkey-custom-host": pair.upstream.url,
  ...HEADERS[id],
});

const modelOf = ({ id }: ProviderRow, endpoint: MappedEndpoint): string =>
  MODELS[id]?.[endpoint] ?? "some/model";

const ask = (row: ProviderRow, endpoint: keyof typeof QUESTIONS): Promise<Response> => {
  const { path, body } = QUESTIONS[endpoint];
  const model = modelOf(row, endpoint);
  if (body === undefined) return fetch(`${pair.gateway.url}${path}`, { headers: headersOf(row) });
  if (body !== FILE) return pair.post(path, { model, ...body }, headersOf(row));
  const form = new FormData();
  form.set("model", model);
  form.set("prompt", "A tide");
  form.set("file", new File(["bytes"], "a.wav", { type: "audio/wav" }));
  form.set("image", new File(["bytes"], "a.png", { type: "image/png" }));
  return fetch(`${pair.gateway.url}${path}`, { method: "POST", body: form, headers: headersOf(row) });
};

const answer = (body: JsonObject): void =>
  pair.upstream.enqueue({
    kind: "raw",
    chunks: [JSON.stringify(body)],
    headers: { "content-type": "application/json" },
  });

const isAsked = (endpoint: MappedEndpoint): endpoint is keyof typeof QUESTIONS => endpoint in QUESTIONS;

const testChat = (row: ProviderRow): void =>
  test("answers a chat", async () => {
    answer(ANSWERS[row.dialect] ?? {});
    const response = await ask(row, "chat");
    const body: unknown = await response.json();
    expect({ status: response.status, body }).toMatchObject({
      status: 200,
      body: { choices: [{ message: { content: "Hello" }, finish_reason: "stop" }] },
    });
    expect(response.headers.get("x-portkey-provider")).toBe(row.id);
  });

/** What is answered is the matter of the endpoint's own tests: here it must be asked for, with the key or a signature. */
const testEndpoint = (row: ProviderRow, endpoint: keyof typeof QUESTIONS): void =>
  test(`is asked for ${endpoint}`, async () => {
    answer({});
    const response = await ask(row, endpoint);
    const told = await response.text();
    expect({ told, asked: pair.upstream.requests.length }).toMatchObject({ asked: 1 });
    const { headers, url } = await pair.upstream.next();
    expect(Object.values(headers).join(" ") + url).toContain(
      row.auth.kind === "oci" || row.auth.kind === "sigv4" ? "ignature" : KEY,
    );
  });

const testPassthrough = (row: ProviderRow): void =>
  test("passes calls of its own API on", async () => {
    answer({ ebb: true });
    const response = await pair.post("/v1/proxy/tides", { big: 1 }, headersOf(row));
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 200,
      body: { ebb: true },
    });
    expect((await pair.upstream.next()).json).toEqual({ big: 1 });
  });

describe.each(createCatalog().rows.map((row) => [row.id, row] as const))("%s", (_, row) => {
  const endpoints = (Object.keys(row.paths) as MappedEndpoint[]).filter(isAsked); // the keys of a row's own table
  if (endpoints.length === 0) testPassthrough(row);
  for (const endpoint of endpoints) {
    if (endpoint === "chat") testChat(row);
    else testEndpoint(row, endpoint);
  }
});
