/** The output of a batch for Cohere: the Avro files of a dataset, record by record, as the rows of OpenAI's. */
import type { Bytes } from "../lib/bytes.ts";
import { streamOf } from "../lib/stream-of.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import { AvroFault, avroRecords } from "./avro.ts";
import { objectOf, segmentOf, textOf } from "./resource.fields.ts";
import type { ResourceAnswer, ResourceCall } from "./resource.ts";

const MAX_BLOCK_BYTES = 64 * 1024 * 1024;

export const embeddedRows = async (
  call: ResourceCall,
  id: string,
  model: string,
): Promise<ResourceAnswer> => {
  const { dataset } = await call.json({ url: call.home(`/v1/datasets/${segmentOf(id)}`) });
  const [first, ...rest] = partsOf(objectOf(dataset));
  if (first === undefined) throw new MalformedReply(`dataset ${id} has no parts with a URL`);
  const parts = partsAfter(call, await open(call, first), rest);
  return { headers: { "content-type": "application/jsonl" }, body: streamOf(written(parts, model)) };
};

/** `DatasetPart` in the types of cohere-ai 8.1.0: "The download url of the file", in the order of their `index`. */
const partsOf = (dataset: JsonObject): readonly string[] => {
  const parts = dataset["dataset_parts"];
  return (isArray(parts) ? parts : [])
    .filter(isObject)
    .toSorted((a, b) => Number(a["index"] ?? 0) - Number(b["index"] ?? 0))
    .flatMap(({ url }) => textOf(url) ?? []);
};

/** The URLs are signed already. */
const open = async (call: ResourceCall, url: string): Promise<ReadableStream<Bytes>> => {
  const { body } = await call.send({ url, auth: { kind: "none" }, isForeign: true });
  if (body === null) throw new MalformedReply("a part of the output is empty");
  return body;
};

type Parts = AsyncGenerator<ReadableStream<Bytes>>;

/** The first is opened while the answer's status can still say that it cannot be. */
async function* partsAfter(call: ResourceCall, first: ReadableStream<Bytes>, rest: readonly string[]): Parts {
  yield first;
  for (const url of rest) yield await open(call, url);
}

async function* written(parts: Parts, model: string): AsyncGenerator<Bytes> {
  const encoder = new TextEncoder();
  for await (const part of parts)
    for await (const record of readable(avroRecords(part, MAX_BLOCK_BYTES)))
      yield encoder.encode(`${JSON.stringify(writeRow(record, model))}\n`);
}

async function* readable(records: AsyncGenerator<JsonValue>): AsyncGenerator<JsonObject> {
  try {
    for await (const record of records) yield objectOf(record);
  } catch (error) {
    if (error instanceof AvroFault) throw new MalformedReply(`the output is no Avro file: ${error.message}`);
    throw error;
  }
}

/**
 * Records have `custom_id`, `text` and `embeddings`, an array for each type that was asked for (the guide's
 * `record["embeddings"]["float"]`: docs.cohere.com/docs/embed-jobs-api). Tokens are not counted in them.
 */
const writeRow = (record: JsonObject, model: string): JsonObject => {
  const custom_id = textOf(record["custom_id"]) ?? "";
  const id = textOf(record["id"]) ?? `batch_req_${custom_id}`;
  const data = Object.entries(objectOf(record["embeddings"])).flatMap(([type, embedding]) =>
    isArray(embedding) ? [{ type, embedding }] : [],
  );
  if (data.length === 0) throw new MalformedReply(`record ${id} of the output has no embeddings`);
  const usage = { prompt_tokens: 0, total_tokens: 0 };
  return {
    id,
    custom_id,
    response: {
      status_code: 200,
      request_id: id,
      body: {
        object: "list",
        data: data.map(({ type, embedding }) => ({
          object: "embedding",
          index: 0,
          embedding,
          ...(type !== "float" && { embedding_type: type }),
        })),
        model,
        usage,
      },
    },
    error: null,
  };
};
