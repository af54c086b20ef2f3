/**
 * Text completions of Cohere (`GenerateRequest`, `Generation` of cohere-ai): deprecated, and "available to existing
 * users until retirement" (docs.cohere.com/docs/deprecations). Whole answers are asked for: its stream is not read.
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Finish } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import { listed } from "./bedrock-completions.ts";
import { names } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { completionOf, isOpenaiField, piecesIn, promptOf, unsaidFields } from "./completion-text.ts";

/** OpenAI's fields that it has a word for. */
const SAID = names("frequency_penalty logit_bias n presence_penalty seed stop");
const OWN = names("end_sequences preset raw_prompting return_likelihoods stop_sequences truncate");

export const cohereCompletions: Codec = {
  write(body, { provider }) {
    const { model, max_tokens, temperature, top_p: p, top_k: k, stop, n, ...more } = body;
    const { frequency_penalty, presence_penalty, logit_bias, seed, prompt: _, stream: __, ...rest } = more;
    const others = Object.entries(rest).filter(([name]) => !isOpenaiField(name));
    const said = {
      model,
      max_tokens,
      temperature,
      p,
      k,
      frequency_penalty,
      presence_penalty,
      logit_bias,
      seed,
    };
    return {
      body: {
        ...defined({ ...said, num_generations: n, end_sequences: listed(stop) }),
        prompt: promptOf(body, provider),
        ...Object.fromEntries(others.filter(([name]) => OWN.has(name))),
      },
      notes: [
        ...unsaidFields(body, SAID),
        ...others.filter(([name]) => !OWN.has(name)).map(([name]) => name),
      ],
    };
  },
  read({ json = {} }, context) {
    const pieces = piecesIn(json["generations"], "text", "finish_reason");
    if (pieces === undefined || pieces.length === 0) throw new MalformedReply("The reply has no text", json);
    const choices = pieces.map(({ text, reason }) => ({ text, finish: finishOf(reason) }));
    return { ...completionOf(choices, usageOf(json["meta"]), context), ...defined({ id: json["id"] }) };
  },
};

/** `FinishReason` of cohere-ai. */
const FINISHES = table<Finish>({
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop",
  MAX_TOKENS: "length",
  ERROR_LIMIT: "length",
  ERROR_TOXIC: "content-filter",
});

const finishOf = (reason: JsonValue | undefined): Finish =>
  (isString(reason) ? FINISHES.get(reason) : undefined) ?? "unknown";

const usageOf = (meta: JsonValue | undefined): JsonObject | undefined => {
  const billed = isObject(meta) && isObject(meta["billed_units"]) ? meta["billed_units"] : {};
  const { input_tokens: input, output_tokens: output } = billed;
  if (!isNumber(input) || !isNumber(output)) return undefined;
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
};
