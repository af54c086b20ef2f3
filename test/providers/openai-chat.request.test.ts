import { describe, expect, test } from "bun:test";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import type { Block, Chat, Message } from "../../src/schema/chat.ts";
import { GatewayError } from "../../src/schema/errors.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";

const read = (fields: JsonObject): Chat => openaiChat.readRequest({ messages: [], ...fields });
const readMessages = (...messages: readonly JsonValue[]): readonly Message[] => read({ messages }).messages;
const readBlocks = (message: JsonObject): readonly Block[] | undefined => readMessages(message)[0]?.blocks;

const CHAT: Chat = { model: "m", messages: [], stream: false, includeUsage: false };
const write = (chat: Partial<Chat>) =>
  openaiChat.writeRequest({ ...CHAT, ...chat }, { provider: "openai", option: () => undefined });
const writeMessages = (...messages: readonly Message[]) => write({ messages });

const MARK = { type: "ephemeral" };

const SAMPLING = ["temperature", "top_p", "logprobs", "top_logprobs"];
const PENALTIES = ["presence_penalty", "frequency_penalty", "logit_bias"];

describe("reading fields", () => {
  test("absent fields stay absent, and a missing model is empty", () => {
    expect(read({})).toEqual({ model: "", messages: [], stream: false, includeUsage: false });
  });

  test("null counts as absent", () => {
    expect(read({ temperature: null, stop: null, tools: null, tool_choice: null })).toEqual(read({}));
  });

  test.each<[JsonObject, Partial<Chat>]>([
    [{ max_tokens: 5 }, { maxTokens: 5 }],
    [{ max_tokens: 5, max_completion_tokens: 7 }, { maxTokens: 7 }],
    [{ stop: "a" }, { stop: ["a"] }],
    [{ stop: ["a", "b"] }, { stop: ["a", "b"] }],
    [
      { n: 2, top_k: 3, seed: 4 },
      { candidates: 2, topK: 3, seed: 4 },
    ],
    [
      { stream: true, stream_options: { include_usage: true } },
      { stream: true, includeUsage: true },
    ],
    [{ user: "u" }, { user: "u" }],
    [{ safety_identifier: "s" }, { user: "s" }],
    [
      { user: "u", safety_identifier: "s" },
      { user: "u", native: { dialect: "openai-chat", fields: { safety_identifier: "s" } } },
    ],
    [{ metadata: { a: "b" } }, { native: { dialect: "openai-chat", fields: { metadata: { a: "b" } } } }],
    [{ reasoning_effort: "high" }, { reasoning: { effort: "high" } }],
    [
      { thinking: { type: "enabled", budget_tokens: 1024 } },
      {
        reasoning: {
          mode: "enabled",
          budgetTokens: 1024,
          native: { dialect: "anthropic-messages", fields: { type: "enabled", budget_tokens: 1024 } },
        },
      },
    ],
    [{ response_format: { type: "text" } }, { format: { kind: "text" } }],
    [{ response_format: { type: "json_object" } }, { format: { kind: "json" } }],
    [
      {
        response_format: { type: "json_schema", json_schema: { name: "n", strict: true, schema: { a: 1 } } },
      },
      { format: { kind: "schema", name: "n", strict: true, schema: { a: 1 } } },
    ],
    [
      { response_format: { type: "grammar" } },
      { native: { dialect: "openai-chat", fields: { response_format: { type: "grammar" } } } },
    ],
    [
      { stream_options: { include_usage: true, include_obfuscation: false } },
      {
        includeUsage: true,
        native: { dialect: "openai-chat", fields: { stream_options: { include_obfuscation: false } } },
      },
    ],
  ])("reads %j", (body, expected) => {
    expect(read(body)).toEqual({ ...read({}), ...expected });
  });
});

