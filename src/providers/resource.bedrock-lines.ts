/**
 * Lines of files for Bedrock: OpenAI's batch requests and training examples in, Bedrock's records out
 * (docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-data.md, preparing-text-data.html).
 *
 * A batch asks Claude and models that embed in their own words, and every other model in Converse's. Converse takes
 * no tools in a batch ("Records that include toolConfig fail with a 400 error … To use tool calling with batch
 * inference, create the job with the InvokeModel invocation type": userguide/batch-inference.html): Nova is asked in
 * its own words for them, and a line with some for another model is refused before anything is stored.
 */
import { isTooDeep } from "../lib/json-guard.ts";
import { spliceJson } from "../lib/json-splice.ts";
import type { Line } from "../lib/lines.ts";
import type { Chat, ClientDialectId } from "../schema/chat.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { DEFAULT_LIMITS } from "../schema/limits.ts";
import { familyOf } from "./bedrock-converse.families.ts";
import type { RequestTarget, Written } from "./dialect.ts";
import { clientDialect, upstreamDialect } from "./dialects.ts";
import { bedrockInvoke } from "./envelope.bedrock-invoke.ts";
import { mediaUrlsIn } from "./media-urls.ts";
import { EMBEDDINGS, embeddingInput } from "./resource.bedrock-embeddings.ts";
import { novaInput } from "./resource.bedrock-nova.ts";

/** How a job's records are written: AWS's word for it. */
export type InvocationType = "InvokeModel" | "Converse";

export type FilePurpose = "batch" | "fine-tune";

/** The API that a line of a batch asks for a chat, and the dialect its body is in. */
const DIALECTS: Readonly<Record<string, ClientDialectId>> = Object.freeze({
  "/v1/chat/completions": "openai-chat",
  "/v1/messages": "anthropic-messages",
  "/v1/responses": "openai-responses",
});

export const dialectOf = (url: string): ClientDialectId | undefined =>
  Object.hasOwn(DIALECTS, url) ? DIALECTS[url] : undefined;

/** A job takes all of its records in one form: the first line that is translated decides which. */
export const invocationType = (first: JsonObject, model: string, target: RequestTarget): InvocationType => {
  const { isClaude, isNova } = familyOf(model, target.option("foundation_model"));
  const invokes = isClaude || first["url"] === EMBEDDINGS || (isNova && hasTools(first, model, target));
  return invokes ? "InvokeModel" : "Converse";
};

export interface WrittenLine {
  readonly record: JsonObject;
  readonly notes: readonly string[];
}

/** What a file is for, by its first line, where the form has not said it yet. */
export const purposeOf = (line: JsonObject): FilePurpose =>
  line["custom_id"] !== undefined || line["modelInput"] !== undefined ? "batch" : "fine-tune";

/** Whether a line is a request of a batch, to be written as a record; Bedrock's own records stay as they are. */
export const isRequest = (line: JsonObject, purpose: FilePurpose): boolean =>
  purpose === "batch" && !isObject(line["modelInput"]);

/** The record of a line, in a file whose records are of that type. */
export const writeLine = (
  line: JsonObject,
  purpose: FilePurpose,
  model: string,
  target: RequestTarget,
  type: InvocationType,
): WrittenLine => {
  if (isRequest(line, purpose)) return batchRecord(line, model, target, type);
  return purpose === "batch" ? { record: line, notes: [] } : example(line, model, target);
};

export const parseLine = ({ number, text }: Line): JsonObject => {
  if (isTooDeep(text, MAX_DEPTH))
    throw invalidRequest(`file.line ${number}`, `nests more than ${MAX_DEPTH} levels deep`);
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw invalidRequest(`file.line ${number}`, "must be a JSON object");
};

/** As deep as a request may be: what works on a line goes down with it. */
const MAX_DEPTH = DEFAULT_LIMITS.maxJsonDepth;

/** A fault in a line, with where the line is. */
export const located = (error: unknown, { number }: Line): unknown => {
  if (!(error instanceof GatewayError) || error.code !== "invalid_request") return error;
  return invalidRequest(`file.line ${number}`, error.message);
};

const batchRecord = (
  line: JsonObject,
  model: string,
  target: RequestTarget,
  type: InvocationType,
): WrittenLine => {
  const { url } = line;
  const { recordId, body } = requestOf(line);
  const { body: modelInput, notes } =
    url === EMBEDDINGS
      ? inBody(() => embeddingInput(body, model, target))
      : chatInput(readChat(line, model, target), target, body, type);
  if (url === EMBEDDINGS && type === "Converse")
    throw invalidRequest("url", "must be of a chat, as in the file's first line");
  return { record: { recordId, modelInput }, notes };
};

const requestOf = ({
  custom_id: recordId,
  body,
}: JsonObject): { readonly recordId: string; readonly body: JsonObject } => {
  if (!isString(recordId)) throw invalidRequest("custom_id", "must be a string");
  if (!isObject(body)) throw invalidRequest("body", "must be a JSON object");
  return { recordId, body };
};

