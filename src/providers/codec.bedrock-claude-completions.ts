/**
 * Anthropic's Text Completions on Bedrock, of Claude 2 and Claude Instant
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-text-completion.html).
 * They ended their life on 21 July 2025 (…/model-lifecycle.html).
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Finish } from "../schema/chat.ts";
import { isString } from "../schema/json.ts";
import type { TextFamily } from "./bedrock-completions.ts";
import { bedrockCompletions, listed, unsaid } from "./bedrock-completions.ts";
import { promptOf } from "./completion-text.ts";

const texts: TextFamily["texts"] = ({ completion: text, stop_reason: reason }) =>
  isString(text) ? [{ text, reason }] : undefined;

export const bedrockClaudeCompletions = bedrockCompletions({
  write(body, provider) {
    const { max_tokens = LIMIT, temperature, top_p, top_k, stop, ...rest } = body;
    const written = defined({ temperature, top_p, top_k, stop_sequences: listed(stop) });
    return {
      body: {
        prompt: inTurns(promptOf(body, provider)),
        max_tokens_to_sample: max_tokens,
        ...written,
      },
      notes: unsaid(rest),
    };
  },
  texts,
  chunk: texts,
  finishes: table<Finish>({ stop_sequence: "stop", max_tokens: "length" }),
});

/** The model cannot do without a limit: this is the document's "default". */
const LIMIT = 200;

const HUMAN = "\n\nHuman:";
const ASSISTANT = "\n\nAssistant:";

/** "You need to format your prompt using alternating \n\nHuman: and \n\nAssistant: conversational turns." */
const inTurns = (prompt: string): string => {
  const asked = prompt.includes(HUMAN) ? prompt : `${HUMAN} ${prompt.replace(/^\s*Human:\s*/, "")}`;
  return asked.lastIndexOf(ASSISTANT) > asked.lastIndexOf(HUMAN) ? asked : asked + ASSISTANT;
};
