/** Streams of Gemini that end, break and go on in unusual ways, and what a glance sees in them. */
import { describe, expect, test } from "bun:test";
import { runAll } from "../../src/lib/reducer.ts";
import { fold } from "../../src/providers/chat-events.ts";
import { gemini } from "../../src/providers/gemini.ts";
import { MalformedReply } from "../../src/schema/errors.ts";
import type { JsonValue } from "../../src/schema/json.ts";

const frame = (value: JsonValue) => ({ data: JSON.stringify(value) });
const read = (...values: readonly JsonValue[]) => runAll(gemini.readStream(), values.map(frame));

const said = (text: string, more: object = {}) => ({
  candidates: [{ content: { parts: [{ text }] }, ...more }],
  modelVersion: "gemini-2.5-flash",
  responseId: "r1",
});

describe("a stream", () => {
  test("is complete when every candidate has finished, usage or not", () => {
    expect(read(said("Hi", { finishReason: "STOP" })).at(-1)).toEqual({ type: "end" });
    const usage = { usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2 } };
    expect(read(said("Hi", { finishReason: "STOP" }), usage).slice(-4)).toMatchObject([
      { type: "usage", usage: { input: 1, output: 2 } },
      { type: "block-stop" },
      { type: "finish", finish: "stop" },
      { type: "end" },
    ]);
  });

  // github.com/0xPlaygrounds/rig/pull/2328: a round of the vendor's own tools ends like an answer.
  test("goes on behind a reason to finish, and what it is grounded on may come last", () => {
    const ran = { candidates: [{ content: { parts: [{ codeExecutionResult: { output: "4" } }] } }] };
    const grounded = { candidates: [{ groundingMetadata: { webSearchQueries: ["four"] } }] };
    const all = [
      ran,
      said("", { finishReason: "STOP" }),
      said("It is "),
      said("4.", { finishReason: "STOP" }),
    ];
    const reply = fold(read(...all, grounded));
    expect(reply.choices).toMatchObject([
      {
        blocks: [
          { kind: "opaque", value: { type: "codeExecutionResult" } },
          { kind: "text", text: "It is 4." },
          { kind: "opaque", value: { groundingMetadata: { webSearchQueries: ["four"] } } },
        ],
        finish: "stop",
      },
    ]);
    expect(read(...all.slice(0, 3)).at(-1)?.type).not.toBe("end"); // cut in its second round
  });

  test("without a finish reason is not", () => {
    expect(read(said("Hi")).at(-1)?.type).not.toBe("end");
    expect(read()).toEqual([]);
  });

  test("of which one candidate is missing its end is not", () => {
    const two = { candidates: [{ index: 0, finishReason: "STOP" }, { index: 1 }] };
    expect(read(two).at(-1)?.type).not.toBe("end");
  });

  test("takes an error in a list, and nothing after it", () => {
    const error = { error: { code: 429, message: "Slow down", status: "RESOURCE_EXHAUSTED" } };
    expect(read([error], said("more", { finishReason: "STOP" }))).toEqual([
      {
        type: "error",
        fault: { status: 429, message: "Slow down", type: "RESOURCE_EXHAUSTED", param: null, code: "429" },
      },
    ]);
  });

  test("that is not JSON is an error", () => {
    expect(runAll(gemini.readStream(), [{ data: "<html>" }])).toMatchObject([
      { type: "error", fault: { status: 502 } },
    ]);
  });

  test("knows words of tomorrow as unknown", () => {
    expect(read(said("Hi", { finishReason: "OF_TOMORROW" }))).toContainEqual({
      type: "finish",
      choice: 0,
      finish: "unknown",
      raw: "OF_TOMORROW",
    });
  });
});

describe("a reply", () => {
  test("without candidates is none", () => {
    expect(() => gemini.readReply({ usageMetadata: {} })).toThrow(MalformedReply);
    expect(() => gemini.readReply({ error: { message: "No" } })).toThrow(MalformedReply);
  });

  test("without a finish reason ends for an unknown one", () => {
    expect(gemini.readReply(said("Hi")).choices[0]).toEqual({
      index: 0,
      blocks: [{ kind: "text", text: "Hi" }],
      finish: "unknown",
    });
  });
});

describe("an error", () => {
  test.each([
    ["<html><b>Not</b> found</html>", "Not found"],
    [undefined, "The upstream answered 404 without a reason"],
    [{ error: "invalid_grant", error_description: "Bad" }, "Bad"],
  ])("of %o is told", (body, message) => {
    expect(gemini.readError(404, body)).toMatchObject({ status: 404, message });
  });
});

describe("a glance", () => {
  test("sees model, usage, finish and content", () => {
    const body = { ...said("Hi", { finishReason: "STOP" }), usageMetadata: { promptTokenCount: 3 } };
    expect(gemini.glance(frame(body))).toMatchObject({
      model: "gemini-2.5-flash",
      finish: "STOP",
      content: true,
      usage: { input: 3, output: 0 },
    });
    expect(gemini.glanceReply({ promptFeedback: { blockReason: "SAFETY" } })).toEqual({ finish: "SAFETY" });
  });

  test("sees faults, and nothing in noise", () => {
    const error = { error: { code: 503, message: "Overloaded", status: "UNAVAILABLE" } };
    expect(gemini.glance(frame([error])).fault?.status).toBe(503);
    expect(gemini.glanceReply(error).fault?.status).toBe(503);
    expect(gemini.glance({ data: "noise" })).toEqual({});
  });
});

test("an image's proof stands before it, for clients that see thoughts", () => {
  const parts = [
    { text: "Hm", thought: true },
    { text: "Red:" },
    { inlineData: { mimeType: "image/png", data: "aGk=" }, thoughtSignature: "U0lH" },
  ];
  const { choices } = gemini.readReply({ candidates: [{ content: { parts }, finishReason: "STOP" }] });
  expect(choices[0]?.blocks.slice(2)).toEqual([
    { kind: "reasoning", text: "", signature: "gemini:U0lH" },
    {
      kind: "opaque",
      dialect: "openai-chat",
      value: { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } },
    },
  ]);
});
