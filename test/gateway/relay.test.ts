import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import type { Bytes } from "../../src/lib/bytes.ts";
import type { Sink } from "../../src/lib/direct-stream.ts";
import { createCalls } from "../../src/gateway/calls.ts";
import { type RelayEnd, type Relayed, Relaying } from "../../src/gateway/relay.ts";
import { fakeWorld } from "../support/world.ts";

const IDLE_MS = 4000;
const PING_MS = 1000;

const bytesOf = (text: string): Bytes => new TextEncoder().encode(text);

/** Hands on what it is given; its first words are `first`, its last `last`. */
const plain = (more: Partial<Relayed> = {}): Relayed => ({
  first: () => "first;",
  next: (chunk) => chunk,
  last: () => "",
  isBetweenFrames: () => true,
  hasEnded: () => false,
  broken: (reason) => `broken: ${reason}`,
  ...more,
});

/** An upstream that says what the test lets it say. */
const upstreamOf = () => {
  let controller: ReadableStreamDefaultController<Bytes> | undefined;
  const seen = { asked: 0 };
  const stream = new ReadableStream<Bytes>(
    {
      start: (made) => void (controller = made),
      pull: () => void seen.asked++,
    },
    { highWaterMark: 0 },
  );
  return {
    seen,
    reader: stream.getReader(),
    say: (text: string) => controller?.enqueue(bytesOf(text)),
    end: () => controller?.close(),
    fail: (error: Error) => controller?.error(error),
  };
};

/** A client that has room for what it asks for, and for nothing more. */
const clientOf = (relaying: Relaying): ReadableStream<Bytes> => {
  let drained: ((size: number) => void) | undefined;
  let hasBegun = false;
  const sinkTo = (controller: ReadableStreamDefaultController<Bytes>): Sink => ({
    write(piece) {
      controller.enqueue(typeof piece === "string" ? bytesOf(piece) : piece);
      return new Promise((resolve) => (drained = resolve));
    },
    close: () => controller.close(),
  });
  return new ReadableStream<Bytes>(
    {
      pull(controller) {
        drained?.(0);
        if (!hasBegun) void relaying.run(sinkTo(controller));
        hasBegun = true;
      },
      cancel: () => relaying.cancel(),
    },
    { highWaterMark: 0 },
  );
};

const start = (more: Partial<Relayed> = {}) => {
  const upstream = upstreamOf();
  const world = fakeWorld();
  const calls = createCalls();
  const ends: (readonly [RelayEnd, string | null])[] = [];
  const seen: { aborts: number; bugs: unknown[] } = { aborts: 0, bugs: [] };
  const relaying = new Relaying({
    reader: upstream.reader,
    relayed: plain(more),
    idleMs: IDLE_MS,
    pingMs: PING_MS,
    world,
    calls,
    abort: () => void seen.aborts++,
    report: (thrown) => void seen.bugs.push(thrown),
    ended: (end, reason) => void ends.push([end, reason]),
  });
  const reader = clientOf(relaying).getReader();
  const decoder = new TextDecoder();
  return {
    upstream,
    calls,
    ends,
    seen,
    reader,
    /** The next piece that the client gets; undefined at the end. */
    next: async (): Promise<string | undefined> => {
      const { done, value } = await reader.read();
      return done ? undefined : decoder.decode(value);
    },
    /** Lets time go by in steps that the relay's watch can see. */
    pass: async (ms: number): Promise<void> => {
      for (let turn = 0; turn < 5; turn++) await Promise.resolve(); // what was asked for before is under way
      for (let gone = 0; gone < ms; gone += 100) {
        world.advance(100);
        jest.advanceTimersByTime(100);
        for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      }
    },
  };
};

beforeEach(() => void jest.useFakeTimers());
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0); // whatever happened, no watch goes on
  jest.useRealTimers();
});

