/**
 * Fetches one image or document from where a client said it is.
 *
 * Who said so may be an end user: every hop is judged as a host that a caller named, nothing of the call's
 * goes along, and what is found must be what its place is for. No message names the URL: it may hold a secret.
 */
import type { HeaderFields } from "../lib/header-fields.ts";
import { decodeStream } from "../lib/body.ts";
import type { Bytes } from "../lib/bytes.ts";
import { EgressRefused } from "../lib/egress.ts";
import type { HostTrust } from "../lib/egress.ts";
import type { HttpResponse } from "../lib/http.ts";
import { mediaTypeOf } from "../lib/media-type.ts";
import { classifyNetworkError } from "../lib/network-error.ts";
import type { FoundMedia, MediaUrl } from "../providers/media-urls.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { Call } from "./call.ts";
import { USER_AGENT } from "./identity.ts";

/** How many bytes may still come, counted for every place they are put in. */
export class Budget {
  readonly limit: number;
  #left: number;

  constructor(limit: number) {
    this.limit = this.#left = limit;
  }

  /** False when it is too much. */
  take(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }
}

export const unfetched = ({ path }: MediaUrl, why: string): GatewayError =>
  invalidRequest(path, `cannot be fetched: ${why}`);

/** `uses` are the places of one URL; the first is the one that errors name. */
export const fetchMedia = async (
  call: Call,
  uses: readonly MediaUrl[],
  budget: Budget,
  signal: AbortSignal,
): Promise<FoundMedia> => {
  const [media] = uses as readonly [MediaUrl, ...MediaUrl[]]; // a group is never empty
  const limitMs = call.surroundings.limits.mediaFetchMs;
  const timeout = AbortSignal.timeout(limitMs);
  try {
    const response = await follow(call, media, AbortSignal.any([signal, timeout]));
    const bytes = await readWithin(response, media, budget, uses.length);
    return { mediaType: judged(media, response.headers, bytes), bytes };
  } catch (error) {
    if (error instanceof GatewayError || signal.aborted) throw error;
    if (timeout.aborted) throw unfetched(media, `it did not come within ${limitMs} ms`);
    if (error instanceof EgressRefused) throw unfetched(media, error.fault);
    throw unfetched(media, classifyNetworkError(error).message);
  }
};

const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const ACCEPTED = {
  image: "image/png, image/jpeg, image/gif, image/webp",
  document: "application/pdf, text/*",
} as const;

/**
 * Every hop goes out through the egress, which judges it anew. A private host that callers may name is not
 * one that any server may send us to: only a host's own redirects stay what the first address was.
 */
const follow = async (call: Call, media: MediaUrl, signal: AbortSignal): Promise<HttpResponse> => {
  const headers = { accept: ACCEPTED[media.kind], "user-agent": USER_AGENT };
  let url = parsed(media, media.url);
  let trust: HostTrust = "caller";
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await call.surroundings.egress.send(url, { method: "GET", headers, signal }, trust);
    if (response.ok) return response;
    response.body?.cancel().catch(() => undefined); // nothing of it will be read
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null)
      throw unfetched(media, `its server answers with status ${response.status}`);
    const next = parsed(media, location, url);
    if (hostnameOf(next) !== hostnameOf(url)) trust = "stranger";
    url = next;
  }
  throw unfetched(media, `it is redirected more than ${MAX_REDIRECTS} times`);
};

const hostnameOf = (url: string): string => new URL(url).hostname;

const parsed = (media: MediaUrl, text: string, base?: string): string => {
  const url = URL.parse(text, base);
  if (url === null) throw unfetched(media, "it is not a URL");
  url.hash = "";
  return url.href;
};

const readWithin = async (
  response: HttpResponse,
  media: MediaUrl,
  budget: Budget,
  uses: number,
): Promise<Buffer<ArrayBuffer>> => {
  const chunks: Bytes[] = [];
  const reader = decodeStream(response).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    chunks.push(value);
    if (budget.take(value.byteLength * uses)) continue;
    reader.cancel().catch(() => undefined); // nothing of it will be read
    throw unfetched(media, `all that is fetched for one call may be ${budget.limit} bytes`);
  }
};

/** What servers say of files that they know nothing of. */
const VAGUE: ReadonlySet<string> = new Set(["", "application/octet-stream", "binary/octet-stream"]);

/** The type that its bytes tell, where its server does not deny that it is such a thing; of text only the server knows. */
const judged = (media: MediaUrl, headers: HeaderFields, bytes: Buffer<ArrayBuffer>): string => {
  const stated = (headers.get("content-type") ?? "").split(";", 1).join().trim().toLowerCase();
  const told = mediaTypeOf(bytes);
  if (media.kind === "image") {
    const mayBe = VAGUE.has(stated) || stated.startsWith("image/");
    if (told?.startsWith("image/") === true && mayBe) return told;
    throw unfetched(media, "it is not a PNG, JPEG, GIF or WebP image");
  }
  if (told === PDF && (VAGUE.has(stated) || stated === PDF)) return told;
  if (TEXTS.has(stated) && isText(bytes)) return stated;
  throw unfetched(media, "it is not a PDF or a text");
};

const PDF = "application/pdf";
const TEXTS: ReadonlySet<string> = new Set(["text/plain", "text/markdown", "text/csv", "text/html"]);
const utf8 = new TextDecoder("utf-8", { fatal: true });

const isText = (bytes: Buffer<ArrayBuffer>): boolean => {
  try {
    return !utf8.decode(bytes).includes("\0");
  } catch {
    return false;
  }
};
