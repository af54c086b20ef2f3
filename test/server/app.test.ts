import { describe, expect, test } from "bun:test";
import { assemble } from "../../src/gateway/assemble.ts";
import type { Egress } from "../../src/lib/egress.ts";
import { NO_EGRESS } from "../gateway/fakes.ts";
import type { CallRecord } from "../../src/schema/record.ts";
import type { Settings } from "../../src/schema/settings.ts";
import { createApp } from "../../src/server/app.ts";
import { settingsOf } from "../support/settings.ts";
import { fakeWorld } from "../support/world.ts";

interface Parts {
  readonly settings?: Partial<Settings>;
  readonly isReady?: boolean;
}

const start = ({ settings = {}, isReady = true }: Parts = {}) => {
  const sent: string[] = [];
  const records: CallRecord[] = [];
  const bugs: unknown[] = [];
  const heard: string[] = [];
  const egress: Egress = {
    ...NO_EGRESS,
    send: async (url, { method }) => {
      sent.push(`${method} ${String(url)}`);
      return Response.json({ from: "upstream", n: 1 });
    },
  };
  const gateway = assemble({
    settings: settingsOf(settings),
    environment: {},
    egress,
    policy: { trusted: [], allowLoopback: false },
    world: fakeWorld(),
    log: { say: (...said) => void bugs.push(said), call: (record) => void records.push(record) },
  });
  const app = createApp({
    current: () => gateway,
    connectionOf: () => ({
      waiting: () => void heard.push("waiting"),
      streaming: () => undefined,
      resting: () => void heard.push("resting"),
      upgrade: () => false,
    }),
    isReady: () => isReady,
  });
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    Promise.resolve(app(new Request(`http://localhost${path}`, init)));
  return { ask, sent, records, bugs, heard, gateway };
};

const OPENAI = { "x-portkey-provider": "openai", authorization: "Bearer sk" };

describe("a connection may wait for its next call", () => {
  test.each<[string, string, RequestInit, readonly string[]]>([
    ["once it was answered", "/v1/things", { headers: OPENAI }, ["waiting", "resting"]],
    ["once it was refused", "/v1/chat/completions", { method: "POST" }, ["resting"]],
    ["once it was told of what is kept", "/v1/responses/resp_turnpike_1", {}, ["resting"]],
  ])("%s", async (_name, path, init, expected) => {
    const { ask, heard } = start();
    await (await ask(path, init)).text();
    expect(heard).toEqual([...expected]);
  });
});

describe("the server itself answers", () => {
  test("hello", async () => {
    const response = await start().ask("/");
    expect([response.status, await response.text()]).toEqual([200, "AI Gateway says hey!"]);
    expect(response.headers.get("content-type")).toStartWith("text/plain");
  });

  test("that it is well", async () => {
    for (const isReady of [true, false]) {
      const response = await start({ isReady }).ask("/healthz");
      expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
    }
  });

  test("whether it takes calls", async () => {
    const ready = await start().ask("/readyz");
    expect([ready.status, await ready.json()]).toEqual([200, { status: "ready" }]);
    const draining = await start({ isReady: false }).ask("/readyz");
    expect([draining.status, await draining.json()]).toEqual([503, { status: "shutting_down" }]);
  });

  test.each([
    "/nope",
    "/v1",
    "/v3/chat/completions",
    "/healthz/x",
    "/healthz/",
    "//v1/chat/completions",
    "/zzzzzzzzzzzzzz/v1/chat/completions",
    "/v10/x",
  ])("that %s is not there", async (path) => {
    const { ask, records } = start();
    const response = await ask(path, { headers: OPENAI });
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(await response.json()).toEqual({ message: "Not Found", ok: false });
    expect(records).toEqual([]);
  });
});

