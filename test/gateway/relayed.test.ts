import { describe, expect, test } from "bun:test";
import type { Bytes } from "../../src/lib/bytes.ts";
import { runAll } from "../../src/lib/reducer.ts";
import { decodeSse, type SseEvent } from "../../src/lib/sse.ts";
import type { Relayed } from "../../src/gateway/relay.ts";
import { tapped, translated } from "../../src/gateway/relayed.ts";
import type { OpenedStream } from "../../src/gateway/reply-head.ts";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import type { ChatDialect, UpstreamDialect } from "../../src/providers/dialect.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import type { Recorder } from "../../src/telemetry/recorder.ts";
import { fakeWorld } from "../support/world.ts";
import { recorderOf } from "./fakes.ts";

const bytesOf = (text: string): Bytes => new TextEncoder().encode(text);
const textOf = (output: Bytes | string): string =>
  typeof output === "string" ? output : new TextDecoder().decode(output);

const NO_READER = new ReadableStream<Bytes>().getReader();

/** A stream whose first chunks have been read. */
const opened = (dialect: UpstreamDialect, ...texts: readonly string[]): OpenedStream => {
  const chunks = texts.map(bytesOf);
  const decoder = decodeSse();
  const events = chunks.flatMap((chunk) => decoder.push(chunk));
  const opening = events[0] === undefined ? {} : dialect.glance(events[0]);
  return { reader: NO_READER, decoder, chunks, events, opening };
};

const framesOf = (text: string): readonly SseEvent[] => runAll(decodeSse(), [bytesOf(text)]);

const chunk = (delta: string, finish = "null", more = ""): string =>
  `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}]${more}}\n\n`;
const OPENAI = {
  first: chunk('{"role":"assistant","content":""}'),
  text: chunk('{"content":"Hi"}'),
  finish: chunk("{}", '"stop"'),
  usage: `data: {"id":"c","model":"m-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n`,
  done: "data: [DONE]\n\n",
  error: 'data: {"error":{"message":"overloaded","type":"server_error","code":"x"}}\n\n',
};
const named = (type: string, rest: string): string => `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`;
const ANTHROPIC = {
  first: named(
    "message_start",
    ',"message":{"id":"m","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}',
  ),
  open: named("content_block_start", ',"index":0,"content_block":{"type":"text","text":""}'),
  text: named("content_block_delta", ',"index":0,"delta":{"type":"text_delta","text":"Hi"}'),
  close: named("content_block_stop", ',"index":0'),
  finish: named(
    "message_delta",
    ',"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}',
  ),
  done: named("message_stop", ""),
  error: named("error", ',"error":{"type":"overloaded_error","message":"Overloaded"}'),
};

const recorder = (): Recorder => recorderOf(fakeWorld());

