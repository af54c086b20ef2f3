/** Requests of Anthropic's Messages API: wire to canonical and back. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Block, Chat, Message, Native, Reasoning, ResponseFormat, Role } from "../schema/chat.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { ID, nativeOf, readContent, shortest, writeBlocks } from "./anthropic-messages.blocks.ts";
import { factsOf } from "./anthropic-messages.models.ts";
import { lowered } from "./anthropic-messages.schema.ts";
import { writeLimits, writeSampling } from "./anthropic-messages.thinking.ts";
import { isForced, readTools, readToolChoice, writeTools } from "./anthropic-messages.tools.ts";
import { askedSearch, SEARCH_FIELD } from "./server-tools.ts";
import type { Note, RequestTarget, Written } from "./dialect.ts";
import { withTurn } from "./first-turn.ts";
import { noteUnsaid, type Unsaid } from "./unsaid.ts";

export const readRequest = (body: JsonObject): Chat => {
  checkThread(body["thread"]);
  const user = isObject(body["metadata"]) ? body["metadata"]["user_id"] : undefined;
  const tier = body["service_tier"];
  return {
    model: required(body, "model", isString, "Input should be a valid string"),
    messages: [...readSystem(body["system"]), ...readMessages(body["messages"])],
    stream: body["stream"] === true,
    includeUsage: true, // streams of this dialect always carry usage
    maxTokens: required(body, "max_tokens", isNumber, "Input should be a valid integer"),
    ...readToolChoice(body["tool_choice"]),
    ...defined({
      tools: readTools(body["tools"]),
      temperature: optionalNumber(body, "temperature"),
      topP: optionalNumber(body, "top_p"),
      topK: optionalNumber(body, "top_k"),
      stop: readStop(body["stop_sequences"]),
      format: readFormat(body),
      reasoning: readReasoning(body),
      user: isString(user) ? user : undefined,
      serviceTier: isString(tier) ? tier : undefined,
      native: nativeOf({ ...body, ...leftovers(body) }, KNOWN),
    }),
  };
};

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
    ...writeMessages(chat.messages, notes),
    ...defined({
      tools,
      tool_choice,
      stop_sequences: writeStop(chat.stop, notes),
      output_config: writeOutput(chat, effort, native["output_config"], notes),
      metadata: chat.user === undefined ? undefined : { ...asObject(native["metadata"]), user_id: chat.user },
      service_tier: writeTier(chat.serviceTier, notes),
      stream: chat.stream ? true : undefined,
    }),
  };
  noteUnsaid(chat, UNSAID, notes);
  return { body, notes: [...new Set(notes)] };
};

/** Body fields with a canonical word; of some of them a part may be left (`leftovers`). */
const KNOWN: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "system",
  "max_tokens",
  "stream",
  "tools",
  "tool_choice",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "thinking",
  "output_format",
  "service_tier",
  "anthropic_version", // a header that platforms such as Bedrock put into the body
]);

/** Fields of this API that clients set in an OpenAI body: `MessageCreateParamsBase` of the SDK, and its beta's. */
const EXTENDED: ReadonlySet<string> = new Set([
  "container",
  "mcp_servers",
  "context_management",
  "inference_geo",
  "speed",
  "cache_control",
  "output_config",
  "diagnostics",
  "compaction",
  "fallbacks",
  "fallback_credit_token",
  "billing_policy",
]);

const HEADERS: ReadonlySet<string> = new Set(["anthropic_version", "anthropic_beta"]);

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

/** A thread is kept by the vendor. Without what was said before, an answer would be one to something else. */
const checkThread = (thread: JsonValue | undefined): void => {
  if (!isObject(thread) || thread["type"] === "create") return;
  throw new GatewayError(
    "thread_not_found",
    'thread: no thread is kept for this provider: send the whole conversation with {"type": "create"}',
    { param: "thread" },
  );
};

const required = <T>(
  body: JsonObject,
  field: string,
  is: (value: unknown) => value is T,
  complaint: string,
): T => {
  const value = body[field];
  if (is(value)) return value;
  throw invalidRequest(field, value === undefined ? "Field required" : complaint);
};

const optionalNumber = (body: JsonObject, field: string): number | undefined => {
  const value = body[field];
  if (value == null) return undefined;
  if (isNumber(value)) return value;
  throw invalidRequest(field, "Input should be a valid number");
};

const asObject = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

const readSystem = (system: JsonValue | undefined): readonly Message[] => {
  if (system == null) return [];
  const blocks = readContent(system, "system");
  return blocks.length === 0 ? [] : [{ role: "system", blocks }];
};

const readMessages = (messages: JsonValue | undefined): readonly Message[] => {
  if (messages === undefined) throw invalidRequest("messages", "Field required");
  if (!isArray(messages)) throw invalidRequest("messages", "Input should be a valid list");
  return messages.flatMap((message, index) => readMessage(message, `messages.${index}`));
};

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["role", "content"]);