const readChat = (line: JsonObject, model: string, target: RequestTarget): Chat => {
  const { url } = line;
  const { body } = requestOf(line);
  const dialect = isString(url) ? dialectOf(url) : "openai-chat";
  if (dialect === undefined)
    throw invalidRequest(
      "url",
      `must be ${[...Object.keys(DIALECTS), EMBEDDINGS].join(", ")} for ${target.provider}`,
    );
  const [media] = mediaUrlsIn(body);
  if (media !== undefined)
    throw invalidRequest(`body.${media.path}`, "must hold the bytes themselves: Bedrock fetches no URL");
  return { ...inBody(() => clientDialect(dialect).readRequest({ ...body, model })), stream: false };
};

/** What a codec or a dialect finds wrong, with where in the line the body is. */
const inBody = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof GatewayError) || error.param === null || error.param === "url") throw error;
    throw new GatewayError(error.code, `body.${error.message}`, { param: `body.${error.param}` });
  }
};

type Asked = Written<JsonObject>;

const chatInput = (chat: Chat, target: RequestTarget, clients: JsonObject, type: InvocationType): Asked => {
  const { isClaude, isNova } = familyOf(chat.model, target.option("foundation_model"));
  if (isClaude) return forClaude(chat, target, clients);
  const written = converse(chat, target);
  if (type === "InvokeModel" && isNova) return novaInput(written);
  if (type === "InvokeModel")
    throw invalidRequest("url", `must be ${EMBEDDINGS}, as in the file's first line`);
  if (written.body["toolConfig"] === undefined) return written;
  throw invalidRequest(
    "body.tools",
    isNova
      ? "are taken of every line or of none: a job's records are of one form, so the file's first line must have some"
      : "are not taken by Bedrock in a batch, but by Claude and Nova",
  );
};

const converse = (chat: Chat, target: RequestTarget): Asked =>
  upstreamDialect("bedrock-converse").writeRequest(chat, target);

const hasTools = (line: JsonObject, model: string, target: RequestTarget): boolean =>
  converse(readChat(line, model, target), target).body["toolConfig"] !== undefined;

/** InvokeModel's body; what is a header of it (a guardrail, a tier) is no record's to say. */
const forClaude = (chat: Chat, target: RequestTarget, clients: JsonObject): Asked => {
  const named = { ...chat, model: target.option("foundation_model") ?? chat.model };
  const { body, notes } = upstreamDialect("anthropic-messages").writeRequest(named, target);
  const moved = bedrockInvoke(body, target, clients);
  return {
    body: JSON.parse(spliceJson(JSON.stringify(body), moved.edits)) as JsonObject, // it was an object before the splice
    notes: [...notes, ...moved.notes, ...Object.keys(moved.headers)],
  };
};

/** A conversation to learn from. Prompts with completions are Bedrock's own shape too. */
const example = (line: JsonObject, model: string, target: RequestTarget): WrittenLine => {
  if (!isArray(line["messages"]) || line["schemaVersion"] !== undefined) return { record: line, notes: [] };
  if (target.option("model_type") === "text") return textExample(line["messages"]);
  if (familyOf(model, target.option("foundation_model")).isClaude) return claudeExample(line["messages"]);
  const chat = clientDialect("openai-chat").readRequest({ ...line, model });
  const { body, notes } = upstreamDialect("bedrock-converse").writeRequest(chat, target);
  const { system, messages, toolConfig } = body;
  return {
    record: { schemaVersion: "bedrock-conversation-2024", system, messages, toolConfig },
    notes,
  };
};

/** "Anthropic Claude 3 Haiku only": the system prompt apart, and every content a text. */
const claudeExample = (messages: readonly JsonValue[]): WrittenLine => {
  const spoken = spokenIn(messages);
  const system = spoken.filter(({ role }) => role === "system" || role === "developer");
  const record = {
    ...(system.length === 0 ? {} : { system: system.map(({ content }) => content).join("\n") }),
    messages: spoken.filter((message) => !system.includes(message)),
  };
  return { record, notes: [] };
};

/** What a model of text is to complete, and how (…/userguide/model-customization-prepare.html). */
const textExample = (messages: readonly JsonValue[]): WrittenLine => {
  const spoken = spokenIn(messages);
  const [completion, ...more] = spoken.filter(({ role }) => role === "assistant");
  if (completion === undefined || more.length > 0 || spoken.at(-1) !== completion)
    throw invalidRequest("messages", "must end with their only answer, for a model of text");
  const asked = spoken.slice(0, -1).map(({ content }) => content);
  return { record: { prompt: asked.join("\n"), completion: completion.content }, notes: [] };
};

/** JSON, and so a type: an interface has no index signature. */
type Spoken = { readonly role: string; readonly content: string };

const spokenIn = (messages: readonly JsonValue[]): readonly Spoken[] =>
  messages.map((message, index) => {
    const { role, content } = isObject(message) ? message : {};
    const text = textOf(content);
    if (isString(role) && text !== undefined) return { role, content: text };
    throw invalidRequest(`messages.${index}`, "must have a role, and a text for its content");
  });

/** A text, whole or in parts. */
const textOf = (content: JsonValue | undefined): string | undefined => {
  if (isString(content)) return content;
  const texts = (isArray(content) ? content : [null]).map((part) => (isObject(part) ? part["text"] : part));
  return texts.every(isString) ? texts.join("") : undefined;
};
