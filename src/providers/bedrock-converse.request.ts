/**
 * Requests of Bedrock's Converse API, written
 * (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
 *
 * The model stands in the URL. What a client says in Converse's own words (`guardrailConfig`, also
 * spelled with underscores) is passed on.
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { CacheMark, Chat, Message, Native, ResponseFormat } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import { isNamesake } from "./anthropic-messages.request.ts";
import { factsOf } from "./claude.models.ts";
import { isRecursive, lowered } from "./claude.schema.ts";
import type { Writing } from "./bedrock-converse.blocks.ts";
import { pointOf, writeBlocks } from "./bedrock-converse.blocks.ts";
import type { Family } from "./bedrock-converse.families.ts";
import { familyOf } from "./bedrock-converse.families.ts";
import { DocumentNames } from "./bedrock-converse.media.ts";
import { writeTools } from "./bedrock-converse.tools.ts";
import { writeTuning } from "./bedrock-converse.tuning.ts";
import type { Note, RequestTarget, Written } from "./dialect.ts";
import { withTurn } from "./first-turn.ts";
import { withLastTurn } from "./last-turn.ts";
import { noteExtras, noteUnsaid, type Unsaid } from "./unsaid.ts";

export const writeRequest = (chat: Chat, target: RequestTarget): Written<JsonObject> => {
  const notes: Note[] = [];
  const foundation = target.option("foundation_model");
  const family = familyOf(chat.model, foundation);
  const passed = writePassed(chat, family.isClaude, notes);
  const { additionalModelRequestFields: own, outputConfig: output, ...others } = passed;
  const model = foundation ?? chat.model;
  const messages = family.isClaude
    ? withLastTurn(chat.messages, factsOf(model), (note) => notes.push(note))
    : chat.messages;
  const tools = writeTools(chat, family, model, notes);
  const tuning = writeTuning({
    chat,
    family,
    model,
    tools,
    betas: target.option("anthropic_beta"),
    own: isObject(own) ? own : {},
    notes,
  });
  const body = {
    ...writeMessages(messages, { family, documents: new DocumentNames(), notes }, wholeMark(chat)),
    ...tuning,
    ...defined({
      toolConfig: tools.toolConfig,
      outputConfig: writeOutput(writeFormat(chat.format, family, notes), output),
      serviceTier: writeTier(chat.serviceTier, notes),
      guardrailConfig: guardrailOf(target),
    }),
    ...others,
  };
  noteUnsaid(chat, UNSAID, notes);
  return { body, notes: [...new Set(notes)] };
};

/** Converse's own fields that canonical has no word for. */
const PASSED = table({
  additional_model_request_fields: "additionalModelRequestFields",
  additional_model_response_field_paths: "additionalModelResponseFieldPaths",
  guardrail_config: "guardrailConfig",
  performance_config: "performanceConfig",
  prompt_variables: "promptVariables",
  request_metadata: "requestMetadata",
});
const PASSED_AS_THEY_ARE: ReadonlySet<string> = new Set([...PASSED.values(), "outputConfig", "serviceTier"]);

/** Headers of InvokeModel, as a field of Converse: a guardrail holds whichever of the two is asked. */
const GUARDRAIL = {
  guardrailIdentifier: "x_amzn_bedrock_guardrailidentifier",
  guardrailVersion: "x_amzn_bedrock_guardrailversion",
  trace: "x_amzn_bedrock_trace",
} as const;

const guardrailOf = ({ option }: RequestTarget): JsonObject | undefined => {
  const guardrailIdentifier = option(GUARDRAIL.guardrailIdentifier);
  if (guardrailIdentifier === undefined) return undefined;
  const guardrailVersion = option(GUARDRAIL.guardrailVersion);
  const trace = option(GUARDRAIL.trace)?.toLowerCase();
  return { guardrailIdentifier, ...defined({ guardrailVersion, trace }) };
};

/** Said as headers elsewhere, and among the model's own fields here. */
const HEADERS: ReadonlySet<string> = new Set(["anthropic_beta", "anthropic_version"]);
/** Where the prompt ends is a point to cache at: "automatic caching" of Anthropic's API, whose field is refused here. */
const wholeMark = ({ native }: Chat): CacheMark | undefined => {
  const mark = native?.fields["cache_control"];
  return isObject(mark) ? mark : undefined;
};
/** A field of Anthropic's that Claude takes beside Converse's. */
const isClaudes = (native: Native | undefined, field: string): boolean =>
  field === "context_management" && native !== undefined && !isNamesake(native, field);

