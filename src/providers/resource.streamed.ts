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

/** A field of a form, or a file where it has a name. */
export interface FormPiece {
  readonly field: string;
  readonly filename?: string;
  readonly contentType?: string;
  readonly pieces: AsyncIterable<Bytes> | Iterable<Bytes>;
}

/** The same as a form, whose parts may still come in. */
export const sendForm = (
  call: ResourceCall,
  url: string,
  parts: AsyncIterable<FormPiece> | Iterable<FormPiece>,
): Promise<HttpResponse> => {
  const boundary = `turnpike-${call.freshId()}`;
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
  return sendStreamed(call, { method: "POST", url, headers }, formOf(boundary, parts));
};

export const textPiece = (field: string, text: string): FormPiece => ({
  field,
  pieces: [new TextEncoder().encode(text)],
});

async function* formOf(
  boundary: string,
  parts: AsyncIterable<FormPiece> | Iterable<FormPiece>,
): AsyncGenerator<Bytes> {
  const encoder = new TextEncoder();
  for await (const part of parts) {
    yield encoder.encode([`--${boundary}`, ...headOf(part), "", ""].join("\r\n"));
    yield* part.pieces;
    yield encoder.encode("\r\n");
  }
  yield encoder.encode(`--${boundary}--\r\n`);
}

const headOf = ({ field, filename, contentType }: FormPiece): readonly string[] => {
  const name = filename?.replaceAll(/[\r\n]/g, " ").replaceAll('"', "%22");
  const named = name === undefined ? "" : `; filename="${name}"`;
  return [
    `Content-Disposition: form-data; name="${field}"${named}`,
    ...(contentType === undefined ? [] : [`Content-Type: ${contentType}`]),
  ];
};
