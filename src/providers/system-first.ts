/**
 * One message of the system, before all others.
 *
 * Clients of Anthropic's API say things as the system amid a conversation (Claude Code lists its agents so), and those of
 * the Responses API as the developer. Templates of open models refuse it: "System message must be at the beginning"
 * (github.com/anthropics/claude-code/issues/77698, github.com/vllm-project/vllm/issues/41114).
 */
import type { Message } from "../schema/chat.ts";
import type { Note } from "./dialect.ts";

export const systemFirst = (messages: readonly Message[], notes: Set<Note>): readonly Message[] => {
  const later = messages.flatMap((message, at) => (at > 0 && isSystem(message) ? [at] : []));
  const [first] = messages.filter(isSystem);
  if (first === undefined || later.length === 0) return messages;
  for (const at of later) notes.add(`messages.${at} (put first)`);
  const blocks = messages.flatMap((message) => (isSystem(message) ? message.blocks : []));
  return [{ ...first, blocks }, ...messages.filter((message) => !isSystem(message))];
};

const isSystem = ({ role }: Message): boolean => role === "system" || role === "developer";
