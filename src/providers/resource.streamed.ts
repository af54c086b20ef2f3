/** A file that is sent on while it still comes in: what goes wrong on its way is told, and the request does not look whole. */
import type { Bytes } from "../lib/bytes.ts";
import type { HttpResponse } from "../lib/http.ts";
import { streamOf } from "../lib/stream-of.ts";
import type { ResourceCall, ResourceRequest } from "./resource.ts";

/** Sends `pieces` as the body; throws what they threw, whatever the transport makes of it. */
export const sendStreamed = async (
  call: ResourceCall,
  request: Omit<ResourceRequest, "body">,
  pieces: AsyncIterable<Bytes>,
): Promise<HttpResponse> => {
  const faults: unknown[] = [];
  try {
    return await call.send({ ...request, body: streamOf(watched(pieces, faults)) });
  } catch (error) {
    throw faults.length > 0 ? faults[0] : error;
  }
};

async function* watched(pieces: AsyncIterable<Bytes>, faults: unknown[]): AsyncGenerator<Bytes> {
  try {
    yield* pieces;
  } catch (error) {
    faults.push(error);
    throw error; // breaks the request off
  }
}

export interface FormFile {
  readonly field: string;
  readonly filename: string;
  readonly contentType: string;
  readonly pieces: AsyncIterable<Bytes>;
}

/** The same as a form with one file in it. */
export const sendForm = (call: ResourceCall, url: string, file: FormFile): Promise<HttpResponse> => {
  const boundary = `turnpike-${call.freshId()}`;
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
  return sendStreamed(call, { method: "POST", url, headers }, formOf(boundary, file));
};

async function* formOf(boundary: string, file: FormFile): AsyncGenerator<Bytes> {
  const encoder = new TextEncoder();
  const name = file.filename.replaceAll(/[\r\n]/g, " ").replaceAll('"', "%22");
  const disposition = `form-data; name="${file.field}"; filename="${name}"`;
  const head = [
    `--${boundary}`,
    `Content-Disposition: ${disposition}`,
    `Content-Type: ${file.contentType}`,
    "",
    "",
  ];
  yield encoder.encode(head.join("\r\n"));
  yield* file.pieces;
  yield encoder.encode(`\r\n--${boundary}--\r\n`);
}
