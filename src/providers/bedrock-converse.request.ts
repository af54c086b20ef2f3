/**
 * Requests of Bedrock's Converse API, written
 * (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
 *
 * The model stands in the URL. What a client says in Converse's own words (`guardrailConfig`, also
 * spelled with underscores) is passed on.
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Chat, Message, Native, ResponseFormat } from "../schema/chat.ts";
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
import type { Said, Turn } from "./bedrock-converse.turns.ts";
import { writeTurns } from "./bedrock-converse.turns.ts";
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
    ...writeMessages({ ...chat, messages }, { family, documents: new DocumentNames(), notes }),
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
/** A field of Anthropic's that Claude takes beside Converse's. */
const isClaudes = (native: Native | undefined, field: string): boolean =>
  field === "context_management" && native !== undefined && !isNamesake(native, field);

const writePassed = (chat: Chat, isClaude: boolean, notes: Note[]): JsonObject => {
  const passed: Record<string, JsonValue> = {};
  for (const [field, value] of Object.entries(chat.native?.fields ?? {})) {
    if (value == null || HEADERS.has(field) || (isClaude && isClaudes(chat.native, field))) continue;
    if (field === "cache_control") continue; // a mark for the whole request: `writeMessages`
    const name = PASSED_AS_THEY_ARE.has(field) ? field : PASSED.get(field);
    if (name === undefined) notes.push(field);
    else passed[name] = value;
  }
  return passed;
};

/** System texts leave the conversation for `system`, or begin it where the model has none. */
const writeMessages = ({ messages, native }: Chat, writing: Writing): JsonObject => {
  const system: JsonObject[] = [];
  const said: Said[] = [];
  for (const [index, message] of withTurn(messages, (note) => writing.notes.push(note)).entries()) {
    const path = `messages.${index}`;
    noteExtras(message, path, writing.notes);
    if (message.role === "system" || message.role === "developer") {
      system.push(...writeSystem(message, `${path}.content`, writing));
      continue;
    }
    const content = writeBlocks(message.blocks, `${path}.content`, writing);
    said.push({ role: message.role === "assistant" ? "assistant" : "user", content, path });
  }
  const { family, notes } = writing;
  if (!family.hasSystem) said.unshift({ role: "user", content: system.splice(0), path: "system" });
  const turns = writeTurns(said, family, notes);
  return {
    ...(system.length === 0 ? {} : { system }),
    messages: [...turns.slice(0, -1), ...marked(turns.at(-1), native?.fields["cache_control"], writing)],
  };
};

/** A mark for the whole request stands behind its last block. */
const marked = (last: Turn | undefined, mark: JsonValue | undefined, writing: Writing): readonly Turn[] => {
  if (last === undefined) return [];
  const isMarked = last.content.at(-1)?.["cachePoint"] !== undefined;
  if (!isObject(mark) || isMarked) return [last];
  return [{ ...last, content: [...last.content, ...pointOf(mark, "", writing)] }];
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
