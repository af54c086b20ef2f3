/** The server as a process: what bare sockets may say to it, and how it goes down. */
import { afterEach, describe, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../src/schema/json.ts";
import { startGateway, type Gateway } from "../support/gateway.ts";
import { startUpstream } from "../support/upstream.ts";
import { LIMIT_MS, STEP_MS, within } from "../support/wait.ts";
import { ask, failureOf, type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Everything that the server says to these bytes until it closes the connection. */
const say = async (bytes: string, port = Number(new URL(pair.gateway.url).port)): Promise<string> => {
  const socket = connect(port, "127.0.0.1");
  const { promise, resolve } = Promise.withResolvers<string>();
  let said = "";
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => void (said += text));
  socket.on("error", () => resolve(said)); // a reset is one way to close
  socket.on("close", () => resolve(said));
  socket.write(bytes, "latin1");
  try {
    return await within(promise, "the server to close the connection");
  } finally {
    socket.destroy();
  }
};

const answerOf = (said: string): Answer => {
  const [head = "", body = ""] = said.split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), head, body };
};

const request = (line: string, ...headers: readonly string[]): Promise<string> =>
  say(`${[`${line} HTTP/1.1`, ...headers, "connection: close"].join("\r\n")}\r\n\r\n`);

const get = async (path: string, ...hosts: readonly string[]): Promise<Answer> =>
  answerOf(await request(`GET ${path}`, ...hosts.map((host) => `Host: ${host}`)));

const codeOf = (answer: Answer): unknown => {
  const start = answer.body.indexOf("{");
  const parsed = JSON.parse(answer.body.slice(start, answer.body.lastIndexOf("}") + 1)) as JsonObject;
  return (parsed["error"] as JsonObject | undefined)?.["code"] ?? parsed["message"];
};

/** After whatever was said, the same process still answers. */
afterEach(async () => {
  expect((await fetch(`${pair.gateway.url}/healthz`)).status).toBe(200);
});

describe("the Host", () => {
  test.each([["a", "a"], ["localhost", "localhost"], ["localhost", "evil.test"], []])(
    "may not be there twice, or not at all: %p %p",
    async (...hosts) => {
      const said = await request("GET /healthz", ...hosts.map((host) => `Host: ${host}`));
      expect(answerOf(said).status).toBe(400);
      expect(said.match(/HTTP\/1\.1/g)).toHaveLength(1);
    },
  );

  test("may be missing of a health check in HTTP/1.0, and of nothing else", async () => {
    for (const path of ["/", "/healthz", "/readyz"])
      expect(answerOf(await say(`GET ${path} HTTP/1.0\r\n\r\n`)).status).toBe(200);
    for (const line of ["GET /v1/models", "POST /healthz", "GET //a/healthz", "GET /healthz?x"])
      expect(answerOf(await say(`${line} HTTP/1.0\r\n\r\n`)).status).toBe(400);
  });

  test("that is there twice is told in JSON", async () => {
    expect(codeOf(await get("/healthz", "a", "a"))).toBe("invalid_host");
  });

  test.each(["", "x/y", "x?y", "a b", "a@b", "x:abc", "x".repeat(300)])("may not be %j", async (host) => {
    const answer = await get("/v1/models", host);
    expect([answer.status, codeOf(answer)]).toEqual([400, "invalid_host"]);
  });

  const PATHS = ["/zzzzzzzzzzzzzz/v1/models", "/public/xxxxxxx/admin/logs"];
  test.each(["a b", "x/y", ""].flatMap((host) => PATHS.map((path) => [host, path] as const)))(
    "that is none routes nothing: %j %s",
    async (host, path) => {
      expect((await get(path, host)).status).toBe(400);
    },
  );

  test.each(["abc", "x", "localhost"].flatMap((host) => PATHS.map((path) => [host, path] as const)))(
    "%s does not change the path %s",
    async (host, path) => {
      expect((await get(path, host)).status).toBe(404);
    },
  );

  test.each(["gw", "x", "localhost", "127.0.0.1"])("%s reaches what it asks for", async (host) => {
    expect((await get("/v1/models", host)).status).toBe(200);
    const head = [`Host: ${host}`, "content-type: application/json", "content-length: 2"];
    const chat = answerOf(
      await say(`POST /v1/chat/completions HTTP/1.1\r\n${head.join("\r\n")}\r\nconnection: close\r\n\r\n{}`),
    );
    expect(codeOf(chat)).toBe("missing_provider");
  });

  test.each(["evil.test", "0.0.0.0", "127.0.0.1.evil.test"])(
    "%s of a page from outside is refused",
    async (host) => {
      for (const path of ["/v1/models", "/", "/healthz"]) {
        const answer = await get(path, `${host}:${new URL(pair.gateway.url).port}`);
        expect([answer.status, codeOf(answer)]).toEqual([403, "host_not_allowed"]);
      }
    },
  );
});

