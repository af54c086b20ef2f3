/** What a vendor refuses of a conversation that others take: its calls' names and the order of its turns. */
import { defined } from "../lib/defined.ts";
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { digestOf } from "./call-ids.ts";
import { textOf } from "./content-quirks.ts";
import { asksFor } from "./idle-values.ts";
import type { Quirks } from "../schema/provider-row.ts";
import type { QuirkEdits } from "./quirks.ts";
import { patternOf } from "./patterns.ts";

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

/** The indexes of users' turns that follow the results of tools, whatever turns are left out between. */
const turnsAfterTools = (messages: JsonValue | undefined, leftOut: readonly number[]): readonly number[] => {
  if (!isArray(messages)) return [];
  const kept = [...messages.keys()].filter((at) => !leftOut.includes(at));
  return kept.filter(
    (at, place) =>
      roleOf(messages[at]) === "user" && place > 0 && roleOf(messages[kept[place - 1] ?? -1]) === "tool",
  );
};

/**
 * The indexes of the assistant's turns that say nothing: "Assistant message must have either content or tool_calls"
 * (Mistral: github.com/solbrowse/extension/issues/16), "with role 'assistant' must not be empty" (Kimi:
 * github.com/lobehub/lobehub/pull/8419), and GLM in Chinese (github.com/songquanpeng/one-api/issues/1153).
 */
const emptyTurns = (messages: JsonValue | undefined): readonly number[] =>
  isArray(messages)
    ? messages.flatMap((message, at) => (isObject(message) && isEmptyTurn(message) ? [at] : []))
    : [];

const isEmptyTurn = ({ role, content, tool_calls: calls, function_call: call }: JsonObject): boolean =>
  role === "assistant" && call == null && !asksFor("tool_calls", calls) && !asksFor("content", content);

/** "The messages parameter is illegal" (GLM: github.com/anomalyco/opencode/issues/2557). */
export const userEdits = (messages: JsonValue | undefined): QuirkEdits | undefined => {
  if (!isArray(messages) || messages.length === 0) return undefined;
  if (!messages.every((message) => isObject(message) && isSystem(message))) return undefined;
  const at = messages.length - 1;
  return {
    edits: [{ op: "set", path: ["messages", at, "role"], value: "user" }],
    notes: [`messages.${at}.role (user)`],
  };
};

/** Turns that are put between others, and such as are left out: from the last to the first, so that no index moves before it is used. */
export const movingEdits = ({ answersTools, refusesEmpty }: Quirks, { messages }: JsonObject): QuirkEdits => {
  const empty = refusesEmpty === true ? emptyTurns(messages) : [];
  const bridged = answersTools === true ? turnsAfterTools(messages, empty) : [];
  const edits = [
    ...bridged.map((at): MovingEdit => ({ op: "insert", path: ["messages", at], value: BRIDGE })),
    ...empty.map((at): MovingEdit => ({ op: "remove", path: ["messages", at] })),
  ];
  return {
    edits: edits.toSorted((one, other) => other.path[1] - one.path[1]),
    notes: bridged.map((at) => `messages.${at} (an assistant's turn is put before it)`),
  };
};

type MovingEdit = JsonEdit & { readonly path: readonly ["messages", number] };

/**
 * A last word of the assistant is the beginning of its answer: "Expected last role User or Tool (or Assistant with prefix
 * True)" (github.com/anomalyco/opencode/issues/19115), and `partial` of Kimi (platform.kimi.ai/docs, "Partial mode").
 */
export const prefillEdits = (
  field: string | undefined,
  messages: JsonValue | undefined,
): readonly JsonEdit[] => {
  const last = isArray(messages) ? messages.at(-1) : undefined;
  if (field === undefined || !isArray(messages) || !isObject(last)) return [];
  const isBegun = last["role"] === "assistant" && last["tool_calls"] == null && last[field] === undefined;
  return isBegun ? [{ op: "set", path: ["messages", messages.length - 1, field], value: true }] : [];
};

