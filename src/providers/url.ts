/** Where a request goes upstream: base and path, joined as text so that a base's own path is kept. */
import { isHostLabel } from "../lib/egress.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import type { NativePath } from "../schema/native.ts";
import type { MappedEndpoint, PlaceInput, ProviderRow } from "../schema/provider-row.ts";
import { patternOf } from "./patterns.ts";

export interface Place {
  readonly model: string | null;
  readonly stream: boolean;
  readonly search: string;
  readonly option: (name: string) => string | undefined;
  /** The same for an option that is an object. */
  readonly object?: (name: string) => JsonObject | undefined;
}

/**
 * The base with its labels filled in, as the caller says, else as the operator's environment does; or the
 * one that an option's value has for itself.
 */
export const filledBase = (
  row: ProviderRow,
  base: string,
  option: Place["option"],
  environment: Environment = {},
  model: string | null = null,
): string => {
  if (!base.includes("{")) return base;
  const said = (name: string): string | undefined => {
    const { kind, env = [], inModel } = placeOf(row, name);
    // A caller who could say a domain could have our credentials sent there.
    const asked = kind === "domain" ? undefined : (option(name) ?? namedIn(model, inModel));
    return asked ?? env.map((variable) => environment[variable]?.trim()).find(Boolean);
  };
  return ownBase(row, said) ?? filled(row, base, { model: null, option: said });
};

const namedIn = (model: string | null, pattern: string | undefined): string | undefined =>
  pattern === undefined || model === null ? undefined : patternOf(pattern).exec(model)?.[1];

type Environment = Readonly<Record<string, string | undefined>>;

const ownBase = (row: ProviderRow, option: Place["option"]): string | undefined => {
  for (const { option: name, bases = {}, default: usual } of row.places ?? []) {
    const value = option(name) ?? usual ?? "";
    if (Object.hasOwn(bases, value)) return bases[value];
  }
  return undefined;
};

/** `base` + the row's path of a mapped endpoint. */
export const mappedUrl = (row: ProviderRow, base: string, endpoint: MappedEndpoint, place: Place): string => {
  const path = (place.stream ? row.streamPaths?.[endpoint] : undefined) ?? row.paths[endpoint];
  if (path === undefined) throw unsupported(row, endpoint);
  const template = path.includes("{") ? filled(row, path, place) : path;
  return joinedUrl(base, template, place.search);
};

/** A path below a base, and the client's query behind it. */
export const joinedUrl = (base: string, path: string, search: string): string => {
  if (last.base !== base || last.path !== path || last.search !== search)
    last = { base, path, search, url: trimSlash(base) + withSearch(path, search) };
  return last.url;
};

/** Calls that follow one another often go to the same place, and a text that is known is looked up at less cost. */
let last = { base: "", path: "", search: "", url: "" };

/** A query with values, such as `?api-version=…`. What ends in `?` or `=` swallows what comes behind, and is meant to. */
const WITH_VALUES = /\?[^?]*=[^=&]+$/;

/** What `build` makes of a base, with the query behind it that the base has: https://github.com/openclaw/openclaw/issues/48107 */
export const withBaseQuery = (base: string, build: (base: string) => string): string => {
  const at = base.includes("?") ? base.search(WITH_VALUES) : -1;
  return at === -1 ? build(base) : withSearch(build(base.slice(0, at)), base.slice(at));
};

/** A vendor's own path below the base, or where the row has the methods of its models. */
export const nativeUrl = (row: ProviderRow, base: string, native: NativePath, place: Place): string => {
  const { method, below } = native;
  if (native.isUpload === true) return joinedUrl(uploadBase(base), below, place.search);
  if (method === undefined || row.methodPath === undefined) return joinedUrl(base, below, place.search);
  const path = filled(
    row,
    row.methodPath.replace("{method}", () => method),
    place,
  );
  return joinedUrl(base, path, place.search);
};

/** Where Google's services take media: ai.google.dev/api/files, "Upload URI" */
export const uploadBase = (base: string): string => `${trimSlash(base)}/upload`;

/** A path of ours may hold a query already; of two values for one name, the client's counts. */
const withSearch = (path: string, search: string): string => {
  const at = path.indexOf("?");
  if (at === -1 || search === "") return path + search;
  const theirs = new URLSearchParams(search);
  const ours = path
    .slice(at + 1)
    .split("&")
    .filter((pair) => !theirs.has(pair.split("=", 1).join()));
  return `${path.slice(0, at)}?${[...ours, search.slice(1)].join("&")}`;
};

const unsupported = (row: ProviderRow, endpoint: MappedEndpoint): GatewayError => {
  const offered = Object.keys(row.paths).join(", ");
  const operation = OPERATIONS[endpoint] ?? endpoint;
  return new GatewayError(
    "unsupported_endpoint",
    `${operation} is not supported by ${row.id}: it offers ${offered === "" ? "passed-through calls only" : offered}`,
  );
};

