import { describe, expect, test } from "bun:test";
import { runAll } from "../../src/lib/reducer.ts";
import { decodeSse } from "../../src/lib/sse.ts";
import { fold, unfold } from "../../src/providers/chat-events.ts";
import type { ReplyOptions } from "../../src/providers/dialect.ts";
import { openaiResponses } from "../../src/providers/openai-responses.ts";
import type { Block, ChatEvent, ChatReply } from "../../src/schema/chat.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";

const OPTIONS: ReplyOptions = { provider: "test", strict: true, includeUsage: false, now: 1_790_000_000 };

const written = (events: readonly ChatEvent[], options = OPTIONS): readonly JsonObject[] => {
  const text = runAll(openaiResponses.writeStream(options), events).join("");
  const frames = runAll(decodeSse(), [new TextEncoder().encode(text)]);
  return frames.map(({ data }) => JSON.parse(data) as JsonObject); // what we wrote is JSON
};

const read = (...frames: readonly JsonObject[]): readonly ChatEvent[] =>
  runAll(
    openaiResponses.readStream(),
    frames.map((frame) => ({ data: JSON.stringify(frame) })),
  );

const replyOf = (...blocks: readonly Block[]): ChatReply => ({
  id: "x",
  model: "m",
  choices: [{ index: 0, blocks, finish: "stop" }],
});

const outputOf = (reply: ChatReply, request?: JsonObject): JsonValue | undefined =>
  openaiResponses.writeReply(reply, request === undefined ? OPTIONS : { ...OPTIONS, request }).body["output"];

const call = (name: string, text: string, more: Partial<Block> = {}): Block =>
  ({ kind: "tool-call", id: "c1", name, arguments: text, ...more }) as Block; // a tool call's own fields

describe("calls are written as the client declared the tool", () => {
  const request = {
    tools: [
      { type: "custom", name: "patch" },
      { type: "local_shell" },
      { type: "shell", environment: { type: "local" } },
      { type: "apply_patch" },
      { type: "tool_search", execution: "client" },
      { type: "function", name: "f" },
    ],
    input: [{ type: "additional_tools", role: "developer", tools: [{ type: "custom", name: "late" }] }],
  };
  test.each<[string, Block, JsonObject]>([
    ["free text", call("patch", '{"input":"a\\nb"}'), { type: "custom_tool_call", input: "a\nb" }],
    ["free text that is no JSON", call("patch", "a b"), { type: "custom_tool_call", input: "a b" }],
    ["free text as it is", call("patch", "{}", { custom: true }), { type: "custom_tool_call", input: "{}" }],
    [
      "a shell command",
      call("local_shell", '{"command":["ls"]}'),
      { type: "local_shell_call", action: { type: "exec", command: ["ls"], env: {} } },
    ],
    [
      "a shell call without a command",
      call("local_shell", "{"),
      { type: "function_call", name: "local_shell", arguments: "{" },
    ],
    [
      "commands",
      call("shell", '{"commands":["ls"],"timeout_ms":9}'),
      {
        type: "shell_call",
        action: { commands: ["ls"], timeout_ms: 9, max_output_length: null },
        environment: { type: "local" },
      },
    ],
    [
      "a patch",
      call("apply_patch", '{"type":"create_file","path":"a","diff":"+b"}'),
      { type: "apply_patch_call", operation: { type: "create_file", path: "a", diff: "+b" } },
    ],
    [
      "a patch without a diff",
      call("apply_patch", '{"type":"update_file","path":"a"}'),
      { type: "function_call", name: "apply_patch" },
    ],
    [
      "a search for tools",
      call("tool_search", '{"query":"q"}'),
      { type: "tool_search_call", execution: "client", arguments: { query: "q" }, status: "completed" },
    ],
    ["a tool that came later", call("late", '{"input":"a"}'), { type: "custom_tool_call", input: "a" }],
    ["arguments", call("f", '{"a":1}'), { type: "function_call", name: "f", arguments: '{"a":1}' }],
    ["no arguments", call("f", ""), { type: "function_call", arguments: "{}" }],
  ])("%s", (_name, block, expected) => {
    expect(outputOf(replyOf(block), request)).toMatchObject([{ ...expected, call_id: "c1" }]);
  });

  test("free text is told in one piece, live where the upstream has it as such", () => {
    const types = (custom: boolean): readonly unknown[] => {
      const at = { choice: 0, block: 0 };
      const start = { kind: "tool-call", id: "c", name: "patch", ...(custom ? { custom } : {}) } as const;
      const said = custom ? ["a", "b"] : ['{"input":', '"ab"}'];
      const deltas = said.map((text) => ({ kind: "arguments", text }) as const);
      const events: ChatEvent[] = [
        { type: "start", id: "x", model: "m" },
        { type: "block-start", ...at, start },
        ...deltas.map((delta) => ({ type: "block-delta", ...at, delta }) as const),
        { type: "block-stop", ...at },
        { type: "end" },
      ];
      return written(events, { ...OPTIONS, request }).flatMap(({ delta }) =>
        delta === undefined ? [] : [delta],
      );
    };
    expect(types(true)).toEqual(["a", "b"]);
    expect(types(false)).toEqual(["ab"]);
  });
});

