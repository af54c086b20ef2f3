/** Claude's events out of the chunks of Bedrock's event stream. */
import { describe, expect, test } from "bun:test";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import { runAll } from "../../src/lib/reducer.ts";
import type { SseEvent } from "../../src/lib/sse.ts";
import { decodeBedrockMessages } from "../../src/providers/framing.bedrock-messages.ts";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);
const message = (kind: "event" | "exception", name: string, payload: string): Uint8Array =>
  codec.encode({
    headers: {
      [`:${kind}-type`]: { type: "string", value: name },
      ":message-type": { type: "string", value: kind },
    },
    body: Buffer.from(payload),
  });
const chunk = (text: string): Uint8Array =>
  message("event", "chunk", JSON.stringify({ bytes: Buffer.from(text).toString("base64"), p: "abc" }));
const decoded = (...messages: readonly Uint8Array[]): readonly SseEvent[] =>
  runAll(decodeBedrockMessages(), [new Uint8Array(Buffer.concat(messages))]);

describe("a chunk", () => {
  test("is the event that its payload names, its text untouched", () => {
    const text = '{"type":"content_block_delta","index":0,"odd":1.0,"delta":{"text":"☀\\n"}}';
    expect(decoded(chunk(text))).toEqual([{ event: "content_block_delta", data: text }]);
  });

  test("stays on one line, as a frame must", () => {
    expect(decoded(chunk('{\r\n "type": "ping"\n}\n'))).toEqual([
      { event: "ping", data: '{  "type": "ping" }' },
    ]);
  });

  test("without a type is a sign of life", () => {
    expect(decoded(chunk("{}"), message("event", "later", "{}"))).toEqual([]);
  });

  test.each([
    ["holds no bytes", message("event", "chunk", "{}")],
    ["is no JSON", message("event", "chunk", "x")],
    ["holds no JSON", chunk("<html>")],
  ])("that %s is malformed", (_name, bytes) => {
    expect(() => decoded(bytes)).toThrow("A message of the event stream has a wrong");
  });
});

test("an exception is Anthropic's error", () => {
  const events = decoded(message("exception", "throttlingException", '{"message":"Slow down"}'));
  expect(events).toEqual([
    {
      event: "error",
      data: '{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}}',
    },
  ]);
});
