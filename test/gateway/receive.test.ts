import { describe, expect, test } from "bun:test";
import { brotliCompressSync, deflateSync } from "node:zlib";
import type { Inbound, Ingress } from "../../src/gateway/inbound.ts";
import { receive } from "../../src/gateway/receive.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/schema/limits.ts";
import { rejection } from "../support/thrown.ts";
import { CHAT, MESSAGES, MODELS, PROXY } from "./fakes.ts";

interface Sent {
  readonly ingress?: Ingress;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit | null;
  readonly limits?: Partial<Limits>;
}

const send = async (sent: Sent): Promise<Inbound> => {
  const { ingress = CHAT, method = "POST", path = "/v1/chat/completions", headers = {}, body = null } = sent;
  const request = new Request(`http://localhost${path}`, { method, headers, body });
  return receive(request, request.headers, ingress, { ...DEFAULT_LIMITS, ...sent.limits });
};

const JSON_TYPE = { "content-type": "application/json" };

/** A body that declares no length, in these pieces; `pulled` tells how many were asked for. */
const pieces = (...texts: readonly (string | Uint8Array)[]) => {
  const seen = { pulled: 0 };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const text = texts[seen.pulled++];
        if (text === undefined) controller.close();
        else controller.enqueue(typeof text === "string" ? new TextEncoder().encode(text) : text);
      },
    },
    { highWaterMark: 0 },
  );
  return { seen, stream };
};

const zstd = (data: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Bun.zstdCompressSync(data));

describe("path and query", () => {
  test.each<[string, string, string]>([
    ["/v1/chat/completions", "/v1/chat/completions", ""],
    ["/v1/chat/completions?a=b&c", "/v1/chat/completions", "?a=b&c"],
    ["/v1/x?", "/v1/x", "?"],
    ["/v1/x?q=http://y/z?w", "/v1/x", "?q=http://y/z?w"],
    ["/", "/", ""],
  ])("of %s are told apart", async (path, pathname, search) => {
    const inbound = await send({ path, headers: JSON_TYPE, body: "{}" });
    expect(inbound).toMatchObject({ pathname, search, method: "POST" });
  });
});

describe("the content type of a chat", () => {
  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON",
    " application/json ;x",
  ])("may be %j", async (type) => {
    expect((await send({ headers: { "content-type": type }, body: "{}" })).body.kind).toBe("json");
  });

  test("may be missing", async () => {
    const { stream } = pieces("{}");
    expect((await send({ body: stream })).body).toEqual({ kind: "json", text: "{}", value: {} });
  });

  test.each([
    "text/plain",
    "application/jsonx",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
  ])("may not be %j", async (type) => {
    for (const ingress of [CHAT, MESSAGES]) {
      const error = await rejection(send({ ingress, headers: { "content-type": type }, body: "{}" }));
      expect(error).toMatchObject({ code: "invalid_content_type", message: "Invalid content type passed" });
    }
  });

  test("is judged before the body is read", async () => {
    const { seen, stream } = pieces("{}");
    await rejection(send({ headers: { "content-type": "text/plain" }, body: stream }));
    expect(seen.pulled).toBe(0);
  });
});

test.each(["[1.0]", '["a",{"b":1}]', "null", '"text"'])(
  "%p may be the body of a passed-through call",
  async (text) => {
    const { body } = await send({ ingress: PROXY, path: "/v1/x", headers: JSON_TYPE, body: text });
    expect(body).toEqual({ kind: "bytes", bytes: new TextEncoder().encode(text) });
  },
);

