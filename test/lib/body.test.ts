import { afterAll, describe, expect, test } from "bun:test";
import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { once } from "node:events";
import { BodyTooLarge, BodyUndecodable, decodeStream, readCapped } from "../../src/lib/body.ts";
import { caught } from "./caught.ts";

const MIB = 1024 * 1024;
const TEXT = "All that is gold does not glitter. ".repeat(2000);

const PACKERS: readonly (readonly [string, (data: Uint8Array) => Uint8Array])[] = [
  ["gzip", gzipSync],
  ["x-gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
  ["zstd", zstdCompressSync],
];

const packed = (encoding: string, body: BodyInit | null): Response =>
  new Response(body, { headers: { "content-encoding": encoding } });

const bytes = (data: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(data);

const textOf = async (response: Response, limit = MIB): Promise<string> =>
  new TextDecoder().decode(await readCapped(response, limit));

/** A stream of these chunks, and whether it was cancelled and how much of it was asked for. */
const watched = (chunks: Iterable<Uint8Array>) => {
  const source = chunks[Symbol.iterator]();
  const seen = { pulled: 0, cancelled: Promise.withResolvers<void>() };
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const { done, value } = source.next();
        if (done === true) return controller.close();
        seen.pulled++;
        controller.enqueue(bytes(value));
      },
      cancel: () => seen.cancelled.resolve(),
    },
    { highWaterMark: 0 },
  );
  return { seen, stream };
};

function* forever(chunk: Uint8Array): Generator<Uint8Array> {
  for (;;) yield chunk;
}

describe.each(PACKERS)("a body in %s", (encoding, pack) => {
  const whole = pack(Buffer.from(TEXT));

  test("is unpacked", async () => {
    expect(await textOf(packed(encoding, bytes(whole)))).toBe(TEXT);
  });

  test("is unpacked however it is cut", async () => {
    const { stream } = watched([...whole].map((byte) => Uint8Array.of(byte)));
    expect(await textOf(packed(encoding.toUpperCase(), stream))).toBe(TEXT);
  });

  test("is read up to the limit and not beyond", async () => {
    expect(await textOf(packed(encoding, bytes(whole)), TEXT.length)).toBe(TEXT);
    expect(await caught(readCapped(packed(encoding, bytes(whole)), TEXT.length - 1))).toBeInstanceOf(
      BodyTooLarge,
    );
  });

  test("rejects when it was cut short", async () => {
    for (const length of [1, whole.length >> 1, whole.length - 1])
      expect(
        await caught(readCapped(packed(encoding, bytes(whole.subarray(0, length))), MIB)),
      ).toBeInstanceOf(BodyUndecodable);
  });

  test("rejects when it is something else", async () => {
    expect(await caught(readCapped(packed(encoding, "This was never packed by anyone"), MIB))).toBeInstanceOf(
      BodyUndecodable,
    );
  });

  test("stops a bomb early", async () => {
    const bomb = pack(new Uint8Array(64 * MIB));
    expect(bomb.length).toBeLessThan(MIB);
    expect(await caught(readCapped(packed(encoding, bytes(bomb)), MIB))).toBeInstanceOf(BodyTooLarge);
    const reader = decodeStream(packed(encoding, bytes(bomb))).getReader();
    expect((await reader.read()).value?.byteLength).toBeLessThan(2 * MIB);
    await reader.cancel();
  });

  test("passes on the error of its connection", async () => {
    const lost = new Error("connection closed");
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(bytes(whole.subarray(0, 10))),
      pull: (controller) => controller.error(lost),
    });
    expect(await caught(readCapped(packed(encoding, stream), MIB))).toBe(lost);
  });
});

test("what was packed several times is unpacked as often", async () => {
  const body = bytes(brotliCompressSync(gzipSync(TEXT)));
  expect(await textOf(packed("gzip, br", body))).toBe(TEXT);
});

