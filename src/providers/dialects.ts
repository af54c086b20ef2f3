/** The chat dialects, by id. */
import type { DialectId } from "../schema/chat.ts";
import { anthropicMessages } from "./anthropic-messages.ts";
import type { ChatDialect } from "./dialect.ts";
import { openaiChat } from "./openai-chat.ts";

const DIALECTS: Readonly<Record<DialectId, ChatDialect>> = Object.freeze({
  "openai-chat": openaiChat,
  "anthropic-messages": anthropicMessages,
});

export const dialectOf = (id: DialectId): ChatDialect => DIALECTS[id];
