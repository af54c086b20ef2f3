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

/** The counts of a whole answer: those that its stream has fields for, too. */
export const countsOf = (client: ClientDialectId, reply: JsonObject): JsonObject => {
  const usage = inside(reply[client === "gemini" ? "usageMetadata" : "usage"]);
  if (client !== "anthropic-messages") return usage;
  return Object.fromEntries(Object.entries(usage).filter(([name]) => DELTA_USAGE.has(name)));
};

/** The counts of a stream: the last ones that stand in a frame. */
export const streamedCountsOf = (client: ClientDialectId, text: string): JsonObject => {
  const counts = framesOf(text).map((frame) =>
    countsOf(client, client === "openai-responses" ? inside(frame["response"]) : frame),
  );
  return counts.findLast((each) => Object.keys(each).length > 0) ?? {};
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

/** `MessageDeltaUsage` of Anthropic's SDK; what else a whole answer's `Usage` has is not counted anew. */
const DELTA_USAGE: ReadonlySet<string> = new Set([
  "cache_creation_input_tokens",
  "cache_read_input_tokens",
  "input_tokens",
  "output_tokens",
  "output_tokens_details",
  "server_tool_use",
]);

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
