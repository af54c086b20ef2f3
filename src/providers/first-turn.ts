/** The system's words for those who keep them apart, or at the beginning: something must have been said besides. */
import type { Block, Message } from "../schema/chat.ts";
import type { Note } from "./dialect.ts";

/** OpenAI's API answers a system message alone, or with nothing said to it; here the last one is then the user's, and noted. */
export const withTurn = (messages: readonly Message[], tell: (note: Note) => void): readonly Message[] => {
  const at = messages.findLastIndex(isSystem);
  const last = messages[at];
  if (last === undefined || !messages.every((message) => isSystem(message) || message.blocks.every(isBlank)))
    return messages;
  tell(`messages.${at}.role (user)`);
  return messages.with(at, { ...last, role: "user" });
};

const isSystem = ({ role }: Message): boolean => role === "system" || role === "developer";

const isBlank = (block: Block): boolean => block.kind === "text" && block.text.trim() === "";

/** Models whose template knows no system's words amid a conversation: "System message must be at the beginning." */
const SYSTEM_FIRST = /qwen/i;

/** Claude Code puts such there for every model (github.com/anthropics/claude-code/issues/77698): they are the user's then. */
export const withSystemFirst = (
  messages: readonly Message[],
  model: string,
  tell: (note: Note) => void,
): readonly Message[] => {
  const begun = messages.findIndex((message) => !isSystem(message));
  if (begun === -1 || !SYSTEM_FIRST.test(model)) return messages;
  return messages.map((message, at) => {
    if (at < begun || !isSystem(message)) return message;
    tell(`messages.${at}.role (user)`);
    return { ...message, role: "user" };
  });
};
