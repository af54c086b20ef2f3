import { describe, expect, spyOn, test } from "bun:test";
import type { HttpClientOptions } from "../../src/lib/http.client.ts";
import { createHttpClient } from "../../src/lib/http.client.ts";
import { Ender } from "../../src/lib/ending.ts";
import type { Ending } from "../../src/lib/ending.ts";
import { caught } from "./caught.ts";
import { CERTIFICATE } from "./certificate.ts";
import {
  answerAll,
  NO_CONTENT,
  request,
  startAnswering,
  startRawServer,
  startSecureServer,
} from "./raw-server.ts";

const LOOPBACK = "127.0.0.1";

const failure = (url: string, options: HttpClientOptions = {}, address?: string) =>
  caught(createHttpClient(options).send(url, request(), address));

describe("a connection that cannot be made", () => {
  test("is refused where nobody listens", async () => {
    const server = await startRawServer();
    await server.close();
    expect(await failure(server.url)).toMatchObject({ code: "ECONNREFUSED" });
    expect(await failure(`https://pub.example:${server.port}/`, {}, LOOPBACK)).toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  test("has no address where the name has none", async () => {
    const name = "a".repeat(64); // longer than a label may be, so that no name server is asked
    expect(await failure(`http://${name}.invalid/`)).toMatchObject({ code: "ENOTFOUND" });
  });

  test("fails after its limit, and is given up", async () => {
    const server = await startRawServer(); // which does not answer to TLS
    const url = server.url.replace("http:", "https:");
    expect(await failure(url, { connectMs: 20 })).toMatchObject({ code: "ETIMEDOUT" });
    await (
      await server.connection(0)
    ).closed;
  });

  test("is given up by whoever does not wait any more", async () => {
    const server = await startRawServer();
    const leaving = new AbortController();
    const call = createHttpClient().send(
      server.url.replace("http:", "https:"),
      request({ signal: leaving.signal }),
    );
    const connection = await server.connection(0);
    await connection.until((received) => received.length > 0); // the handshake has begun
    const reason = new Error("left");
    leaving.abort(reason);
    expect(await caught(call)).toBe(reason);
    await connection.closed;
  });

  test("fails where TLS is not spoken", async () => {
    const server = await startRawServer((connection) => {
      connection.socket.end(NO_CONTENT);
    });
    const error = await failure(server.url.replace("http:", "https:"));
    expect(error).toHaveProperty("code", expect.stringMatching(/^ERR_SSL_|^EPROTO$/));
  });

  test("fails where the other side leaves during the handshake", async () => {
    const server = await startRawServer(async (connection) => {
      await connection.until((received) => received.length > 0);
      connection.socket.end();
    });
    expect(await failure(server.url.replace("http:", "https:"))).toMatchObject({ code: "ECONNRESET" });
  });
});

describe("when a call is over, nothing of it is left at its signal", () => {
  /** How many listen to it. */
  const counted = () => {
    const ender = new Ender();
    let listening = 0;
    const signal: Ending = {
      aborted: false,
      reason: undefined,
      throwIfAborted: () => undefined,
      addEventListener(type, listener) {
        listening++;
        ender.addEventListener(type, listener);
      },
      removeEventListener(type, listener) {
        listening--;
        ender.removeEventListener(type, listener);
      },
    };
    return { signal, listening: () => listening };
  };

  test("though it was refused", async () => {
    const server = await startRawServer();
    await server.close();
    const { signal, listening } = counted();
    await caught(createHttpClient().send(server.url, request({ signal })));
    expect(listening()).toBe(0);
  });

  test("though its authorities are none", async () => {
    const { signal, listening } = counted();
    const client = createHttpClient({ ca: "no certificate", connectMs: 600_000 });
    expect(await caught(client.send("https://127.0.0.1:1/", request({ signal })))).toBeInstanceOf(Error);
    expect(listening()).toBe(0);
  });

  test("once its answer is whole, or has failed", async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request();
      connection.say(NO_CONTENT);
      await connection.request();
      connection.say("no answer\r\n\r\n");
    });
    const client = createHttpClient();
    const { signal, listening } = counted();
    await client.send(server.url, request({ signal }));
    expect(listening()).toBe(0);
    await caught(client.send(server.url, request({ signal })));
    expect(listening()).toBe(0);
  });
});

test("the limit for a connection is lifted once it is made", async () => {
  const server = await startRawServer();
  const setting = spyOn(globalThis, "setTimeout");
  const clearing = spyOn(globalThis, "clearTimeout");
  try {
    const call = createHttpClient({ connectMs: 123_456 }).send(server.url, request());
    const connection = await server.connection(0);
    await connection.request();
    const limit = setting.mock.calls.findIndex(([, ms]) => ms === 123_456);
    expect(clearing.mock.calls.map(([timer]): unknown => timer)).toContain(
      setting.mock.results[limit]?.value,
    );
    connection.say(NO_CONTENT);
    await call;
  } finally {
    setting.mockRestore();
    clearing.mockRestore();
  }
});

