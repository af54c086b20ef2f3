/**
 * Completions of Triton's generate extension.
 *
 * github.com/triton-inference-server/server, docs/protocol/extension_generate.md; the inputs are those of
 * the language models of tensorrtllm_backend. A model has inputs of its own, so other fields go on.
 */
import { defined } from "../lib/defined.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Codec } from "./codec.ts";
import { completionOf, isOpenaiField, promptOf, unsaidFields } from "./completion-text.ts";

/** The model cannot do without a limit. */
const LIMIT = 100;

const SAID = names("frequency_penalty presence_penalty seed stop");

export const tritonCompletions: Codec = {
  write(body, { provider }) {
    const { prompt: _, model: __, stream: ___, max_tokens: limit, stop, ...rest } = body;
    const inputs = Object.entries(rest).filter(([name]) => SAID.has(name) || !isOpenaiField(name));
    const written = {
      ...Object.fromEntries(inputs),
      text_input: promptOf(body, provider),
      max_tokens: limit ?? LIMIT,
      ...defined({ stop_words: wordsOf(stop) }),
    };
    return { body: written, notes: unsaidFields(body, SAID) };
  },
  read({ json }, context) {
    const text = json?.["text_output"];
    const said = isArray(text) ? text[0] : text;
    if (!isString(said)) throw new MalformedReply("The reply has no text_output", json);
    const model = json?.["model_name"];
    const choice = { text: said, finish: "stop" } as const;
    return completionOf([choice], undefined, isString(model) ? { ...context, model } : context);
  },
};

const wordsOf = (stop: JsonValue | undefined): JsonObject[string] => {
  if (isString(stop)) return [stop];
  return stop ?? undefined;
};
