/**
 * A client for HTTP/1.1 that sends each request over a connection of its own or one that was kept.
 *
 * The platform's `fetch` hands every read from one thread to another, knows no limit for connecting, and
 * retries what it likes; what this gateway mostly does is pass bytes between two sockets, so it holds them
 * itself. Nothing is followed, unpacked or looked up in the environment here.
 */
import type { Bytes } from "./bytes.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";
import type { Connection, Endpoint } from "./http.connection.ts";
import { connect } from "./http.connection.ts";
import type { WireRequest } from "./http.exchange.ts";
import { Exchange } from "./http.exchange.ts";
import type { Received } from "./http.incoming.ts";
import type { ResponseHead } from "./http.head.ts";
import { RequestHeads } from "./http.request.ts";

export interface HttpClient {
  /** `address` is dialled instead of the URL's name; the certificate still has to be the name's. */
  send(url: string, request: HttpRequest, address?: string): Promise<HttpResponse>;
}

export interface HttpClientOptions {
  /** For a connection to come about, TLS included. */
  readonly connectMs?: number;
  readonly now?: () => number;
  /** Trusted instead of the well-known authorities, in PEM. */
  readonly ca?: string;
}

const CONNECT_MS = 10_000;
/** How long a connection is kept: servers close theirs after 5 s (uvicorn) to 400 s (Cloudflare). */
const IDLE_MS = 30_000;
/** A server that says how long it keeps a connection is believed, less the time a request may be under way. */
const MARGIN_MS = 1000;
const SWEEP_MS = 5000;
const MAX_IDLE = 1024;

export const createHttpClient = (options: HttpClientOptions = {}): HttpClient => {
  const { connectMs = CONNECT_MS, now = performance.now.bind(performance), ca } = options;
  const places = new Map<string, Place>();
  const pool = new Pool(now);

  // By the whole URL: few are called many times, and a text's hash is kept with it.
  const placeOf = (url: string): Place => {
    const known = places.get(url);
    if (known !== undefined) return known;
    const place = readPlace(url, ca);
    if (places.size >= MAX_PLACES) places.clear();
    if (url.length <= MAX_KEPT_URL) places.set(url, place);
    return place;
  };

  const over = (
    connection: Connection,
    key: string,
    request: WireRequest,
    again?: () => Promise<Received>,
  ): Promise<Received> =>
    new Exchange(connection, request, (kept, head) => pool.put(key, kept, head), again).run();

  const afresh = async (endpoint: Endpoint, key: string, request: WireRequest): Promise<Received> =>
    over(await connect(endpoint, request.signal, connectMs), key, request);

  const again = async (endpoint: Endpoint, key: string, request: WireRequest): Promise<Received> => {
    const answer = await afresh(endpoint, key, request);
    answer.reconnected = true;
    return answer;
  };

  const exchange = (
    place: Place,
    address: string | undefined,
    request: WireRequest,
  ): Promise<HttpResponse> => {
    const endpoint = address === undefined ? place.endpoint : { ...place.endpoint, address };
    const key = address === undefined ? place.key : `${place.key} ${address}`;
    // A stream can be sent once: not over a connection that may be dead.
    const kept = request.body instanceof ReadableStream ? undefined : pool.take(key);
    if (kept === undefined) return afresh(endpoint, key, request);
    // Once, and over a new connection: it cannot be stale.
    return over(kept, key, request, () => again(endpoint, key, request));
  };

  return {
    // Not async: on the way of every call, a promise less is time saved.
    send(url, request, address) {
      try {
        request.signal.throwIfAborted();
        const place = placeOf(url);
        const go = (written: Omit<HttpRequest, "body">, body: WireBody): Promise<HttpResponse> =>
          exchange(place, address, wireRequest(written, body, place));
        const body = request.body ?? null;
        if (!(body instanceof FormData)) return go(request, body);
        return writtenForm(body, request.headers).then((form) =>
          go({ ...request, headers: form.headers }, form.body),
        );
      } catch (error) {
        return Promise.reject(error); // of a URL, a method or a header that cannot be sent
      }
    },
  };
};

