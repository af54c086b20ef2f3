/**
 * Text completions of Cohere's Command and Command Light on Bedrock
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-cohere-command.html). Command R is another API.
 * Both models ended their life on 12 August 2025 (…/model-lifecycle.html).
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Finish } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { bedrockCompletions, listed, unsaid } from "./bedrock-completions.ts";
import type { Piece } from "./completion-text.ts";
import { piecesIn, promptOf } from "./completion-text.ts";

export const bedrockCohereCompletions = bedrockCompletions({
  write(body, provider) {
    const { max_tokens, temperature, top_p: p, top_k: k, stop, n, stream, ...more } = body;
    const { logit_bias, return_likelihoods, truncate, ...rest } = more;
    const written = defined({
      max_tokens,
      temperature,
      p,
      k,
      stop_sequences: listed(stop),
      num_generations: n,
      logit_bias,
      return_likelihoods,
      truncate,
      stream: stream === true ? true : undefined, // "Required to support streaming"
    });
    return { body: { prompt: promptOf(body, provider), ...written }, notes: unsaid(rest) };
  },
  texts: ({ generations }) => unfailed(piecesIn(generations, "text", "finish_reason")),
  chunk: (chunk) => {
    const { generations } = chunk;
    return unfailed(isArray(generations) ? generations.filter(isObject).map(pieceOf) : [pieceOf(chunk)]);
  },
  finishes: table<Finish>({
    COMPLETE: "stop",
    MAX_TOKENS: "length",
    ERROR_TOXIC: "content-filter",
  }),
});

/** `index` is there where there is more than one generation; only the last piece has no text. */
const pieceOf = ({ text, finish_reason: reason, index }: JsonObject): Piece => ({
  text: isString(text) ? text : "",
  reason,
  choice: isNumber(index) ? index : undefined,
});

const unfailed = (pieces: readonly Piece[] | undefined): readonly Piece[] | undefined => {
  if (pieces?.some(({ reason }) => reason === "ERROR") !== true) return pieces;
  throw new MalformedReply("A generation ended with an error");
};
