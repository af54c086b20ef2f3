/**
 * Lines of files for Vertex AI: OpenAI's batch requests and training examples in, each maker's own rows out.
 *
 * Gemini: docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/batch-prediction-from-cloud-storage.
 * Claude: …/docs/partner-models/claude/batch. Open models, in OpenAI's shape: …/docs/maas/capabilities/batch-prediction.
 * Embeddings: …/docs/embeddings/batch-prediction-genai-embeddings.
 */
import type { Chat, ClientDialectId } from "../schema/chat.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { codecOf } from "./codecs.ts";
import type { RequestTarget } from "./dialect.ts";
import { clientDialect, upstreamDialect } from "./dialects.ts";
import { mediaUrlsIn } from "./media-urls.ts";
import { dialectOf } from "./resource.bedrock-lines.ts";
import type { WrittenLine } from "./resource.bedrock-lines.ts";

export { dialectOf, located, parseLine } from "./resource.bedrock-lines.ts";

export type FilePurpose = "batch" | "fine-tune";

/** The field that a row's id is in, where the maker's rows have none; left out of what the model is asked. */
export const ROW_ID = "requestId";

export const EMBEDDINGS = "/v1/embeddings";

/** Who made a model, and what Vertex calls it. */
export interface MadeModel {
  readonly maker: string;
  readonly name: string;
}

export const madeModel = (model: string): MadeModel => {
  const [, publisher, published] = /^publishers\/([a-z0-9-]+)\/models\/(.+)$/.exec(model) ?? [];
  if (publisher !== undefined && published !== undefined) return { maker: publisher, name: published };
  if (/^(?:anthropic[./])?claude/.test(model))
    return { maker: "anthropic", name: model.replace(/^anthropic[./]/, "") };
  if (/^(?:mistral|ministral|codestral)-/.test(model)) return { maker: "mistralai", name: model };
  const [, maker, name] =
    /^(meta|google|mistralai)\.(.+)$/.exec(model) ?? /^([a-z0-9-]+)\/(.+)$/.exec(model) ?? [];
  if (maker === undefined || name === undefined) return { maker: "google", name: model };
  return { maker: maker === "models" ? "google" : maker, name };
};

/** What a file is for, by its first line, where the form has not said it yet. */
export const purposeOf = (line: JsonObject): FilePurpose =>
  line["custom_id"] !== undefined || isNative(line) ? "batch" : "fine-tune";

/** A row of Vertex's own: it stays as it is. */
const isNative = (line: JsonObject): boolean => isObject(line["request"]) || isString(line["content"]);

export const writeLine = (
  line: JsonObject,
  purpose: FilePurpose,
  model: string,
  target: RequestTarget,
): WrittenLine => {
  if (purpose === "fine-tune") return example(line, model, target);
  return isNative(line) ? { record: line, notes: [] } : batchRow(line, model, target);
};

const batchRow = (line: JsonObject, model: string, target: RequestTarget): WrittenLine => {
  const { custom_id: id, body } = line;
  if (!isString(id)) throw invalidRequest("custom_id", "must be a string");
  if (!isObject(body)) throw invalidRequest("body", "must be a JSON object");
  const url = line["url"] ?? target.option("provider_batch_endpoint") ?? "/v1/chat/completions";
  const { maker, name } = madeModel(model);
  if (maker !== "google" && maker !== "anthropic") return openRow(line, `${maker}/${name}`, url, target);
  if (url === EMBEDDINGS && maker === "google") return embeddingRow(id, { ...body, model: name }, target);
  checkMedia(maker, body);
  const chat = readChat(url, { ...body, model: name }, target);
  return maker === "anthropic" ? claudeRow(id, chat, target) : geminiRow(id, chat, target);
};

