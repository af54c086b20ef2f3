/** Every folder under `cases/` is a test: what a client sent, what the provider answered, what must come out. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipe, runAll } from "../../src/lib/reducer.ts";
import type { SseEvent } from "../../src/lib/sse.ts";
import { decodeSse } from "../../src/lib/sse.ts";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import { fold, unfold } from "../../src/providers/chat-events.ts";
import type { ChatDialect, ReplyOptions } from "../../src/providers/dialect.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import type { Block, ChatEvent, ChatReply, Choice, DialectId, Usage } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";

interface Case {
  readonly client: DialectId;
  /** The vendor's document or type that the data follows. */
  readonly source: string;
  readonly provider: string;
  readonly strict?: boolean;
  readonly includeUsage?: boolean;
  readonly status?: number;
  readonly requestNotes?: readonly string[];
  readonly replyNotes?: readonly string[];
}

const DIALECTS: Readonly<Record<DialectId, ChatDialect>> = {
  "openai-chat": openaiChat,
  "anthropic-messages": anthropicMessages,
};
const ROOT = join(import.meta.dir, "cases");
const NOW = 1790000000;
const UPDATE = Bun.env["UPDATE_GOLDEN"] === "1";
/** Files up to this size are cut at every single byte. */
const SMALL = 4096;

const optionsOf = (folder: Case): ReplyOptions => ({
  provider: folder.provider,
  strict: folder.strict ?? true,
  includeUsage: folder.includeUsage ?? false,
  now: NOW,
});

const readJson = (path: string): JsonObject => JSON.parse(readFileSync(path, "utf8"));

const expectGolden = (path: string, text: string): void => {
  if (UPDATE) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
};

/** Compared as values: the files are laid out by the formatter. */
const expectGoldenJson = (path: string, value: JsonObject): void => {
  const text = JSON.stringify(value, null, 2);
  if (UPDATE) writeFileSync(path, `${text}\n`);
  expect(JSON.parse(text)).toStrictEqual(readJson(path));
};

const framesOf = (bytes: Uint8Array): readonly SseEvent[] => runAll(decodeSse(), [bytes]);

const eventsOf = (dialect: ChatDialect, pieces: readonly Uint8Array[]): readonly ChatEvent[] =>
  runAll(pipe(decodeSse(), dialect.readStream()), pieces);

