/** The API's table: which path is which kind of work, and the dialect its answers are written in. */
import type { Ingress } from "../gateway/inbound.ts";

export interface DataPlaneRoute {
  readonly method: "GET" | "POST" | "ALL";
  readonly path: string;
  readonly ingress: Ingress;
  readonly summary: string;
}

const proxy: Ingress = { endpoint: "proxy", dialect: "openai-chat" };

/** The first match counts; everything without a row of its own is passed through to the named provider. */
export const DATA_PLANE: readonly DataPlaneRoute[] = Object.freeze([
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
    method: "GET",
    path: "/v1/models",
    ingress: { endpoint: "models", dialect: "openai-chat" },
    summary: "The models of the named provider, or what is configured",
  },
  // What hangs below messages (count_tokens, batches) is Anthropic's, and so are its errors.
  {
    method: "ALL",
    path: "/v1/messages/*",
    ingress: { endpoint: "proxy", dialect: "anthropic-messages" },
    summary: "Passed through to the named provider",
  },
  { method: "ALL", path: "/v1/proxy/*", ingress: proxy, summary: "Passed through to the named provider" },
  { method: "ALL", path: "/v1/*", ingress: proxy, summary: "Passed through to the named provider" },
]);