describe("reading tools", () => {
  test("functions keep their schema, mark and Anthropic's extra fields", () => {
    const parameters = { type: "object", properties: {} };
    const described = { name: "f", description: "d", parameters, strict: true, defer_loading: true };
    const { tools } = read({ tools: [{ type: "function", function: described, cache_control: MARK }] });
    expect(tools).toEqual([
      {
        kind: "function",
        name: "f",
        description: "d",
        parameters,
        strict: true,
        cache: MARK,
        native: { dialect: "anthropic-messages", fields: { defer_loading: true } },
      },
    ]);
  });

  test("the older functions are tools, and function_call is a choice", () => {
    const chat = read({ functions: [{ name: "f" }], function_call: { name: "f" } });
    expect(chat.tools).toEqual([{ kind: "function", name: "f" }]);
    expect(chat.toolChoice).toEqual({ mode: "tool", name: "f" });
  });

  test("custom tools are OpenAI's own, other types Anthropic's", () => {
    const custom = { type: "custom", custom: { name: "c" } };
    const cache_control = { type: "ephemeral", ttl: "1h" };
    const computer = {
      type: "computer",
      computer: { name: "computer_20250124", display_width_px: 1 },
      cache_control,
    };
    const search = { type: "web_search_20250305", name: "web_search" };
    expect(read({ tools: [custom, computer, search] }).tools).toEqual([
      { kind: "opaque", dialect: "openai-chat", value: custom },
      {
        kind: "opaque",
        dialect: "anthropic-messages",
        value: { type: "computer_20250124", name: "computer", display_width_px: 1, cache_control },
      },
      { kind: "opaque", dialect: "anthropic-messages", value: search },
    ]);
  });

  test.each<[JsonValue, Chat["toolChoice"]]>([
    ["auto", { mode: "auto" }],
    ["none", { mode: "none" }],
    ["required", { mode: "required" }],
    ["any", { mode: "required" }],
    [
      { type: "function", function: { name: "f" } },
      { mode: "tool", name: "f" },
    ],
    [
      { type: "custom", custom: { name: "c" } },
      { mode: "tool", name: "c" },
    ],
    [
      {
        type: "allowed_tools",
        allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "f" } }] },
      },
      { mode: "allowed", names: ["f"], required: true },
    ],
  ])("reads the choice %j", (choice, expected) => {
    expect(read({ tool_choice: choice }).toolChoice).toEqual(expected);
  });
});

