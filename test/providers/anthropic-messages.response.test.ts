import { describe, expect, test } from "bun:test";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import type { Block, ChatReply, Choice, Finish } from "../../src/schema/chat.ts";
import { MalformedReply } from "../../src/schema/errors.ts";

const options = { provider: "test", strict: true, includeUsage: true, now: 0 };
const write = (reply: ChatReply) => anthropicMessages.writeReply(reply, options);

const reply = (blocks: readonly Block[], choice: Partial<Choice> = {}): ChatReply => ({
  id: "chatcmpl-1",
  model: "gpt-5",
  choices: [{ index: 0, blocks, finish: "stop", ...choice }],
});

describe("writing a reply", () => {
  test("gives a whole message", () => {
    const usage = { input: 30, output: 9, cacheRead: 10, cacheWrite: 5, reasoning: 4 };
    const blocks: readonly Block[] = [
      { kind: "reasoning", text: "Hm." },
      { kind: "redacted", data: "ZA" },
      { kind: "text", text: "Yes." },
      { kind: "tool-call", id: "call_1", name: "find", arguments: '{"a": 1}' },
    ];
    expect(write({ ...reply(blocks), usage, serviceTier: "default" })).toEqual({
      body: {
        id: "chatcmpl-1",
        type: "message",
        role: "assistant",
        model: "gpt-5",
        container: null,
        diagnostics: null,
        stop_details: null,
        content: [
          { type: "thinking", thinking: "Hm.", signature: "unsigned:" },
          { type: "redacted_thinking", data: "ZA" },
          { type: "text", text: "Yes." },
          { type: "tool_use", id: "call_1", name: "find", input: { a: 1 }, caller: { type: "direct" } },
        ],
        stop_reason: "tool_use",
        stop_sequence: null,
        usage: {
          input_tokens: 15,
          cache_creation_input_tokens: 5,
          cache_read_input_tokens: 10,
          output_tokens: 9,
          output_tokens_details: { thinking_tokens: 4 },
          cache_creation: null,
          inference_geo: null,
          server_tool_use: null,
          service_tier: "standard",
          speed: null,
        },
      },
      notes: [],
    });
  });

  const finishes: readonly (readonly [Finish, string])[] = [
    ["stop", "end_turn"],
    ["stop-sequence", "stop_sequence"],
    ["length", "max_tokens"],
    ["tool-calls", "tool_use"],
    ["content-filter", "refusal"],
    ["refusal", "refusal"],
    ["pause", "pause_turn"],
    ["context-length", "model_context_window_exceeded"],
    ["unknown", "end_turn"],
  ];
  test.each(finishes)("a finish of %s stops for %s", (finish, reason) => {
    expect(write(reply([], { finish })).body["stop_reason"]).toBe(reason);
  });

  test("what has no place is reported", () => {
    const written = write({
      ...reply([
        { kind: "opaque", dialect: "openai-chat", value: { type: "audio" } },
        { kind: "tool-call", id: "a", name: "f", arguments: "free text", custom: true },
        { kind: "text", text: "t", citations: [{ type: "url_citation" }] },
      ]),
      native: { dialect: "openai-chat", fields: { system_fingerprint: "fp" } },
    });
    expect(written.body["content"]).toMatchObject([
      { type: "tool_use", input: {} },
      { type: "text", text: "t" },
    ]);
    expect(written.body["content"]).not.toHaveProperty("1.citations");
    expect(written.notes).toEqual([
      "content.0 (audio)",
      "content.1 (arguments)",
      "content.2.citations",
      "system_fingerprint",
    ]);
  });

  test("a refusal is text", () => {
    expect(write(reply([{ kind: "refusal", text: "No." }])).body["content"]).toEqual([
      { type: "text", text: "No." },
    ]);
  });
});

describe("reading a reply", () => {
  test("fields without a canonical word come back when it is written", () => {
    const body = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "m",
      container: { id: "c", expires_at: "2026-11-22T00:00:00Z", skills: null },
      diagnostics: null,
      stop_details: { type: "refusal", category: null, explanation: null },
      content: [{ type: "mcp_tool_use", id: "mcptoolu_1", name: "n", server_name: "s", input: {} }],
      stop_reason: "refusal",
      stop_sequence: null,
      usage: {
        input_tokens: 1,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 2,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        output_tokens: 3,
        output_tokens_details: null,
        server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
        service_tier: "batch",
        inference_geo: "us",
        speed: "fast",
      },
    };
    const read = anthropicMessages.readReply(body);
    expect(read.usage).toMatchObject({ input: 3, output: 3, cacheRead: 2, cacheWrite: 0 });
    expect(write(read)).toEqual({ body, notes: [] });
  });

  test("what is cached for an hour is counted apart", () => {
    const cacheWrites = { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 7 };
    const usage = { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 9 };
    const read = anthropicMessages.readReply({
      content: [],
      usage: { ...usage, cache_creation: cacheWrites },
    });
    expect(read.usage).toMatchObject({ input: 10, cacheWrite: 9, cacheWriteLong: 7 });
  });

  test("an error or anything else without content is malformed", () => {
    const error = { type: "error", error: { type: "api_error", message: "Broken" } };
    expect(() => anthropicMessages.readReply(error)).toThrow(new MalformedReply("Broken"));
    expect(() => anthropicMessages.readReply({ choices: [] })).toThrow(MalformedReply);
  });

  test("an unknown stop reason is kept as the provider's word", () => {
    const read = anthropicMessages.readReply({ content: [], stop_reason: "constructor" });
    expect(read.choices[0]).toMatchObject({ finish: "unknown", raw: "constructor" });
  });
});
