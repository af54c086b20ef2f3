import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "bun:test";
import { runAll } from "../../src/lib/reducer.ts";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import { fold } from "../../src/providers/chat-events.ts";
import type { ChatEvent } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const options = { provider: "test", strict: true, includeUsage: true, now: 0 };
const read = (events: readonly JsonObject[]) =>
  runAll(
    anthropicMessages.readStream(),
    events.map((event) => ({ data: JSON.stringify(event) })),
  );
const write = (events: readonly ChatEvent[]): string =>
  runAll(anthropicMessages.writeStream(options), events).join("");
const at = { choice: 0, block: 0 };
const start: ChatEvent = { type: "start", id: "chatcmpl-1", model: "gpt-5" };

const message = (usage: JsonObject): JsonObject => ({
  type: "message_start",
  message: { id: "m", model: "c", usage },
});
const open = (content_block: JsonObject, index = 0): JsonObject => ({
  type: "content_block_start",
  index,
  content_block,
});
const delta = (fields: JsonObject, index = 0): JsonObject => ({
  type: "content_block_delta",
  index,
  delta: fields,
});
const stop = (index = 0): JsonObject => ({ type: "content_block_stop", index });
const done = (usage: JsonObject): readonly JsonObject[] => [
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage },
  { type: "message_stop" },
];

describe("reading a stream", () => {
  test("usage is a running total of which each event states a part", () => {
    const reply = fold(
      read([
        message({ input_tokens: 10, cache_read_input_tokens: 100, output_tokens: 1 }),
        { type: "message_delta", delta: { stop_reason: null }, usage: { output_tokens: 5 } },
        ...done({ input_tokens: null, cache_read_input_tokens: 200, output_tokens: 20 }),
      ]),
    );
    expect(reply.usage).toMatchObject({ input: 210, output: 20, cacheRead: 200 });
  });

  test("a call without any input has empty arguments that parse", () => {
    const use = { type: "tool_use", id: "a", name: "f", input: {} };
    const reply = fold(
      read([
        message({}),
        open(use),
        delta({ type: "input_json_delta", partial_json: "" }),
        stop(),
        ...done({}),
      ]),
    );
    expect(reply.choices[0]?.blocks).toEqual([{ kind: "tool-call", id: "a", name: "f", arguments: "{}" }]);
  });

  test("content that a compatible server puts into a block's start is not lost", () => {
    const events = read([
      message({}),
      open({ type: "text", text: "Hi" }),
      stop(),
      open({ type: "tool_use", id: "a", name: "f", input: { x: 1 } }, 1),
      stop(1),
      ...done({}),
    ]);
    expect(fold(events).choices[0]?.blocks).toEqual([
      { kind: "text", text: "Hi" },
      { kind: "tool-call", id: "a", name: "f", arguments: '{"x":1}' },
    ]);
  });

  test("a server tool's input is no tool call and is whole in the folded block", () => {
    const use = { type: "server_tool_use", id: "s", name: "web_search", input: {} };
    const events = read([
      message({}),
      open(use),
      delta({ type: "input_json_delta", partial_json: '{"query":' }),
      delta({ type: "input_json_delta", partial_json: ' "q"}' }),
      stop(),
      ...done({}),
    ]);
    expect(events.some((event) => event.type === "block-delta" && event.delta.kind === "arguments")).toBe(
      false,
    );
    expect(fold(events).choices[0]?.blocks).toEqual([
      { kind: "opaque", dialect: "anthropic-messages", value: { ...use, input: { query: "q" } } },
    ]);
  });

  test("deltas of blocks that only this API has are kept", () => {
    const events = read([
      message({}),
      open({ type: "compaction", content: null }),
      delta({ type: "compaction_delta", content: "So far." }),
      stop(),
      ...done({}),
    ]);
    expect(fold(events).choices[0]?.blocks).toMatchObject([
      { value: { type: "compaction", content: "So far." } },
    ]);
    expect(write(events)).toContain('{"type":"compaction_delta","content":"So far."}');
  });

  test("an error ends the stream with the vendor's type and its status", () => {
    const events = read([
      message({}),
      { type: "error", error: { type: "rate_limit_error", message: "Slow down" } },
      { type: "message_stop" },
    ]);
    expect(events.at(-1)).toEqual({
      type: "error",
      fault: { status: 429, message: "Slow down", type: "rate_limit_error", param: null, code: null },
    });
  });

  test("a frame that is not JSON is an error, and pings are nothing", () => {
    const stage = anthropicMessages.readStream();
    expect(stage.push({ event: "ping", data: '{"type":"ping"}' })).toEqual([]);
    expect(stage.push({ data: "<html>" })).toMatchObject([{ type: "error", fault: { status: 500 } }]);
  });

  test("a stream without message_stop does not end", () => {
    const events = read([message({}), open({ type: "text", text: "" })]);
    expect(events.some((event) => event.type === "end")).toBe(false);
  });
});