describe("reading messages", () => {
  test("every role with text", () => {
    expect(
      readMessages(
        { role: "developer", content: "d" },
        { role: "system", content: [{ type: "text", text: "s" }] },
        { role: "user", content: "u", name: "n" },
        { role: "assistant", content: "a" },
        { role: "tool", tool_call_id: "t", content: "r" },
      ),
    ).toEqual([
      { role: "developer", blocks: [{ kind: "text", text: "d" }] },
      { role: "system", blocks: [{ kind: "text", text: "s" }] },
      { role: "user", blocks: [{ kind: "text", text: "u" }], name: "n" },
      { role: "assistant", blocks: [{ kind: "text", text: "a" }] },
      {
        role: "tool",
        blocks: [{ kind: "tool-result", callId: "t", content: [{ kind: "text", text: "r" }] }],
      },
    ]);
  });

  test.each<[JsonObject, Block]>([
    [
      { type: "image_url", image_url: { url: "https://a/b.png", detail: "low" } },
      { kind: "image", source: { kind: "url", url: "https://a/b.png" }, detail: "low" },
    ],
    [
      { type: "image_url", image_url: { url: "data:image/png;base64,AA" } },
      { kind: "image", source: { kind: "data", mediaType: "image/png", data: "AA" } },
    ],
    [
      { type: "image_url", image_url: { url: "data:application/pdf;base64,AA" } },
      { kind: "file", source: { kind: "data", mediaType: "application/pdf", data: "AA" } },
    ],
    [
      { type: "input_audio", input_audio: { data: "AA", format: "wav" } },
      { kind: "audio", data: "AA", format: "wav" },
    ],
    [
      { type: "file", file: { file_data: "data:application/pdf;base64,AA", filename: "a.pdf" } },
      { kind: "file", source: { kind: "data", mediaType: "application/pdf", data: "AA" }, name: "a.pdf" },
    ],
    [
      { type: "file", file: { file_data: "data:text/plain;base64,aMOp" } },
      { kind: "file", source: { kind: "text", mediaType: "text/plain", text: "hé" } },
    ],
    [
      { type: "file", file: { file_data: "AA", mime_type: "image/tiff" } },
      { kind: "file", source: { kind: "data", mediaType: "image/tiff", data: "AA" } },
    ],
    [
      { type: "file", file: { file_data: "hello", mime_type: "text/plain" } },
      { kind: "file", source: { kind: "text", mediaType: "text/plain", text: "hello" } },
    ],
    [
      { type: "file", file: { file_url: "https://a/b.pdf" } },
      { kind: "file", source: { kind: "url", url: "https://a/b.pdf" } },
    ],
    [
      { type: "file", file: { file_id: "f" } },
      { kind: "file", source: { kind: "id", id: "f" } },
    ],
    [
      { type: "text", text: "t", cache_control: MARK },
      { kind: "text", text: "t", cache: MARK },
    ],
    [
      { type: "text", text: "t", prompt_cache_breakpoint: { mode: "explicit" } },
      {
        kind: "text",
        text: "t",
        native: { dialect: "openai-chat", fields: { prompt_cache_breakpoint: { mode: "explicit" } } },
      },
    ],
    [
      { type: "video_url", video_url: {} },
      { kind: "opaque", dialect: "openai-chat", value: { type: "video_url", video_url: {} } },
    ],
  ])("reads the part %j", (part, block) => {
    expect(readBlocks({ role: "user", content: [part] })).toEqual([block]);
  });

  test("an answer's empty list of annotations says nothing, others are kept", () => {
    const answer = { role: "assistant", content: "Hi" };
    expect(readMessages({ ...answer, annotations: [] })).toEqual(readMessages(answer));
    expect(readMessages({ ...answer, annotations: [{}] })).toMatchObject([
      { native: { dialect: "openai-chat", fields: { annotations: [{}] } } },
    ]);
  });

  test("a mark on a message is a mark on its last block", () => {
    const content = [
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ];
    expect(readBlocks({ role: "system", content, cache_control: MARK })).toEqual([
      { kind: "text", text: "a" },
      { kind: "text", text: "b", cache: MARK },
    ]);
    expect(readBlocks({ role: "tool", tool_call_id: "t", content: "", cache_control: MARK })).toEqual([
      { kind: "tool-result", callId: "t", content: [], cache: MARK },
    ]);
  });

  test("an assistant's reasoning, words, refusal and calls keep this order", () => {
    expect(
      readBlocks({
        role: "assistant",
        content: "text",
        reasoning_content: "hm",
        refusal: "no",
        tool_calls: [
          {
            id: "1",
            type: "function",
            function: { name: "f", arguments: "{}", thought_signature: "S" },
            cache_control: MARK,
          },
          { id: "2", type: "custom", custom: { name: "c", input: "in" } },
        ],
      }),
    ).toEqual([
      { kind: "reasoning", text: "hm" },
      { kind: "text", text: "text" },
      { kind: "refusal", text: "no" },
      { kind: "tool-call", id: "1", name: "f", arguments: "{}", signature: "S", cache: MARK },
      { kind: "tool-call", id: "2", name: "c", arguments: "in", custom: true },
    ]);
  });

  test("content_blocks come before content, and calls come from tool_calls", () => {
    const search = { type: "server_tool_use", id: "s", name: "web_search", input: {} };
    expect(
      readBlocks({
        role: "assistant",
        content: "lost",
        reasoning_content: "lost",
        content_blocks: [
          { type: "thinking", thinking: "hm", signature: "S" },
          { type: "redacted_thinking", data: "R" },
          search,
          { type: "text", text: "kept" },
          { type: "tool_use", id: "1", name: "f", input: {} },
        ],
        tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "" } }],
      }),
    ).toEqual([
      { kind: "reasoning", text: "hm", signature: "S" },
      { kind: "redacted", data: "R" },
      { kind: "opaque", dialect: "anthropic-messages", value: search },
      { kind: "text", text: "kept" },
      { kind: "tool-call", id: "1", name: "f", arguments: "" },
    ]);
  });

  test("content_blocks that are deltas of a stream are not the whole answer", () => {
    const answer = { role: "assistant", content: "Hello" };
    const content_blocks = [{ index: 0, delta: { text: "lo" } }];
    expect(readMessages({ ...answer, content_blocks })).toEqual(readMessages(answer));
  });

  test("OpenRouter's reasoning_details bring their signatures back", () => {
    const details = [
      { type: "reasoning.text", text: "hm", signature: "S", index: 0 },
      { type: "reasoning.encrypted", data: "R", index: 1 },
    ];
    expect(
      readBlocks({ role: "assistant", content: "a", reasoning: "hm", reasoning_details: details }),
    ).toEqual([
      { kind: "reasoning", text: "hm", signature: "S" },
      { kind: "redacted", data: "R" },
      { kind: "text", text: "a" },
    ]);
  });

  test("a function message answers the last call of that function", () => {
    const messages = readMessages(
      { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
      { role: "function", name: "f", content: "r" },
    );
    expect(messages).toEqual([
      { role: "assistant", blocks: [{ kind: "tool-call", id: "call_0", name: "f", arguments: "{}" }] },
      {
        role: "tool",
        blocks: [{ kind: "tool-result", callId: "call_0", content: [{ kind: "text", text: "r" }] }],
      },
    ]);
  });
});

