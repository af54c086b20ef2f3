/**
 * Text completions of Cohere's first version (`GenerateRequest`, `Generation` and `GenerateStreamedResponse` of
 * cohere-ai). The endpoint is deprecated for the chat and closed to newcomers: docs.cohere.com/docs/deprecations
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Finish, Usage } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { listed, unsaid } from "./bedrock-completions.ts";
import type { Codec } from "./codec.ts";
import { completionOf, piecesIn, promptOf } from "./completion-text.ts";
import { readStreamError } from "./openai-chat.errors.ts";
import type { Heard } from "./text-stream.ts";
import { jsonFrames, textStream } from "./text-stream.ts";

export const cohereCompletions: Codec = {
  write(body, { provider }) {
    const { model, max_tokens, temperature, top_p, top_k, stop, n, seed, stream, ...more } = body;
    const { p = top_p, k = top_k, frequency_penalty, presence_penalty, logit_bias, ...others } = more;
    const { truncate, preset, raw_prompting, return_likelihoods, ...rest } = others;
    const written = defined({
      model,
      max_tokens,
      temperature,
      p,
      k,
      end_sequences: listed(stop), // they are cut off the text, as OpenAI's are; `stop_sequences` are not
      num_generations: n,
      seed,
      frequency_penalty,
      presence_penalty,
      logit_bias,
      truncate,
      preset,
      raw_prompting,
      return_likelihoods,
      stream: stream === true ? true : undefined,
    });
    return { body: { prompt: promptOf(body, provider), ...written }, notes: unsaid(rest) };
  },
  read({ json }, context) {
    const pieces = piecesIn(json?.["generations"], "text", "finish_reason") ?? [];
    if (pieces.length === 0) throw new MalformedReply("The reply has no generations", json);
    if (pieces.some(({ reason }) => reason === "ERROR"))
      throw new MalformedReply("A generation ended with an error");
    const choices = pieces.map(({ text, reason }) => ({ text, finish: finishOf(reason) }));
    const usage = usageOf(json?.["meta"]);
    return { ...completionOf(choices, usage && countsOf(usage), context), ...defined({ id: json?.["id"] }) };
  },
  readStream: (context) => textStream(jsonFrames(hear), context),
};

/** `FinishReason` of cohere-ai. */
const FINISHES = table<Finish>({
  COMPLETE: "stop",
  MAX_TOKENS: "length",
  ERROR_LIMIT: "length",
  ERROR_TOXIC: "content-filter",
});

const finishOf = (reason: JsonValue | undefined): Finish =>
  (isString(reason) ? FINISHES.get(reason) : undefined) ?? "unknown";

/** The last event holds the whole texts again, and why each of them ended. */
const hear = (event: JsonObject): Heard => {
  const { text, index, response, finish_reason: reason, err } = event;
  if (isString(err) || reason === "ERROR")
    return { fault: readStreamError({ message: isString(err) ? err : "The generation failed" }) };
  if (event["is_finished"] !== true)
    return { pieces: isString(text) ? [{ choice: isNumber(index) ? index : 0, text }] : [] };
  const { generations, meta } = isObject(response) ? response : {};
  const all = isArray(generations) ? generations.filter(isObject) : [{}];
  const pieces = all.map((generation: JsonObject, at) => ({
    choice: isNumber(generation["index"]) ? generation["index"] : at,
    text: "",
    finish: finishOf(generation["finish_reason"] ?? reason),
  }));
  return { pieces, usage: usageOf(meta), isLast: true };
};

const usageOf = (meta: JsonValue | undefined): Usage | undefined => {
  const { tokens, billed_units: billed } = isObject(meta) ? meta : {};
  const counts = isObject(tokens) ? tokens : billed;
  if (!isObject(counts)) return undefined;
  const { input_tokens: input, output_tokens: output } = counts;
  return { input: isNumber(input) ? input : 0, output: isNumber(output) ? output : 0 };
};

const countsOf = ({ input, output }: Usage): JsonObject => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
});