/**
 * What a system says comes first, and users and the assistant speak by turns: "After the (optional) system message(s),
 * user or tool message(s) should alternate with assistant message(s)" (Perplexity: github.com/serac-labs/serac/issues/53).
 */
export const turnEdits = (messages: JsonValue | undefined): readonly JsonEdit[] => {
  if (!isArray(messages) || !messages.every(isObject)) return [];
  const systems = messages.filter(isSystem);
  const turns: JsonObject[] = [];
  for (const message of messages.filter((each) => !isSystem(each))) {
    const last = turns.at(-1);
    if (last !== undefined && isSameSpeaker(last, message)) turns.splice(-1, 1, joined(last, message));
    else turns.push(message);
  }
  const value = [...systems.map((each) => ({ ...each, role: "system" })), ...turns];
  const isInOrder = value.length === messages.length && messages.slice(0, systems.length).every(isSystem);
  return isInOrder ? [] : [{ op: "set", path: ["messages"], value }];
};

/** What a turn says besides is said before its first call; a result that no call asked for stays behind the last. */
export const oneByOneEdits = (messages: JsonValue | undefined): readonly JsonEdit[] => {
  if (!isArray(messages) || !messages.every(isObject)) return [];
  const value: JsonObject[] = [];
  let results = resultsAfter(messages, -1);
  messages.forEach((message, at) => {
    if (message["role"] !== "tool") results = resultsAfter(messages, at);
    const calls = isArray(message["tool_calls"]) ? message["tool_calls"] : [];
    if (calls.length < 2) {
      if (message["role"] !== "tool" || results.includes(message)) value.push(message);
      return;
    }
    calls.forEach((call, index) => {
      const content = index === 0 ? message["content"] : null;
      const own = results.filter((result) => isObject(call) && result["tool_call_id"] === call["id"]);
      value.push({ ...message, ...defined({ content }), tool_calls: [call] }, ...own);
      results = results.filter((result) => !own.includes(result));
    });
  });
  return value.length === messages.length ? [] : [{ op: "set", path: ["messages"], value }];
};

/** The results that follow a message at once. */
const resultsAfter = (messages: readonly JsonObject[], at: number): readonly JsonObject[] => {
  const end = messages.findIndex(({ role }, index) => index > at && role !== "tool");
  return messages.slice(at + 1, end === -1 ? undefined : end);
};

const isSystem = ({ role }: JsonObject): boolean => role === "system" || role === "developer";

/** Calls and their results keep their messages. */
const isSameSpeaker = (one: JsonObject, other: JsonObject): boolean =>
  one["role"] === other["role"] &&
  one["role"] !== "tool" &&
  one["tool_calls"] == null &&
  other["tool_calls"] == null;

const joined = (one: JsonObject, other: JsonObject): JsonObject => {
  const content = [...partsOf(one["content"]), ...partsOf(other["content"])];
  return { ...one, content: textOf(content) ?? content };
};

const partsOf = (content: JsonValue | undefined): readonly JsonValue[] => {
  if (isArray(content)) return content;
  return isString(content) && content !== "" ? [{ type: "text", text: content }] : [];
};

/** The system's turns where the model takes none are the user's. Most conversations have none. */
export const demotedEdits = (
  { systemAsUser: models }: Quirks,
  { model, messages }: JsonObject,
): QuirkEdits | undefined => {
  if (models === undefined || !isArray(messages) || !isString(model)) return undefined;
  const turns = messages.flatMap((message, at) => (roleOf(message) === "system" ? [at] : []));
  if (turns.length === 0 || !patternOf(models).test(model)) return undefined;
  return {
    edits: turns.map((at): JsonEdit => ({ op: "set", path: ["messages", at, "role"], value: "user" })),
    notes: turns.map((at) => `messages.${at}.role (user)`),
  };
};

const roleOf = (message: JsonValue | undefined): JsonValue | undefined =>
  isObject(message) ? message["role"] : undefined;
