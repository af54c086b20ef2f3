import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Bytes } from "../../src/lib/bytes.ts";
import { runAll } from "../../src/lib/reducer.ts";
import {
  dataFrame,
  decodeSse,
  EventTooLarge,
  MAX_EVENT_BYTES,
  namedFrame,
  type SseEvent,
} from "../../src/lib/sse.ts";

const bytesOf = (text: string): Bytes => new TextEncoder().encode(text);

const decode = (...pieces: readonly Bytes[]): readonly SseEvent[] => runAll(decodeSse(), pieces);

const BOM = "\uFEFF";

/** Texts by what is special about them, with the events they hold by the WHATWG's rules. */
const CORPUS: Readonly<Record<string, readonly [text: string, events: readonly SseEvent[]]>> = {
  "one event": ["data: a\n\n", [{ data: "a" }]],
  "named events": [
    "event: x\ndata: 1\n\nevent: y\ndata: 2\n\n",
    [
      { event: "x", data: "1" },
      { event: "y", data: "2" },
    ],
  ],
  "no space after the colon": ["data:a\n\n", [{ data: "a" }]],
  "only one space taken away": ["data:  a\n\n", [{ data: " a" }]],
  "data of several lines": ["data: a\ndata:\ndata: b\n\n", [{ data: "a\n\nb" }]],
  comments: [": hello\n\n:\ndata: a\n: in between\ndata: b\n\n", [{ data: "a\nb" }]],
  "a byte order mark": [`${BOM}data: a\n\n`, [{ data: "a" }]],
  "fields of tomorrow": ["id: 7\nretry: 10\nx: y\ndata: a\n\n", [{ data: "a" }]],
  "an event without data": ["event: x\n\ndata: a\n\n", [{ data: "a" }]],
  "letters of several bytes": ["data: é😀\u2028ß\n\n", [{ data: "é😀\u2028ß" }]],
  "JSON with a colon": ['data: {"a":"b: c"}\n\n', [{ data: '{"a":"b: c"}' }]],
  "blank lines between": ["data: a\n\n\n\ndata: b\n\n", [{ data: "a" }, { data: "b" }]],
  // github.com/diegosouzapw/OmniRoute/issues/4177
  "an error that is mere JSON": [
    'data: a\n\n{\n  "error": {\n    "code": 503\n  }\n}\n',
    [{ data: "a" }, { data: '{"error":{"code":503}}' }],
  ],
  "the same in one line, without its end": ['{"error":{}}', [{ data: '{"error":{}}' }]],
  "JSON that is no error": ['{"a":1}\n{\n"b":2}\n\ndata: a\n\n', [{ data: "a" }]],
  "an unfinished error": ['data: a\n\n{\n  "error": {\n', [{ data: "a" }]],
  "an unfinished event": ["data: a\n\ndata: b\n", [{ data: "a" }]],
  "half a line": ["data: a\n\ndata: b", [{ data: "a" }]],
  nothing: ["", []],
};

const ENDINGS: readonly (readonly [string, string])[] = [
  ["LF", "\n"],
  ["CRLF", "\r\n"],
  ["CR", "\r"],
];

const ROWS = Object.entries(CORPUS).flatMap(([name, [text, events]]) =>
  ENDINGS.map(([ending, mark]) => [name, ending, bytesOf(text.replaceAll("\n", mark)), events] as const),
);

describe.each(ROWS)("%s, lines ended by %s", (_name, _ending, bytes, events) => {
  test("is read", () => expect(decode(bytes)).toEqual([...events]));

  test("is read byte by byte", () => {
    expect(decode(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual([...events]);
  });

  test("is read the same for every cut into three", () => {
    for (let first = 0; first <= bytes.length; first++)
      for (let second = first; second <= bytes.length; second++)
        expect(decode(bytes.slice(0, first), bytes.slice(first, second), bytes.slice(second))).toEqual([
          ...events,
        ]);
  });
});

test.each<[string, readonly SseEvent[]]>([
  ['data: {"a":1}', [{ data: '{"a":1}' }]],
  ['event: end\ndata: {"a":1}\n', [{ event: "end", data: '{"a":1}' }]],
  ['data: {"a":1}\r\n', [{ data: '{"a":1}' }]],
  ["data: [DONE]", [{ data: "[DONE]" }]],
  ['data: {"a":', []],
  ["data: [DO", []],
  ["event: end", []],
  [": ping", []],
])("the last event needs no blank line behind it, but must be whole: %j", (text, events) => {
  const decoder = decodeSse();
  expect(decoder.push(Buffer.from(`data: {}\n\n${text}`))).toEqual([{ data: "{}" }]);
  expect(decoder.close()).toEqual([...events]);
});

test("an event without a word is a sign of life, and none", () => {
  expect(runAll(decodeSse(), [Buffer.from("data:\n\nevent: ping\ndata: \n\ndata: a\n\nid: 1\n\n")])).toEqual([
    { data: "a" },
  ]);
});

test("an event comes with the chunk that ends it", () => {
  const decoder = decodeSse();
  expect(decoder.push(bytesOf("data: a\n"))).toEqual([]);
  expect(decoder.push(bytesOf("\nda"))).toEqual([{ data: "a" }]);
  expect(decoder.push(bytesOf("ta: b\n\ndata: c\n\n"))).toEqual([{ data: "b" }, { data: "c" }]);
  expect(decoder.close()).toEqual([]);
});

describe("an event that is too large", () => {
  const CHUNK = new Uint8Array(1024 * 1024).fill(97);
  const fill = (decoder: ReturnType<typeof decodeSse>, megabytes: number): void => {
    for (let count = 0; count < megabytes; count++) decoder.push(CHUNK);
  };
  const LIMIT = MAX_EVENT_BYTES / CHUNK.length;

  test("throws when it passes the limit", () => {
    const decoder = decodeSse();
    decoder.push(bytesOf("data: "));
    fill(decoder, LIMIT - 1);
    expect(() => fill(decoder, 1)).toThrow(EventTooLarge);
  });

  test("is not one that events before it made long", () => {
    const decoder = decodeSse();
    for (let count = 0; count < 3; count++) {
      decoder.push(bytesOf("data: "));
      fill(decoder, LIMIT - 2);
      expect(decoder.push(bytesOf("\n\n"))).toHaveLength(1);
    }
  });

  test("may be made of comments", () => {
    const decoder = decodeSse();
    decoder.push(bytesOf(": "));
    expect(() => fill(decoder, LIMIT)).toThrow(EventTooLarge);
  });
});

test("a frame that was written reads as what was written", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, "message_start", "x"), (value, event) => {
      const data = JSON.stringify(value);
      const frame = event === undefined ? dataFrame(data) : namedFrame(event, data);
      expect(decode(bytesOf(frame))).toEqual([event === undefined ? { data } : { event, data }]);
    }),
  );
});
