/**
 * Token counts for clients of Anthropic's `count_tokens`, from providers that count their own requests.
 *
 * What is counted is the request that a chat with the same body would make, so the answer is its input.
 */
import { defined } from "../lib/defined.ts";
import { spliceJson } from "../lib/json-splice.ts";
import type { Chat } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import { CLOUD_QUIRKS } from "./anthropic-messages.inputs.ts";
import { anthropicMessages } from "./anthropic-messages.ts";
import { names } from "./body-fields.ts";
import { takenBetas } from "./claude.betas.ts";
import type { Codec, CodecReply } from "./codec.ts";
import type { Note, RequestTarget, UpstreamDialect, Written } from "./dialect.ts";
import { gemini } from "./gemini.ts";
import { openaiResponses } from "./openai-responses.ts";
import { quirkEdits } from "./quirks.ts";
import { PLAIN_NAMES, withTakenNames } from "./tool-names.ts";

/** The chat that is to be counted. Only an answer has a limit, and nothing is answered here. */
export const readCounted = (body: JsonObject): Chat => {
  const { maxTokens: _, ...chat } = anthropicMessages.readRequest({ ...body, max_tokens: 1, stream: false });
  return withTakenNames(chat, PLAIN_NAMES);
};

/** `POST /responses/input_tokens`: `InputTokenCountParams` of the OpenAI SDK 7.57. */
export const openaiCount: Codec = {
  write(body, target) {
    const written = requestOf(openaiResponses, body, target);
    return { ...written, body: only(written.body, OPENAI_FIELDS) };
  },
  read: (reply) => counted(reply, "input_tokens"),
};

/** `models.countTokens`, told the whole request: ai.google.dev/api/tokens. */
export const geminiCount: Codec = {
  write(body, target) {
    const written = requestOf(gemini, body, target);
    const model = `models/${isString(body["model"]) ? body["model"] : ""}`;
    return { ...written, body: { generateContentRequest: { model, ...written.body } } };
  },
  read: (reply) => counted(reply, "totalTokens"),
};

/** Vertex takes the parts by themselves: google.cloud.aiplatform.v1.CountTokensRequest. */
export const vertexCount: Codec = {
  write(body, target) {
    const written = requestOf(gemini, body, target);
    return { ...written, body: only(written.body, VERTEX_FIELDS) };
  },
  read: (reply) => counted(reply, "totalTokens"),
};

/**
 * Claude on Bedrock counts the body of an InvokeModel call, which is Anthropic's own, as base64
 * (docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html).
 */
export const bedrockClaudeCount: Codec = {
  write(body, target) {
    readCounted(body); // what is wrong with it is told in the client's words
    const notes: Note[] = [];
    const betas = takenBetas("bedrock", [target.option("anthropic_beta"), body["anthropic_beta"]], notes);
    const quirks = quirkEdits(CLOUD_QUIRKS, body);
    notes.push(...quirks.notes);
    const text = JSON.stringify(invokedBody(body, betas));
    const invoked = spliceJson(text, quirks.edits);
    return { body: { input: { invokeModel: { body: Buffer.from(invoked).toString("base64") } } }, notes };
  },
  read: (reply) => counted(reply, "inputTokens"),
};

const OPENAI_FIELDS = names("model input instructions tools tool_choice parallel_tool_calls reasoning text");
const VERTEX_FIELDS = names("contents systemInstruction tools generationConfig");

const requestOf = (dialect: UpstreamDialect, body: JsonObject, target: RequestTarget): Written<JsonObject> =>
  dialect.writeRequest(readCounted(body), target);

const only = (body: JsonObject, kept: ReadonlySet<string>): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([name]) => kept.has(name)));

const counted = ({ json }: CodecReply, field: string): JsonObject => {
  const tokens = json?.[field];
  if (isNumber(tokens)) return { input_tokens: tokens };
  throw new MalformedReply(`The reply has no ${field}`, json);
};

/** The model is in the path and betas in the body; the API refuses a body without a limit. */
const invokedBody = (
  { model: _, stream: __, betas: ___, anthropic_beta: ____, ...body }: JsonObject,
  betas: readonly string[] | undefined,
): JsonObject => ({
  anthropic_version: "bedrock-2023-05-31",
  max_tokens: leastLimit(body["thinking"]),
  ...body,
  ...defined({ anthropic_beta: betas }),
});

/** A limit must be larger than the thinking in it. */
const leastLimit = (thinking: JsonValue | undefined): number => {
  const budget = isObject(thinking) ? thinking["budget_tokens"] : undefined;
  return 1 + (isNumber(budget) ? budget : 0);
};
