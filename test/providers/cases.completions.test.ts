/** Every folder under `cases/completions` is a text completion of a server with a shape of its own. */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bytes } from "../../src/lib/bytes.ts";
import { pipe, runAll } from "../../src/lib/reducer.ts";
import { stringField } from "../../src/providers/body-fields.ts";
import { fold } from "../../src/providers/chat-events.ts";
import type { Codec, CodecContext } from "../../src/providers/codec.ts";
import { codecOf } from "../../src/providers/codecs.ts";
import { completionWriter } from "../../src/providers/completion-stream.ts";
import { framingOf } from "../../src/providers/framings.ts";
import { writeFinish } from "../../src/providers/openai-chat.words.ts";
import type { ChatEvent, ChatReply } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import type { FramingId } from "../../src/schema/provider-row.ts";

interface Case {
  /** The codec's name in the row. */
  readonly codec: string;
  /** The vendor's document that the data follows. */
  readonly source: string;
  readonly provider: string;
  readonly requestNotes?: readonly string[];
  /** Of the reply, where it counts in them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How the recorded stream is cut; `sse` when absent. The recording is `upstream-reply.sse`, or `.bin` where it is not text. */
  readonly framing?: FramingId;
  readonly includeUsage?: boolean;
  /** The vendor marks no end. */
  readonly endsWhenClosed?: boolean;
}

const ROOT = join(import.meta.dir, "cases", "completions");
const NOW = 1790000000;
const UPDATE = Bun.env["UPDATE_GOLDEN"] === "1";

const readJson = (path: string): JsonObject => JSON.parse(readFileSync(path, "utf8"));

const expectGolden = (path: string, text: string): void => {
  if (UPDATE) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
};

const expectGoldenJson = (path: string, value: unknown): void => {
  if (UPDATE) writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
  expect(JSON.parse(JSON.stringify(value))).toStrictEqual(readJson(path));
};

const readWhole = (path: string, folder: Case, codec: Codec, context: CodecContext): JsonObject =>
  codec.read(
    {
      contentType: "application/json",
      headers: new Headers(folder.headers ?? {}),
      bytes: new Uint8Array(),
      json: readJson(join(path, "upstream-reply.json")),
    },
    context,
  );

/** What a stream amounts to, as the codec says whole replies. */
const wholeOf = ({ choices, usage, model }: ChatReply): unknown => ({
  model,
  choices: choices.map(({ index, blocks, finish }) => ({
    index,
    text: blocks.map((block) => (block.kind === "text" ? block.text : "")).join(""),
    logprobs: null,
    finish_reason: writeFinish(finish, undefined, true),
  })),
  ...(usage === undefined ? {} : { usage: { prompt_tokens: usage.input, completion_tokens: usage.output } }),
});

const testStream = (path: string, file: string, folder: Case, codec: Codec, context: CodecContext): void => {
  const bytes = new Uint8Array(readFileSync(join(path, file)));
  const eventsOf = (pieces: readonly Bytes[]): readonly ChatEvent[] => {
    const reader = codec.readStream?.(context);
    if (reader === undefined) throw new Error(`${folder.codec} reads no streams`);
    return runAll(pipe(framingOf(folder.framing).decode(), reader), pieces);
  };
  const events = eventsOf([bytes]);
  const options = {
    provider: folder.provider,
    strict: true,
    includeUsage: folder.includeUsage ?? false,
    now: NOW,
  };

  test("the stream is translated", () => {
    expectGolden(join(path, "client-reply.sse"), runAll(completionWriter(options), events).join(""));
  });
  test("cutting the stream's bytes does not matter, and cut short it never looks whole", () => {
    for (let at = 1; at < bytes.length; at++) {
      const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
      if (!Bun.deepEquals(eventsOf([head, tail]), events, true)) expect(at).toBe(-1);
      if (folder.endsWhenClosed === true) continue;
      const short = eventsOf([head]);
      const finishes = new Set(short.flatMap((event) => (event.type === "finish" ? [event.choice] : [])));
      const begun = short.flatMap((event) => (event.type === "block-start" ? [event.choice] : []));
      if (short.some(({ type }) => type === "end")) expect([...finishes]).toContainValues([0, ...begun]);
    }
  });
  if (existsSync(join(path, "upstream-reply.json")))
    test("it amounts to what is said whole", () => {
      expect(readWhole(path, folder, codec, context)).toMatchObject(wholeOf(fold(events)) as JsonObject);
    });
};

for (const name of readdirSync(ROOT).sort()) {
  const path = join(ROOT, name);
  const folder = readJson(join(path, "case.json")) as unknown as Case; // our own data, checked by its tests
  const codec = codecOf(folder.codec);
  const target = { provider: folder.provider, option: () => undefined };
  const request = readJson(join(path, "client-request.json"));
  const context = { ...target, request, model: stringField(request, "model") ?? "", now: NOW };

  describe(`completions/${name}`, () => {
    test("the request is translated", () => {
      const before = structuredClone(request);
      const { body, notes } = codec.write(request, target);
      expect(request).toEqual(before);
      expect(notes).toEqual([...(folder.requestNotes ?? [])]);
      expectGoldenJson(join(path, "upstream-request.json"), body);
    });
    if (existsSync(join(path, "upstream-reply.json")))
      test("the reply is translated", () => {
        expectGoldenJson(join(path, "client-reply.json"), readWhole(path, folder, codec, context));
      });
    for (const file of ["upstream-reply.sse", "upstream-reply.bin"])
      if (existsSync(join(path, file))) testStream(path, file, folder, codec, context);
  });
}
