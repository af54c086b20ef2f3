/**
 * The words of `reasoning_effort` that vendors' models take, where their refusal of every other is on record.
 *
 * Groq: "must be one of `none` or `default`" of Qwen (github.com/earendil-works/pi/issues/1745), and three words of
 * gpt-oss (console.groq.com/docs/reasoning). Mistral: its own models and the GLM it hosts
 * (github.com/withceleste/celeste-python/pull/311, github.com/mistralai/mistral-vibe/issues/1117). Fireworks:
 * docs.fireworks.ai/guides/reasoning. Kimi K3: java.agentscope.io/v2/en/integration/model/kimi. Ollama: "invalid
 * reasoning value" of `FromChatRequest` in its openai/openai.go.
 * xAI: docs.x.ai/docs/guides/reasoning, github.com/mnfst/modelparams.dev/pull/330.
 */
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import type { KnownEfforts } from "../schema/provider-row.ts";
import { patternOf } from "./patterns.ts";

/** The word to say in place of the body's, or undefined where that is known, or nothing is known of the model. */
export const nearestEffort = (
  known: readonly KnownEfforts[],
  { model, reasoning_effort: asked }: JsonObject,
): string | undefined => {
  if (!isString(asked) || !isString(model)) return undefined;
  const words = known.find(({ models }) => patternOf(models).test(model))?.words;
  return words === undefined || words.includes(asked) ? undefined : nearestWord(words, asked);
};

/** The first of the words that is not less than what is asked, else the greatest; undefined for a word of no scale. */
export const nearestWord = (words: readonly string[], asked: string): string | undefined => {
  const strength = STRENGTHS.indexOf(asked);
  if (strength === -1 || words.includes(asked)) return words.find((word) => word === asked);
  // Who asks for some thinking is not answered without any.
  const some = words.filter((word) => word !== "none");
  return some.find((word) => strengthOf(word) >= strength) ?? some.at(-1);
};

const STRENGTHS: readonly string[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** A word that is on no scale stands for whatever is more than nothing. */
const strengthOf = (word: string): number =>
  STRENGTHS.includes(word) ? STRENGTHS.indexOf(word) : STRENGTHS.length;

const knownOf = (...known: readonly KnownEfforts[]): readonly KnownEfforts[] => Object.freeze(known);

const GPT_OSS: KnownEfforts = { models: "gpt-oss", words: ["low", "medium", "high"] };

export const GROQ_EFFORTS = knownOf({ models: "qwen", words: ["none", "default"] }, GPT_OSS);

export const MISTRAL_EFFORTS = knownOf(
  { models: "^(?:mistral|magistral|ministral|devstral|codestral)", words: ["none", "high"] },
  { models: "glm-5", words: ["low", "high", "max"] },
);

export const FIREWORKS_EFFORTS = knownOf(
  GPT_OSS,
  { models: "kimi-k2", words: ["low", "medium", "high"] },
  { models: "glm-5", words: ["none", "high", "max"] },
  { models: "deepseek-v4", words: ["none", "low", "medium", "high", "xhigh"] },
);

export const KIMI_EFFORTS = knownOf({ models: "^kimi-k3", words: ["low", "high", "max"] });

export const OLLAMA_EFFORTS = knownOf({ models: "", words: ["none", "low", "medium", "high", "max"] });

export const GROK_WORDS = knownOf(
  { models: "^grok-3-mini", words: ["low", "high"] },
  { models: "^grok-4[.]5", words: ["low", "medium", "high"] },
  { models: "^grok-4[.]6", words: ["low", "medium", "high", "xhigh"] },
);

/** Cerebras and Together, which serve others beside it: docs.together.ai/docs/inference/chat/reasoning. */
export const OPEN_EFFORTS = knownOf(GPT_OSS);
