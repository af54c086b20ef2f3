import { describe, expect, test } from "bun:test";
import { checkForwardName, forwardable, forwarded } from "../../src/gateway/forward.ts";
import { thrown } from "../support/thrown.ts";

const isForwardable = (name: string): boolean => name in forwardable(new Headers({ [name]: "1" }));

const PASSED = [
  "accept",
  "accept-encoding",
  "accept-language",
  "content-type",
  "content-disposition",
  "content-encoding",
  "http-referer",
  "idempotency-key",
  "if-none-match",
  "range",
  "traceparent",
  "user-agent",
  "openai-beta",
  "openai-organization",
  "anthropic-version",
  "anthropic-beta",
  "x-stainless-lang",
  "x-request-id",
];

const KEPT_HERE = [
  // who asks, and for whom
  "authorization",
  "proxy-authorization",
  "x-api-key",
  "x-goog-api-key",
  "x-amz-date",
  "x-amz-content-sha256",
  "x-amz-security-token",
  "api-key",
  "cookie",
  // where the client is
  "x-forwarded-for",
  "x-forwarded-host",
  "x-real-ip",
  "x-client-ip",
  "forwarded",
  "via",
  "referer",
  "origin",
  // ours
  "x-portkey-provider",
  "x-portkey-config",
  "x-turnpike-x",
  // the connection's
  "host",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "content-length",
  // what machines in a cloud trust
  "metadata-flavor",
  "metadata",
  "x-aws-ec2-metadata-token",
  "x-google-metadata-request",
  "x-envoy-original-path",
];

describe("a passed-through call", () => {
  test.each(PASSED)("takes %s along", (name) => expect(isForwardable(name)).toBe(true));
  test.each(KEPT_HERE)("leaves %s here", (name) => expect(isForwardable(name)).toBe(false));

  test("leaves here what Connection names", () => {
    const sent = new Headers({
      connection: "close, X-Secret ,accept",
      "x-secret": "1",
      accept: "*/*",
      "x-mine": "2",
    });
    expect(forwardable(sent)).toEqual({ "x-mine": "2" });
  });

  test("takes values as they are", () => {
    expect(forwardable(new Headers({ "x-mine": "caf\u00e9, b" }))).toEqual({ "x-mine": "caf\u00e9, b" });
  });
});

describe("headers forwarded by name", () => {
  const forward = (
    sent: Record<string, string>,
    names: readonly string[],
    before: Record<string, string> = {},
  ) => {
    const to = { ...before };
    forwarded(new Headers(sent), names, to);
    return to;
  };

  test("go over what the provider gets", () => {
    expect(
      forward({ authorization: "Bearer mine", "x-a": "1" }, ["Authorization", " X-A "], {
        authorization: "Bearer ours",
      }),
    ).toEqual({
      authorization: "Bearer mine",
      "x-a": "1",
    });
  });

  test("that were not sent change nothing", () => {
    expect(forward({}, ["x-a"], { "x-a": "ours" })).toEqual({ "x-a": "ours" });
  });

  test.each([
    "host",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
  ])("are never %s", (name) => expect(forward({ [name]: "1" }, [name])).toEqual({}));
});

describe("a name that may not be forwarded", () => {
  test("is that of the list itself", () => {
    expect(thrown(() => checkForwardName("x-portkey-forward-headers"))).toMatchObject({
      code: "invalid_header",
      status: 400,
      message: "forward_headers must not contain the 'x-portkey-forward-headers' header",
    });
  });

  test.each([
    "metadata-flavor",
    "metadata",
    "x-aws-ec2-metadata-token",
    "x-aws-ec2-metadata-token-ttl-seconds",
    "x-google-metadata-request",
  ])("is %s, by which machines in a cloud trust a caller", (name) => {
    expect(thrown(() => checkForwardName(name)).code).toBe("invalid_header");
    expect(thrown(() => forwarded(new Headers(), [name.toUpperCase()], {})).code).toBe("invalid_header");
  });

  test.each(["x-a", "authorization", "x-portkey-metadata"])("is not %s", (name) => {
    expect(() => checkForwardName(name)).not.toThrow();
  });
});
