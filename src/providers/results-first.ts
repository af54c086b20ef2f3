/**
 * What tools said stands right behind their calls, whatever their client put between.
 *
 * Gemini's clients put a file that was read behind its response and before the next one (Gemini CLI 0.61 does), and
 * those of the Responses API, which finds results by their ids, a user's message anywhere. OpenAI's chat API refuses
 * a call whose result does not follow ("must be followed by tool messages responding to each 'tool_call_id'"), and
 * Anthropic's a result behind other content
 * (https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls).
 */
import type { Message } from "../schema/chat.ts";

export const resultsFirst = (messages: readonly Message[]): readonly Message[] => {
  const ordered: Message[] = [];
  let heard: Message[] = []; // since the model last spoke
  for (const message of messages) {
    if (message.role === "assistant") {
      ordered.push(...sorted(heard, ordered), message);
      heard = [];
    } else heard.push(message);
  }
  return [...ordered, ...sorted(heard, ordered)];
};

/** Before the model spoke there is nothing that a result could answer. */
const sorted = (heard: readonly Message[], before: readonly Message[]): readonly Message[] =>
  before.length === 0 ? heard : [...heard.filter(isResult), ...heard.filter((message) => !isResult(message))];

const isResult = ({ role }: Message): boolean => role === "tool";