describe("a connection is made", () => {
  test("to the address instead of the name", async () => {
    const server = await startAnswering(NO_CONTENT);
    const url = `http://nowhere.invalid:${server.port}/`;
    const response = await createHttpClient().send(url, request(), LOOPBACK);
    expect(response.status).toBe(204);
    expect(server.connections[0]?.last).toContain(`host: nowhere.invalid:${server.port}\r\n`);
  });

  test("to an IPv6 address instead of the name", async () => {
    const server = await startRawServer((connection) => answerAll(connection, NO_CONTENT), "::1");
    const url = `http://nowhere.invalid:${server.port}/`;
    expect((await createHttpClient().send(url, request(), "::1")).status).toBe(204);
  });

  test("to a name", async () => {
    const server = await startAnswering(NO_CONTENT);
    const response = await createHttpClient().send(`http://localhost:${server.port}/`, request());
    expect(response.status).toBe(204);
  });
});

describe("over TLS", () => {
  const start = () => startSecureServer((connection) => answerAll(connection, NO_CONTENT));

  test("a server is called by the name of its certificate", async () => {
    const server = await start();
    const client = createHttpClient({ ca: CERTIFICATE });
    const response = await client.send(`https://pub.example:${server.port}/x`, request(), LOOPBACK);
    expect(response.status).toBe(204);
    expect(server.connections[0]?.last).toStartWith(
      `GET /x HTTP/1.1\r\nhost: pub.example:${server.port}\r\n`,
    );
  });

  test.each<[string, string, HttpClientOptions, string]>([
    ["that nobody trusts", "pub.example", {}, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["for another name", "other.example", { ca: CERTIFICATE }, "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["for a name above", "a.pub.example", { ca: CERTIFICATE }, "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["for a name where an address was meant", LOOPBACK, { ca: CERTIFICATE }, "ERR_TLS_CERT_ALTNAME_INVALID"],
  ])("nothing is sent to a server with a certificate %s", async (_, host, options, code) => {
    const server = await start();
    const body = "secret";
    const headers = { authorization: "secret" };
    const failed = createHttpClient(options).send(
      `https://${host}:${server.port}/`,
      request({ method: "POST", headers, body }),
      LOOPBACK,
    );
    expect(await caught(failed)).toMatchObject({ code });
    const client = createHttpClient({ ca: CERTIFICATE });
    await client.send(`https://pub.example:${server.port}/`, request(), LOOPBACK);
    const [last, ...others] = server.connections.toReversed();
    await Promise.all(others.map(({ closed }) => closed));
    expect(last?.last).toStartWith("GET / HTTP/1.1\r\n");
    expect(others.map(({ last, received }) => last + received).join("")).toBe("");
  });

  test.each([
    ["pub.example", true],
    [LOOPBACK, false], // which is no name (RFC 6066 §3)
  ])("the server is told before all that %s is called: %p", async (host, isTold) => {
    const server = await startRawServer(); // which hears the beginning of a handshake
    const leaving = new AbortController();
    const url = `https://${host}:${server.port}/`;
    const call = createHttpClient().send(url, request({ signal: leaving.signal }), LOOPBACK);
    const hello = await (await server.connection(0)).until((received) => received.length > 0);
    leaving.abort();
    await caught(call);
    expect(hello.includes(host)).toBe(isTold);
    expect(hello).toContain("\u0008http/1.1"); // what it is asked to speak (RFC 7301)
  });

  test("bodies of several MiB go both ways", async () => {
    const size = 6_000_000;
    const server = await startSecureServer((connection) =>
      answerAll(connection, `HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n${"y".repeat(size)}`),
    );
    const client = createHttpClient({ ca: CERTIFICATE });
    const body = Buffer.alloc(size, "x");
    const url = `https://pub.example:${server.port}/`;
    const response = await client.send(url, request({ method: "POST", body }), LOOPBACK);
    expect((await response.text()) === "y".repeat(size)).toBe(true);
    expect(server.connections[0]?.last.endsWith(body.toString("latin1"))).toBe(true);
  });

  test("a body that ends with its connection is whole", async () => {
    const server = await startSecureServer((connection) =>
      answerAll(connection, "HTTP/1.1 200 OK\r\n\r\nall of it", "ends"),
    );
    const client = createHttpClient({ ca: CERTIFICATE });
    const response = await client.send(`https://pub.example:${server.port}/`, request(), LOOPBACK);
    expect(await response.text()).toBe("all of it");
  });
});
