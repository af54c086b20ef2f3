import { describe, expect, test } from "bun:test";
import { readRequest } from "../../src/providers/anthropic-messages.request-read.ts";
import { writeRequest } from "../../src/providers/anthropic-messages.request.ts";
import type { Chat, Message } from "../../src/schema/chat.ts";
import { GatewayError } from "../../src/schema/errors.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const write = (chat: Chat) => writeRequest(chat, { provider: "test", option: () => undefined });
const base = { model: "claude-opus-4-6", max_tokens: 100, messages: [] };
const mark = { type: "ephemeral", ttl: "1h" };

const chat = (messages: readonly Message[], fields: Partial<Chat> = {}): Chat => ({
  model: "claude-opus-4-6",
  maxTokens: 100,
  messages,
  stream: false,
  includeUsage: false,
  ...fields,
});

/** Everything that the API knows, in the shape that the writer gives it. */
const FULL: JsonObject = {
  container: "container_1",
  context_management: { edits: [] },
  inference_geo: "eu",
  model: "claude-opus-4-6",
  max_tokens: 4000,
  thinking: { type: "enabled", budget_tokens: 2000, display: "summarized" },
  system: [{ type: "text", text: "Be brief.", cache_control: mark }],
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "Look.", cache_control: mark },
        { type: "image", source: { type: "url", url: "https://example.com/a.png" }, transformations: {} },
        { type: "image", source: { type: "file", file_id: "file_1" } },
        { type: "image", source: { type: "base64", media_type: "image/gif", data: "R0lG" } },
        {
          type: "document",
          source: { type: "text", media_type: "text/plain", data: "A" },
          title: "t",
          context: "c",
        },
        { type: "document", source: { type: "content", content: "parts" }, citations: { enabled: true } },
        { type: "search_result", source: "s", title: "t", content: [{ type: "text", text: "r" }] },
        { type: "container_upload", file_id: "file_2" },
      ],
    },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "Hm.", signature: "c2ln" },
        { type: "redacted_thinking", data: "ZGF0YQ" },
        {
          type: "text",
          text: "Two.",
          citations: [{ type: "char_location", cited_text: "A", document_index: 0 }],
        },
        { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
        { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
        {
          type: "tool_use",
          id: "toolu_1",
          name: "find",
          input: { a: [1, { b: null }] },
          cache_control: mark,
        },
        {
          type: "tool_use",
          id: "toolu_2",
          name: "click",
          input: {},
          toolset_name: "browser",
          caller: { type: "code_execution_20250825", tool_id: "srvtoolu_2" },
        },
      ],
    },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "toolu_1",
          is_error: true,
          content: [
            { type: "text", text: "no" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBO" } },
            { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBE" } },
            { type: "tool_reference", tool_name: "find" },
          ],
          cache_control: mark,
        },
        { type: "tool_result", tool_use_id: "toolu_2", toolset_name: "browser" },
        { type: "text", text: "Go on." },
      ],
    },
  ],
  tools: [
    {
      name: "find",
      description: "Finds.",
      input_schema: { type: "object", $defs: { x: {} }, additionalProperties: false },
      strict: true,
      cache_control: mark,
      input_examples: [{ a: [] }],
      eager_input_streaming: true,
    },
    { type: "web_search_20260318", name: "web_search", max_uses: 1 },
    { type: "browser_toolset_20260801" },
  ],
  tool_choice: { type: "auto", disable_parallel_tool_use: true },
  stop_sequences: ["END"],
  output_config: {
    task_budget: { total: 9 },
    format: { type: "json_schema", schema: { type: "object", additionalProperties: false } },
  },
  metadata: { tag: "x", user_id: "u-1" },
  service_tier: "standard_only",
  stream: true,
};

