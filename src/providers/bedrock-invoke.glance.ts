/**
 * What passing answers of Bedrock's InvokeModel say. Their bodies are each model's own; what they used stands in
 * headers, and at the end of a stream in `amazon-bedrock-invocationMetrics`, whatever the model. Neither is in the API's
 * reference; github.com/BerriAI/litellm/issues/34373 and /pull/36878 show that `inputTokenCount` leaves out the cache.
 * Claude says more itself, and is heard first.
 */
import { defined } from "../lib/defined.ts";
import type { HeaderFields } from "../lib/header-fields.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString, parsedObject } from "../schema/json.ts";
import { glance as glanceClaude, glanceReply as glanceClaudes } from "./anthropic-messages.glance.ts";
import { isFailure, readStreamError } from "./bedrock-converse.errors.ts";
import type { Glance } from "./dialect.ts";

export const glanceHead = (headers: HeaderFields): Glance =>
  counted((name) => {
    const text = headers.get(`x-amzn-bedrock-${name}-token-count`);
    return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  });

export const glanceReply = (body: JsonObject): Glance =>
  body["type"] === "message" ? glanceClaudes(body) : NOTHING;

/** `isCounted` when the model's own events have said what was used. */
export const glance = (frame: SseEvent, isCounted: boolean): Glance => {
  if (isFailure(frame.event ?? "")) return { fault: readStreamError(frame) };
  const text = frame.event === "chunk" ? textOf(parsedObject(frame.data)) : "";
  const told = glanceClaude({ data: text });
  return isCounted || told.usage !== undefined || !text.includes(METRICS)
    ? told
    : { ...told, ...measured(parsedObject(text)?.[METRICS]) };
};

const METRICS = "amazon-bedrock-invocationMetrics";

/** docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_PayloadPart.html */
const textOf = (part: JsonObject | undefined): string =>
  isString(part?.["bytes"]) ? Buffer.from(part["bytes"], "base64").toString("utf8") : "";

const measured = (metrics: JsonValue | undefined): Glance =>
  counted((name) => {
    const value = isObject(metrics) ? metrics[FIELDS[name]] : undefined;
    return isNumber(value) ? value : undefined;
  });

type CountName = keyof typeof FIELDS;

/** The counts as headers name them, and as the metrics of a stream do. */
const FIELDS = Object.freeze({
  input: "inputTokenCount",
  output: "outputTokenCount",
  "cache-read-input": "cacheReadInputTokenCount",
  "cache-write-input": "cacheWriteInputTokenCount",
});

const counted = (count: (name: CountName) => number | undefined): Glance => {
  const [input, output] = [count("input"), count("output")];
  if (input === undefined && output === undefined) return NOTHING;
  const [cacheRead, cacheWrite] = [count("cache-read-input"), count("cache-write-input")];
  const usage: Usage = {
    input: (input ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: output ?? 0,
    ...defined({ cacheRead, cacheWrite }),
  };
  return { usage };
};

const NOTHING: Glance = Object.freeze({});