describe("the JSON of a chat", () => {
  test("is kept to the letter beside its value", async () => {
    const text = '\n{ "n": 12345678901234567890, "n": 1.0 }';
    expect((await send({ headers: JSON_TYPE, body: text })).body).toEqual({
      kind: "json",
      text,
      value: { n: 1 },
    });
  });

  test("is without what Portkey's gateway would put its default for, and else as it came", async () => {
    const text =
      '{"temperature":"portkey-default", "n":1.0,"stop":"portkey-default","x":["portkey-default"]}';
    expect((await send({ headers: JSON_TYPE, body: text })).body).toEqual({
      kind: "json",
      text: '{"n":1.0,"x":["portkey-default"]}',
      value: { n: 1, x: ["portkey-default"] },
    });
    const passed = await send({ ingress: PROXY, path: "/v1/x", headers: JSON_TYPE, body: text });
    expect(passed.body).toMatchObject({ text });
  });

  const text = new TextEncoder();
  test.each<[string, string, RegExp, BodyInit | null]>([
    ["nothing", "invalid_json", /no body/, null],
    ["an empty body", "invalid_json", /empty|no body/, ""],
    ["blanks", "invalid_json", /empty/, " \n"],
    ["broken JSON", "invalid_json", /not valid JSON/, "{bad"],
    ["JSON and more", "invalid_json", /not valid JSON/, "{}{}"],
    ["an array", "invalid_json", /must be a JSON object/, "[{}]"],
    ["null", "invalid_json", /must be a JSON object/, "null"],
    ["a string", "invalid_json", /must be a JSON object/, '"{}"'],
    [
      "bytes that are no UTF-8",
      "invalid_json",
      /UTF-8/,
      new Uint8Array([...text.encode('{"a":"'), 0xff, ...text.encode('"}')]),
    ],
    [
      "half a letter",
      "invalid_json",
      /UTF-8/,
      new Uint8Array([...text.encode('{"a":"'), 0xc3, ...text.encode('"}')]),
    ],
    [
      "an encoded surrogate",
      "invalid_json",
      /UTF-8/,
      new Uint8Array([...text.encode('{"a":"'), 0xed, 0xa0, 0x80, ...text.encode('"}')]),
    ],
    ["129 levels", "json_too_deep", /more than 128 levels/, `${'{"a":'.repeat(129)}1${"}".repeat(129)}`],
    ["a bomb of brackets", "json_too_deep", /more than 128 levels/, "[".repeat(200_000)],
  ])("is not %s", async (_name, code, message, body) => {
    const error = await rejection(send({ headers: JSON_TYPE, body }));
    expect(error).toMatchObject({ code, status: 400 });
    expect(error.message).toMatch(message);
  });

  test("may have 128 levels", async () => {
    const body = `${'{"a":'.repeat(128)}1${"}".repeat(128)}`;
    expect((await send({ headers: JSON_TYPE, body })).body.kind).toBe("json");
  });

  test("may begin with a byte order mark", async () => {
    const { body } = await send({ headers: JSON_TYPE, body: '\uFEFF{"a":1}' });
    expect(body).toMatchObject({ kind: "json", value: { a: 1 } });
  });

  test.each<[string, Uint8Array<ArrayBuffer>]>([
    ["gzip", Bun.gzipSync('{"a":1}')],
    ["zstd", zstd('{"a":1}')],
    ["br", new Uint8Array(brotliCompressSync('{"a":1}'))],
    ["deflate", new Uint8Array(deflateSync('{"a":1}'))],
    ["zstd, GZIP", Bun.gzipSync(zstd('{"a":1}'))],
    ["identity", new TextEncoder().encode('{"a":1}')],
  ])("may be packed as %s", async (encoding, packed) => {
    const headers = { ...JSON_TYPE, "content-encoding": encoding };
    expect((await send({ headers, body: packed })).body).toEqual({
      kind: "json",
      text: '{"a":1}',
      value: { a: 1 },
    });
  });

  test.each<[string, string, number, Uint8Array<ArrayBuffer>]>([
    ["snappy", "unsupported_encoding", 415, Bun.gzipSync("{}")],
    ["gzip, gzip, gzip, gzip", "unsupported_encoding", 415, Bun.gzipSync("{}")],
    ["zstd", "invalid_json", 400, Bun.gzipSync("{}")],
    ["zstd", "invalid_json", 400, zstd("{}").subarray(0, -2)],
    ["gzip", "invalid_json", 400, Bun.gzipSync("{}").subarray(0, -6)],
  ])("is refused where it is not packed as %s", async (encoding, code, status, body) => {
    const error = await rejection(send({ headers: { ...JSON_TYPE, "content-encoding": encoding }, body }));
    expect(error).toMatchObject({ code, status });
    expect(error.message).toContain(encoding);
  });

  test.each([
    ["gzip", Bun.gzipSync(new Uint8Array(1_000_000))],
    ["zstd", zstd(new Uint8Array(1_000_000))],
  ])("may not grow past the limit when it is unpacked from %s", async (encoding, body) => {
    const headers = { ...JSON_TYPE, "content-encoding": encoding };
    const error = await rejection(send({ headers, body, limits: { maxJsonBytes: 100_000 } }));
    expect(error).toMatchObject({ code: "request_too_large", status: 413 });
  });
});

