/** Which hosts a caller may name: judged on the URL as parsed, before anything is resolved or dialled. */
import { addressKind, bareAddress } from "./addresses.ts";

export type RefusalReason =
  "invalid_url" | "scheme" | "userinfo" | "port" | "private_address" | "not_allowed" | "self";

/** An outbound call that the egress policy does not allow. The message holds no path and no query. */
export class EgressRefused extends Error {
  readonly reason: RefusalReason;
  /** What is wrong with the URL, for messages of others. */
  readonly fault: string;

  constructor(reason: RefusalReason, fault: string) {
    super(`Cannot call this host: ${fault}`);
    this.name = "EgressRefused";
    this.reason = reason;
    this.fault = fault;
  }
}

export interface EgressPolicy {
  /**
   * Hosts the operator vouches for: `host` or `host:port`, lower-case, as `parseTrustedHosts` gives
   * them. A trusted host may be private, an IPv6 literal or hold an underscore. `localhost` stands for
   * every name under it as well.
   */
  readonly trusted: readonly string[];
  /** Whether loopback literals and `localhost` names are trusted too. */
  readonly allowLoopback: boolean;
}

/** Hosts of a comma-separated list, each once, in the notation the URL parser gives. */
export const parseTrustedHosts = (value: string): string[] => [
  ...new Set(
    value
      .split(",")
      .map((entry) => canonicalHost(entry.trim().toLowerCase()))
      .filter((host) => host !== ""),
  ),
];

/**
 * What is wrong with a host that a caller gave (`https://host:port/base`); undefined when nothing is.
 *
 * The text must name its host plainly, so that no two parsers can read it differently; the rest is
 * judged on the parsed URL, which is what will be dialled.
 */
export const customHostFault = (raw: string, policy: EgressPolicy): string | undefined => {
  const text = raw.trim();
  const unclear = UNCLEAR.find(([pattern]) => pattern.test(text));
  if (unclear !== undefined) return unclear[1];
  const url = URL.parse(text);
  if (url === null) return "it is not a URL";
  return (malformedUrl(url) ?? callerRefusal(url, policy))?.fault;
};

/** Why `url` cannot be called by anyone. */
export const malformedUrl = (url: URL): EgressRefused | undefined => {
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return new EgressRefused("scheme", "only http and https can be called");
  if (url.username !== "" || url.password !== "")
    return new EgressRefused("userinfo", "it holds a user name or a password");
  if (url.port === "0") return new EgressRefused("port", "its port is not from 1 to 65535");
  return undefined;
};

/** Why `url`, whose host a caller named, may not be called, as far as its text tells. */
export const callerRefusal = (url: URL, policy: EgressPolicy): EgressRefused | undefined => {
  if (isTrusted(url, policy)) return undefined;
  if (OTHER_SERVICES.has(portOf(url)))
    return new EgressRefused("port", "its port belongs to another service");
  const kind = addressKind(url.hostname);
  if (kind !== undefined) return kind === "public" ? undefined : privateAddress();
  if (!isPublicName(url.hostname)) return new EgressRefused("not_allowed", "its name is not a public one");
  return undefined;
};

/** Whether the policy vouches for the host of `url`. */
export const isTrusted = (url: URL, policy: EgressPolicy): boolean => {
  const host = hostOf(url);
  if (policy.trusted.includes(host) || policy.trusted.includes(`${host}:${portOf(url)}`)) return true;
  if (host.endsWith(".localhost") && policy.trusted.includes("localhost")) return true;
  return policy.allowLoopback && isLoopback(url);
};

/** Whether `url` says that it means this machine. */
export const isLoopback = (url: URL): boolean =>
  isUnder(hostOf(url), "localhost") || addressKind(url.hostname) === "loopback";

/** The host without the dot that marks a name as complete. */
export const hostOf = (url: URL): string => url.hostname.replace(/\.$/, "");

/** The port that is dialled. */
export const portOf = (url: URL): number => Number(url.port) || (url.protocol === "https:" ? 443 : 80);

export const privateAddress = (): EgressRefused =>
  new EgressRefused("private_address", "its address is not public");

/** One DNS label: what may be put in place of a name in the template of a host. */
export const isHostLabel = (value: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(value);

const UNCLEAR: readonly (readonly [RegExp, string])[] = [
  [/^$/, "it is blank"],
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  [/[\s\u0000-\u001f\u007f\\]/, "it holds white space, a control character or a backslash"],
  [/@/, "it holds an @"],
  [/#/, "it holds a fragment"],
  [/^(?!https?:\/\/[^/?])/i, "it does not start with http:// or https:// and a host"],
];

const MAX_LABELS = 10;
const MAX_NAME = 253;

/** Names that mean the network of the gateway, and the metadata services of the clouds. */
const INTERNAL_NAMES: readonly string[] = [
  "corp",
  "home",
  "home.arpa",
  "instance-data",
  "internal",
  "intranet",
  "invalid",
  "lan",
  "local",
  "localdomain",
  "localhost",
  "metadata",
  "metadata.azure.com",
  "metadata.goog",
  "metadata.tencentyun.com",
  "onion",
  "test",
];

/** Part of the names of a hosted gateway, to which a call would come back. */
const HOSTED_GATEWAY = "api.portkey";

/** Ports of services that would take an HTTP request for commands, or that none serves HTTP on. */
const OTHER_SERVICES: ReadonlySet<number> = new Set([
  21, 22, 23, 25, 53, 110, 143, 389, 465, 587, 993, 995, 1433, 3306, 3389, 5432, 6379, 11211, 27017,
]);

const isPublicName = (name: string): boolean => {
  const labels = name.split(".");
  return (
    name.length <= MAX_NAME &&
    labels.length <= MAX_LABELS &&
    labels.every(isHostLabel) &&
    !name.includes(HOSTED_GATEWAY) &&
    !INTERNAL_NAMES.some((internal) => isUnder(name, internal))
  );
};

const isUnder = (name: string, parent: string): boolean => name === parent || name.endsWith(`.${parent}`);

/** `::1` and `[0:0::1]:80` become `[::1]` and `[::1]:80`; what is no host stays and matches nothing. */
const canonicalHost = (entry: string): string => {
  const host = addressKind(entry) === undefined ? entry : bracketed(entry);
  const port = /:(\d+)$/.exec(host.replace(/^\[.*\]/, ""))?.[1];
  const url = URL.parse(`http://${host}/`);
  if (url === null || /[/?#@\\]/.test(entry)) return entry;
  return port === undefined ? hostOf(url) : `${hostOf(url)}:${Number(port)}`;
};

const bracketed = (address: string): string => {
  const bare = bareAddress(address);
  return bare.includes(":") ? `[${bare}]` : bare;
};
