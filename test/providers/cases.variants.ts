/** Runs a folder's table of variants: each as a whole answer, as a stream, or as a refusal. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipe, runAll } from "../../src/lib/reducer.ts";
import { clientDialect, upstreamDialect } from "../../src/providers/dialects.ts";
import type { ChatDialect, ReplyOptions } from "../../src/providers/dialect.ts";
import { framingOf } from "../../src/providers/framings.ts";
import type { ChatEvent, ClientDialectId, Fault } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import {
  hasBase,
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
  const fault = faultIn(variants, variant);
  return fault === undefined
    ? answered(variants, variant)
    : { ...refusal(variants, fault), broken: broken(variants, variant) };
};

const answered = (variants: Variants, variant: Variant): Golden => {
  const { clients, about } = variants.folder;
  const read = (client: ChatDialect): readonly Answer[] => answersTo(client, variants, variant);
  return about === "usage"
    ? { counted: each(clients, (client) => alike(read(client).map(({ counts }) => counts))) }
    : { told: each(clients, (client) => alike(read(client).map(({ word }) => word))) };
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
  hasBase(path, variant, "json")
    ? upstreamDialect(dialect).glanceReply(wholeOf(path, variant)).fault
    : undefined;

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

const answersTo = (client: ChatDialect, variants: Variants, variant: Variant): readonly Answer[] => {
  const { dialect, path, folder } = variants;
  const answers: Answer[] = [];
  if (hasBase(path, variant, "json")) {
    const reply = upstreamDialect(dialect).readReply(wholeOf(path, variant));
    const { body } = client.writeReply(reply, optionsOf(folder.provider));
    answers.push({ word: wordOf(client.id, body), counts: countsOf(client.id, body) });
  }
  if (hasBase(path, variant, "sse")) {
    const text = written(client, eventsOf(variants, variant));
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

const eventsOf = ({ dialect, folder, path }: Variants, variant: Variant): readonly ChatEvent[] =>
  runAll(
    pipe(framingOf(folder.framing).decode(), upstreamDialect(dialect).readStream()),
    piecesOf(path, variant, folder.framing),
  );

/** The frame that a stream ends with, which must not look like an end. */
const broken = (variants: Variants, variant: Variant): Said<JsonObject> =>
  each(variants.folder.clients, (client) => {
    const text = written(client, eventsOf(variants, variant));
    for (const mark of END_MARKS[client.id]) expect(text).not.toContain(mark);
    return streamedErrorOf(text);
  });