test("an inner layer of a bomb is capped too", async () => {
  // Empty members of gzip: a megabyte of them unpacks to nothing.
  const empty = gzipSync("");
  const inner = Buffer.concat(Array.from({ length: Math.ceil((4 * MIB) / empty.length) }, () => empty));
  const body = bytes(gzipSync(inner));
  expect(await caught(readCapped(packed("gzip, gzip", body), MIB))).toBeInstanceOf(BodyTooLarge);
});

test.each(["compress", "gzip, unknown", "gzip, gzip, gzip, gzip"])(
  "a body in %p is refused",
  async (encoding) => {
    const { seen, stream } = watched(forever(new Uint8Array(10)));
    expect(await caught(readCapped(packed(encoding, stream), MIB))).toBeInstanceOf(BodyUndecodable);
    await seen.cancelled.promise;
  },
);

describe("an unpacked body", () => {
  test.each([null, "", "identity", " , "])("with encoding %j is read as it is", async (encoding) => {
    const headers = encoding === null ? {} : { "content-encoding": encoding };
    expect(await textOf(new Response(TEXT, { headers }))).toBe(TEXT);
  });

  test("without a limit is the very stream of the response", () => {
    const response = new Response(TEXT);
    const body = response.body;
    expect(decodeStream(response)).toBe(body as ReadableStream<Uint8Array<ArrayBuffer>>);
  });

  test("that never ends is given up at the limit", async () => {
    const { seen, stream } = watched(forever(new Uint8Array(1000)));
    expect(await caught(readCapped(new Response(stream), 10_000))).toMatchObject({ limit: 10_000 });
    expect(seen.pulled).toBe(11);
    await seen.cancelled.promise;
  });
});

test("no body and an empty body are empty, whatever coding they name", async () => {
  expect(await textOf(new Response(null, { status: 204 }))).toBe("");
  expect(await textOf(packed("gzip", null))).toBe("");
  const headers = { "content-encoding": "gzip", "content-length": "0" };
  expect(await textOf(new Response("", { headers }))).toBe("");
});

describe("a packed stream", () => {
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = constants;

  test.each([
    ["gzip", () => createGzip({ flush: Z_SYNC_FLUSH })],
    ["br", () => createBrotliCompress({ flush: BROTLI_OPERATION_FLUSH })],
    ["zstd", () => createZstdCompress({ flush: ZSTD_e_flush })],
  ])("in %s gives each event when it comes", async (encoding, create) => {
    const packer = create();
    packer.write("data: 1\n\n");
    const [first] = (await once(packer, "data")) as [Buffer];
    const open = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(bytes(first)),
    });
    const reader = decodeStream(packed(encoding, open)).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("data: 1\n\n");
    await reader.cancel();
    packer.destroy();
  });

  test("is asked for no more than its reader wants, and let go with it", async () => {
    const noise = gzipSync(crypto.getRandomValues(new Uint8Array(50_000)));
    const { seen, stream } = watched(forever(noise));
    const reader = decodeStream(packed("gzip", stream)).getReader();
    await reader.read();
    expect(seen.pulled).toBeLessThan(10);
    await reader.cancel();
    await seen.cancelled.promise;
  });

  test("ends with an error past its limit", async () => {
    const { seen, stream } = watched(forever(gzipSync(new Uint8Array(50_000))));
    const reader = decodeStream(packed("gzip", stream), 120_000).getReader();
    const drain = async (): Promise<void> => {
      for (let done = false; !done;) done = (await reader.read()).done;
    };
    expect(await caught(drain())).toBeInstanceOf(BodyTooLarge);
    await seen.cancelled.promise;
  });
});

describe("over a real connection", () => {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () =>
      new Response(bytes(zstdCompressSync(Buffer.from(TEXT))), { headers: { "content-encoding": "zstd" } }),
  });
  afterAll(() => server.stop(true));

  test("a body is read packed and unpacked here", async () => {
    expect(await textOf(await fetch(server.url, { decompress: false, proxy: false }))).toBe(TEXT);
  });
});