describe("writing a stream", () => {
  const calls: readonly ChatEvent[] = [
    start,
    { type: "block-start", ...at, start: { kind: "reasoning" } },
    { type: "block-delta", ...at, delta: { kind: "reasoning", text: "Hm." } },
    { type: "block-stop", ...at },
    {
      type: "block-start",
      choice: 0,
      block: 1,
      start: { kind: "opaque", dialect: "openai-chat", value: {} },
    },
    { type: "block-start", choice: 1, block: 0, start: { kind: "text" } },
    { type: "block-start", choice: 0, block: 2, start: { kind: "text" } },
    { type: "block-delta", choice: 0, block: 2, delta: { kind: "text", text: "Looking." } },
    { type: "block-stop", choice: 0, block: 2 },
    { type: "block-start", choice: 0, block: 3, start: { kind: "tool-call", id: "call_1", name: "find" } },
    { type: "block-delta", choice: 0, block: 3, delta: { kind: "arguments", text: '{"a":' } },
    { type: "block-start", choice: 0, block: 4, start: { kind: "tool-call", id: "call_2", name: "list" } },
    { type: "block-delta", choice: 0, block: 3, delta: { kind: "arguments", text: "1}" } },
    { type: "finish", choice: 0, finish: "stop" },
    { type: "usage", usage: { input: 12, output: 7, cacheRead: 2, reasoning: 3 } },
    { type: "end" },
  ];

  const answer = (text: string): Promise<Anthropic.Message> => {
    const fetch = async (): Promise<Response> =>
      new Response(text, { headers: { "content-type": "text/event-stream" } });
    const client = new Anthropic({ apiKey: "test", baseURL: "http://127.0.0.1", maxRetries: 0, fetch });
    const messages = [{ role: "user" as const, content: "Hi" }];
    return client.messages.stream({ model: "gpt-5", max_tokens: 10, messages }).finalMessage();
  };

  test("the vendor's SDK understands it", async () => {
    const message = await answer(write(calls));
    expect(message).toMatchObject({
      id: "chatcmpl-1",
      type: "message",
      role: "assistant",
      model: "gpt-5",
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 2,
        output_tokens: 7,
        output_tokens_details: { thinking_tokens: 3 },
      },
    });
    expect(message.content.map((block) => block.type)).toEqual(["thinking", "text", "tool_use", "tool_use"]);
    expect(message.content[2]).toMatchObject({ id: "call_1", name: "find", input: { a: 1 } });
    expect(message.content[3]).toMatchObject({ id: "call_2", name: "list", input: {} });
  });

  test("the first usage rides on message_start, and zeros stand where none came", () => {
    const early = write([
      start,
      { type: "usage", usage: { input: 5, output: 1 } },
      { type: "finish", choice: 0, finish: "stop" },
    ]);
    expect(early).toStartWith("event: message_start\ndata: ");
    expect(early).toContain('"input_tokens":5');
    const none = write([start, { type: "finish", choice: 0, finish: "length" }, { type: "end" }]);
    expect(none).toContain('"stop_reason":"max_tokens"');
    expect(none).toContain('"usage":{"server_tool_use":null,"input_tokens":0,');
  });

  test("blocks that are open at the end are stopped before the message", () => {
    const text = write([start, { type: "block-start", ...at, start: { kind: "text" } }, { type: "end" }]);
    expect(text.match(/event: \w+/g)).toEqual([
      "event: message_start",
      "event: content_block_start",
      "event: content_block_stop",
      "event: message_delta",
      "event: message_stop",
    ]);
  });

  test("after an error nothing looks like an end", () => {
    const fault = { status: 529, message: "Overloaded", type: "overloaded_error", param: null, code: null };
    const text = write([start, { type: "error", fault }, { type: "end" }]);
    expect(text).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
    );
  });
});
