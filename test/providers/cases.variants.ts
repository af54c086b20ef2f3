/** Runs a folder's table of variants: each as a whole answer, as a stream, or as a refusal. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipe, runAll } from "../../src/lib/reducer.ts";
import { clientDialect, upstreamDialect } from "../../src/providers/dialects.ts";
import type { ChatDialect, ReplyOptions } from "../../src/providers/dialect.ts";
import { framingOf } from "../../src/providers/framings.ts";
import type { Bytes } from "../../src/lib/bytes.ts";
import type { ChatEvent, ClientDialectId, Fault } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import {
  basesOf,
  piecesOf,
  type Said,
  type Variant,
  type Variants,
  wholeOf,
} from "../support/case-variants.ts";
import {
  countsOf,
  END_MARKS,
  streamedCountsOf,
  streamedErrorOf,
  streamedWordOf,
  wordOf,
} from "../support/client-words.ts";

/** `update` writes what came out into the table in place of comparing it. */
export const testVariants = (variants: Variants, update: boolean): void => {
  if (update) return writeVariants(variants);
  for (const variant of variants.list)
    test(variant.name, () => expect({ ...variant, ...outcomeOf(variants, variant) }).toEqual(variant));
};

type Golden = Pick<Variant, (typeof GOLDEN)[number]>;

const GOLDEN = ["told", "counted", "becomes", "refused", "broken"] as const;

const writeVariants = (variants: Variants): void => {
  const list = variants.list.map((variant) => ({
    ...Object.fromEntries(Object.entries(variant).filter(([name]) => !GOLDEN.some((each) => each === name))),
    ...outcomeOf(variants, variant),
  }));
  writeFileSync(join(variants.path, "variants.json"), JSON.stringify(list));
};

const outcomeOf = (variants: Variants, variant: Variant): Golden => {
  if (variant.status !== undefined) return refusal(variants, readError(variants, variant), variant.status);
  if (variant.frame !== undefined) return { broken: broken(variants, variant) };
  const { folder, path } = variants;
  const bases = [basesOf(path, "json"), basesOf(path, "sse")].map((all) => all.includes(variant.from ?? ""));
  const fault = bases[0] ? faultIn(variants, variant) : undefined;
  if (fault !== undefined) return { ...refusal(variants, fault), broken: broken(variants, variant) };
  const read = (client: ChatDialect): readonly Answer[] => answersTo(client, variants, variant, bases);
  return folder.about === "usage"
    ? { counted: each(folder.clients, (client) => alike(read(client).map(({ counts }) => counts))) }
    : { told: each(folder.clients, (client) => alike(read(client).map(({ word }) => word))) };
};

const each = <T>(clients: readonly ClientDialectId[], ofClient: (client: ChatDialect) => T): Said<T> =>
  Object.fromEntries(clients.map((id) => [id, ofClient(clientDialect(id))]));

const readError = ({ dialect }: Variants, { status = 0, body, headers }: Variant): Fault =>
  upstreamDialect(dialect).readError(status, body, new Headers(headers));

const refusal = ({ folder }: Variants, fault: Fault, status?: number): Golden => ({
  ...(fault.status === status ? {} : { becomes: fault.status }),
  refused: each(folder.clients, (client) => client.writeError(fault, folder.provider)),
});

/** An answer that says in spite of its status that it failed. */
const faultIn = ({ dialect, path }: Variants, variant: Variant): Fault | undefined =>
  upstreamDialect(dialect).glanceReply(wholeOf(path, variant)).fault;

/** A client is told the same whole and in a stream. */
const alike = <T>(told: readonly T[]): T => {
  const [first, ...others] = told;
  if (first === undefined) throw new Error("Cannot read the answer: the variant has none");
  for (const other of others) expect(other).toEqual(first);
  return first;
};

interface Answer {
  readonly word: string;
  readonly counts: JsonObject;
}

const answersTo = (
  client: ChatDialect,
  { dialect, path, folder }: Variants,
  variant: Variant,
  [isWhole, isStream]: readonly (boolean | undefined)[],
): readonly Answer[] => {
  const answers: Answer[] = [];
  if (isWhole) {
    const reply = upstreamDialect(dialect).readReply(wholeOf(path, variant));
    const { body } = client.writeReply(reply, optionsOf(folder.provider));
    answers.push({ word: wordOf(client.id, body), counts: countsOf(client.id, body) });
  }
  if (isStream) {
    const text = written(client, eventsOf({ dialect, folder, path }, variant));
    answers.push({ word: streamedWordOf(client.id, text), counts: streamedCountsOf(client.id, text) });
  }
  return answers;
};

const optionsOf = (provider: string): ReplyOptions => ({
  provider,
  strict: true,
  includeUsage: true,
  now: 1790000000,
});

const written = (client: ChatDialect, events: readonly ChatEvent[]): string =>
  runAll(client.writeStream(optionsOf("test")), events).join("");

type Streams = Pick<Variants, "dialect" | "folder" | "path">;

const eventsOf = ({ dialect, folder, path }: Streams, variant: Variant): readonly ChatEvent[] =>
  eventsIn({ dialect, folder, path }, piecesOf(path, variant, folder.framing));

const eventsIn = ({ dialect, folder }: Streams, pieces: readonly Bytes[]): readonly ChatEvent[] =>
  runAll(pipe(framingOf(folder.framing).decode(), upstreamDialect(dialect).readStream()), pieces);

/** The frame that a stream ends with, which must not look like an end. */
const broken = (variants: Variants, variant: Variant): Said<JsonObject> =>
  each(variants.folder.clients, (client) => {
    const text = written(client, eventsOf(variants, variant));
    for (const mark of END_MARKS[client.id]) expect(text).not.toContain(mark);
    return streamedErrorOf(text);
  });
