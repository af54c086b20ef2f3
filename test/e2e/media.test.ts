/** Images and documents by URL, for providers that take bytes only: fetched, judged, and put in their place. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { startUpstream, type Upstream } from "../support/upstream.ts";
import { within } from "../support/wait.ts";
import { type Headers, startPair } from "./setup.ts";

const LIMIT = 4000;
const pair = startPair({
  env: {
    TRUSTED_CUSTOM_HOSTS: "127.0.0.1,localhost",
    TURNPIKE_MAX_FETCHED_MEDIA: "3",
    TURNPIKE_MAX_FETCHED_MEDIA_BYTES: String(LIMIT),
    TURNPIKE_MEDIA_FETCH_MS: "700",
  },
});

let files: Upstream;
beforeAll(async () => {
  files = await startUpstream();
});
afterEach(() => files.reset());
afterAll(() => files.close());

const PNG = Buffer.from("\u0089PNG\r\n\u001a\nrest", "latin1");
const JPEG = Buffer.from("\u00ff\u00d8\u00ff\u00e0rest", "latin1");
const PDF = Buffer.from("%PDF-1.7 rest");
const base64 = (bytes: Buffer): string => bytes.toString("base64");

/** What the file server answers next. */
const serves = (bytes: Buffer | string, type: string, more: Headers = {}): void =>
  files.enqueue({ kind: "raw", chunks: [bytes], headers: { "content-type": type, ...more } });
const SECRET = "signature=s3cr3t";
const at = (path: string): string => `${files.url}${path}?${SECRET}`;

const REPLIES = {
  converse: '{"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}},"stopReason":"end_turn"}',
  messages:
    '{"id":"m","type":"message","role":"assistant","model":"c","content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}',
  chat: '{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}',
};
const answers = (reply: keyof typeof REPLIES): void =>
  pair.upstream.enqueue({
    kind: "raw",
    chunks: [REPLIES[reply]],
    headers: { "content-type": "application/json" },
  });

const headers = (provider: string): Headers => ({
  "x-portkey-provider": provider,
  "x-portkey-custom-host": pair.upstream.url,
  "x-portkey-aws-access-key-id": "AKIATEST",
  "x-portkey-aws-secret-access-key": "secret",
  ...(provider === "bedrock" ? {} : { authorization: "Bearer k" }),
});
const NOVA = "amazon.nova-lite-v1:0";
const CLAUDE = "anthropic.claude-sonnet-4-5-20250929-v1:0";

const chat = (content: readonly JsonValue[], provider = "bedrock", model = NOVA): Promise<Response> =>
  pair.post("/v1/chat/completions", { model, messages: [{ role: "user", content }] }, headers(provider));
const imageUrl = (url: string): JsonObject => ({ type: "image_url", image_url: { url } });

/** The error that the client was told, with the path of the fault. */
const refusal = async (response: Response): Promise<string> => {
  expect(response.status).toBe(400);
  const text = await response.text();
  expect(text).not.toContain("s3cr3t");
  expect(pair.upstream.requests).toHaveLength(0);
  return text;
};
const PATH = "messages.0.content.0.image_url.url: cannot be fetched: ";