describe("a stream", () => {
  test("is handed on piece by piece and ends with what is owed", async () => {
    const { upstream, next, ends, seen } = start({ last: () => "last;" });
    expect(await next()).toBe("first;");
    upstream.say("a");
    expect(await next()).toBe("a");
    upstream.say("b");
    upstream.end();
    expect(await next()).toBe("b");
    expect(await next()).toBe("last;");
    expect(await next()).toBeUndefined();
    expect(ends).toEqual([["answered", null]]);
    expect(seen.aborts).toBe(0);
  });

  test("may owe nothing at its end", async () => {
    const { upstream, next, ends } = start();
    await next();
    upstream.end();
    expect(await next()).toBeUndefined();
    expect(ends).toEqual([["answered", null]]);
  });

  test("is read on until there is something to hand on", async () => {
    const { upstream, next, reader } = start({
      first: () => "",
      next: (chunk) => (chunk[0] === 46 ? "" : chunk), // a dot says nothing yet
    });
    const said = next();
    for (const text of [".", ".", "a"]) upstream.say(text);
    expect(await said).toBe("a");
    await reader.cancel();
  });

  test("asks the upstream for no more than the client reads", async () => {
    const { upstream, next, reader, pass } = start();
    await pass(100);
    expect(upstream.seen.asked).toBe(0);
    await next();
    await pass(100);
    expect(upstream.seen.asked).toBe(0);
    const second = next();
    await pass(100);
    expect(upstream.seen.asked).toBe(1);
    upstream.say("a");
    await second;
    await reader.cancel();
  });
});

describe("a stream that breaks", () => {
  test("ends with a frame that says so when it is not complete", async () => {
    const { upstream, next, ends, seen } = start({ last: () => undefined });
    await next();
    upstream.end();
    expect(await next()).toBe("broken: the upstream closed the stream before its end");
    expect(await next()).toBeUndefined();
    expect(ends).toEqual([["interrupted", "the upstream closed the stream before its end"]]);
    expect(seen.aborts).toBe(1);
  });

  test("ends so when its connection is lost, without the connection's own words", async () => {
    const { upstream, next, ends, seen } = start();
    await next();
    upstream.fail(new TypeError("https://secret.example/?key=1"));
    expect(await next()).toBe("broken: connection failed");
    expect(await next()).toBeUndefined();
    expect(ends).toEqual([["interrupted", "connection failed"]]);
    expect(seen).toEqual({ aborts: 1, bugs: [] });
  });

  test.each<keyof Relayed>(["first", "next", "last"])("ends so when its %s throws", async (part) => {
    const { upstream, next, ends, seen } = start({
      [part]: () => {
        throw new RangeError("a bug");
      },
    });
    if (part !== "first") await next();
    upstream.say("a");
    upstream.end();
    if (part === "last") await next();
    expect(await next()).toStartWith("broken: ");
    expect(await next()).toBeUndefined();
    expect(ends).toMatchObject([["interrupted", expect.not.stringContaining("a bug")]]);
    expect(seen.aborts).toBe(1);
    expect(seen.bugs).toEqual([new RangeError("a bug")]);
  });
});

test("a connection that is lost after the end of the answer harms nobody", async () => {
  const { upstream, next, ends } = start({ hasEnded: () => true });
  expect(await next()).toBe("first;");
  const closed = next();
  upstream.fail(new Error("reset"));
  expect(await closed).toBeUndefined();
  expect(ends).toEqual([["answered", null]]);
});

