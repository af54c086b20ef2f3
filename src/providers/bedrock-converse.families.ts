/**
 * Whose model a Bedrock model name stands for, and what that vendor's models take beyond Converse's fields.
 *
 * Sources: docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html, one page per vendor, and
 * docs.aws.amazon.com/nova/latest/userguide/using-converse-api.html.
 */
import { table } from "../lib/table.ts";
import type { Chat } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";

export interface Family {
  /** Amazon's Nova, whose own body is Converse's but for a little. */
  readonly isNova: boolean;
  /** Claude's own rules for thinking, sampling and tools apply. */
  readonly isClaude: boolean;
  /** The name tells nothing: what only Claude's clients say is passed on. */
  readonly mayBeClaude: boolean;
  /** Whether it takes cache points, which others refuse; whether among the tools too, and for an hour. */
  readonly caches: boolean;
  readonly cachesTools: boolean;
  readonly cachesAnHour: boolean;
  /** Whether a tool may be strict; elsewhere the word alone is refused. */
  readonly strictTools: boolean;
  /** Whether its answer may be held to a schema: many of Claude refuse one. */
  readonly formats: boolean;
  /** Whether it can be told to make one call at a time. */
  readonly callsSingly: boolean;
  /** Which calls it can be told to make. */
  readonly forces: "any" | "named" | "none";
  /** Whether results of tools may hold images, and say that they are errors. */
  readonly richResults: boolean;
  /** Whether words may stand in one turn with calls and their results. */
  readonly mixesTurns: boolean;
  /** Whether it takes back what it thought, with a signature. */
  readonly rethinks: boolean;
  /** Whether temperature and top_p are its client's to say, and where it is to stop. */
  readonly samples: boolean;
  readonly stops: boolean;
  /** Whether it is told anything before the conversation. */
  readonly hasSystem: boolean;
  /** Whether ids of calls are as short as Mistral's own. */
  readonly shortIds: boolean;
  /** Additional model request fields of a canonical field, in the vendor's spelling. */
  readonly fields: Readonly<Partial<Record<FamilyField, (value: number) => JsonObject>>>;
  /** How an effort is said, and which words are taken. */
  readonly effort?: FamilyEffort;
}

export interface FamilyEffort {
  readonly words: readonly string[];
  /** The word beside which nothing may be said of length and sampling. */
  readonly alone?: string;
  write(word: string): JsonObject;
}

export type FamilyField = "top_k" | "seed" | "frequency_penalty" | "presence_penalty";

/** `foundation` is what the operator says a name that tells nothing (an application's profile) stands for. */
export const familyOf = (model: string, foundation: string | undefined): Family => {
  const name = nameOf(foundation ?? model);
  if (/claude/i.test(name)) return claudeOf(name);
  if (/nova-2/i.test(name)) return NOVA_2;
  if (/nova-/i.test(name)) return NOVA_1;
  const own = NAMED.find(([pattern]) => pattern.test(name))?.[1];
  if (own !== undefined) return own;
  const parts = name.toLowerCase().split(".");
  // A name starts with the vendor, or with a region and then the vendor: us.amazon.nova-pro-v1:0.
  const vendor = parts.find((part) => VENDORS.has(part));
  if (vendor !== undefined) return VENDORS.get(vendor) ?? PLAIN;
  return parts.length > 1 ? PLAIN : UNKNOWN;
};

/** What the family takes of a field; undefined where it has no word for it. */
export const familyField = (family: Family, field: FamilyField, value: number): JsonObject | undefined =>
  family.fields[field]?.(value);

/** The canonical values of the fields that only some families take. */
export const familyValues = (chat: Chat): readonly (readonly [FamilyField, number | undefined])[] => [
  ["top_k", chat.topK],
  ["seed", chat.seed],
  ["frequency_penalty", chat.frequencyPenalty],
  ["presence_penalty", chat.presencePenalty],
];

/** An ARN ends with the model or the profile: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0 */
const nameOf = (model: string): string => {
  const plain = decoded(model);
  return plain.slice(plain.lastIndexOf("/") + 1);
};

const decoded = (model: string): string => {
  try {
    return decodeURIComponent(model);
  } catch {
    return model;
  }
};

const family = (known: Partial<Family>): Family =>
  Object.freeze({
    isNova: false,
    isClaude: false,
    mayBeClaude: false,
    caches: false,
    cachesTools: false,
    cachesAnHour: false,
    strictTools: false,
    formats: true,
    callsSingly: false,
    forces: "named",
    richResults: false,
    mixesTurns: true,
    rethinks: false,
    samples: true,
    stops: true,
    hasSystem: true,
    shortIds: false,
    fields: {},
    ...known,
  });

const as =
  (name: string) =>
  (value: number): JsonObject => ({ [name]: value });

/**
 * "Structured outputs" names Claude 4.5, Opus 4.6 and vendors of open models (userguide/structured-output.html). Others
 * of Claude answer `strict` with 400, and no version tells which: Sonnet 4, Opus 4.7 and 4.8, Sonnet 5
 * (github.com/BerriAI/litellm/issues/33193), Opus 5.5 and Fable 5.1 (github.com/lobehub/lobehub/issues/19876).
 */
const STRICT_CLAUDE = /claude-\w+-4[-.][56](?!\d)|claude-(?:opus|fable)-5(?![-.]?\d(?!\d))/i;

/**
 * Who refuses `strict` refuses schemas of answers, too ("output_config.format: Extra inputs are not permitted":
 * github.com/vercel/ai/pull/17919), but for Opus 4.1 (github.com/anomalyco/models.dev/pull/1765).
 */