describe("an image by URL", () => {
  test("is fetched for Converse, without anything of the call's", async () => {
    serves(PNG, "image/png");
    answers("converse");
    const response = await chat([{ type: "text", text: "What?" }, imageUrl(at("/a.png"))]);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-turnpike-not-carried")).toBeNull();
    expect((await pair.upstream.next()).json).toMatchObject({
      messages: [
        {
          content: [{ text: "What?" }, { image: { format: "png", source: { bytes: base64(PNG) } } }],
        },
      ],
    });
    const asked = await files.next();
    expect(asked).toMatchObject({ method: "GET", url: `/a.png?${SECRET}` });
    expect(Object.keys(asked.headers).filter((name) => name.startsWith("x-"))).toEqual([]);
    expect(asked.headers["authorization"]).toBeUndefined();
  });

  test("is spliced into a Messages body, whose other bytes stay", async () => {
    serves(JPEG, "image/jpg");
    answers("messages");
    const image = `{"type":"image","source":{"type":"url","url":"${at("/a")}"},"cache_control":{"type":"ephemeral"}}`;
    const rest = `"max_tokens": 5, "odd": 1.0`;
    const body = `{"model":"${CLAUDE}", ${rest}, "messages":[{"role":"user","content":[${image}]}]}`;
    expect((await pair.post("/v1/messages", body, headers("bedrock"))).status).toBe(200);
    const source = `{"type":"base64","media_type":"image/jpeg","data":"${base64(JPEG)}"}`;
    expect((await pair.upstream.next()).body).toBe(
      `{${rest}, "messages":[{"role":"user","content":[{"type":"image","source":${source},"cache_control":{"type":"ephemeral"}}]}],"anthropic_version":"bedrock-2023-05-31"}`,
    );
  });

  test("of a Gemini client is fetched, and the model is still the path's", async () => {
    serves(PNG, "image/png");
    answers("converse");
    const file = { fileData: { fileUri: at("/a.png"), mimeType: "image/png" } };
    const body = { contents: [{ role: "user", parts: [file] }] };
    const path = `/v1beta/models/${NOVA}:generateContent`;
    expect((await pair.post(path, body, headers("bedrock"))).status).toBe(200);
    const { url, json } = await pair.upstream.next();
    expect(url).toBe(`/model/${encodeURIComponent(NOVA)}/converse`);
    expect(json).toMatchObject({
      messages: [{ content: [{ image: { format: "png", source: { bytes: base64(PNG) } } }] }],
    });
  });

  test("in a tool's result is fetched too", async () => {
    serves(PNG, "binary/octet-stream");
    answers("messages");
    const image = { type: "image", source: { type: "url", url: at("/a") } };
    const result = { type: "tool_result", tool_use_id: "t", content: [image] };
    const body = { model: CLAUDE, max_tokens: 5, messages: [{ role: "user", content: [result] }] };
    await pair.post("/v1/messages", body, headers("bedrock"));
    expect((await pair.upstream.next()).json).toMatchObject({
      messages: [{ content: [{ content: [{ source: { type: "base64", data: base64(PNG) } }] }] }],
    });
  });

  test("of the Responses API is fetched", async () => {
    serves(PNG, "image/png");
    answers("converse");
    const input = [{ role: "user", content: [{ type: "input_image", image_url: at("/a") }] }];
    await pair.post("/v1/responses", { model: NOVA, input }, headers("bedrock"));
    expect((await pair.upstream.next()).json).toMatchObject({
      messages: [{ content: [{ image: { source: { bytes: base64(PNG) } } }] }],
    });
  });

  test("becomes a data URI where the provider speaks the client's API", async () => {
    serves(PNG, "image/png");
    answers("chat");
    await chat([imageUrl(at("/a"))], "ollama", "llava");
    expect((await pair.upstream.next()).json).toMatchObject({
      messages: [{ content: [{ image_url: { url: `data:image/png;base64,${base64(PNG)}` } }] }],
    });
  });

  test("is fetched for Claude on Google's platform, which takes base64 alone", async () => {
    serves(PNG, "image/png");
    answers("messages");
    const image = { type: "image", source: { type: "url", url: at("/a") } };
    const body = { model: "claude-opus-4-6", max_tokens: 5, messages: [{ role: "user", content: [image] }] };
    await pair.post("/v1/messages", body, {
      ...headers("vertex-ai"),
      authorization: "Bearer ya29.test",
      "x-portkey-vertex-project-id": "tides",
      "x-portkey-vertex-region": "us-east5",
    });
    expect((await pair.upstream.next()).json).toMatchObject({
      anthropic_version: "vertex-2023-10-16",
      messages: [{ content: [{ source: { type: "base64", data: base64(PNG) } }] }],
    });
  });

  test("is left alone where the provider fetches itself", async () => {
    answers("chat");
    await chat([imageUrl(at("/a"))], "openai", "gpt");
    expect((await pair.upstream.next()).body).toContain(at("/a"));
    expect(files.requests).toHaveLength(0);
  });

  test("that stands twice is fetched once, and once for all attempts", async () => {
    serves(PNG, "image/png");
    pair.upstream.enqueue({ kind: "status", status: 503 });
    answers("converse");
    const config = {
      ...headersAsConfig(),
      retry: { attempts: 1, on_status_codes: [503] },
    };
    const body = {
      model: NOVA,
      messages: [{ role: "user", content: [imageUrl(at("/a")), imageUrl(at("/a"))] }],
    };
    expect((await pair.route(config, body)).status).toBe(200);
    expect(pair.upstream.requests).toHaveLength(2);
    expect(pair.upstream.requests[1]?.body).toBe(pair.upstream.requests[0]?.body ?? "");
    expect(files.requests).toHaveLength(1);
  });
});

