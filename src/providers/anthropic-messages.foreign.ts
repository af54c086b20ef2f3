/**
 * Other makers' thinking in a body that goes on as it came.
 *
 * A client gives back the thinking that it was shown, and may by then be led to another provider: the API
 * refuses what it has not signed ("Invalid signature in thinking block").
 */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import { isForeign } from "./anthropic-messages.blocks.ts";
import type { Edited } from "./dialect.ts";

export const foreignThinking = (body: JsonObject): Edited => {
  const messages = isArray(body["messages"]) ? body["messages"].map(contentOf) : NONE;
  if (!messages.some((content) => content.some(isForeignThought))) return NOTHING;
  const isOff = needsThought(body, messages);
  const places = messages.flatMap((content, at) => foreignPlaces(content).map((index) => [at, index]));
  return {
    edits: [
      ...messages.flatMap((content, at) => removals(content, at)).toReversed(), // what is removed moves what follows it
      ...(isOff ? [THINKING_OFF] : []),
    ],
    notes: [
      ...places.map(([at, index]) => `messages.${at}.content.${index} (reasoning)`),
      ...(isOff ? ["thinking"] : []),
    ],
  };
};

type Content = readonly JsonValue[];

const NONE: readonly Content[] = [];
const NOTHING: Edited = Object.freeze({ edits: [], notes: [] });
const THINKING_OFF: JsonEdit = Object.freeze({ op: "remove", path: ["thinking"] });

const contentOf = (message: JsonValue): Content => {
  const content = isObject(message) && message["role"] === "assistant" ? message["content"] : undefined;
  return isArray(content) ? content : [];
};

const isForeignThought = (block: JsonValue): boolean =>
  isObject(block) &&
  ((block["type"] === "thinking" && isForeign(block["signature"])) ||
    (block["type"] === "redacted_thinking" && isForeign(block["data"])));

const foreignPlaces = (content: Content): readonly number[] =>
  content.flatMap((block, index) => (isForeignThought(block) ? [index] : []));

/** A turn that was nothing else goes as a whole: the API takes no empty one. */
const removals = (content: Content, at: number): readonly JsonEdit[] => {
  const found = foreignPlaces(content);
  if (found.length === 0) return [];
  if (found.length === content.length) return [{ op: "remove", path: ["messages", at] }];
  return found.map((index) => ({ op: "remove", path: ["messages", at, "content", index] }));
};

/** Beside a budget, the last turn must begin with its thinking when it calls tools (extended-thinking). */
const needsThought = ({ thinking }: JsonObject, messages: readonly Content[]): boolean => {
  if (!isObject(thinking) || thinking["type"] !== "enabled") return false;
  const [first, ...rest] = messages.findLast((content) => content.length > 0)?.filter(isKept) ?? [];
  return [first, ...rest].some((block) => typeOf(block) === "tool_use") && !THOUGHTS.has(typeOf(first));
};

const isKept = (block: JsonValue): boolean => !isForeignThought(block);

const THOUGHTS: ReadonlySet<unknown> = new Set(["thinking", "redacted_thinking"]);

const typeOf = (block: JsonValue | undefined): unknown => (isObject(block) ? block["type"] : undefined);
