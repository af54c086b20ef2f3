/** The chat dialects, by id. */
import type { ClientDialectId, DialectId } from "../schema/chat.ts";
import { anthropicMessages } from "./anthropic-messages.ts";
import { bedrockConverse } from "./bedrock-converse.ts";
import { cohere } from "./cohere.ts";
import { withoutCustomTools } from "./custom-tools.ts";
import type { ChatDialect, UpstreamDialect } from "./dialect.ts";
import { gemini } from "./gemini.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";
import { oracle } from "./oracle.ts";
import type { NameRule } from "./tool-names.ts";
import { CLAUDE_NAMES, GEMINI_NAMES, PLAIN_NAMES, withTakenNames } from "./tool-names.ts";

const CLIENT_DIALECTS: Readonly<Record<ClientDialectId, ChatDialect>> = Object.freeze({
  "openai-chat": openaiChat,
  "anthropic-messages": anthropicMessages,
  "openai-responses": openaiResponses,
  gemini,
});

/** The dialect of an API that takes not every name of a tool. */
const ofNames = (rule: NameRule, dialect: UpstreamDialect): UpstreamDialect => ({
  ...dialect,
  writeRequest: (chat, target) => dialect.writeRequest(withTakenNames(chat, rule), target),
});

/** The dialect of an API whose tools take no free text. */
const ofFunctions = (dialect: UpstreamDialect): UpstreamDialect => ({
  ...dialect,
  writeRequest: (chat, target) => dialect.writeRequest(withoutCustomTools(chat), target),
});

const UPSTREAM_DIALECTS: ReadonlyMap<DialectId, UpstreamDialect> = new Map<DialectId, UpstreamDialect>([
  ["anthropic-messages", ofFunctions(ofNames(CLAUDE_NAMES, anthropicMessages))],
  ["bedrock-converse", ofFunctions(ofNames(PLAIN_NAMES, bedrockConverse))],
  ["cohere", ofFunctions(ofNames(PLAIN_NAMES, cohere))],
  ["gemini", ofFunctions(ofNames(GEMINI_NAMES, gemini))],
  ["openai-chat", ofNames(PLAIN_NAMES, openaiChat)],
  ["openai-responses", ofNames(PLAIN_NAMES, openaiResponses)],
  ["oracle", ofFunctions(ofNames(PLAIN_NAMES, oracle))],
]);

export const clientDialect = (id: ClientDialectId): ChatDialect => CLIENT_DIALECTS[id];

export const upstreamDialect = (id: DialectId): UpstreamDialect => {
  const dialect = UPSTREAM_DIALECTS.get(id);
  if (dialect === undefined) throw new Error(`There is no dialect ${id}`); // a row that no test has seen
  return dialect;
};
