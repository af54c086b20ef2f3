import { describe, expect, test } from "bun:test";
import { assemble, type Gateway } from "../../src/gateway/assemble.ts";
import { refuse, refuseFailed, render } from "../../src/gateway/refuse.ts";
import type { ClientDialectId } from "../../src/schema/chat.ts";
import { ERRORS, type ErrorCode, GatewayError } from "../../src/schema/errors.ts";
import type { FailureCause, Outcome } from "../../src/schema/outcome.ts";
import type { Reply } from "../../src/gateway/reply-head.ts";
import type { CallRecord } from "../../src/schema/record.ts";
import { fakeWorld } from "../support/world.ts";
import { settingsOf } from "../support/settings.ts";
import { callOf, CHAT, MESSAGES, recorderOf, surroundingsOf } from "./fakes.ts";

const bodyOf = async (error: GatewayError, dialect: ClientDialectId = "openai-chat"): Promise<unknown> =>
  render(error, dialect, {}).json();

describe("an error of ours", () => {
  const error = new GatewayError("invalid_header", "It is wrong", { param: "x-a" });

  test.each(["openai-chat", "openai-responses"] as const)(
    "is one for clients of %s and of Portkey's gateway",
    async (dialect) => {
      expect(await bodyOf(error, dialect)).toEqual({
        status: "failure",
        message: "It is wrong",
        error: {
          message: "It is wrong",
          type: "invalid_request_error",
          param: "x-a",
          code: "invalid_header",
        },
      });
    },
  );

  test("is one for clients of Anthropic", async () => {
    expect(await bodyOf(error, "anthropic-messages")).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message: "It is wrong" },
    });
  });

  test("with several faults lists them, and says them in one sentence to those who read no list", async () => {
    const several = new GatewayError("invalid_config", "Invalid config passed", { errors: ["a", "b"] });
    expect(await bodyOf(several)).toMatchObject({
      message: "Invalid config passed",
      errors: ["a", "b"],
      error: { message: "Invalid config passed; a; b", param: null },
    });
    expect(await bodyOf(several, "anthropic-messages")).toHaveProperty(
      "error.message",
      "Invalid config passed; a; b",
    );
  });

  test("for a timeout that the caller set is the reference's, to the letter", async () => {
    const message = "Request exceeded the timeout sent in the request: 60ms";
    expect(await bodyOf(new GatewayError("request_timeout", message))).toEqual({
      error: { message, type: "timeout_error", param: null, code: null },
    });
  });

  test.each(Object.keys(ERRORS) as ErrorCode[])("%s has its status in both dialects", (code) => {
    for (const dialect of ["openai-chat", "anthropic-messages"] as const) {
      const response = render(new GatewayError(code, "m"), dialect, { "x-a": "1" });
      expect(response.status).toBe(ERRORS[code].status);
      expect(Object.fromEntries(response.headers)).toEqual({
        "content-type": "application/json",
        "x-a": "1",
      });
    }
  });

  test("may bring headers of its own", () => {
    const overloaded = new GatewayError("overloaded", "m", { headers: { "retry-after": "1" } });
    expect(render(overloaded, "openai-chat", {}).headers.get("retry-after")).toBe("1");
  });
});

const gatewayOf = () => {
  const said: (readonly [string, string, unknown])[] = [];
  const { world, egress, environment } = surroundingsOf();
  const gateway: Gateway = assemble({
    settings: settingsOf(),
    environment,
    egress,
    policy: { trusted: [], allowLoopback: false },
    world,
    log: { say: (level, event, fields) => void said.push([level, event, fields]), call: () => undefined },
  });
  return { gateway, said };
};

describe("what was thrown", () => {
  const refused = (thrown: unknown, ingress = CHAT) => {
    const { gateway, said } = gatewayOf();
    const emitted: CallRecord[] = [];
    const response = refuse(gateway, ingress, recorderOf(fakeWorld(), emitted), thrown);
    return { response, emitted, said };
  };

  test("is told to the client and settles the call", async () => {
    const { response, emitted, said } = refused(new GatewayError("invalid_json", "Bad"), MESSAGES);
    expect(response.status).toBe(400);
    expect(response.headers.get("x-portkey-trace-id")).toBe("trace-1");
    expect(await response.json()).toMatchObject({ type: "error", error: { message: "Bad" } });
    expect(emitted).toMatchObject([
      { status: 400, outcome: "refused", error: { code: "invalid_json", message: "Bad" } },
    ]);
    expect(said).toEqual([]);
  });

  test.each([new TypeError("secret detail"), "secret detail", undefined])(
    "and is a bug (%p) is told to the operator, not to the client",
    async (thrown) => {
      const { response, emitted, said } = refused(thrown);
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(text).toContain("Something went wrong in the gateway");
      expect(text).not.toMatch(/secret|refuse\.test|TypeError/);
      expect(emitted).toMatchObject([{ status: 500, error: { code: "internal_error" } }]);
      expect(said).toHaveLength(1);
      expect(said[0]?.slice(0, 2)).toEqual(["error", "bug"]);
      if (thrown instanceof Error) expect(JSON.stringify(said)).toContain("secret detail");
    },
  );
});

describe("a call whose last attempt failed", () => {
  const failedAt = (provider: string): Extract<Outcome<Reply>, { kind: "failed" }> => ({
    kind: "failed",
    cause: "network",
    retries: -1,
    error: new GatewayError("upstream_unreachable", "Cannot reach it"),
    attempt: {
      target: "config.targets[1]",
      provider,
      requestModel: null,
      mode: null,
      status: null,
      outcome: "failed",
      reason: null,
      ttftMs: null,
      durationMs: 1,
    },
  });

  test("says so, and which target it was", async () => {
    const call = callOf({ ingress: MESSAGES });
    const response = refuseFailed(call, failedAt("openai"));
    expect(response.status).toBe(502);
    expect(Object.fromEntries(response.headers)).toEqual({
      "content-type": "application/json",
      "x-portkey-last-used-option-index": "config.targets[1]",
      "x-portkey-provider": "openai",
      "x-portkey-retry-attempt-count": "-1",
      "x-portkey-cache-status": "DISABLED",
      "x-portkey-trace-id": "trace-1",
    });
    expect(await response.json()).toMatchObject({ type: "error", error: { message: "Cannot reach it" } });
    expect(call.emitted).toMatchObject([
      { status: 502, outcome: "failed", error: { code: "upstream_unreachable" } },
    ]);
  });

  test.each<[FailureCause, string | null]>([
    ["unsupported", "true"],
    ["unprepared", "true"],
    ["malformed", "true"],
    ["timeout", null],
    ["network", null],
  ])("is marked as the gateway's own answer: %s, %p", (cause, mark) => {
    const { headers } = refuseFailed(callOf(), { ...failedAt("openai"), cause });
    expect(headers.get("x-portkey-gateway-exception")).toBe(mark);
  });
});
