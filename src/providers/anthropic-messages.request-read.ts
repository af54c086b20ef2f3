/** Requests of Anthropic's Messages API read into canonical. */
import { defined } from "../lib/defined.ts";
import type { Block, Chat, Message, Reasoning, ResponseFormat, Role } from "../schema/chat.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { ID, nativeOf, readContent } from "./anthropic-messages.blocks.ts";
import { readToolChoice, readTools } from "./anthropic-messages.tools.ts";
import { names } from "./body-fields.ts";

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

/** Body fields with a canonical word; of some of them a part may be left (`leftovers`). */
const KNOWN = names(
  "model messages system max_tokens stream tools tool_choice thinking",
  "temperature top_p top_k stop_sequences output_format service_tier",
  "anthropic_version", // a header that platforms such as Bedrock put into the body
);

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

const optionalNumber = (body: JsonObject, field: string, path = ""): number | undefined => {
  const value = body[field];
  if (value == null) return undefined;
  if (isNumber(value)) return value;
  throw invalidRequest(path + field, "Input should be a valid number");
};

export const asObject = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

const readSystem = (system: JsonValue | undefined): readonly Message[] => {
  if (system == null) return [];
  const blocks = readContent(system, "system").flatMap(unbilled);
  return blocks.length === 0 ? [] : [{ role: "system", blocks }];
};

/**
 * Claude Code begins with a line of its own for Anthropic, another one in every request, behind which no other server
 * would find what it has cached of the prompt: github.com/sgl-project/sglang/pull/21064
 */
const BILLING = /^x-anthropic-billing-header:[^\n]*\n?/;

const unbilled = (block: Block): readonly Block[] => {
  if (block.kind !== "text" || !BILLING.test(block.text)) return [block];
  const text = block.text.replace(BILLING, "");
  return text === "" ? [] : [{ ...block, text }];
};

const readMessages = (messages: JsonValue | undefined): readonly Message[] => {
  if (messages === undefined) throw invalidRequest("messages", "Field required");
  if (!isArray(messages)) throw invalidRequest("messages", "Input should be a valid list");
  return messages.flatMap((message, index) => readMessage(message, `messages.${index}`));
};

const MESSAGE_FIELDS = names("role content");

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
export const split = (role: Role, blocks: readonly Block[]): readonly Message[] => {
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
  const thinking = readThinking(body["thinking"]);
  if (!isString(effort) && !isString(thinking["type"])) return undefined;
  return {
    ...defined({
      effort: isString(effort) ? effort : undefined,
      budgetTokens: optionalNumber(thinking, "budget_tokens", "thinking."),
      mode: readMode(thinking["type"]),
    }),
    native: { dialect: ID, fields: thinking },
  };
};

/** A kind of thinking that is not known is left to the vendor; what is none is nobody's. */
const readThinking = (thinking: JsonValue | undefined): JsonObject => {
  if (thinking == null) return {};
  if (!isObject(thinking)) throw invalidRequest("thinking", "Input should be an object");
  if (isString(thinking["type"])) return thinking;
  throw invalidRequest("thinking.type", "Field required");
};

/** `between_tools` is how models that cannot do without thinking spell as little of it as possible. */
const readMode = (type: JsonValue | undefined): Reasoning["mode"] => {
  if (type === "enabled" || type === "disabled" || type === "adaptive") return type;
  return type === "between_tools" ? "disabled" : undefined;
};

const OUTPUT_FIELDS = names("effort format");
const METADATA_FIELDS = names("user_id");

/** What canonical takes no part of in fields that it otherwise knows. */
const leftovers = (body: JsonObject): JsonObject => ({
  output_config: nativeOf(asObject(body["output_config"]), OUTPUT_FIELDS)?.fields,
  metadata: nativeOf(asObject(body["metadata"]), METADATA_FIELDS)?.fields,
});