const readChat = (url: unknown, body: JsonObject, target: RequestTarget): Chat => {
  const dialect = clientDialect(chatDialect(url, target));
  try {
    return { ...dialect.readRequest(body), stream: false };
  } catch (error) {
    if (!(error instanceof GatewayError) || error.param === null) throw error;
    throw new GatewayError(error.code, `body.${error.message}`, { param: `body.${error.param}` });
  }
};

/** "Only base64-encoded sources": platform.claude.com/docs/en/build-with-claude/vision */
const checkMedia = (maker: string, body: JsonObject): void => {
  const [media] = maker === "anthropic" ? mediaUrlsIn(body) : [];
  if (media !== undefined)
    throw invalidRequest(`body.${media.path}`, "must hold the bytes themselves: Claude fetches no URL here");
};

const chatDialect = (url: unknown, target: RequestTarget): ClientDialectId => {
  const dialect = isString(url) ? dialectOf(url) : undefined;
  if (dialect !== undefined) return dialect;
  throw invalidRequest(
    "url",
    `must be /v1/chat/completions, /v1/messages, /v1/responses or ${EMBEDDINGS} for ${target.provider}`,
  );
};

const geminiRow = (id: string, chat: Chat, target: RequestTarget): WrittenLine => {
  const { body, notes } = upstreamDialect("gemini").writeRequest(chat, target);
  return { record: { request: body, [ROW_ID]: id }, notes };
};

const claudeRow = (custom_id: string, chat: Chat, target: RequestTarget): WrittenLine => {
  const { body, notes } = upstreamDialect("anthropic-messages").writeRequest(chat, target);
  const { model: _, stream: __, ...rest } = body;
  const anthropic_version = target.option("anthropic_version") ?? "vertex-2023-10-16";
  return { record: { custom_id, request: { anthropic_version, ...rest } }, notes };
};

/** Models with OpenAI's API are asked in its rows, whichever API the client's line is of. */
const openRow = (line: JsonObject, model: string, url: unknown, target: RequestTarget): WrittenLine => {
  const { custom_id, body } = line;
  const row = { custom_id, method: "POST" };
  const asked = { ...(isObject(body) ? body : {}), model };
  if (url === EMBEDDINGS) return { record: { ...row, url: EMBEDDINGS, body: asked }, notes: [] };
  if (chatDialect(url, target) === "openai-chat")
    return { record: { ...row, url: "/v1/chat/completions", body: asked }, notes: [] };
  const written = upstreamDialect("openai-chat").writeRequest(readChat(url, asked, target), target);
  return { record: { ...row, url: "/v1/chat/completions", body: written.body }, notes: written.notes };
};

/** A row is one text, and what is the same for all rows is the job's to say. */
const embeddingRow = (id: string, body: JsonObject, target: RequestTarget): WrittenLine => {
  const written = codecOf("vertex-embeddings").write(body, target);
  const fields: JsonObject = written.body instanceof FormData ? {} : written.body; // this codec writes none
  const { instances, parameters } = fields;
  const [instance, ...others] = isArray(instances) ? instances : [];
  if (!isObject(instance) || others.length > 0)
    throw invalidRequest("body.input", `must be one text for ${target.provider}: a line for each`);
  const notes = isObject(parameters) ? Object.keys(parameters) : [];
  return { record: { ...instance, [ROW_ID]: id }, notes: [...written.notes, ...notes] };
};

/** A conversation to learn from, as Gemini's: …/docs/models/gemini-supervised-tuning-prepare. Others stay as they are. */
const example = (line: JsonObject, model: string, target: RequestTarget): WrittenLine => {
  if (!isArray(line["messages"]) || madeModel(model).maker !== "google") return { record: line, notes: [] };
  const chat = clientDialect("openai-chat").readRequest({ ...line, model });
  const { body, notes } = upstreamDialect("gemini").writeRequest(chat, target);
  const { systemInstruction, contents, tools } = body;
  const record = Object.fromEntries(
    Object.entries({ systemInstruction, contents, tools }).filter(([, value]) => value !== undefined),
  );
  return { record, notes };
};
