/**
 * Reads Avro's object container files, record by record, as they come in:
 * https://avro.apache.org/docs/1.12.0/specification/ ("Object Container Files", "Binary Encoding").
 *
 * Blocks are read whole, to a limit each; their codec is `null` or `deflate`. Bytes are given as text of base64, and
 * a 64-bit number as the nearest double. Whatever does not fit the file's own schema is an `AvroFault`.
 */
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import type { Bytes } from "../lib/bytes.ts";

/** What is read is no Avro file, or a damaged one. */
export class AvroFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AvroFault";
  }
}

/** Every record of the file. `maxBlockBytes` bounds a block, packed and unpacked. */
export async function* avroRecords(
  pieces: AsyncIterable<Bytes>,
  maxBlockBytes: number,
): AsyncGenerator<JsonValue> {
  const source = sourceOf(pieces);
  try {
    yield* recordsFrom(source, maxBlockBytes);
  } finally {
    await source.leave();
  }
}

async function* recordsFrom(source: Source, maxBlockBytes: number): AsyncGenerator<JsonValue> {
  if (Buffer.compare(await source.take(MAGIC.length), MAGIC) !== 0) throw new AvroFault("not an Avro file");
  const meta = await readMeta(source);
  const read = readerOf(schemaIn(meta), new Map());
  const unpack = unpackerOf(meta.get("avro.codec")?.toString() ?? "null", maxBlockBytes);
  const sync = Buffer.from(await source.take(SYNC_BYTES));
  while (await source.hasMore()) {
    const count = await longFrom(source);
    const size = await longFrom(source);
    if (count < 0 || size < 0 || size > maxBlockBytes) throw new AvroFault(`a block of ${size} bytes`);
    const block = cursorOf(await unpack(await source.take(size)));
    for (let index = 0; index < count; index++) yield advancing(block, () => read(block));
    if (block.at !== block.bytes.length) throw new AvroFault("a block is longer than its records");
    if (Buffer.compare(await source.take(SYNC_BYTES), sync) !== 0)
      throw new AvroFault("a block does not end where it should");
  }
}

const MAGIC = Buffer.from("Obj\u0001");
const SYNC_BYTES = 16;
const MAX_META_BYTES = 1024 * 1024;

interface Source {
  readonly take: (count: number) => Promise<Buffer>;
  readonly hasMore: () => Promise<boolean>;
  readonly leave: () => Promise<void>;
}

const sourceOf = (pieces: AsyncIterable<Bytes>): Source => {
  const iterator = pieces[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const fill = async (count: number): Promise<boolean> => {
    const parts = [held];
    let size = held.length;
    while (size < count) {
      const { done, value } = await iterator.next();
      if (done === true) break;
      parts.push(Buffer.from(value));
      size += value.length;
    }
    if (parts.length > 1) held = Buffer.concat(parts);
    return size >= count;
  };
  return {
    async take(count) {
      if (!(await fill(count))) throw new AvroFault("the file is cut short");
      const taken = held.subarray(0, count);
      held = held.subarray(count);
      return taken;
    },
    hasMore: () => fill(1),
    leave: async () => void (await iterator.return?.()),
  };
};

/** A number of at most 64 bits, zigzag in groups of seven. */
const longFrom = async (source: Source): Promise<number> => {
  const bytes: number[] = [];
  do {
    const [byte = 0] = await source.take(1);
    bytes.push(byte);
  } while ((bytes.at(-1) ?? 0) > 0x7f && bytes.length < MAX_LONG_BYTES);
  return longOf(cursorOf(Buffer.from(bytes)));
};

const MAX_LONG_BYTES = 10;

const readMeta = async (source: Source): Promise<ReadonlyMap<string, Buffer>> => {
  const meta = new Map<string, Buffer>();
  let left = MAX_META_BYTES;
  const text = async (): Promise<Buffer> => {
    const size = await longFrom(source);
    left -= size;
    if (size < 0 || left < 0) throw new AvroFault("its header is too large");
    return source.take(size);
  };
  for (let count = await longFrom(source); count !== 0; count = await longFrom(source)) {
    if (count < 0) await longFrom(source); // then the size of what follows is told
    for (let index = 0; index < Math.abs(count); index++) meta.set((await text()).toString(), await text());
  }
  return meta;
};

const schemaIn = (meta: ReadonlyMap<string, Buffer>): unknown => {
  try {
    return JSON.parse(meta.get("avro.schema")?.toString() ?? "");
  } catch {
    throw new AvroFault("its schema is not JSON");
  }
};

type Unpack = (block: Buffer) => Promise<Buffer>;

const unpackerOf = (codec: string, maxOutputLength: number): Unpack => {
  if (codec === "null") return (block) => Promise.resolve(block);
  if (codec !== "deflate") throw new AvroFault(`its codec ${JSON.stringify(codec)} is not read`);
  return async (block) => {
    try {
      return await inflated(block, { maxOutputLength });
    } catch (error) {
      throw new AvroFault(
        `a block cannot be unpacked: ${error instanceof Error ? error.message : "unknown"}`,
      );
    }
  };
};

const inflated = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw);

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

