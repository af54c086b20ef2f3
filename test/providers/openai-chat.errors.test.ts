import { describe, expect, test } from "bun:test";
import { prefixError } from "../../src/providers/openai-chat.errors.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import type { Fault } from "../../src/schema/chat.ts";

describe("reading", () => {
  test.each<[unknown, Partial<Fault>]>([
    [
      { error: { message: "bad key", type: "invalid_request_error", param: "p", code: "invalid_api_key" } },
      { message: "bad key", type: "invalid_request_error", param: "p", code: "invalid_api_key" },
    ],
    [
      { error: "boom", code: 5 },
      { message: "boom", code: "5" },
    ],
    [
      { message: "oops", type: "t", param: "p", code: "c" },
      { message: "oops", type: "t", param: "p", code: "c" },
    ],
    [{ detail: "nope" }, { message: "nope", param: null }],
    [
      { detail: [{ loc: ["body", "messages", 0], msg: "field required", type: "missing" }] },
      { message: "messages.0: field required", param: "messages.0" },
    ],
    [
      [{ error: { code: 400, message: "bad", status: "INVALID_ARGUMENT" } }],
      { message: "bad", type: "INVALID_ARGUMENT", code: "400" },
    ],
    [
      { type: "error", error: { type: "overloaded_error", message: "x" } },
      { message: "x", type: "overloaded_error" },
    ],
    [{ message: { detail: [{ loc: ["body", "x"], msg: "m" }] } }, { message: "x: m" }],
    [{ errors: [{ code: 1, message: "a" }, { message: "b" }] }, { message: "a; b" }],
    [
      { errors: { message: "AiError: Bad input", code: 5006 }, success: false },
      { message: "AiError: Bad input", code: "5006" },
    ],
    [
      {
        error: {
          message: "Provider returned error",
          code: 400,
          metadata: { raw: '{"error":{"message":"bad","code":1}}', provider_name: "DeepSeek" },
        },
      },
      { message: "Provider returned error: bad", code: "400" },
    ],
    [
      { error: { message: "Provider returned error", metadata: { raw: "Gemini models require it" } } },
      { message: "Provider returned error: Gemini models require it" },
    ],
    [{ error: { message: "m", metadata: { raw: "" } } }, { message: "m" }],
    [{ surprise: 1 }, { message: '{"surprise":1}' }],
    ["<html><style>x{}</style><h1>Bad\n gateway</h1></html>", { message: "Bad gateway" }],
    ["", { message: "The upstream answered 500 without a reason" }],
    [undefined, { message: "The upstream answered 500 without a reason" }],
    [null, { message: "The upstream answered 500 without a reason" }],
  ])("%j", (body, expected) => {
    expect(openaiChat.readError(500, body)).toMatchObject({ status: 500, ...expected });
  });

  test("long text is cut", () => {
    expect(openaiChat.readError(500, "x".repeat(10_000)).message).toHaveLength(500);
  });

  test("a message nested without end does not recurse without end", () => {
    let body: object = { message: "deep" };
    for (let depth = 0; depth < 1000; depth++) body = { message: body };
    expect(openaiChat.readError(500, body).message.length).toBeLessThanOrEqual(500);
  });
});

describe("writing", () => {
  const fault: Fault = { status: 429, message: "slow", type: "t", param: null, code: "c" };

  test("an upstream's error names the provider", () => {
    expect(openaiChat.writeError(fault, "groq")).toEqual({
      error: { message: "groq error: slow", type: "t", param: null, code: "c" },
      provider: "groq",
    });
  });

  test("our own error does not", () => {
    expect(openaiChat.writeError(fault, null)).toEqual({
      error: { message: "slow", type: "t", param: null, code: "c" },
    });
  });

  test("a prefixed body keeps its other fields", () => {
    const body = { error: { message: "m", type: null, inner: { a: 1 } }, request_id: "r" };
    expect(prefixError(body, "azure-openai")).toEqual({
      error: { message: "azure-openai error: m", type: null, param: null, code: null, inner: { a: 1 } },
      request_id: "r",
      provider: "azure-openai",
    });
    expect(prefixError({ error: "text" }, "x")).toBeUndefined();
    expect(prefixError({ detail: "text" }, "x")).toBeUndefined();
  });

  test("a prefixed body has the fields that clients look at", () => {
    expect(prefixError({ error: { code: 400, message: "m", status: "INVALID_ARGUMENT" } }, "p")).toEqual({
      error: {
        code: 400,
        message: "p error: m",
        status: "INVALID_ARGUMENT",
        type: "INVALID_ARGUMENT",
        param: null,
      },
      provider: "p",
    });
  });

  test("what an error does not say may be said by the first of its faults", () => {
    expect(
      openaiChat.readError(400, { success: false, errors: [{ code: 5006, message: "bad" }] }),
    ).toMatchObject({ message: "bad", type: null, code: "5006" });
    const detail = [{ loc: ["body", "x"], msg: "field required", type: "missing" }];
    expect(openaiChat.readError(422, { detail })).toMatchObject({ type: "missing", param: "x", code: null });
  });

  test("the kind of an error may be its name", () => {
    expect(openaiChat.readError(403, { id: "i", name: "content_moderation", errors: ["a", "b"] })).toEqual({
      status: 403,
      message: "a; b",
      type: "content_moderation",
      param: null,
      code: null,
    });
  });

  test("a stream error is one frame after a blank line", () => {
    expect(
      openaiChat.writeStreamError({ status: 502, message: "cut", type: null, param: null, code: null }),
    ).toBe(
      '\n\ndata: {"error":{"message":"cut","type":"upstream_error","param":null,"code":"stream_interrupted"}}\n\n',
    );
  });
});