const headersAsConfig = (): JsonObject => ({
  provider: "bedrock",
  custom_host: pair.upstream.url,
  aws_access_key_id: "AKIATEST",
  aws_secret_access_key: "secret",
});

describe("a document by URL", () => {
  const document = (url: string): JsonObject => ({ type: "document", source: { type: "url", url } });
  const messages = (content: readonly JsonValue[]): Promise<Response> =>
    pair.post(
      "/v1/messages",
      { model: CLAUDE, max_tokens: 5, messages: [{ role: "user", content }] },
      headers("bedrock"),
    );

  test("is a PDF, or a text", async () => {
    serves(PDF, "application/pdf");
    answers("messages");
    await messages([document(at("/a.pdf"))]);
    expect((await pair.upstream.next()).json).toMatchObject({
      messages: [
        { content: [{ source: { type: "base64", media_type: "application/pdf", data: base64(PDF) } }] },
      ],
    });
    serves("Ebb ☀", "text/plain; charset=utf-8");
    answers("messages");
    await messages([document(at("/a.txt"))]);
    expect((await pair.upstream.next()).json).toMatchObject({
      messages: [{ content: [{ source: { type: "text", media_type: "text/plain", data: "Ebb ☀" } }] }],
    });
  });

  test("is fetched for a chat's file", async () => {
    serves(PDF, "application/octet-stream");
    answers("converse");
    await chat([{ type: "file", file: { file_url: at("/a.pdf"), filename: "tides.pdf" } }]);
    expect((await pair.upstream.next()).json).toMatchObject({
      messages: [
        { content: [{ document: { format: "pdf", source: { bytes: base64(PDF) } } }, { text: "." }] },
      ],
    });
  });

  test("that is something else is refused", async () => {
    serves(PNG, "image/png");
    expect(await refusal(await messages([document(at("/a.pdf"))]))).toContain(
      "messages.0.content.0.source.url: cannot be fetched: it is not a PDF or a text",
    );
  });
});

describe("what cannot be fetched is refused with its path:", () => {
  const wrong: readonly (readonly [string, Buffer | string, string])[] = [
    ["a page", "<html>", "text/html"],
    ["a page that calls itself an image", "<html>", "image/png"],
    ["an image that calls itself a page", PNG, "text/html"],
    ["a document where an image goes", PDF, "application/pdf"],
    ["a drawing that may hold scripts", "<svg/>", "image/svg+xml"],
  ];
  test.each(wrong)("%s", async (_name, bytes, type) => {
    serves(bytes, type);
    expect(await refusal(await chat([imageUrl(at("/a"))]))).toContain(
      `${PATH}it is not a PNG, JPEG, GIF or WebP image`,
    );
  });

  test("what is too large, as soon as it is", async () => {
    serves(Buffer.concat([PNG, Buffer.alloc(LIMIT)]), "image/png");
    expect(await refusal(await chat([imageUrl(at("/a"))]))).toContain(
      `${PATH}all that is fetched for one call may be ${LIMIT} bytes`,
    );
  });

  test("what is too large unpacked", async () => {
    const packed = Buffer.from(Bun.gzipSync(Buffer.concat([PNG, Buffer.alloc(LIMIT)])));
    serves(packed, "image/png", { "content-encoding": "gzip" });
    expect(await refusal(await chat([imageUrl(at("/a"))]))).toContain("may be");
  });

  test("what is too large together, each use counted", async () => {
    serves(Buffer.concat([PNG, Buffer.alloc(LIMIT / 2)]), "image/png");
    expect(await refusal(await chat([imageUrl(at("/a")), imageUrl(at("/a"))]))).toContain("may be");
  });

  test("more than the limit", async () => {
    const content = [1, 2, 3, 4].map((each) => imageUrl(at(`/${each}`)));
    expect(await refusal(await chat(content))).toContain(
      "messages.0.content.3.image_url.url: cannot be fetched: no more than 3 are fetched for one call",
    );
    expect(files.requests).toHaveLength(0);
  });

  test("a file that is not there", async () => {
    files.enqueue({ kind: "status", status: 404 });
    expect(await refusal(await chat([imageUrl(at("/a"))]))).toContain(
      `${PATH}its server answers with status 404`,
    );
  });

  test("a server that does not answer in time", async () => {
    files.enqueue({ kind: "hang" });
    expect(await refusal(await chat([imageUrl(at("/a"))]))).toContain(`${PATH}it did not come within 700 ms`);
  });

  test.each([
    ["a private address", "http://10.0.0.1/a.png", "its address is not public"],
    ["the clouds' metadata", "http://169.254.169.254/latest/", "its address is not public"],
    ["a name of the inner network", "http://files.internal/a.png", "its name is not a public one"],
    ["a URL with a password", "http://a:b@127.0.0.1/a.png", "it holds a user name or a password"],
    ["no URL at all", "http://", "it is not a URL"],
  ])("%s", async (_name, url, fault) => {
    expect(await refusal(await chat([imageUrl(url)]))).toContain(`${PATH}${fault}`);
  });

  test("the gateway itself", async () => {
    expect(await refusal(await chat([imageUrl(`${pair.gateway.url}/a.png`)]))).toContain(
      `${PATH}it is this gateway`,
    );
  });
});

