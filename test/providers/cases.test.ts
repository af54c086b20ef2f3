/** Every folder under `cases/` is a test: what a client sent, what the provider answered, what must come out. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipe, runAll } from "../../src/lib/reducer.ts";
import type { SseEvent } from "../../src/lib/sse.ts";
import { decodeSse } from "../../src/lib/sse.ts";
import { fold, unfold } from "../../src/providers/chat-events.ts";
import type { ChatDialect, ReplyOptions, UpstreamDialect } from "../../src/providers/dialect.ts";
import { clientDialect, upstreamDialect } from "../../src/providers/dialects.ts";
import { whyStopped } from "../../src/providers/gemini.refusals.ts";
import { framingOf } from "../../src/providers/framings.ts";
import type { Bytes } from "../../src/lib/bytes.ts";
import type { FramingId } from "../../src/schema/provider-row.ts";
import type {
  Block,
  ChatEvent,
  ChatReply,
  Choice,
  ClientDialectId,
  DialectId,
  Usage,
} from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import { type Variants, variantFolders } from "../support/case-variants.ts";
import { testVariants } from "./cases.variants.ts";

interface Case {
  readonly client: ClientDialectId;
  /** The vendor's document or type that the data follows. */
  readonly source: string;
  readonly provider: string;
  readonly strict?: boolean;
  readonly includeUsage?: boolean;
  /** Provider options that the request writer asks for. */
  readonly options?: Readonly<Record<string, string>>;
  /** How the recorded stream is cut; `sse` when absent. The recording is `upstream-reply.sse`, or `.bin` where it is not text. */
  readonly framing?: FramingId;
  readonly status?: number;
  readonly requestNotes?: readonly string[];
  readonly replyNotes?: readonly string[];
}

const ROOT = join(import.meta.dir, "cases");
const NOW = 1790000000;
const UPDATE = Bun.env["UPDATE_GOLDEN"] === "1";
/** Files up to this size are cut at every single byte. */
const SMALL = 4096;

const readJson = (path: string): JsonObject => JSON.parse(readFileSync(path, "utf8"));

const optionsOf = (folder: Case, path: string): ReplyOptions => {
  const sent = join(path, "client-request.json");
  return {
    provider: folder.provider,
    strict: folder.strict ?? true,
    includeUsage: folder.includeUsage ?? false,
    now: NOW,
    ...(existsSync(sent) ? { request: readJson(sent) } : {}),
  };
};

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

const framesOf = (bytes: Bytes): readonly SseEvent[] => runAll(decodeSse(), [bytes]);

interface Upstream {
  readonly dialect: UpstreamDialect;
  readonly framing: FramingId | undefined;
}

const eventsOf = ({ dialect, framing }: Upstream, pieces: readonly Bytes[]): readonly ChatEvent[] =>
  runAll(pipe(framingOf(framing).decode(), dialect.readStream()), pieces);

const cut = (bytes: Bytes, points: readonly number[]): readonly Bytes[] => {
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

/** What every dialect can say: the text and the calls, in order. */
const plainly = (reply: ChatReply): unknown =>
  reply.choices.slice(0, 1).map(({ blocks }) => ({
    text: blocks
      .map((block) => (block.kind === "text" || block.kind === "refusal" ? block.text : ""))
      .join(""),
    calls: blocks.flatMap((block) =>
      block.kind === "tool-call"
        ? [{ name: block.name, arguments: JSON.parse(block.arguments || "{}") }]
        : [],
    ),
  }));

/** A candidate that was stopped before it said anything is read with the reason for its text. */
const unspoken = (client: ChatDialect, reply: ChatReply): ChatReply =>
  client.id !== "gemini"
    ? reply
    : {
        ...reply,
        choices: reply.choices.map((choice) => ({ ...choice, blocks: choice.blocks.filter(isSpoken) })),
      };

/** Why Claude refused stands beside the content, and is written as text, which the API has no other block for. */
const asTexts = (client: ChatDialect, reply: ChatReply): ChatReply =>
  client.id !== "anthropic-messages"
    ? reply
    : {
        ...reply,
        choices: reply.choices.map((choice) => ({
          ...choice,
          blocks: choice.blocks.map((block) =>
            block.kind === "refusal" ? { ...block, kind: "text" } : block,
          ),
        })),
      };

const isSpoken = (block: Block): boolean => block.kind !== "refusal" || whyStopped(block.text) === undefined;

const CLIENTS = (["openai-chat", "anthropic-messages", "openai-responses", "gemini"] as const).map(
  clientDialect,
);

const testRequest = (path: string, folder: Case, client: ChatDialect, upstream: UpstreamDialect): void => {
  test("the request is translated", () => {
    const sent = readJson(join(path, "client-request.json"));
    const before = structuredClone(sent);
    const { body, notes } = upstream.writeRequest(client.readRequest(sent), {
      provider: folder.provider,
      option: (name) => folder.options?.[name],
    });
    expect(sent).toEqual(before);
    expect(notes).toEqual([...(folder.requestNotes ?? [])]);
    expectGoldenJson(join(path, "upstream-request.json"), body);
  });
};

const testReply = (path: string, folder: Case, client: ChatDialect, upstream: UpstreamDialect): void => {
  test("the reply is translated", () => {
    const body = readJson(join(path, "upstream-reply.json"));
    const golden = join(path, "client-reply.json");
    const status = folder.status ?? 200;
    if (status >= 400) {
      expectGoldenJson(golden, client.writeError(upstream.readError(status, body), folder.provider));
      return;
    }
    const written = client.writeReply(upstream.readReply(body), optionsOf(folder, path));
    expect(written.notes).toEqual([...(folder.replyNotes ?? [])]);
    expectGoldenJson(golden, written.body);
  });
  if ((folder.status ?? 200) < 400) testBothWays(path, upstream);
};

/** An upstream that cannot stream, or an answer that was kept, is told as a stream all the same. */
const testBothWays = (path: string, upstream: UpstreamDialect): void => {
  test("a client is told the same whole and in a stream", () => {
    const reply = upstream.readReply(readJson(join(path, "upstream-reply.json")));
    if (reply.choices.some(({ blocks }) => blocks.some(isFreeText))) return; // Anthropic's API has no place for it
    const options = { provider: "test", strict: false, includeUsage: true, now: NOW };
    for (const client of CLIENTS) {
      const whole = client.readReply(client.writeReply(reply, options).body);
      const written = runAll(client.writeStream(options), unfold(reply)).join("");
      const streamed = fold(runAll(client.readStream(), framesOf(new TextEncoder().encode(written))));
      expect(told(streamed)).toEqual(told(whole));
    }
  });
};

const isFreeText = (block: Block): boolean => block.kind === "tool-call" && block.custom === true;

const told = (reply: ChatReply): unknown => ({
  said: plainly(reply),
  finish: reply.choices.map(({ finish }) => finish),
  usage: reply.usage && plainUsage(reply.usage),
});

const testStream = (
  path: string,
  file: string,
  folder: Case,
  client: ChatDialect,
  dialect: UpstreamDialect,
): void => {
  const upstream = { dialect, framing: folder.framing };
  const bytes = new Uint8Array(readFileSync(join(path, file)));
  const events = eventsOf(upstream, [bytes]);
  test("the stream is translated", () => {
    const golden = join(path, "client-reply.sse");
    expectGolden(golden, runAll(client.writeStream(optionsOf(folder, path)), events).join(""));
  });
  testCuts(upstream, bytes, events);
  testEnds(upstream, bytes);
  if (isComplete(events)) testLaws(path, upstream.dialect, fold(events));
};

const testCuts = (upstream: Upstream, bytes: Bytes, events: readonly ChatEvent[]): void => {
  test("cutting the stream's bytes does not matter", () => {
    const same = (points: readonly number[]): boolean =>
      Bun.deepEquals(eventsOf(upstream, cut(bytes, points)), events, true);
    const single = bytes.length < SMALL ? bytes.length : 0;
    for (let at = 1; at < single; at++) if (!same([at])) expect(at).toBe(-1);
    const points = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 });
    fc.assert(fc.property(points, same), { numRuns: 30 });
  });
};

