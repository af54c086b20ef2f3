/** What a client asked for and a dialect has no word for: reported under OpenAI's names. */
import type { Block, Chat, Message, Native } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import type { Note } from "./dialect.ts";

/** Whether a chat asks for something; a value that changes nothing is no wish. */
const ASKS = Object.freeze({
  n: ({ candidates = 1 }) => candidates > 1,
  seed: ({ seed }) => seed !== undefined,
  presence_penalty: ({ presencePenalty = 0 }) => presencePenalty !== 0,
  frequency_penalty: ({ frequencyPenalty = 0 }) => frequencyPenalty !== 0,
  logit_bias: ({ logitBias = {} }) => Object.keys(logitBias).length > 0,
  logprobs: ({ logprobs = false }) => logprobs,
  top_logprobs: ({ topLogprobs = 0 }) => topLogprobs > 0,
  parallel_tool_calls: ({ parallelToolCalls = true }) => !parallelToolCalls,
  user: ({ user }) => user !== undefined,
  service_tier: ({ serviceTier = "auto" }) => !USUAL_TIERS.has(serviceTier),
} satisfies Readonly<Record<string, (chat: Chat) => boolean>>);

export type Unsaid = keyof typeof ASKS;

/** The tiers that one gets without asking. */
const USUAL_TIERS: ReadonlySet<string> = new Set(["auto", "default", "standard_only"]);

/** Notes those of `names` that the chat asks for. */
export const noteUnsaid = (chat: Chat, names: readonly Unsaid[], notes: Note[]): void => {
  for (const name of names) if (ASKS[name](chat)) notes.push(name);
};

/** Headers of the Anthropic API that some platforms put into the body: nothing is lost without them. */
const HEADERS_IN_BODY: ReadonlySet<string> = new Set(["anthropic_version", "anthropic_beta"]);

/** The fields of `native` that the upstream knows by the same name, whoever sent them; the rest is noted. */
export const carriedFields = (
  native: Native | undefined,
  known: ReadonlySet<string>,
  notes: Note[],
): JsonObject => {
  const kept: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(native?.fields ?? {})) {
    if (value === undefined || HEADERS_IN_BODY.has(name)) continue;
    if (known.has(name)) kept[name] = value;
    else notes.push(name);
  }
  return kept;
};

/** Notes what is said of a message as a whole and has no place. */
export const noteExtras = ({ name, native }: Message, path: string, notes: Note[]): void => {
  if (name !== undefined) notes.push(`${path}.name`);
  noteNative(native, path, notes);
};

/** Notes the fields of a block or a tool that only another dialect knows. */
export const noteNative = (native: Native | undefined, path: string, notes: Note[]): void => {
  for (const field of Object.keys(native?.fields ?? {})) notes.push(`${path}.${field}`);
};

/** Where a block stands, and where to tell what of it cannot be said. */
export interface NotedPlace {
  readonly path: string;
  readonly notes: Note[];
}

/** Notes a block, or what is named of it; stands for the part that there is not. */
export const unsaid = ({ path, notes }: NotedPlace, what: string): undefined =>
  void notes.push(`${path} (${what})`);

/** Notes the marks of a block for APIs that cache by themselves. */
export const noteMarks = (block: Block, { path, notes }: NotedPlace): void => {
  if (block.cache !== undefined && !notes.includes("cache_control")) notes.push("cache_control");
  noteNative(block.native, path, notes);
};
