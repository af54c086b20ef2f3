/** Completions of Workers AI's own run endpoint (developers.cloudflare.com/workers-ai/models, "Prompt"). */
import { defined } from "../lib/defined.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { completionOf, promptOf, unsaidFields } from "./completion-text.ts";

const SAID = names("frequency_penalty presence_penalty seed");

export const workersAiCompletions: Codec = {
  write(body, { provider }) {
    const { raw, lora, max_tokens, temperature, top_p, top_k, seed, repetition_penalty } = body;
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
    });
    return { body: written, notes: unsaidFields(body, SAID) };
  },
  read({ json }, context) {
    const result: JsonObject = isObject(json?.["result"]) ? json["result"] : {};
    const { response, usage } = result;
    if (!isString(response)) throw new MalformedReply("The reply has no result.response", json);
    return completionOf([{ text: response, finish: "stop" }], usage, context);
  },
};
