import { describe, expect, test } from "bun:test";
import type { Glance } from "../../src/providers/dialect.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const glance = (body: JsonObject): Glance => openaiChat.glance({ data: JSON.stringify(body) });
const delta = (fields: JsonObject, more: JsonObject = {}): JsonObject => ({
  id: "c",
  model: "m",
  choices: [{ index: 0, delta: fields, finish_reason: null }],
  usage: null,
  ...more,
});

describe("a frame tells", () => {
  test.each<[string, JsonObject, Glance]>([
    ["the model, in the first frame", delta({ role: "assistant", content: "" }), { model: "m" }],
    ["that content passes", delta({ content: "Hi" }), { content: true }],
    ["that reasoning passes", delta({ reasoning_content: "hm" }), { content: true }],
    ["nothing, when it is empty", delta({ content: "" }), {}],
    [
      "the finish word",
      { model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
      { model: "m", finish: "stop" },
    ],
    ["nothing of what is only quoted", delta({ content: '"usage":{"prompt_tokens":1}' }), { content: true }],
  ])("%s", (_, body, expected) => {
    expect(glance(body)).toEqual(expected);
  });

  test("the usage, spaced or not, in x_groq or not", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2 };
    const spaced = '{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}';
    expect(glance({ choices: [], usage }).usage).toMatchObject({ input: 1, output: 2 });
    expect(openaiChat.glance({ data: spaced }).usage).toMatchObject({ input: 1, output: 2 });
    expect(glance({ choices: [], x_groq: { usage } }).usage).toMatchObject({ input: 1, output: 2 });
  });

  test("a fault", () => {
    expect(glance({ error: { message: "x", code: 503 } }).fault).toMatchObject({ status: 503, message: "x" });
    expect(openaiChat.glance({ event: "error", data: '{"detail":"x"}' }).fault?.message).toBe("x");
  });

  test("the end", () => {
    expect(openaiChat.glance({ data: "[DONE]" })).toEqual({ end: true });
  });

  test("nothing, when it is not JSON", () => {
    expect(openaiChat.glance({ data: '"error" <html>' })).toEqual({});
  });
});

test("a whole reply tells its model, finish and usage", () => {
  const body = {
    model: "m",
    choices: [{ finish_reason: "length" }],
    usage: { prompt_tokens: 1, completion_tokens: 2 },
  };
  expect(openaiChat.glanceReply(body)).toMatchObject({
    model: "m",
    finish: "length",
    usage: { input: 1, output: 2 },
  });
});
