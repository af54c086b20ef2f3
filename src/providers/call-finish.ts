/**
 * Why an answer ended, as its calls show it: clients run tools, or stop, by the word alone. Bedrock says `end_turn`
 * behind calls and `tool_use` behind none (github.com/strands-rl/strands-env/pull/252); Cohere says `TOOL_CALL` without
 * a call (github.com/mozilla-ai/any-llm/pull/1301) and another word with one (github.com/ENTERPILOT/GoModel/pull/581).
 */
import type { Finish } from "../schema/chat.ts";

export const settled = (finish: Finish, hasCalls: boolean): Finish => {
  if (finish === "stop" && hasCalls) return "tool-calls";
  return finish === "tool-calls" && !hasCalls ? "stop" : finish;
};