describe("reading and writing a request", () => {
  test("gives the same request back", () => {
    const written = write(readRequest(FULL));
    expect(written.body).toEqual(FULL);
    expect(written.notes).toEqual([]);
  });

  test("a turn that mixes results with other blocks becomes several messages, and one again", () => {
    const result = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "r" });
    const content = [result("a"), result("b"), { type: "text", text: "now" }];
    const read = readRequest({ ...base, messages: [{ role: "user", content }] });
    expect(read.messages.map(({ role, blocks }) => [role, blocks.length])).toEqual([
      ["tool", 2],
      ["user", 1],
    ]);
    expect(write(read).body["messages"]).toHaveLength(1);
  });

  test("system messages keep their place when read and lead when written", () => {
    const messages = [
      { role: "user", content: "a" },
      { role: "system", content: "mid" },
    ];
    const read = readRequest({ ...base, system: "first", messages });
    expect(read.messages.map(({ role }) => role)).toEqual(["system", "user", "system"]);
    expect(write(read).body["system"]).toEqual([
      { type: "text", text: "first" },
      { type: "text", text: "mid" },
    ]);
  });

  test("a tool choice is read in every form", () => {
    const read = (tool_choice: JsonObject) => readRequest({ ...base, tool_choice });
    expect(read({ type: "any" }).toolChoice).toEqual({ mode: "required" });
    expect(read({ type: "none" }).toolChoice).toEqual({ mode: "none" });
    expect(read({ type: "tool", name: "find" }).toolChoice).toEqual({ mode: "tool", name: "find" });
    expect(read({ type: "auto", disable_parallel_tool_use: false }).parallelToolCalls).toBe(true);
  });

  test("thinking is read with what it says beyond canonical words", () => {
    const read = readRequest({
      ...base,
      thinking: { type: "between_tools" },
      output_config: { effort: "low" },
    });
    expect(read.reasoning).toEqual({
      mode: "disabled",
      effort: "low",
      native: { dialect: "anthropic-messages", fields: { type: "between_tools" } },
    });
    expect(readRequest({ ...base, thinking: { type: "adaptive" } }).reasoning?.mode).toBe("adaptive");
  });

  test.each(["", "unsigned:"])("a signature that stands for none is not kept: %j", (signature) => {
    const content = [{ type: "thinking", thinking: "t", signature }];
    const read = readRequest({ ...base, messages: [{ role: "assistant", content }] });
    expect(read.messages[0]?.blocks).toEqual([{ kind: "reasoning", text: "t" }]);
    expect(write(read)).toMatchObject({
      body: { messages: [] },
      notes: ["messages.0.content.0 (reasoning)"],
    });
  });

  test("streams carry usage", () => {
    expect(readRequest({ ...base, stream: true })).toMatchObject({ stream: true, includeUsage: true });
  });

  test("versions in the body are headers and go without a note", () => {
    expect(readRequest({ ...base, anthropic_version: "bedrock-2023-05-31" }).native).toBeUndefined();
    const native = {
      dialect: "openai-chat",
      fields: { anthropic_beta: "a", speed: "fast", store: true },
    } as const;
    const written = write(chat([], { native }));
    expect(written.body).toMatchObject({ speed: "fast" });
    expect(written.body).not.toHaveProperty("anthropic_beta");
    expect(written.notes).toEqual(["store"]);
  });
});

