/**
 * Folders of cases that differ in a word: one answer of a vendor with holes in it, and a table of what fills them.
 *
 * `variants.json` lists the variants. A hole is a string `"{name}"` in `<from>.json` and `<from>.sse`; a variant
 * `fill`s it with a value of JSON. What clients must be told stands beside each variant: `told` is the word for
 * why the answer ended, `counted` its usage, `refused` the body of a refusal, `broken` the frame that ends a stream with an error.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import type { Bytes } from "../../src/lib/bytes.ts";
import { runAll } from "../../src/lib/reducer.ts";
import { decodeSse, type SseEvent } from "../../src/lib/sse.ts";
import type { ClientDialectId, DialectId } from "../../src/schema/chat.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import type { FramingId } from "../../src/schema/provider-row.ts";

export const CASES = join(import.meta.dir, "../providers/cases");

/** What all variants of a folder have in common. */
export interface VariantFolder {
  readonly clients: readonly ClientDialectId[];
  readonly provider: string;
  /** The vendor's document or type that lists the words. */
  readonly source: string;
  readonly framing?: FramingId;
  /** What the table is about when an answer is no error; why it ended unless this is said. */
  readonly about?: "usage";
}

export interface Variant {
  readonly name: string;
  /** Where the words of this one are from, when the folder's source does not have them. */
  readonly source?: string;
  readonly from?: string;
  readonly fill?: Readonly<Record<string, JsonValue>>;
  /** A refusal: what the vendor answers in place of an answer. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonValue;
  /** What the vendor's stream ends with, behind what `from` has said. */
  readonly frame?: { readonly event?: string; readonly data: JsonValue };
  readonly told?: Said<string>;
  readonly counted?: Said<JsonObject>;
  /** The status that clients get, where it is not the vendor's. */
  readonly becomes?: number;
  readonly refused?: Said<JsonObject>;
  readonly broken?: Said<JsonObject>;
}

export type Said<T> = Readonly<Partial<Record<ClientDialectId, T>>>;

export interface Variants {
  readonly dialect: DialectId;
  readonly path: string;
  readonly folder: VariantFolder;
  readonly list: readonly Variant[];
}

/** Every folder with a table. */
export const variantFolders = (): readonly Variants[] =>
  [...new Bun.Glob("*/*/variants.json").scanSync(CASES)].toSorted().map((file) => {
    const path = join(CASES, file, "..");
    const [dialect] = file.split("/");
    return {
      dialect: dialect as DialectId, // the runner of all cases asks for the dialect of each folder
      path,
      folder: json(join(path, "case.json")) as unknown as VariantFolder, // our own data, checked by its tests
      list: json(join(path, "variants.json")) as unknown as readonly Variant[], // the same
    };
  });

/** Whether the variant has a whole answer, or a stream. */
export const hasBase = (path: string, { from }: Pick<Variant, "from">, ending: "json" | "sse"): boolean =>
  from !== undefined && existsSync(join(path, `${from}.${ending}`));

export const wholeOf = (path: string, variant: Variant): JsonObject =>
  JSON.parse(filled(path, variant, "json"));

/** The stream's pieces, one a frame, in the vendor's framing. */
export const piecesOf = (path: string, variant: Variant, framing?: FramingId): readonly Bytes[] => {
  const text = `${filled(path, variant, "sse")}${variant.frame === undefined ? "" : sseOf(variant.frame)}`;
  if (framing === "aws-eventstream") return runAll(decodeSse(), [encoder.encode(text)]).map(awsMessage);
  return text
    .split(/(?<=\n\n)/)
    .filter((piece) => piece.trim() !== "")
    .map((piece) => encoder.encode(piece));
};

const encoder = new TextEncoder();

const json = (path: string): JsonValue => JSON.parse(readFileSync(path, "utf8"));

const filled = (path: string, { from, fill = {} }: Variant, ending: "json" | "sse"): string =>
  readFileSync(join(path, `${from}.${ending}`), "utf8").replaceAll(/"\{(\w+)\}"/g, (hole, name: string) =>
    Object.hasOwn(fill, name) ? JSON.stringify(fill[name]) : hole,
  );

const sseOf = ({ event, data }: NonNullable<Variant["frame"]>): string =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);

/** AWS's own codec; what is called an exception is sent as one. */
const awsMessage = ({ event = "", data }: SseEvent): Bytes => {
  const kind = event.endsWith("Exception") ? "exception" : "event";
  const message = codec.encode({
    headers: {
      [`:${kind}-type`]: { type: "string", value: event },
      ":content-type": { type: "string", value: "application/json" },
      ":message-type": { type: "string", value: kind },
    },
    body: encoder.encode(data),
  });
  return new Uint8Array(message);
};
