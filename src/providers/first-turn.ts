/** The system's words for those who keep them apart: something must have been said besides. */
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