describe("the method", () => {
  test.each(["TRACE /", "TRACE /v1/models", "PROPFIND /v1/models"])("%s is refused", async (line) => {
    const { status } = answerOf(await request(line, "Host: localhost"));
    expect([400, 405, 501]).toContain(status);
  });

  test.each([
    ["CONNECT", "CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n"],
    ["no token", "G@T / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
  ])("of %s gets no 2xx and no other connection", async (_name, bytes) => {
    const said = await say(bytes);
    expect(said).not.toMatch(/HTTP\/1\.1 2\d\d/);
    expect(pair.upstream.requests).toHaveLength(0);
  });

  test("HEAD gets a head alone", async () => {
    const said = await request("HEAD /healthz", "Host: localhost");
    expect(said).not.toContain('{"status"');
    expect(answerOf(said).body).toBe("");
  });

  test("OPTIONS grants nothing to other pages", async () => {
    for (const path of ["/v1/models", "/healthz", "/v1/chat/completions"]) {
      const { head, status } = answerOf(
        await request(
          `OPTIONS ${path}`,
          "Host: localhost",
          "Origin: https://evil.test",
          "Access-Control-Request-Method: POST",
          "Access-Control-Request-Private-Network: true",
        ),
      );
      expect(head.toLowerCase()).not.toContain("access-control-allow");
      expect(status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe("the path", () => {
  const OUTSIDE_API = [
    "/v1/../healthz/x",
    "/v1/%2e%2e/admin",
    "/%61dmin",
    "/%zz",
    "/v1%2fmodels",
    "/\\v1/models",
  ];
  test.each(OUTSIDE_API)("%s leads nowhere", async (path) => {
    expect([400, 404]).toContain((await get(path, "localhost")).status);
  });

  const INSIDE_API = [
    "/v1/..%2fadmin",
    "/v1/..%5cadmin",
    "/v1/%00",
    "/v1/%zz",
    "/v1/a\\b",
    "/v1//evil.test/x",
  ];
  test.each(INSIDE_API)("%s without a provider is refused", async (path) => {
    expect([400, 404]).toContain((await get(path, "localhost")).status);
  });

  test.each([...INSIDE_API, "/v1/proxy//evil.test/x", "/v1/proxy@evil.test/x", "/v1/proxy.evil.test/x"])(
    "%s never leads to another host than the provider's",
    async (path) => {
      const headers = Object.entries(pair.headers("openai", { authorization: `Bearer ${KEY}` }));
      const said = await request(
        `GET ${path}`,
        "Host: localhost",
        ...headers.map(([name, value]) => `${name}: ${value}`),
      );
      const seen = pair.upstream.requests.map((one) => one.headers["host"]);
      expect(answerOf(said).status).toBeWithin(200, 500);
      expect(seen.every((host) => host === new URL(pair.upstream.url).host)).toBe(true);
    },
  );
});

/** A gateway of its own for a test that ends it. */
const alone = (env: Headers = {}, args: readonly string[] = []): Promise<Gateway> =>
  startGateway({ env, args });

const chat = (
  gateway: Gateway,
  body: JsonObject,
  signal = AbortSignal.timeout(LIMIT_MS),
): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: pair.headers("openai", { "content-type": "application/json", authorization: `Bearer ${KEY}` }),
    body: JSON.stringify(body),
    signal,
  });

const STREAM = { ...ask("echo"), stream: true };

describe("SIGTERM", () => {
  /** A gateway with one stream that has begun and waits for its upstream. */
  const withStream = async (env: Headers = {}) => {
    const gateway = await alone(env);
    pair.upstream.enqueue({ kind: "stall", afterEvents: 2 });
    return { gateway, response: await chat(gateway, STREAM) };
  };

  test("without calls ends the process well", async () => {
    expect(await (await alone()).stop()).toBe(0);
  });

  test("lets a running stream finish, and takes no new calls", async () => {
    const { gateway, response } = await withStream();
    const kept = await keptAlive(gateway);
    const stopped = gateway.stop();
    await gateway.nextRecord(({ event }) => event === "stopping");
    expect(await kept.get("/readyz")).toMatch(/^(HTTP\/1\.1 503|$)/);
    expect(await failureOf(fetch(`${gateway.url}/readyz`))).toBeInstanceOf(Error);
    pair.upstream.release();
    expect(await response.text()).toContain("[DONE]");
    expect(await stopped).toBe(0);
    expect(gateway.records.at(-1)).toMatchObject({ event: "stopped", dropped_lines: 0 });
  });

  test("a second time ends at once", async () => {
    const { gateway, response } = await withStream();
    const stopped = gateway.stop();
    await gateway.nextRecord(({ event }) => event === "stopping");
    process.kill(gateway.pid, "SIGTERM");
    expect(await stopped).toBe(1);
    await response.text().catch(() => undefined);
  });

  test("ends a stream that outlasts the drain with an error in its words", async () => {
    const { gateway, response } = await withStream({ TURNPIKE_DRAIN_MS: "100" });
    const stopped = gateway.stop();
    const text = await within(response.text(), "the stream to be ended");
    expect(text).toContain('"code":"stream_interrupted"');
    expect(text).not.toContain("[DONE]");
    expect(await stopped).toBe(0);
  });
});

/** A connection that was made before, on which one can still ask. */
const keptAlive = async (gateway: Gateway) => {
  const socket: Socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  socket.setEncoding("latin1");
  socket.on("error", () => undefined);
  const get = (path: string): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.once("data", resolve);
    socket.once("close", () => resolve(""));
    if (socket.destroyed) resolve("");
    else socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return within(promise, `an answer to ${path}`);
  };
  expect(await get("/readyz")).toStartWith("HTTP/1.1 200");
  return { get };
};

describe("the models", () => {
  const modelsOf = async (gateway: Gateway): Promise<unknown> =>
    (await fetch(`${gateway.url}/v1/models`)).json();

  test("are none where nothing is configured", async () => {
    expect(await modelsOf(pair.gateway)).toEqual({ object: "list", data: [] });
  });

  test("are those of the settings", async () => {
    const folder = mkdtempSync(join(tmpdir(), "turnpike-test-"));
    const path = join(folder, "settings.yaml");
    writeFileSync(
      path,
      'virtual_keys:\n  team: { provider: openai, api_key: "env:TEAM_KEY", models: [gpt-5] }\n',
    );
    const gateway = await alone({ TEAM_KEY: KEY }, ["--settings", path]);
    expect(await modelsOf(gateway)).toMatchObject({ data: [{ id: "@team/gpt-5", owned_by: "team" }] });
    await gateway.stop();
    rmSync(folder, { recursive: true });
  });
});

const MAIN = join(import.meta.dir, "../../src/main.ts");

/** A gateway whose standard output nobody reads, on a port that was free a moment ago. */
const unread = async () => {
  const free = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const port = free.port ?? 0;
  await free.stop(true);
  const folder = mkdtempSync(join(tmpdir(), "turnpike-test-"));
  const path = join(folder, "stdout");
  Bun.spawnSync(["mkfifo", path]);
  const stdout = openSync(path, "r+"); // held open for reading, never read
  const binary = process.env["TURNPIKE_BINARY"];
  const program = binary === undefined ? [process.execPath, MAIN] : [binary];
  const spawned = Bun.spawn([...program, "serve", "--port", String(port)], {
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" },
    stdin: "ignore",
    stdout,
    stderr: "ignore",
  });
  const kill = async (): Promise<void> => {
    spawned.kill("SIGKILL");
    await spawned.exited;
    closeSync(stdout);
    rmSync(folder, { recursive: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const isUp = (): Promise<boolean> =>
    fetch(url).then(
      () => true,
      () => false,
    );
  const deadline = performance.now() + LIMIT_MS;
  while (!(await isUp()) && performance.now() < deadline) await Bun.sleep(20);
  return { spawned, url, kill };
};

describe("standard output that nobody reads", () => {
  test(
    "stops neither the calls nor the end",
    async () => {
      const { spawned, url, kill } = await unread();
      try {
        const path = `${url}/v1/${"x".repeat(1500)}`; // each refusal is a line of that length
        for (let round = 0; round < 20; round++) {
          const statuses = await Promise.all(
            Array.from({ length: 20 }, async () => {
              const response = await fetch(path, { signal: AbortSignal.timeout(STEP_MS) });
              await response.arrayBuffer();
              return response.status;
            }),
          );
          expect(new Set(statuses)).toEqual(new Set([400]));
        }
        spawned.kill("SIGTERM");
        expect(await within(spawned.exited, "the gateway to stop")).toBe(0);
      } finally {
        await kill();
      }
    },
    LIMIT_MS * 2,
  );
});

describe("the process", () => {
  test("is one, under the pid that was started", () => {
    const listening = pair.gateway.records.find(({ event }) => event === "listening");
    expect(listening?.["pid"]).toBe(pair.gateway.pid);
  });

  /** Asks over a connection of its own: a client's `fetch` has a bound on calls at once, too. */
  const askAlone = (): Socket => {
    const body = JSON.stringify(ask("echo"));
    const headers = Object.entries({
      host: "localhost",
      "content-type": "application/json",
      "content-length": String(body.length),
      ...pair.headers("openai", { authorization: `Bearer ${KEY}` }),
    });
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const socket = connect(Number(new URL(pair.gateway.url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\n${lines}\r\n${body}`);
    return socket;
  };

  test("holds more than 256 calls at once, and another upstream does not wait for them", async () => {
    const HANGING = 300;
    const other = await startUpstream();
    pair.upstream.enqueue(...Array.from({ length: HANGING }, () => ({ kind: "hang" as const })));
    const sockets = Array.from({ length: HANGING }, askAlone);
    try {
      for (let count = 0; count < HANGING; count++) await pair.upstream.next();
      const more = { "x-portkey-custom-host": `${other.url}/v1`, authorization: `Bearer ${KEY}` };
      const startedAt = performance.now();
      const answered = await pair.post("/v1/chat/completions", ask("echo"), pair.headers("openai", more));
      expect(answered.status).toBe(200);
      expect(performance.now() - startedAt).toBeLessThan(1000);
    } finally {
      for (const socket of sockets) socket.destroy();
      await other.close();
    }
  });
});
