/**
 * Text completions of Amazon's Titan Text models on Bedrock
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-text.html).
 *
 * For a conversation that document asks for `User: …\nBot:` around the words; what is completed here is the prompt
 * alone. The models have ended their life (…/model-lifecycle.html, "EOL versions").
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Finish } from "../schema/chat.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { bedrockCompletions, listed, unsaid } from "./bedrock-completions.ts";
import { piecesIn, promptOf } from "./completion-text.ts";

export const bedrockTitanCompletions = bedrockCompletions({
  write(body, provider) {
    const { max_tokens: maxTokenCount, temperature, top_p: topP, stop, ...rest } = body;
    const config = defined({ maxTokenCount, temperature, topP, stopSequences: listed(stop) });
    const inputText = promptOf(body, provider);
    const isBare = Object.keys(config).length === 0;
    return {
      body: isBare ? { inputText } : { inputText, textGenerationConfig: config },
      notes: unsaid(rest),
    };
  },
  texts: ({ results }) => piecesIn(results, "outputText", "completionReason"),
  // A chunk's `index` is its place in the stream.
  chunk: ({ outputText: text, completionReason: reason }) =>
    isString(text) ? [{ text, reason }] : undefined,
  counts: ({ inputTextTokenCount: input, results }) => {
    const [result] = isArray(results) ? results : [];
    return [input, isObject(result) ? result["tokenCount"] : undefined];
  },
  // The document says FINISHED, the service FINISH.
  finishes: table<Finish>({
    FINISH: "stop",
    FINISHED: "stop",
    STOP_CRITERIA_MET: "stop-sequence",
    LENGTH: "length",
    CONTENT_FILTERED: "content-filter",
  }),
});