describe("a tapped stream", () => {
  const tap = (first: readonly string[], dialect: ChatDialect = openaiChat) => {
    const record = recorder();
    return { record, relayed: tapped(opened(dialect, ...first), dialect, record) };
  };

  test("is handed on byte for byte, however it is cut", () => {
    const { relayed } = tap([OPENAI.first.slice(0, 20), OPENAI.first.slice(20)]);
    expect(textOf(relayed.first())).toBe(OPENAI.first);
    const odd = bytesOf(': odd\r\ndata:{"n":1.0, "é":9007199254740993}\r\n\r\nda');
    expect(relayed.next(odd)).toBe(odd);
  });

  test("is bridged by a line alone where its frames have ids", () => {
    const [plain, numbered] = [OPENAI.first, `id: 1\n${OPENAI.first}`].map((first) => tap([first]).relayed);
    plain?.first();
    numbered?.first();
    expect([plain?.pause, numbered?.pause]).toEqual([undefined, ": ping\n"]);
  });

  test.each<[string, ChatDialect, readonly string[], unknown]>([
    [
      "OpenAI",
      openaiChat,
      [OPENAI.first, OPENAI.text, OPENAI.finish, OPENAI.usage, OPENAI.done],
      { responseModel: "m-1", finish: "stop", usage: { input: 3, output: 2 } },
    ],
    [
      "Anthropic",
      anthropicMessages,
      Object.values(ANTHROPIC).slice(0, -1),
      { responseModel: "claude", finish: "end_turn", usage: { output: 2 } },
    ],
  ])("of %s tells the record what it says", (_name, dialect, frames, expected) => {
    const { record, relayed } = tap(frames.slice(0, 1), dialect);
    relayed.first();
    for (const frame of frames.slice(1)) relayed.next(bytesOf(frame));
    expect(record).toMatchObject(expected as object);
    expect(record.error).toBeNull();
    expect(relayed.last()).toBe("");
  });

  test.each<[string, ChatDialect, readonly string[], boolean]>([
    ["at [DONE]", openaiChat, [OPENAI.first, OPENAI.done], true],
    ["at a finish without [DONE], as some servers end", openaiChat, [OPENAI.first, OPENAI.finish], true],
    ["at an error", openaiChat, [OPENAI.first, OPENAI.error], true],
    ["at message_stop", anthropicMessages, [ANTHROPIC.first, ANTHROPIC.done], true],
    ["not before message_stop", anthropicMessages, [ANTHROPIC.first, ANTHROPIC.finish], false],
    ["not in the middle of the text", openaiChat, [OPENAI.first, OPENAI.text], false],
    ["not in the middle of a message", anthropicMessages, [ANTHROPIC.first, ANTHROPIC.text], false],
    ["not at half a [DONE]", openaiChat, [OPENAI.first, OPENAI.done.slice(0, 9)], false],
  ])("is complete %s", (_name, dialect, frames, isComplete) => {
    const { relayed } = tap([frames[0] ?? ""], dialect);
    relayed.first();
    for (const frame of frames.slice(1)) relayed.next(bytesOf(frame));
    expect(relayed.last()).toBe(isComplete ? "" : undefined);
  });

  test.each<[string, ChatDialect, readonly string[]]>([
    ["[DONE]", openaiChat, [OPENAI.first, OPENAI.done]],
    ["finish", openaiChat, [OPENAI.first, OPENAI.finish]],
    ["message_stop", anthropicMessages, [ANTHROPIC.first, ANTHROPIC.done]],
  ])("gets the blank line that its last frame lacks: %s", (_name, dialect, [first = "", last = ""]) => {
    const { relayed } = tap([first], dialect);
    relayed.first();
    relayed.next(bytesOf(last.trimEnd()));
    expect(relayed.last()).toBe("\n\n");
  });

  test.each([6, 20])("is not complete %i bytes into what follows its finish", (length) => {
    const { relayed } = tap([OPENAI.first]);
    relayed.first();
    relayed.next(bytesOf(OPENAI.finish));
    relayed.next(bytesOf(OPENAI.usage.slice(0, length)));
    expect(relayed.last()).toBeUndefined();
  });

  test("of several answers is complete at its own end only", () => {
    const relayed = tapped(opened(openaiChat, OPENAI.first), openaiChat, recorder(), false);
    relayed.first();
    relayed.next(bytesOf(OPENAI.finish));
    expect(relayed.last()).toBeUndefined();
    relayed.next(bytesOf(OPENAI.done));
    expect(relayed.last()).toBe("");
  });

  test("tells the record of an error in the middle", () => {
    const { record, relayed } = tap([OPENAI.first]);
    relayed.first();
    relayed.next(bytesOf(OPENAI.error));
    expect(record.error).toEqual({ code: "server_error", message: "overloaded" });
  });

  test.each<[string, boolean]>([
    ["data: a\n\n", true],
    ["data: a\r\n\r\n", true],
    ["data: a\n\r\n", true],
    ["data: a\n", false],
    ["data: a\r\n", false],
    ["data: a", false],
    ["\n", false],
  ])("stands between two frames after %j: %p", (text, expected) => {
    const { relayed } = tap([OPENAI.first]);
    relayed.first();
    expect(relayed.isBetweenFrames()).toBe(true);
    relayed.next(bytesOf(text));
    expect(relayed.isBetweenFrames()).toBe(expected);
  });

  const BROKEN: readonly (readonly [string, ChatDialect, string])[] = [
    ["OpenAI's", openaiChat, OPENAI.text],
    ["Anthropic's", anthropicMessages, ANTHROPIC.text],
  ];
  test.each(BROKEN)(
    "says that it broke in %s words, also in the middle of a frame",
    (_name, dialect, text) => {
      const { relayed } = tap([text], dialect);
      for (const before of ["", text, text.slice(0, 30), text.slice(0, -1)]) {
        const last = framesOf(before + relayed.broken("cut")).at(-1);
        expect(JSON.parse(last?.data ?? "")).toMatchObject({
          error: { message: "The stream was interrupted: cut" },
        });
      }
      expect(relayed.broken("cut")).not.toMatch(/\[DONE\]|message_stop/);
    },
  );
});

