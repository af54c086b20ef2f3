/**
 * The one way out: every outbound URL of the gateway is called through `send`.
 *
 * A host that a caller named is judged by the policy, resolved here, and dialled by an address that was
 * checked, so that a second answer of its name server changes nothing. Nothing follows a redirect or a
 * proxy of the environment, since both would carry credentials to a host that nobody judged.
 */
import { addressKind, bareAddress } from "./addresses.ts";
import type { DialOptions, OpenedSocket } from "./egress.socket.ts";
import { dialSocket } from "./egress.socket.ts";
import {
  callerRefusal,
  EgressRefused,
  hostOf,
  isLoopback,
  isTrusted,
  malformedUrl,
  portOf,
  privateAddress,
} from "./host-policy.ts";
import type { EgressPolicy } from "./host-policy.ts";
import { createResolver } from "./resolver.ts";
import type { Resolve, ResolvedAddress } from "./resolver.ts";

export { customHostFault, EgressRefused, isHostLabel, parseTrustedHosts } from "./host-policy.ts";
export type { OpenedSocket } from "./egress.socket.ts";
export type { EgressPolicy, RefusalReason } from "./host-policy.ts";
export type { Resolve, ResolvedAddress } from "./resolver.ts";

/**
 * Who named the host: we (our table, the operator's file), a caller (a header, a config), or somebody whom
 * a caller only led us to (a redirect), for whom the policy does not vouch.
 */
export type HostTrust = "fixed" | "caller" | "stranger";

export interface EgressRequest {
  readonly method: string;
  /** A `host` among them is dropped: the upstream sees its own. */
  readonly headers: Headers | Readonly<Record<string, string>>;
  readonly body?: BodyInit | null;
  readonly signal: AbortSignal;
  /** Whether Bun may unpack the body, without a bound. Read packed ones with `readCapped` instead. */
  readonly decompress?: boolean;
}

export type SocketRequest = Omit<DialOptions, "tls">;

export interface Egress {
  /** Rejects with `EgressRefused`, or with what `classifyNetworkError` can name. */
  send(url: string | URL, init: EgressRequest, trust: HostTrust): Promise<Response>;
  /** A WebSocket at an http or https URL, judged and dialled the same way; or the answer that refused it. */
  connect(url: string, request: SocketRequest, trust: HostTrust): Promise<OpenedSocket | Response>;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface EgressOptions {
  readonly policy: EgressPolicy;
  readonly resolve?: Resolve;
  readonly fetch?: (url: string, init: BunFetchRequestInit) => Promise<Response>;
  readonly dial?: typeof dialSocket;
  readonly now?: () => number;
  /** Where this gateway listens, once it does. */
  readonly self?: () => ListenAddress | undefined;
}

export const createEgress = (options: EgressOptions): Egress => {
  const { policy, fetch = globalThis.fetch, dial = dialSocket, self } = options;
  const resolver = createResolver(options);

  const checkedAddresses = async (host: string, signal: AbortSignal): Promise<readonly ResolvedAddress[]> => {
    const addresses = await resolver(host, signal);
    if (addresses.length === 0) throw new NameNotFound();
    if (addresses.some(({ address }) => addressKind(address) !== "public")) throw privateAddress();
    return addresses;
  };

  const judge = (href: string, trust: HostTrust): Verdict => {
    const url = new URL(href);
    const rules = trust === "caller" ? policy : NOBODY_TRUSTED;
    const refusal =
      malformedUrl(url) ??
      selfRefusal(url, self?.()) ??
      (trust === "fixed" ? undefined : callerRefusal(url, rules));
    if (refusal !== undefined) throw refusal;
    const isPinned = trust !== "fixed" && !isTrusted(url, rules) && addressKind(url.hostname) === undefined;
    return isPinned ? "resolve" : "by-name";
  };

  // Only what stands before the path decides, and most calls go to few hosts.
  // A plain map, emptied when it is full: every call asks it, and an LRU costs more than it saves here.
  const verdicts = {
    fixed: new Map<string, Verdict>(),
    caller: new Map<string, Verdict>(),
    stranger: new Map<string, Verdict>(),
  };
  const verdictOn = (href: string, trust: HostTrust): Verdict => {
    const origin = originOf(href);
    const known = href.includes("#") ? undefined : verdicts[trust].get(origin);
    if (known !== undefined) return known;
    const verdict = judge(href, trust);
    if (verdicts[trust].size >= MAX_VERDICTS) verdicts[trust].clear();
    verdicts[trust].set(origin, verdict);
    return verdict;
  };

  const dialChecked = async (
    href: string,
    request: BunFetchRequestInit,
    signal: AbortSignal,
  ): Promise<Response> => {
    const url = new URL(href);
    const addresses = await checkedAddresses(url.hostname, signal);
    const tries = request.body instanceof ReadableStream ? 1 : MAX_DIALLED;
    return firstReached(addresses.slice(0, tries), (address) => fetch(...pin(url, request, address)));
  };

  return {
    // Not async: on the way of every call, a promise less is time saved.
    send(url, init, trust) {
      try {
        const href = typeof url === "string" ? url : url.href;
        const verdict = verdictOn(href, trust);
        const request = fetchInit(init);
        return verdict === "by-name" ? fetch(href, request) : dialChecked(href, request, init.signal);
      } catch (error) {
        return Promise.reject(error); // an EgressRefused, or what `new URL` throws
      }
    },
    async connect(url, asked, trust) {
      const { host: _, ...headers } = asked.headers; // the upstream sees its own
      const request = { ...asked, headers };
      if (verdictOn(url, trust) === "by-name") return dial(socketUrl(url), request);
      const named = new URL(url);
      const addresses = await checkedAddresses(named.hostname, request.signal);
      return firstReached(addresses.slice(0, MAX_DIALLED), (address) =>
        dial(...pinSocket(named, request, address)),
      );
    },
  };
};

const MAX_VERDICTS = 1000;
const NOBODY_TRUSTED: EgressPolicy = Object.freeze({ trusted: [], allowLoopback: false });

/** What a host that may be called is dialled by. */
type Verdict = "by-name" | "resolve";

const originOf = (href: string): string => {
  const start = href.indexOf("//") + 2;
  const slash = href.indexOf("/", start);
  const query = href.indexOf("?", start);
  const end = slash === -1 || (query !== -1 && query < slash) ? query : slash;
  return end === -1 ? href : href.slice(0, end);
};

/** How many addresses of one name are tried. */
const MAX_DIALLED = 4;

/** An answer without addresses. */
class NameNotFound extends Error {
  readonly code = "ENOTFOUND";

