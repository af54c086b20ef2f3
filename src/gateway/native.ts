/** Calls on vendors' own paths: what of them is the gateway's, and who can be asked. */
import type { HeaderFields } from "../lib/header-fields.ts";
import { fieldsFrom } from "../lib/header-fields.ts";
import { uploadBase } from "../providers/url.ts";
import type { NativePath } from "../schema/native.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Call } from "./call.ts";
import type { Inbound, Ingress } from "./inbound.ts";
import type { Reply } from "./reply-head.ts";
import type { ResolvedTarget } from "./target.ts";

/** The client's key, where the vendor's clients put it. */
export const nativeKey = ({ native }: Ingress, headers: HeaderFields, search: string): string | undefined => {
  if (native?.key === undefined) return undefined;
  const { header, query } = native.key;
  return headers.get(header)?.trim() || new URLSearchParams(search).get(query)?.trim() || undefined;
};

/** The query without what is the gateway's: a key is never sent in a URL. */
export const nativeSearch = ({ native }: Ingress, search: string): string => {
  const withheld = native?.withheld;
  if (withheld === undefined || search === "") return search;
  const kept = search.slice(1).split("&");
  const rest = kept.filter((pair) => !withheld.some((name) => new URLSearchParams(pair).has(name)));
  return rest.length === 0 ? "" : `?${rest.join("&")}`;
};

/** The body with what the path says laid over it. */
export const withSaid = (ingress: Ingress, body: JsonObject): JsonObject =>
  ingress.native?.said === undefined ? body : { ...body, ...ingress.native.said };

const isSpoken = (call: Call, { speaks }: NativePath, target: ResolvedTarget): boolean =>
  speaks === undefined || call.surroundings.catalog.find(target.row.id)?.dialect === speaks;

/** The target has a path of that name, and it is not the one that the route knows. */
export const isAnothers = (call: Call, native: NativePath, target: ResolvedTarget): boolean =>
  native.isShared === true && !isSpoken(call, native, target);

/** A path that is only passed on means nothing to a provider of another dialect: the next target may know it. */
export const checkSpoken = (call: Call, native: NativePath, target: ResolvedTarget): void => {
  if (isSpoken(call, native, target)) return;
  const { speaks } = native;
  const { catalog } = call.surroundings;
  const speakers = catalog.rows.filter(({ dialect }) => dialect === speaks).map(({ id }) => id);
  throw new GatewayError(
    "unsupported_endpoint",
    `Cannot pass ${call.inbound.pathname} to ${target.row.id}: it is an API of ${speakers.join(", ")} alone`,
  );
};

/** An upload that was begun through us goes on through us; what is not below the provider's own upload path stays. */
export const uploadedHere = ({ inbound }: Call, reply: Reply): Reply => {
  const { native } = inbound.ingress;
  if (native?.goesOnAt === undefined) return reply;
  const urls = native.goesOnAt.flatMap((name) => {
    const url = urlHere(inbound, native, reply.target, reply.headers.get(name) ?? "");
    return url === undefined ? [] : [[name, url] as const];
  });
  return { ...reply, headers: fieldsFrom(Object.fromEntries([...reply.headers, ...urls])) };
};

const urlHere = (
  { request, headers, pathname, ingress }: Inbound,
  native: NativePath,
  target: ResolvedTarget,
  text: string,
): string | undefined => {
  const url = URL.parse(text);
  const base = URL.parse(uploadBase(target.base));
  const version = native.below.slice(0, native.below.indexOf("/", 1) + 1);
  if (url === null || base === null || url.origin !== base.origin) return undefined;
  if (!url.pathname.startsWith(base.pathname + version)) return undefined;
  const { protocol, host } = new URL(request.url);
  const scheme = headers.get("x-forwarded-proto") === "https" ? "https:" : protocol;
  const path = pathname.slice(0, pathname.indexOf("/", 1)) + url.pathname.slice(base.pathname.length);
  return `${scheme}//${host}${path}${nativeSearch(ingress, url.search)}`;
};
