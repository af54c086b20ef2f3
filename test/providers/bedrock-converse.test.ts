/** What Bedrock's cases do not reach: odd frames, odd replies, odd errors. */
import { describe, expect, test } from "bun:test";
import type { SseEvent } from "../../src/lib/sse.ts";
import { runAll } from "../../src/lib/reducer.ts";
import { bedrockConverse } from "../../src/providers/bedrock-converse.ts";
import { named, naming } from "../../src/providers/answer-name.ts";
import { fold } from "../../src/providers/chat-events.ts";
import type { ChatEvent, Message } from "../../src/schema/chat.ts";
import { MalformedReply } from "../../src/schema/errors.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const frame = (event: string, data: JsonObject): SseEvent => ({ event, data: JSON.stringify(data) });
const events = (...frames: readonly SseEvent[]): readonly ChatEvent[] =>
  runAll(bedrockConverse.readStream(), frames);
const START = frame("messageStart", { role: "assistant" });
const STOP = frame("messageStop", { stopReason: "end_turn" });
const METADATA = frame("metadata", { usage: { inputTokens: 1, outputTokens: 2 } });
const delta = (contentBlockIndex: number, said: JsonObject): SseEvent =>
  frame("contentBlockDelta", { contentBlockIndex, delta: said });
const blocks = (...frames: readonly SseEvent[]) =>
  fold(events(START, ...frames, STOP, METADATA)).choices[0]?.blocks;

describe("a stream", () => {
  test("opens a block for each kind that an index says", () => {
    const said = blocks(delta(0, { reasoningContent: { text: "Hm" } }), delta(0, { text: "Hi" }));
    expect(said).toEqual([
      { kind: "reasoning", text: "Hm" },
      { kind: "text", text: "Hi" },
    ]);
  });

  test("joins an image of the model's, whose pieces are base64 of their own", () => {
    const image = { format: "png", source: { bytes: "AAAA" } };
    const url = "data:image/png;base64,AAAA";
    const part = { kind: "opaque", dialect: "openai-chat", value: { type: "image_url", image_url: { url } } };
    expect(
      blocks(
        frame("contentBlockStart", { contentBlockIndex: 0, start: { image: { format: "png" } } }),
        delta(0, { image: { source: { bytes: "AA==" } } }),
        delta(0, { image: { source: { bytes: "AAA=" } } }),
        frame("contentBlockStop", { contentBlockIndex: 0 }),
      ),
    ).toMatchObject([part]);
    const reply = { output: { message: { content: [{ image }] } }, stopReason: "end_turn" };
    expect(bedrockConverse.readReply(reply).choices[0]?.blocks).toMatchObject([part]);
  });

  test("keeps a server tool's broken input as text", () => {
    const toolUse = { toolUseId: "t", name: "n", type: "server_tool_use" };
    expect(
      blocks(
        frame("contentBlockStart", { contentBlockIndex: 0, start: { toolUse } }),
        delta(0, { toolUse: { input: '{"q' } }),
        frame("contentBlockStop", { contentBlockIndex: 0 }),
      ),
    ).toMatchObject([{ value: { toolUse: { ...toolUse, input: '{"q' } } }]);
  });

  test("passes over what it does not know", () => {
    expect(
      blocks(
        frame("somethingNew", { a: 1 }),
        frame("contentBlockStop", { contentBlockIndex: 9 }),
        frame("contentBlockDelta", {}),
        frame("contentBlockStart", {}),
        delta(0, { text: "" }),
        delta(0, { text: "Hi" }),
      ),
    ).toEqual([{ kind: "text", text: "Hi" }]);
  });

  test("says nothing after its end or its error", () => {
    expect(events(START, STOP, METADATA, delta(0, { text: "late" })).at(-1)).toEqual({ type: "end" });
    const error = frame("validationException", { message: "No" });
    expect(events(START, error, delta(0, { text: "late" }), STOP)).toHaveLength(2);
  });

  test("that is not JSON is an error", () => {
    expect(events(START, { event: "contentBlockDelta", data: "{" }).at(-1)).toMatchObject({
      type: "error",
      fault: { status: 500, message: "A stream event is not JSON" },
    });
  });

  test.each([
    ["throttlingException", 429],
    ["modelStreamErrorException", 424],
    ["modelTimeoutException", 408],
    ["serviceUnavailableException", 503],
    ["internalServerException", 500],
    ["InternalFailure", 500],
  ])("ends with %s as %p", (event, status) => {
    const error = frame(event, { message: "No" });
    expect(events(START, error).at(-1)).toMatchObject({ type: "error", fault: { status, message: "No" } });
    expect(bedrockConverse.glance(error).fault?.status).toBe(status);
  });

  test("that fails without a word names its exception", () => {
    expect(events({ event: "throttlingException", data: "" })).toMatchObject([
      { fault: { message: "throttlingException", type: "ThrottlingException" } },
    ]);
  });
});

