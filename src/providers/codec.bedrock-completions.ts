/**
 * Text completions of Meta's and Mistral's models on Bedrock, which InvokeModel takes as they are, without a
 * chat's template (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-meta.html and
 * …/model-parameters-mistral-text-completion.html).
 */
import { defined } from "../lib/defined.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Codec, CodecContext, CodecReply } from "./codec.ts";
import { completionOf, isOpenaiField, promptOf, unsaidFields } from "./completion-text.ts";

export const bedrockLlamaCompletions: Codec = {
  write(body, { provider }) {
    const { max_tokens: max_gen_len, temperature, top_p, ...rest } = body;
    return {
      body: { prompt: promptOf(body, provider), ...defined({ max_gen_len, temperature, top_p }) },
      notes: unsaid(rest, names("")),
    };
  },
  read({ json }, context) {
    const { generation, stop_reason, prompt_token_count, generation_token_count } = json ?? {};
    if (!isString(generation)) throw new MalformedReply("The reply has no generation", json);
    return completed(generation, stop_reason, usageOf(prompt_token_count, generation_token_count), context);
  },
};

export const bedrockMistralCompletions: Codec = {
  write(body, { provider }) {
    const { max_tokens, temperature, top_p, top_k, stop, ...rest } = body;
    const written = defined({ max_tokens, temperature, top_p, top_k, stop: isString(stop) ? [stop] : stop });
    return { body: { prompt: promptOf(body, provider), ...written }, notes: unsaid(rest, names("stop")) };
  },
  read({ json, headers }, context) {
    const outputs = json?.["outputs"];
    const output = isArray(outputs) ? outputs[0] : undefined;
    if (!isObject(output) || !isString(output["text"]))
      throw new MalformedReply("The reply has no outputs", json);
    return completed(output["text"], output["stop_reason"], counted(headers), context);
  },
};

/** Said in the URL or above. */
const SAID = names("model prompt stream");

const unsaid = (rest: JsonObject, said: ReadonlySet<string>): readonly string[] => {
  const foreign = unsaidFields(rest, said);
  const own = Object.keys(rest).filter((name) => !SAID.has(name) && !isOpenaiField(name));
  return [...foreign, ...own];
};

const usageOf = (input: JsonValue | undefined, output: JsonValue | undefined): JsonObject | undefined =>
  isNumber(input) && isNumber(output)
    ? { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
    : undefined;

/** Where the body has no counts, the service tells them. */
const counted = (headers: CodecReply["headers"]): JsonObject | undefined => {
  const [input, output] = ["input", "output"].map((side) =>
    headers?.get(`x-amzn-bedrock-${side}-token-count`),
  );
  return input == null || output == null ? undefined : usageOf(Number(input), Number(output));
};

/** Both vendors say `stop` and `length`, as OpenAI does. */
const completed = (
  text: string,
  reason: JsonValue | undefined,
  usage: JsonObject | undefined,
  context: CodecContext,
): JsonObject => {
  const finish_reason = isString(reason) ? reason : "stop";
  return {
    ...completionOf(text, usage, context),
    choices: [{ index: 0, text, logprobs: null, finish_reason }],
  };
};