const cut = (bytes: Uint8Array, points: readonly number[]): readonly Uint8Array[] => {
  const edges = [0, ...[...points].sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
};

const isComplete = (events: readonly ChatEvent[]): boolean => events.some((event) => event.type === "end");

/** A model writes the JSON of its arguments with other spaces in a stream than the API does in a reply. */
const plainBlock = (block: Block): Block => {
  if (block.kind !== "tool-call" || block.custom === true) return block;
  try {
    return { ...block, arguments: JSON.stringify(JSON.parse(block.arguments || "{}")) };
  } catch {
    return block;
  }
};

/** Zero cached tokens and none that were counted are the same to every dialect. */
const plainUsage = (usage: Usage): Usage => {
  const { native: _, cacheRead, cacheWrite, ...counts } = usage;
  return { ...counts, ...(cacheRead ? { cacheRead } : {}), ...(cacheWrite ? { cacheWrite } : {}) };
};

const plainChoice = (choice: Choice): Choice => ({ ...choice, blocks: choice.blocks.map(plainBlock) });

/** A reply without what a stream learns too late to say in canonical: the reply's own native fields. */
const plain = (reply: ChatReply): ChatReply => {
  const { native: _, usage, ...rest } = reply;
  const choices = rest.choices.map(plainChoice);
  return { ...rest, choices, ...(usage === undefined ? {} : { usage: plainUsage(usage) }) };
};

/** What a dialect can say of a reply again: ids and times are kept where it has them. */
const said = (reply: ChatReply): unknown => {
  const { id: _, created: __, ...rest } = plain(reply);
  return { ...rest, choices: rest.choices.map(({ raw: ___, ...choice }) => choice) };
};

const testRequest = (path: string, folder: Case, client: ChatDialect, upstream: ChatDialect): void => {
  test("the request is translated", () => {
    const sent = readJson(join(path, "client-request.json"));
    const before = structuredClone(sent);
    const { body, notes } = upstream.writeRequest(client.readRequest(sent), { provider: folder.provider });
    expect(sent).toEqual(before);
    expect(notes).toEqual([...(folder.requestNotes ?? [])]);
    expectGoldenJson(join(path, "upstream-request.json"), body);
  });
};

const testReply = (path: string, folder: Case, client: ChatDialect, upstream: ChatDialect): void => {
  test("the reply is translated", () => {
    const body = readJson(join(path, "upstream-reply.json"));
    const golden = join(path, "client-reply.json");
    const status = folder.status ?? 200;
    if (status >= 400) {
      expectGoldenJson(golden, client.writeError(upstream.readError(status, body), folder.provider));
      return;
    }
    const written = client.writeReply(upstream.readReply(body), optionsOf(folder));
    expect(written.notes).toEqual([...(folder.replyNotes ?? [])]);
    expectGoldenJson(golden, written.body);
  });
};

const testStream = (path: string, folder: Case, client: ChatDialect, upstream: ChatDialect): void => {
  const bytes = new Uint8Array(readFileSync(join(path, "upstream-reply.sse")));
  const events = eventsOf(upstream, [bytes]);
  test("the stream is translated", () => {
    const golden = join(path, "client-reply.sse");
    expectGolden(golden, runAll(client.writeStream(optionsOf(folder)), events).join(""));
  });
  testCuts(upstream, bytes, events);
  if (isComplete(events)) testLaws(path, upstream, fold(events));
};

const testCuts = (upstream: ChatDialect, bytes: Uint8Array, events: readonly ChatEvent[]): void => {
  test("cutting the stream's bytes does not matter", () => {
    const same = (points: readonly number[]): boolean =>
      Bun.deepEquals(eventsOf(upstream, cut(bytes, points)), events, true);
    const single = bytes.length < SMALL ? bytes.length : 0;
    for (let at = 1; at < single; at++) if (!same([at])) expect(at).toBe(-1);
    const points = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 });
    fc.assert(fc.property(points, same), { numRuns: 30 });
  });
};

const testLaws = (path: string, upstream: ChatDialect, reply: ChatReply): void => {
  test("a reply is the fold of its events", () => {
    expect(fold(unfold(reply))).toEqual(reply);
    const twin = join(path, "upstream-reply.json");
    if (!existsSync(twin)) return;
    expect(plain(reply)).toEqual(plain(upstream.readReply(readJson(twin))));
  });
  test("reading the written stream gives the reply back", () => {
    const options = { provider: "test", strict: false, includeUsage: true, now: NOW };
    const written = runAll(upstream.writeStream(options), unfold(reply)).join("");
    const again = fold(runAll(upstream.readStream(), framesOf(new TextEncoder().encode(written))));
    expect(said(again)).toEqual(said(reply));
  });
};

const testCase = (upstream: ChatDialect, path: string): void => {
  const folder = readJson(join(path, "case.json")) as unknown as Case; // our own data, checked by its tests
  const client = DIALECTS[folder.client];
  const has = (name: string): boolean => existsSync(join(path, name));
  if (has("client-request.json")) testRequest(path, folder, client, upstream);
  if (has("upstream-reply.json")) testReply(path, folder, client, upstream);
  if (has("upstream-reply.sse")) testStream(path, folder, client, upstream);
};

for (const dialect of Object.values(DIALECTS)) {
  const folder = join(ROOT, dialect.id);
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    describe(`${dialect.id}/${name}`, () => testCase(dialect, join(folder, name)));
  }
}