describe("an upstream that is silent", () => {
  test("is given up after its time", async () => {
    const { next, pass, ends, seen } = start({ isBetweenFrames: () => false });
    await next();
    const waiting = next();
    await pass(IDLE_MS - 100);
    expect(ends).toEqual([]);
    await pass(1100); // the watch looks once a second
    expect(await waiting).toBe(`broken: the upstream was silent for ${IDLE_MS} ms`);
    expect(await next()).toBeUndefined();
    expect(ends).toEqual([["interrupted", `the upstream was silent for ${IDLE_MS} ms`]]);
    expect(seen.aborts).toBe(1);
  });

  test("is not given up for the time that the client does not read", async () => {
    const { upstream, next, pass, ends, reader } = start();
    await next();
    await pass(3 * IDLE_MS);
    upstream.say("a");
    expect(await next()).toBe("a");
    await pass(3 * IDLE_MS);
    expect(ends).toEqual([]);
    await reader.cancel();
  });

  test("is not given up while it says something in time, even if that is nothing for the client", async () => {
    const { upstream, next, pass, ends, reader } = start({
      next: () => "",
      isBetweenFrames: () => false,
      hasEnded: () => false,
    });
    await next();
    const waiting = next();
    for (let count = 0; count < 5; count++) {
      await pass(IDLE_MS - 1000);
      upstream.say("x");
      await pass(100);
    }
    expect(ends).toEqual([]);
    await reader.cancel();
    await waiting;
  });

  test("is bridged with comments, one for each span of silence", async () => {
    const { upstream, next, pass, reader } = start();
    await next();
    const waiting = next();
    await pass(PING_MS + 100);
    expect(await waiting).toBe(": ping\n\n");
    const second = next();
    await pass(PING_MS + 100);
    expect(await second).toBe(": ping\n\n");
    const third = next();
    upstream.say("a");
    expect(await third).toBe("a");
    await reader.cancel();
  });

  test("is bridged in time whenever it began", async () => {
    const { upstream, next, pass, reader } = start();
    await next();
    const said = next();
    await pass(PING_MS / 5);
    upstream.say("a");
    expect(await said).toBe("a");
    const waiting = next();
    await pass(PING_MS * 1.3);
    expect(await waiting).toBe(": ping\n\n");
    await reader.cancel();
  });

  test("is not bridged inside a frame", async () => {
    let isBetween = false;
    const { next, pass, reader } = start({ isBetweenFrames: () => isBetween });
    await next();
    let got: string | undefined;
    const waiting = next().then((text) => (got = text));
    await pass(2 * PING_MS);
    expect(got).toBeUndefined();
    isBetween = true;
    await pass(PING_MS);
    expect(await waiting).toBe(": ping\n\n");
    await reader.cancel();
  });

  test("is given up in spite of the comments", async () => {
    const { next, pass, ends } = start();
    const texts: (string | undefined)[] = [];
    const reading = (async () => {
      for (let text = await next(); text !== undefined; text = await next()) texts.push(text);
    })();
    await pass(IDLE_MS + 1100);
    await reading;
    expect(texts.filter((text) => text === ": ping\n\n").length).toBeWithin(2, 5);
    expect(texts.at(-1)).toStartWith("broken: ");
    expect(ends).toHaveLength(1);
  });
});

describe("a client that leaves", () => {
  test("ends the upstream, once", async () => {
    const { reader, next, ends, seen } = start();
    await next();
    await reader.cancel();
    expect(ends).toEqual([["cancelled", null]]);
    expect(seen.aborts).toBe(1);
  });

  test("before it read anything ends it, too", async () => {
    const { reader, ends, seen } = start();
    await reader.cancel();
    expect(ends).toEqual([["cancelled", null]]);
    expect(seen.aborts).toBe(1);
  });

  test("with the end of the answer, and not that of the stream, has had it whole", async () => {
    const { reader, next, ends, seen } = start({ hasEnded: () => true });
    await next();
    await reader.cancel();
    expect(ends).toEqual([["answered", null]]);
    expect(seen.aborts).toBe(1);
  });

  test("while the upstream is waited for hears of nothing further", async () => {
    const { upstream, reader, next, ends, pass } = start();
    await next();
    const waiting = next();
    await reader.cancel();
    upstream.say("too late");
    await pass(2 * IDLE_MS);
    expect(await waiting).toBeUndefined();
    expect(ends).toEqual([["cancelled", null]]);
  });
});

describe("a shutdown", () => {
  test("ends an open stream with a frame that says so", async () => {
    const { calls, next, ends, seen } = start();
    await next();
    const waiting = next();
    calls.endStreams();
    expect(await waiting).toBe("broken: the gateway is shutting down");
    expect(await next()).toBeUndefined();
    expect(ends).toEqual([["interrupted", "the gateway is shutting down"]]);
    expect(seen.aborts).toBe(1);
  });

  test("ends one whose client does not read, too", async () => {
    const { calls, next, ends } = start();
    await next();
    calls.endStreams();
    expect(ends).toHaveLength(1);
    expect(await next()).toBe("broken: the gateway is shutting down");
    expect(await next()).toBeUndefined();
  });

  test("does not touch a stream that has ended", async () => {
    const { calls, upstream, next, ends } = start();
    await next();
    upstream.end();
    expect(await next()).toBeUndefined();
    calls.endStreams();
    expect(ends).toEqual([["answered", null]]);
  });
});
