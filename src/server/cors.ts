/**
 * Which pages may call the gateway from a browser: those of the origins that the operator names, else none.
 *
 * A browser asks before it sends a call with a key, and shows the answer to the page only when it is told
 * that it may (fetch.spec.whatwg.org, "CORS protocol"). Cookies are never asked for, so `*` may be said.
 */
import type { App } from "./app.ts";
import { DATA_PLANE } from "./data-plane.ts";

export interface Cors {
  allows(origin: string): boolean;
  /** The app's answer, with what a browser has to know; questions of browsers are answered here. */
  answer(request: Request, app: App): Response | Promise<Response>;
}

const MAX_AGE_SECONDS = "7200";
const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";

export const createCors = (origins: readonly string[]): Cors => {
  const isOpen = origins.includes("*");
  const listed = new Set(origins.map((origin) => origin.toLowerCase()));
  const allows = (origin: string): boolean => isOpen || listed.has(origin.toLowerCase());
  const allowed = (origin: string): Readonly<Record<string, string>> => ({
    "access-control-allow-origin": isOpen ? "*" : origin,
    ...(isOpen ? {} : { vary: "origin" }),
  });
  return {
    allows,
    answer(request, app) {
      if (origins.length === 0) return app(request);
      const origin = request.headers.get("origin");
      if (origin === null || !allows(origin) || !isDataPlane(request.url)) return app(request);
      if (isPreflight(request)) return preflight(request, allowed(origin));
      const answer = app(request);
      return answer instanceof Promise
        ? answer.then((response) => shown(response, allowed(origin)))
        : shown(answer, allowed(origin));
    },
  };
};

const isDataPlane = (url: string): boolean =>
  API_ROOTS.has(url.slice(url.indexOf("/", url.indexOf("//") + 2)).split("/", 2)[1] ?? "");

/** The first words of the API's paths: `v1`, and those that vendors have. */
const API_ROOTS: ReadonlySet<string> = new Set(DATA_PLANE.map(({ path }) => path.split("/", 2)[1] ?? ""));

const isPreflight = ({ method, headers }: Request): boolean =>
  method === "OPTIONS" && headers.has("access-control-request-method");

/** The headers that are asked for are allowed by name: `*` would not mean `authorization`. */
const preflight = (request: Request, allowed: Readonly<Record<string, string>>): Response => {
  const asked = request.headers.get("access-control-request-headers");
  return new Response(null, {
    status: 204,
    headers: {
      ...allowed,
      "access-control-allow-methods": METHODS,
      ...(asked === null ? {} : { "access-control-allow-headers": asked }),
      "access-control-max-age": MAX_AGE_SECONDS,
    },
  });
};

const shown = (response: Response, allowed: Readonly<Record<string, string>>): Response => {
  for (const [name, value] of Object.entries(allowed))
    if (name === "vary") response.headers.append(name, value);
    else response.headers.set(name, value);
  response.headers.set("access-control-expose-headers", "*");
  return response;
};
