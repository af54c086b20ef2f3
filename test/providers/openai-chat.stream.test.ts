import { describe, expect, test } from "bun:test";
import type { SseEvent } from "../../src/lib/sse.ts";
import { decodeSse } from "../../src/lib/sse.ts";
import { pipe, runAll } from "../../src/lib/reducer.ts";
import { fold, unfold } from "../../src/providers/chat-events.ts";
import type { ReplyOptions } from "../../src/providers/dialect.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import { openaiResponses } from "../../src/providers/openai-responses.ts";
import type { Block, ChatEvent, ChatReply } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const DONE: SseEvent = { data: "[DONE]" };
const frame = (body: JsonObject): SseEvent => ({ data: JSON.stringify(body) });
const chunk = (delta: JsonObject | null, more: JsonObject = {}): SseEvent =>
  frame({ id: "c", model: "m", choices: [{ index: 0, delta, finish_reason: null, ...more }] });
const finished = (word: string): SseEvent => chunk({}, { finish_reason: word });
const call = (fields: JsonObject): SseEvent => chunk({ tool_calls: [fields] });

const read = (...frames: readonly SseEvent[]): readonly ChatEvent[] =>
  runAll(openaiChat.readStream(), frames);
const blocksOf = (...frames: readonly SseEvent[]): readonly Block[] | undefined =>
  fold(read(...frames, finished("stop"), DONE)).choices[0]?.blocks;

const STRICT: ReplyOptions = { provider: "anthropic", strict: true, includeUsage: true, now: 1_790_000_000 };
const LOOSE: ReplyOptions = { ...STRICT, strict: false };
const write = (events: readonly ChatEvent[], options: ReplyOptions): string =>
  runAll(openaiChat.writeStream(options), events).join("");
const bytes = new TextEncoder();
const reread = (text: string): ChatReply =>
  fold(runAll(pipe(decodeSse(), openaiChat.readStream()), [bytes.encode(text)]));

/** The choices' deltas of a written stream, one a frame. */
const deltas = (text: string): readonly unknown[] =>
  runAll(decodeSse(), [bytes.encode(text)])
    .filter(({ data }) => data !== "[DONE]")
    .map(({ data }) => (JSON.parse(data) as { choices: { delta: unknown }[] }).choices[0]?.delta);

test("a call's tail under another index than its head's is its own", () => {
  const head = (id: string, index: number): SseEvent =>
    call({ index, id, type: "function", function: { name: "f", arguments: "" } });
  const tail = (index: number, text: string): SseEvent => call({ index, function: { arguments: text } });
  expect(blocksOf(head("c1", 0), tail(0, '{"a":1}'), head("c2", 0), tail(1, '{"a":'), tail(1, "2}"))).toEqual(
    [
      { kind: "tool-call", id: "c1", name: "f", arguments: '{"a":1}' },
      { kind: "tool-call", id: "c2", name: "f", arguments: '{"a":2}' },
    ],
  );
});

test.each(["stop", undefined])("an answer that calls ends for its calls, where it says %p", (word) => {
  const called = call({ index: 0, id: "c1", type: "function", function: { name: "f", arguments: "{}" } });
  const ending = word === undefined ? [DONE] : [finished(word), DONE];
  expect(fold(read(called, ...ending)).choices[0]?.finish).toBe("tool-calls");
});

