import { describe, expect, spyOn, test } from "bun:test";
import type { HttpResponse } from "../../src/lib/http.ts";
import { readerOf } from "../../src/lib/http.ts";
import { createHttpClient } from "../../src/lib/http.client.ts";
import { Connection } from "../../src/lib/http.connection.ts";
import { Exchange } from "../../src/lib/http.exchange.ts";
import { Ender } from "../../src/lib/ending.ts";
import type { Ending } from "../../src/lib/ending.ts";
import { caught } from "./caught.ts";
import { CERTIFICATE } from "./certificate.ts";
import type { RawConnection, RawServer } from "./raw-server.ts";
import { NO_CONTENT, request, startAnswering, startRawServer, startSecureServer } from "./raw-server.ts";

const LOST = { code: "ECONNRESET" };
const MIB = 1024 * 1024;

const sized = (length: number, body = ""): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n${body}`;

interface Begun {
  readonly response: HttpResponse;
  readonly connection: RawConnection;
}

/** An answer of which this has been said, and the connection to say more over. */
const begun = async (said: string, signal?: Ending): Promise<Begun> => {
  const server = await startAnswering(said);
  const response = await createHttpClient().send(server.url, request(signal === undefined ? {} : { signal }));
  return { response, connection: await server.connection(0) };
};

const reading = ({ response }: Begun) => {
  const reader = readerOf(response);
  if (reader === undefined) throw new Error("There is nothing to read");
  return {
    read: async () => {
      const { done, value } = await reader.read();
      return done ? undefined : Buffer.from(value).toString("latin1");
    },
    cancel: () => reader.cancel(),
  };
};

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe("an answer's body", () => {
  test("is read piece by piece, as it comes", async () => {
    const answer = await begun(sized(6, "ab"));
    const { read } = reading(answer);
    expect(await read()).toBe("ab");
    for (const piece of ["cd", "ef"]) {
      const next = read();
      answer.connection.say(piece);
      expect(await next).toBe(piece);
    }
    expect(await read()).toBeUndefined();
    expect(await read()).toBeUndefined();
  });

  test("is read as a stream", async () => {
    const { response, connection } = await begun(sized(4, "ab"));
    let text = "";
    for await (const piece of response.body ?? []) {
      if (text === "") connection.say("cd");
      text += Buffer.from(piece).toString("latin1");
    }
    expect(text).toBe("abcd");
    expect(response.body).toBe(response.body);
  });

  test("is read whole, as bytes, as text and as JSON", async () => {
    const json = '{"a":"grüße €"}';
    const said = sized(Buffer.byteLength(json), Buffer.from(json).toString("latin1"));
    expect(Buffer.from(await (await begun(said)).response.bytes()).toString()).toBe(json);
    expect(await (await begun(said)).response.text()).toBe(json);
    expect(await (await begun(said)).response.json()).toEqual({ a: "grüße €" });
    expect(await caught((await begun(sized(1, "{"))).response.json())).toBeInstanceOf(SyntaxError);
  });

  test("is a text though a character was cut, and broken bytes are replaced", async () => {
    const answer = await begun(sized(5, "\u00e2\u0082"));
    const text = answer.response.text();
    answer.connection.say("\u00ac\u00ff!");
    expect(await text).toBe("€\ufffd!");
  });

  test("is read from where it was left", async () => {
    const answer = await begun(sized(4, "ab"));
    expect(await reading(answer).read()).toBe("ab");
    answer.connection.say("cd");
    expect(await answer.response.text()).toBe("cd");
  });

  test("is read by one reader at a time", async () => {
    const { response, connection } = await begun(sized(4, "ab"));
    const first = response.text();
    expect(await caught(response.text())).toBeInstanceOf(TypeError);
    connection.say("cd");
    expect(await first).toBe("abcd");
  });

  test("is none where there is none", async () => {
    const answer = await begun(NO_CONTENT);
    expect(answer.response.body).toBeNull();
    expect(await reading(answer).read()).toBeUndefined();
    await reading(answer).cancel();
    expect(await answer.response.text()).toBe("");
    expect(await answer.response.bytes()).toHaveLength(0);
  });

  test.each<[number, boolean]>([
    [200, true],
    [299, true],
    [300, false],
    [500, false],
  ])("comes with %d, which is fine: %p", async (status, ok) => {
    const { response } = await begun(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`);
    expect(response.ok).toBe(ok);
  });
});