describe("a glance", () => {
  test("tells what a frame is worth", () => {
    expect(bedrockConverse.glance(START)).toEqual({});
    expect(bedrockConverse.glance(delta(0, { text: "Hi" }))).toEqual({ content: true });
    expect(bedrockConverse.glance(STOP)).toEqual({ finish: "end_turn" });
    expect(bedrockConverse.glance(METADATA).usage).toMatchObject({ input: 1, output: 2 });
    expect(bedrockConverse.glance({ data: "{}" })).toEqual({});
    expect(bedrockConverse.glanceReply({ stopReason: "end_turn" })).toEqual({ finish: "end_turn" });
  });
});

describe("a reply", () => {
  test.each([
    [{ message: "No such model" }, "No such model"],
    [{ Message: "Denied" }, "Denied"],
    [{}, "The reply has no message"],
    [{ output: { message: { content: ["x"] } } }, "A content block is not an object"],
  ])("that is none says so: %p", (body, message) => {
    expect(() => bedrockConverse.readReply(body)).toThrow(new MalformedReply(message));
  });

  test("has the name it is given where it says none", () => {
    const name = { id: "id-1", model: "m" };
    const reply = { output: { message: { content: [] } }, stopReason: "end_turn" };
    expect(named(bedrockConverse.readReply(reply), name)).toMatchObject(name);
    expect(runAll(naming(name), events(START, STOP, METADATA))[0]).toMatchObject({ type: "start", ...name });
    const own = { id: "a", model: "b", choices: [] };
    expect(named(own, name)).toBe(own);
  });

  test("tells the tier that answered", () => {
    const reply = {
      output: { message: { content: [] } },
      stopReason: "end_turn",
      serviceTier: { type: "flex" },
    };
    expect(bedrockConverse.readReply(reply).serviceTier).toBe("flex");
  });
});

const HELLO = { kind: "text", text: "Hello" } as const;
const ASKED = { role: "user", blocks: [HELLO] } as const;
const SAID = { role: "user", content: [{ text: "Hello" }] };
const USER = { role: "user", content: [{ text: "." }] };
const written = (messages: readonly Message[], model = "us.amazon.nova-pro-v1:0") =>
  bedrockConverse.writeRequest(
    { model, messages, stream: false, includeUsage: false },
    { provider: "bedrock", option: () => undefined },
  );

test.each([
  ["us.anthropic.claude-sonnet-4-5-v1:0", [{ role: "assistant", content: [{ text: "It is" }] }]],
  [
    "us.anthropic.claude-sonnet-4-6",
    [
      { role: "assistant", content: [{ text: "It is " }] },
      { role: "user", content: [{ text: "Go on exactly where you left off." }] },
    ],
  ],
])("a last turn of the assistant's is as %s takes it", (model, messages) => {
  const begun = { role: "assistant", blocks: [{ kind: "text", text: "It is " }] } as const;
  expect(written([begun], model).body["messages"]).toEqual([USER, ...messages]);
});

test("a conversation begins with a user", () => {
  const { body, notes } = written([{ role: "assistant", blocks: [HELLO] }, ASKED]);
  expect(body["messages"]).toEqual([USER, { role: "assistant", content: [{ text: "Hello" }] }, SAID]);
  expect(notes).toEqual(["messages.0 (a user's turn is put before it)"]);
});

test.each([
  [false, { toolUseId: "c", content: [{ text: "" }] }],
  [true, { toolUseId: "c", content: [{ text: "error" }], status: "error" }],
])("a result with nothing in it (an error: %p) is not empty", (isError, toolResult) => {
  const result = { kind: "tool-result", callId: "c", content: [], isError } as const;
  const { body } = written([ASKED, { role: "tool", blocks: [result] }]);
  expect(body["messages"]).toEqual([{ role: "user", content: [...SAID.content, { toolResult }] }]);
});

describe("an error", () => {
  const typed = (type: string): Headers => new Headers({ "x-amzn-errortype": type });
  test.each([
    [
      { message: "No" },
      typed("ValidationException:http://x/"),
      { message: "No", type: "ValidationException" },
    ],
    [{ Message: "No" }, new Headers(), { message: "No", type: null }],
    [
      { message: "", Message: "No", __type: "com.amazon#AccessDenied" },
      undefined,
      { message: "No", type: "AccessDenied" },
    ],
    [
      { detail: [{ loc: ["body", "messages"], msg: "Field required", type: "missing" }] },
      undefined,
      { message: "messages: Field required", param: "messages" },
    ],
    ["<html><b>Down</b></html>", typed(""), { message: "Down", type: null }],
    [undefined, undefined, { message: "HTTP 418" }],
  ])("is read from %p", (body, headers, expected) => {
    expect(bedrockConverse.readError(418, body, headers)).toMatchObject({ status: 418, ...expected });
  });
});
