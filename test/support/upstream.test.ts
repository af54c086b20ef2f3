/** The scripted upstream against the vendors' own clients: what they accept is truthful. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import Anthropic, { InternalServerError } from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { SIGNATURE } from "./model.ts";
import { closedUrl, type Script, startUpstream, type Upstream } from "./upstream.ts";
import { within } from "./wait.ts";

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterEach(() => upstream.reset());
afterAll(() => upstream.close());

const openai = (): OpenAI => new OpenAI({ apiKey: "sk", baseURL: `${upstream.url}/v1`, maxRetries: 0 });
const anthropic = (): Anthropic =>
  new Anthropic({ apiKey: "sk", authToken: null, baseURL: upstream.url, maxRetries: 0 });

const asks = (model: string) => ({
  model,
  messages: [{ role: "user" as const, content: "Hello big world" }],
});
const post = (body: unknown, path = "/v1/chat/completions"): Promise<Response> =>
  fetch(`${upstream.url}${path}`, { method: "POST", body: JSON.stringify(body) });
const streamOnce = (script: Script): Promise<Response> => {
  upstream.enqueue(script);
  return post({ ...asks("echo"), stream: true });
};

describe("OpenAI's client", () => {
  test("reads a reply with usage", async () => {
    const reply = await openai().chat.completions.create(asks("echo"));
    expect(reply.choices[0]?.message.content).toBe("Hello big world");
    expect(reply.usage?.prompt_tokens_details?.cached_tokens).toBe(8);
  });

  test("accumulates streamed tool calls", async () => {
    const reply = await openai().chat.completions.stream(asks("tools")).finalChatCompletion();
    const calls = reply.choices[0]?.message.tool_calls ?? [];
    expect(calls.map((call) => call.type === "function" && JSON.parse(call.function.arguments))).toEqual([
      { city: "Paris" },
      { city: "London" },
    ]);
  });

  test("lists models", async () => {
    const models = await openai().models.list();
    expect(models.data.map(({ id }) => id)).toContain("echo");
  });
});

describe("Anthropic's client", () => {
  const hello = { ...asks("think"), max_tokens: 100 };

  test("reads thinking and text, whole and streamed", async () => {
    const whole = await anthropic().messages.create(hello);
    const streamed = await anthropic().messages.stream(hello).finalMessage();
    expect(whole.content).toEqual([
      { type: "thinking", thinking: "First I read it.", signature: SIGNATURE },
      { type: "text", text: "Hello big world", citations: null },
    ]);
    const blocks: unknown = streamed.content; // typed with a parsed_output that only parse() adds
    expect(blocks).toEqual(whole.content);
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
  });

  test("accumulates streamed tool calls", async () => {
    const reply = await anthropic()
      .messages.stream({ ...hello, model: "tools" })
      .finalMessage();
    expect(reply.stop_reason).toBe("tool_use");
    expect(reply.content.map((block) => block.type === "tool_use" && block.input)).toEqual([
      { city: "Paris" },
      { city: "London" },
    ]);
  });

  test("meets its own error classes", async () => {
    upstream.enqueue({ kind: "status", status: 529 });
    const failure = await anthropic()
      .messages.create(hello)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InternalServerError);
    expect(failure).toMatchObject({ status: 529, type: "overloaded_error" });
  });
});

describe("a script", () => {
  test("stalls until the test lets it go on", async () => {
    const response = await streamOnce({ kind: "stall", afterEvents: 2 });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader?.read())?.value ?? "";
    expect(text).not.toContain("[DONE]");
    upstream.release();
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read())
      text += next.value;
    expect(text).toEndWith("data: [DONE]\n\n");
  });

  test.each(["fin", "rst"] as const)("cuts the connection by %s", async (how) => {
    const response = await streamOnce({ kind: "cut", afterEvents: 2, how, held: true });
    const text = response.text();
    upstream.release();
    expect(await text.catch(() => "cut")).toBe("cut");
  });

  test("ends a stream with the vendor's error", async () => {
    const response = await streamOnce({ kind: "error-after", events: 2 });
    const frames = (await response.text()).trimEnd().split("\n\n");
    expect(frames).toHaveLength(3);
    expect(frames.at(-1)).toContain('{"error":{');
  });

  test("sends exactly the given bytes", async () => {
    upstream.enqueue({ kind: "raw", chunks: ['{"a": 1.0}', "\n"] });
    expect(await (await post({})).text()).toBe('{"a": 1.0}\n');
  });

  test("compresses the normal reply", async () => {
    upstream.enqueue({ kind: "gzip" });
    const response = await post(asks("echo"));
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(await response.json()).toMatchObject({ object: "chat.completion" });
  });
});

describe("a request", () => {
  test("is recorded as it came", async () => {
    await fetch(`${upstream.url}/v1/rerank?x=1`, { method: "POST", body: "{ }", headers: { "X-Odd": "1" } });
    const request = await upstream.next();
    expect(request).toMatchObject({ method: "POST", url: "/v1/rerank?x=1", body: "{ }", json: {} });
    expect(request.headers["x-odd"]).toBe("1");
    expect(request.bytesWritten).toBeGreaterThan(0);
  });

  test("tells when its client left", async () => {
    upstream.enqueue({ kind: "hang" });
    const controller = new AbortController();
    const pending = fetch(upstream.url, { signal: controller.signal }).catch(() => "left");
    const request = await upstream.next();
    controller.abort();
    await within(request.closedEarly, "the client to leave", 1000);
    expect(await pending).toBe("left");
  });
});

test("a closed address refuses", async () => {
  const failure = await fetch(await closedUrl()).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "ECONNREFUSED" });
});
