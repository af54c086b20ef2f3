import { describe, expect, test } from "bun:test";
import type { Bytes } from "../../src/lib/bytes.ts";
import type { HttpRequest } from "../../src/lib/http.ts";
import { createHttpClient } from "../../src/lib/http.client.ts";
import { streamOf } from "../../src/lib/stream-of.ts";
import { caught } from "./caught.ts";
import { answerAll, NO_CONTENT, request, startAnswering, startRawServer } from "./raw-server.ts";

const bytes = (text: string): Bytes => new TextEncoder().encode(text);

/** A body of these pieces. */
const streaming = (...pieces: readonly string[]): ReadableStream<Bytes> =>
  streamOf(
    (async function* () {
      for (const piece of pieces) yield bytes(piece);
    })(),
  );

const posting = (body: HttpRequest["body"] = null, headers: Record<string, string> = {}): HttpRequest =>
  request({ method: "POST", body, headers });

/** What arrives of this body before it is answered. */
const arrived = async (body: ReadableStream<Bytes>, headers: Record<string, string> = {}) => {
  const server = await startAnswering(NO_CONTENT);
  const response = await createHttpClient().send(server.url, posting(body, headers));
  expect(response.status).toBe(204);
  return server.connections[0]?.last ?? "";
};

const EARLY = "HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno";

const MIB = 1024 * 1024;

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A body that goes on for as long as somebody reads it. */
const endless = (size: number) => {
  let pulled = 0;
  const began = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<void>();
  const body = new ReadableStream<Bytes>(
    {
      pull: (controller) => {
        pulled += size;
        began.resolve();
        if (pulled > 1024 * MIB) throw new Error("It is read without end");
        controller.enqueue(new Uint8Array(size));
      },
      cancel: () => cancelled.resolve(),
    },
    { highWaterMark: 0 },
  );
  return { body, pulled: () => pulled, began: began.promise, cancelled: cancelled.promise };
};

