/** What went wrong on the network, in words that hold no URL: Bun's own messages carry all of it. */

export type NetworkCause = "dns" | "refused" | "tls" | "timeout" | "reset" | "aborted" | "other";

export interface NetworkFault {
  readonly cause: NetworkCause;
  readonly message: string;
}

export const classifyNetworkError = (error: unknown): NetworkFault => {
  if (!(error instanceof Error)) return UNKNOWN;
  const byName = NAMES.get(error.name);
  if (byName !== undefined) return byName;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return CODES.get(code) ?? byPrefix(code) ?? UNKNOWN;
};

/** An error of our own code's, which no network makes: theirs have a code. */
export const isBug = (error: unknown): boolean =>
  error instanceof Error && !("code" in error) && BUGS.some((kind) => error instanceof kind);

const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError, URIError];

const UNKNOWN: NetworkFault = { cause: "other", message: "connection failed" };
const DNS: NetworkFault = { cause: "dns", message: "name not resolved" };
const UNTRUSTED: NetworkFault = { cause: "tls", message: "TLS certificate not trusted" };
const HANDSHAKE: NetworkFault = { cause: "tls", message: "TLS handshake failed" };
const UNREACHABLE: NetworkFault = { cause: "refused", message: "host unreachable" };
const CLOSED: NetworkFault = { cause: "reset", message: "connection closed" };
const TIMEOUT: NetworkFault = { cause: "timeout", message: "timed out" };
const MALFORMED: NetworkFault = { cause: "other", message: "response is not valid HTTP" };

const NAMES: ReadonlyMap<string, NetworkFault> = new Map([
  ["AbortError", { cause: "aborted", message: "call cancelled" }],
  ["TimeoutError", TIMEOUT],
  ["BodyUndecodable", { cause: "other", message: "response body could not be decoded" }],
]);

/** Codes of `http.errors.ts`, of Bun 1.4.5's sockets and of `node:dns`, seen against such servers, and their POSIX siblings. */
const CODES: ReadonlyMap<string, NetworkFault> = new Map([
  ["ENOTFOUND", DNS],
  ["ENODATA", DNS],
  ["EAI_AGAIN", DNS],
  ["ESERVFAIL", DNS],
  ["ETIMEOUT", DNS],
  ["ECONNREFUSED", { cause: "refused", message: "connection refused" }],
  ["ENETUNREACH", UNREACHABLE],
  ["EHOSTUNREACH", UNREACHABLE],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", UNTRUSTED],
  ["SELF_SIGNED_CERT_IN_CHAIN", UNTRUSTED],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", UNTRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT", UNTRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", UNTRUSTED],
  ["CERT_HAS_EXPIRED", { cause: "tls", message: "TLS certificate expired" }],
  ["ERR_TLS_CERT_ALTNAME_INVALID", { cause: "tls", message: "TLS certificate is for another name" }],
  ["EPROTO", HANDSHAKE],
  ["ECONNRESET", CLOSED],
  ["EPIPE", CLOSED],
  ["ETIMEDOUT", TIMEOUT],
  ["InvalidHTTPResponse", MALFORMED],
  ["Malformed_HTTP_Response", MALFORMED],
  ["ResponseHeadersTooLarge", { cause: "other", message: "response head is too large" }],
]);

/** Certificate checks have more codes than are worth naming. */
const byPrefix = (code: string): NetworkFault | undefined => {
  if (code.startsWith("CERT_")) return UNTRUSTED;
  return code.startsWith("ERR_TLS_") || code.startsWith("ERR_SSL_") ? HANDSHAKE : undefined;
};
