/**
 * The check in front of everything: Host and method, before any routing.
 *
 * Elysia and URL parsers read a request's path off its Host in ways a client can steer (a host of
 * three letters, an invalid one, two of them), so nothing is routed until the Host is known to be one.
 */
import { GatewayError } from "../schema/errors.ts";
import type { Cors } from "./cors.ts";

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
const MAX_HOST = 255;
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export interface FrontRules {
  /** Bound to loopback only: names that an outside page could have pointed here are refused. */
  readonly isLoopback: boolean;
  readonly allowedHosts: ReadonlySet<string>;
  readonly cors: Cors;
  /** Hosts that were found good: most calls name the same. */
  readonly passed: Set<string>;
}

const MAX_PASSED = 100;

/** Throws what is wrong with the request line; nothing of it has been looked at before. */
export const checkFront = (request: Request, rules: FrontRules): void => {
  if (!METHODS.has(request.method))
    throw new GatewayError("method_not_allowed", `Method ${printable(request.method)} is not supported`);
  const host = request.headers.get("host") ?? "";
  if (!request.url.startsWith("http")) throw invalidHost();
  if (!rules.passed.has(host)) checkHost(host, rules);
  checkOrigin(request, host, rules.cors);
};

const CHECKS: ReadonlySet<string> = new Set(["/", "/healthz", "/readyz"]);

/**
 * A health check in HTTP/1.0, which knows no Host: HAProxy's `option httpchk GET /healthz` sends such
 * (haproxy.com/documentation, "HTTP Health Checks"). It is nobody's call, and no browser's.
 */
export const hostlessCheck = ({ method, url, headers }: Request): Request | undefined =>
  headers.get("host") === null && (method === "GET" || method === "HEAD") && CHECKS.has(url)
    ? new Request(`http://localhost${url}`, { method })
    : undefined;

const checkHost = (host: string, rules: FrontRules): void => {
  if (host.length > MAX_HOST || !HOST.test(host)) throw invalidHost();
  if (rules.isLoopback && !isOurs(hostname(host), rules))
    throw new GatewayError(
      "host_not_allowed",
      "This gateway answers only to local names: start it with --host, or add the name to listen.allowed_hosts",
    );
  if (rules.passed.size < MAX_PASSED) rules.passed.add(host);
};

const invalidHost = (): GatewayError =>
  new GatewayError("invalid_host", "The Host header is missing or not valid");

/** Browsers let every page open a WebSocket anywhere, and only name the page: other calls they guard themselves. */
const checkOrigin = (request: Request, host: string, cors: Cors): void => {
  const origin = request.headers.get("origin");
  if (origin === null || request.headers.get("upgrade") === null) return;
  if (cors.allows(origin) || URL.parse(origin)?.host === host.toLowerCase()) return;
  throw new GatewayError(
    "origin_not_allowed",
    "Pages of this origin may not open a session here: add it to listen.cors_origins",
  );
};

const hostname = (host: string): string => host.replace(/:\d{1,5}$/, "").toLowerCase();

/** A name without a dot cannot be registered, so no outside page can have made it point here. */
const isOurs = (name: string, rules: FrontRules): boolean =>
  name === "[::1]" ||
  /^127(?:\.\d{1,3}){3}$/.test(name) ||
  (!name.includes(".") && !name.startsWith("[") && !/^\d+$/.test(name)) ||
  name.endsWith(".localhost") ||
  rules.allowedHosts.has(name);

const printable = (text: string): string => text.slice(0, 20).replace(/[^A-Za-z]/g, "?");
