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

/** Models whose template knows one system message, and none amid a conversation: "System message must be at the beginning." */
const SYSTEM_FIRST = /qwen|minimax/i;

/**
 * Claude Code puts such there for every model (github.com/anthropics/claude-code/issues/77698): they are the user's then.
 * Codex begins with its own and a developer's, which are one then (github.com/EKKOLearnAI/hermes-studio/pull/2688, of
 * MiniMax too: github.com/can1357/oh-my-pi/issues/958).
 */
export const withSystemFirst = (
  messages: readonly Message[],
  model: string,
  tell: (note: Note) => void,
): readonly Message[] => {
  if (!SYSTEM_FIRST.test(model)) return messages;
  const said = messages.findIndex((message) => !isSystem(message));
  const begun = said === -1 ? messages.length : said;
  return messages.flatMap((message, at) => {
    if (at < begun) return at === 0 ? [inOne(messages.slice(0, begun))] : [];
    if (!isSystem(message)) return [message];
    tell(`messages.${at}.role (user)`);
    return [{ ...message, role: "user" as const }];
  });
};

const inOne = (messages: readonly Message[]): Message => ({
  ...messages[0],
  role: "system",
  blocks: messages.flatMap(({ blocks }) => blocks),
});