describe("an answer is written", () => {
  test("with ids made of the upstream's, or of the time", () => {
    const idOf = (id: string): unknown =>
      openaiResponses.writeReply({ ...replyOf(), id }, OPTIONS).body["id"];
    expect(["resp_1", "msg_1", "chatcmpl-1", "a b/1", ""].map(idOf)).toEqual([
      "resp_1",
      "resp_1",
      "resp_1",
      "resp_a_b_1",
      "resp_1790000000",
    ]);
  });

  test("with the proof of a call before the call", () => {
    const output = outputOf(replyOf(call("f", "{}", { signature: "sig" })));
    expect(output).toMatchObject([
      { type: "reasoning", summary: [], encrypted_content: "turnpike:v1:test:call:sig" },
      { type: "function_call", call_id: "c1" },
    ]);
  });

  test("with notes for what the API has no word for", () => {
    const reply: ChatReply = {
      ...replyOf(
        { kind: "text", text: "a", citations: [{ type: "char_location" }] },
        { kind: "opaque", dialect: "anthropic-messages", value: { type: "server_tool_use" } },
        { kind: "image", source: { kind: "url", url: "https://example.com" } },
      ),
      native: { dialect: "openai-chat", fields: { system_fingerprint: "fp", x: null } },
    };
    const twice = { ...reply, choices: [...reply.choices, ...reply.choices] };
    expect(openaiResponses.writeReply(twice, OPTIONS).notes).toEqual([
      "output.0.citations",
      "output.1 (server_tool_use)",
      "output.2 (image)",
      "n",
      "system_fingerprint",
    ]);
  });

  test("with what the request asked for", () => {
    const request = {
      tools: [],
      temperature: 0.2,
      metadata: { a: "b" },
      text: { verbosity: "low" },
      store: true,
    };
    expect(openaiResponses.writeReply(replyOf(), { ...OPTIONS, request }).body).toMatchObject({
      temperature: 0.2,
      metadata: { a: "b" },
      text: { format: { type: "text" }, verbosity: "low" },
      store: false,
      top_p: null,
    });
  });

  test("as one failed response after an error, and nothing more", () => {
    const fault = { status: 429, message: "Slow", type: null, param: null, code: null };
    const events = written([
      { type: "start", id: "x", model: "m" },
      { type: "error", fault },
      { type: "end" },
    ]);
    expect(events.map(({ type }) => type)).toEqual([
      "response.created",
      "response.in_progress",
      "error",
      "response.failed",
    ]);
    expect(events[2]).toMatchObject({ code: "rate_limit_exceeded", error: { code: "rate_limit_exceeded" } });
    expect(events[3]).toMatchObject({ response: { status: "failed", error: { message: "Slow" } } });
    expect(written([{ type: "error", fault }])).toMatchObject([{ type: "error", sequence_number: 0 }]);
  });
});

describe("a stream is read", () => {
  const created = { type: "response.created", response: { id: "r", model: "m" } };
  const completed = { type: "response.completed", response: { id: "r", status: "completed", output: [] } };

  test("with free text as such", () => {
    const item = { type: "custom_tool_call", call_id: "c", name: "run" };
    const events = read(
      created,
      { type: "response.output_item.added", output_index: 0, item: { ...item, input: "" } },
      { type: "response.custom_tool_call_input.delta", output_index: 0, delta: "ls" },
      { type: "response.output_item.done", output_index: 0, item: { ...item, input: "ls" } },
      completed,
    );
    expect(fold(events).choices[0]).toEqual({
      index: 0,
      blocks: [{ kind: "tool-call", id: "c", name: "run", arguments: "ls", custom: true }],
      finish: "tool-calls",
    });
  });

  test("only to its end", () => {
    expect(read(created, completed, { type: "error", message: "late" }).at(-1)).toEqual({ type: "end" });
    expect(read(created).map(({ type }) => type)).toEqual(["start"]);
  });

  test("up to what is no JSON", () => {
    const events = runAll(openaiResponses.readStream(), [
      { data: "oops" },
      { data: JSON.stringify(created) },
    ]);
    expect(events).toMatchObject([{ type: "error", fault: { status: 502 } }]);
  });
});

describe("a reply is not read", () => {
  test.each<[string, JsonObject]>([
    ["Oh", { status: "failed", error: { code: "server_error", message: "Oh" }, output: [] }],
    ["The reply has no output", { status: "completed" }],
    ["The response is not finished", { status: "queued", output: [] }],
  ])("%s", (message, body) => {
    expect(() => openaiResponses.readReply(body)).toThrow(message);
  });
});

test("a reply of every kind of block comes back", () => {
  const reply: ChatReply = {
    id: "resp_x",
    model: "m",
    created: 5,
    serviceTier: "priority",
    choices: [
      {
        index: 0,
        blocks: [
          { kind: "reasoning", text: "hm", signature: "openai-responses:gAAA" },
          { kind: "text", text: "a" },
          { kind: "text", text: "b", citations: [{ type: "url_citation", url_citation: { url: "u" } }] },
          { kind: "refusal", text: "no" },
          { kind: "opaque", dialect: "openai-responses", value: { type: "web_search_call", id: "ws_1" } },
          { kind: "tool-call", id: "1", name: "f", arguments: "{}" },
          { kind: "tool-call", id: "2", name: "g", arguments: "ls", custom: true },
        ],
        finish: "tool-calls",
      },
    ],
    usage: { input: 3, output: 4, cacheRead: 1, cacheWrite: 1, reasoning: 2 },
  };
  const again = fold(read(...written(unfold(reply))));
  expect(withoutNative(again)).toEqual(reply);
  const whole = openaiResponses.readReply(openaiResponses.writeReply(reply, OPTIONS).body);
  expect(withoutNative(whole)).toEqual(reply);
});

/** Without the usage as the wire had it. */
const withoutNative = (reply: ChatReply): ChatReply => {
  if (reply.usage === undefined) return reply;
  const { native: _, ...usage } = reply.usage;
  return { ...reply, usage };
};
