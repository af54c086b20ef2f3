/** The routes. Provider-shaped ones are handed the request unread; Elysia would drop fields it does not know. */
import { Elysia } from "elysia";
import type { Gateway } from "../gateway/assemble.ts";
import type { Connection } from "../gateway/call.ts";
import { handle } from "../gateway/handle.ts";
import { listDialect } from "../gateway/model-list.ts";
import { modelCatalogue } from "../gateway/models.ts";
import { splitUrl } from "../gateway/receive.ts";
import { handleKept } from "../gateway/responses.routes.ts";
import { GatewayError } from "../schema/errors.ts";
import { render } from "../gateway/refuse.ts";
import type { DataPlaneRoute } from "./data-plane.ts";
import { DATA_PLANE } from "./data-plane.ts";
import { pretty, wantsPretty } from "./pretty.ts";

export interface AppParts {
  readonly current: () => Gateway;
  readonly connectionOf: (request: Request) => Connection;
  readonly isReady: () => boolean;
}

export type App = (request: Request) => Response | Promise<Response>;

const JSON_TYPE = { "content-type": "application/json" };

export const createApp = (parts: AppParts): App => {
  const app = new Elysia({ strictPath: true, handler: { standardHostname: false } })
    .get("/", () => text("AI Gateway says hey!"), { parse: "none" })
    .get("/healthz", () => json({ status: "ok" }), { parse: "none" })
    .get("/readyz", () => readiness(parts.isReady()), { parse: "none" })
    .onError(({ error }) => renderRouteError(parts, error));
  const exact = new Map<string, Serve>();
  for (const route of DATA_PLANE) {
    const serve = route.ingress.endpoint === "models" ? modelsServer(parts, route) : server(parts, route);
    const options = { parse: "none", detail: { summary: route.summary } } as const;
    if (route.method === "ALL") {
      app.all(route.path, serve, options);
      continue;
    }
    app.route(route.method, route.path, serve, options);
    if (route.method === "POST" && !/[:*]/.test(route.path)) exact.set(route.path, serve);
    // With a slash at its end it is the same path: passed through, it would go around what the route does.
    if (!route.path.endsWith("*")) app.route(route.method, `${route.path}/`, serve, options);
  }
  app.compile();
  // Most calls name one of these paths as it stands, and to be found by it costs less than the way through the router.
  const routed: App = (request) => {
    const serve = request.method === "POST" ? exact.get(splitUrl(request.url).pathname) : undefined;
    return serve === undefined ? app.fetch(request) : serve({ request });
  };
  return (request) => (wantsPretty(request) ? pretty(routed(request)) : routed(request));
};

type Serve = (context: { readonly request: Request }) => Promise<Response> | Response;

const server = ({ current, connectionOf }: AppParts, { ingress, reads, kept }: DataPlaneRoute): Serve => {
  const answer = kept === undefined ? handle(current, reads ?? ingress) : handleKept(current, ingress, kept);
  return ({ request }) => answer(request, connectionOf(request));
};

/** Two APIs have this path: which of them is meant shows in what their clients send. */
const modelsServer = (parts: AppParts, { ingress, reads }: DataPlaneRoute): Serve => {
  const answer = handle(parts.current, (request) => ({
    ...(reads?.(request) ?? ingress),
    dialect: listDialect(request.headers),
  }));
  return ({ request }) => {
    const dialect = listDialect(request.headers);
    const own = reads === undefined ? modelCatalogue(parts.current(), request, dialect) : undefined;
    return own ?? answer(request, parts.connectionOf(request));
  };
};

const text = (body: string): Response =>
  new Response(body, { headers: { "content-type": "text/plain; charset=UTF-8" } });

const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: JSON_TYPE });

const readiness = (isReady: boolean): Response =>
  isReady ? json({ status: "ready" }) : json({ status: "shutting_down" }, 503);

/** Paths that are nobody's answer as the reference does; anything else is a bug of ours. */
const renderRouteError = (parts: AppParts, error: unknown): Response => {
  if (isNotFound(error)) return json({ message: "Not Found", ok: false }, 404);
  if (error instanceof GatewayError) return render(error, "openai-chat", {});
  parts.current().report(error);
  return render(new GatewayError("internal_error", "Something went wrong in the gateway"), "openai-chat", {});
};

const isNotFound = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "NOT_FOUND";