const MAX_PLACES = 1000;
const MAX_KEPT_URL = 1024;

/** What a URL says. */
interface Place {
  /** Of its origin. */
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly heads: RequestHeads;
}

const readPlace = (url: string, ca: string | undefined): Place => {
  const { protocol, hostname, host, port, pathname, search } = new URL(url);
  const isSecure = protocol === "https:";
  return {
    key: `${protocol}//${host}`,
    endpoint: { hostname, isSecure, ca, port: Number(port) || (isSecure ? 443 : 80) },
    heads: new RequestHeads(pathname + (url.includes("?") && search === "" ? "?" : search), host),
  };
};

type WireBody = WireRequest["body"];

const wireRequest = (
  { method, headers, signal }: Omit<HttpRequest, "body">,
  body: WireBody,
  { heads }: Place,
): WireRequest => {
  const length = lengthOf(body, headers);
  const stated = body === null ? "none" : (length ?? "chunked");
  return { method, signal, body, length, head: heads.write({ method, headers }, stated) };
};

/** A stream's length is known where the caller's headers say it. */
const lengthOf = (body: WireBody, headers: HttpRequest["headers"]): number | undefined => {
  if (body === null) return 0;
  if (typeof body === "string") return Buffer.byteLength(body);
  if (!(body instanceof ReadableStream)) return body.byteLength;
  const stated =
    headers instanceof Headers ? headers.get("content-length") : fieldOf(headers, "content-length");
  return /^\d+$/.test(stated ?? "") ? Number(stated) : undefined;
};

const fieldOf = (headers: Readonly<Record<string, string>>, name: string): string | undefined =>
  headers[name] ?? Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];

/** The platform writes forms: it names the boundary. */
const writtenForm = async (form: FormData, given: HttpRequest["headers"]) => {
  const written = new Response(form);
  const fields = Object.entries(given instanceof Headers ? given.toJSON() : given);
  const headers = {
    ...Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value])),
    "content-type": written.headers.get("content-type") ?? "multipart/form-data",
  };
  const body: Bytes = await written.bytes();
  return { headers, body };
};

/** Connections that wait for their next exchange, the last used first. */
class Pool {
  readonly #now: () => number;
  readonly #kept = new Map<string, Connection[]>();
  #size = 0;
  #sweeper: Timer | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  take(key: string): Connection | undefined {
    const connections = this.#kept.get(key);
    const connection = connections?.pop();
    if (connections === undefined || connection === undefined) return undefined;
    this.#size--;
    connection.onClose = undefined;
    if (connection.idleUntil > this.#now()) return connection;
    connection.destroy();
    return this.take(key);
  }

  put(key: string, connection: Connection, head: ResponseHead): void {
    const idleMs = Math.min(IDLE_MS, statedMs(head) - MARGIN_MS);
    if (idleMs <= 0 || this.#size >= MAX_IDLE) return connection.destroy();
    connection.idleUntil = this.#now() + idleMs;
    connection.onClose = () => this.#drop(key, connection);
    const connections = this.#kept.get(key);
    if (connections === undefined) this.#kept.set(key, [connection]);
    else connections.push(connection);
    this.#size++;
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  #drop(key: string, connection: Connection): void {
    const connections = this.#kept.get(key) ?? [];
    const index = connections.indexOf(connection);
    if (index === -1) return;
    connections.splice(index, 1);
    this.#size--;
  }

  #sweep(): void {
    const now = this.#now();
    for (const [key, connections] of this.#kept) {
      for (const connection of connections.filter(({ idleUntil }) => idleUntil <= now)) connection.destroy();
      if (connections.length === 0) this.#kept.delete(key);
    }
    if (this.#size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

/** `Keep-Alive: timeout=5`, in milliseconds. */
const statedMs = ({ headers }: ResponseHead): number => {
  const seconds = /\btimeout=(\d+)/i.exec(headers.get("keep-alive") ?? "")?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
};
