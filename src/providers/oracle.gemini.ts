/**
 * Conversations with Gemini on OCI, whose own words for them OCI makes of ours: of several calls in one turn it loses
 * the results ("the number of function response parts is equal to the number of function call parts"), and of a turn
 * that says nothing beside its calls it makes a 500 (github.com/oracle/langchain-oracle/pull/111 and /pull/79).
 */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";

export const isGemini = (model: string): boolean => model.startsWith("google.");

/** Each call in a turn of its own, before its result; what answers no call of the turn before stays behind them. */
export const inPairs = (messages: readonly JsonObject[]): readonly JsonObject[] => {
  const written: JsonObject[] = [];
  let answered: ReadonlySet<JsonValue | undefined> = new Set();
  for (const [index, message] of messages.entries()) {
    const calls = callsOf(message);
    if (message["role"] !== "TOOL") answered = new Set(calls.map(({ id }) => id));
    if (calls.length > 0) written.push(...pairsOf(message, calls, resultsAfter(messages, index)));
    else if (message["role"] !== "TOOL" || !answered.has(message["toolCallId"])) written.push(message);
  }
  return written;
};

const callsOf = ({ toolCalls }: JsonObject): readonly JsonObject[] =>
  isArray(toolCalls) ? toolCalls.filter(isObject) : [];

const resultsAfter = (messages: readonly JsonObject[], index: number): readonly JsonObject[] => {
  let end = index + 1;
  while (messages[end]?.["role"] === "TOOL") end += 1;
  return messages.slice(index + 1, end);
};

const pairsOf = (
  message: JsonObject,
  calls: readonly JsonObject[],
  results: readonly JsonObject[],
): readonly JsonObject[] => {
  const byCall = Map.groupBy(results, ({ toolCallId }) => toolCallId);
  return calls.flatMap((call, index) => {
    const answers = byCall.get(call["id"]) ?? [];
    byCall.delete(call["id"]); // of two calls with one id the first is answered
    return [{ ...message, content: index === 0 ? said(message) : SILENCE, toolCalls: [call] }, ...answers];
  });
};

const said = ({ content }: JsonObject): JsonValue => {
  const parts = isArray(content) ? content.filter((part) => !isObject(part) || part["text"] !== "") : [];
  return parts.length === 0 ? SILENCE : parts;
};

const SILENCE: JsonValue = [{ type: "TEXT", text: "." }];