describe("a request that breaks the API's rules", () => {
  const rows: readonly (readonly [string, JsonObject])[] = [
    ["model", { ...base, model: 4 }],
    ["model", { max_tokens: 1, messages: [] }],
    ["max_tokens", { model: "m", messages: [] }],
    ["max_tokens", { ...base, max_tokens: "1" }],
    ["messages", { model: "m", max_tokens: 1 }],
    ["messages", { ...base, messages: "hi" }],
    ["messages.0", { ...base, messages: ["hi"] }],
    ["messages.0.role", { ...base, messages: [{ role: "tool", content: "" }] }],
    ["messages.0.content", { ...base, messages: [{ role: "user" }] }],
    ["messages.0.content", { ...base, messages: [{ role: "user", content: 5 }] }],
    ["messages.0.content.0", { ...base, messages: [{ role: "user", content: ["a"] }] }],
    ["messages.0.content.0.type", { ...base, messages: [{ role: "user", content: [{}] }] }],
    ["messages.0.content.0.text", { ...base, messages: [{ role: "user", content: [{ type: "text" }] }] }],
    ["system.0.text", { ...base, system: [{ type: "text", text: 1 }] }],
    ["tools", { ...base, tools: {} }],
    ["tools.0.name", { ...base, tools: [{ input_schema: {} }] }],
    ["tool_choice.type", { ...base, tool_choice: { type: "some" } }],
    ["temperature", { ...base, temperature: "hot" }],
    ["stop_sequences", { ...base, stop_sequences: "END" }],
  ];
  test.each(rows)("names %s", (param, body) => {
    let caught: unknown;
    try {
      readRequest(body);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(GatewayError);
    expect(caught).toMatchObject({ code: "invalid_request", param });
  });

  test("a missing max_tokens is said as the API says it", () => {
    expect(() => readRequest({ model: "m", messages: [] })).toThrow("max_tokens: Field required");
  });
});

describe("writing a request", () => {
  test("leaves out empty texts and the turns that they leave empty", () => {
    const text = (said: string) => ({ kind: "text", text: said }) as const;
    const { body } = write(
      chat([
        { role: "system", blocks: [text("")] },
        { role: "user", blocks: [text("a"), text(" \n")] },
        { role: "assistant", blocks: [text("")] },
      ]),
    );
    expect(body).not.toHaveProperty("system");
    expect(body["messages"]).toEqual([{ role: "user", content: "a" }]);
  });

  test("the system's words are the user's where the user says nothing", () => {
    const system = { role: "system", blocks: [{ kind: "text", text: "Say hello" }] } as const;
    const { body, notes } = write(chat([system, { role: "user", blocks: [{ kind: "text", text: " " }] }]));
    expect(body).toEqual({ ...body, messages: [{ role: "user", content: "Say hello" }] });
    expect(body).not.toHaveProperty("system");
    expect(notes).toEqual(["messages.0.role (user)"]);
  });

  describe("a last turn of the assistant's", () => {
    const said = (text: string) => ({ role: "assistant", blocks: [{ kind: "text", text }] }) as const;
    const asked = { role: "user", blocks: [{ kind: "text", text: "And? " }] } as const;
    const messages = [said("First. "), asked, said("The answer is \n")];

    test("does not end in space where the model goes on from it", () => {
      const { body, notes } = write(chat(messages, { model: "claude-opus-4-5" }));
      expect(body["messages"]).toEqual([
        { role: "assistant", content: [{ type: "text", text: "First. " }] },
        { role: "user", content: "And? " },
        { role: "assistant", content: [{ type: "text", text: "The answer is" }] },
      ]);
      expect(notes).toEqual([]);
    });

    test.each(["claude-opus-4-6", "claude-sonnet-4-6", "claude-opus-4-8", "claude-haiku-5-5"])(
      "has a user behind it where %s would refuse it",
      (model) => {
        const { body, notes } = write(chat(messages, { model }));
        expect(body).toMatchObject({
          messages: [
            {},
            {},
            { role: "assistant" },
            { role: "user", content: "Go on exactly where you left off." },
          ],
        });
        expect(notes).toEqual(["messages.2 (a user's turn is put behind it)"]);
      },
    );

    test("that the vendor's own tools paused goes back as it is", () => {
      const value = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
      const search = { kind: "opaque", dialect: "anthropic-messages", value } as const;
      const paused = { role: "assistant", blocks: [{ kind: "text", text: "Let me see." }, search] } as const;
      expect(write(chat([asked, paused])).body["messages"]).toHaveLength(2);
    });
  });

  test.each([
    ["image/jpg", "AAAA", "image/jpeg"],
    ["image/png", "/9j/4AAQ", "image/jpeg"],
    ["image/jpeg", "iVBORw0KGgoAAA", "image/png"],
    ["image/png", "UklGRg", "image/webp"],
    ["image/heic", "AAAA", "image/heic"],
    ["application/pdf", "UklGRg", "application/pdf"],
  ])("%s that begins with %s is %s", (mediaType, data, media_type) => {
    const image = { kind: "image", source: { kind: "data", mediaType, data } } as const;
    expect(write(chat([{ role: "user", blocks: [image] }])).body).toMatchObject({
      messages: [{ content: [{ source: { type: "base64", media_type, data } }] }],
    });
  });

  test("the API's own tools and fields may be in a request of another", () => {
    const toolset = { type: "mcp_toolset", mcp_server_name: "x" };
    const tool = (value: JsonObject) => ({ kind: "opaque", dialect: "openai-chat", value }) as const;
    const fields = { mcp_servers: [{ type: "url", name: "x" }], fallbacks: "default", compaction: {} };
    const { body, notes } = write(
      chat([], {
        tools: [tool(toolset), tool({ type: "mcp" })],
        native: { dialect: "openai-chat", fields: { ...fields, store: true } },
      }),
    );
    expect(body).toMatchObject({ ...fields, tools: [toolset] });
    expect(notes).toEqual(["store", "tools.1 (mcp)"]);
  });

  test.each([undefined, {}, { type: ["object", "null"] }, { type: "object" }])(
    "a tool takes an object, whatever its schema says: %j",
    (parameters) => {
      const tool = { kind: "function", name: "f", ...(parameters && { parameters }) } as const;
      const { body } = write(chat([], { tools: [tool] }));
      expect(body["tools"]).toEqual([{ name: "f", input_schema: { type: "object" } }]);
    },
  );

  test("a schema that holds itself is for tools that are not strict", () => {
    const $defs = { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } };
    const schema = { type: "object", properties: { first: { $ref: "#/$defs/node" } }, $defs };
    const whole = { type: "object", properties: { child: { anyOf: [{ $ref: "#" }, { type: "null" }] } } };
    const plain = { ...schema, $defs: { node: { type: "object", properties: {} } } };
    const function_ = (name: string, parameters: JsonObject) =>
      ({ kind: "function", name, parameters, strict: true }) as const;
    const asked = { role: "user", blocks: [{ kind: "text", text: "a" }] } as const;
    const tools = [function_("a", schema), function_("b", whole), function_("c", plain)];
    const { body, notes } = write(chat([asked], { tools, format: { kind: "schema", schema } }));
    expect(body["tools"]).toMatchObject([
      { input_schema: schema },
      { input_schema: whole },
      { strict: true },
    ]);
    expect(body).not.toHaveProperty("output_config");
    expect(notes).toEqual(["tools.0 (strict)", "tools.1 (strict)", "response_format"]);
  });

  test("only allowed tools are sent", () => {
    const tools = ["a", "b"].map((name) => ({ kind: "function", name }) as const);
    const allowed = (required: boolean) =>
      write(chat([], { tools, toolChoice: { mode: "allowed", names: ["b"], required } })).body;
    expect(allowed(true)).toMatchObject({ tools: [{ name: "b" }], tool_choice: { type: "any" } });
    expect(allowed(false)).toMatchObject({ tools: [{ name: "b" }], tool_choice: { type: "auto" } });
  });

  test("a tool choice without tools is reported, and parallel calls matter only with tools", () => {
    const alone = write(chat([], { toolChoice: { mode: "tool", name: "a" }, parallelToolCalls: false }));
    expect(alone.body).not.toHaveProperty("tool_choice");
    expect(alone.notes).toEqual(["tool_choice"]);
    const tools = [{ kind: "function", name: "a" }] as const;
    expect(write(chat([], { tools, parallelToolCalls: false })).body["tool_choice"]).toEqual({
      type: "auto",
      disable_parallel_tool_use: true,
    });
    expect(write(chat([], { tools, toolChoice: { mode: "tool", name: "a" } })).body["tool_choice"]).toEqual({
      type: "tool",
      name: "a",
    });
    expect(write(chat([], { tools, toolChoice: { mode: "none" } })).body["tool_choice"]).toEqual({
      type: "none",
    });
  });

  test("arguments that are no object are reported and never break the request", () => {
    const call = { kind: "tool-call", id: "a", name: "f", arguments: "{broken" } as const;
    const { body, notes } = write(chat([{ role: "assistant", blocks: [call] }]));
    expect(body["messages"]).toMatchObject([{ content: [{ type: "tool_use", input: {} }] }]);
    expect(notes).toEqual(["messages.0.content.0 (arguments)"]);
  });

  test("a refusal in the history is text", () => {
    const { body } = write(chat([{ role: "assistant", blocks: [{ kind: "refusal", text: "No." }] }]));
    expect(body["messages"]).toEqual([{ role: "assistant", content: [{ type: "text", text: "No." }] }]);
  });
});
