/** Files, batches and fine-tuning jobs where the provider speaks OpenAI's shapes. */
import { describe, expect, test } from "bun:test";
import { toFile } from "openai";
import type { JsonObject } from "../../src/schema/json.ts";
import { failureOf, KEY, startPair } from "./setup.ts";

const pair = startPair();

const answers = (body: JsonObject | string, status = 200, type = "application/json"): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    chunks: [typeof body === "string" ? body : JSON.stringify(body)],
    headers: { "content-type": type },
  });

const get = (path: string): Promise<Response> =>
  fetch(`${pair.gateway.url}${path}`, {
    headers: { ...pair.headers("openai"), authorization: `Bearer ${KEY}` },
    keepalive: false, // a GET whose old connection breaks would be tried again
  });

const BATCH = { id: "batch_1", object: "batch", status: "completed", output_file_id: "file-out" };

describe("a provider that speaks OpenAI's shapes", () => {
  test("is passed an upload as it is", async () => {
    answers({ id: "file-1", object: "file", bytes: 12 });
    const file = await toFile(Buffer.from('{"a": 1.0}\r\n'), "lines.jsonl");
    const created = await pair.openai("openai").files.create({ file, purpose: "batch" });
    expect(created.id).toBe("file-1");
    const arrived = await pair.upstream.next();
    expect([arrived.method, arrived.url]).toEqual(["POST", "/v1/files"]);
    expect(arrived.body).toContain('{"a": 1.0}\r\n');
    expect(arrived.headers["content-type"]).toStartWith("multipart/form-data; boundary=");
  });

  test("is passed every other operation as it is", async () => {
    const paths = ["/v1/files?limit=2", "/v1/files/f", "/v1/files/f/content", "/v1/batches", "/v1/batches/b"];
    for (const path of [...paths, "/v1/fine_tuning/jobs/j/events?after=e", "/v1/fine_tuning/jobs"]) {
      answers({ object: "list" });
      expect((await get(path)).status).toBe(200);
      expect((await pair.upstream.next()).url).toBe(path);
    }
  });

  test("is passed a cancelling of a batch", async () => {
    answers({ ...BATCH, status: "cancelling" });
    await pair.openai("openai").batches.cancel("batch_1");
    expect((await pair.upstream.next()).url).toBe("/v1/batches/batch_1/cancel");
  });
});

describe("the output of a batch", () => {
  const output = (): Promise<Response> => get("/v1/batches/batch_1/output");

  test("is its output file's content", async () => {
    answers(BATCH);
    answers('{"custom_id":"a"}\n', 200, "application/octet-stream");
    const response = await output();
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(await response.text()).toBe('{"custom_id":"a"}\n');
    expect((await pair.upstream.next()).url).toBe("/v1/batches/batch_1");
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/v1/files/file-out/content");
    expect(arrived.headers["authorization"]).toBe(`Bearer ${KEY}`);
  });

  test("is the file of errors where no request was answered", async () => {
    answers({ ...BATCH, output_file_id: null, error_file_id: "file-err" });
    answers("{}\n");
    expect(await (await output()).text()).toBe("{}\n");
    await pair.upstream.next();
    expect((await pair.upstream.next()).url).toBe("/v1/files/file-err/content");
  });

  test("is the list of errors of a batch that was never begun", async () => {
    const errors = { object: "list", data: [{ code: "invalid_json_line", line: 3 }] };
    answers({ id: "batch_1", status: "failed", errors });
    const response = await output();
    expect([response.status, await response.json()]).toEqual([200, errors]);
  });

  test("that is not there yet is a conflict that says how the batch stands", async () => {
    answers({ id: "batch_1", status: "in_progress", output_file_id: null, errors: null });
    const response = await output();
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      error: { code: "output_not_ready", message: expect.stringContaining("in_progress") as string },
    });
  });

  test("of a batch that the provider does not know is refused in its words", async () => {
    answers({ error: { message: "No batch", type: "invalid_request_error", param: null, code: null } }, 404);
    const response = await output();
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("No batch");
  });

  test("falls back to another target", async () => {
    pair.upstream.enqueue({ kind: "status", status: 500 });
    answers(BATCH);
    answers("line\n");
    const targets = [pair.target("openai"), pair.target("openai")];
    const config = JSON.stringify({ strategy: { mode: "fallback" }, targets });
    const response = await fetch(`${pair.gateway.url}/v1/batches/batch_1/output`, {
      headers: { "x-portkey-config": config },
    });
    expect(await response.text()).toBe("line\n");
    expect(response.headers.get("x-portkey-last-used-option-index")).toBe("config.targets[1]");
  });

  test("that breaks off does not look whole", async () => {
    answers(BATCH);
    pair.upstream.enqueue({
      kind: "raw",
      chunks: ["half"],
      headers: { "content-type": "text/plain", "content-length": "9" },
    });
    expect(await failureOf(output().then((response) => response.text()))).toBeInstanceOf(Error);
  });
});
