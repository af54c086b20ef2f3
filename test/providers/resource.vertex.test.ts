/** Lines for Vertex AI and rows of its output, and which objects of Cloud Storage a call may reach. */
import { describe, expect, test } from "bun:test";
import { folderOf, idOf, objectOf, storage } from "../../src/providers/gcs.ts";
import type { ResourceCall } from "../../src/providers/resource.ts";
import { madeModel, purposeOf, writeLine } from "../../src/providers/resource.vertex-lines.ts";
import { writeRow } from "../../src/providers/resource.vertex-output.ts";
import { s3Url } from "../../src/providers/s3.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import { thrown } from "../support/thrown.ts";

const callOf = (
  options: Readonly<Record<string, string>> = {},
  more: Partial<ResourceCall> = {},
): ResourceCall => ({
  name: "files.retrieve",
  id: "",
  provider: "vertex-ai",
  option: (name) => options[name],
  object: () => undefined,
  body: {},
  query: new URLSearchParams(),
  search: "",
  model: null,
  isOperators: false,
  hasCredential: true,
  atHome: true,
  strict: true,
  now: 0,
  callId: "call",
  freshId: () => "fresh",
  host: (name) => `https://${name}.googleapis.com`,
  home: (path) => path,
  form: () => {
    throw new Error("no form");
  },
  send: () => Promise.reject(new Error("nothing is sent")),
  json: () => Promise.reject(new Error("nothing is sent")),
  ...more,
});

describe("a model of Vertex's", () => {
  test.each([
    ["gemini-2.5-flash", "google", "gemini-2.5-flash"],
    ["google/gemini-2.5-flash", "google", "gemini-2.5-flash"],
    ["models/gemini-2.5-flash", "google", "gemini-2.5-flash"],
    ["publishers/google/models/gemini-2.5-flash", "google", "gemini-2.5-flash"],
    ["anthropic.claude-sonnet-4-5@20250929", "anthropic", "claude-sonnet-4-5@20250929"],
    ["claude-haiku-4-5", "anthropic", "claude-haiku-4-5"],
    ["meta.llama-4-scout", "meta", "llama-4-scout"],
    ["deepseek-ai/deepseek-v3", "deepseek-ai", "deepseek-v3"],
    ["mistral-medium-3", "mistralai", "mistral-medium-3"],
  ])("%s is made by %s", (model, maker, name) => {
    expect(madeModel(model)).toEqual({ maker, name });
  });
});

describe("a line for Vertex", () => {
  const line = {
    custom_id: "a",
    body: { messages: [{ role: "user", content: "Hi" }], logit_bias: { a: 1 } },
  };

  test("tells what Gemini cannot be told", () => {
    const { record, notes } = writeLine(line, "batch", "gemini-2.5-flash", callOf());
    expect(record).toEqual({
      request: { contents: [{ role: "user", parts: [{ text: "Hi" }] }] },
      requestId: "a",
    });
    expect(notes).toEqual(["logit_bias"]);
  });

  test("that is Vertex's own already stays as it is", () => {
    for (const own of [{ request: { contents: [] } }, { content: "tide" }]) {
      expect(purposeOf(own)).toBe("batch");
      expect(writeLine(own, "batch", "", callOf()).record).toBe(own);
    }
  });

  test("asks what the header says where it does not say itself", () => {
    const embedding = { custom_id: "a", body: { input: "tide" } };
    const call = callOf({ provider_batch_endpoint: "/v1/embeddings" });
    expect(writeLine(embedding, "batch", "text-embedding-005", call).record).toEqual({
      content: "tide",
      requestId: "a",
    });
  });
});

describe("a row of an output", () => {
  const read = (row: JsonObject): JsonObject =>
    writeRow(row, { call: callOf(), dialect: "openai-chat", model: "gemini-2.5-flash" });

  test.each<[string, JsonObject, number, string]>([
    ["a text", { status: "Internal error" }, 500, "Internal error"],
    ["an object", { status: { code: 3, message: "Bad" } }, 400, "Bad"],
    ["nothing", {}, 500, "The row has no answer"],
    ["half an object", { status: 'Bad Request: {"error":' }, 500, 'Bad Request: {"error":'],
  ])("that failed with %s has an error for an answer", (_name, row, status, message) => {
    expect(read({ requestId: "a", response: {}, ...row })).toMatchObject({
      custom_id: "a",
      response: { status_code: status, body: { error: { message: `vertex-ai error: ${message}` } } },
    });
  });

  test("of a prompt that was blocked is an answer", () => {
    const response = { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 3 } };
    expect(read({ key: "a", response })).toMatchObject({
      custom_id: "a",
      response: { status_code: 200, body: { choices: [{ finish_reason: "content_filter" }] } },
    });
  });
});

describe("an object of Cloud Storage", () => {
  test("is named by its URI, however often that was encoded", () => {
    const object = { bucket: "tides", key: "a b/é.jsonl" };
    for (const id of [idOf(object), encodeURIComponent(idOf(object)), "gs://tides/a b/é.jsonl"])
      expect(objectOf(callOf(), id, "id")).toEqual(object);
    expect(s3Url(storage(callOf()), object)).toBe("https://storage.googleapis.com/tides/a%20b/%C3%A9.jsonl");
    expect(folderOf(callOf(), "gs://tides", "id")).toEqual({ bucket: "tides", key: "" });
  });

  test.each(["file-1", "s3://tides/a", "gs://tides/", "gs://TIDES/a", "gs://a..b/c", "gs://tides/../a"])(
    "is not %s",
    (id) => {
      expect(thrown(() => objectOf(callOf(), id, "id"))).toMatchObject({ code: "invalid_request" });
    },
  );

  test("is out of reach of the gateway's own credentials, but in the operator's bucket", () => {
    const named = { vertex_storage_bucket_name: "tides" };
    const read = (call: ResourceCall): string => objectOf(call, "gs://tides/a", "id").key;
    const refused = { code: "host_not_allowed_for_key" };
    // Nothing was sent, so the gateway's own would be used: what the request names is no matter.
    expect(thrown(() => read(callOf(named, { hasCredential: false })))).toMatchObject(refused);
    expect(thrown(() => read(callOf({}, { isOperators: true })))).toMatchObject(refused);
    expect(read(callOf(named, { isOperators: true }))).toBe("a");
    expect(read(callOf({}, { hasCredential: false, object: () => ({ type: "service_account" }) }))).toBe("a");
  });
});
