/**
 * One message of the system, before all others.
 *
 * Clients of Anthropic's API say things as the system amid a conversation (Claude Code lists its agents so), and those of
 * the Responses API as the developer. Templates of open models refuse it: "System message must be at the beginning"
 * (github.com/anthropics/claude-code/issues/77698, github.com/vllm-project/vllm/issues/41114; of MiniMax too:
 * github.com/can1357/oh-my-pi/issues/958). It is a user's word then, and keeps its place: what comes before stays as the
 * server has it in its cache. What several say first, as Codex and its developer do, is one message.
 */
import type { Message } from "../schema/chat.ts";
import type { Note } from "./dialect.ts";

/** Models whose template refuses it whoever serves them. */
const SYSTEM_FIRST = /qwen|minimax/i;

export const systemFirst = (
  messages: readonly Message[],
  { model, isAsked }: { readonly model: string; readonly isAsked: boolean },
  notes: Set<Note>,
): readonly Message[] => {
  if (!isAsked && !SYSTEM_FIRST.test(model)) return messages;
  const begun = messages.findIndex((message) => !isSystem(message));
  const leading = begun === -1 ? messages.length : begun;
  const turns: Turn[] =
    leading === 0
      ? []
      : [{ message: { ...joined(messages.slice(0, leading)), role: "system" }, isMoved: false }];
  for (const [at, message] of messages.entries()) {
    if (at < leading) continue;
    const isMoved = isSystem(message);
    if (isMoved) notes.add(`messages.${at}.role (user)`);
    add(turns, { message: isMoved ? { ...message, role: "user" } : message, isMoved });
  }
  return turns.map(({ message }) => message);
};

interface Turn {
  readonly message: Message;
  /** It was the system's: users who speak beside it speak in the same turn. */
  readonly isMoved: boolean;
}

const add = (turns: Turn[], turn: Turn): void => {
  const last = turns.at(-1);
  const isOne =
    last?.message.role === "user" && turn.message.role === "user" && (last.isMoved || turn.isMoved);
  if (!isOne) turns.push(turn);
  else turns.splice(-1, 1, { message: joined([last.message, turn.message]), isMoved: true });
};

const joined = (messages: readonly Message[]): Message => {
  const [first = { role: "system", blocks: [] }] = messages;
  return { ...first, blocks: messages.flatMap(({ blocks }) => blocks) };
};

const isSystem = ({ role }: Message): boolean => role === "system" || role === "developer";
