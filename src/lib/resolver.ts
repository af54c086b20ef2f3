/** Names to addresses, remembered for half a minute and abandoned when the call is. */
import { lookup } from "node:dns/promises";
import { LRUCache } from "lru-cache";
import type { Ending } from "./ending.ts";

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** All addresses of a name, the preferred first. Rejects when there are none. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

export type Resolver = (host: string, signal: Ending) => Promise<readonly ResolvedAddress[]>;

export interface ResolverOptions {
  readonly resolve?: Resolve;
  readonly now?: () => number;
}

/** Failures are not remembered; calls that ask at the same time share one question. */
export const createResolver = ({ resolve = lookupAll, now }: ResolverOptions = {}): Resolver => {
  const answers = new LRUCache<string, Promise<readonly ResolvedAddress[]>>({
    max: MAX_NAMES,
    ttl: TTL_MS,
    ttlResolution: 0,
    ...(now === undefined ? {} : { perf: { now } }),
  });
  const ask = (host: string): Promise<readonly ResolvedAddress[]> => {
    const answer = resolve(host);
    answers.set(host, answer);
    answer.catch(() => answers.delete(host)); // whoever asked sees the failure itself
    return answer;
  };
  return (host, signal) => untilAborted(answers.get(host) ?? ask(host), signal);
};

const MAX_NAMES = 1000;
const TTL_MS = 30_000;

/** IPv4 first: an IPv6 address is no use on the many networks that do not route it. */
const lookupAll: Resolve = async (host) => {
  const addresses = await lookup(host, { all: true, order: "ipv4first" });
  return addresses.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
};

const untilAborted = <T>(work: Promise<T>, signal: Ending): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
