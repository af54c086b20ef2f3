/**
 * An object written to S3 while its bytes still come in, held in memory one part at a time
 * (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html).
 *
 * What fits into one part is put whole. Of a larger object nothing is to be seen before `finish`, and
 * nothing is left behind by `abandon`.
 */
import type { Bytes } from "../lib/bytes.ts";
import { xmlEscaped, xmlText } from "../lib/xml-text.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { ResourceCall } from "./resource.ts";
import { UpstreamRefused } from "./resource.ts";
import type { S3Object } from "./s3.ts";
import { s3Send } from "./s3.ts";

/** No part but the last may be smaller than 5 MiB, and 10,000 of these are 80 GB */
const PART_BYTES = 8 * 1024 * 1024;

export class S3Upload {
  readonly #call: ResourceCall;
  readonly #object: S3Object;
  readonly #headers: Readonly<Record<string, string>>;
  #part = Buffer.allocUnsafe(PART_BYTES);
  #filled = 0;
  #id: string | undefined;
  readonly #tags: string[] = [];
  bytes = 0;

  /** `headers` are the object's own: its type, its metadata, how it is encrypted. */
  constructor(call: ResourceCall, object: S3Object, headers: Readonly<Record<string, string>>) {
    this.#call = call;
    this.#object = object;
    this.#headers = headers;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.byteLength;
    for (let from = 0; from < bytes.byteLength;) {
      if (this.#filled === PART_BYTES) await this.#send();
      const taken = bytes.subarray(from, from + PART_BYTES - this.#filled);
      this.#part.set(taken, this.#filled);
      this.#filled += taken.byteLength;
      from += taken.byteLength;
    }
  }

  async finish(): Promise<void> {
    if (this.#id === undefined) {
      await s3Send(this.#call, this.#object, { method: "PUT", headers: this.#headers, body: this.#taken() });
      return;
    }
    await this.#send();
    const xml = await this.#ask(`uploadId=${encodeURIComponent(this.#id)}`, completion(this.#tags));
    // The answer begins before the work is done, so a failure may come under a status of success.
    if (!xml.includes("<CompleteMultipartUploadResult"))
      throw new UpstreamRefused(new Response(xml, { status: 500 }));
  }

  /** Parts of an upload that nobody ends are kept, and paid for. */
  async abandon(): Promise<void> {
    if (this.#id === undefined) return;
    const query = `uploadId=${encodeURIComponent(this.#id)}`;
    await s3Send(this.#call, this.#object, { method: "DELETE", query, isCleanup: true }).catch(
      () => undefined,
    );
  }

  async #send(): Promise<void> {
    this.#id ??= await this.#begin();
    const query = `partNumber=${this.#tags.length + 1}&uploadId=${encodeURIComponent(this.#id)}`;
    const response = await s3Send(this.#call, this.#object, { method: "PUT", query, body: this.#taken() });
    const tag = response.headers.get("etag");
    if (tag === null) throw new MalformedReply("a part of the file was stored without an ETag");
    this.#tags.push(tag);
  }

  async #begin(): Promise<string> {
    const id = xmlText(await this.#ask("uploads=", "", this.#headers), "UploadId");
    if (id === undefined) throw new MalformedReply("the upload of a file began without an UploadId");
    return id;
  }

  async #ask(query: string, body: string, headers?: Readonly<Record<string, string>>): Promise<string> {
    const sent = headers ?? { "content-type": "application/xml" };
    const response = await s3Send(this.#call, this.#object, { method: "POST", query, body, headers: sent });
    return response.text();
  }

  /** The part as it is; it is sent before the next byte is written over it. */
  #taken(): Bytes {
    const taken = this.#part.subarray(0, this.#filled);
    this.#filled = 0;
    return taken;
  }
}

const completion = (tags: readonly string[]): string => {
  const parts = tags.map(
    (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${xmlEscaped(tag)}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join("")}</CompleteMultipartUpload>`;
};
