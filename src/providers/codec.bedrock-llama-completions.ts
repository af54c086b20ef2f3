/** Text completions of Meta's models on Bedrock (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-meta.html). */
import { defined } from "../lib/defined.ts";
import { isString } from "../schema/json.ts";
import type { TextFamily } from "./bedrock-completions.ts";
import { bedrockCompletions, OPENAI_FINISHES, unsaid } from "./bedrock-completions.ts";
import { promptOf } from "./completion-text.ts";

const texts: TextFamily["texts"] = ({ generation: text, stop_reason: reason }) =>
  isString(text) ? [{ text, reason }] : undefined;

export const bedrockLlamaCompletions = bedrockCompletions({
  write(body, provider) {
    const { max_tokens: max_gen_len, temperature, top_p, ...rest } = body;
    const written = defined({ max_gen_len, temperature, top_p });
    return { body: { prompt: promptOf(body, provider), ...written }, notes: unsaid(rest) };
  },
  texts,
  chunk: texts,
  counts: ({ prompt_token_count: input, generation_token_count: output }) => [input, output],
  finishes: OPENAI_FINISHES,
});
