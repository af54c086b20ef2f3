/**
 * Text completions of AI21's Jurassic-2 models on Bedrock
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-jurassic2.html).
 *
 * They have ended their life ("will no longer be supported by November 11, 2024": docs.ai21.com/reference/
 * j2-complete-api-ref), and were never streamed. A penalty is an object, in which `scale` is the number; the third
 * is `countPenalty`.
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Finish } from "../schema/chat.ts";
import type { JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { bedrockCompletions, listed, unsaid } from "./bedrock-completions.ts";
import { promptOf } from "./completion-text.ts";

export const bedrockJurassicCompletions = bedrockCompletions({
  write(body, provider) {
    const { max_tokens: maxTokens, temperature, top_p: topP, stop, ...more } = body;
    const { presence_penalty, frequency_penalty, ...others } = more;
    const { presencePenalty, frequencyPenalty, countPenalty, ...rest } = others;
    const written = defined({
      maxTokens,
      temperature,
      topP,
      stopSequences: listed(stop),
      presencePenalty: presencePenalty ?? scaled(presence_penalty),
      frequencyPenalty: frequencyPenalty ?? scaled(frequency_penalty),
      countPenalty,
    });
    return { body: { prompt: promptOf(body, provider), ...written }, notes: unsaid(rest) };
  },
  texts: ({ completions }) => {
    if (!isArray(completions)) return undefined;
    return completions.filter(isObject).flatMap(({ data, finishReason }) => {
      const text = isObject(data) ? data["text"] : undefined;
      const reason = isObject(finishReason) ? finishReason["reason"] : undefined;
      return isString(text) ? [{ text, reason }] : [];
    });
  },
  finishes: table<Finish>({ endoftext: "stop", stop: "stop-sequence", length: "length" }),
});

const scaled = (penalty: JsonValue | undefined): JsonValue | undefined =>
  isNumber(penalty) ? { scale: penalty } : penalty;
