import { describe, expect, test } from "bun:test";
import { fold, unfold } from "../../src/providers/chat-events.ts";
import type { ReplyOptions } from "../../src/providers/dialect.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import type { Block, ChatReply, Choice, Finish, Usage } from "../../src/schema/chat.ts";
import { MalformedReply } from "../../src/schema/errors.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const reply = (message: JsonObject, more: JsonObject = {}): ChatReply =>
  openaiChat.readReply({
    id: "c",
    model: "m",
    choices: [{ index: 0, message, finish_reason: "stop" }],
    ...more,
  });
const blocksOf = (message: JsonObject): readonly Block[] | undefined => reply(message).choices[0]?.blocks;
const usageOf = (usage: JsonObject): Partial<Usage> => {
  const { native: _, ...counts } = reply({}, { usage }).usage ?? { native: undefined };
  return counts;
};

const STRICT: ReplyOptions = { provider: "anthropic", strict: true, includeUsage: true, now: 1_790_000_000 };
const LOOSE: ReplyOptions = { ...STRICT, strict: false };

const answer = (choice: Partial<Choice>, more: Partial<ChatReply> = {}): ChatReply => ({
  id: "msg_1",
  model: "claude",
  choices: [{ index: 0, blocks: [], finish: "stop", ...choice }],
  ...more,
});
const messageOf = (blocks: readonly Block[], options: ReplyOptions = STRICT) => {
  const { body, notes } = openaiChat.writeReply(answer({ blocks }), options);
  expect(body["choices"]).toBeArrayOfSize(1);
  const choices = body["choices"] as unknown as readonly { readonly message: JsonObject }[];
  return { message: choices[0]?.message, notes };
};

