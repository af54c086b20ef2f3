/** A vendor's client is told of a choice that failed as the vendor tells it; whole, other targets are asked first. */
import { expect, test } from "bun:test";
import { ask, startPair } from "./setup.ts";

const pair = startPair();

const chunk = (delta: string, finish: string | null): string =>
  `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: { content: delta }, finish_reason: finish }] })}\n\n`;

const FAILED = {
  id: "c",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "Half an" }, finish_reason: "error" }],
};

test("a stream of it passes byte for byte", async () => {
  const chunks = [chunk("Half an", null), chunk("", "error"), "data: [DONE]\n\n"];
  pair.upstream.enqueue({ kind: "raw", chunks, headers: { "content-type": "text/event-stream" } });
  const response = await pair.route(pair.target("openai"), { ...ask("m"), stream: true });
  expect(await response.text()).toBe(chunks.join(""));
});

test("a whole answer of it is an error", async () => {
  pair.upstream.enqueue({ kind: "raw", chunks: [JSON.stringify(FAILED)] });
  const response = await pair.route(pair.target("openai"));
  expect({ status: response.status, body: await response.json() }).toMatchObject({
    status: 502,
    body: { error: { message: "openai error: The generation failed", code: "error" } },
  });
});

test("GLM's inference that broke is an error too", async () => {
  const [choice] = FAILED.choices;
  const broken = { ...FAILED, choices: [{ ...choice, finish_reason: "network_error" }] };
  pair.upstream.enqueue({ kind: "raw", chunks: [JSON.stringify(broken)] });
  const response = await pair.route(pair.target("openai", { provider: "zhipu" }));
  expect({ status: response.status, body: await response.json() }).toMatchObject({
    status: 502,
    body: { error: { message: "zhipu error: The model's inference failed", code: "network_error" } },
  });
});

test("a whole answer of it is tried elsewhere", async () => {
  pair.upstream.enqueue({ kind: "raw", chunks: [JSON.stringify(FAILED)] });
  const targets = [pair.target("openai"), pair.target("openai")];
  const response = await pair.route({ strategy: { mode: "fallback" }, targets });
  expect(response.status).toBe(200);
  expect(pair.upstream.requests).toHaveLength(2);
});