describe("a body that is cut", () => {
  test.each<[string, (connection: RawConnection) => unknown]>([
    ["by its end", ({ socket }) => socket.end()],
    ["by a reset", ({ socket }) => socket.resetAndDestroy()],
  ])("%s is an error, behind what came before", async (_, cut) => {
    const answer = await begun(sized(9, "abc"));
    const { read } = reading(answer);
    expect(await read()).toBe("abc");
    const next = read();
    cut(answer.connection);
    expect(await caught(next)).toMatchObject(LOST);
    expect(await caught(read())).toMatchObject(LOST);
    expect(await caught(answer.response.text())).toMatchObject(LOST);
  });

  test("is read up to there, however late", async () => {
    const answer = await begun(sized(9, "abc"));
    answer.connection.socket.end();
    await answer.connection.closed;
    const { read } = reading(answer);
    expect(await read()).toBe("abc");
    expect(await caught(read())).toMatchObject(LOST);
  });

  test("while much of it waits is read up to there", async () => {
    const size = 4 * MIB;
    const answer = await begun(sized(2 * size, "x".repeat(size)));
    answer.connection.socket.end();
    const { read } = reading(answer);
    let came = 0;
    const failed = await caught(
      (async () => {
        for (;;) came += (await read())?.length ?? Number.NaN;
      })(),
    );
    expect(failed).toMatchObject(LOST);
    expect(came).toBe(size);
  });

  test("by a reset is not one that ends with its connection", async () => {
    const answer = await begun("HTTP/1.1 200 OK\r\n\r\nabc");
    const { read } = reading(answer);
    expect(await read()).toBe("abc");
    answer.connection.socket.resetAndDestroy();
    expect(await caught(read())).toMatchObject(LOST);
  });

  test("by a chunk that is none is malformed, behind what came before", async () => {
    const answer = await begun("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n");
    const { read } = reading(answer);
    expect(await read()).toBe("a");
    answer.connection.say("oops\r\n");
    expect(await caught(read())).toMatchObject({ code: "InvalidHTTPResponse" });
    await answer.connection.closed;
  });
});

describe("a body that nobody wants any more", () => {
  test("ends its connection, and a read that waits", async () => {
    const answer = await begun(sized(9, "abc"));
    const { read, cancel } = reading(answer);
    expect(await read()).toBe("abc");
    const next = read();
    await cancel();
    expect(await next).toBeUndefined();
    expect(await read()).toBeUndefined();
    await answer.connection.closed;
  });

  test("ends its connection when its stream is cancelled", async () => {
    const { response, connection } = await begun(sized(9, "abc"));
    const reader = response.body?.getReader();
    await reader?.read();
    const next = reader?.read();
    await reader?.cancel("enough");
    expect(await next).toMatchObject({ done: true });
    await connection.closed;
  });

  test("ends its connection when a loop over it is left", async () => {
    const { response, connection } = await begun(sized(9, "abc"));
    for await (const _ of response.body ?? []) break;
    await connection.closed;
  });

  test("leaves a connection that has brought all of it", async () => {
    const server = await startAnswering(sized(3, "abc"));
    const client = createHttpClient();
    for (let call = 0; call < 3; call++) await (await client.send(server.url, request())).body?.cancel();
    expect(server.connections).toHaveLength(1);
  });
});