describe("reading", () => {
  test("a plain reply", () => {
    const body = {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1,
      model: "gpt-x",
      service_tier: "default",
      system_fingerprint: "fp",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Hi", refusal: null, annotations: [] },
          logprobs: { content: [{ token: "Hi" }], refusal: null },
          finish_reason: "length",
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    };
    expect(openaiChat.readReply(body)).toEqual({
      id: "chatcmpl-1",
      model: "gpt-x",
      created: 1,
      serviceTier: "default",
      native: { dialect: "openai-chat", fields: { system_fingerprint: "fp" } },
      choices: [
        {
          index: 0,
          blocks: [{ kind: "text", text: "Hi" }],
          finish: "length",
          raw: "length",
          logprobs: { content: [{ token: "Hi" }], refusal: null },
        },
      ],
      usage: { input: 1, output: 2, native: { dialect: "openai-chat", fields: body.usage } },
    });
  });

  test.each<[string, JsonObject, readonly Block[]]>([
    ["null content", { content: null }, []],
    ["a refusal", { content: null, refusal: "no" }, [{ kind: "refusal", text: "no" }]],
    [
      "DeepSeek's reasoning_content",
      { content: "a", reasoning_content: "hm" },
      [
        { kind: "reasoning", text: "hm" },
        { kind: "text", text: "a" },
      ],
    ],
    [
      "Groq's reasoning",
      { content: "a", reasoning: "hm" },
      [
        { kind: "reasoning", text: "hm" },
        { kind: "text", text: "a" },
      ],
    ],
    [
      "OpenRouter's reasoning_details instead of reasoning",
      {
        content: "a",
        reasoning: "hm",
        reasoning_details: [
          { type: "reasoning.text", text: "hm", signature: "S" },
          { type: "reasoning.summary", summary: "sum" },
          { type: "reasoning.encrypted", data: "R" },
        ],
      },
      [
        { kind: "reasoning", text: "hm", signature: "S" },
        { kind: "reasoning", text: "sum" },
        { kind: "redacted", data: "R" },
        { kind: "text", text: "a" },
      ],
    ],
    [
      "Mistral's list of parts",
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      [
        { kind: "reasoning", text: "hm" },
        { kind: "text", text: "ab" },
      ],
    ],
    [
      "tool calls",
      {
        content: "",
        tool_calls: [
          { id: "1", type: "function", function: { name: "f", arguments: "{}" } },
          { id: "2", type: "custom", custom: { name: "c", input: "in" } },
          { type: "function", function: { name: "g", arguments: { a: 1 } } },
        ],
      },
      [
        { kind: "tool-call", id: "1", name: "f", arguments: "{}" },
        { kind: "tool-call", id: "2", name: "c", arguments: "in", custom: true },
        { kind: "tool-call", id: "call_c_0_2", name: "g", arguments: '{"a":1}' },
      ],
    ],
    [
      "the older function_call",
      { content: null, function_call: { name: "f", arguments: "{}" } },
      [{ kind: "tool-call", id: "call_c_0_0", name: "f", arguments: "{}" }],
    ],
    [
      "annotations",
      { content: "a", annotations: [{ type: "url_citation", url_citation: { url: "u" } }] },
      [{ kind: "text", text: "a", citations: [{ type: "url_citation", url_citation: { url: "u" } }] }],
    ],
    [
      "audio",
      { content: null, audio: { id: "a", data: "AA", transcript: "t", expires_at: 1 } },
      [
        {
          kind: "opaque",
          dialect: "openai-chat",
          value: { audio: { id: "a", data: "AA", transcript: "t", expires_at: 1 } },
        },
      ],
    ],
    [
      "content_blocks of a gateway that is not strict",
      {
        content: "ab",
        reasoning_content: "hm",
        content_blocks: [
          { type: "thinking", thinking: "hm", signature: "S" },
          { type: "text", text: "a" },
          { type: "text", text: "b", citations: [{ type: "char_location" }] },
          { type: "server_tool_use", id: "s" },
        ],
      },
      [
        { kind: "reasoning", text: "hm", signature: "S" },
        { kind: "text", text: "a" },
        { kind: "text", text: "b", citations: [{ type: "char_location" }] },
        {
          kind: "opaque",
          dialect: "anthropic-messages",
          value: { type: "server_tool_use", id: "s" },
        },
      ],
    ],
    [
      "an image among content_blocks, which stands beside the content once more",
      {
        content: "a",
        images: [{ type: "image_url", image_url: { url: "u" } }],
        content_blocks: [
          { type: "text", text: "a" },
          { type: "image_url", image_url: { url: "u" } },
        ],
      },
      [
        { kind: "text", text: "a" },
        {
          kind: "opaque",
          dialect: "openai-chat",
          value: { type: "image_url", image_url: { url: "u" } },
        },
      ],
    ],
  ])("%s", (_, message, blocks) => {
    expect(blocksOf(message)).toEqual(blocks);
  });

  test.each<[JsonObject, Partial<Usage>]>([
    [
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2, audio_tokens: 1 },
        completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 0 },
      },
      { input: 10, output: 5, cacheRead: 4, cacheWrite: 2, reasoning: 3, audioInput: 1, audioOutput: 0 },
    ],
    [
      { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 },
      { input: 10, output: 5, cacheRead: 4 },
    ],
    [
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 35,
        completion_tokens_details: { reasoning_tokens: 20 },
      },
      { input: 10, output: 25, reasoning: 20 },
    ],
  ])("usage %j", (usage, expected) => {
    expect(usageOf(usage)).toEqual(expected);
  });

  test.each<[string | null, Finish]>([
    ["stop", "stop"],
    ["tool_calls", "tool-calls"],
    ["function_call", "tool-calls"],
    ["content_filter", "content-filter"],
    ["eos", "stop"],
    ["constructor", "unknown"],
    ["", "unknown"],
    [null, "unknown"],
  ])("finish %j", (word, finish) => {
    const [choice] = openaiChat.readReply({
      id: "c",
      choices: [{ message: {}, finish_reason: word }],
    }).choices;
    expect(choice?.finish).toBe(finish);
  });

  test("no choices, no list of them or an error is no answer", () => {
    for (const choices of [[], [null], ["x"]])
      expect(() => openaiChat.readReply({ choices })).toThrow(MalformedReply);
    expect(() => openaiChat.readReply({ detail: "x" })).toThrow(MalformedReply);
    expect(() => openaiChat.readReply({ error: { message: "bad" }, choices: [] })).toThrow("bad");
  });
});

