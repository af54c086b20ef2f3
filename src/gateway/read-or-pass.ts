/** Reads a body whole where it is not too large for that, and otherwise leaves it a stream that lost nothing. */
import type { Bytes } from "../lib/bytes.ts";
import { readCapped } from "../lib/body.ts";
import type { HttpResponse } from "../lib/http.ts";

type Body = ReadableStream<Bytes>;

/** A packed body is read, or refused: what was unpacked cannot be handed on as it came. */
export const readOrPass = (response: HttpResponse, limit: number): Promise<Bytes | Body> => {
  const { headers, body } = response;
  const length = Number(headers.get("content-length") ?? Number.NaN);
  if (body !== null && headers.get("content-encoding") === null) {
    if (length > limit) return Promise.resolve(body);
    if (Number.isNaN(length)) return readUpTo(body, limit);
  }
  return readCapped(response, limit);
};

const readUpTo = async (body: Body, limit: number): Promise<Bytes | Body> => {
  const reader = body.getReader();
  const chunks: Bytes[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    chunks.push(value);
    size += value.byteLength;
    if (size > limit) return rejoined(chunks, reader);
  }
};

const rejoined = (chunks: readonly Bytes[], reader: ReadableStreamDefaultReader<Bytes>): Body => {
  const read = chunks.values();
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const { value: first } = read.next();
        if (first !== undefined) return controller.enqueue(first);
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
};
