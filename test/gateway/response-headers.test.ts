import { describe, expect, test } from "bun:test";
import type { Reply, ReplyContent } from "../../src/gateway/reply-head.ts";
import { addAttempt, responseHeaders } from "../../src/gateway/response-headers.ts";
import type { Outcome } from "../../src/schema/outcome.ts";
import type { AttemptRecord } from "../../src/schema/record.ts";
import type { Ingress } from "../../src/gateway/inbound.ts";
import { callOf, CHAT, type Headers as Sent, MESSAGES, resolved } from "./fakes.ts";

const ATTEMPT: AttemptRecord = {
  target: "config.targets[1]",
  provider: "openai",
  requestModel: "m",
  mode: "passthrough",
  status: 200,
  outcome: "answered",
  reason: null,
  ttftMs: 1,
  durationMs: 2,
};
const BODY: ReplyContent = { kind: "body", body: null };
const JSON_CONTENT: ReplyContent = { kind: "json", bytes: new Uint8Array(), glance: {} };

interface Replied {
  readonly headers?: Sent | Headers;
  readonly content?: ReplyContent;
  readonly retries?: number;
  readonly notes?: readonly string[];
  readonly contentType?: string;
  readonly ingress?: Ingress;
  readonly provider?: string;
}

const headersOf = (replied: Replied = {}): Record<string, string> => {
  const { headers = {}, content = JSON_CONTENT, retries = 0, notes = [], contentType } = replied;
  const call = callOf({ traceId: "trace/7", ingress: replied.ingress ?? CHAT });
  call.recorder.note(...notes);
  const reply: Reply = {
    status: 200,
    headers: new Headers(headers),
    target: resolved(call, { provider: replied.provider ?? "openai", api_key: "sk" }),
    content,
    discard: () => undefined,
    abort: () => undefined,
  };
  const outcome: Outcome<Reply> = { kind: "answered", attempt: ATTEMPT, retries, reply };
  return Object.fromEntries(responseHeaders(call, outcome, contentType));
};

const OURS = {
  "x-portkey-last-used-option-index": "config.targets[1]",
  "x-portkey-provider": "openai",
  "x-portkey-retry-attempt-count": "0",
  "x-portkey-cache-status": "DISABLED",
  "x-portkey-trace-id": "trace/7",
};

test("a stream of events is not to be held up by a proxy in front", () => {
  const stream = headersOf({ contentType: "text/event-stream" });
  expect(stream).toEqual({ ...OURS, "content-type": "text/event-stream", "x-accel-buffering": "no" });
  const passed = headersOf({
    headers: { "content-type": "text/event-stream; charset=utf-8" },
    content: BODY,
  });
  expect(passed).toHaveProperty("x-accel-buffering", "no");
  expect(headersOf({ contentType: "application/json" })).not.toHaveProperty("x-accel-buffering");
});

test("a reply carries what happened", () => {
  expect(headersOf()).toEqual(OURS);
  expect(headersOf({ retries: -1 })).toEqual({ ...OURS, "x-portkey-retry-attempt-count": "-1" });
});

test("an attempt that found no provider names none", () => {
  const headers = new Headers();
  addAttempt(headers, { ...ATTEMPT, provider: "" }, 0);
  expect(headers.has("x-portkey-provider")).toBe(false);
  expect(headers.get("x-portkey-last-used-option-index")).toBe("config.targets[1]");
});

test.each([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "proxy-authenticate",
  "trailer",
  "upgrade",
  "te",
  "date",
  "server",
  "set-cookie",
  "alt-svc",
  "strict-transport-security",
  "access-control-allow-origin",
])("%s of the provider does not come through", (name) => {
  for (const content of [BODY, JSON_CONTENT])
    expect(headersOf({ content, headers: { [name]: "1" } })).toEqual(OURS);
});

test.each(["x-request-id", "retry-after", "x-ratelimit-remaining-requests", "openai-processing-ms", "etag"])(
  "%s of the provider comes through",
  (name) => expect(headersOf({ headers: { [name]: "1" } })).toEqual({ ...OURS, [name]: "1" }),
);

test("our own replace those of a provider that is a gateway, too", () => {
  const headers = { "x-portkey-trace-id": "theirs", "x-portkey-retry-attempt-count": "9" };
  expect(headersOf({ headers })).toEqual(OURS);
});

test.each<[string, Ingress, Sent, Sent]>([
  ["Anthropic's", MESSAGES, { "x-request-id": "r" }, { "request-id": "r" }],
  ["Anthropic's, of Amazon's", MESSAGES, { "x-amzn-requestid": "r" }, { "request-id": "r" }],
  ["Anthropic's, and stays as it is", MESSAGES, { "request-id": "r", "x-request-id": "q" }, {}],
])("the request's id has the name that clients look for: %s", (_name, ingress, headers, more) => {
  expect(headersOf({ ingress, headers })).toEqual({ ...OURS, ...headers, ...more });
});

test("the request's id has OpenAI's name for its clients where another vendor answers", () => {
  const headers = { "request-id": "r" };
  expect(headersOf({ headers, provider: "anthropic" })).toEqual({ ...OURS, ...headers, "x-request-id": "r" });
  expect(headersOf({ headers })).toEqual({ ...OURS, ...headers });
});

test("nothing is added to what is handed on unread", () => {
  const headers = { "request-id": "r" };
  expect(headersOf({ headers, content: BODY })).toEqual({ ...OURS, ...headers });
});

describe("the coding of the body", () => {
  const headers = { "content-encoding": "gzip" };

  test("is told where the body is handed on unread", () => {
    expect(headersOf({ headers, content: BODY })).toEqual({ ...OURS, ...headers });
  });

  test("is not told where it was undone", () => {
    expect(headersOf({ headers })).toEqual(OURS);
  });
});

test("the type of a body that is ours replaces the provider's", () => {
  const headers = { "content-type": "text/html" };
  expect(headersOf({ headers })["content-type"]).toBe("text/html");
  expect(headersOf({ headers, contentType: "application/json" })["content-type"]).toBe("application/json");
});

describe("what was not carried", () => {
  const listed = (...notes: readonly string[]): string | undefined =>
    headersOf({ notes })["x-turnpike-not-carried"];

  test("is listed, each once", () => expect(listed("seed", "n", "seed")).toBe("seed, n"));
  test("may be nothing", () => expect(listed()).toBeUndefined());
  test("is told in letters that a header can hold", () =>
    expect(listed("tools.0.é\r\nx: y")).toBe("tools.0.???x: y"));

  test("is cut where it is too long", () => {
    const text = listed(...Array.from({ length: 900 }, (_, index) => `field_${index}`));
    expect(text).toHaveLength(1027);
    expect(text).toEndWith("...");
  });
});