/** Cut behind any byte, a stream is whole only when each of its choices has said why it ended. */
const testEnds = (upstream: Upstream, bytes: Bytes): void => {
  test("a stream that is cut short never looks whole", () => {
    const step = Math.ceil(bytes.length / SMALL);
    for (let length = 1; length <= bytes.length; length += step) {
      const events = eventsOf(upstream, [bytes.subarray(0, length)]);
      if (isComplete(events)) expect(unfinished(events)).toEqual([]);
    }
  });
};

const unfinished = (events: readonly ChatEvent[]): readonly number[] => {
  const ended = events.flatMap((event) => (event.type === "finish" ? [event.choice] : []));
  const begun = events.flatMap((event) => (event.type === "block-start" ? [event.choice] : []));
  return [0, ...begun].filter((choice) => !ended.includes(choice));
};

const testLaws = (path: string, upstream: UpstreamDialect, reply: ChatReply): void => {
  test("a reply is the fold of its events", () => {
    expect(fold(unfold(reply))).toEqual(reply);
    const twin = join(path, "upstream-reply.json");
    if (!existsSync(twin)) return;
    expect(plain(reply)).toEqual(plain(upstream.readReply(readJson(twin))));
  });
  test("reading the written stream gives the reply back", () => {
    for (const client of CLIENTS) {
      const options = { provider: "test", strict: false, includeUsage: true, now: NOW };
      const written = runAll(client.writeStream(options), unfold(reply)).join("");
      const again = fold(runAll(client.readStream(), framesOf(new TextEncoder().encode(written))));
      // A dialect gives everything back that it has said itself; of another's, what both can say.
      if (client.id === upstream.id) expect(said(again)).toEqual(said(asTexts(client, reply)));
      else expect(plainly(unspoken(client, again))).toEqual(plainly(reply));
    }
  });
};

const testCase = (upstream: UpstreamDialect, path: string): void => {
  const folder = readJson(join(path, "case.json")) as unknown as Case; // our own data, checked by its tests
  const client = clientDialect(folder.client);
  const has = (name: string): boolean => existsSync(join(path, name));
  if (has("client-request.json")) testRequest(path, folder, client, upstream);
  if (has("upstream-reply.json")) testReply(path, folder, client, upstream);
  for (const file of ["upstream-reply.sse", "upstream-reply.bin"])
    if (has(file)) testStream(path, file, folder, client, upstream);
};

const TABLES: ReadonlyMap<string, Variants> = new Map(variantFolders().map((table) => [table.path, table]));

for (const id of readdirSync(ROOT).sort()) {
  if (id === "completions") continue; // read by cases.completions.test.ts
  const dialect = upstreamDialect(id as DialectId); // throws for a folder that is no dialect's
  for (const name of readdirSync(join(ROOT, id)).sort()) {
    const path = join(ROOT, id, name);
    const table = TABLES.get(path);
    describe(`${id}/${name}`, () =>
      table === undefined ? testCase(dialect, path) : testVariants(table, UPDATE));
  }
}
