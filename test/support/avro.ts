/** Avro's container files, written by another implementation than the one that is tested. */
import { buffer } from "node:stream/consumers";
import avsc from "avsc";
import type { Bytes } from "../../src/lib/bytes.ts";

export const avroFile = async (
  schema: avsc.Schema,
  records: readonly unknown[],
  codec: "null" | "deflate",
): Promise<Bytes> => {
  const encoder = new avsc.streams.BlockEncoder(schema, { codec, writeHeader: true });
  for (const record of records) encoder.write(record);
  encoder.end();
  return new Uint8Array(await buffer(encoder));
};
