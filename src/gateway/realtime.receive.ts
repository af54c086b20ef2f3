/**
 * Reads the request that opens a realtime session.
 *
 * A browser can send no header along, so its credential travels as a sub-protocol; what it says so is
 * read as the headers that other clients send.
 */
import type { HeaderFields } from "../lib/header-fields.ts";
import { fieldsOf } from "../lib/header-fields.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { Inbound, Ingress } from "./inbound.ts";
import { readQuery } from "./realtime.query.ts";

/**
 * A WebSocket where there is none is refused at once: Codex asks for one at /v1/responses, and goes on by
 * POST when the answer is a 426 (github.com/openai/codex, "Expected Responses WebSocket HTTP 426
 * fallback is logged at ERROR despite a successful turn"); and the other way round.
 */
export const checkUpgrade = (method: string, headers: HeaderFields, { endpoint }: Ingress): void => {
  const isAsked = wantsWebSocket(method, headers);
  if (endpoint === "realtime") return checkHandshake(headers, isAsked);
  if (!isAsked) return;
  throw new GatewayError(
    "upgrade_required",
    "There is no WebSocket at this path: send the request by POST, and ask for a stream of events there",
  );
};

/** RFC 6455 §4.1: the one version there is, and a nonce of 16 bytes. */
const VERSION = "13";
const NONCE = /^[A-Za-z0-9+/]{22}==$/;

const checkHandshake = (headers: HeaderFields, isAsked: boolean): void => {
  const isWhole =
    NONCE.test(headers.get("sec-websocket-key") ?? "") && headers.get("sec-websocket-version") === VERSION;
  if (isAsked && isWhole) return;
  throw new GatewayError("upgrade_required", "A realtime session is a WebSocket: ask for an upgrade", {
    headers: { upgrade: "websocket", "sec-websocket-version": VERSION },
  });
};

export const receiveRealtime = (request: Request, headers: HeaderFields, ingress: Ingress): Inbound => {
  const { pathname, searchParams, search } = new URL(request.url);
  return {
    request,
    method: request.method,
    headers: spokenHeaders(headers, searchParams),
    pathname,
    search,
    ingress,
    body: { kind: "json", text: "", value: readQuery(searchParams) },
  };
};

/** The sub-protocol of the API itself. */
const REALTIME = "realtime";

/** Sub-protocols that an upstream may choose from: the gateway speaks for the API's own. */
export const offeredProtocols = (headers: HeaderFields): readonly string[] =>
  protocolsOf(headers).filter((name) => name !== REALTIME && headersIn(name).length === 0);

/** What the client is told: the upstream's choice, or the API's own; never a credential. */
export const chosenProtocol = (headers: HeaderFields, upstreams: string): string => {
  if (upstreams !== "") return upstreams;
  return protocolsOf(headers).includes(REALTIME) ? REALTIME : "";
};

const wantsWebSocket = (method: string, headers: HeaderFields): boolean =>
  method === "GET" && (headers.get("upgrade") ?? "").toLowerCase() === "websocket";

const protocolsOf = (headers: HeaderFields): readonly string[] =>
  (headers.get("sec-websocket-protocol") ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

/** openai/realtime/websocket.js and openai/internal/realtime-credentials.js of the OpenAI SDK. */
const HEADERS_BY_PREFIX: readonly (readonly [prefix: string, header: string, before: string])[] = [
  ["openai-insecure-api-key.", "authorization", "Bearer "],
  ["openai-organization.", "openai-organization", ""],
  ["openai-project.", "openai-project", ""],
];

/** What a sub-protocol says in place of a header. */
const headersIn = (protocol: string): readonly Said[] => {
  // openai/beta/realtime/websocket.js of the SDK
  if (protocol === "openai-beta.realtime-v1") return [["openai-beta", "realtime=v1"]];
  return HEADERS_BY_PREFIX.flatMap(([prefix, name, before]): readonly Said[] =>
    protocol.startsWith(prefix) ? [[name, before + protocol.slice(prefix.length)]] : [],
  );
};

type Said = readonly [name: string, value: string];

/** A header that was sent as one counts more. */
const spokenHeaders = (from: HeaderFields, search: URLSearchParams): HeaderFields => {
  const headers = new Headers();
  for (const [name, value] of from) headers.append(name, value);
  const said = [...protocolsOf(from).flatMap((name) => headersIn(name)), ...azureWords(from, search)];
  for (const [name, value] of said) if (!headers.has(name)) headers.set(name, value);
  return fieldsOf(headers);
};

/** Azure's own clients: learn.microsoft.com/azure/ai-foundry/openai/how-to/realtime-audio-websockets. */
const azureWords = (headers: HeaderFields, search: URLSearchParams): readonly Said[] => {
  const key = headers.get("api-key") ?? plain(search, "api-key");
  const version = plain(search, "api-version");
  return [
    ...(key === null ? [] : [["authorization", `Bearer ${key}`] as const]),
    ...(version === null ? [] : [["x-portkey-azure-api-version", version] as const]),
  ];
};

/** A parameter that can stand in a header. */
const plain = (search: URLSearchParams, name: string): string | null => {
  const value = search.get(name);
  if (value === null || /^[\x21-\x7e]+$/.test(value)) return value;
  throw invalidRequest(name, "must be letters, digits and signs, and no space");
};