/** What Portkey's gateway calls the work: the words by which its users find this error. */
const OPERATIONS: Readonly<Partial<Record<MappedEndpoint, string>>> = Object.freeze({
  chat: "chatComplete",
  completions: "complete",
  embeddings: "embed",
  images: "imageGenerate",
  image_edits: "imageEdit",
  speech: "createSpeech",
  transcriptions: "createTranscription",
  translations: "createTranslation",
  count_tokens: "messagesCountTokens",
});

type Filling = Pick<Place, "model" | "option" | "object">;

const filled = (row: ProviderRow, template: string, filling: Filling): string =>
  template.replaceAll(/\{([a-z0-9_]+)\}/g, (_, name: string) => {
    if (name === "model") return encodeModel(row, filling.model);
    if (name === "path") return "{path}";
    const input = placeOf(row, name);
    return fill(row, input, filling.option(name) ?? valueWithin(input, filling.object));
  });

const valueWithin = ({ within }: PlaceInput, object: Place["object"]): string | undefined => {
  const value = within === undefined ? undefined : object?.(within.option)?.[within.field];
  return isString(value) && value !== "" ? value : undefined;
};

const placeOf = (row: ProviderRow, name: string): PlaceInput =>
  row.places?.find((place) => place.option === name) ?? { option: name, kind: "label" };

const fill = (row: ProviderRow, place: PlaceInput, given: string | undefined): string => {
  const value = given ?? place.default;
  if (value === undefined) throw missingInput(row, place.option);
  if (place.kind === "path") return encodePath(place.option, value);
  if (place.kind === "segment") return encodeWhole(place.option, value);
  if (place.kind === "word") return spelled(place, value);
  if (place.kind === "url") return encodeBase(place.option, value);
  if (place.kind === "domain") return value;
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

/** The option that is the whole base of a row, where it has one. */
export const baseOption = ({ base, places }: ProviderRow): string | undefined =>
  places?.find(({ kind, option }) => kind === "url" && base === `{${option}}`)?.option;

/** Text that every parser reads as the same base URL; which hosts may be called is judged elsewhere. */
const encodeBase = (name: string, value: string): string => {
  const text = value.trim();
  if (/^https?:\/\/[^\s\\@?#/][^\s\\@?#]*$/i.test(text) && URL.canParse(text)) return trimSlash(text);
  throw new GatewayError(
    "invalid_request",
    `${name}: must be an absolute http or https URL without a query`,
    {
      param: name,
    },
  );
};

/** A model's slashes are its own; what would climb out of the path is refused. */
const encodeModel = (row: ProviderRow, model: string | null): string => {
  if (model === null || model === "")
    throw new GatewayError("invalid_request", `Model is required by ${row.id}`, {
      param: "model",
    });
  const mark = row.quirks?.splitsModelAt;
  const name = mark === undefined ? model : model.split(mark, 1).join();
  return placeOf(row, "model").kind === "segment" ? encodeWhole("model", name) : encodePath("model", name);
};

/** One segment, encoded once: a name that came encoded (an ARN that was copied from a URL) is the same name. */
const encodeWhole = (name: string, value: string): string => {
  const plain = decoded(value);
  if (plain === "." || plain === ".." || !plain.isWellFormed()) throw notASegment(name);
  return encodeURIComponent(plain);
};

const decoded = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // a percent sign of its own
  }
};

const notASegment = (name: string): GatewayError =>
  new GatewayError("invalid_request", `${name}: is not a valid path segment`, { param: name });

const encodePath = (name: string, value: string): string => {
  const segments = value.split("/");
  if (
    segments.some((segment) => segment === "" || segment === "." || segment === "..") ||
    !value.isWellFormed()
  )
    throw notASegment(name);
  return segments.map(encodeSegment).join("/");
};

/** Colons and at-signs stand in model names and version tags, and are legal in a path. */
const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment).replaceAll("%3A", ":").replaceAll("%40", "@");

/** The path of a passed-through call below the base: what follows the first `/v1/proxy` or `/v1`. */
export const proxiedUrl = (
  row: ProviderRow,
  base: string,
  pathname: string,
  { search, option }: Pick<Place, "search" | "option">,
): string => {
  const template = filled(row, row.proxyPath ?? "{path}", { model: null, option });
  const root = row.proxyRoot === true ? new URL(base).origin : trimSlash(base);
  const before = root + template.slice(0, template.indexOf("{path}"));
  const after = template.slice(template.indexOf("{path}") + "{path}".length);
  return before + withSearch(collapseVersion(before, proxiedPath(pathname)) + after, search);
};

export const proxiedPath = (pathname: string): string => {
  const prefix = /^\/v1\/proxy(?:\/|$)/.test(pathname) ? "/v1/proxy" : "/v1";
  return pathname.slice(prefix.length);
};

/** SDKs whose own paths start with /v1, pointed at `/v1/proxy`, would otherwise ask for `/v1/v1/…`. */
const collapseVersion = (base: string, path: string): string =>
  base.endsWith("/v1") && path.startsWith("/v1/") ? path.slice("/v1".length) : path;

const trimSlash = (base: string): string => (base.endsWith("/") ? base.replace(/\/+$/, "") : base);
