/**
 * Files for Gemini, as Google's own client and the Shell example of ai.google.dev/api/files send them: a first request
 * says what comes, and its answer where to.
 */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiError, GoogleGenAI } from "@google/genai";
import type { JsonObject } from "../../src/schema/json.ts";
import { STEP_MS } from "../support/wait.ts";
import { failureOf, type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

/** The client's own is v1. */
const VERSIONS = ["v1", "v1beta"] as const;

const host = (): Headers => ({ "x-portkey-custom-host": pair.upstream.url });

const client = (apiVersion = "v1"): GoogleGenAI =>
  new GoogleGenAI({
    apiKey: KEY,
    apiVersion,
    httpOptions: { baseUrl: pair.gateway.url, headers: host(), timeout: STEP_MS },
  });

const FILE: JsonObject = {
  name: "files/tide-1",
  displayName: "Tides",
  mimeType: "text/plain",
  sizeBytes: "9",
  uri: "https://generativelanguage.googleapis.com/v1beta/files/tide-1",
  state: "ACTIVE",
};
const SESSION = "upload_id=AbC-1_2&upload_protocol=resumable";

const answers = (value: JsonObject | "", headers: Headers, status = 200): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    headers: { "content-type": "application/json", ...headers },
    chunks: value === "" ? [] : [JSON.stringify(value)],
  });

const begins = (more: Headers = {}): void =>
  answers("", {
    "x-goog-upload-status": "active",
    "x-goog-upload-url": `${pair.upstream.url}/upload/v1beta/files?${SESSION}`,
    "x-goog-upload-chunk-granularity": "262144",
    ...more,
  });
const goesOn = (): void => answers("", { "x-goog-upload-status": "active" });
const ends = (): void => answers({ file: FILE }, { "x-goog-upload-status": "final" });

/** As Google's Shell example begins. */
const begin = (more: Headers = {}, path = "/upload/v1beta/files"): Promise<Response> =>
  pair.post(
    path,
    { file: { display_name: "Tides" } },
    {
      ...host(),
      "x-goog-upload-protocol": "resumable",
      "x-goog-upload-command": "start",
      "x-goog-upload-header-content-length": "9",
      "x-goog-upload-header-content-type": "text/plain",
      ...more,
    },
  );

