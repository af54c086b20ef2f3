/** What frames and replies of Gemini's API say, without translating them. */
import { marksOf } from "../lib/sse-frames.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Glance } from "./dialect.ts";
import { errorOf, readInnerError } from "./gemini.errors.ts";
import { readUsage } from "./gemini.words.ts";

export const MARKS = marksOf('"usageMetadata"', '"finishReason"', '"blockReason"', '"error"');

export const glance = ({ data }: SseEvent): Glance => {
  const body = parsed(data);
  if (errorOf(body) !== undefined) return { fault: readInnerError(body) };
  return isObject(body) ? glanceOf(body) : {};
};

export const glanceReply = (body: JsonObject): Glance =>
  errorOf(body) === undefined ? glanceOf(body) : { fault: readInnerError(body) };

const glanceOf = ({ modelVersion, usageMetadata, candidates, promptFeedback }: JsonObject): Glance => {
  const all = isArray(candidates) ? candidates.filter(isObject) : [];
  const finish =
    all.map(({ finishReason }) => finishReason).find(isString) ??
    (isObject(promptFeedback) ? promptFeedback["blockReason"] : undefined);
  return {
    ...(isString(modelVersion) ? { model: modelVersion } : {}),
    ...(isObject(usageMetadata) ? { usage: readUsage(usageMetadata) } : {}),
    ...(isString(finish) ? { finish } : {}),
    ...(isObject(all[0]?.["content"]) ? { content: true } : {}),
  };
};

const parsed = (data: string): unknown => {
  try {
    return JSON.parse(data);
  } catch {
    return undefined; // the reader of the stream says so
  }
};