const cursorOf = (bytes: Buffer): Cursor => ({ bytes, at: 0 });

const sliceOf = (cursor: Cursor, size: number): Buffer => {
  const end = cursor.at + size;
  if (size < 0 || end > cursor.bytes.length) throw new AvroFault("a record is cut short");
  const slice = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return slice;
};

const longOf = (cursor: Cursor): number => {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = sliceOf(cursor, 1)[0] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte <= 0x7f) return Number((value >> 1n) ^ -(value & 1n));
  }
  throw new AvroFault("a number is too long");
};

/** What takes no room could be there any number of times. */
const advancing = <T>(cursor: Cursor, take: () => T): T => {
  const before = cursor.at;
  const taken = take();
  if (cursor.at === before) throw new AvroFault("a list has items without a size");
  return taken;
};

type Read = (cursor: Cursor) => JsonValue;

const PRIMITIVES: ReadonlyMap<unknown, Read> = new Map<string, Read>([
  ["null", () => null],
  ["boolean", (cursor) => sliceOf(cursor, 1)[0] === 1],
  ["int", longOf],
  ["long", longOf],
  ["float", (cursor) => sliceOf(cursor, 4).readFloatLE()],
  ["double", (cursor) => sliceOf(cursor, 8).readDoubleLE()],
  ["bytes", (cursor) => sliceOf(cursor, longOf(cursor)).toString("base64")],
  ["string", (cursor) => sliceOf(cursor, longOf(cursor)).toString()],
]);

/** `known` are the types that were named so far, those around this one among them. */
const readerOf = (schema: unknown, known: Map<string, Read>, space = ""): Read => {
  if (isString(schema)) return PRIMITIVES.get(schema) ?? namedBefore(known, schema, space);
  if (isArray(schema)) return unionOf(schema.map((branch) => readerOf(branch, known, space)));
  if (!isObject(schema)) throw new AvroFault("its schema has a type that is none");
  const { type } = schema;
  if (type === "array") return listOf(readerOf(schema["items"], known, space));
  if (type === "map") return mapOf(readerOf(schema["values"], known, space));
  if (type !== "record" && type !== "enum" && type !== "fixed") return readerOf(type, known, space);
  const name = fullName(schema["name"], schema["namespace"] ?? space);
  const named = (read: Read): Read => {
    known.set(name, read);
    return read;
  };
  if (type === "enum") return named(symbolOf(isArray(schema["symbols"]) ? schema["symbols"] : []));
  if (type === "fixed") return named(fixedOf(schema["size"]));
  const fields: [string, Read][] = [];
  const read = named((cursor) => Object.fromEntries(fields.map(([field, value]) => [field, value(cursor)])));
  const within = name.slice(0, Math.max(0, name.lastIndexOf(".")));
  for (const field of isArray(schema["fields"]) ? schema["fields"] : []) {
    if (!isObject(field) || !isString(field["name"]))
      throw new AvroFault("its schema has a field without a name");
    fields.push([field["name"], readerOf(field["type"], known, within)]);
  }
  return read;
};

const fullName = (name: JsonValue | undefined, space: JsonValue): string => {
  if (!isString(name)) throw new AvroFault("its schema has a type without a name");
  return name.includes(".") || !isString(space) || space === "" ? name : `${space}.${name}`;
};

/** A type by its name, which may be that of a type around it. */
const namedBefore = (known: ReadonlyMap<string, Read>, name: string, space: string): Read => {
  const read = known.get(fullName(name, space)) ?? known.get(name);
  if (read === undefined) throw new AvroFault(`its schema names no type ${JSON.stringify(name)}`);
  return read;
};

const unionOf =
  (branches: readonly Read[]): Read =>
  (cursor) => {
    const read = branches[longOf(cursor)];
    if (read === undefined) throw new AvroFault("a value is of no type that its schema has");
    return read(cursor);
  };

/** Blocks of items, each with their count before them (and their size, where the count is negative), to an empty one. */
const eachItem = (cursor: Cursor, take: () => void): void => {
  for (let count = longOf(cursor); count !== 0; count = longOf(cursor)) {
    if (count < 0) longOf(cursor);
    for (let index = 0; index < Math.abs(count); index++) advancing(cursor, take);
  }
};

const listOf =
  (item: Read): Read =>
  (cursor) => {
    const items: JsonValue[] = [];
    eachItem(cursor, () => items.push(item(cursor)));
    return items;
  };

const mapOf =
  (value: Read): Read =>
  (cursor) => {
    const entries: [string, JsonValue][] = [];
    eachItem(cursor, () => entries.push([sliceOf(cursor, longOf(cursor)).toString(), value(cursor)]));
    return Object.fromEntries(entries) as JsonObject; // its values were read as JSON
  };

const symbolOf =
  (symbols: readonly JsonValue[]): Read =>
  (cursor) =>
    symbols[longOf(cursor)] ?? null;

const fixedOf = (size: JsonValue | undefined): Read => {
  if (!isNumber(size)) throw new AvroFault("its schema has a type without a size");
  return (cursor) => sliceOf(cursor, size).toString("base64");
};