describe("Google's client", () => {
  test.each(VERSIONS)("uploads a file in one piece, by %s", async (version) => {
    begins();
    ends();
    const file = new Blob(["ebb, flow"], { type: "application/pdf" });
    const uploaded = await client(version).files.upload({ file, config: { displayName: "Tides" } });
    expect(uploaded).toMatchObject({ name: "files/tide-1", uri: FILE["uri"], state: "ACTIVE" });
    const started = await pair.upstream.next();
    expect([started.method, started.url]).toEqual(["POST", "/upload/v1beta/files"]);
    expect(started.json).toEqual({
      file: { displayName: "Tides", mimeType: "application/pdf", sizeBytes: "9" },
    });
    expect(started.headers).toMatchObject({
      "x-goog-api-key": KEY,
      "x-goog-upload-protocol": "resumable",
      "x-goog-upload-command": "start",
      "x-goog-upload-header-content-length": "9",
      "x-goog-upload-header-content-type": "application/pdf",
    });
    const sent = await pair.upstream.next();
    expect([sent.method, sent.url, sent.body]).toEqual([
      "POST",
      `/upload/v1beta/files?${SESSION}`,
      "ebb, flow",
    ]);
    expect(sent.headers).toMatchObject({
      "x-goog-upload-command": "upload, finalize",
      "x-goog-upload-offset": "0",
      "content-length": "9",
    });
  });

  test("uploads a large file from its disk, piece by piece", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "turnpike-upload-")), "tides.txt");
    const piece = 8 * 1024 * 1024;
    writeFileSync(path, "~".repeat(piece + 5));
    begins();
    goesOn();
    ends();
    const uploaded = await client().files.upload({ file: path, config: { mimeType: "text/plain" } });
    expect(uploaded.name).toBe("files/tide-1");
    await pair.upstream.next();
    const first = await pair.upstream.next();
    const last = await pair.upstream.next();
    expect([first, last].map(({ headers, body }) => [headers["x-goog-upload-offset"], body.length])).toEqual([
      ["0", piece],
      [String(piece), 5],
    ]);
    expect(last.headers["x-goog-upload-command"]).toEndWith("finalize");
  });

  test("uploads into a search store", async () => {
    const session = `/upload/v1beta/fileSearchStores/s1:uploadToFileSearchStore?${SESSION}`;
    begins({ "x-goog-upload-url": `${pair.upstream.url}${session}` });
    answers({ name: "fileSearchStores/s1/upload/operations/o1" }, { "x-goog-upload-status": "final" });
    const operation = await client().fileSearchStores.uploadToFileSearchStore({
      fileSearchStoreName: "fileSearchStores/s1",
      file: new Blob(["ebb, flow"], { type: "application/pdf" }),
    });
    expect(operation.name).toBe("fileSearchStores/s1/upload/operations/o1");
    await pair.upstream.next();
    expect((await pair.upstream.next()).url).toBe(session);
  });

  test.each(VERSIONS)("reads, lists and deletes what it has uploaded, by %s", async (version) => {
    const { files, caches, batches } = client(version);
    answers(FILE, {});
    expect((await files.get({ name: "files/tide-1" })).displayName).toBe("Tides");
    answers({ files: [FILE] }, {});
    expect((await files.list()).page).toHaveLength(1);
    answers({}, {});
    await files.delete({ name: "files/tide-1" });
    answers({ name: "cachedContents/c1" }, {});
    expect((await caches.get({ name: "cachedContents/c1" })).name).toBe("cachedContents/c1");
    answers({ name: "batches/b1", metadata: { state: "BATCH_STATE_RUNNING" } }, {});
    expect((await batches.get({ name: "batches/b1" })).name).toBe("batches/b1");
    expect(pair.upstream.requests.map(({ headers }) => headers["x-goog-api-key"])).toEqual(
      Array(5).fill(KEY),
    );
    expect(pair.upstream.requests.map(({ method, url }) => `${method} ${url.split("?")[0]}`)).toEqual([
      "GET /v1beta/files/tide-1",
      "GET /v1beta/files",
      "DELETE /v1beta/files/tide-1",
      "GET /v1beta/cachedContents/c1",
      "GET /v1beta/batches/b1",
    ]);
  });

  test("hears the vendor's refusal", async () => {
    answers({ error: { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT" } }, {}, 400);
    const file = new Blob(["a"], { type: "text/plain" });
    const error = await failureOf(client().files.upload({ file }));
    if (!(error instanceof ApiError)) throw error;
    expect([error.status, error.message]).toEqual([400, expect.stringContaining("API key not valid.")]);
  });
});

describe("an upload that is begun through the gateway", () => {
  const url = "x-goog-upload-url";

  test("goes on through it, without a key", async () => {
    begins({ "x-goog-upload-control-url": `${pair.upstream.url}/upload/v1beta/files?${SESSION}` });
    const started = await begin({ "x-goog-api-key": KEY });
    const next = `${pair.gateway.url}/upload/v1beta/files?${SESSION}`;
    expect(started.headers.get(url)).toBe(next);
    expect(started.headers.get("x-goog-upload-control-url")).toBe(next);
    expect(started.headers.get("x-goog-upload-chunk-granularity")).toBe("262144");
    ends();
    const uploaded = await fetch(next, {
      method: "POST",
      headers: { ...host(), "x-goog-upload-offset": "0", "x-goog-upload-command": "upload, finalize" },
      body: Buffer.from([0xff, 0x00, 0x7b]),
    });
    expect(await uploaded.json()).toEqual({ file: FILE });
    await pair.upstream.next();
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(`/upload/v1beta/files?${SESSION}`);
    expect(sent.headers).not.toHaveProperty("x-goog-api-key");
    const record = await pair.gateway.nextRecord(
      ({ trace_id: id }) => id === uploaded.headers.get("x-portkey-trace-id"),
    );
    expect(JSON.stringify(record)).not.toContain("AbC-1_2");
  });

  test("goes on at the name that it was asked by, and never names a key", async () => {
    begins({ [url]: `${pair.upstream.url}/upload/v1beta/files?key=${KEY}&${SESSION}` });
    const started = await begin(
      { "x-forwarded-proto": "https" },
      `/upload/v1beta/files?key=${KEY}&uploadType=resumable`,
    );
    expect(started.headers.get(url)).toBe(
      `${pair.gateway.url.replace("http:", "https:")}/upload/v1beta/files?${SESSION}`,
    );
    const sent = await pair.upstream.next();
    expect(sent.url).toBe("/upload/v1beta/files?uploadType=resumable");
    expect(sent.headers["x-goog-api-key"]).toBe(KEY);
  });

  test.each([
    "https://storage.example/upload/v1beta/files?upload_id=1",
    "/upload/v1beta/files",
    "{upstream}/v1beta/files/tide-1",
    "{upstream}/upload/v1beta/../../v1beta/files",
    "{upstream}/upload/v1betas/files",
  ])("goes on elsewhere where the answer says so: %s", async (said) => {
    const elsewhere = said.replace("{upstream}", pair.upstream.url);
    begins({ [url]: elsewhere });
    expect((await begin({ "x-goog-api-key": KEY })).headers.get(url)).toBe(elsewhere);
  });

  test("may be sent at once, with its description in front", async () => {
    answers({ file: FILE }, {});
    const body = `--b\r\ncontent-type: application/json\r\n\r\n{"file":{}}\r\n--b\r\ncontent-type: text/plain\r\n\r\nebb\r\n--b--`;
    const response = await pair.post("/upload/v1beta/files", body, {
      ...host(),
      "x-goog-api-key": KEY,
      "x-goog-upload-protocol": "multipart",
      "content-type": "multipart/related; boundary=b",
    });
    expect(await response.json()).toEqual({ file: FILE });
    const sent = await pair.upstream.next();
    expect(sent.body).toBe(body);
    expect(sent.headers).toMatchObject({
      "content-type": "multipart/related; boundary=b",
      "x-goog-upload-protocol": "multipart",
    });
  });

  test("may be JSON that is no object, which is nobody's business", async () => {
    ends();
    const body = `[1,  2]`;
    const response = await pair.post(`/upload/v1beta/files?${SESSION}`, body, host());
    expect(response.status).toBe(200);
    expect((await pair.upstream.next()).body).toBe(body);
  });

  test("needs a key to begin", async () => {
    expect((await begin({ "x-portkey-custom-host": "" })).status).toBe(401);
    expect(pair.upstream.requests).toEqual([]);
  });

  test("is refused by providers of another API", async () => {
    const headers = pair.headers("openai", { "x-goog-api-key": KEY });
    const response = await pair.post("/upload/v1beta/files", {}, headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: {
        message: expect.stringContaining(
          "Cannot pass /upload/v1beta/files to openai: it is an API of",
        ) as string,
      },
    });
  });
});

test("a path that OpenAI has too is OpenAI's where the call names another provider, whatever key comes along", async () => {
  pair.upstream.enqueue({ kind: "status", status: 418 });
  const response = await fetch(`${pair.gateway.url}/v1/files/file-1`, {
    headers: pair.headers("openai", { "x-goog-api-key": KEY, authorization: `Bearer ${KEY}` }),
  });
  expect(response.status).toBe(418);
  expect(pair.upstream.requests.map(({ url }) => url)).toEqual(["/v1/files/file-1"]);
});
