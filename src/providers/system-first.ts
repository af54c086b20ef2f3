/**
 * One message of instructions, at the beginning: "System message must be at the beginning" is the answer of models whose
 * template has room for one (github.com/vllm-project/vllm/issues/41114 of Qwen, can1357/oh-my-pi/issues/958 of MiniMax
 * too). Codex sends its own beside the developer's, and more of these as it goes on (EKKOLearnAI/hermes-studio/pull/2688).
 */
import type { Message } from "../schema/chat.ts";
import type { Note } from "./dialect.ts";

export const wantsSystemFirst = (model: string): boolean => /qwen|minimax/i.test(model);

/** What was said later is noted: it holds from the beginning now. */
export const systemFirst = (messages: readonly Message[], notes: Set<Note>): readonly Message[] => {
  const instructions = messages.filter(isInstruction);
  const [first] = instructions;
  if (first === undefined || (instructions.length === 1 && first === messages[0] && first.role === "system"))
    return messages;
  const begin = messages.findIndex((message) => !isInstruction(message));
  messages.forEach((message, at) => {
    if (begin !== -1 && at > begin && isInstruction(message))
      notes.add(`messages.${at} (put at the beginning)`);
  });
  const blocks = instructions.flatMap((message) => message.blocks);
  return [{ role: "system", blocks }, ...messages.filter((message) => !isInstruction(message))];
};

const isInstruction = ({ role }: Message): boolean => role === "system" || role === "developer";
