/** Where a request goes upstream: base and path, joined as text so that a base's own path is kept. */
import type { ProviderRow } from "../schema/provider-row.ts";

/** `base` + the row's path of a mapped endpoint. */
export const mappedUrl = (
  row: ProviderRow,
  base: string,
  endpoint: "chat" | "models",
  search: string,
): string => trimSlash(base) + row.paths[endpoint] + search;

/** The path of a passed-through call below the base: what follows the first `/v1/proxy` or `/v1`. */
export const proxiedUrl = (base: string, pathname: string, search: string): string =>
  trimSlash(base) + collapseVersion(base, proxiedPath(pathname)) + search;

export const proxiedPath = (pathname: string): string => {
  const prefix = pathname.startsWith("/v1/proxy") ? "/v1/proxy" : "/v1";
  return pathname.slice(prefix.length);
};

/** SDKs whose own paths start with /v1, pointed at `/v1/proxy`, would otherwise ask for `/v1/v1/…`. */
const collapseVersion = (base: string, path: string): string =>
  base.endsWith("/v1") && path.startsWith("/v1/") ? path.slice("/v1".length) : path;

const trimSlash = (base: string): string => (base.endsWith("/") ? base.replace(/\/+$/, "") : base);