describe("reading", () => {
  test("what is said amid the arguments of a call, behind them", () => {
    const frames = [
      call({ index: 0, id: "call_1", function: { name: "find", arguments: '{"port":' } }),
      chunk({ content: "\n" }),
      call({ index: 0, function: { arguments: '"Brest"}' } }),
      chunk({ content: "Look" }),
      call({ index: 1, id: "call_2", function: { name: "go", arguments: "" } }),
      chunk({ content: "ing" }),
      finished("tool_calls"),
      DONE,
    ];
    const blocks = [
      { kind: "tool-call", id: "call_1", name: "find", arguments: '{"port":"Brest"}' },
      { kind: "text", text: "\nLook" },
      { kind: "tool-call", id: "call_2", name: "go", arguments: "" },
      { kind: "text", text: "ing" },
    ];
    const events = read(...frames);
    expect(fold(events).choices[0]?.blocks as unknown).toEqual(blocks);
    const written = runAll(openaiResponses.writeStream({ ...STRICT, provider: "vllm" }), events).join("");
    expect(written).toContain(String.raw`"arguments":"{\"port\":\"Brest\"}"`);
  });

  test("text, its finish and its usage", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const events = read(
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "He" }),
      chunk({ content: "y" }),
      finished("stop"),
      frame({ id: "c", model: "m", choices: [], usage }),
      DONE,
    );
    const place = { choice: 0, block: 0 };
    expect(events).toEqual([
      { type: "start", id: "c", model: "m" },
      { type: "block-start", ...place, start: { kind: "text" } },
      { type: "block-delta", ...place, delta: { kind: "text", text: "He" } },
      { type: "block-delta", ...place, delta: { kind: "text", text: "y" } },
      { type: "block-stop", ...place },
      { type: "finish", choice: 0, finish: "stop", raw: "stop" },
      {
        type: "usage",
        usage: { input: 1, output: 2, native: { dialect: "openai-chat", fields: usage } },
      },
      { type: "end" },
    ]);
  });

  test("reasoning comes before text, in blocks of their own", () => {
    expect(
      blocksOf(
        chunk({ content: null, reasoning_content: "h" }),
        chunk({ content: null, reasoning_content: "m" }),
        chunk({ content: "a", reasoning_content: null }),
      ),
    ).toEqual([
      { kind: "reasoning", text: "hm" },
      { kind: "text", text: "a" },
    ]);
  });

  test("a signature may follow the text, and each detail index is a block", () => {
    const details = (...reasoning_details: readonly JsonObject[]): SseEvent => chunk({ reasoning_details });
    expect(
      blocksOf(
        details({ type: "reasoning.text", text: "one", index: 0 }),
        details({ type: "reasoning.text", text: "two", index: 1 }),
        details({ type: "reasoning.encrypted", data: "R", index: 2 }),
        chunk({ content: "a", reasoning_details: [{ type: "reasoning.text", signature: "S", index: 1 }] }),
      ),
    ).toEqual([
      { kind: "reasoning", text: "one" },
      { kind: "reasoning", text: "two", signature: "S" },
      { kind: "redacted", data: "R" },
      { kind: "text", text: "a" },
    ]);
  });

  const F = { name: "f", arguments: "" };
  test.each<[string, readonly SseEvent[], readonly (readonly [string, string])[]]>([
    [
      "interleaved by index",
      [
        call({ index: 0, id: "1", type: "function", function: F }),
        call({ index: 1, id: "2", type: "function", function: F }),
        call({ index: 0, function: { arguments: "{}" } }),
        call({ index: 1, function: { arguments: "[]" } }),
      ],
      [
        ["1", "{}"],
        ["2", "[]"],
      ],
    ],
    [
      "all with index 0 and ids of their own (Gemini)",
      [
        call({ index: 0, id: "1", function: { name: "f", arguments: "{}" } }),
        call({ index: 0, id: "2", function: { name: "f", arguments: "[]" } }),
      ],
      [
        ["1", "{}"],
        ["2", "[]"],
      ],
    ],
    [
      "with a new id in every delta (old vLLM)",
      [
        call({ index: 0, id: "1", function: F }),
        call({ index: 0, id: "x", function: { name: null, arguments: "{}" } }),
      ],
      [["1", "{}"]],
    ],
    [
      "without index",
      [
        call({ id: "1", function: F }),
        call({ function: { arguments: "{}" } }),
        call({ id: "2", function: F }),
        call({ id: "1", function: { arguments: " " } }),
      ],
      [
        ["1", "{} "],
        ["2", ""],
      ],
    ],
    [
      "without index or id",
      [chunk({ tool_calls: [{ function: { name: "f", arguments: "{}" } }, { function: F }] })],
      [
        ["call_c_0_0", "{}"],
        ["call_c_0_1", ""],
      ],
    ],
    [
      "as the older function_call",
      [chunk({ function_call: F }), chunk({ function_call: { arguments: "{}" } })],
      [["call_c_0_0", "{}"]],
    ],
  ])("tool calls %s", (_, frames, expected) => {
    expect(blocksOf(...frames)).toEqual(
      expected.map(([id, text]) => ({ kind: "tool-call", id, name: "f", arguments: text })),
    );
  });

  test("chunks that say nothing are passed over", () => {
    expect(
      blocksOf(
        frame({ id: "", model: "", choices: [], prompt_filter_results: [] }),
        chunk(null),
        frame({ id: "c", model: "m" }),
        chunk({ content: "a" }),
      ),
    ).toEqual([{ kind: "text", text: "a" }]);
  });

  test("choices are kept apart", () => {
    const of = (index: number, content: string): SseEvent => chunk({ content }, { index });
    const end = (index: number): SseEvent => chunk({}, { index, finish_reason: "stop" });
    const reply = fold(read(of(0, "a"), of(1, "x"), of(0, "b"), end(1), end(0), DONE));
    expect(reply.choices.map(({ blocks }) => blocks)).toEqual([
      [{ kind: "text", text: "ab" }],
      [{ kind: "text", text: "x" }],
    ]);
  });

  test("logprobs of all chunks join", () => {
    const logprobs = (token: string): JsonObject => ({ content: [{ token }], refusal: null });
    const reply = fold(
      read(
        chunk({ content: "a" }, { logprobs: logprobs("a") }),
        chunk({ content: "b" }, { logprobs: logprobs("b") }),
        finished("stop"),
        DONE,
      ),
    );
    expect(reply.choices[0]?.logprobs).toEqual({ content: [{ token: "a" }, { token: "b" }], refusal: null });
  });

  test("audio joins into one block", () => {
    const blocks = blocksOf(
      chunk({ audio: { id: "a", transcript: "he" } }),
      chunk({ audio: { data: "AA" } }),
      chunk({ audio: { data: "BB", transcript: "y" } }),
    );
    const audio = { id: "a", transcript: "hey", data: "AABB" };
    expect(blocks).toEqual([{ kind: "opaque", dialect: "openai-chat", value: { audio } }]);
  });

  test("usage in x_groq counts", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2 };
    const last = frame({
      id: "c",
      choices: [{ index: 0, delta: {}, finish_reason: "stop" }],
      x_groq: { usage },
    });
    expect(fold(read(chunk({ content: "a" }), last, DONE)).usage).toMatchObject({ input: 1, output: 2 });
  });
});

