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
import type { TextFrames } from "./text-stream.ts";
import { jsonFrames, textStream } from "./text-stream.ts";

/** The model cannot do without a limit. */
const LIMIT = 100;

const SAID = names("frequency_penalty presence_penalty seed stop");

export const tritonCompletions: Codec = {
  write(body, { provider }) {
    const { prompt: _, model: __, stream, accumulate_tokens: sums, max_tokens: limit, stop, ...rest } = body;
    const inputs = Object.entries(rest).filter(([name]) => SAID.has(name) || !isOpenaiField(name));
    const streams = stream === true;
    const written = {
      ...Object.fromEntries(inputs),
      text_input: promptOf(body, provider),
      max_tokens: limit ?? LIMIT,
      ...defined({ stop_words: wordsOf(stop) }),
      ...(streams ? { stream: true } : defined({ accumulate_tokens: sums })),
    };
    // A chunk of OpenAI's says what is new, not all that there is.
    const summing = streams && sums === true ? ["accumulate_tokens"] : [];
    return { body: written, notes: [...unsaidFields(body, SAID), ...summing] };
  },
  read({ json }, context) {
    const said = textOf(json ?? {});
    if (said === undefined) throw new MalformedReply("The reply has no text_output", json);
    const model = json?.["model_name"];
    const choice = { text: said, finish: "stop" } as const;
    return completionOf([choice], undefined, isString(model) ? { ...context, model } : context);
  },
  readStream: (context) => textStream(FRAMES, context),
};

/** An answer each; why and where the last of them ends is not said. */
const FRAMES: TextFrames = {
  ...jsonFrames((chunk) => {
    const { model_name: model } = chunk;
    const text = textOf(chunk);
    return {
      model: isString(model) ? model : undefined,
      pieces: text === undefined ? [] : [{ choice: 0, text }],
    };
  }),
  endsWhenClosed: true,
};

const textOf = ({ text_output: text }: JsonObject): string | undefined => {
  const said = isArray(text) ? text[0] : text;
  return isString(said) ? said : undefined;
};

const wordsOf = (stop: JsonValue | undefined): JsonObject[string] => {
  if (isString(stop)) return [stop];
  return stop ?? undefined;
};
