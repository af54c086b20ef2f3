/** AWS event streams, against the encoder of AWS's own SDK. */
import { describe, expect, test } from "bun:test";
import { EventStreamCodec, Int64 } from "@smithy/eventstream-codec";
import type { MessageHeaders } from "@smithy/eventstream-codec";
import * as fc from "fast-check";
import { crc32 } from "node:zlib";
import type { Bytes } from "../../src/lib/bytes.ts";
import { runAll } from "../../src/lib/reducer.ts";
import { EventTooLarge } from "../../src/lib/sse.ts";
import { decodeAwsEventstream } from "../../src/providers/framing.aws-eventstream.ts";
import { MalformedReply } from "../../src/schema/errors.ts";

const utf8 = {
  to: (bytes: Uint8Array | string) => Buffer.from(bytes).toString(),
  from: (text: string) => Buffer.from(text),
};
const codec = new EventStreamCodec(utf8.to, utf8.from);

const encode = (
  headers: Readonly<Record<string, string>>,
  payload: string,
  more: MessageHeaders = {},
): Bytes => {
  const texts = Object.entries(headers).map(([name, value]) => [name, { type: "string", value }] as const);
  return new Uint8Array(
    codec.encode({ headers: { ...more, ...Object.fromEntries(texts) }, body: utf8.from(payload) }),
  );
};
const event = (name: string, payload: string, more?: MessageHeaders): Bytes =>
  encode(
    { ":event-type": name, ":content-type": "application/json", ":message-type": "event" },
    payload,
    more,
  );

const decode = (pieces: readonly Bytes[]) => runAll(decodeAwsEventstream(), pieces);

/** Every type of header that a message can hold. */
const TYPED: MessageHeaders = {
  yes: { type: "boolean", value: true },
  no: { type: "boolean", value: false },
  byte: { type: "byte", value: -3 },
  short: { type: "short", value: 300 },
  integer: { type: "integer", value: -70_000 },
  long: { type: "long", value: Int64.fromNumber(2 ** 40) },
  binary: { type: "binary", value: new Uint8Array([1, 2, 3]) },
  timestamp: { type: "timestamp", value: new Date(1_790_000_000_000) },
  uuid: { type: "uuid", value: "01234567-89ab-cdef-0123-456789abcdef" },
  ":event-type": { type: "binary", value: new Uint8Array([1]) },
};

describe("a message", () => {
  test("is an event by its type and its payload", () => {
    expect(decode([event("messageStop", '{"stopReason":"end_turn"}')])).toEqual([
      { event: "messageStop", data: '{"stopReason":"end_turn"}' },
    ]);
  });

  test("may be an exception", () => {
    const bytes = encode(
      { ":message-type": "exception", ":exception-type": "throttlingException" },
      '{"message":"Slow"}',
    );
    expect(decode([bytes])).toEqual([{ event: "throttlingException", data: '{"message":"Slow"}' }]);
  });

  test("may be an error that its headers tell", () => {
    const bytes = encode(
      { ":message-type": "error", ":error-code": "InternalError", ":error-message": "Broken" },
      "",
    );
    expect(decode([bytes])).toEqual([{ event: "InternalError", data: '{"message":"Broken"}' }]);
  });

  test("may hold headers of every type", () => {
    const more = { ...TYPED };
    delete more[":event-type"];
    expect(decode([event("a", "{}", more)])).toEqual([{ event: "a", data: "{}" }]);
    expect(decode([encode({}, "{}", TYPED)])).toEqual([{ event: undefined, data: "{}" }]);
  });

  test("may be empty", () => {
    expect(decode([encode({}, "")])).toEqual([{ event: undefined, data: "" }]);
  });
});

const messages = fc.array(
  fc.record({
    name: fc.string({ maxLength: 20, unit: "binary" }),
    data: fc.string({ maxLength: 200, unit: "grapheme" }),
  }),
  { maxLength: 6 },
);
const cutsOf = (bytes: Bytes, points: readonly number[]): readonly Bytes[] => {
  const edges = [0, ...points.map((point) => point % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
};

test("whatever was encoded comes out, however it is cut", () => {
  const isSame = (sent: readonly { name: string; data: string }[], points: readonly number[]): void => {
    const bytes = new Uint8Array(Buffer.concat(sent.map(({ name, data }) => event(name, data))));
    const expected = sent.map(({ name, data }) => ({ event: name, data }));
    expect(decode(cutsOf(bytes, points))).toEqual(expected);
  };
  fc.assert(fc.property(messages, fc.array(fc.nat(4000), { maxLength: 10 }), isSame), { numRuns: 150 });
});

test("every single byte may come alone", () => {
  const bytes = new Uint8Array(Buffer.concat([event("one", "{}"), event("two", '{"a":"ü"}')]));
  expect(decode([...bytes].map((byte) => new Uint8Array([byte])))).toEqual([
    { event: "one", data: "{}" },
    { event: "two", data: '{"a":"ü"}' },
  ]);
});

test("one wrong bit is never taken for a message", () => {
  const bytes = event("contentBlockDelta", '{"delta":{"text":"Hi"}}');
  const isSeen = (bit: number): void => {
    const broken = bytes.slice();
    const index = Math.floor(bit / 8);
    broken[index] = (broken[index] ?? 0) ^ (1 << (bit % 8));
    expect(() => decode([broken])).toThrow(MalformedReply);
  };
  for (let bit = 0; bit < bytes.length * 8; bit++) isSeen(bit);
});

test("a message that the end cut short is no event", () => {
  const bytes = event("one", "{}");
  expect(decode([bytes.subarray(0, bytes.length - 1)])).toEqual([]);
});

/** A prelude whose own checksum is right. */
const prelude = (length: number, headers: number): Bytes => {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(headers, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  return new Uint8Array(bytes);
};

describe("a length", () => {
  test.each([
    [0, 0],
    [11, 0],
    [15, 0],
    [20, 5],
    [16, 0xffffffff],
  ])("of %p with %p bytes of headers cannot be", (length, headers) => {
    expect(() => decode([prelude(length, headers)])).toThrow(
      "A message of the event stream has a wrong length",
    );
  });

  test("past what is kept is refused before the message comes", () => {
    expect(() => decode([prelude(0x7fffffff, 0)])).toThrow(EventTooLarge);
  });
});

test("headers that run past their end are refused", () => {
  const sealed = (headers: readonly number[]): Bytes => {
    const body = Buffer.concat([prelude(16 + headers.length, headers.length), Buffer.from(headers)]);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(body));
    return new Uint8Array(Buffer.concat([body, checksum]));
  };
  for (const headers of [
    [9],
    [1, 97],
    [1, 97, 7],
    [1, 97, 7, 0],
    [1, 97, 7, 0, 9],
    [1, 97, 99],
    [1, 97, 4, 0],
  ]) {
    expect(() => decode([sealed(headers)])).toThrow("A message of the event stream has a wrong header");
  }
});
