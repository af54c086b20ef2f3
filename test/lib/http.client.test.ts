import { describe, expect, test } from "bun:test";
import type { HttpBody } from "../../src/lib/http.ts";
import type { HttpClient } from "../../src/lib/http.client.ts";
import { createHttpClient } from "../../src/lib/http.client.ts";
import { caught } from "./caught.ts";
import { CERTIFICATE } from "./certificate.ts";
import type { RawServer } from "./raw-server.ts";
import {
  answerAll,
  NO_CONTENT,
  request,
  startAnswering,
  startRawServer,
  startSecureServer,
} from "./raw-server.ts";

const get = async (client: HttpClient, url: string, address?: string): Promise<string> =>
  (await client.send(url, request(), address)).text();

const post = (client: HttpClient, { url }: RawServer, body: HttpBody) =>
  client.send(url, request({ method: "POST", body }));

const LOST = { code: "ECONNRESET" };

describe("a connection is kept for the next call", () => {
  test.each<[string, string]>([
    ["without a body", NO_CONTENT],
    ["of no bytes", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"],
    ["of a length", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"],
    ["of chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
    ["of an error", "HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\nno"],
    ["behind an interim one", `HTTP/1.1 100 Continue\r\n\r\n${NO_CONTENT}`],
  ])("after an answer %s", async (_, answer) => {
    const server = await startAnswering(answer);
    const client = createHttpClient();
    for (let call = 0; call < 3; call++) await get(client, server.url);
    await (await post(client, server, "x".repeat(200_000))).text();
    await get(client, `${server.url}other?path`);
    expect(server.connections).toHaveLength(1);
  });

  test("after answers that nobody reads, which are not lost", async () => {
    const server = await startAnswering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    const client = createHttpClient();
    const first = await client.send(server.url, request());
    const second = await client.send(server.url, request());
    expect([await first.text(), await second.text()]).toEqual(["ok", "ok"]);
    expect(server.connections).toHaveLength(1);
  });

  test.each([100_000, 200_000, 1_000_000])("after answers of %d bytes", async (size) => {
    const server = await startAnswering(
      `HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n${"x".repeat(size)}`,
    );
    const client = createHttpClient();
    for (let call = 0; call < 4; call++) expect(await get(client, server.url)).toHaveLength(size);
    expect(server.connections).toHaveLength(1);
  });

  test("after a body that was a stream", async () => {
    const server = await startAnswering(NO_CONTENT);
    const client = createHttpClient();
    await post(client, server, new Response("a").body ?? "");
    await post(client, server, "b");
    expect(server.connections).toHaveLength(1);
  });

  test("over TLS", async () => {
    const server = await startSecureServer((connection) => answerAll(connection, NO_CONTENT));
    const client = createHttpClient({ ca: CERTIFICATE });
    for (let call = 0; call < 2; call++)
      await get(client, `https://pub.example:${server.port}/`, "127.0.0.1");
    expect(server.connections).toHaveLength(1);
  });
});

describe("a connection is not shared", () => {
  test("by calls at one time", async () => {
    const both = Promise.withResolvers<void>();
    const server = await startRawServer(async (connection, index) => {
      const { head } = await connection.request();
      if (index === 1) both.resolve();
      await both.promise;
      connection.say(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n${head.slice(5, 7)}`);
      await answerAll(connection, NO_CONTENT);
    });
    const client = createHttpClient();
    const paths = ["p1", "p2"];
    const calls = paths.map((path) => get(client, `${server.url}${path}`));
    expect(await Promise.all(calls)).toEqual(paths);
    await Promise.all(paths.map((path) => get(client, `${server.url}${path}`)));
    expect(server.connections).toHaveLength(2);
  });

  test("before the answer is whole", async () => {
    const server = await startRawServer(async (connection, index) => {
      if (index > 0) return answerAll(connection, NO_CONTENT);
      await connection.request();
      connection.say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no");
    });
    const client = createHttpClient();
    const first = await client.send(server.url, request());
    await get(client, server.url);
    (await server.connection(0)).say("k");
    expect(await first.text()).toBe("ok");
    expect(server.connections).toHaveLength(2);
  });

  test("by origins that are one server's", async () => {
    const server = await startAnswering(NO_CONTENT);
    const client = createHttpClient();
    const at = (host: string) => `http://${host}:${server.port}/`;
    await get(client, at("one.example"), "127.0.0.1");
    await get(client, at("two.example"), "127.0.0.1");
    await get(client, at("127.0.0.1"));
    expect(server.connections).toHaveLength(3);
    await get(client, at("ONE.example"), "127.0.0.1");
    expect(server.connections).toHaveLength(3);
  });

  test("by calls of one name whose address is given or not", async () => {
    const server = await startAnswering(NO_CONTENT);
    const client = createHttpClient();
    const url = `http://localhost:${server.port}/`;
    await get(client, url);
    await get(client, url, "127.0.0.1");
    expect(server.connections).toHaveLength(2);
  });
});

describe("a connection is not used again", () => {
  test.each<[string, string]>([
    ["that is to be closed", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"],
    ["of HTTP/1.0", "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n"],
    ["that brought more than the answer", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nmore"],
    ["that is kept for a second", "HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 0\r\n\r\n"],
    ["that is not kept", "HTTP/1.1 200 OK\r\nKeep-Alive: max=5, timeout=0\r\ncontent-length: 0\r\n\r\n"],
    [
      "whose answer's end is told in two ways",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
  ])("%s", async (_, answer) => {
    const server = await startAnswering(answer);
    const client = createHttpClient();
    expect(await get(client, server.url)).toBe("");
    await (
      await server.connection(0)
    ).closed;
    await get(client, server.url);
    expect(server.connections).toHaveLength(2);
  });

  test("that speaks something else, as soon as that shows", async () => {
    const server = await startAnswering("SSH-2.0-OpenSSH_9.2\r\n");
    expect(await caught(get(createHttpClient(), server.url))).toMatchObject({ code: "InvalidHTTPResponse" });
    await (
      await server.connection(0)
    ).closed;
  });

  test("whose answer was malformed", async () => {
    const server = await startAnswering("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n");
    await caught(get(createHttpClient(), server.url));
    await (
      await server.connection(0)
    ).closed;
  });

  test("that the server closed meanwhile", async () => {
    const server = await startAnswering(NO_CONTENT, "ends");
    const client = createHttpClient();
    await get(client, server.url);
    const first = await server.connection(0);
    await first.closed;
    await get(client, server.url);
    expect(server.connections).toHaveLength(2);
    expect(first.received).toBe("");
  });

  test("on which the server said something unasked", async () => {
    const server = await startAnswering(NO_CONTENT);
    const client = createHttpClient();
    await get(client, server.url);
    const first = await server.connection(0);
    first.say("HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n");
    await first.closed;
    expect((await client.send(server.url, request())).status).toBe(204);
    expect(server.connections).toHaveLength(2);
  });

  test.each<[string, number]>([
    ["HTTP/1.1 204 No Content\r\n\r\n", 30_000],
    ["HTTP/1.1 204 No Content\r\nkeep-alive: timeout=5\r\n\r\n", 4000],
    ["HTTP/1.1 204 No Content\r\nKeep-Alive: timeout=600\r\n\r\n", 30_000],
  ])("once it was idle for too long: %j, %d ms", async (answer, idleMs) => {
    let now = 1000;
    const server = await startAnswering(answer);
    const client = createHttpClient({ now: () => now });
    await get(client, server.url);
    now += idleMs - 1;
    await get(client, server.url);
    expect(server.connections).toHaveLength(1);
    now += idleMs;
    await get(client, server.url);
    expect(server.connections).toHaveLength(2);
    await server.connections[0]?.closed;
  });
});

describe("a kept connection that ends before a byte of the answer", () => {
  /** Answers once over the first connection, and then does this to it; over others, it does that. */
  const startEnding = (
    first: (end: () => void, say: (text: string) => void) => void,
    others: "answers" | "ends",
  ) =>
    startRawServer(async (connection, index) => {
      const end = (): void => void connection.socket.destroy();
      if (index > 0 && others === "answers") return answerAll(connection, NO_CONTENT);
      await connection.request();
      if (index > 0) return end();
      connection.say(NO_CONTENT);
      await connection.request();
      first(end, (text) => connection.say(text));
    });

  test("is replaced, and the request is sent as it was", async () => {
    const server = await startEnding((end) => end(), "answers");
    const client = createHttpClient();
    await get(client, server.url);
    expect((await post(client, server, "body")).status).toBe(204);
    const sent = server.connections.map(({ last }) => last);
    expect(sent).toHaveLength(2);
    expect(sent[0]).toEndWith("content-length: 4\r\n\r\nbody");
    expect(sent[1]).toBe(sent[0]);
  });

  test("is replaced once", async () => {
    const server = await startEnding((end) => end(), "ends");
    const client = createHttpClient();
    await get(client, server.url);
    expect(await caught(post(client, server, "body"))).toMatchObject(LOST);
    expect(server.connections).toHaveLength(2);
  });

  test("is not replaced when a byte came", async () => {
    const server = await startEnding((end, say) => {
      say("H");
      end();
    }, "answers");
    const client = createHttpClient();
    await get(client, server.url);
    expect(await caught(get(client, server.url))).toMatchObject(LOST);
    expect(server.connections).toHaveLength(1);
  });

  test("is not used for a stream, which can be sent once", async () => {
    const server = await startAnswering(NO_CONTENT);
    const client = createHttpClient();
    await get(client, server.url);
    await post(client, server, new Response("body").body ?? "");
    expect(server.connections).toHaveLength(2);
  });

  test("is not replaced when nobody waits any more", async () => {
    const leaving = new AbortController();
    const server = await startEnding(() => leaving.abort(new Error("left")), "answers");
    const client = createHttpClient();
    await get(client, server.url);
    const call = client.send(server.url, request({ signal: leaving.signal }));
    expect(await caught(call)).toBe(leaving.signal.reason);
    await server.connections[0]?.closed;
    expect(server.connections).toHaveLength(1);
  });

  test("is not replaced when it is new", async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request();
      connection.socket.destroy();
    });
    expect(await caught(get(createHttpClient(), server.url))).toMatchObject(LOST);
    expect(server.connections).toHaveLength(1);
  });
});

test("two clients have no connection in common", async () => {
  const server = await startAnswering(NO_CONTENT);
  await get(createHttpClient(), server.url);
  await get(createHttpClient(), server.url);
  expect(server.connections).toHaveLength(2);
});
