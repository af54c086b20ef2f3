/** What an upstream sent counts, whatever its head calls it. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../src/schema/json.ts";
import { attempt } from "../../src/gateway/attempt.ts";
import { replyTo } from "../../src/gateway/reply.ts";
import { callOf, NO_EGRESS, targetOf } from "./fakes.ts";

const CHUNK = { id: "c", object: "chat.completion.chunk", created: 1, model: "m" };
const piece = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ ...CHUNK, choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}`;
const FRAMES = `${piece("Hi")}\n\n${piece("", "stop")}\n\ndata: [DONE]\n\n`;
const WHOLE = JSON.stringify({
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
});
const FAULT = JSON.stringify({ error: { message: "Quota is gone", type: "quota", code: 429 } });

const inPieces = (pieces: readonly string[]): ReadableStream =>
  new ReadableStream({
    start(controller) {
      for (const text of pieces) controller.enqueue(Buffer.from(text));
      controller.close();
    },
  });

const answered = async (stream: boolean, body: string | readonly string[], type?: string) => {
  const pieces = typeof body === "string" ? [body] : body;
  const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
  const upstream = new Response(inPieces(pieces), { headers });
  const call = callOf({
    body: { model: "m", stream, messages: [{ role: "user", content: "hi" }] },
    egress: { ...NO_EGRESS, send: () => Promise.resolve(upstream) },
  });
  const response = await replyTo(call, await attempt(targetOf({ provider: "openai", api_key: "sk" }))(call));
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    text: await response.text(),
  };
};

// https://github.com/nearai/private-ml-sdk/pull/20 (no content type), https://github.com/BYK/loreai/pull/1195
// (application/json), https://github.com/xiaoliu10/claude-code-router-next/pull/45 (text/plain)
describe.each([undefined, "text/plain; charset=utf-8", "application/json", "application/octet-stream"])(
  "events called %p",
  (type) => {
    test("are handed on as the stream they are", async () => {
      expect(await answered(true, FRAMES, type)).toEqual({
        status: 200,
        type: "text/event-stream",
        text: FRAMES,
      });
    });

    test("are a whole answer for a client that asked for one", async () => {
      const { type: said, text } = await answered(false, FRAMES, type);
      expect(said).toBe("application/json");
      expect(text).toContain('"content":"Hi"');
    });
  },
);

test("events are told by what comes after blanks and a mark of order", async () => {
  expect((await answered(true, ["\uFEFF", "\n \n", FRAMES])).text).toEndWith("data: [DONE]\n\n");
  expect((await answered(true, [`: on its way\n\n`, FRAMES])).text).toStartWith(": on its way");
});

// https://github.com/QuantumNous/new-api/pull/1178: errors under a stream's name
describe("what is called a stream", () => {
  test("and is an error is refused in its words", async () => {
    for (const stream of [true, false])
      expect(await answered(stream, FAULT, "text/event-stream")).toMatchObject({
        status: 429,
        type: "application/json",
        text: expect.stringContaining("Quota is gone"),
      });
  });

  test("and is a whole answer is one, or made a stream", async () => {
    expect(await answered(false, WHOLE, "text/event-stream")).toMatchObject({
      type: "application/json",
      text: WHOLE,
    });
    expect(await answered(true, WHOLE, "text/event-stream")).toMatchObject({
      type: "text/event-stream",
      text: expect.stringMatching(/"content":"Hi"[^]*data: \[DONE\]\n\n$/),
    });
  });

  test("and ends behind its only frame, without a blank line, has said it", async () => {
    expect(await answered(true, `data: ${FAULT}`, "text/event-stream")).toMatchObject({ status: 429 });
    expect(await answered(true, piece("Hi", "stop"), "text/event-stream")).toMatchObject({
      status: 200,
      text: `${piece("Hi", "stop")}\n\n`,
    });
  });

  test("and is neither is told as it came", async () => {
    expect(await answered(true, "<html>Sign in</html>", "text/event-stream")).toMatchObject({
      status: 502,
      text: expect.stringContaining("Sign in"),
    });
  });
});

test("a whole answer of no name, or of a wrong one, is called JSON", async () => {
  for (const type of [undefined, "text/plain"])
    expect(await answered(false, WHOLE, type)).toEqual({
      status: 200,
      type: "application/json",
      text: WHOLE,
    });
});

test("a key that an upstream repeats is shown to nobody", async () => {
  const key = "sk-operators-own-1";
  const error = { message: `Incorrect API key provided: ${key}`, type: "invalid_request_error", code: key };
  const call = callOf({
    body: { model: "m", messages: [{ role: "user", content: "hi" }] },
    egress: { ...NO_EGRESS, send: () => Promise.resolve(Response.json({ error }, { status: 401 })) },
  });
  const response = await replyTo(call, await attempt(targetOf({ provider: "openai", api_key: key }))(call));
  const { message, code } = ((await response.json()) as { error: Record<string, unknown> }).error;
  expect({ message, code }).toEqual({
    message: "openai error: Incorrect API key provided: [secret]",
    code: "[secret]",
  });
  expect(JSON.stringify(call.recorder.error)).not.toContain(key);
});

// https://github.com/openai/openai-node/issues/2725, https://github.com/anomalyco/opencode/issues/40454
test("an answer whose last event has no blank line behind it is whole, also translated", async () => {
  const frames = [
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":1}}}',
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}',
    'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}',
    'event: message_stop\ndata: {"type":"message_stop"}',
  ];
  for (const stream of [true, false]) {
    const upstream = new Response(frames.join("\n\n"), { headers: { "content-type": "text/event-stream" } });
    const call = callOf({
      body: { model: "m", stream, messages: [{ role: "user", content: "hi" }] },
      egress: { ...NO_EGRESS, send: () => Promise.resolve(upstream) },
    });
    const target = targetOf({ provider: "anthropic", api_key: "sk-ant-0" });
    const text = await (await replyTo(call, await attempt(target)(call))).text();
    expect(text).toContain('"content":"Hi"');
    expect(text).not.toContain('"error"');
    expect(text.includes("[DONE]")).toBe(stream);
  }
});

// https://github.com/NousResearch/hermes-agent/issues/111887, https://github.com/Growth-Circle/cadis/issues/2329
test("frames without a word, and words behind the end, break no answer that is gathered or translated", async () => {
  const empty = "data:\n\nevent: heartbeat\ndata: \n\n";
  const frames = `${empty}${piece("Hi")}\n\n${empty}${piece("", "stop")}\n\ndata: [DONE] \n\n${empty}`;
  expect((await answered(false, frames, "text/event-stream")).text).toContain('"content":"Hi"');
});

describe("a stream that has begun and says nothing yet", () => {
  const opened = async (
    beginning: string,
    limits: { readonly pingMs?: number },
    options: JsonObject = {},
  ) => {
    let controller!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({ start: (begun) => void (controller = begun) });
    controller.enqueue(Buffer.from(beginning));
    const upstream = new Response(body, { headers: { "content-type": "text/event-stream" } });
    const call = callOf({
      body: { model: "m", stream: true, messages: [{ role: "user", content: "hi" }] },
      egress: {
        ...NO_EGRESS,
        send(_url, { signal }) {
          signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
          return Promise.resolve(upstream);
        },
      },
      limits,
    });
    const target = targetOf({ provider: "openai", api_key: "sk", ...options });
    return { call, outcome: attempt(target)(call), controller };
  };

  // https://github.com/BerriAI/litellm/pull/32763: a model that thinks for minutes behind its first frame
  test.each<[string, string, { readonly pingMs?: number }, JsonObject]>([
    ["an event, before a limit of the caller's", "data: {}\n\n", {}, { request_timeout: 100 }],
    ["an event, when a ping is due", "data: {}\n\n", { pingMs: 20 }, {}],
    ["comments, when a ping is due", ": thinking\n\n", { pingMs: 20 }, {}],
  ])("is handed on: %s", async (_name, beginning, limits, options) => {
    const { call, outcome, controller } = await opened(beginning, limits, options);
    const response = await replyTo(call, await outcome);
    expect(response.status).toBe(200);
    controller.enqueue(Buffer.from(FRAMES));
    controller.close();
    expect(await response.text()).toBe(`${beginning}${FRAMES}`);
  });

  test("is too late for a limit of the caller's when there are comments alone", async () => {
    const { call, outcome } = await opened(": thinking\n\n", {}, { request_timeout: 50 });
    expect((await replyTo(call, await outcome)).status).toBe(408);
  });
});