describe("a translated stream", () => {
  const OPTIONS = { provider: "p", strict: true, includeUsage: false, now: 1 };

  const translate = (from: ChatDialect, to: ChatDialect, ...first: readonly string[]) => {
    const record = recorder();
    const stream = opened(from, ...first);
    const relayed = translated(stream, from.readStream(), to.writeStream(OPTIONS), to, record);
    return { record, relayed };
  };

  const whole = (relayed: Relayed, frames: readonly string[]): string =>
    textOf(relayed.first()) + frames.map((frame) => textOf(relayed.next(bytesOf(frame)))).join("");

  test("from Anthropic ends as OpenAI's ends, and tells the record", () => {
    const { record, relayed } = translate(anthropicMessages, openaiChat, ANTHROPIC.first);
    const { open, text, close, finish, done } = ANTHROPIC;
    const written = whole(relayed, [open, text, close, finish, done]) + (relayed.last() ?? "");
    expect(written).toContain('"content":"Hi"');
    expect(written).toEndWith("data: [DONE]\n\n");
    expect(record).toMatchObject({ responseModel: "claude", finish: "end_turn", usage: { output: 2 } });
  });

  test("from OpenAI ends as Anthropic's ends", () => {
    const { record, relayed } = translate(openaiChat, anthropicMessages, OPENAI.first);
    const written =
      whole(relayed, [OPENAI.text, OPENAI.finish, OPENAI.usage, OPENAI.done]) + (relayed.last() ?? "");
    expect(written).toContain('"text":"Hi"');
    expect(framesOf(written).at(-1)?.event).toBe("message_stop");
    expect(record).toMatchObject({ responseModel: "m-1", finish: "stop", usage: { input: 3, output: 2 } });
  });

  test("says the same however it is cut", () => {
    const { open, text, close, finish, done } = ANTHROPIC;
    const bytes = open + text + close + finish + done;
    const one = translate(anthropicMessages, openaiChat, ANTHROPIC.first).relayed;
    const many = translate(anthropicMessages, openaiChat, ANTHROPIC.first).relayed;
    expect(whole(many, bytes.split("")) + (many.last() ?? "")).toBe(whole(one, [bytes]) + (one.last() ?? ""));
  });

  test("that is cut has no end", () => {
    const { relayed } = translate(anthropicMessages, openaiChat, ANTHROPIC.first);
    const written = whole(relayed, [ANTHROPIC.open, ANTHROPIC.text]);
    expect(relayed.last()).toBeUndefined();
    expect(written).not.toContain("[DONE]");
    expect(JSON.parse(framesOf(relayed.broken("cut")).at(-1)?.data ?? "")).toHaveProperty("error.message");
  });

  test("with an error in it ends with that error and nothing like an end", () => {
    const { record, relayed } = translate(anthropicMessages, openaiChat, ANTHROPIC.first);
    const written = whole(relayed, [ANTHROPIC.error]) + (relayed.last() ?? "");
    expect(written).toContain('"error"');
    expect(written).not.toContain("[DONE]");
    expect(record.error).toEqual({ code: "overloaded_error", message: "Overloaded" });
  });

  test("stands between two frames at any time", () => {
    const { relayed } = translate(anthropicMessages, openaiChat, ANTHROPIC.first);
    relayed.first();
    relayed.next(bytesOf("event: content_bl"));
    expect(relayed.isBetweenFrames()).toBe(true);
  });
});