describe("a broken request names the path of its fault", () => {
  const user = (content: JsonValue): JsonObject => ({ messages: [{ role: "user", content }] });
  test.each<[string, JsonObject]>([
    ["messages", {}],
    ["messages", { messages: "hi" }],
    ["messages.0", { messages: ["hi"] }],
    ["messages.0.role", { messages: [{ role: "narrator", content: "x" }] }],
    ["messages.0.role", { messages: [{ content: "x" }] }],
    ["messages.0.content", user(5)],
    ["messages.0.content.0", user(["x"])],
    ["messages.0.content.0.type", user([{}])],
    ["messages.0.content.0.text", user([{ type: "text" }])],
    ["messages.0.content.0.file", user([{ type: "file", file: {} }])],
    ["messages.0.tool_call_id", { messages: [{ role: "tool", content: "x" }] }],
    [
      "messages.0.tool_calls.0.function",
      { messages: [{ role: "assistant", tool_calls: [{ id: "1", type: "function" }] }] },
    ],
    ["temperature", { messages: [], temperature: "hot" }],
    ["stop", { messages: [], stop: [1] }],
    ["tools.0.function", { messages: [], tools: [{ type: "function" }] }],
    ["tools.0.function.name", { messages: [], tools: [{ type: "function", function: {} }] }],
    ["tool_choice", { messages: [], tool_choice: "constructor" }],
    ["tool_choice.type", { messages: [], tool_choice: { type: "tools" } }],
    ["response_format.json_schema", { messages: [], response_format: { type: "json_schema" } }],
  ])("%s", (param, body) => {
    expect(() => openaiChat.readRequest(body)).toThrow(GatewayError);
    try {
      openaiChat.readRequest(body);
    } catch (error) {
      expect(error).toMatchObject({ code: "invalid_request", param });
    }
  });
});