describe("the end of a stream", () => {
  const types = (...frames: readonly SseEvent[]): readonly string[] =>
    read(...frames).map(({ type }) => type);

  test("a close after the finish reason is an end", () => {
    expect(types(chunk({ content: "a" }), finished("stop"))).toContain("end");
  });

  test("a close before the finish reason is none", () => {
    expect(types(chunk({ content: "a" }))).toEqual(["start", "block-start", "block-delta"]);
  });

  test("[DONE] without a finish reason ends for an unknown reason", () => {
    expect(read(chunk({ content: "a" }), DONE).slice(-2)).toEqual([
      { type: "finish", choice: 0, finish: "unknown" },
      { type: "end" },
    ]);
  });

  test("[DONE] alone is no answer", () => {
    expect(read(DONE)).toEqual([]);
  });

  test("nothing is read after the end, and a repeated reason counts once", () => {
    const events = types(chunk({ content: "a" }), finished("stop"), finished("stop"), DONE, DONE, chunk({}));
    expect(events.filter((type) => type === "finish" || type === "end")).toEqual(["finish", "end"]);
    expect(events.at(-1)).toBe("end");
  });

  test.each<[SseEvent, object]>([
    [
      frame({ error: { message: "busy", type: "server_error", code: null } }),
      { status: 502, message: "busy", type: "server_error" },
    ],
    [frame({ error: { message: "slow", type: "rate_limit_error" } }), { status: 429, message: "slow" }],
    [frame({ error: "boom" }), { status: 502, message: "boom" }],
    [frame({ error: { code: 503, message: "x" }, choices: [] }), { status: 503, code: "503" }],
    [
      { event: "error", data: '{"detail":"x"}' },
      { status: 502, message: "x" },
    ],
    [frame({ object: "error", message: "vllm", code: 400 }), { status: 400, message: "vllm" }],
    [{ data: "<html>" }, { status: 502, message: "A chunk is not JSON" }],
  ])("the error frame %j is the last event", (bad, fault) => {
    const events = read(chunk({ content: "a" }), bad, chunk({ content: "b" }), finished("stop"), DONE);
    expect(events).toHaveLength(4);
    expect(events.at(-1)).toMatchObject({ type: "error", fault });
  });
});

const THOUGHT: ChatReply = {
  id: "msg_1",
  model: "claude",
  created: 5,
  choices: [
    {
      index: 0,
      blocks: [
        { kind: "reasoning", text: "hm", signature: "S" },
        { kind: "redacted", data: "R" },
        { kind: "text", text: "Hi" },
        { kind: "tool-call", id: "1", name: "f", arguments: '{"a":1}' },
        { kind: "tool-call", id: "2", name: "g", arguments: "{}" },
      ],
      finish: "tool-calls",
      raw: "tool_calls",
    },
  ],
  usage: { input: 10, output: 5, cacheRead: 0 },
};

