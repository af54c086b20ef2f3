/** Which of the client's headers go on to the provider. */
import type { HeaderFields } from "../lib/header-fields.ts";
import { GatewayError } from "../schema/errors.ts";

/** Headers that a passed-through call takes along by name. */
const PASSED = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "http-referer", // OpenRouter's: which application asks, https://openrouter.ai/docs/app-attribution
  "idempotency-key",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "prefer",
  "range",
  "traceparent",
  "tracestate",
  "user-agent",
]);

/** Vendors' own headers. */
const PASSED_PREFIXES = ["openai-", "anthropic-", "x-"];

/** Of those, what says who the client is to us or where it is, or is a credential. */
const WITHHELD = new Set([
  "x-api-key",
  "x-goog-api-key",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  // Of a client's own AWS signature; the upstream's is made anew.
  "x-amz-date",
  "x-amz-content-sha256",
  "x-amz-security-token",
]);
const WITHHELD_PREFIXES = [
  "x-portkey-",
  "x-turnpike-",
  "x-forwarded-",
  "x-aws-ec2-",
  "x-google-metadata-",
  "x-envoy-",
];

/** Headers no caller may have forwarded: instance-metadata services trust whoever sends them. */
const REFUSED = new Set([
  "metadata-flavor",
  "x-aws-ec2-metadata-token",
  "x-google-metadata-request",
  "metadata",
]);

const HOP_BY_HOP = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The client's headers that a passed-through call takes along. */
export const forwardable = (from: HeaderFields): Record<string, string> => {
  const headers: Record<string, string> = {};
  const nominated = connectionOptions(from);
  for (const [name, value] of from) if (isPassed(name) && !nominated.has(name)) headers[name] = value;
  return headers;
};

/** Headers that `Connection` names belong to the client's connection too. */
const connectionOptions = (headers: HeaderFields): ReadonlySet<string> =>
  new Set((headers.get("connection") ?? "").split(",").map((name) => name.trim().toLowerCase()));

const isPassed = (name: string): boolean => {
  if (PASSED.has(name)) return true;
  if (WITHHELD.has(name) || WITHHELD_PREFIXES.some((prefix) => name.startsWith(prefix))) return false;
  return PASSED_PREFIXES.some((prefix) => name.startsWith(prefix));
};

/** Headers that the caller asked for by name (`forward_headers`), over whatever the provider gets. */
export const forwarded = (from: HeaderFields, names: readonly string[], to: Record<string, string>): void => {
  for (const name of names) {
    const key = name.trim().toLowerCase();
    checkForwardName(key);
    const value = HOP_BY_HOP.has(key) || key === "content-encoding" ? null : from.get(key); // unpacked, or passed
    if (value !== null) to[key] = value;
  }
};

export const checkForwardName = (name: string): void => {
  if (name === "x-portkey-forward-headers")
    throw new GatewayError(
      "invalid_header",
      "forward_headers must not contain the 'x-portkey-forward-headers' header",
      { param: "forward_headers" },
    );
  if (REFUSED.has(name) || /^x-(?:aws-ec2|google)-metadata/.test(name))
    throw new GatewayError("invalid_header", `forward_headers must not contain the '${name}' header`, {
      param: "forward_headers",
    });
};