describe("writing", () => {
  test("fields of a chat", () => {
    const { body, notes } = write({
      stream: true,
      includeUsage: true,
      maxTokens: 9,
      topK: 3,
      stop: ["a", "b", "c", "d", "e"],
      format: { kind: "schema", schema: { type: "object" } },
      user: "u",
      serviceTier: "standard_only",
      candidates: 2,
      native: { dialect: "anthropic-messages", fields: { container: "c", anthropic_version: "v" } },
    });
    expect(body).toEqual({
      model: "m",
      messages: [],
      max_completion_tokens: 9,
      stop: ["a", "b", "c", "d"],
      n: 2,
      response_format: { type: "json_schema", json_schema: { name: "response", schema: { type: "object" } } },
      user: "u",
      service_tier: "default",
      stream: true,
      stream_options: { include_usage: true },
    });
    expect([...notes].sort()).toEqual(["container", "stop (cut to 4)", "top_k"]);
  });

  test.each<[Chat["reasoning"], string, string | undefined, string[]]>([
    [{ effort: "max" }, "gpt-5.1", "high", ["reasoning_effort (high)"]],
    [{ effort: "minimal" }, "gpt-5.2", "low", ["reasoning_effort (low)"]],
    [{ effort: "none" }, "gpt-5-mini", "minimal", ["reasoning_effort (minimal)"]],
    [{ effort: "xhigh" }, "o4-mini", "high", ["reasoning_effort (high)"]],
    [{ effort: "max" }, "gpt-5.5-2026-04-23", "xhigh", ["reasoning_effort (xhigh)"]],
    [{ effort: "max" }, "gpt-5.6-sol", "max", []],
    [{ effort: "none" }, "gpt-6-astra", "low", ["reasoning_effort (low)"]],
    [{ effort: "low" }, "gpt-5.2-pro", "medium", ["reasoning_effort (medium)"]],
    [{ effort: "minimal" }, "gpt-5.3-codex", "low", ["reasoning_effort (low)"]],
    [{ effort: "xhigh" }, "gpt-5.1-codex-max", "xhigh", []],
    [{ effort: "minimal" }, "openai/gpt-oss-120b", "low", ["reasoning_effort (low)"]],
    [{ effort: "max" }, "deepseek-v4", "max", []],
    [{ budgetTokens: 2048 }, "gpt-6-sol", "low", []],
    [{ mode: "disabled" }, "gpt-6.1-terra", "none", []],
    [{ mode: "disabled" }, "gpt-6-astra", undefined, ["thinking"]],
    [{ effort: "low" }, "a-deployment", "low", []],
    [{ effort: "low" }, "gpt-4o", undefined, ["reasoning_effort"]],
    [{ budgetTokens: 2048 }, "gpt-5.1", "low", []],
    [{ budgetTokens: 8192 }, "openai/o3", "medium", []],
    [{ budgetTokens: 8193 }, "accounts/fireworks/models/gpt-oss-120b", "high", []],
    [{ budgetTokens: 32_000 }, "gpt-5.1", "high", []],
    [{ budgetTokens: 32_000 }, "gpt-4o-mini", undefined, ["thinking"]],
    [{ budgetTokens: 32_000 }, "a-deployment", undefined, ["thinking"]],
    [{ mode: "disabled" }, "gpt-5.1", "none", []],
    [{ budgetTokens: 1024 }, "gpt-5-pro", undefined, ["thinking"]],
    [{ budgetTokens: 1024 }, "gpt-5-chat-latest", undefined, ["thinking"]],
    [{ budgetTokens: 1024 }, "anthropic/claude-opus-4-5", undefined, ["thinking"]],
    [{ budgetTokens: 1024 }, "grok-4.3", "low", []],
    [{ mode: "disabled" }, "grok-4.3", "none", []],
    [{ effort: "high" }, "mistral-small-latest", "high", []],
    [{ budgetTokens: 1024 }, "grok-4.20-0309-reasoning", undefined, ["thinking"]],
    [{ mode: "disabled" }, "gpt-5.1-codex", undefined, ["thinking"]],
    [{ mode: "disabled" }, "o3", undefined, ["thinking"]],
    [{ mode: "disabled" }, "gpt-4o", undefined, []],
    [{ mode: "adaptive" }, "gpt-5.1", undefined, []],
    [{ mode: "adaptive", effort: "medium" }, "gpt-5.1", "medium", []],
  ])("reasoning %j of %s", (reasoning, model, effort, noted) => {
    const { body, notes } = write({ model, ...(reasoning === undefined ? {} : { reasoning }) });
    expect(body["reasoning_effort"]).toBe(effort);
    expect(notes).toEqual(noted);
  });

  test.each<[string, Chat["reasoning"], string[]]>([
    ["gpt-4.1", undefined, []],
    ["gpt-5-chat-latest", undefined, []],
    ["gpt-oss-120b", undefined, []],
    ["o1", undefined, [...SAMPLING, ...PENALTIES]],
    ["o3", undefined, [...SAMPLING, ...PENALTIES, "stop"]],
    ["openai/gpt-5-mini", undefined, [...SAMPLING, ...PENALTIES, "stop"]],
    ["gpt-5.1", undefined, [...PENALTIES, "stop"]],
    ["gpt-5.1", { effort: "low" }, [...SAMPLING, ...PENALTIES, "stop"]],
    ["gpt-5.6-luna", undefined, [...SAMPLING, ...PENALTIES, "stop"]],
    ["gpt-5.6-luna", { mode: "disabled" }, [...PENALTIES, "stop"]],
    ["gpt-6-astra", { effort: "high" }, [...SAMPLING, ...PENALTIES, "stop"]],
    ["gpt-4o-search-preview", undefined, ["temperature", "top_p", "presence_penalty", "frequency_penalty"]],
  ])("what %s refuses with reasoning %j is left out", (model, reasoning, refused) => {
    const { body, notes } = write({
      model,
      ...(reasoning === undefined ? {} : { reasoning }),
      temperature: 0,
      topP: 0.9,
      logprobs: true,
      topLogprobs: 2,
      presencePenalty: 1,
      frequencyPenalty: 1,
      logitBias: { 50256: -100 },
      stop: ["x"],
    });
    expect(notes).toEqual(refused);
    expect(Object.keys(body).filter((name) => refused.includes(name))).toEqual([]);
    expect(Object.keys(body)).toContain(refused.includes("temperature") ? "model" : "temperature");
  });

  describe("instructions", () => {
    const said = (role: Message["role"], text: string): Message => ({
      role,
      blocks: [{ kind: "text", text }],
    });
    const system = said("system", "a");
    const messages = [system, said("developer", "b"), said("user", "Hi"), said("developer", "c")];

    test("are one message at the beginning for models that have room for one", () => {
      const { body, notes } = write({ model: "Qwen/Qwen3.6-27B", messages });
      expect(body["messages"]).toEqual([
        { role: "system", content: "a\n\nb" },
        { role: "user", content: ["Hi", "c"].map((text) => ({ type: "text", text })) },
      ]);
      expect(notes).toEqual(["messages.3.role (user)"]);
      const developers = write({ model: "MiniMax-M2", messages: messages.slice(1, 3) });
      expect(developers.body["messages"]).toMatchObject([{ role: "system", content: "b" }, { role: "user" }]);
      expect(developers.notes).toEqual([]);
    });

    test("stay where they are for all others", () => {
      const { body, notes } = write({ messages });
      expect(body["messages"]).toMatchObject(messages.map(({ role }) => ({ role })));
      expect(notes).toEqual([]);
    });
  });

  test("a picture as it is is asked for in high detail", () => {
    const source = { kind: "url", url: "https://a/b.png" } as const;
    const { body } = writeMessages({ role: "user", blocks: [{ kind: "image", source, detail: "original" }] });
    const part = { type: "image_url", image_url: { url: source.url, detail: "high" } };
    expect(body["messages"]).toEqual([{ role: "user", content: [part] }]);
  });

  test("what changes nothing is left out without a word", () => {
    const { body, notes } = write({ model: "gpt-5", temperature: 1, topP: 1, logprobs: false, stop: [] });
    expect(body).toEqual({ model: "gpt-5", messages: [] });
    expect(notes).toEqual([]);
  });

  test.each([
    ["o4-mini", undefined],
    ["gpt-5", false],
  ])("whether %s calls one by one is said as %p", (model, said) => {
    const tools = [{ kind: "function", name: "f" }] as const;
    expect(write({ model, tools, parallelToolCalls: false }).body["parallel_tool_calls"]).toBe(said);
  });

  test("tools, and the choice only with tools", () => {
    const tools = [
      { kind: "function", name: "f", parameters: { type: "object" }, cache: MARK },
      { kind: "opaque", dialect: "openai-chat", value: { type: "custom", custom: { name: "c" } } },
      { kind: "opaque", dialect: "anthropic-messages", value: { type: "web_search_20250305" } },
    ] as const;
    const { body, notes } = write({
      tools,
      toolChoice: { mode: "tool", name: "c" },
      parallelToolCalls: false,
    });
    expect(body["tools"]).toEqual([
      { type: "function", function: { name: "f", parameters: { type: "object" } } },
      { type: "custom", custom: { name: "c" } },
    ]);
    expect(body["tool_choice"]).toEqual({ type: "custom", custom: { name: "c" } });
    expect(body["parallel_tool_calls"]).toBe(false);
    expect(notes).toEqual(["cache_control", "tools.2 (web_search_20250305)"]);

    const without = write({ toolChoice: { mode: "auto" }, parallelToolCalls: true });
    expect(without.body).toEqual({ model: "m", messages: [] });
    expect(without.notes).toEqual(["tool_choice"]);
  });

  test("system text is one string, and marks are reported once", () => {
    const { body, notes } = writeMessages(
      {
        role: "system",
        blocks: [
          { kind: "text", text: "a", cache: MARK },
          { kind: "text", text: "b", cache: MARK },
        ],
      },
      { role: "user", blocks: [{ kind: "text", text: "c", cache: MARK }] },
    );
    expect(body["messages"]).toEqual([
      { role: "system", content: "a\n\nb" },
      { role: "user", content: "c" },
    ]);
    expect(notes).toEqual(["cache_control"]);
  });

  test("images of tool results follow the run of tool messages", () => {
    const image = { kind: "image", source: { kind: "data", mediaType: "image/png", data: "AA" } } as const;
    const { body, notes } = writeMessages(
      {
        role: "tool",
        blocks: [
          {
            kind: "tool-result",
            callId: "1",
            isError: true,
            content: [{ kind: "text", text: "seen" }, image],
          },
        ],
      },
      { role: "tool", blocks: [{ kind: "tool-result", callId: "2", content: [] }] },
      { role: "user", blocks: [{ kind: "text", text: "so?" }] },
    );
    expect(body["messages"]).toEqual([
      { role: "tool", tool_call_id: "1", content: "seen" },
      { role: "tool", tool_call_id: "2", content: "" },
      {
        role: "user",
        content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA" } }],
      },
      { role: "user", content: "so?" },
    ]);
    expect(notes).toEqual(["is_error"]);
  });

  test("an assistant's reasoning is reported once, its calls and words are kept", () => {
    const { body, notes } = writeMessages({
      role: "assistant",
      blocks: [
        { kind: "reasoning", text: "hm", signature: "S" },
        { kind: "redacted", data: "R" },
        { kind: "text", text: "a" },
        { kind: "text", text: "b" },
        { kind: "tool-call", id: "1", name: "f", arguments: "" },
      ],
    });
    expect(body["messages"]).toEqual([
      {
        role: "assistant",
        content: "ab",
        tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
      },
    ]);
    expect(notes).toEqual(["messages.0 (reasoning)"]);
  });

  test("an assistant's turn of which nothing can be said is left out, an empty one is not", () => {
    const reasoning = { role: "assistant", blocks: [{ kind: "reasoning", text: "Hm" }] } as const;
    const { body, notes } = writeMessages(reasoning, { role: "assistant", blocks: [] });
    expect(body["messages"]).toEqual([{ role: "assistant", content: "" }]);
    expect(notes).toEqual(["messages.0 (reasoning)"]);
  });

  test("files are data URIs, text documents are text, and what cannot be said is reported", () => {
    const { body, notes } = writeMessages({
      role: "user",
      blocks: [
        { kind: "file", source: { kind: "data", mediaType: "application/pdf", data: "AA" } },
        { kind: "file", source: { kind: "text", mediaType: "text/plain", text: "words" } },
        { kind: "file", source: { kind: "url", url: "https://a/b.pdf" } },
        { kind: "image", source: { kind: "id", id: "f" } },
        { kind: "opaque", dialect: "anthropic-messages", value: { type: "search_result" } },
      ],
    });
    expect(body["messages"]).toEqual([
      {
        role: "user",
        content: [
          {
            type: "file",
            file: { filename: "document.pdf", file_data: "data:application/pdf;base64,AA" },
          },
          { type: "text", text: "words" },
        ],
      },
    ]);
    expect(notes).toEqual([
      "messages.0.content.2 (file by url)",
      "messages.0.content.3 (image by id)",
      "messages.0.content.4 (search_result)",
    ]);
  });

  test("what was read from this dialect is written back", () => {
    const body = {
      model: "gpt-x",
      messages: [
        { role: "developer", content: "d" },
        {
          role: "user",
          content: [
            { type: "text", text: "t", prompt_cache_breakpoint: { mode: "explicit" } },
            { type: "image_url", image_url: { url: "https://a/b.png", detail: "high" } },
            { type: "input_audio", input_audio: { data: "AA", format: "mp3" } },
            { type: "file", file: { file_id: "f" } },
          ],
        },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "1", type: "function", function: { name: "f", arguments: '{"a":1}' } },
            { id: "2", type: "custom", custom: { name: "c", input: "in" } },
          ],
        },
        { role: "tool", tool_call_id: "1", content: "r" },
        {
          role: "tool",
          tool_call_id: "2",
          content: [
            { type: "text", text: "r" },
            { type: "text", text: "s" },
          ],
        },
        { role: "assistant", content: "a", audio: { id: "audio_1" }, name: "n" },
      ],
      tools: [
        { type: "function", function: { name: "f", description: "d", parameters: {}, strict: true } },
        { type: "custom", custom: { name: "c" } },
      ],
      tool_choice: {
        type: "allowed_tools",
        allowed_tools: { mode: "auto", tools: [{ type: "custom", custom: { name: "c" } }] },
      },
      parallel_tool_calls: false,
      max_completion_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      stop: ["x"],
      seed: 1,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      logit_bias: { "50256": -100 },
      logprobs: true,
      top_logprobs: 2,
      n: 2,
      response_format: { type: "json_schema", json_schema: { name: "n", schema: {}, strict: true } },
      reasoning_effort: "minimal",
      user: "u",
      safety_identifier: "s",
      service_tier: "flex",
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
      metadata: { a: "b" },
      store: true,
      verbosity: "low",
      future_field: [1, { two: 2 }],
    };
    const written = openaiChat.writeRequest(openaiChat.readRequest(body), {
      provider: "openai",
      option: () => undefined,
    });
    expect(written).toEqual({ body, notes: [] });
  });
});

