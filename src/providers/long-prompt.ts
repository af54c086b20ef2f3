/**
 * A prompt that is longer than its model takes, told in the words that clients look for, for they shorten it then and
 * ask again. Claude Code knows Anthropic's "prompt is too long" and no other's (github.com/raine/claude-code-proxy/pull/29,
 * github.com/Alishahryar1/free-claude-code/issues/263), OpenAI's clients the code of github.com/openai/codex/issues/20866.
 */
import type { Fault } from "../schema/chat.ts";

/** The code that OpenAI's clients know of it; any other fault keeps its own. */
export const openaiCode = (fault: Fault): string | null => (isLongPrompt(fault) ? CODE : fault.code);

/** The message that Anthropic's clients know of it; any other fault keeps its own. */
export const anthropicMessage = (fault: Fault): string =>
  isLongPrompt(fault) && !ANTHROPICS.test(fault.message)
    ? `prompt is too long: ${fault.message}`
    : fault.message;

const CODE = "context_length_exceeded";

const isLongPrompt = ({ status, code, message }: Fault): boolean =>
  code === CODE || (STATUSES.includes(status) && WORDS.some((words) => words.test(message)));

const STATUSES: readonly number[] = [400, 413, 422];

/** Claude Code lessens its `max_tokens` at the second. */
const ANTHROPICS = /prompt is too long|exceed context limit/i;

/** Of Anthropic; Bedrock; OpenAI and vLLM; OpenAI's Responses API and llama.cpp; SGLang; Gemini. */
const WORDS: readonly RegExp[] = [
  ANTHROPICS,
  /input is too long/i,
  /maximum context length/i,
  /exceeds? the (?:available )?context (?:window|size|length)/i,
  /longer than the model's context length/i,
  /exceeds the maximum number of tokens allowed/i,
];
