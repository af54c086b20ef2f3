/** Routes of vendors' own paths, and OpenAI's paths as some vendors spell them. */
import type { Ingress, ReadIngress } from "../gateway/inbound.ts";
import { splitUrl } from "../gateway/receive.ts";
import { NATIVE_ROUTES, OPENAI_PREFIXES, readGooglesOwn } from "../providers/native.ts";
import type { DataPlaneRoute } from "./data-plane.ts";

/** `proxy` is for what turns out to be nobody's own. */
export const nativeRoutes = (proxy: Ingress): readonly DataPlaneRoute[] =>
  NATIVE_ROUTES.map(({ read, ...route }) => ({
    ...route,
    ingress: proxy,
    reads: (request) => {
      const { pathname, search } = splitUrl(request.url);
      return read(pathname, search) ?? proxy;
    },
  }));

/** A path that Google's client asks for, too: its key shows whose it means. */
export const orGoogles =
  (ingress: Ingress): ReadIngress =>
  ({ url, headers }) => {
    const { pathname, search } = splitUrl(url);
    return readGooglesOwn(pathname, search, headers) ?? ingress;
  };

/** The same routes behind every prefix, for whoever is asked there. */
export const prefixedRoutes = (routes: readonly DataPlaneRoute[]): readonly DataPlaneRoute[] =>
  OPENAI_PREFIXES.flatMap(({ prefix, provider }) =>
    routes.filter(isVendors).map((route) => ({
      ...route,
      path: prefix + route.path,
      reads: ownedBy(provider, `${prefix}${VERSION}`, route.ingress),
    })),
  );

const VERSION = "/v1";

/** `/v1/proxy` is a path of the gateway's own, as is what it keeps or adapts: those read their paths themselves. */
const isVendors = ({ path, kept, ingress }: DataPlaneRoute): boolean =>
  kept === undefined && ingress.resource === undefined && !path.startsWith(`${VERSION}/proxy`);

const ownedBy =
  (provider: string, prefix: string, ingress: Ingress): ReadIngress =>
  (request) => ({
    ...ingress,
    native: { provider, below: splitUrl(request.url).pathname.slice(prefix.length) },
  });