describe("a body that is too large", () => {
  const limits = { maxJsonBytes: 10, maxReplayBytes: 10 };

  test("by its declared length is refused unread", async () => {
    const { seen, stream } = pieces("{}");
    const headers = { ...JSON_TYPE, "content-length": "11" };
    const error = await rejection(send({ headers, body: stream, limits }));
    expect(error).toMatchObject({ code: "request_too_large", status: 413 });
    expect(error.message).toContain("10 bytes");
    expect(seen.pulled).toBe(0);
  });

  test("by its chunks is refused where it passes the limit", async () => {
    const { seen, stream } = pieces("12345", "67890", "1", "never asked for");
    const error = await rejection(send({ headers: JSON_TYPE, body: stream, limits }));
    expect(error.code).toBe("request_too_large");
    expect(seen.pulled).toBe(3);
  });

  test("may be just as large as the limit", async () => {
    const { stream } = pieces('{"a":', '"xy"}');
    expect((await send({ headers: JSON_TYPE, body: stream, limits })).body.kind).toBe("json");
    expect(
      (await send({ headers: { ...JSON_TYPE, "content-length": "10" }, body: '{"a":"xy"}', limits })).body
        .kind,
    ).toBe("json");
  });

  test("has another limit where it is not JSON", async () => {
    const headers = { "content-type": "audio/wav", "content-length": "4" };
    const sent = { ingress: PROXY, headers, body: "RIFF" };
    expect((await send({ ...sent, limits: { maxJsonBytes: 1 } })).body.kind).toBe("bytes");
    const large = await send({ ...sent, limits: { maxReplayBytes: 3 } });
    expect(large.body.kind).toBe("stream");
  });
});

describe("what is passed through", () => {
  test.each(["GET", "HEAD"])("has no body with %s", async (method) => {
    for (const ingress of [PROXY, MODELS])
      expect((await send({ ingress, method, path: "/v1/models" })).body).toEqual({ kind: "none" });
  });

  test("may have none", async () => {
    expect((await send({ ingress: PROXY, method: "DELETE" })).body).toEqual({ kind: "none" });
  });

  test("is read as JSON where it says so", async () => {
    const { body } = await send({ ingress: PROXY, headers: JSON_TYPE, body: '{"n":1.0}' });
    expect(body).toEqual({ kind: "json", text: '{"n":1.0}', value: { n: 1 } });
  });

  test("is kept as bytes where its length is known", async () => {
    const headers = { "content-type": "multipart/form-data; boundary=x", "content-length": "3" };
    const { body } = await send({ ingress: PROXY, headers, body: "--x" });
    expect(body).toEqual({ kind: "bytes", bytes: new TextEncoder().encode("--x") });
  });

  test("is not unpacked, even where it is JSON", async () => {
    const packed = Bun.gzipSync("{}");
    const headers = { ...JSON_TYPE, "content-encoding": "gzip", "content-length": String(packed.length) };
    const { body } = await send({ ingress: PROXY, headers, body: packed });
    expect(body).toEqual({ kind: "bytes", bytes: packed });
  });

  test("is a stream where no length is known", async () => {
    const { seen, stream } = pieces("a", "b");
    const { body } = await send({ ingress: PROXY, headers: { "content-type": "audio/wav" }, body: stream });
    expect(body.kind).toBe("stream");
    expect(seen.pulled).toBe(0);
    expect(body.kind === "stream" ? await new Response(body.stream).text() : "").toBe("ab");
  });

  test("may be of any type", async () => {
    const headers = { "content-type": "text/plain", "content-length": "1" };
    expect((await send({ ingress: PROXY, headers, body: "x" })).body.kind).toBe("bytes");
  });
});
