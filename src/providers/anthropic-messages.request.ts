/** Canonical requests written as Anthropic's Messages API takes them. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Chat, Message, Native, ResponseFormat, Role } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { ID } from "./anthropic-messages.blocks.ts";
import { nativeFields, shortest, writeBlocks } from "./anthropic-messages.blocks-write.ts";
import type { ModelFacts } from "./claude.models.ts";
import { factsOf } from "./claude.models.ts";
import { asObject } from "./anthropic-messages.request-read.ts";
import { isRecursive, lowered } from "./claude.schema.ts";
import { writeLimits, writeSampling } from "./claude.thinking.ts";
import { isForced, writeTools } from "./anthropic-messages.tools.ts";
import { names } from "./body-fields.ts";
import type { Note, RequestTarget, Written } from "./dialect.ts";
import { withTurn } from "./first-turn.ts";
import { withLastTurn } from "./last-turn.ts";
import { askedSearch, SEARCH_FIELD } from "./server-tools.ts";
import { noteUnsaid, type Unsaid } from "./unsaid.ts";

export const writeRequest = (chat: Chat, _target: RequestTarget): Written<JsonObject> => {
  const notes: Note[] = [];
  const facts = factsOf(chat.model);
  const native = writeNative(chat, notes);
  const { tools, tool_choice } = writeTools(chat, facts, notes);
  const forced = tools !== undefined && facts.forcedTools && isForced(chat.toolChoice);
  const { effort, ...limits } = writeLimits(chat, facts, forced, notes);
  const sampling = writeSampling(chat, facts, limits.thinking, notes);
  const body = {
    ...native,
    model: chat.model,
    ...limits,
    ...sampling,
    ...writeMessages(
      withLastTurn(chat.messages, facts, (note) => notes.push(note)),
      notes,
    ),
    ...defined({
      tools,
      tool_choice,
      stop_sequences: writeStop(chat.stop, notes),
      output_config: writeOutput(
        { effort, format: writeFormat(chat.format, facts, notes) },
        native["output_config"],
      ),
      metadata: chat.user === undefined ? undefined : { ...asObject(native["metadata"]), user_id: chat.user },
      service_tier: writeTier(chat.serviceTier, notes),
      stream: chat.stream ? true : undefined,
    }),
  };
  noteUnsaid(chat, UNSAID, notes);
  return { body, notes: [...new Set(notes)] };
};

/** Fields of this API that clients set in an OpenAI body: `MessageCreateParamsBase` of the SDK, and its beta's. */
const EXTENDED = names(
  "container mcp_servers context_management inference_geo speed cache_control output_config diagnostics",
  "compaction fallbacks fallback_credit_token billing_policy",
);

const HEADERS = names("anthropic_version anthropic_beta");

/** What this API has no word for. */
const UNSAID: readonly Unsaid[] = [
  "n",
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
];

/** Canonical and OpenAI's words for a tier, as this API says them. */
const TIERS = table({
  auto: "auto",
  default: "standard_only",
  standard_only: "standard_only",
});

const writeNative = (chat: Chat, notes: Note[]): JsonObject => {
  const { native } = chat;
  if (native === undefined) return {};
  const kept: Record<string, JsonValue> = {};
  for (const [field, value] of Object.entries(native.fields)) {
    if (value === undefined || HEADERS.has(field) || (field === SEARCH_FIELD && askedSearch(chat))) continue;
    if (native.dialect === ID || (EXTENDED.has(field) && !isNamesake(native, field))) kept[field] = value;
    else notes.push(field);
  }
  return kept;
};

/** A field of the Responses API that means something else there. */
export const isNamesake = (native: Native, field: string): boolean =>
  native.dialect === "openai-responses" && field === "context_management";

type Turn = { role: "user" | "assistant"; content: JsonObject[]; from: Role; native: JsonObject };

/**
 * System texts leave the conversation for `system`. All results of parallel calls belong into one user
 * turn, with what the user then says behind them.
 */
const writeMessages = (messages: readonly Message[], notes: Note[]): JsonObject => {
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  for (const [index, message] of withTurn(messages, (note) => notes.push(note)).entries()) {
    const path = `messages.${index}`;
    const content = writeBlocks(message.blocks, `${path}.content`, notes);
    const native = messageNative(message, path, notes);
    if (message.role === "system" || message.role === "developer") system.push(...content);
    else if (content.length > 0) addTurn(turns, message.role, content, native);
  }
  return {
    ...(system.length === 0 ? {} : { system }),
    messages: turns.map(({ role, content, native }) => ({
      ...native,
      role,
      content: role === "user" ? shortest(content) : content,
    })),
  };
};

const messageNative = (message: Message, path: string, notes: Note[]): JsonObject => {
  if (message.name !== undefined) notes.push(`${path}.name`);
  return nativeFields(message.native, path, notes);
};

const addTurn = (turns: Turn[], from: Role, content: JsonObject[], native: JsonObject): void => {
  const last = turns.at(-1);
  if (last?.from === "tool" && (from === "tool" || from === "user")) {
    last.content.push(...content);
    last.from = from;
    last.native = { ...last.native, ...native };
    return;
  }
  turns.push({ role: from === "assistant" ? "assistant" : "user", content, from, native });
};

/** The API refuses stop sequences without a visible character; an empty one would stop nothing. */
const writeStop = (stop: readonly string[] | undefined, notes: Note[]): readonly string[] | undefined => {
  const visible = stop?.filter((sequence) => sequence.trim() !== "");
  if (stop?.some((sequence) => sequence !== "" && sequence.trim() === "")) notes.push("stop");
  return visible?.length === 0 ? undefined : visible;
};

const writeOutput = (
  said: { readonly effort: string | undefined; readonly format: JsonObject | undefined },
  native: JsonValue | undefined,
): JsonObject | undefined => {
  const output = { ...asObject(native), ...defined(said) };
  return Object.keys(output).length === 0 ? undefined : output;
};

const writeFormat = (
  format: ResponseFormat | undefined,
  { schemas }: ModelFacts,
  notes: Note[],
): JsonObject | undefined => {
  if (format === undefined || format.kind === "text") return undefined;
  if (format.kind === "json" || !schemas || isRecursive(format.schema)) {
    notes.push("response_format");
    return undefined;
  }
  const { schema, lost } = lowered(format.schema);
  if (lost.length > 0) notes.push(`response_format (${lost.join(", ")})`);
  return { type: "json_schema", schema };
};

const writeTier = (tier: string | undefined, notes: Note[]): string | undefined => {
  if (tier === undefined) return undefined;
  const written = TIERS.get(tier);
  if (written === undefined) notes.push("service_tier");
  return written;
};
