/** Text completions of servers with their own shape: what they are asked, and OpenAI's object around the answer. */
import type { Finish } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import type { CodecContext } from "./codec.ts";
import { writeFinish } from "./openai-chat.words.ts";

/** The one prompt, as text. */
export const promptOf = ({ prompt }: JsonObject, provider: string): string => {
  if (isString(prompt)) return prompt;
  if (isArray(prompt) && prompt.length === 1 && isString(prompt[0])) return prompt[0];
  throw invalidRequest("prompt", `must be one text for ${provider}`);
};

/**
 * Fields of OpenAI's completions (`CompletionCreateParamsBase` of its SDK) that the server has no word for. A
 * stream's options are for whoever makes the stream.
 */
export const unsaidFields = (body: JsonObject, said: ReadonlySet<string>): readonly string[] =>
  OPENAI_FIELDS.filter((name) => name !== OPTIONS && !said.has(name) && asks(name, body[name]));

const OPTIONS = "stream_options";

const OPENAI_FIELDS: readonly string[] = [
  "best_of",
  "echo",
  "frequency_penalty",
  "logit_bias",
  "logprobs",
  "n",
  "presence_penalty",
  "seed",
  "stop",
  OPTIONS,
  "suffix",
  "user",
];

const asks = (name: string, value: JsonValue | undefined): boolean => {
  if (value === undefined || value === null || value === false) return false;
  return (name === "n" || name === "best_of") && isNumber(value) ? value > 1 : true;
};

export const isOpenaiField = (name: string): boolean => OPENAI_FIELDS.includes(name);

/** One of the texts of an answer, and the vendor's word for why it ended. */
export interface Piece {
  readonly text: string;
  readonly reason?: JsonValue | undefined;
  /** Which of them a piece of a stream belongs to; the first where nothing is said. */
  readonly choice?: number | undefined;
}

/** The texts of a list of objects; what has none is left out. */
export const piecesIn = (
  list: JsonValue | undefined,
  text: string,
  reason: string,
): readonly Piece[] | undefined => {
  if (!isArray(list)) return undefined;
  return list.filter(isObject).flatMap((item) => {
    const said = item[text];
    return isString(said) ? [{ text: said, reason: item[reason] }] : [];
  });
};

export interface CompletionChoice {
  readonly text: string;
  readonly finish: Finish;
}

export const completionOf = (
  choices: readonly CompletionChoice[],
  usage: JsonValue | undefined,
  { model, now, provider }: CodecContext,
): JsonObject => ({
  id: `cmpl-${now}`,
  object: "text_completion",
  created: now,
  model,
  choices: choices.map(({ text, finish }, index) => ({
    index,
    text,
    logprobs: null,
    finish_reason: writeFinish(finish, undefined, true),
  })),
  ...(usage === undefined ? {} : { usage }),
  provider,
});
