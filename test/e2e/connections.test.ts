/** The gateway's own connections to providers: kept, replaced when they turn out dead, and given up when they do not come about. */
import { afterAll, describe, expect, test } from "bun:test";
import { createServer, type AddressInfo, type Server } from "node:net";
import { within } from "../support/wait.ts";
import { ask, KEY, startPair } from "./setup.ts";

const CONNECT_MS = 100;
const pair = startPair({ env: { TURNPIKE_CONNECT_MS: String(CONNECT_MS) } });

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

const authorized = (): Record<string, string> => pair.headers("openai", { authorization: `Bearer ${KEY}` });

describe("a connection that was kept", () => {
  test("and has died is replaced, which the client does not see and the record tells", async () => {
    await (await pair.post("/v1/chat/completions", ask("echo"), authorized())).text();
    pair.upstream.enqueue({ kind: "refuse" });
    const response = await pair.post("/v1/chat/completions", ask("echo"), authorized());
    expect(response.status).toBe(200);
    expect(response.headers.get("x-portkey-retry-attempt-count")).toBe("0");
    const traceId = response.headers.get("x-portkey-trace-id");
    expect(await pair.gateway.nextRecord((record) => record["trace_id"] === traceId)).toMatchObject({
      outcome: "answered",
      attempts: [{ status: 200, reconnected: true }],
    });
  });

  test("and dies in the middle of an answer is not", async () => {
    await (await pair.post("/v1/chat/completions", ask("echo"), authorized())).text();
    pair.upstream.enqueue({ kind: "cut", afterEvents: 2, how: "rst" });
    const before = pair.upstream.requests.length;
    const response = await pair.post("/v1/chat/completions", { ...ask("echo"), stream: true }, authorized());
    expect(await response.text()).toContain("stream_interrupted");
    expect(pair.upstream.requests).toHaveLength(before + 1);
  });
});

describe("a provider that takes a connection and says nothing", () => {
  /** It would shake hands, if it spoke TLS. */
  const silent = (): Promise<string> =>
    new Promise((resolve) => {
      const server = createServer((socket) => void socket.on("error", () => undefined));
      servers.push(server);
      server.listen(0, "127.0.0.1", () =>
        resolve(`https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`),
      );
    });

  test("is given up after the limit for connecting, and let go of", async () => {
    const host = await silent();
    const left = Promise.withResolvers<void>();
    servers.at(-1)?.on("connection", (socket) => socket.resume().on("close", () => left.resolve()));
    const response = await pair.post("/v1/chat/completions", ask("echo"), {
      ...authorized(),
      "x-portkey-custom-host": host,
    });
    await within(left.promise, "the connection to end");
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({
      error: { code: "upstream_unreachable", message: "Cannot reach openai: timed out" },
    });
  });

  test("gives way to the next target", async () => {
    const config = {
      strategy: { mode: "fallback" },
      targets: [pair.target("openai", { custom_host: await silent() }), pair.target("openai")],
    };
    const response = await pair.route(config);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-portkey-last-used-option-index")).toBe("config.targets[1]");
  });
});