test("an assistant's reasoning goes back where the vendor wants it", () => {
  const chat = {
    ...CHAT,
    messages: [
      {
        role: "assistant",
        blocks: [
          { kind: "reasoning", text: "Which city", signature: "S" },
          { kind: "reasoning", text: "? Paris" },
          { kind: "redacted", data: "R" },
          { kind: "tool-call", id: "c", name: "f", arguments: "{}" },
        ],
      },
    ],
  } satisfies Chat;
  const target = { provider: "deepseek", option: () => undefined, reasoningField: "reasoning_content" };
  const { body, notes } = openaiChat.writeRequest(chat, target);
  expect(body["messages"]).toEqual([
    {
      role: "assistant",
      content: null,
      reasoning_content: "Which city? Paris",
      tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }],
    },
  ]);
  expect(notes).toEqual(["messages.0 (reasoning)"]);
});

test.each([
  ["that called tools has the field", [{ kind: "tool-call", id: "c", name: "f", arguments: "{}" }], true],
  ["that did not has none", [{ kind: "text", text: "Hi" }], false],
] satisfies [string, Block[], boolean][])("a turn without reasoning %s", (_, blocks, has) => {
  const chat = { ...CHAT, messages: [{ role: "assistant", blocks }] } satisfies Chat;
  const target = { provider: "deepseek", option: () => undefined, reasoningField: "reasoning_content" };
  const { body } = openaiChat.writeRequest(chat, target);
  expect(JSON.stringify(body["messages"]).includes('"reasoning_content":""')).toBe(has);
});

test("once tools were called, every answer has the field", () => {
  const chat: Chat = {
    ...CHAT,
    messages: [
      { role: "user", blocks: [{ kind: "text", text: "Weather?" }] },
      { role: "assistant", blocks: [{ kind: "tool-call", id: "c", name: "f", arguments: "{}" }] },
      {
        role: "tool",
        blocks: [{ kind: "tool-result", callId: "c", content: [{ kind: "text", text: "21" }] }],
      },
      { role: "assistant", blocks: [{ kind: "text", text: "21 degrees" }] },
      { role: "user", blocks: [{ kind: "text", text: "Thanks" }] },
    ],
  };
  const target = { provider: "deepseek", option: () => undefined, reasoningField: "reasoning_content" };
  expect(openaiChat.writeRequest(chat, target).body["messages"]).toMatchObject([
    { role: "user" },
    { role: "assistant", reasoning_content: "" },
    { role: "tool" },
    { role: "assistant", reasoning_content: "", content: "21 degrees" },
    { role: "user" },
  ]);
});
