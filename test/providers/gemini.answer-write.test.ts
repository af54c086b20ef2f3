import { describe, expect, test } from "bun:test";
import { runAll } from "../../src/lib/reducer.ts";
import { unfold } from "../../src/providers/chat-events.ts";
import { writeReply, writeStream } from "../../src/providers/gemini.answer-write.ts";
import { writeError } from "../../src/providers/gemini.errors-write.ts";
import type { Block, ChatReply, Finish } from "../../src/schema/chat.ts";

const OPTIONS = { provider: "test", strict: true, includeUsage: true, now: 0 };

const replyOf = (blocks: readonly Block[], finish: Finish = "stop", raw?: string): ChatReply => ({
  id: "r",
  model: "m",
  choices: [{ index: 0, blocks, finish, ...(raw === undefined ? {} : { raw }) }],
});

const call = (text: string, more: Partial<Extract<Block, { kind: "tool-call" }>> = {}): Block => ({
  kind: "tool-call",
  id: "c",
  name: "f",
  arguments: text,
  ...more,
});

describe("a call", () => {
  test("whose arguments are no object is a malformed one, and no call", () => {
    const { body, notes } = writeReply(replyOf([call('{"a":')], "tool-calls"), OPTIONS);
    expect(body["candidates"]).toEqual([
      {
        content: { parts: [{ text: "" }], role: "model" },
        finishReason: "MALFORMED_FUNCTION_CALL",
        finishMessage: "Malformed function call: the arguments of f are not a JSON object",
        index: 0,
      },
    ]);
    expect(notes).toEqual(["functionCall f (arguments)"]);
  });

  test("that was cut by the limit ends for that reason", () => {
    const { body } = writeReply(replyOf([call('{"a":')], "length"), OPTIONS);
    expect(body["candidates"]).toMatchObject([{ finishReason: "MAX_TOKENS" }]);
    expect(JSON.stringify(body)).not.toContain("functionCall");
  });

  test("of a tool that takes text has it as its input", () => {
    const { body } = writeReply(replyOf([call("ls -l", { custom: true })], "tool-calls"), OPTIONS);
    expect(body["candidates"]).toMatchObject([
      { content: { parts: [{ functionCall: { id: "c", name: "f", args: { input: "ls -l" } } }] } },
    ]);
  });

  test("keeps the signature of the thoughts before it once", () => {
    const thought: Block = { kind: "reasoning", text: "Hm.", signature: "gemini:c2ln" };
    const { body } = writeReply(replyOf([thought, call("{}", { signature: "c2ln" })], "tool-calls"), OPTIONS);
    expect(body["candidates"]).toMatchObject([
      {
        content: {
          parts: [
            { text: "Hm.", thought: true },
            { functionCall: { name: "f" }, thoughtSignature: "c2ln" },
          ],
        },
      },
    ]);
  });
});

test.each<[Finish, string | undefined, string]>([
  ["stop", "end_turn", "STOP"],
  ["stop-sequence", undefined, "STOP"],
  ["tool-calls", "tool_calls", "STOP"],
  ["length", "length", "MAX_TOKENS"],
  ["context-length", undefined, "MAX_TOKENS"],
  ["content-filter", "content_filter", "SAFETY"],
  ["content-filter", "RECITATION", "RECITATION"],
  ["refusal", "refusal", "SAFETY"],
  ["pause", "pause_turn", "OTHER"],
  ["unknown", undefined, "OTHER"],
])("the end %p (%p) is told as %p", (finish, raw, word) => {
  const { body } = writeReply(replyOf([{ kind: "text", text: "Hi" }], finish, raw), OPTIONS);
  expect(body["candidates"]).toMatchObject([{ finishReason: word }]);
});

test("thoughts stay with who did not ask for them", () => {
  const reply = replyOf([
    { kind: "reasoning", text: "Hm.", signature: "s" },
    { kind: "redacted", data: "d" },
    { kind: "text", text: "Hi" },
  ]);
  const { body } = writeReply(reply, { ...OPTIONS, request: { contents: [] } });
  expect(body["candidates"]).toMatchObject([{ content: { parts: [{ text: "Hi" }] } }]);
});

test("what another API alone has is noted", () => {
  const reply = replyOf([
    { kind: "opaque", dialect: "anthropic-messages", value: { type: "server_tool_use" } },
    { kind: "text", text: "Hi", citations: [{ type: "char_location" }] },
  ]);
  expect(writeReply(reply, OPTIONS).notes).toEqual(["content (server_tool_use)", "citations"]);
});

test("speech of Gemini's own comes back, that of others has no form", () => {
  const said = { type: "audio", audio: { data: "AAE=" } };
  const mimeType = "audio/L16;codec=pcm;rate=24000";
  const own = replyOf([{ kind: "opaque", dialect: "openai-chat", value: { ...said, mimeType } }]);
  expect(writeReply(own, OPTIONS).body["candidates"]).toMatchObject([
    { content: { parts: [{ inlineData: { mimeType, data: "AAE=" } }] } },
  ]);
  const others = replyOf([{ kind: "opaque", dialect: "openai-chat", value: said }]);
  expect(writeReply(others, OPTIONS).notes).toEqual(["content (audio)"]);
});

test("after an error nothing is written that looks like an end", () => {
  const fault = { status: 503, message: "Overloaded", type: null, param: null, code: null };
  const [start, ...rest] = unfold(replyOf([{ kind: "text", text: "Hi" }]));
  if (start === undefined) throw new Error("A reply unfolds to events");
  const written = runAll(writeStream(OPTIONS), [start, { type: "error", fault }, ...rest]);
  expect(written).toEqual(['data: {"error":{"code":503,"message":"Overloaded","status":"UNAVAILABLE"}}\n\n']);
});

test.each([
  [400, "INVALID_ARGUMENT"],
  [404, "NOT_FOUND"],
  [413, "INVALID_ARGUMENT"],
  [429, "RESOURCE_EXHAUSTED"],
  [502, "UNAVAILABLE"],
  [504, "DEADLINE_EXCEEDED"],
  [529, "UNAVAILABLE"],
])("status %p has its word", (status, word) => {
  const fault = { status, message: "No", type: null, param: "contents", code: null };
  expect(writeError(fault, "openai")).toEqual({
    error: {
      code: status,
      message: "openai error: No",
      status: word,
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.BadRequest",
          fieldViolations: [{ field: "contents", description: "No" }],
        },
      ],
    },
  });
});
