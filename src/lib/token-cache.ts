/** Access tokens by key: fetched by one caller at a time, and kept until shortly before they expire. */
import { LRUCache } from "lru-cache";

export interface AccessToken {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface TokenCache {
  /** The key must name everything that the token was given for: whoever says it gets the token. */
  get(key: string, fetchToken: () => Promise<AccessToken>): Promise<string>;
}

export interface TokenCacheOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How many tokens are kept. */
  readonly max?: number;
}

export const createTokenCache = ({ now, max = 1000 }: TokenCacheOptions): TokenCache => {
  const tokens = new LRUCache<string, AccessToken>({ max });
  const refreshes = new Map<string, Promise<AccessToken>>();

  const refresh = (key: string, fetchToken: () => Promise<AccessToken>): Promise<AccessToken> => {
    const refreshing = fetchToken()
      .then((token) => {
        tokens.set(key, token);
        return token;
      })
      .finally(() => refreshes.delete(key));
    refreshes.set(key, refreshing);
    return refreshing;
  };

  /** Another's failure (its caller may have left) says nothing about our own try. */
  const get = async (key: string, fetchToken: () => Promise<AccessToken>): Promise<string> => {
    const known = tokens.get(key);
    if (known !== undefined && now() < known.expiresAt - MARGIN_MS) return known.value;
    const others = refreshes.get(key);
    const token = others === undefined ? undefined : await others.catch(() => undefined);
    if (token !== undefined) return token.value;
    return others === undefined ? (await refresh(key, fetchToken)).value : get(key, fetchToken);
  };

  return { get };
};

/** How long before its end a token is no longer used: it must outlive the call that carries it. */
const MARGIN_MS = 60_000;
