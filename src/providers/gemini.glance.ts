/** What frames and replies of Gemini's API say, without translating them. */
import { marksOf } from "../lib/sse-frames.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import type { Glance } from "./dialect.ts";
import { errorOf, readInnerError } from "./gemini.errors.ts";
import { objectsIn, parsedFrame } from "./gemini.fields.ts";
import { readUsage } from "./gemini.words.ts";

export const MARKS = marksOf('"usageMetadata"', '"finishReason"', '"blockReason"', '"error"');

export const glance = ({ data }: SseEvent): Glance => {
  const body = parsedFrame(data);
  if (errorOf(body) !== undefined) return { fault: readInnerError(body) };
  return isObject(body) ? glanceOf(body) : {};
};

export const glanceReply = (body: JsonObject): Glance =>
  errorOf(body) === undefined ? glanceOf(body) : { fault: readInnerError(body) };

const glanceOf = ({ modelVersion, usageMetadata, candidates, promptFeedback }: JsonObject): Glance => {
  const all = objectsIn(candidates);
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