describe("a redirect", () => {
  const redirect = (location: string): void => files.enqueue({ kind: "redirect", status: 302, location });

  test("is followed, also a relative one", async () => {
    redirect("/b.png");
    serves(PNG, "image/png");
    answers("converse");
    expect((await chat([imageUrl(at("/a"))])).status).toBe(200);
    expect(files.requests.map(({ url }) => url)).toEqual([`/a?${SECRET}`, "/b.png"]);
  });

  test.each([
    ["http://169.254.169.254/latest/meta-data/", "its address is not public"],
    ["file:///etc/passwd", "only http and https can be called"],
  ])("to %s is judged like the first address", async (location, fault) => {
    redirect(location);
    expect(await refusal(await chat([imageUrl(at("/a"))]))).toContain(`${PATH}${fault}`);
  });

  test("to another private host is refused, though a caller may name it", async () => {
    redirect(files.url.replace("127.0.0.1", "localhost"));
    expect(await refusal(await chat([imageUrl(at("/a"))]))).toContain(`${PATH}its name is not a public one`);
    redirect(files.url);
    const named = at("/a").replace("127.0.0.1", "localhost");
    expect(await refusal(await chat([imageUrl(named)]))).toContain(`${PATH}its address is not public`);
  });

  test("is not followed without an end", async () => {
    for (let hop = 0; hop < 4; hop++) redirect("/again");
    expect(await refusal(await chat([imageUrl(at("/a"))]))).toContain(
      `${PATH}it is redirected more than 3 times`,
    );
  });
});

test("a fallback asks the next target, which may fetch itself", async () => {
  answers("chat");
  const config = {
    strategy: { mode: "fallback" },
    targets: [headersAsConfig(), { provider: "openai", api_key: "k", custom_host: pair.upstream.url }],
  };
  const image = imageUrl("http://10.0.0.1/a.png");
  const response = await pair.route(config, { model: NOVA, messages: [{ role: "user", content: [image] }] });
  expect(response.status).toBe(200);
  expect(response.headers.get("x-portkey-last-used-option-index")).toBe("config.targets[1]");
  expect((await pair.upstream.next()).body).toContain("http://10.0.0.1/a.png");
});

test("a client that leaves ends the fetch, and its provider is not asked", async () => {
  files.enqueue({ kind: "hang" });
  const controller = new AbortController();
  const body = { model: NOVA, messages: [{ role: "user", content: [imageUrl(at("/a"))] }] };
  const pending = pair
    .post("/v1/chat/completions", body, headers("bedrock"), controller.signal)
    .catch(() => "left");
  const asked = await files.next();
  controller.abort();
  await within(asked.closedEarly, "the fetch to end");
  expect(await pending).toBe("left");
  expect(pair.upstream.requests).toHaveLength(0);
});

test("no record names a URL's query", async () => {
  serves("<html>", "text/html");
  await chat([imageUrl(at("/a"))]);
  expect(JSON.stringify(pair.gateway.records)).not.toContain("s3cr3t");
  expect(pair.gateway.stderr()).not.toContain("s3cr3t");
});
