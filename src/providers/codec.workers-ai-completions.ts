/** Completions of Workers AI's own run endpoint (developers.cloudflare.com/workers-ai/models, "Prompt"). */
import { defined } from "../lib/defined.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { completionOf, promptOf, unsaidFields } from "./completion-text.ts";
import { readStreamError } from "./openai-chat.errors.ts";
import { readUsage } from "./openai-chat.words.ts";
import type { TextFrames } from "./text-stream.ts";
import { jsonFrames, textStream } from "./text-stream.ts";

const SAID = names("frequency_penalty presence_penalty seed");

export const workersAiCompletions: Codec = {
  write(body, { provider }) {
    const { raw, lora, max_tokens, temperature, top_p, top_k, seed, repetition_penalty, stream } = body;
    const { frequency_penalty, presence_penalty } = body;
    const written = defined({
      prompt: promptOf(body, provider),
      raw,
      lora,
      max_tokens,
      temperature,
      top_p,
      top_k,
      seed,
      repetition_penalty,
      frequency_penalty,
      presence_penalty,
      stream: stream === true ? true : undefined,
    });
    return { body: written, notes: unsaidFields(body, SAID) };
  },
  read({ json }, context) {
    const result: JsonObject = isObject(json?.["result"]) ? json["result"] : {};
    const { response, usage } = result;
    if (!isString(response)) throw new MalformedReply("The reply has no result.response", json);
    return completionOf([{ text: response, finish: "stop" }], usage, context);
  },
  readStream: (context) => textStream(FRAMES, context),
};

/** A piece each, the counts in one of them; why it ends is not said. */
const FRAMES: TextFrames = jsonFrames((chunk) => {
  const { response, usage, success } = chunk;
  if (success === false) return { fault: readStreamError(chunk) };
  return {
    // A token that is a number comes as one.
    pieces: isString(response) || isNumber(response) ? [{ choice: 0, text: String(response) }] : [],
    usage: isObject(usage) ? readUsage(usage) : undefined,
  };
});
