/** How a Converse model is to sample and think: the common fields, and each vendor's beside them. */
import { defined } from "../lib/defined.ts";
import type { Chat, Reasoning } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { takenBetas } from "./claude.betas.ts";
import { factsOf } from "./claude.models.ts";
import { isNamesake } from "./anthropic-messages.request.ts";
import { writeLimits, writeSampling } from "./claude.thinking.ts";
import type { Family, FamilyEffort } from "./bedrock-converse.families.ts";
import { familyField, familyValues } from "./bedrock-converse.families.ts";
import type { WrittenTools } from "./bedrock-converse.tools.ts";
import type { Note } from "./dialect.ts";
import { nearestWord } from "./efforts.ts";
import { asksFor } from "./idle-values.ts";

export interface Tuning {
  readonly inferenceConfig?: JsonObject;
  readonly additionalModelRequestFields?: JsonObject;
}

export interface TuningInput {
  readonly chat: Chat;
  readonly family: Family;
  /** The name that tells the model's version. */
  readonly model: string;
  readonly tools: WrittenTools;
  /** `anthropic-beta`, as a header or an option says it. */
  readonly betas: string | undefined;
  /** The client's own additional fields, over ours. */
  readonly own: JsonObject;
  readonly notes: Note[];
}

export const writeTuning = (input: TuningInput): Tuning => {
  const { common, additional } = input.family.isClaude ? claudeTuning(input) : plainTuning(input);
  const inferenceConfig = defined({ ...common, stopSequences: writeStop(input) });
  const fields = defined({ ...merged(additional, input.own) });
  return {
    ...(Object.keys(inferenceConfig).length === 0 ? {} : { inferenceConfig }),
    ...(Object.keys(fields).length === 0 ? {} : { additionalModelRequestFields: fields }),
  };
};

interface Parts {
  readonly common: JsonObject;
  readonly additional: JsonObject;
}

/** Objects and lists of both sides join: a client may add to the `inferenceConfig` that we write for Nova. */
const merged = (ours: JsonObject, own: JsonObject): JsonObject => {
  const all: Record<string, JsonValue | undefined> = { ...ours };
  for (const [name, value] of Object.entries(own)) {
    const known = all[name];
    all[name] = joined(known, value);
  }
  return all;
};

const joined = (ours: JsonValue | undefined, own: JsonValue | undefined): JsonValue | undefined => {
  if (isObject(ours) && isObject(own)) return { ...ours, ...own };
  return isArray(ours) && isArray(own) ? [...new Set([...ours, ...own])] : own;
};

/** No model takes an empty stop sequence, which stops nothing, and Claude none without a visible character. */
const writeStop = ({ chat: { stop }, family, notes }: TuningInput): readonly string[] | undefined => {
  const said = stop?.filter((sequence) => (family.isClaude ? sequence.trim() : sequence) !== "");
  if (stop?.some((sequence) => sequence !== "" && !said?.includes(sequence))) notes.push("stop");
  return said?.length === 0 ? undefined : said;
};

/** Claude behind Converse obeys the rules of Anthropic's own API. */
const claudeTuning = ({ chat, model, tools, betas, notes }: TuningInput): Parts => {
  const facts = factsOf(model);
  const limits = writeLimits(chat, facts, tools.isForced, notes);
  const { temperature, top_p: topP, top_k } = writeSampling(chat, facts, limits.thinking, notes);
  // Left unsaid it is the model's own limit: only a thinking budget needs it beside itself.
  const needsLimit = chat.maxTokens !== undefined || limits.thinking?.["type"] === "enabled";
  for (const [field, value] of familyValues(chat))
    if (field !== "top_k" && asksFor(field, value)) notes.push(field);
  return {
    common: { maxTokens: needsLimit ? limits.max_tokens : undefined, temperature, topP },
    additional: {
      top_k,
      thinking: limits.thinking,
      output_config: limits.effort === undefined ? undefined : { effort: limits.effort },
      metadata: chat.user === undefined ? undefined : { user_id: chat.user },
      tools: tools.claudeTools,
      tool_choice: tools.claudeChoice,
      anthropic_version: chat.native?.fields["anthropic_version"] ?? undefined,
      anthropic_beta: takenBetas("bedrock", [betas, chat.native?.fields["anthropic_beta"]], notes),
      context_management: contextManagement(chat),
    },
  };
};

const contextManagement = ({ native }: Chat): JsonValue | undefined =>
  native === undefined || isNamesake(native, "context_management")
    ? undefined
    : native.fields["context_management"];

const wordFor = ({ reasoning }: Chat, { words }: FamilyEffort): string | undefined =>
  reasoning?.effort === undefined || isOff(reasoning) ? undefined : nearestWord(words, reasoning.effort);

const isOff = ({ effort, mode }: Reasoning): boolean => effort === "none" || mode === "disabled";

/** The greatest effort of some suffers no word about length and sampling beside itself. */
const besideEffort = (chat: Chat, { effort }: Family, notes: Note[]): Chat => {
  if (effort?.alone === undefined || wordFor(chat, effort) !== effort.alone) return chat;
  const { maxTokens: max_tokens, temperature, topP: top_p, topK: top_k, ...rest } = chat;
  notes.push(...Object.keys(defined({ max_tokens, temperature, top_p, top_k })));
  return rest;
};

const plainTuning = ({ chat: asked, family, betas, notes }: TuningInput): Parts => {
  const chat = besideEffort(asked, family, notes);
  let additional: JsonObject = {};
  for (const [field, value] of familyValues(chat)) {
    const written = value === undefined ? undefined : familyField(family, field, value);
    if (written !== undefined) additional = merged(additional, written);
    else if (asksFor(field, value)) notes.push(field);
  }
  if (chat.user !== undefined) notes.push("user");
  return {
    common: { maxTokens: chat.maxTokens, temperature: chat.temperature, topP: chat.topP },
    additional: {
      ...merged(additional, writeReasoning(chat, family, notes)),
      ...(family.mayBeClaude
        ? { anthropic_beta: takenBetas("bedrock", [betas, chat.native?.fields["anthropic_beta"]], notes) }
        : {}),
    },
  };
};

const writeReasoning = (chat: Chat, { effort, mayBeClaude }: Family, notes: Note[]): JsonObject => {
  const { reasoning } = chat;
  if (reasoning === undefined || isOff(reasoning)) return {};
  const thinking = reasoning.native?.dialect === "anthropic-messages" ? reasoning.native.fields : {};
  if (mayBeClaude && isString(thinking["type"])) return { thinking };
  const word = effort && wordFor(chat, effort);
  if (word !== reasoning.effort || word === undefined)
    notes.push(word === undefined ? "reasoning_effort" : `reasoning_effort (${word})`);
  return word === undefined ? {} : (effort?.write(word) ?? {});
};
