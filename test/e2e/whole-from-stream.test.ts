/** An answer that its provider gives in another form than the client asked for: its thoughts are kept either way. */
import { expect, test } from "bun:test";
import type { JsonObject } from "../../src/schema/json.ts";
import { ask, startPair } from "./setup.ts";

const pair = startPair();

const chunk = (delta: JsonObject, more: JsonObject = {}, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;

const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

test("a long answer of Fireworks is streamed to the gateway and whole for the client", async () => {
  const chunks = [
    chunk({ role: "assistant", reasoning_content: "Hm" }),
    chunk({ content: "Hello" }),
    chunk({}, { usage: USAGE }, "stop"),
    "data: [DONE]\n\n",
  ];
  pair.upstream.enqueue({ kind: "raw", chunks, headers: { "content-type": "text/event-stream" } });
  const target = pair.target("openai", { provider: "fireworks-ai" });
  const response = await pair.route(target, { ...ask("m"), max_tokens: 8192 });
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("x-turnpike-not-carried")).toBeNull();
  expect(await response.json()).toMatchObject({
    object: "chat.completion",
    choices: [{ message: { content: "Hello", reasoning_content: "Hm" }, finish_reason: "stop" }],
    usage: USAGE,
  });
  const [request] = pair.upstream.requests;
  expect(JSON.parse(request?.body ?? "")).toEqual({ ...ask("m"), max_tokens: 8192, stream: true });
});

test("a whole answer to who asked for a stream says its thoughts first", async () => {
  const message = { role: "assistant", content: "Hello", reasoning_content: "Hm" };
  const whole = {
    id: "c",
    object: "chat.completion",
    model: "m",
    choices: [{ index: 0, message, finish_reason: "stop" }],
  };
  pair.upstream.enqueue({ kind: "raw", chunks: [JSON.stringify(whole)] });
  const response = await pair.route(pair.target("openai", { provider: "vllm" }), {
    ...ask("m"),
    stream: true,
  });
  const deltas = (await response.text())
    .split("\n\n")
    .filter((frame) => frame.startsWith("data: {"))
    .map((frame) => JSON.parse(frame.slice("data: ".length)).choices[0].delta);
  expect(deltas).toEqual([
    { role: "assistant", content: "" },
    { reasoning_content: "Hm" },
    { content: "Hello" },
    {},
  ]);
});

test.each([
  ["text/plain", true],
  ["application/json", false],
])("a stream that is called %s is read as one", async (type, stream) => {
  const chunks = [chunk({ content: "Hello" }), chunk({}, { usage: USAGE }, "stop"), "data: [DONE]\n\n"];
  pair.upstream.enqueue({ kind: "raw", chunks, headers: { "content-type": type } });
  const response = await pair.route(pair.target("openai", { provider: "vllm" }), { ...ask("m"), stream });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toStartWith(stream ? "text/event-stream" : "application/json");
  expect(await response.text()).toContain('"content":"Hello"');
});

test("one that fails is refused", async () => {
  const chunks = [`data: ${JSON.stringify({ error: { message: "Busy", code: 503 } })}\n\n`];
  pair.upstream.enqueue({ kind: "raw", chunks, headers: { "content-type": "text/plain" } });
  const response = await pair.route(pair.target("openai", { provider: "vllm" }), {
    ...ask("m"),
    stream: true,
  });
  expect(response.status).toBe(502);
  expect(await response.text()).toContain("Busy");
});
