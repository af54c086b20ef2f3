/** What cannot be carried, by cell and turn, as the reply names it. A cell that is not here carries everything. */
import type { ClientDialectId, DialectId } from "../../../src/schema/chat.ts";
import type { AskedScene } from "./facts.ts";

type Named = readonly (string | null)[];

const NOTES: Readonly<Partial<Record<`${ClientDialectId} to ${DialectId}, ${AskedScene}`, Named>>> = {
  // Signatures of calls are for clients that ask for more than OpenAI's API has.
  "openai-chat to gemini, tools": ["tool_calls (signature)", null],
  // Anthropic's calls have no place for one, and no thinking was shown that could carry it.
  "anthropic-messages to gemini, tools": ["content.0 (signature)", null],
  // DeepSeek is told to think, and not how much.
  "anthropic-messages to openai-chat, thinking": ["thinking.budget_tokens", "thinking.budget_tokens"],
  // Nobody knows what vendor's model the profile stands for.
  "openai-chat to bedrock-converse, thinking": ["reasoning_effort", "reasoning_effort"],
  "openai-responses to bedrock-converse, thinking": ["reasoning_effort", "reasoning_effort"],
};

/** What the reply of every turn names; null where it names nothing. */
export const notesOf = (client: ClientDialectId, upstream: DialectId, scene: AskedScene): Named =>
  NOTES[`${client} to ${upstream}, ${scene}`] ?? [];
