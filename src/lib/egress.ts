/**
 * The one way out: every outbound URL of the gateway is called through `send`.
 *
 * A host that a caller named is judged by the policy, resolved here, and dialled by an address that was
 * checked, so that a second answer of its name server changes nothing. Nothing follows a redirect or a
 * proxy of the environment, since both would carry credentials to a host that nobody judged.
 */
import { isIP } from "node:net";
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
import type { Ending } from "./ending.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";
import type { HttpClient } from "./http.client.ts";
import { createHttpClient } from "./http.client.ts";
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

/** A `host` among the headers is dropped: the upstream sees its own. Bodies come packed as they are. */
export type EgressRequest = HttpRequest;

export type SocketRequest = Omit<DialOptions, "tls">;

export interface Egress {
  /** Rejects with `EgressRefused`, or with what `classifyNetworkError` can name. */
  send(url: string | URL, init: EgressRequest, trust: HostTrust): Promise<HttpResponse>;
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
  /** For a connection to come about. */
  readonly connectMs?: number;
  readonly client?: HttpClient;
  readonly dial?: typeof dialSocket;
  readonly now?: () => number;
  /** Where this gateway listens, once it does. */
  readonly self?: () => ListenAddress | undefined;
}

export const createEgress = (options: EgressOptions): Egress => {
  const { policy, client = createHttpClient(options), dial = dialSocket, self } = options;
  const resolver = createResolver(options);

  const checkedAddresses = async (host: string, signal: Ending): Promise<readonly ResolvedAddress[]> => {
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

  // A plain map, emptied when it is full: every call asks it, and an LRU costs more than it saves here.
  const verdicts = {
    fixed: new Map<string, Verdict>(),
    caller: new Map<string, Verdict>(),
    stranger: new Map<string, Verdict>(),
  };
  const verdictOn = (href: string, trust: HostTrust): Verdict => {
    const known = verdicts[trust].get(href);
    if (known !== undefined) return known;
    const verdict = judge(href, trust);
    if (verdicts[trust].size >= MAX_VERDICTS) verdicts[trust].clear();
    if (href.length <= MAX_KEPT_URL) verdicts[trust].set(href, verdict);
    return verdict;
  };

  const dialChecked = async (href: string, request: HttpRequest): Promise<HttpResponse> => {
    const addresses = await checkedAddresses(new URL(href).hostname, request.signal);
    return firstReached(addresses.slice(0, MAX_DIALLED), (address) =>
      client.send(href, request, checkedAddress(address)),
    );
  };

  return {
    // Not async: on the way of every call, a promise less is time saved.
    send(url, init, trust) {
      try {
        const href = typeof url === "string" ? url : url.href;
        const verdict = verdictOn(href, trust);
        return verdict === "by-name" ? client.send(href, init) : dialChecked(href, init);
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
const MAX_KEPT_URL = 1024;
const NOBODY_TRUSTED: EgressPolicy = Object.freeze({ trusted: [], allowLoopback: false });

/** What a host that may be called is dialled by. */
type Verdict = "by-name" | "resolve";

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

/** What a connection can be made to, and is judged by. */
const checkedAddress = ({ address, family }: ResolvedAddress): string => {
  if (isIP(address) !== family || address.includes("%") || addressKind(address) !== "public")
    throw privateAddress();
  return address;
};

/** The same call to one address of its host: SNI, Host and the certificate check keep the name. */
const pinned = (url: URL, address: ResolvedAddress): string => {
  const target = new URL(url);
  const checked = checkedAddress(address);
  target.hostname = address.family === 6 ? `[${checked}]` : checked;
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

const UNREACHABLE: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT", // of connecting: no answer is waited for here
]);
