import { describe, expect, test } from "bun:test";
import { openaiResponses } from "../../src/providers/openai-responses.ts";
import { readProof, writeProof } from "../../src/providers/openai-responses.proofs.ts";
import type { Block, Chat } from "../../src/schema/chat.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { thrown } from "../support/thrown.ts";

const read = (body: JsonObject): Chat => openaiResponses.readRequest({ model: "m", input: "Hi", ...body });
const blocksOf = (...input: readonly JsonValue[]): readonly (readonly Block[])[] =>
  read({ input }).messages.map(({ blocks }) => blocks);

describe("a request is refused", () => {
  test.each<[string, JsonObject]>([
    ["conversation", { conversation: "conv_1" }],
    ["conversation", { conversation: { id: "conv_1" } }],
    ["previous_response_id", { previous_response_id: 1 }],
    ["store", { store: "yes" }],
    ["input.0", { input: [{ type: "item_reference", id: "msg_1" }] }],
    ["input.0", { input: [{ id: "msg_1" }] }],
    ["input", { input: 7 }],
    ["input", { input: null }],
    ["input.0", { input: ["Hi"] }],
    ["input.0.role", { input: [{ content: "Hi" }] }],
    ["input.0.role", { input: [{ role: "tool", content: "Hi" }] }],
    ["input.0.content.0.text", { input: [{ role: "user", content: [{ type: "input_text" }] }] }],
    ["input.0.content.0", { input: [{ role: "user", content: [{ type: "input_image" }] }] }],
    ["input.0.content.0", { input: [{ role: "user", content: [{ type: "input_file" }] }] }],
    ["input.0.content", { input: [{ role: "user", content: 7 }] }],
    ["input.0.call_id", { input: [{ type: "function_call", name: "f", arguments: "{}" }] }],
    ["input.0.name", { input: [{ type: "function_call", call_id: "c" }] }],
    ["input.0.call_id", { input: [{ type: "function_call_output", output: "x" }] }],
    ["tools", { tools: {} }],
    ["input.0.tools", { input: [{ type: "additional_tools", tools: {} }] }],
    ["input.0.tools.0.name", { input: [{ type: "additional_tools", tools: [{ type: "function" }] }] }],
    ["input.0.call_id", { input: [{ type: "shell_call", action: {} }] }],
    ["input.0.action", { input: [{ type: "shell_call", call_id: "c", action: [] }] }],
    ["tools.0.type", { tools: [{ name: "f" }] }],
    ["tools.0.name", { tools: [{ type: "function" }] }],
    ["tool_choice", { tool_choice: "must" }],
    ["max_output_tokens", { max_output_tokens: "9" }],
    ["text.format", { text: { format: 1 } }],
    ["stream", { stream: "yes" }],
  ])("for %s in %j", (param, body) => {
    expect(thrown(() => read(body))).toMatchObject({ code: "invalid_request", status: 400, param });
  });
});

test("a response that nobody knows is refused as the vendor refuses it", () => {
  expect(thrown(() => read({ previous_response_id: "resp_1" }))).toMatchObject({
    code: "previous_response_not_found",
    status: 400,
    param: "previous_response_id",
    message: "Previous response with id 'resp_1' not found.",
  });
});

test("what items say of the answer holds until others say it again", () => {
  const format = { type: "json_schema", name: "n", schema: { a: 1 } };
  const chat = read({
    reasoning: { effort: "high" },
    text: { verbosity: "low" },
    input: [
      { type: "configuration_update", reasoning: { effort: "low" }, text: { format } },
      { role: "user", content: "Hi" },
      { type: "configuration_update", reasoning: { effort: "medium" } },
    ],
  });
  expect(chat).toMatchObject({
    messages: [{ role: "user" }],
    reasoning: { effort: "medium" },
    format: { kind: "schema", name: "n", schema: { a: 1 } },
    native: { fields: { text: { verbosity: "low" } } },
  });
  expect(chat.messages).toHaveLength(1);
});

test("a tool that a search found is declared once", () => {
  const [f, g] = ["f", "g"].map((name) => ({ type: "function", name, parameters: {}, strict: false }));
  const input = [{ type: "tool_search_output", tools: [f, g] } as JsonObject];
  expect(read({ tools: [{ ...f, defer_loading: true }], input }).tools).toMatchObject([
    { name: "f" },
    { name: "g" },
  ]);
});

test.each<[JsonObject, Chat["toolChoice"]]>([
  [{ type: "shell" }, { mode: "tool", name: "shell" }],
  [{ type: "shell", environment: { type: "container_auto" } }, undefined],
])("a choice of a shell is one of a function where the client runs it: %j", (tool, expected) => {
  const chat = read({ tools: [tool], tool_choice: { type: "shell" } });
  expect(chat.toolChoice).toEqual(expected);
});

