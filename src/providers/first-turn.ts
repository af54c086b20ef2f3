/** A conversation for APIs that keep the system's words apart: there, something must have been said besides. */
import type { Message } from "../schema/chat.ts";
import type { Note } from "./dialect.ts";

/** OpenAI's API answers a system message alone; here the last one is then the user's, and noted. */
export const withTurn = (messages: readonly Message[], tell: (note: Note) => void): readonly Message[] => {
  const at = messages.length - 1;
  const last = messages[at];
  if (last === undefined || !messages.every(({ role }) => role === "system" || role === "developer"))
    return messages;
  tell(`messages.${at}.role (user)`);
  return messages.with(at, { ...last, role: "user" });
};