describe("a large answer that nobody reads", () => {
  const SIZE = 64 * MIB;
  const PIECE = Buffer.alloc(64 * 1024, "x");

  /** Says as much of it as the other side takes. */
  const flood = (connection: RawConnection) => {
    let written = 0;
    const stuck = Promise.withResolvers<void>();
    const go = (): void => {
      while (written < SIZE) {
        written += PIECE.length;
        if (!connection.socket.write(PIECE)) return stuck.resolve();
      }
    };
    connection.socket.on("drain", go);
    go();
    return { written: () => written, stuck: stuck.promise };
  };

  test.each<[string, (answer: (connection: RawConnection) => unknown) => Promise<RawServer>]>([
    ["TCP", startRawServer],
    ["TLS", startSecureServer],
  ])("holds its upstream back over %s, until it is read", async (_, start) => {
    const flooding = Promise.withResolvers<ReturnType<typeof flood>>();
    const server = await start(async (connection) => {
      await connection.request();
      connection.say(sized(SIZE));
      flooding.resolve(flood(connection));
    });
    const url = server.url.replace("127.0.0.1", "pub.example");
    const response = await createHttpClient({ ca: CERTIFICATE }).send(url, request(), "127.0.0.1");
    const { written, stuck } = await flooding.promise;
    await stuck;
    await turns(200); // in each of which a client that does not wait would take more
    expect(written()).toBeLessThan(SIZE / 2); // what two sockets may hold, and more
    const reader = readerOf(response);
    let came = 0;
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read())
      came += next.value.length;
    expect(came).toBe(SIZE);
  });

  test("is not held back when it is read whole", async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request();
      connection.say(sized(SIZE));
      flood(connection);
    });
    const response = await createHttpClient().send(server.url, request());
    await turns(20); // long enough for some of it to wait
    expect(await response.bytes()).toHaveLength(SIZE);
  });

  test("ends its connection when it is given up", async () => {
    const answer = await begun(sized(SIZE, "x".repeat(8 * MIB)));
    await reading(answer).cancel();
    await answer.connection.closed;
  });

  test("does not keep the next answer on its connection from coming", async () => {
    const opening = Promise.withResolvers<Connection>();
    opening.promise.catch(() => undefined); // it never opens
    const connection = new Connection(opening);
    const flow: string[] = [];
    spyOn(connection, "pause").mockImplementation(() => void flow.push("pause"));
    spyOn(connection, "resume").mockImplementation(() => void flow.push("resume"));
    const wire = {
      method: "GET",
      head: { isAscii: true, text: "" },
      body: null,
      length: 0,
      signal: request().signal,
    };
    let atRelease: string | undefined = "not released";
    const answer = new Exchange(connection, wire, () => (atRelease = flow.at(-1))).run();
    connection.received(Buffer.from(sized(MIB, "x".repeat(MIB))));
    expect(atRelease).not.toBe("pause");
    expect(atRelease).not.toBe("not released");
    const before = flow.length;
    const read = await readerOf(await answer)?.read();
    expect(read?.value).toHaveLength(MIB);
    expect(flow).toHaveLength(before); // the connection may be another's by now
  });
});

const enders: readonly (readonly [
  string,
  () => { readonly signal: Ending; abort(reason: unknown): void },
])[] = [
  ["an AbortSignal", () => new AbortController()],
  [
    "an Ender",
    () => {
      const ender = new Ender();
      return { signal: ender, abort: (reason) => ender.abort(reason) };
    },
  ],
];

describe.each(enders)("a call that %s ends fails with its reason", (_, make) => {
  const reason = new DOMException("late", "TimeoutError");

  test("before it is sent", async () => {
    const server = await startAnswering(NO_CONTENT);
    const ender = make();
    ender.abort(reason);
    const client = createHttpClient();
    expect(await caught(client.send(server.url, request({ signal: ender.signal })))).toBe(reason);
    await client.send(server.url, request());
    expect(server.connections).toHaveLength(1);
    expect(await caught(client.send(server.url, request({ signal: ender.signal })))).toBe(reason);
    await client.send(server.url, request());
    expect(server.connections).toHaveLength(1); // one that was kept is still there
  });

  test("while the connection is made", async () => {
    const server = await startRawServer();
    const ender = make();
    const call = createHttpClient().send(server.url, request({ signal: ender.signal }));
    ender.abort(reason);
    expect(await caught(call)).toBe(reason);
  });

  test("while the head is waited for", async () => {
    const server = await startRawServer();
    const ender = make();
    const call = createHttpClient().send(server.url, request({ signal: ender.signal }));
    const connection = await server.connection(0);
    await connection.request();
    ender.abort(reason);
    expect(await caught(call)).toBe(reason);
    await connection.closed;
  });

  test("in the middle of the body, also where it is read", async () => {
    const ender = make();
    const answer = await begun(sized(9, "abc"), ender.signal);
    const { read } = reading(answer);
    expect(await read()).toBe("abc");
    const next = read();
    ender.abort(reason);
    expect(await caught(next)).toBe(reason);
    expect(await caught(read())).toBe(reason);
    await answer.connection.closed;
  });

  test("in the middle of the body, also where it is read whole or as a stream", async () => {
    for (const readOn of [
      ({ response }: Begun) => response.bytes(),
      ({ response }: Begun) => new Response(response.body).text(),
    ]) {
      const ender = make();
      const answer = await begun(sized(9, "abc"), ender.signal);
      const read = readOn(answer);
      ender.abort(reason);
      expect(await caught(read)).toBe(reason);
    }
  });

  test("but not after its end", async () => {
    const ender = make();
    const server = await startAnswering(sized(3, "abc"));
    const client = createHttpClient();
    const response = await client.send(server.url, request({ signal: ender.signal }));
    const next = await client.send(server.url, request()); // over the same connection: the first is whole
    ender.abort(reason);
    expect([await response.text(), await next.text()]).toEqual(["abc", "abc"]);
    await client.send(server.url, request());
    expect(server.connections).toHaveLength(1);
  });
});
