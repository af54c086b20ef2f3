/** The headers of a reply: the provider's, less what belongs to its connection, and our own. */
import type { ClientDialectId } from "../schema/chat.ts";
import type { Outcome } from "../schema/outcome.ts";
import type { AttemptRecord } from "../schema/record.ts";
import type { Call } from "./call.ts";
import type { Reply } from "./reply-head.ts";

type Replied = Extract<Outcome<Reply>, { kind: "answered" | "refused" }>;

/** Headers of the upstream's connection or of its origin, not of its answer. */
const WITHHELD: ReadonlySet<string> = new Set([
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
]);

/** Said by us, whatever a provider that is a gateway says; or said already. */
const OURS: ReadonlySet<string> = new Set([
  "content-type",
  "x-portkey-last-used-option-index",
  "x-portkey-provider",
  "x-portkey-retry-attempt-count",
  "x-portkey-cache-status",
  "x-portkey-gateway-exception",
]);

const MAX_NOTED = 1024;

/** Where it is told what could not be carried. */
export const NOT_CARRIED = "x-turnpike-not-carried";

/** `contentType` replaces the provider's when the body is ours. */
export const responseHeaders = (call: Call, outcome: Replied, contentType?: string): Headers => {
  const { reply, attempt, retries } = outcome;
  const type = contentType ?? reply.headers.get("content-type") ?? "";
  const headers = new Headers(usualHeaders(type, attempt, retries));
  const isRelayed = reply.content.kind === "body";
  reply.headers.forEach((value, name) => {
    const isUndone = name === "content-encoding" && !isRelayed; // when the body was read
    if (!WITHHELD.has(name) && !OURS.has(name) && !isUndone) headers.set(name, value);
  });
  headers.set("x-portkey-trace-id", call.recorder.traceId);
  if (!isRelayed && call.inbound.ingress.dialect !== reply.target.row.dialect)
    addRequestId(call, reply, headers);
  const { notes } = call.recorder;
  if (notes.length > 0) headers.set(NOT_CARRIED, listed(notes));
  return headers;
};

/** Under its own vendor's name a client's SDK looks for the upstream's id of the request, to tell it with an error. */
const addRequestId = (call: Call, reply: Reply, headers: Headers): void => {
  const name = ID_NAMES.get(call.inbound.ingress.dialect);
  if (name === undefined || reply.headers.get(name) !== null) return;
  for (const other of UPSTREAM_IDS) {
    const id = reply.headers.get(other);
    if (id !== null) return headers.set(name, id);
  }
};

/** `requestID` of the errors of openai 7.57 and @anthropic-ai/sdk 1.12 (core/error). */
const ID_NAMES: ReadonlyMap<ClientDialectId, string> = new Map<ClientDialectId, string>([
  ["openai-chat", "x-request-id"],
  ["openai-responses", "x-request-id"],
  ["anthropic-messages", "request-id"],
]);

const UPSTREAM_IDS = ["request-id", "x-request-id", "x-amzn-requestid", "apim-request-id"] as const;

/** What most calls of a gateway have in common, made once: to copy headers costs a tenth of setting them. */
const usualHeaders = (type: string, attempt: AttemptRecord, retries: number): Headers => {
  const { target, provider } = attempt;
  if (last?.type === type && last.target === target && last.provider === provider && last.retries === retries)
    return last.headers;
  const headers = knownHeaders(type, attempt, retries);
  last = { type, target, provider, retries, headers };
  return headers;
};

/** Most calls that follow one another have them all in common. */
let last: Usual | undefined;

interface Usual {
  readonly type: string;
  readonly target: string;
  readonly provider: string;
  readonly retries: number;
  readonly headers: Headers;
}

const knownHeaders = (type: string, attempt: AttemptRecord, retries: number): Headers => {
  const key = `${attempt.target} ${attempt.provider} ${retries} ${type}`;
  const known = usual.get(key);
  if (known !== undefined) return known;
  const headers = new Headers(type === "" ? {} : { "content-type": type });
  addAttempt(headers, attempt, retries);
  if (usual.size >= MAX_USUAL) usual.clear();
  usual.set(key, headers);
  return headers;
};

const usual = new Map<string, Headers>();
const MAX_USUAL = 500;

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
