/** Where a request goes upstream: base and path, joined as text so that a base's own path is kept. */
import { isHostLabel } from "../lib/egress.ts";
import { GatewayError } from "../schema/errors.ts";
import type { MappedEndpoint, PlaceInput, ProviderRow } from "../schema/provider-row.ts";

export interface Place {
  readonly model: string | null;
  readonly stream: boolean;
  readonly search: string;
  readonly option: (name: string) => string | undefined;
}

/** The base with its labels filled in. */
export const filledBase = (row: ProviderRow, base: string, option: Place["option"]): string =>
  base.includes("{") ? filled(row, base, option, null) : base;

/** `base` + the row's path of a mapped endpoint. */
export const mappedUrl = (row: ProviderRow, base: string, endpoint: MappedEndpoint, place: Place): string => {
  const path = (place.stream ? row.streamPaths?.[endpoint] : undefined) ?? row.paths[endpoint];
  if (path === undefined) throw unsupported(row, endpoint);
  const template = path.includes("{") ? filled(row, path, place.option, place.model) : path;
  return trimSlash(base) + template + joinedSearch(template, place.search);
};

/** A path of ours may hold a query already. */
const joinedSearch = (path: string, search: string): string =>
  search !== "" && path.includes("?") ? `&${search.slice(1)}` : search;

const unsupported = (row: ProviderRow, endpoint: MappedEndpoint): GatewayError => {
  const offered = Object.keys(row.paths).join(", ");
  return new GatewayError(
    "unsupported_endpoint",
    `${endpoint} is not supported by ${row.id}: it offers ${offered === "" ? "passed-through calls only" : offered}`,
  );
};

const filled = (row: ProviderRow, template: string, option: Place["option"], model: string | null): string =>
  template.replaceAll(/\{([a-z0-9_]+)\}/g, (_, name: string) => {
    if (name === "model") return encodeModel(row, model);
    return fill(row, placeOf(row, name), option(name));
  });

const placeOf = (row: ProviderRow, name: string): PlaceInput =>
  row.places?.find((place) => place.option === name) ?? { option: name, kind: "label" };

const fill = (row: ProviderRow, place: PlaceInput, given: string | undefined): string => {
  const value = given ?? place.default;
  if (value === undefined) throw missingInput(row, place.option);
  if (place.kind === "path") return encodePath(place.option, value);
  if (place.kind === "word") return spelled(place, value);
  if (place.kind === "url") return trimSlash(value);
  if (!isHostLabel(value))
    throw new GatewayError("invalid_request", `${place.option}: must be one label of a host name`, {
      param: place.option,
    });
  return value;
};

/** A row's own spelling of a word that a caller may say. */
const spelled = ({ option, words = {} }: PlaceInput, value: string): string => {
  const spelling = Object.hasOwn(words, value) ? words[value] : undefined;
  if (spelling !== undefined) return spelling;
  const allowed = Object.keys(words).join(" or ");
  throw new GatewayError("invalid_request", `${option}: must be ${allowed}`, { param: option });
};

/** 400 that names both ways to say an option. */
export const missingInput = (row: { readonly id: string }, option: string): GatewayError =>
  new GatewayError(
    "missing_input",
    `Provider ${row.id} needs ${option}: send x-portkey-${option.replaceAll("_", "-")}, or ${option} in the config`,
    { param: option },
  );

/** A model's slashes are its own; what would climb out of the path is refused. */
const encodeModel = (row: ProviderRow, model: string | null): string => {
  if (model === null || model === "")
    throw new GatewayError("invalid_request", `model: ${row.id} needs a model`, { param: "model" });
  return encodePath("model", model);
};

const encodePath = (name: string, value: string): string => {
  const segments = value.split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === ".."))
    throw new GatewayError("invalid_request", `${name}: is not a valid path segment`, { param: name });
  return segments.map(encodeSegment).join("/");
};

/** Colons and at-signs stand in model names and version tags, and are legal in a path. */
const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment).replaceAll("%3A", ":").replaceAll("%40", "@");

/** The path of a passed-through call below the base: what follows the first `/v1/proxy` or `/v1`. */
export const proxiedUrl = (base: string, pathname: string, search: string): string =>
  trimSlash(base) + collapseVersion(base, proxiedPath(pathname)) + search;

export const proxiedPath = (pathname: string): string => {
  const prefix = /^\/v1\/proxy(?:\/|$)/.test(pathname) ? "/v1/proxy" : "/v1";
  return pathname.slice(prefix.length);
};

/** SDKs whose own paths start with /v1, pointed at `/v1/proxy`, would otherwise ask for `/v1/v1/…`. */
const collapseVersion = (base: string, path: string): string =>
  base.endsWith("/v1") && path.startsWith("/v1/") ? path.slice("/v1".length) : path;

const trimSlash = (base: string): string => (base.endsWith("/") ? base.replace(/\/+$/, "") : base);
