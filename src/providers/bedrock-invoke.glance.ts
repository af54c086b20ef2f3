/**
 * What passing answers of Bedrock's InvokeModel say. Their bodies are each model's own; what they used, the service
 * counts. Claude says more itself, and is heard first.
 */
import type { HeaderFields } from "../lib/header-fields.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { Usage } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString, parsedObject } from "../schema/json.ts";
import { glance as glanceClaude, glanceReply as glanceClaudes } from "./anthropic-messages.glance.ts";
import { isFailure, readStreamError } from "./bedrock-converse.errors.ts";
import { countsInHeaders, countsInMetrics, METRICS } from "./bedrock-counts.ts";
import type { Glance } from "./dialect.ts";

export const glanceHead = (headers: HeaderFields): Glance => used(countsInHeaders(headers));

export const glanceReply = (body: JsonObject): Glance =>
  body["type"] === "message" ? glanceClaudes(body) : NOTHING;

/** `isCounted` when the model's own events have said what was used. */
export const glance = (frame: SseEvent, isCounted: boolean): Glance => {
  if (isFailure(frame.event ?? "")) return { fault: readStreamError(frame) };
  const text = frame.event === "chunk" ? textOf(parsedObject(frame.data)) : "";
  const told = glanceClaude({ data: text });
  return isCounted || told.usage !== undefined || !text.includes(METRICS)
    ? told
    : { ...told, ...used(countsInMetrics(parsedObject(text)?.[METRICS])) };
};

/** What is no such part says nothing, and keeps nobody from reading on: the client will see it for what it is. */
const textOf = (part: JsonObject | undefined): string =>
  isString(part?.["bytes"]) ? Buffer.from(part["bytes"], "base64").toString("utf8") : "";

const used = (usage: Usage | undefined): Glance => (usage === undefined ? NOTHING : { usage });

const NOTHING: Glance = Object.freeze({});