describe("writing", () => {
  test("a strict stream, byte for byte", () => {
    const head =
      '{"id":"msg_1","object":"chat.completion.chunk","created":5,"model":"claude","provider":"anthropic"';
    const line = (delta: string, finish = "null"): string =>
      `data: ${head},"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}],"usage":null}\n\n`;
    expect(write(unfold(THOUGHT), STRICT)).toBe(
      [
        line('{"role":"assistant","content":""}'),
        line('{"content":"Hi"}'),
        line(
          '{"tool_calls":[{"index":0,"id":"1","type":"function","function":{"name":"f","arguments":""}}]}',
        ),
        line('{"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\":1}"}}]}'),
        line(
          '{"tool_calls":[{"index":1,"id":"2","type":"function","function":{"name":"g","arguments":""}}]}',
        ),
        line('{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}'),
        line("{}", '"tool_calls"'),
        `data: ${head},"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":0}}}\n\n`,
        "data: [DONE]\n\n",
      ].join(""),
    );
  });

  test("a loose stream carries the reasoning twice: as blocks and as text", () => {
    expect(deltas(write(unfold(THOUGHT), { ...LOOSE, includeUsage: false })).slice(0, 5)).toEqual([
      { role: "assistant", content: "" },
      { reasoning_content: "hm", content_blocks: [{ index: 0, delta: { thinking: "hm" } }] },
      { content_blocks: [{ index: 0, delta: { signature: "S" } }] },
      { content_blocks: [{ index: 1, delta: { data: "R" } }] },
      { content: "Hi", content_blocks: [{ index: 2, delta: { text: "Hi" } }] },
    ]);
  });

  test("usage is written only when asked for", () => {
    expect(write(unfold(THOUGHT), { ...STRICT, includeUsage: false })).not.toContain('"usage"');
  });

  test("created is now when the answer does not say", () => {
    expect(write([{ type: "start", id: "i", model: "m" }], STRICT)).toContain('"created":1790000000');
  });

  test("a call without arguments gets an empty object when it stops", () => {
    const place = { choice: 0, block: 0 };
    const text = write(
      [
        { type: "start", id: "i", model: "m" },
        { type: "block-start", ...place, start: { kind: "tool-call", id: "1", name: "f" } },
        { type: "block-stop", ...place },
      ],
      STRICT,
    );
    expect(deltas(text).at(-1)).toEqual({ tool_calls: [{ index: 0, function: { arguments: "{}" } }] });
  });

  test("every choice opens with the role", () => {
    const choice = (index: number) => ({
      index,
      blocks: [{ kind: "text", text: "a" } as const],
      finish: "stop" as const,
    });
    const text = write(unfold({ id: "i", model: "m", choices: [choice(0), choice(1)] }), STRICT);
    expect(text.split('"role":"assistant"')).toHaveLength(3);
    expect(reread(text).choices).toHaveLength(2);
  });

  test("an error is the last frame", () => {
    const fault = { status: 500, message: "x", type: null, param: null, code: null };
    const text = write(
      [{ type: "start", id: "i", model: "m" }, { type: "error", fault }, { type: "end" }],
      STRICT,
    );
    expect(text).toEndWith(openaiChat.writeStreamError(fault));
    expect(text).not.toContain("[DONE]");
  });

  test("what a loose stream says is read back whole", () => {
    const { usage: _, ...read } = reread(write(unfold(THOUGHT), LOOSE));
    const { usage: __, ...written } = THOUGHT;
    expect({ ...read, native: undefined }).toEqual({ ...written, native: undefined });
  });
});

test("a stream folds to what the whole reply says", () => {
  const head = { id: "c", created: 1, model: "m", service_tier: "default", system_fingerprint: "fp" };
  const body = {
    ...head,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: "Hi",
          reasoning_content: "hm",
          tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: '{"a":1}' } }],
        },
        finish_reason: "tool_calls",
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 2 },
  };
  const part = (delta: JsonObject, finish: string | null = null): SseEvent =>
    frame({
      ...head,
      object: "chat.completion.chunk",
      obfuscation: "xy",
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
  const events = read(
    part({ role: "assistant", content: "" }),
    part({ reasoning_content: "hm" }),
    part({ content: "Hi" }),
    part({
      tool_calls: [{ index: 0, id: "1", type: "function", function: { name: "f", arguments: '{"a"' } }],
    }),
    part({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }),
    part({}, "tool_calls"),
    frame({ ...head, choices: [], usage: body.usage }),
    DONE,
  );
  expect(fold(events)).toEqual(openaiChat.readReply(body));
});