const FORMED_CLAUDE = /claude-opus-4[-.]1(?!\d)/i;

const PLAIN = family({});
const OPEN = family({ strictTools: true });
/** Before 4.5. */
const OLD_CLAUDE = /claude-(?:instant|v?[123])|claude-\w+-4(?:[-.]1)?(?:-\d{8}|$)/i;
/** Before prompts were cached (userguide/prompt-caching.html, "Supported models"). */
const FIRST_CLAUDE = /claude-(?:instant|v?[12]|3-(?:opus|sonnet|haiku)|3-5-sonnet-20240620)/i;
const claudeOf = (name: string): Family => {
  const caches = !FIRST_CLAUDE.test(name);
  const isNew = !OLD_CLAUDE.test(name);
  return family({
    isClaude: true,
    caches,
    cachesTools: caches,
    cachesAnHour: isNew,
    strictTools: STRICT_CLAUDE.test(name),
    formats: STRICT_CLAUDE.test(name) || FORMED_CLAUDE.test(name),
    callsSingly: isNew,
    richResults: true,
    rethinks: true,
  });
};
/** A name that tells nothing: what most vendors call it. */
const UNKNOWN = family({
  mayBeClaude: true,
  caches: true,
  cachesTools: true,
  cachesAnHour: true,
  richResults: true,
  rethinks: true,
  fields: { top_k: as("top_k") },
});

const AMAZON = {
  fields: { top_k: (topK: number) => ({ inferenceConfig: { topK } }) },
} as const;
// "Tools caching is not supported" by Amazon's models: userguide/prompt-caching.html
const NOVA_1 = family({ ...AMAZON, isNova: true, caches: true, strictTools: true, richResults: true });
const NOVA_2 = family({
  ...NOVA_1,
  rethinks: true,
  // docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html, github.com/UKGovernmentBEIS/inspect_ai/issues/3767
  effort: {
    words: ["low", "medium", "high"],
    alone: "high",
    write: (word) => ({ reasoningConfig: { type: "enabled", maxReasoningEffort: word } }),
  },
});

/** "R1 supports stop sequences, but V3.1 does not" (github.com/langchain-ai/langchain-aws/issues/664). */
const DEEPSEEK_3 = family({ ...OPEN, stops: false });

/**
 * OpenAI's own models: "This model doesn't support the temperature field", topP or cache points
 * (github.com/aws-samples/sample-spec-driven-presentation-maker/pull/349), efforts as their Responses API says them and
 * thoughts that come back sealed (github.com/anomalyco/opencode/pull/48195).
 */
const gptOf = (words: readonly string[]): Family =>
  family({
    ...OPEN,
    rethinks: true,
    samples: false,
    stops: false,
    effort: { words, write: (word) => ({ reasoning: { effort: word } }) },
  });
const GPT_WORDS = ["low", "medium", "high", "xhigh", "max"];

const MISTRAL = {
  ...OPEN,
  // A named one "is only supported by Anthropic Claude 3 and Amazon Nova models": API_runtime_ToolChoice
  forces: "any",
  shortIds: true,
  fields: { top_k: as("top_k") },
} as const;

/**
 * Models that are not like others of their vendor; GPT-6 Astra always thinks. "This model doesn't support system messages":
 * github.com/danny-avila/LibreChat/issues/6456 (Titan), github.com/567-labs/instructor/issues/1753 (Mistral).
 */
const NAMED: readonly (readonly [RegExp, Family])[] = [
  [/amazon\.titan-/i, family({ ...AMAZON, hasSystem: false })],
  [/mistral\.(?:mistral-7b|mixtral)-/i, family({ ...MISTRAL, hasSystem: false })],
  [/deepseek\.v\d/i, DEEPSEEK_3],
  [/openai\.gpt-6-astra/i, gptOf(GPT_WORDS)],
  [/openai\.(?!gpt-oss)/i, gptOf(["none", ...GPT_WORDS])],
];

/** Kimi's efforts: github.com/langchain-ai/docs/pull/5239, github.com/langchain-ai/langchain-aws/issues/1262 */
const KIMI = family({
  ...OPEN,
  effort: { words: ["low", "high", "max"], write: (word) => ({ reasoning_effort: word }) },
});

const VENDORS = table<Family>({
  ai21: family({
    fields: {
      frequency_penalty: as("frequency_penalty"),
      presence_penalty: as("presence_penalty"),
    },
  }),
  amazon: family(AMAZON),
  cohere: family({
    fields: {
      top_k: as("k"),
      seed: as("seed"),
      frequency_penalty: as("frequency_penalty"),
      presence_penalty: as("presence_penalty"),
    },
  }),
  deepseek: OPEN,
  google: OPEN,
  luma: PLAIN,
  // "This model doesn't support the toolConfig.toolChoice.tool field": github.com/maximhq/bifrost/pull/3196, "…any …"
  // github.com/strands-agents/harness-sdk/pull/1981
  meta: family({ forces: "none", mixesTurns: false }),
  minimax: OPEN,
  mistral: family(MISTRAL),
  moonshot: KIMI,
  moonshotai: KIMI,
  nvidia: OPEN,
  openai: family({
    ...OPEN,
    stops: false, // github.com/crewAIInc/crewAI/issues/4046
    effort: { words: ["low", "medium", "high"], write: (word) => ({ reasoning_effort: word }) },
  }),
  qwen: family({ ...OPEN, stops: false }), // github.com/langgenius/dify-official-plugins/issues/1767
  writer: PLAIN,
});