describe("writing", () => {
  test("a whole reply", () => {
    const usage = { input: 17, output: 20, cacheRead: 4, cacheWrite: 3, reasoning: 2 };
    const blocks = [{ kind: "text", text: "Hi" }] as const;
    const { body, notes } = openaiChat.writeReply(answer({ blocks }, { usage }), STRICT);
    expect(body).toEqual({
      id: "msg_1",
      object: "chat.completion",
      created: 1_790_000_000,
      model: "claude",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Hi", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: {
        prompt_tokens: 17,
        completion_tokens: 20,
        total_tokens: 37,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 2 },
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 3,
      },
      provider: "anthropic",
    });
    expect(notes).toEqual([]);
  });

  const THOUGHT: readonly Block[] = [
    { kind: "reasoning", text: "hm", signature: "S" },
    { kind: "redacted", data: "R" },
    { kind: "text", text: "a", citations: [{ type: "char_location" }] },
    { kind: "opaque", dialect: "anthropic-messages", value: { type: "server_tool_use", id: "s" } },
    { kind: "tool-call", id: "1", name: "f", arguments: "" },
  ];

  test("strict clients get what OpenAI documents, and the rest is reported", () => {
    expect(messageOf(THOUGHT)).toEqual({
      message: {
        role: "assistant",
        content: "a",
        refusal: null,
        tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      notes: ["reasoning", "citations", "server_tool_use"],
    });
  });

  test("loose clients get every block in Anthropic's spelling", () => {
    const { message, notes } = messageOf(THOUGHT, LOOSE);
    expect(message?.["content_blocks"]).toEqual([
      { type: "thinking", thinking: "hm", signature: "S" },
      { type: "redacted_thinking", data: "R" },
      { type: "text", text: "a", citations: [{ type: "char_location" }] },
      { type: "server_tool_use", id: "s" },
    ]);
    expect(message?.["reasoning_content"]).toBe("hm");
    expect(notes).toEqual([]);
  });

  test("content is null beside calls only, and empty when there is nothing", () => {
    const call = { kind: "tool-call", id: "1", name: "f", arguments: "{}" } as const;
    expect(messageOf([call]).message?.["content"]).toBeNull();
    expect(messageOf([]).message?.["content"]).toBe("");
  });

  test.each<[Finish, string | undefined, string, string]>([
    ["stop", "end_turn", "stop", "end_turn"],
    ["refusal", "refusal", "content_filter", "refusal"],
    ["pause", "pause_turn", "stop", "pause_turn"],
    ["context-length", undefined, "length", "length"],
    ["unknown", undefined, "stop", "stop"],
  ])("finish %s (%s) is %s when strict and %s when not", (finish, raw, strict, loose) => {
    const word = (options: ReplyOptions): unknown => {
      const choice = answer({ finish, ...(raw === undefined ? {} : { raw }) });
      return (openaiChat.writeReply(choice, options).body["choices"] as unknown as JsonObject[])[0]?.[
        "finish_reason"
      ];
    };
    expect(word(STRICT)).toBe(strict);
    expect(word(LOOSE)).toBe(loose);
  });

  test("fields of another dialect are reported, of this one put back", () => {
    const anthropic = {
      dialect: "anthropic-messages",
      fields: { container: { id: "c" }, empty: null },
    } as const;
    expect(openaiChat.writeReply(answer({}, { native: anthropic }), STRICT).notes).toEqual(["container"]);
    const own = { dialect: "openai-chat", fields: { system_fingerprint: "fp" } } as const;
    expect(openaiChat.writeReply(answer({}, { native: own }), STRICT).body["system_fingerprint"]).toBe("fp");
  });

  test("what was written is read back, in loose mode with the reasoning", () => {
    const blocks: readonly Block[] = [
      { kind: "reasoning", text: "hm", signature: "S" },
      { kind: "redacted", data: "R" },
      { kind: "text", text: "a" },
      { kind: "tool-call", id: "1", name: "f", arguments: "{}" },
      { kind: "tool-call", id: "2", name: "c", arguments: "in", custom: true },
    ];
    const { body } = openaiChat.writeReply(answer({ blocks, finish: "tool-calls" }), LOOSE);
    expect(openaiChat.readReply(body).choices[0]).toEqual({
      index: 0,
      blocks,
      finish: "tool-calls",
      raw: "tool_calls",
    });
  });
});

test("a reply that was read survives unfolding and folding", () => {
  const read = reply({
    content: "a",
    reasoning_content: "hm",
    annotations: [{ type: "url_citation" }],
    tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
    audio: { id: "x" },
  });
  expect(fold(unfold(read))).toEqual(read);
});
