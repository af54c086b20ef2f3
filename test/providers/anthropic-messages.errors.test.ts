import { describe, expect, test } from "bun:test";
import { readError, writeError, writeStreamError } from "../../src/providers/anthropic-messages.errors.ts";
import type { Fault } from "../../src/schema/chat.ts";

const fault = (fields: Partial<Fault>): Fault => ({
  status: 500,
  message: "Broken",
  type: null,
  param: null,
  code: null,
  ...fields,
});

describe("reading an error", () => {
  const rows: readonly (readonly [string, unknown, Partial<Fault>])[] = [
    [
      "Anthropic's",
      { type: "error", error: { type: "billing_error", message: "Pay", details: { error_code: "limit" } } },
      { message: "Pay", type: "billing_error", code: "limit" },
    ],
    [
      "OpenAI's",
      { error: { message: "No", type: "invalid_request_error", param: "n", code: "bad" } },
      { message: "No", type: "invalid_request_error", param: "n", code: "bad" },
    ],
    [
      "Google's",
      [{ error: { code: 404, message: "No such model", status: "NOT_FOUND", details: [] } }],
      { message: "No such model", type: "NOT_FOUND", code: "404" },
    ],
    ["an error text", { error: "gone" }, { message: "gone", type: null }],
    ["a bare message", { message: "denied", code: "E1" }, { message: "denied", code: "E1" }],
    ["what stands before a cloud's API", { Message: "Not authorized" }, { message: "Not authorized" }],
    [
      "FastAPI's list",
      { detail: [{ loc: ["body", "messages"], msg: "Field required", type: "missing" }] },
      { message: "messages: Field required", type: "missing", param: "messages" },
    ],
    [
      "Cloudflare's list",
      { success: false, errors: [{ code: 7, message: "No" }] },
      { message: "No", code: "7" },
    ],
    ["a detail", { detail: "Not Found" }, { message: "Not Found" }],
    ["text", " Bad Gateway \n", { message: "Bad Gateway" }],
    ["a long page", "x".repeat(9000), { message: "x".repeat(500) }],
    ["nothing", undefined, { message: "HTTP 418" }],
    ["a list", [1], { message: "HTTP 418" }],
  ];
  test.each(rows)("understands %s", (_name, body, expected) => {
    expect(readError(418, body)).toMatchObject({ status: 418, ...expected });
  });
});

describe("writing an error", () => {
  const rows: readonly (readonly [number, string | null, string])[] = [
    [400, null, "invalid_request_error"],
    [401, null, "authentication_error"],
    [402, "insufficient_quota", "billing_error"],
    [403, null, "permission_error"],
    [404, null, "not_found_error"],
    [413, null, "request_too_large"],
    [418, "constructor", "invalid_request_error"],
    [429, "requests", "rate_limit_error"],
    [500, "upstream_error", "api_error"],
    [502, null, "api_error"],
    [503, null, "overloaded_error"],
    [504, null, "timeout_error"],
    [529, null, "overloaded_error"],
    [503, "rate_limit_error", "rate_limit_error"],
    [500, "invalid_request_error", "api_error"],
    [502, "invalid_request_error", "api_error"],
    [503, "authentication_error", "overloaded_error"],
    [400, "billing_error", "billing_error"],
  ];
  test.each(rows)("%d with type %p is %s", (status, type, expected) => {
    expect(writeError(fault({ status, type }), null)).toEqual({
      type: "error",
      error: { type: expected, message: "Broken" },
    });
  });

  test("names the provider", () => {
    expect(writeError(fault({}), "openai")).toMatchObject({ error: { message: "openai error: Broken" } });
  });

  test("in a stream it is one named event after a blank line", () => {
    expect(writeStreamError(fault({ status: 504 }))).toBe(
      '\n\nevent: error\ndata: {"type":"error","error":{"type":"timeout_error","message":"Broken"}}\n\n',
    );
  });
});
