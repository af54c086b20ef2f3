/**
 * What models that think unless they are told not to refuse meanwhile: to be made to call a tool, and to have a call
 * of theirs brought back without the thoughts before it.
 *
 * "Thinking mode does not support this tool_choice" (DeepSeek: github.com/deepseek-ai/DeepSeek-V3/issues/1376),
 * "tool_choice 'required' is incompatible with thinking enabled" (Kimi: github.com/can1357/oh-my-pi/issues/1077), "does
 * not support being set to required or object in thinking mode" (Qwen: github.com/cloudwego/eino/issues/994). With
 * thinking off all of them take it.
 */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Quirks, ThinkingWords } from "../schema/provider-row.ts";
import { reasoningPieces } from "./openai-chat.pieces.ts";
import { thinkingSwitch } from "./thinking-switch.ts";
import { autoChoice, isForced } from "./tool-choice-quirks.ts";
import type { QuirkEdits } from "./quirks.ts";
import { patternOf } from "./patterns.ts";

/** A client that did not ask for thoughts gets its call without them; one that did, or a model that has no such switch, is free to call. */
export const forcedChoiceEdits = ({ thinking }: Quirks, body: JsonObject): QuirkEdits | undefined => {
  if (thinking === undefined || !isForced(body["tool_choice"])) return undefined;
  const isAsked = isTold(thinking, body) === "on";
  if (!isAsked && !thinksByItself(thinking, body)) return undefined;
  if (isAsked || !matches(thinking.off, body)) return autoChoice(body);
  return { edits: switchedOff(thinking), notes: [] };
};

/** Answers of these models are streams while they think; who wants a whole one gets it without thoughts. */
export const wholeAnswerEdits = ({ thinking }: Quirks, body: JsonObject): readonly JsonEdit[] =>
  thinking !== undefined &&
  body["stream"] !== true &&
  matches(thinking.inStreams, body) &&
  isTold(thinking, body) === undefined
    ? switchedOff(thinking)
    : [];

/**
 * The thoughts of an earlier turn by the vendor's name for them, and an empty text where nobody kept any:
 * github.com/danny-avila/LibreChat/issues/13366, github.com/openclaw/openclaw/pull/74846.
 */
export const reminderEdits = (
  { thinking, reasoningField }: Quirks,
  body: JsonObject,
): readonly JsonEdit[] => {
  const { messages } = body;
  if (thinking === undefined || reasoningField === undefined || !isArray(messages)) return [];
  if (!thinksByItself(thinking, body) || !messages.some(isCalling)) return [];
  return messages.flatMap((message, at): JsonEdit[] => {
    if (!isObject(message) || message["role"] !== "assistant" || isString(message[reasoningField])) return [];
    const value = reasoningPieces(message)
      .map(({ text }) => text)
      .join("");
    return [{ op: "set", path: ["messages", at, reasoningField], value }];
  });
};

const isCalling = (message: unknown): boolean =>
  isObject(message) && isArray(message["tool_calls"]) && message["tool_calls"].length > 0;

const switchedOff = ({ field }: ThinkingWords): readonly JsonEdit[] =>
  Object.entries(thinkingSwitch(field, false)).map(([name, value]): JsonEdit => ({
    op: "set",
    path: [name],
    value,
  }));

const thinksByItself = (thinking: ThinkingWords, body: JsonObject): boolean =>
  matches(thinking.unasked, body) && isTold(thinking, body) !== "off";

const matches = (pattern: string | undefined, { model }: JsonObject): boolean =>
  pattern !== undefined && isString(model) && patternOf(pattern).test(model);

/** Whether the body says to think or not to, in the vendor's words or as an effort. */
const isTold = ({ field }: ThinkingWords, body: JsonObject): "on" | "off" | undefined => {
  const said = body[field];
  if (said === true || (isObject(said) && isOn(said))) return "on";
  if (said === false || (isObject(said) && isOff(said))) return "off";
  const effort = body["reasoning_effort"];
  return isString(effort) && effort !== "none" ? "on" : undefined;
};

const isOn = ({ type, enabled, effort, max_tokens: budget }: JsonObject): boolean =>
  type === "enabled" || enabled === true || budget !== undefined || (isString(effort) && effort !== "none");

const isOff = ({ type, enabled, effort }: JsonObject): boolean =>
  type === "disabled" || enabled === false || effort === "none";
