import { describe, expect, test } from "bun:test";
import { addUsage, glanceRealtime } from "../../src/providers/realtime.ts";

const glance = (event: unknown) => glanceRealtime(JSON.stringify(event));

describe("an event of a session", () => {
  test("says what a response used; cached sound counts once", () => {
    const usage = {
      total_tokens: 150,
      input_tokens: 100,
      output_tokens: 50,
      input_token_details: {
        text_tokens: 60,
        audio_tokens: 40,
        cached_tokens: 30,
        cached_tokens_details: { text_tokens: 20, audio_tokens: 10 },
      },
      output_token_details: { text_tokens: 10, audio_tokens: 40 },
    };
    expect(glance({ type: "response.done", response: { usage } })).toEqual({
      usage: { input: 100, output: 50, cacheRead: 30, audioInput: 30, audioOutput: 40 },
    });
  });

  test.each([
    [
      { type: "session.created", session: { model: "gpt-realtime-2025-08-28" } },
      { model: "gpt-realtime-2025-08-28" },
    ],
    [{ type: "session.updated", session: { model: "m" } }, { model: "m" }],
    [{ type: "session.created", session: {} }, {}],
    [{ type: "response.done", response: { status: "cancelled", usage: null } }, {}],
    [{ type: "response.done" }, {}],
    [{ type: "response.output_text.delta", delta: 'he said {"type":"response.done"}' }, {}],
    [{ type: "conversation.item.added", item: { name: "response.done" } }, {}],
  ])("%j", (event, expected) => {
    expect(glance(event)).toEqual(expected);
  });

  test("is let through when it is no JSON", () => {
    expect(glanceRealtime('{"response.done"')).toEqual({});
  });
});

describe("what a session used", () => {
  test("is the sum of its responses", () => {
    const one = { input: 10, output: 1, cacheRead: 4 };
    const other = { input: 20, output: 2, audioOutput: 2 };
    expect(addUsage(null, one)).toEqual(one);
    expect(addUsage(one, other)).toEqual({ input: 30, output: 3, cacheRead: 4, audioOutput: 2 });
  });
});
