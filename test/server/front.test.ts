import { createCors } from "../../src/server/cors.ts";
import { describe, expect, test } from "bun:test";
import { checkFront, type FrontRules } from "../../src/server/front.ts";
import { thrown } from "../support/thrown.ts";

const LOCAL: FrontRules = {
  isLoopback: true,
  cors: createCors([]),
  allowedHosts: new Set(["gw.corp.example"]),
  passed: new Set<string>(),
};
const OPEN: FrontRules = {
  isLoopback: false,
  cors: createCors([]),
  allowedHosts: new Set(),
  passed: new Set<string>(),
};

const check = (host: string | undefined, rules: FrontRules, method = "GET"): void =>
  checkFront(
    new Request("http://localhost/v1/models", { method, headers: host === undefined ? {} : { host } }),
    rules,
  );

const OURS = [
  "localhost",
  "localhost:8787",
  "LOCALHOST",
  "127.0.0.1",
  "127.0.0.1:8787",
  "127.1.2.3:8787",
  "[::1]",
  "[::1]:8787",
  "gw",
  "gw:8787",
  "my_gw",
  "abc",
  "x",
  "app.localhost",
  "gw.corp.example",
  "GW.corp.example:8787",
];

/** Names that a page from outside can have pointed at this machine. */
const OUTSIDE = [
  "evil.test",
  "evil.test:8787",
  "0.0.0.0",
  "0.0.0.0:8787",
  "0",
  "2130706433",
  "192.168.1.7",
  "127.evil.test",
  "127.0.0.1.evil.test",
  "127.0.0.1.evil.test:8787",
  "localhost.evil.test",
  "gw.corp.example.evil.test",
  "[::]",
  "[::ffff:10.0.0.1]",
  "evil-localhost.test",
];

const INVALID = [
  "",
  "x/y",
  "x?y",
  "x#y",
  "a b",
  "a@b",
  "a,b",
  "a, b",
  "x:abc",
  "x:",
  "x:123456",
  "x:1:2",
  ":8787",
  "-x",
  ".x",
  "x.",
  "[::1",
  "::1",
  "[zz]",
  "[]",
  "x\\y",
  "x%2fy",
  "x".repeat(300),
  "caf\u00e9.example",
];

describe("bound to loopback", () => {
  test.each(OURS)("the host %s is ours", (host) => {
    expect(() => check(host, LOCAL)).not.toThrow();
  });

  test.each(OUTSIDE)("the host %s is refused", (host) => {
    expect(thrown(() => check(host, LOCAL))).toMatchObject({ code: "host_not_allowed", status: 403 });
  });
});

test.each([...OURS, "evil.test", "10.0.0.7:8787", "0.0.0.0"])(
  "bound to the network, the host %s is as good as any",
  (host) => expect(() => check(host, OPEN)).not.toThrow(),
);

test.each([...INVALID, undefined])("the host %j is none", (host) => {
  for (const rules of [LOCAL, OPEN])
    expect(thrown(() => check(host, rules))).toMatchObject({ code: "invalid_host", status: 400 });
});

describe("the method", () => {
  test.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("%s is served", (method) => {
    expect(() => check("localhost", LOCAL, method)).not.toThrow();
  });

  test.each(["PROPFIND", "LOCK", "SEARCH"])("%s is not", (method) => {
    const error = thrown(() => check("localhost", LOCAL, method));
    expect(error).toMatchObject({ code: "method_not_allowed", status: 405 });
  });

  test("is judged before the host, and shown without what could harm", () => {
    expect(thrown(() => check("a b", LOCAL, "PROPFIND")).code).toBe("method_not_allowed");
  });
});