describe("items are read into turns", () => {
  test("what the client ran is a call with its result, what OpenAI ran is its own", () => {
    const ran = { type: "shell_call", call_id: "1", action: { commands: ["ls"], timeout_ms: null } };
    const result = { type: "shell_call_output", call_id: "1", output: [{ stdout: "a" }] };
    const failed = { type: "apply_patch_call_output", call_id: "2", status: "failed" };
    expect(blocksOf(ran, result, failed)).toEqual([
      [{ kind: "tool-call", id: "1", name: "shell", arguments: '{"commands":["ls"]}' }],
      [{ kind: "tool-result", callId: "1", content: [{ kind: "text", text: '[{"stdout":"a"}]' }] }],
      [{ kind: "tool-result", callId: "2", content: [{ kind: "text", text: "failed" }], isError: true }],
    ]);
    const hosted = { ...ran, environment: { type: "container_reference", container_id: "x" } };
    expect(blocksOf(hosted, result)).toEqual([
      [hosted, result].map((value) => ({ kind: "opaque", dialect: "openai-responses", value })),
    ]);
  });

  test("a search for tools that the client runs is a call, and names what can be called then", () => {
    const searched = {
      type: "tool_search_call",
      call_id: "1",
      execution: "client",
      arguments: { query: "q" },
    };
    const inner = [{ type: "function", name: "f", parameters: {} }];
    const tools = [
      { type: "namespace", name: "ns", tools: inner },
      { type: "function", name: "g", parameters: {} },
    ];
    const found = { type: "tool_search_output", call_id: "1", execution: "client", tools };
    expect(blocksOf(searched, found)).toEqual([
      [{ kind: "tool-call", id: "1", name: "tool_search", arguments: '{"query":"q"}' }],
      [
        {
          kind: "tool-result",
          callId: "1",
          content: [{ kind: "text", text: '{"found":["ns__f","g"]}' }],
        },
      ],
    ]);
    const hosted = { ...searched, execution: "server" };
    expect(blocksOf(hosted, found)).toEqual([
      [hosted, found].map((value) => ({ kind: "opaque", dialect: "openai-responses", value })),
    ]);
    const declared = { type: "tool_search", execution: "client", description: "d", parameters: { a: 1 } };
    expect(read({ tools: [declared], input: "x" }).tools).toEqual([
      { kind: "function", name: "tool_search", description: "d", parameters: { a: 1 } },
    ]);
  });

  test("a call that has only its item's id is known by that", () => {
    expect(blocksOf({ type: "function_call", id: "1", name: "f", arguments: "{}" })).toEqual([
      [{ kind: "tool-call", id: "1", name: "f", arguments: "{}" }],
    ]);
  });

  test("what the model said is one turn", () => {
    const [turn, ...others] = blocksOf(
      { type: "reasoning", summary: [{ type: "summary_text", text: "a" }, { text: "b" }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "Hi", annotations: [] }] },
      { type: "function_call", call_id: "1", name: "f", arguments: "{}" },
      { type: "function_call", call_id: "2", name: "g", arguments: "{}", namespace: "ns" },
    );
    expect(others).toEqual([]);
    expect(turn).toEqual([
      { kind: "reasoning", text: "a\n\nb" },
      { kind: "text", text: "Hi" },
      { kind: "tool-call", id: "1", name: "f", arguments: "{}" },
      { kind: "tool-call", id: "2", name: "ns__g", arguments: "{}" },
    ]);
  });

  test("two messages of the model are two, unless a call has been made", () => {
    const said = (text: string): JsonObject => ({ role: "assistant", content: text });
    const call = { type: "function_call", call_id: "1", name: "f", arguments: "{}" };
    expect(blocksOf(said("a"), said("b"))).toHaveLength(2);
    expect(blocksOf(said("a"), call, said("b"))).toHaveLength(1);
  });

  test("a call's proof goes to the call behind it", () => {
    const encrypted = writeProof({ kind: "call", value: "sig==" }, "google");
    expect(
      blocksOf(
        { type: "reasoning", summary: [], encrypted_content: encrypted },
        { type: "function_call", call_id: "1", name: "f", arguments: "{}" },
        { type: "function_call", call_id: "2", name: "f", arguments: "{}" },
      ),
    ).toEqual([
      [
        { kind: "tool-call", id: "1", name: "f", arguments: "{}", signature: "sig==" },
        { kind: "tool-call", id: "2", name: "f", arguments: "{}" },
      ],
    ]);
  });

  test("a null counts as absent", () => {
    const chat = read({
      instructions: null,
      tools: null,
      tool_choice: null,
      text: null,
      reasoning: null,
      include: null,
      store: null,
      previous_response_id: null,
      conversation: null,
      prompt: null,
      stream: null,
    });
    expect(chat).toEqual({
      model: "m",
      stream: false,
      includeUsage: true,
      messages: [{ role: "user", blocks: [{ kind: "text", text: "Hi" }] }],
    });
  });
});

describe("a choice of tools", () => {
  const tools = [
    { type: "function", name: "f", parameters: {} },
    { type: "custom", name: "c" },
    { type: "local_shell" },
  ];
  test.each<[JsonValue, unknown]>([
    ["required", { mode: "required" }],
    [
      { type: "function", name: "f" },
      { mode: "tool", name: "f" },
    ],
    [
      { type: "custom", name: "c" },
      { mode: "tool", name: "c" },
    ],
    [{ type: "local_shell" }, { mode: "tool", name: "local_shell" }],
    [
      { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }, { type: "mcp" }] },
      { mode: "allowed", names: ["f", "mcp"], required: false },
    ],
    [{ type: "web_search" }, undefined],
  ])("%j", (choice, expected) => {
    const chat = read({ tools, tool_choice: choice });
    expect(chat.toolChoice).toEqual(expected as Chat["toolChoice"]);
    expect(chat.native?.fields["tool_choice"]).toEqual(expected === undefined ? choice : undefined);
  });
});

describe("a proof", () => {
  test.each(["signature", "redacted", "call"] as const)("of kind %s comes back", (kind) => {
    const proof = { kind, value: "a:b\n==" };
    expect(readProof(writeProof(proof, "anthropic"))).toEqual(proof);
  });

  test.each(["gAAAAABl", "turnpike:v1:x:other:y", "turnpike:v1:signature:y", ""])("%j is none", (text) => {
    expect(readProof(text)).toBeUndefined();
  });

  test("of an upstream of this API is given back as it was", () => {
    expect(writeProof({ kind: "signature", value: "openai-responses:gAAA" }, "openai")).toBe("gAAA");
  });
});
