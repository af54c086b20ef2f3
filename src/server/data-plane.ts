/** The API's table: which path is which kind of work, and the dialect its answers are written in. */
import type { Ingress, ReadIngress } from "../gateway/inbound.ts";
import type { KeptRoute } from "../gateway/responses.routes.ts";
import type { MappedEndpoint } from "../schema/provider-row.ts";
import { RESOURCE_FAMILIES, RESOURCE_PATHS } from "../schema/resource.ts";
import { nativeRoutes, orGoogles, prefixedRoutes } from "./native-routes.ts";

export interface DataPlaneRoute {
  readonly method: "GET" | "POST" | "DELETE" | "ALL";
  readonly path: string;
  readonly ingress: Ingress;
  /** Where the path tells more than the route does: in place of `ingress`. */
  readonly reads?: ReadIngress;
  readonly summary: string;
  /** What is asked of a response that the gateway keeps. */
  readonly kept?: KeptRoute;
}

const responses: Ingress = { endpoint: "proxy", dialect: "openai-responses" };

const kept = (method: "GET" | "POST" | "DELETE", below: string, route: KeptRoute): DataPlaneRoute => ({
  method,
  path: `/v1/responses/:id${below}`,
  ingress: responses,
  summary: "A response that is kept here, or by the named provider",
  kept: route,
});

const proxy: Ingress = { endpoint: "proxy", dialect: "openai-chat" };

/** OpenAI's other endpoints, where the provider offers them. */
const mapped = (paths: Readonly<Record<string, MappedEndpoint>>): readonly DataPlaneRoute[] =>
  Object.entries(paths).map(([path, endpoint]) => ({
    method: "POST",
    path,
    ingress: { endpoint, dialect: "openai-chat" },
    summary: `OpenAI ${endpoint.replaceAll("_", " ")}, for every provider that offers them`,
  }));

/** Passed through where the provider speaks OpenAI's shapes, else by its adapter. */
const resources: readonly DataPlaneRoute[] = RESOURCE_FAMILIES.flatMap((resource) =>
  ["", "/*"].map((rest) => ({
    method: "ALL" as const,
    path: RESOURCE_PATHS[resource] + rest,
    ingress: { ...proxy, resource },
    reads: orGoogles({ ...proxy, resource }),
    summary: `OpenAI ${resource.replaceAll("_", " ")}, for every provider that offers them`,
  })),
);

/** The first match counts; everything without a row of its own is passed through to the named provider. */
const ROUTES: readonly DataPlaneRoute[] = [
  {
    method: "POST",
    path: "/v1/chat/completions",
    ingress: { endpoint: "chat", dialect: "openai-chat" },
    summary: "OpenAI chat completions, for every provider",
  },
  {
    method: "POST",
    path: "/v1/messages",
    ingress: { endpoint: "chat", dialect: "anthropic-messages" },
    summary: "Anthropic messages, for every provider",
  },
  {
    method: "POST",
    path: "/v1/responses",
    ingress: { endpoint: "chat", dialect: "openai-responses" },
    summary: "OpenAI responses, for every provider",
  },
  kept("GET", "", "retrieve"),
  kept("DELETE", "", "delete"),
  kept("GET", "/input_items", "input_items"),
  kept("POST", "/cancel", "cancel"),
  {
    method: "POST",
    path: "/v1/responses/compact",
    ingress: { ...responses, compacts: true },
    summary: "A conversation made shorter: by the named provider, or by a summary of its model's",
  },
  {
    method: "ALL",
    path: "/v1/responses/*",
    ingress: responses,
    summary: "Passed through to the named provider, if it has the Responses API",
  },
  ...mapped({
    "/v1/completions": "completions",
    "/v1/embeddings": "embeddings",
    "/v1/images/generations": "images",
    "/v1/images/edits": "image_edits",
    "/v1/images/variations": "image_variations",
    "/v1/audio/speech": "speech",
    "/v1/audio/transcriptions": "transcriptions",
    "/v1/audio/translations": "translations",
    "/v1/moderations": "moderations",
    "/v1/rerank": "rerank",
  }),
  {
    method: "GET",
    path: "/v1/realtime",
    ingress: { endpoint: "realtime", dialect: "openai-chat" },
    summary: "OpenAI realtime sessions over WebSocket",
  },
  {
    method: "GET",
    path: "/v1/models",
    ingress: { endpoint: "models", dialect: "openai-chat" },
    summary: "The models of the named provider, or what is configured; in Anthropic's shape for its clients",
  },
  {
    method: "GET",
    path: "/v1/models/*",
    ingress: { endpoint: "models", dialect: "openai-chat" },
    summary: "One model of the named provider, or of what is configured",
  },
  {
    method: "POST",
    path: "/v1/messages/count_tokens",
    ingress: { endpoint: "count_tokens", dialect: "anthropic-messages" },
    summary: "Anthropic token counts, for every provider: counted by it, or estimated",
  },
  ...resources,
  // What else hangs below messages (batches) is Anthropic's, and so are its errors.
  {
    method: "ALL",
    path: "/v1/messages/*",
    ingress: { endpoint: "proxy", dialect: "anthropic-messages" },
    summary: "Passed through to the named provider",
  },
  { method: "ALL", path: "/v1/proxy/*", ingress: proxy, summary: "Passed through to the named provider" },
  {
    method: "ALL",
    path: "/v1/*",
    ingress: proxy,
    reads: orGoogles(proxy),
    summary: "Passed through to the named provider",
  },
];

export const DATA_PLANE: readonly DataPlaneRoute[] = [
  ...nativeRoutes(proxy),
  ...ROUTES,
  ...prefixedRoutes(ROUTES),
];
