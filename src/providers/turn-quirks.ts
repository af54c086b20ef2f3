/** What a vendor refuses of a conversation that others take: its calls' names and the order of its turns. */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { digestOf } from "./call-ids.ts";

/** Ids of calls and of their results: each of another length or with other signs gives way to a hash of it. */
export const callIdEdits = (
  length: number | undefined,
  messages: JsonValue | undefined,
): readonly JsonEdit[] => {
  if (length === undefined || !isArray(messages)) return [];
  const isForeign = (id: JsonValue | undefined): id is string => isString(id) && !isPlain(id, length);
  const renamed = (call: JsonValue): JsonValue =>
    isObject(call) && isForeign(call["id"]) ? { ...call, id: digestOf(call["id"], length) } : call;
  return messages.flatMap((message, at): JsonEdit[] => {
    if (!isObject(message)) return [];
    const { tool_calls: calls, tool_call_id: result } = message;
    if (isForeign(result))
      return [{ op: "set", path: ["messages", at, "tool_call_id"], value: digestOf(result, length) }];
    return isArray(calls) && calls.some((call) => isObject(call) && isForeign(call["id"]))
      ? [{ op: "set", path: ["messages", at, "tool_calls"], value: calls.map(renamed) }]
      : [];
  });
};

const isPlain = (id: string, length: number): boolean => id.length === length && /^[a-zA-Z0-9]+$/.test(id);

/** What an assistant says between the results of its tools and the user who goes on. */
const BRIDGE: JsonObject = Object.freeze({ role: "assistant", content: "OK." });

/** The indexes of users' turns that follow the results of tools. */
export const turnsAfterTools = (messages: JsonValue | undefined): readonly number[] =>
  isArray(messages)
    ? messages.flatMap((message, at) =>
        roleOf(message) === "user" && roleOf(messages[at - 1]) === "tool" ? [at] : [],
      )
    : [];

/** From the last to the first, so that no index moves before it is used. */
export const bridgeEdits = (turns: readonly number[]): readonly JsonEdit[] =>
  turns.toReversed().map((at) => ({ op: "insert", path: ["messages", at], value: BRIDGE }));

/** The indexes of the system's turns where the model takes none. Most conversations have none. */
export const demotedTurns = (
  models: string | undefined,
  { model, messages }: JsonObject,
): readonly number[] => {
  if (models === undefined || !isArray(messages) || !isString(model)) return [];
  const turns = messages.flatMap((message, at) => (roleOf(message) === "system" ? [at] : []));
  return turns.length > 0 && new RegExp(models, "i").test(model) ? turns : [];
};

const roleOf = (message: JsonValue | undefined): JsonValue | undefined =>
  isObject(message) ? message["role"] : undefined;
