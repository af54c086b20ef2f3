/**
 * Chat requests in OCI's Cohere format: Cohere's own request in Oracle's spelling ("CohereChatRequestV2"
 * of Oracle's SDK).
 */
import { defined } from "../lib/defined.ts";
import type { Chat } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { writeRequest } from "./cohere.request.ts";
import type { RequestTarget, Written } from "./dialect.ts";

export const writeCohere = (chat: Chat, target: RequestTarget): Written<JsonObject> => {
  const { body, notes } = writeRequest(chat, target);
  const { documents, temperature, seed, priority, citation_options: citations } = body;
  const request = {
    apiFormat: "COHEREV2",
    messages: listOf(body["messages"]).map(message),
    ...defined({
      documents,
      citationOptions: isObject(citations) ? upper(citations) : undefined,
      tools: body["tools"] === undefined ? undefined : listOf(body["tools"]).map(upper),
      toolsChoice: body["tool_choice"],
      isStrictToolsEnabled: body["strict_tools"],
      isLogProbsEnabled: body["logprobs"],
      thinking: thinking(body["thinking"]),
      responseFormat: format(body["response_format"]),
      maxTokens: body["max_tokens"],
      temperature,
      topK: body["k"],
      topP: body["p"],
      frequencyPenalty: body["frequency_penalty"],
      presencePenalty: body["presence_penalty"],
      seed,
      stopSequences: body["stop_sequences"],
      priority,
      isRawPrompting: body["raw_prompting"],
      safetyMode: body["safety_mode"],
    }),
    ...(chat.stream ? { isStream: true, streamOptions: { isIncludeUsage: true } } : {}),
  };
  return { body: request, notes };
};

const message = (said: JsonObject): JsonObject => {
  const { role, content, tool_calls: calls, tool_call_id: callId, tool_plan: plan, citations } = said;
  return defined({
    role: word(role),
    content: content === undefined ? undefined : parts(content),
    toolCalls: calls === undefined ? undefined : listOf(calls).map(upper),
    toolCallId: callId,
    toolPlan: plan,
    citations,
  });
};

const parts = (content: JsonValue): readonly JsonValue[] => {
  if (isString(content)) return [{ type: "TEXT", text: content }];
  return listOf(content).map(part);
};

const part = ({ type, image_url: image, ...rest }: JsonObject): JsonObject => {
  const url = isObject(image)
    ? { imageUrl: { ...image, ...defined({ detail: word(image["detail"]) }) } }
    : {};
  return { type: word(type), ...rest, ...url };
};

const thinking = (value: JsonValue | undefined): JsonObject | undefined =>
  isObject(value) ? defined({ type: word(value["type"]), tokenBudget: value["token_budget"] }) : undefined;

const format = (value: JsonValue | undefined): JsonObject | undefined =>
  isObject(value) ? defined({ type: word(value["type"]), schema: value["json_schema"] }) : undefined;

/** `type` and `mode` are words in capitals here. */
const upper = (value: JsonObject): JsonObject => ({
  ...value,
  ...defined({ type: word(value["type"]), mode: word(value["mode"]) }),
});

const word = (value: JsonValue | undefined): JsonValue | undefined =>
  isString(value) ? value.toUpperCase() : value;
const listOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  isArray(value) ? value.filter(isObject) : [];
