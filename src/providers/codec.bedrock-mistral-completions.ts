/**
 * Text completions of Mistral's models on Bedrock
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-mistral-text-completion.html).
 */
import { defined } from "../lib/defined.ts";
import type { TextFamily } from "./bedrock-completions.ts";
import { bedrockCompletions, listed, OPENAI_FINISHES, unsaid } from "./bedrock-completions.ts";
import { piecesIn, promptOf } from "./completion-text.ts";

const texts: TextFamily["texts"] = ({ outputs }) => piecesIn(outputs, "text", "stop_reason");

export const bedrockMistralCompletions = bedrockCompletions({
  write(body, provider) {
    const { max_tokens, temperature, top_p, top_k, stop, ...rest } = body;
    const written = defined({ max_tokens, temperature, top_p, top_k, stop: listed(stop) });
    return { body: { prompt: promptOf(body, provider), ...written }, notes: unsaid(rest) };
  },
  texts,
  chunk: texts,
  finishes: OPENAI_FINISHES,
});
