/** Replies and stream chunks of OCI's chat as OpenAI's: the same things, spelled and nested otherwise. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";

/** A whole reply; `undefined` when it is none. Cohere's has its only choice in it. */
export const toReply = (body: JsonObject): JsonObject | undefined => {
  const response = body["chatResponse"];
  if (!isObject(response)) return undefined;
  const choices = isArray(response["choices"]) ? response["choices"] : [response];
  return {
    ...headOf(body, response),
    choices: choices.filter(isObject).map((choice) => choiceOf(choice, "message")),
    ...defined({ usage: usageOf(response["usage"]) }),
  };
};

/** A chunk of a stream is a choice. */
export const toChunk = (event: JsonObject): JsonObject => {
  const saysSomething = isObject(event["message"]) || isString(event["finishReason"]);
  return {
    ...headOf(event, event),
    choices: saysSomething ? [choiceOf(event, "delta")] : [],
    ...defined({ usage: usageOf(event["usage"]) }),
  };
};

const headOf = (body: JsonObject, response: JsonObject): JsonObject => {
  const time = response["timeCreated"];
  const created = isString(time) ? Math.floor(Date.parse(time) / 1000) : Number.NaN;
  const id = response["id"];
  const model = body["modelId"];
  return defined({
    id: isString(id) ? id : undefined,
    model: isString(model) ? model : undefined,
    created: Number.isNaN(created) ? undefined : created,
  });
};

const choiceOf = (choice: JsonObject, said: "message" | "delta"): JsonObject => ({
  index: isNumber(choice["index"]) ? choice["index"] : 0,
  [said]: isObject(choice["message"]) ? messageOf(choice["message"]) : {},
  finish_reason: finishOf(choice["finishReason"]),
  ...defined({ logprobs: logprobsOf(choice["logprobs"]) }),
});

const messageOf = (message: JsonObject): JsonObject => {
  const parts = listOf(message["content"]);
  const calls = listOf(message["toolCalls"]);
  const annotations = listOf(message["annotations"]);
  return defined({
    role: "assistant",
    content: joined(parts, "text"),
    reasoning_content:
      joined(parts, "thinking") || message["reasoningContent"] || message["toolPlan"] || undefined,
    refusal: isString(message["refusal"]) ? message["refusal"] : undefined,
    tool_calls: calls.length === 0 ? undefined : calls.map(callOf),
    annotations: annotations.length === 0 ? undefined : annotations.map(annotationOf),
  });
};

const joined = (parts: readonly JsonObject[], field: string): string =>
  parts.map((part) => (isString(part[field]) ? part[field] : "")).join("");

/** Cohere's calls are nested as OpenAI's are, all others are flat. */
const callOf = (call: JsonObject): JsonObject => {
  const { id, index, function: nested } = call;
  const { name, arguments: json } = isObject(nested) ? nested : call;
  return { type: "function", function: defined({ name, arguments: json }), ...defined({ id, index }) };
};

const annotationOf = ({ urlCitation }: JsonObject): JsonObject => {
  const { startIndex, endIndex, title, url } = isObject(urlCitation) ? urlCitation : {};
  return {
    type: "url_citation",
    url_citation: defined({ start_index: startIndex, end_index: endIndex, title, url }),
  };
};

/** What went wrong when a generation ended so; the text before it is no answer. */
export const failureOf = (response: JsonObject): JsonObject | undefined => {
  const { finishReason, errorMessage } = response;
  const code = isString(finishReason) ? FAILURES.get(finishReason) : undefined;
  if (code === undefined) return undefined;
  const message = isString(errorMessage) && errorMessage !== "" ? errorMessage : "The generation failed";
  return { code, message };
};

/** `FinishReason` of CohereChatResponseV2 and CohereChatResponse in Oracle's SDK, with the nearest status. */
const FAILURES = table({ ERROR: "500", USER_CANCEL: "499" });

/** Cohere's words; other models say OpenAI's. */
const FINISHES = table({
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop_sequence",
  MAX_TOKENS: "length",
  TOOL_CALL: "tool_calls",
  ERROR_TOXIC: "content_filter",
  ERROR_LIMIT: "model_context_window_exceeded",
});

const finishOf = (word: JsonValue | undefined): string | null =>
  isString(word) ? (FINISHES.get(word) ?? word.toLowerCase()) : null;

/** Lists side by side: the tokens, their logprobs, and for each the likeliest others. */
const logprobsOf = (logprobs: JsonValue | undefined): JsonObject | undefined => {
  if (!isObject(logprobs) || !isArray(logprobs["tokens"])) return undefined;
  const { tokens, tokenLogprobs, topLogprobs } = logprobs;
  const content = tokens.map((token, index) => ({
    token,
    logprob: (isArray(tokenLogprobs) ? tokenLogprobs[index] : undefined) ?? 0,
    bytes: null,
    top_logprobs: othersOf(isArray(topLogprobs) ? topLogprobs[index] : undefined),
  }));
  return { content, refusal: null };
};

const othersOf = (others: JsonValue | undefined): readonly JsonObject[] =>
  isObject(others)
    ? Object.entries(others).flatMap(([token, logprob]) =>
        isNumber(logprob) ? { token, logprob, bytes: null } : [],
      )
    : [];

const usageOf = (usage: JsonValue | undefined): JsonObject | undefined => {
  if (!isObject(usage)) return undefined;
  const { promptTokens, completionTokens, totalTokens, promptTokensDetails, completionTokensDetails } = usage;
  return defined({
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: totalTokens,
    prompt_tokens_details: isObject(promptTokensDetails)
      ? defined({ cached_tokens: promptTokensDetails["cachedTokens"] })
      : undefined,
    completion_tokens_details: isObject(completionTokensDetails)
      ? defined({ reasoning_tokens: completionTokensDetails["reasoningTokens"] })
      : undefined,
  });
};

const listOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  isArray(value) ? value.filter(isObject) : [];
