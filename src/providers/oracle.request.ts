/** Requests of OCI's Generative AI chat action: which model serves it, who pays, and the chat itself. */
import { defined } from "../lib/defined.ts";
import type { Chat } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Note, RequestTarget, Written } from "./dialect.ts";
import { writeCohere } from "./oracle.cohere.ts";
import { writeGeneric } from "./oracle.generic.ts";
import { withoutReferences } from "./schema-references.ts";
import { carriedFields } from "./unsaid.ts";
import { missingInput } from "./url.ts";

export const writeRequest = (chat: Chat, target: RequestTarget): Written<JsonObject> => {
  const served = servedBy(chat.model, target);
  const { body, notes } = writeChat(withPlainTools(chat), target);
  return { body: { ...served, chatRequest: body }, notes };
};

/** "OCI API doesn't support `$ref`" (github.com/oracle/langchain-oracle/pull/117). */
const withPlainTools = (chat: Chat): Chat => {
  const tools = chat.tools?.map((tool) =>
    tool.kind === "function" && tool.parameters !== undefined
      ? { ...tool, parameters: withoutReferences(tool.parameters) }
      : tool,
  );
  return { ...chat, ...defined({ tools }) };
};

/** What every action of OCI's wants to know: who pays, and which model serves it. */
export const servedBy = (model: string, target: RequestTarget): JsonObject => {
  const compartmentId = target.option("oracle_compartment_id");
  if (compartmentId === undefined) throw missingInput({ id: target.provider }, "oracle_compartment_id");
  return { compartmentId, servingMode: servingMode(model, target) };
};

/** Dedicated models are endpoints of their own ("DedicatedServingMode" of Oracle's SDK). */
const servingMode = (model: string, target: RequestTarget): JsonObject => {
  const mode = target.option("oracle_serving_mode")?.toUpperCase() ?? "ON_DEMAND";
  if (mode === "DEDICATED") return { servingType: mode, endpointId: model };
  if (mode === "ON_DEMAND") return { servingType: mode, modelId: model };
  throw invalidRequest("oracle_serving_mode", "must be ON_DEMAND or DEDICATED");
};

const EXTENDED = names("api_format is_echo verbosity metadata prediction web_search_options");

const writeChat = (chat: Chat, target: RequestTarget): Written<JsonObject> => {
  const { api_format: format, ...rest } = chat.native?.fields ?? {};
  if (isCohere(chat.model, format)) {
    const { native } = chat;
    return writeCohere(
      native === undefined ? chat : { ...chat, native: { ...native, fields: rest } },
      target,
    );
  }
  const notes: Note[] = [];
  const extended = carriedFields(chat.native, EXTENDED, notes);
  const body = writeGeneric(chat, extended, notes);
  return { body, notes: [...new Set(notes)] };
};

/** A dedicated endpoint does not say whose model it serves: `api_format` does. */
const isCohere = (model: string, format: JsonValue | undefined): boolean => {
  if (format === undefined || format === null) return model.startsWith("cohere.");
  if (isString(format) && FORMATS.has(format)) return format === "COHEREV2";
  throw invalidRequest("api_format", "must be GENERIC or COHEREV2");
};

const FORMATS = names("GENERIC COHEREV2");
