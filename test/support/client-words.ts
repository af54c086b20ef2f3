/** What a client of each dialect reads in an answer: why it ended, and the error in a stream. */
import { runAll } from "../../src/lib/reducer.ts";
import { decodeSse } from "../../src/lib/sse.ts";
import type { ClientDialectId } from "../../src/schema/chat.ts";
import { isObject, isString, type JsonObject, type JsonValue, parsedObject } from "../../src/schema/json.ts";

/** The word of a whole answer. */
export const wordOf = (client: ClientDialectId, reply: JsonObject): string => said(WHOLE[client](reply));

/** The word of a stream: the last one that stands in a frame. */
export const streamedWordOf = (client: ClientDialectId, text: string): string => {
  const words = framesOf(text).map(STREAMED[client]);
  return said(words.findLast((word) => word !== undefined && word !== null));
};

/** The error that the last frame of a stream states. */
export const streamedErrorOf = (text: string): JsonObject => {
  const { response, sequence_number: _, ...frame } = framesOf(text).at(-1) ?? {};
  return isObject(response) ? { ...frame, error: response["error"] } : frame;
};

/** The data of a stream's frames that are JSON. */
export const framesOf = (text: string): readonly JsonObject[] =>
  runAll(decodeSse(), [new TextEncoder().encode(text)])
    .map(({ data }) => parsedObject(data))
    .filter((frame) => frame !== undefined);

/** What stands at the end of a whole stream alone. */
export const END_MARKS: Readonly<Record<ClientDialectId, readonly string[]>> = {
  "openai-chat": ["[DONE]"],
  "anthropic-messages": ["message_stop"],
  "openai-responses": ["response.completed", "response.incomplete"],
  gemini: ["finishReason"],
};

type Read = (body: JsonObject) => JsonValue | undefined;

const first = (list: JsonValue | undefined): JsonObject => {
  const item: unknown = Array.isArray(list) ? list[0] : undefined;
  return isObject(item) ? item : {};
};

const inside = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

const responseWord: Read = ({ status, incomplete_details: details }) =>
  [status, inside(details)["reason"]].filter(isString).join(": ");

const WHOLE: Readonly<Record<ClientDialectId, Read>> = {
  "openai-chat": ({ choices }) => first(choices)["finish_reason"],
  "anthropic-messages": ({ stop_reason: word }) => word,
  "openai-responses": responseWord,
  gemini: ({ candidates }) => first(candidates)["finishReason"],
};

const STREAMED: Readonly<Record<ClientDialectId, Read>> = {
  ...WHOLE,
  "anthropic-messages": ({ delta }) => inside(delta)["stop_reason"],
  "openai-responses": ({ response }) => (isObject(response) ? responseWord(response) : undefined),
};

const said = (word: JsonValue | undefined): string => (isString(word) ? word : "(none)");
