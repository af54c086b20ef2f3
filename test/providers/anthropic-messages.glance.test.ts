import { describe, expect, test } from "bun:test";
import { glance, glanceReply } from "../../src/providers/anthropic-messages.glance.ts";
import type { Glance } from "../../src/providers/dialect.ts";

const FRAMES: readonly (readonly [string, string, Glance])[] = [
  [
    "message_start",
    '{"type":"message_start","message":{"type":"message","model":"claude","usage":{"input_tokens":4,"output_tokens":1}}}',
    { model: "claude", usage: { input: 4, output: 1 }, opens: true },
  ],
  [
    "content_block_start",
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
    { content: true },
  ],
  [
    "content_block_delta",
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}',
    { content: true },
  ],
  ["content_block_stop", '{"type":"content_block_stop","index":0}', {}],
  ["ping", '{"type":"ping"}', {}],
  [
    "message_delta",
    '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":4,"output_tokens":9}}',
    { finish: "end_turn", usage: { input: 4, output: 9 } },
  ],
  ["message_stop", '{"type":"message_stop"}', { end: true }],
  [
    "error",
    '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    { fault: { status: 529, message: "Overloaded", type: "overloaded_error", param: null, code: null } },
  ],
];

describe("a passing frame", () => {
  test.each(FRAMES)("%s tells the same with and without its event name", (event, data, expected) => {
    expect(glance({ event, data })).toMatchObject(expected);
    expect(glance({ data })).toEqual(glance({ event, data }));
    expect(Object.keys(glance({ data }))).toHaveLength(Object.keys(expected).length);
  });

  test("is known when its type is not said first", () => {
    expect(
      glance({ data: '{"index":0,"delta":{"type":"text_delta","text":"a"},"type":"content_block_delta"}' }),
    ).toEqual({
      content: true,
    });
  });

  test("that cannot be parsed tells nothing", () => {
    expect(glance({ event: "message_delta", data: "{" })).toEqual({});
  });
});

test("a whole reply tells its model, usage and stop reason", () => {
  const body = { model: "claude", stop_reason: "end_turn", usage: { input_tokens: 1, output_tokens: 2 } };
  expect(glanceReply(body)).toMatchObject({
    model: "claude",
    finish: "end_turn",
    usage: { input: 1, output: 2 },
  });
});
