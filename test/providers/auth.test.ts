import { expect, test } from "bun:test";
import { sign } from "../../src/providers/auth.ts";
import type { Auth } from "../../src/schema/provider-row.ts";

const signed = (auth: Auth, credential: string | undefined): Record<string, string> => {
  const headers: Record<string, string> = {};
  void sign(auth, {
    method: "POST",
    url: "https://models.example/v1/x",
    headers,
    body: null,
    credential,
    option: () => undefined,
    object: () => undefined,
    atHome: false,
    environment: {},
    fetch: () => Promise.reject(new Error("Nothing is fetched")),
    now: () => 0,
  });
  return headers;
};

test.each([
  ["sk-1", "Bearer sk-1"],
  ["Basic dTpw", "Basic dTpw"],
  ["Token r8_1", "Token r8_1"],
  ["Bearer sk-1", "Bearer sk-1"],
  ["Api-Key k", "Api-Key k"],
])("a bearer's credential %p is sent as %p", (credential, expected) => {
  expect(signed({ kind: "bearer" }, credential)).toEqual({ authorization: expected });
});

test("a row with a header of its own gets the credential there, whatever it looks like", () => {
  expect(signed({ kind: "header", name: "x-key" }, "Basic dTpw")).toEqual({ "x-key": "Basic dTpw" });
});

test.each<Auth>([{ kind: "bearer" }, { kind: "header", name: "x-key" }, { kind: "none" }])(
  "nothing is sent where there is none: %p",
  (auth) => expect(signed(auth, undefined)).toEqual({}),
);
