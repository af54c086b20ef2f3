import { describe, expect, test } from "bun:test";
import { createCors } from "../../src/server/cors.ts";

const APP = "https://app.example";

const ask = (
  origins: readonly string[],
  path: string,
  { method = "POST", ...headers }: { readonly method?: string } & Readonly<Record<string, string>> = {},
) => {
  let reached = 0;
  const request = new Request(`http://gateway.example${path}`, { method, headers });
  const answer = createCors(origins).answer(request, () => {
    reached++;
    return new Response("answer", { status: 201, headers: { vary: "accept" } });
  });
  if (answer instanceof Promise) throw new Error("The app's answer was there at once");
  return { answer, reached };
};

const PREFLIGHT = {
  method: "OPTIONS",
  "access-control-request-method": "POST",
  "access-control-request-headers": "authorization, x-portkey-provider",
};

const ofCors = ({ headers }: Response): readonly string[] =>
  [...headers.keys()].filter((name) => name.startsWith("access-control-"));

describe("without origins", () => {
  test.each([{ origin: APP }, { origin: APP, ...PREFLIGHT }])("nothing is said: %j", (headers) => {
    const { answer, reached } = ask([], "/v1/models", headers);
    expect(ofCors(answer)).toEqual([]);
    expect(reached).toBe(1);
  });
});

describe("a page of an origin that is listed", () => {
  const paths = ["/v1/chat/completions", "/v1beta/models/gemini:generateContent", "/v2/chat"];
  test.each(paths)("may ask first, and what it names is allowed: %s", (path) => {
    const { answer, reached } = ask([APP], path, { origin: APP, ...PREFLIGHT });
    expect(reached).toBe(0);
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": APP,
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "authorization, x-portkey-provider",
      vary: "origin",
    });
  });

  test("sees the answer and its headers", () => {
    const { answer } = ask([APP], "/v1/chat/completions", { origin: APP });
    expect(answer.status).toBe(201);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": APP,
      "access-control-expose-headers": "*",
      vary: "accept, origin",
    });
    expect(answer.headers.has("access-control-allow-credentials")).toBe(false);
  });

  test("is known however it is written", () => {
    expect(ofCors(ask(["https://App.Example"], "/v1/x", { origin: APP }).answer)).not.toEqual([]);
  });
});

test.each([
  ["a page of another origin", "/v1/chat/completions", { origin: "https://evil.example", ...PREFLIGHT }],
  ["a page whose origin only begins so", "/v1/x", { origin: `${APP}.evil.example`, ...PREFLIGHT }],
  ["a call of no page", "/v1/chat/completions", PREFLIGHT],
  ["what is no API", "/healthz", { origin: APP, ...PREFLIGHT }],
])("%s is answered as if there were none", (_name, path, headers) => {
  const { answer, reached } = ask([APP], path, headers);
  expect(ofCors(answer)).toEqual([]);
  expect(reached).toBe(1);
});

test("an OPTIONS that is no question of a browser goes on to the app", () => {
  expect(ask([APP], "/v1/x", { origin: APP, method: "OPTIONS" })).toMatchObject({ reached: 1 });
});

test("with * every page may, and no origin is repeated to it", () => {
  const { answer } = ask(["*"], "/v1/x", { origin: "null" });
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.get("vary")).toBe("accept");
});
