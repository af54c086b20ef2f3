/** What is asked of an HTTP server, and what it answers. */
import type { Bytes } from "./bytes.ts";
import type { Ending } from "./ending.ts";
import type { HeaderFields } from "./header-fields.ts";

/** A stream gives its buffers away with its pieces: they are let go of once they are sent. */
export type HttpBody = string | Bytes | FormData | ReadableStream<Bytes>;

export interface HttpRequest {
  readonly method: string;
  readonly headers: Headers | Readonly<Record<string, string>>;
  readonly body?: HttpBody | null;
  /** Ends the exchange at any time, with its reason. */
  readonly signal: Ending;
}

/** Like a `Response` of the platform, which is one of these. */
export interface HttpResponse {
  readonly status: number;
  /** 200 to 299. */
  readonly ok: boolean;
  readonly headers: HeaderFields;
  readonly body: ReadableStream<Bytes> | null;
  /** A connection that was kept had died, so the request was sent once more, over a new one. */
  readonly reconnected?: boolean;
  /** Reads the rest of the body at less cost than a stream does. */
  reader?(): ByteReader;
  /** The whole body where it has come already. */
  held?(): Bytes | undefined;
  bytes(): Promise<Bytes>;
  text(): Promise<string>;
  json(): Promise<unknown>;
}

/** A body as it comes. */
export interface ByteReader {
  read(): Promise<ByteRead>;
  /** Nothing more of it is wanted. */
  cancel(reason?: unknown): Promise<void>;
}

export type ByteRead =
  { readonly done: false; readonly value: Bytes } | { readonly done: true; readonly value?: undefined };

/** The pieces of a body that may be there or not. */
export const readerOf = (response: Pick<HttpResponse, "body" | "reader">): ByteReader | undefined =>
  response.reader?.() ?? response.body?.getReader();
