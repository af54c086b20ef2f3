/** Files that are objects in a bucket, as OpenAI's files. */
import type { Bytes } from "../lib/bytes.ts";
import type { HttpResponse } from "../lib/http.ts";
import type { JsonObject } from "../schema/json.ts";
import type { ResourceAnswer } from "./resource.ts";

export interface StoredFile {
  readonly id: string;
  /** The object's name in its bucket. */
  readonly key: string;
  /** What the client called it; empty when nobody knows. */
  readonly filename: string;
  readonly purpose: string;
  readonly bytes: number;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

export const fileObject = ({ id, key, filename, purpose, bytes, createdAt }: StoredFile): JsonObject => ({
  id,
  object: "file",
  bytes,
  created_at: createdAt,
  filename: filename === "" ? key.slice(key.lastIndexOf("/") + 1) : filename,
  purpose,
  status: "processed",
});

const KEPT_HEADERS = ["content-type", "content-encoding", "etag", "last-modified"];

/** An object as it is, with what its head says of its bytes. */
export const contentOf = ({ headers, body }: HttpResponse): ResourceAnswer => {
  const kept = new Headers();
  for (const name of KEPT_HEADERS) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  return { headers: kept, body: body ?? new ReadableStream<Bytes>({ start: (made) => made.close() }) };
};