  constructor() {
    super("The name has no address");
    this.name = "NameNotFound";
  }
}

const selfRefusal = (url: URL, self: ListenAddress | undefined): EgressRefused | undefined => {
  if (self === undefined || portOf(url) !== self.port || !meansHere(url, self.host)) return undefined;
  return new EgressRefused("self", "it is this gateway");
};

const meansHere = (url: URL, ownHost: string): boolean =>
  isLoopback(url) ||
  addressKind(url.hostname) === "unspecified" ||
  bareAddress(hostOf(url)) === bareAddress(ownHost);

const fetchInit = (init: EgressRequest): BunFetchRequestInit => ({
  method: init.method,
  headers: withoutHost(init.headers),
  body: init.body ?? null,
  signal: init.signal,
  decompress: init.decompress ?? false,
  redirect: "manual", // Bun keeps x-api-key and replays the body across origins
  proxy: false, // only `false` makes Bun ignore HTTP_PROXY; undefined and "" do not
  timeout: false, // our own deadlines end calls
});

/** Bun would send a `host` instead of the URL's. */
const withoutHost = (from: EgressRequest["headers"]): Headers | Record<string, string> => {
  const isPlain =
    !(from instanceof Headers) && !Object.keys(from).some((name) => name.toLowerCase() === "host");
  if (isPlain) return from;
  const headers = new Headers(from);
  headers.delete("host");
  return headers;
};

/** The same call to one address of its host: SNI, Host and the certificate check keep the name. */
const pin = (
  url: URL,
  request: BunFetchRequestInit,
  address: ResolvedAddress,
): readonly [string, BunFetchRequestInit] => {
  const headers = new Headers(request.headers);
  headers.set("host", url.host);
  return [pinned(url, address), { ...request, headers, tls: { serverName: url.hostname } }];
};

const pinned = (url: URL, { address, family }: ResolvedAddress): string => {
  const target = new URL(url);
  target.hostname = family === 6 ? `[${address}]` : address;
  if (addressKind(target.hostname) !== "public") throw privateAddress(); // the setter ignores what it cannot read
  return target.href;
};

const pinSocket = (
  url: URL,
  request: SocketRequest,
  address: ResolvedAddress,
): readonly [string, DialOptions] => [
  socketUrl(pinned(url, address)),
  { ...request, headers: { ...request.headers, host: url.host }, tls: { serverName: url.hostname } },
];

/** `ws` for `http`, `wss` for `https`. */
const socketUrl = (url: string): string => url.replace(/^http/i, "ws");

/** Tries the next address only where the last took no connection, hence no byte of the request. */
const firstReached = async <Reached>(
  candidates: readonly ResolvedAddress[],
  dial: (address: ResolvedAddress) => Promise<Reached>,
): Promise<Reached> => {
  for (const address of candidates.slice(0, -1)) {
    try {
      return await dial(address);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
    }
  }
  return dial(candidates.at(-1) as ResolvedAddress); // addresses are never empty here
};

const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && "code" in error && UNREACHABLE.has(error.code);

const UNREACHABLE: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]);