const readMessage = (message: JsonValue, path: string): readonly Message[] => {
  if (!isObject(message)) throw invalidRequest(path, "Input should be an object");
  const { role } = message;
  if (role !== "user" && role !== "assistant" && role !== "system") {
    throw invalidRequest(`${path}.role`, "Input should be 'user', 'assistant' or 'system'");
  }
  const read = split(role, readContent(message["content"], `${path}.content`));
  const native = nativeOf(message, MESSAGE_FIELDS);
  return native === undefined ? read : read.map((part) => ({ ...part, native }));
};

/** Tool results are messages of their own: a turn that mixes them with other blocks becomes several. */
const split = (role: Role, blocks: readonly Block[]): readonly Message[] => {
  const parts: { role: Role; blocks: Block[] }[] = [];
  for (const block of blocks) {
    const owner = block.kind === "tool-result" ? "tool" : role;
    const last = parts.at(-1);
    if (last?.role === owner) last.blocks.push(block);
    else parts.push({ role: owner, blocks: [block] });
  }
  return parts.length === 0 ? [{ role, blocks: [] }] : parts;
};

const readStop = (stop: JsonValue | undefined): readonly string[] | undefined => {
  if (stop == null) return undefined;
  if (isArray(stop) && stop.every(isString)) return stop;
  throw invalidRequest("stop_sequences", "Input should be a list of texts");
};

/** `output_format` is the name that the beta of structured outputs had. */
const formatOf = (body: JsonObject): JsonObject | undefined => {
  const format = asObject(body["output_config"])["format"] ?? body["output_format"];
  return isObject(format) && format["type"] === "json_schema" ? format : undefined;
};

const readFormat = (body: JsonObject): ResponseFormat | undefined => {
  const schema = formatOf(body)?.["schema"];
  return isObject(schema) ? { kind: "schema", schema } : undefined;
};

const readReasoning = (body: JsonObject): Reasoning | undefined => {
  const effort = asObject(body["output_config"])["effort"];
  const thinking = asObject(body["thinking"]);
  if (!isString(effort) && !isString(thinking["type"])) return undefined;
  const budget = thinking["budget_tokens"];
  return {
    ...defined({
      effort: isString(effort) ? effort : undefined,
      budgetTokens: isNumber(budget) ? budget : undefined,
      mode: readMode(thinking["type"]),
    }),
    native: { dialect: ID, fields: thinking },
  };
};

/** `between_tools` is how models that cannot do without thinking spell as little of it as possible. */
const readMode = (type: JsonValue | undefined): Reasoning["mode"] => {
  if (type === "enabled" || type === "disabled" || type === "adaptive") return type;
  return type === "between_tools" ? "disabled" : undefined;
};

const OUTPUT_FIELDS: ReadonlySet<string> = new Set(["effort", "format"]);
const METADATA_FIELDS: ReadonlySet<string> = new Set(["user_id"]);

/** What canonical takes no part of in fields that it otherwise knows. */
const leftovers = (body: JsonObject): JsonObject => ({
  output_config: nativeOf(asObject(body["output_config"]), OUTPUT_FIELDS)?.fields,
  metadata: nativeOf(asObject(body["metadata"]), METADATA_FIELDS)?.fields,
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
  trimEnd(turns);
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
  if (message.native?.dialect === ID) return message.native.fields;
  for (const field of Object.keys(message.native?.fields ?? {})) notes.push(`${path}.${field}`);
  return {};
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

/** What the answer is to go on from: "final assistant content cannot end with trailing whitespace". */
const trimEnd = (turns: readonly Turn[]): void => {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== "assistant" || !isString(block?.["text"])) return;
  last.content[last.content.length - 1] = { ...block, text: block["text"].trimEnd() };
};

/** The API refuses stop sequences without a visible character. */
const writeStop = (stop: readonly string[] | undefined, notes: Note[]): readonly string[] | undefined => {
  const visible = stop?.filter((sequence) => sequence.trim() !== "");
  if (visible?.length !== stop?.length) notes.push("stop");
  return visible?.length === 0 ? undefined : visible;
};

const writeOutput = (
  chat: Chat,
  effort: string | undefined,
  native: JsonValue | undefined,
  notes: Note[],
): JsonObject | undefined => {
  const said = defined({ effort, format: writeFormat(chat.format, notes) });
  const output = { ...asObject(native), ...said };
  return Object.keys(output).length === 0 ? undefined : output;
};

const writeFormat = (format: ResponseFormat | undefined, notes: Note[]): JsonObject | undefined => {
  if (format?.kind === "json") notes.push("response_format");
  if (format?.kind !== "schema") return undefined;
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