describe("a stream as a body", () => {
  test("whose length nobody knows is sent in chunks", async () => {
    const sent = await arrived(streaming("abc", "", "0123456789abcdef", ""));
    expect(sent).toContain("\r\ntransfer-encoding: chunked\r\n");
    expect(sent).not.toContain("content-length");
    expect(sent).toEndWith("\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
  });

  test.each([[[]], [["", ""]]])("that is empty is one last chunk: %j", async (pieces) => {
    expect(await arrived(streaming(...pieces))).toEndWith("\r\n\r\n0\r\n\r\n");
  });

  test.each(["content-length", "Content-Length"])("is as long as its %s says", async (name) => {
    const sent = await arrived(streaming("abc", "", "de"), { [name]: "5" });
    expect(sent).not.toContain("transfer-encoding");
    expect(sent).toEndWith("\r\ncontent-length: 5\r\n\r\nabcde");
  });

  test("is as long as the content-length of Headers says", async () => {
    const server = await startAnswering(NO_CONTENT);
    const headers = new Headers({ "content-length": "3" });
    await createHttpClient().send(server.url, { ...posting(streaming("abc")), headers });
    expect(server.connections[0]?.last).toEndWith("content-length: 3\r\n\r\nabc");
  });

  test.each(["five", "-5", "5, 5", ""])(
    "of a content-length that is none is sent in chunks: %p",
    async (said) => {
      expect(await arrived(streaming("abc"), { "content-length": said })).toEndWith("3\r\nabc\r\n0\r\n\r\n");
    },
  );

  test("that is nothing may say so", async () => {
    expect(await arrived(streaming(), { "content-length": "0" })).toEndWith("content-length: 0\r\n\r\n");
  });

  test.each([
    ["longer", ["abc", "de"], "4"],
    ["shorter", ["abc"], "4"],
    ["nothing", [], "1"],
    ["anything", ["abc"], "0"],
  ])("%s than it says fails, and ends the connection", async (_, pieces, said) => {
    const server = await startRawServer();
    const call = createHttpClient().send(
      server.url,
      posting(streaming(...pieces), { "content-length": said }),
    );
    expect(await caught(call)).toBeInstanceOf(TypeError);
    const connection = await server.connection(0);
    await connection.closed;
    const [, body = ""] = connection.received.split("\r\n\r\n");
    expect(body.length).toBeLessThanOrEqual(Number(said));
  });

  test("that fails midway fails the call with its reason, and does not end as if it were whole", async () => {
    const server = await startRawServer();
    const reason = new Error("the source is gone");
    const body = streamOf(
      (async function* () {
        yield bytes("abc");
        throw reason;
      })(),
    );
    expect(await caught(createHttpClient().send(server.url, posting(body)))).toBe(reason);
    const connection = await server.connection(0);
    await connection.closed;
    expect(connection.received).not.toContain("\r\n0\r\n");
  });

  test("that somebody else reads fails the call", async () => {
    const server = await startAnswering(NO_CONTENT);
    const body = streaming("abc");
    body.getReader();
    expect(await caught(createHttpClient().send(server.url, posting(body)))).toBeInstanceOf(TypeError);
  });

  test("of several MiB arrives as it was", async () => {
    const sizes = [1, 5_000_000, 70_000, 3];
    const pieces = sizes.map((size, index) => String(index).repeat(size));
    const total = sizes.reduce((sum, size) => sum + size);
    const sent = await arrived(streaming(...pieces), { "content-length": String(total) });
    expect(sent.split("\r\n\r\n")[1] === pieces.join("")).toBe(true);
  });

  test("that repeats a buffer, which was given away with its piece, fails rather than arrive without it", async () => {
    const server = await startAnswering(NO_CONTENT);
    const piece = bytes("abc");
    const body = new ReadableStream<Bytes>({
      start(controller) {
        controller.enqueue(piece);
        controller.enqueue(piece);
        controller.close();
      },
    });
    expect(await caught(createHttpClient().send(server.url, posting(body)))).toBeInstanceOf(TypeError);
  });

  test("keeps what of its buffers was no part of it", async () => {
    const buffer = bytes("abcdef");
    const body = new ReadableStream<Bytes>({
      start(controller) {
        controller.enqueue(buffer.subarray(0, 3));
        controller.enqueue(buffer.subarray(3));
        controller.close();
      },
    });
    expect(await arrived(body, { "content-length": "6" })).toEndWith("\r\n\r\nabcdef");
    expect(buffer).toEqual(bytes("abcdef"));
  });

  test("is not read ahead of an upstream that does not read", async () => {
    const { body, pulled, began, cancelled } = endless(256 * 1024);
    const server = await startRawServer((connection) => {
      connection.socket.pause();
    });
    const leaving = new AbortController();
    const call = createHttpClient().send(server.url, { ...posting(body), signal: leaving.signal });
    await began;
    await turns(200); // in each of which a client that does not wait would read on
    expect(pulled()).toBeLessThan(64 * MIB); // what two sockets may hold, and more
    leaving.abort();
    expect(await caught(call)).toHaveProperty("name", "AbortError");
    await cancelled;
  });

  test("goes on when the upstream reads again", async () => {
    const size = 32 * MIB;
    const piece = 256 * 1024;
    let pulled = 0;
    const body = new ReadableStream<Bytes>(
      {
        pull(controller) {
          pulled += piece;
          controller.enqueue(new Uint8Array(piece));
          if (pulled === size) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    let came = 0;
    const server = await startRawServer(({ socket }) => {
      socket.removeAllListeners("data");
      socket.on("data", (chunk) => {
        came += chunk.length;
        socket.pause();
        setImmediate(() => socket.resume());
        if (came > size) socket.write(NO_CONTENT);
      });
    });
    const response = await createHttpClient().send(
      server.url,
      posting(body, { "content-length": String(size) }),
    );
    expect(response.status).toBe(204);
    expect(pulled).toBe(size);
  });
});

describe("an upstream that answers before it has read all", () => {
  test("is heard, and the rest of a stream is neither sent nor kept open", async () => {
    const server = await startRawServer(async (connection) => {
      await connection.head();
      connection.say(EARLY);
    });
    const { body, cancelled } = endless(64 * 1024);
    const response = await createHttpClient().send(server.url, posting(body));
    expect([response.status, await response.text()]).toEqual([413, "no"]);
    await cancelled;
    await (
      await server.connection(0)
    ).closed;
  });

  test("ends a stream that has nothing to say", async () => {
    const server = await startRawServer(async (connection) => {
      await connection.head();
      connection.say(EARLY);
    });
    const cancelled = Promise.withResolvers<void>();
    const body = new ReadableStream<Bytes>({ cancel: () => cancelled.resolve() });
    const response = await createHttpClient().send(server.url, posting(body));
    expect(await response.text()).toBe("no");
    await cancelled.promise;
  });

  test("is heard while a large body is on its way, and its connection is not used again", async () => {
    const server = await startRawServer(async (connection, index) => {
      if (index > 0) return answerAll(connection, NO_CONTENT);
      connection.socket.once("data", () => {
        connection.socket.pause();
        connection.say(EARLY);
      });
    });
    const client = createHttpClient();
    const response = await client.send(server.url, posting(new Uint8Array(32 * MIB)));
    expect([response.status, await response.text()]).toEqual([413, "no"]);
    await client.send(server.url, request());
    expect(server.connections).toHaveLength(2);
  });

  test("may begin its answer, and read on", async () => {
    const server = await startRawServer(async (connection) => {
      await connection.head();
      connection.say("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
      await connection.request();
      connection.say("end");
    });
    const more = Promise.withResolvers<Bytes>();
    const body = streamOf(
      (async function* () {
        yield bytes("first");
        yield await more.promise;
      })(),
    );
    const response = await createHttpClient().send(server.url, posting(body));
    more.resolve(bytes("second"));
    expect(await response.text()).toBe("end");
    expect(server.connections[0]?.last).toEndWith("5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n");
  });
});

describe("a call that is ended while its body is sent", () => {
  test("lets go of a source that says nothing", async () => {
    const server = await startRawServer();
    const leaving = new AbortController();
    const cancelled = Promise.withResolvers<void>();
    const body = new ReadableStream<Bytes>({ cancel: () => cancelled.resolve() });
    const call = createHttpClient().send(server.url, { ...posting(body), signal: leaving.signal });
    await (await server.connection(0)).head();
    leaving.abort();
    expect(await caught(call)).toHaveProperty("name", "AbortError");
    await cancelled.promise;
  });

  test("by its upstream fails, and lets go of the source", async () => {
    const server = await startRawServer(async (connection) => {
      await connection.head();
      connection.socket.destroy();
    });
    const { body, cancelled } = endless(64 * 1024);
    const call = createHttpClient().send(server.url, posting(body));
    expect(await caught(call)).toMatchObject({ code: "ECONNRESET" });
    await cancelled;
  });
});
