/**
 * Text completions of Cohere's Command and Command Light on Bedrock
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-cohere-command.html). Command R is another API.
 * Both models ended their life on 12 August 2025 (…/model-lifecycle.html).
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Finish } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import { bedrockCompletions, listed, unsaid } from "./bedrock-completions.ts";
import { piecesIn, promptOf } from "./completion-text.ts";

export const bedrockCohereCompletions = bedrockCompletions({
  write(body, provider) {
    const { max_tokens, temperature, top_p: p, top_k: k, stop, n, ...more } = body;
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
    });
    return { body: { prompt: promptOf(body, provider), ...written }, notes: unsaid(rest) };
  },
  texts({ generations }) {
    const pieces = piecesIn(generations, "text", "finish_reason");
    if (pieces?.some(({ reason }) => reason === "ERROR") === true)
      throw new MalformedReply("A generation ended with an error");
    return pieces;
  },
  finishes: table<Finish>({
    COMPLETE: "stop",
    MAX_TOKENS: "length",
    ERROR_TOXIC: "content-filter",
  }),
});
