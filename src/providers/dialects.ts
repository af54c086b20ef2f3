/** The chat dialects, by id. */
import type { ClientDialectId, DialectId } from "../schema/chat.ts";
import { anthropicMessages } from "./anthropic-messages.ts";
import type { ChatDialect, UpstreamDialect } from "./dialect.ts";
import { gemini } from "./gemini.ts";
import { openaiChat } from "./openai-chat.ts";

const CLIENT_DIALECTS: Readonly<Record<ClientDialectId, ChatDialect>> = Object.freeze({
  "openai-chat": openaiChat,
  "anthropic-messages": anthropicMessages,
});

const UPSTREAM_DIALECTS: ReadonlyMap<DialectId, UpstreamDialect> = new Map<DialectId, UpstreamDialect>([
  ["openai-chat", openaiChat],
  ["anthropic-messages", anthropicMessages],
  ["gemini", gemini],
]);

export const clientDialect = (id: ClientDialectId): ChatDialect => CLIENT_DIALECTS[id];

export const upstreamDialect = (id: DialectId): UpstreamDialect => {
  const dialect = UPSTREAM_DIALECTS.get(id);
  if (dialect === undefined) throw new Error(`There is no dialect ${id}`); // a row that no test has seen
  return dialect;
};
