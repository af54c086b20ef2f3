/** The headers of a reply: the provider's, less what belongs to its connection, and our own. */
import type { Outcome } from "../schema/outcome.ts";
import type { AttemptRecord } from "../schema/record.ts";
import type { Call } from "./call.ts";
import type { Reply } from "./reply-head.ts";

type Replied = Extract<Outcome<Reply>, { kind: "answered" | "refused" }>;

/** Headers of the upstream's connection or of its origin, not of its answer. */
const WITHHELD = [
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "proxy-authenticate",
  "proxy-connection",
  "trailer",
  "upgrade",
  "te",
  "date",
  "server",
  "set-cookie",
  "alt-svc",
  "strict-transport-security",
  "access-control-allow-origin",
  "access-control-allow-credentials",
  "access-control-expose-headers",
];

const WITHHELD_NAMES: ReadonlySet<string> = new Set(WITHHELD);

/** As many fields are looked through in the time of taking away every name that may be there. */
const FEW = 8;

const withheldIn = (headers: Headers): readonly string[] =>
  headers.count > FEW ? WITHHELD : Object.keys(headers.toJSON()).filter((name) => WITHHELD_NAMES.has(name));

const MAX_NOTED = 1024;

/** Where it is told what could not be carried. */
export const NOT_CARRIED = "x-turnpike-not-carried";

/** `contentType` replaces the provider's when the body is ours. */
export const responseHeaders = (call: Call, outcome: Replied, contentType?: string): Headers => {
  const headers = new Headers(outcome.reply.headers);
  for (const name of withheldIn(outcome.reply.headers)) headers.delete(name);
  const isRelayed = outcome.reply.content.kind === "body";
  if (!isRelayed) headers.delete("content-encoding"); // it was undone when the body was read
  if (contentType !== undefined) headers.set("content-type", contentType);
  addAttempt(headers, outcome.attempt, outcome.retries);
  headers.set("x-portkey-trace-id", call.recorder.traceId);
  const { notes } = call.recorder;
  if (notes.length > 0) headers.set(NOT_CARRIED, listed(notes));
  return headers;
};

/** Which target answered last, and after how many retries. */
export const addAttempt = (headers: Headers, attempt: AttemptRecord, retries: number): void => {
  headers.set("x-portkey-last-used-option-index", attempt.target);
  if (attempt.provider !== "") headers.set("x-portkey-provider", attempt.provider);
  headers.set("x-portkey-retry-attempt-count", String(retries));
  headers.set("x-portkey-cache-status", "DISABLED");
};

/** Printable ASCII, bounded: a header value cannot hold everything a note can. */
export const listed = (notes: readonly string[]): string => {
  const text = notes.join(", ").replace(/[^\x20-\x7e]/g, "?");
  return text.length > MAX_NOTED ? `${text.slice(0, MAX_NOTED)}…`.replace("…", "...") : text;
};