describe("a JSON answer", () => {
  test.each(["?pretty", "?a=b&pretty", "?pretty=1", "?pretty=true&x"])(
    "is indented for %s",
    async (query) => {
      const response = await start().ask(`/healthz${query}`);
      expect(await response.text()).toBe('{\n  "status": "ok"\n}');
      expect(response.headers.get("content-type")).toBe("application/json");
    },
  );

  test.each(["?prettyish", "?a=pretty", "?notpretty"])("is not indented for %s", async (query) => {
    expect(await (await start().ask(`/healthz${query}`)).text()).toBe('{"status":"ok"}');
  });

  test("keeps its status when it is indented", async () => {
    const response = await start().ask("/nope?pretty");
    expect([response.status, await response.text()]).toEqual([
      404,
      '{\n  "message": "Not Found",\n  "ok": false\n}',
    ]);
  });

  test("that is handed on from an upstream comes as it is, to its end", async () => {
    const response = await start().ask("/v1/files?pretty", { headers: OPENAI });
    expect([response.status, await response.text()]).toEqual([200, '{"from":"upstream","n":1}']);
  });

  test("is indented only where it is JSON", async () => {
    expect(await (await start().ask("/?pretty")).text()).toBe("AI Gateway says hey!");
  });
});

describe("a path of the API", () => {
  test.each<[string, string, string]>([
    ["GET", "/v1/files?limit=1", "GET https://api.openai.com/v1/files?limit=1"],
    ["DELETE", "/v1/files/f-1", "DELETE https://api.openai.com/v1/files/f-1"],
    ["GET", "/v1/proxy/files", "GET https://api.openai.com/v1/files"],
    ["GET", "/v1/models", "GET https://api.openai.com/v1/models"],
    ["GET", "/v1/chat/completions/chatcmpl-1", "GET https://api.openai.com/v1/chat/completions/chatcmpl-1"],
  ])("goes to the named provider: %s %s", async (method, path, expected) => {
    const { ask, sent, records } = start();
    const response = await ask(path, { method, headers: OPENAI });
    expect([response.status, await response.text()]).toEqual([200, '{"from":"upstream","n":1}']);
    expect(sent).toEqual([expected]);
    expect(records).toMatchObject([{ status: 200, outcome: "answered" }]);
  });

  test("has its errors in the dialect of its clients", async () => {
    const { ask } = start();
    const init = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
    expect(await (await ask("/v1/chat/completions", init)).json()).toMatchObject({
      status: "failure",
      error: { code: "missing_provider" },
    });
    for (const path of ["/v1/messages", "/v1/messages/count_tokens"])
      expect(await (await ask(path, init)).json()).toMatchObject({ type: "error" });
  });

  test("is refused, not broken, by a virtual key's name in any letters", async () => {
    const { ask, bugs } = start();
    const name = Buffer.from("\u65e5\u672c", "utf8").toString("latin1"); // as header bytes arrive
    const response = await ask("/v1/chat/completions", {
      method: "POST",
      body: '{"model":"m","messages":[]}',
      headers: { "content-type": "application/json", "x-portkey-virtual-key": name },
    });
    expect(response.status).toBe(400);
    expect(bugs).toEqual([]);
  });
});

describe("a gateway at its limit", () => {
  test("says so, and takes calls again once others have ended", async () => {
    const settings = { limits: { ...settingsOf().limits, maxInFlight: 1 } };
    const { ask, gateway } = start({ settings });
    gateway.calls.opened();
    const refused = await ask("/v1/files", { headers: OPENAI });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await refused.json()).toMatchObject({ error: { code: "overloaded", type: "overloaded_error" } });
    gateway.calls.closed();
    const answered = await ask("/v1/files", { headers: OPENAI });
    await answered.text();
    expect(answered.status).toBe(200);
    expect(gateway.calls.inFlight).toBe(0);
  });
});

describe("the models that are configured here", () => {
  const settings: Partial<Settings> = {
    configs: {
      main: {
        strategy: { mode: "fallback" },
        targets: [
          { provider: "openai", api_key: "k", override_params: { model: "gpt" } },
          { virtual_key: "team", override_params: { model: "claude" } },
        ],
      },
    },
    virtualKeys: new Map([
      [
        "team",
        {
          provider: "anthropic",
          apiKey: undefined,
          customHost: undefined,
          options: { models: ["haiku", "claude"] },
        },
      ],
    ]),
  };

  test("are listed for who names no provider", async () => {
    const response = await start({ settings }).ask("/v1/models");
    expect(await response.json()).toEqual({
      object: "list",
      data: ["@team/claude", "@team/haiku", "openai/gpt"].map((id) => ({
        id,
        object: "model",
        created: 0,
        owned_by: id.startsWith("@") ? "team" : "openai",
      })),
    });
  });

  test("may be none", async () => {
    expect(await (await start().ask("/v1/models")).json()).toEqual({ object: "list", data: [] });
  });
});