const writePassed = (chat: Chat, isClaude: boolean, notes: Note[]): JsonObject => {
  const passed: Record<string, JsonValue> = {};
  for (const [field, value] of Object.entries(chat.native?.fields ?? {})) {
    if (
      value == null ||
      HEADERS.has(field) ||
      (field === "cache_control" && isObject(value)) ||
      (isClaude && isClaudes(chat.native, field))
    )
      continue;
    const name = PASSED_AS_THEY_ARE.has(field) ? field : PASSED.get(field);
    if (name === undefined) notes.push(field);
    else passed[name] = value;
  }
  return passed;
};

/** JSON, and so a type: an interface has no index signature. */
type Turn = { readonly role: "user" | "assistant"; readonly content: JsonObject[] };

/**
 * System texts leave the conversation for `system`; turns of one side in a row are one turn. "A conversation must start
 * with a user message" (github.com/RooCodeInc/Roo-Code/pull/4150): clients that cut theirs short do not heed that.
 */
const writeMessages = (
  messages: readonly Message[],
  writing: Writing,
  mark: CacheMark | undefined,
): JsonObject => {
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  for (const [index, message] of withTurn(messages, (note) => writing.notes.push(note)).entries()) {
    const path = `messages.${index}`;
    noteExtras(message, path, writing.notes);
    if (message.role === "system" || message.role === "developer") {
      system.push(...writeSystem(message, `${path}.content`, writing));
      continue;
    }
    const content = writeBlocks(message.blocks, `${path}.content`, writing);
    if (content.length > 0) addTurn(turns, message.role === "assistant" ? "assistant" : "user", content);
  }
  if (turns[0]?.role === "assistant") {
    turns.unshift({ role: "user", content: [{ text: "." }] });
    writing.notes.push("messages.0 (a user's turn is put before it)");
  }
  const last = turns.at(-1)?.content;
  if (last?.at(-1)?.["cachePoint"] === undefined)
    last?.push(...pointOf(mark, `messages.${turns.length - 1}`, writing));
  return { ...(system.length === 0 ? {} : { system }), messages: turns.map(withText) };
};

/**
 * "A text block must be included when using documents", and one with a visible character
 * (github.com/BerriAI/litellm/pull/36499, github.com/maximhq/bifrost/pull/5817).
 */
const withText = (turn: Turn): Turn => {
  const { role, content } = turn;
  const isMute = content.every((block) => block["text"] === undefined);
  if (!isMute || !content.some((block) => block["document"] !== undefined)) return turn;
  const end = content.at(-1)?.["cachePoint"] === undefined ? content.length : content.length - 1;
  return { role, content: [...content.slice(0, end), { text: "." }, ...content.slice(end)] };
};

/** A system prompt is made of text. */
const writeSystem = ({ blocks }: Message, path: string, writing: Writing): JsonObject[] =>
  blocks.flatMap((block, index) => {
    const inside = `${path}.${index}`;
    if (block.kind !== "text") {
      writing.notes.push(`${inside} (${block.kind})`);
      return [];
    }
    return block.text.trim() === "" ? [] : [{ text: block.text }, ...pointOf(block.cache, inside, writing)];
  });

const addTurn = (turns: Turn[], role: Turn["role"], content: JsonObject[]): void => {
  const last = turns.at(-1);
  if (last?.role === role) last.content.push(...content);
  else turns.push({ role, content });
};

/** The client's own words over ours. */
const writeOutput = (ours: JsonObject | undefined, own: JsonValue | undefined): JsonObject | undefined =>
  isObject(own) ? { ...ours, ...own } : ours;

/**
 * The schema travels as text: `API_runtime_JsonSchemaDefinition`. What it may say is what Anthropic's API takes: "For
 * 'number' type, properties maximum, minimum are not supported" (github.com/vectorize-io/hindsight/issues/1289).
 */
const writeFormat = (
  format: ResponseFormat | undefined,
  family: Family,
  notes: Note[],
): JsonObject | undefined => {
  if (format === undefined || format.kind === "text") return undefined;
  if (format.kind === "json" || !family.formats || isRecursive(format.schema)) {
    notes.push("response_format");
    return undefined;
  }
  const { name, description } = format;
  const { schema, lost } = lowered(format.schema);
  if (lost.length > 0) notes.push(`response_format (${lost.join(", ")})`);
  const jsonSchema = defined({ schema: JSON.stringify(schema), name, description });
  return { textFormat: { type: "json_schema", structure: { jsonSchema } } };
};

const TIERS = table({
  default: "default",
  standard_only: "default",
  priority: "priority",
  flex: "flex",
  reserved: "reserved",
});

/** The client's `auto` is what happens when nothing is said. */
export const writeTier = (tier: string | undefined, notes: Note[]): JsonObject | undefined => {
  if (tier === undefined || tier === "auto") return undefined;
  const type = TIERS.get(tier);
  if (type !== undefined) return { type };
  notes.push("service_tier");
  return undefined;
};

/** What no model behind the API takes. */
const UNSAID: readonly Unsaid[] = ["n", "logit_bias", "logprobs", "top_logprobs"];
