/** What passing frames of an OpenAI-shaped stream tell the tap, parsing only those that may say much. */
import type { Marks } from "../lib/sse-frames.ts";
import { marksOf } from "../lib/sse-frames.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Glance } from "./dialect.ts";
import { readStreamError } from "./openai-chat.errors.ts";
import { failureOf } from "./openai-chat.failures.ts";
import { DONE, errorOf, parseChunk } from "./openai-chat.stream-read.ts";
import { readUsage, usageOf } from "./openai-chat.words.ts";

export const glance = (frame: SseEvent): Glance => {
  const { data } = frame;
  if (data.startsWith(DONE)) return END;
  if (!TELLING.test(data) && frame.event !== "error") return CONTENT.test(data) ? HAS_CONTENT : NOTHING;
  const body = parseChunk(data);
  if (!isObject(body)) return NOTHING;
  const error = errorOf(body, frame.event);
  if (error !== undefined) return { fault: readStreamError(error) };
  return CONTENT.test(data) ? { ...told(body), content: true } : told(body);
};

export const glanceReply = (body: JsonObject): Glance => {
  const error = isArray(body["choices"]) ? failureOf(body) : errorOf(body, undefined);
  return error === undefined ? told(body) : { fault: readStreamError(error) };
};

/** Field by field, not by spreading: this is on the way of every call. */
const told = (body: JsonObject): Glance => {
  const { model, choices } = body;
  const counts = usageOf(body);
  const finish = isArray(choices) ? firstFinish(choices) : undefined;
  const glance: { model?: string; usage?: Usage; finish?: string } = {};
  if (isString(model) && model !== "") glance.model = model;
  if (counts !== undefined) glance.usage = readUsage(counts);
  if (finish !== undefined) glance.finish = finish;
  return glance;
};

/** Both ways to put a space after a colon: the search is for plain text. */
export const MARKS: Marks = marksOf(
  '"usage":{',
  '"usage": {',
  '"finish_reason":"',
  '"finish_reason": "',
  '"error"',
  "[DONE]",
);

const END: Glance = Object.freeze({ end: true });
const HAS_CONTENT: Glance = Object.freeze({ content: true });
const NOTHING: Glance = Object.freeze({});

/**
 * Frames worth parsing: the first (which alone has the role, with most servers), usage, the finish
 * reason, an error. Inside a JSON string the quotes are escaped, so generated text cannot match.
 */
const TELLING = /"usage":\s*\{|"finish_reason":\s*"|"error"|"role":|"object":\s*"error"/;

/** A field of a delta that holds more than an empty string. */
const CONTENT = /"(?:content|reasoning_content|reasoning|refusal|arguments|name|input|text|data)":\s*"[^"]/;

const firstFinish = (choices: readonly JsonValue[]): string | undefined => {
  for (const choice of choices) {
    const finish = isObject(choice) ? choice["finish_reason"] : undefined;
    if (isString(finish) && finish !== "") return finish;
  }
  return undefined;
};
