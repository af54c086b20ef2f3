/** The request headers the gateway understands, read once into names of our own. */
import type { HeaderFields } from "../lib/header-fields.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";

const PREFIX = "x-portkey-";
const MAX_TRACE_ID = 512;
const MAX_TIMEOUT_MS = 3_600_000;

export interface GatewayHeaders {
  readonly provider: string | undefined;
  readonly config: string | undefined;
  readonly virtualKey: string | undefined;
  readonly customHost: string | undefined;
  readonly requestTimeoutMs: number | undefined;
  readonly forwardHeaders: readonly string[] | undefined;
  /** Only `false` says anything. */
  readonly strict: false | undefined;
  /** The client's credential for the provider: a bearer token, `x-api-key`, `api-key`, or where its vendor's API has it. */
  readonly credential: string | undefined;
}

export const readGatewayHeaders = (headers: HeaderFields, nativeKey?: string): GatewayHeaders => ({
  provider: text(headers, "x-portkey-provider"),
  config: text(headers, "x-portkey-config"),
  virtualKey: text(headers, "x-portkey-virtual-key"),
  customHost: text(headers, "x-portkey-custom-host"),
  requestTimeoutMs: timeout(headers.get("x-portkey-request-timeout")),
  forwardHeaders: names(headers.get("x-portkey-forward-headers")),
  strict: headers.get("x-portkey-strict-open-ai-compliance") === "false" ? false : undefined,
  credential: nativeKey ?? credential(headers),
});

/** By its whole name: one that is put together for every call costs more than to look it up. */
const text = (headers: HeaderFields, name: string): string | undefined => {
  const value = headers.get(name);
  return value === null || value === "" ? undefined : fromLatin1(value);
};

/**
 * Header bytes arrive decoded as Latin-1; JSON in them is UTF-8.
 * Text that is not UTF-8 after all stays as it is.
 */
const fromLatin1 = (value: string): string => {
  if (!/[\u0080-\u00ff]/.test(value) || /[^\u0000-\u00ff]/.test(value)) return value; // eslint-disable-line no-control-regex
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(value, "latin1"));
  } catch {
    return value;
  }
};

/** Milliseconds; what is not a number says nothing, zero means no limit of the caller's. */
const timeout = (value: string | null): number | undefined => {
  if (value === null || value.trim() === "") return undefined;
  const parsed = Number(value);
  if (Number.isNaN(parsed) || parsed === 0) return undefined;
  if (parsed < 0)
    throw new GatewayError("invalid_header", "x-portkey-request-timeout must not be negative", {
      param: "x-portkey-request-timeout",
    });
  return Math.min(parsed, MAX_TIMEOUT_MS);
};

/** An empty value means: forward nothing, whatever the config says. */
const names = (value: string | null): readonly string[] | undefined =>
  value === null
    ? undefined
    : value
        .split(",")
        .map((name) => name.trim().toLowerCase())
        .filter((name) => name !== "");

const credential = (headers: HeaderFields): string | undefined => {
  const authorization = headers.get("authorization");
  const bearer = authorization === null ? "" : withoutScheme(authorization);
  if (bearer !== "") return bearer;
  return KEYS.map((name) => headers.get(name)?.trim()).find((key) => key !== undefined && key !== "");
};

/** Where the clients of Anthropic and of Azure (`AzureOpenAI` of the OpenAI SDK) have it. */
const KEYS = ["x-api-key", "api-key"];

/** A signature of a request to us: it is no key, and good for no other request. */
const AWS_SIGNATURE = "AWS4-";
const BEARER = "Bearer ";

const withoutScheme = (authorization: string): string => {
  if (authorization.startsWith(BEARER) && !authorization.includes(","))
    return authorization.slice(BEARER.length).trim(); // most
  const value = authorization.trim();
  if (value.includes(",") && /,\s*Bearer /i.test(value))
    throw new GatewayError("invalid_header", "Two authorization headers were sent: send one", {
      param: "authorization",
    });
  if (value.startsWith(AWS_SIGNATURE)) return "";
  return value.startsWith(BEARER) || /^bearer(?:\s|$)/i.test(value)
    ? value.slice("bearer".length).trim()
    : value;
};

/** `x-portkey-metadata`; bad JSON counts as none, as the reference does. */
export const readMetadata = (headers: HeaderFields): JsonObject | null => {
  const raw = text(headers, "x-portkey-metadata");
  if (raw === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(raw);
    if (parsed === null) return null;
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
};

export const readTraceId = (headers: HeaderFields): string | undefined => {
  const value = headers.get("x-portkey-trace-id")?.trim();
  return value === undefined || value === "" ? undefined : value.slice(0, MAX_TRACE_ID);
};

/** A provider option given as a header: `x-portkey-` with the option's name in dashes. */
export const readOption = (headers: HeaderFields, name: string): string | undefined =>
  headers.get(prefixedName(name)) || undefined;

const prefixedNames = new Map<string, string>();

const prefixedName = (option: string): string => {
  const known = prefixedNames.get(option);
  if (known !== undefined) return known;
  const name = PREFIX + option.replaceAll("_", "-");
  prefixedNames.set(option, name);
  return name;
};
