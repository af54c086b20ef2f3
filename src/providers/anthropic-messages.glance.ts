/** What passing frames and replies of Anthropic's API say, without translating them. */
import { table } from "../lib/table.ts";
import type { Marks } from "../lib/sse-frames.ts";
import { marksOf } from "../lib/sse-frames.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString, parsedObject } from "../schema/json.ts";
import { readStreamError } from "./anthropic-messages.errors.ts";
import { readUsage } from "./anthropic-messages.usage.ts";
import type { Glance } from "./dialect.ts";

/** Parses only the few frames that say more than text. */
export const glance = (frame: SseEvent): Glance => {
  const type = frame.event ?? typeOf(frame.data);
  switch (type) {
    case "content_block_start":
    case "content_block_delta":
      return CONTENT;
    case "message_stop":
      return END;
    case "message_start":
    case "message_delta":
    case "error":
      return told(type, frame.data);
    default:
      return NOTHING;
  }
};

export const glanceReply = (body: JsonObject): Glance => {
  if (body["type"] === "error") return { fault: readStreamError(body) };
  return {
    ...modelAndUsage(body),
    ...(isString(body["stop_reason"]) ? { finish: body["stop_reason"] } : {}),
  };
};

export const MARKS: Marks = marksOf('"message_start"', '"message_delta"', '"message_stop"', '"error"');

const CONTENT: Glance = Object.freeze({ content: true });
const END: Glance = Object.freeze({ end: true });
const NOTHING: Glance = Object.freeze({});

/** Some relays send no event names. The first `type` is the event's own, or that of its only object. */
const TYPE = /"type"\s*:\s*"([a-z_]+)"/;

const INNER = table({
  message: "message_start",
  text_delta: "content_block_delta",
  thinking_delta: "content_block_delta",
  signature_delta: "content_block_delta",
  citations_delta: "content_block_delta",
  input_json_delta: "content_block_delta",
});

const typeOf = (data: string): string | undefined => {
  const type = TYPE.exec(data)?.[1];
  return type === undefined ? undefined : (INNER.get(type) ?? type);
};

const told = (type: string, data: string): Glance => {
  const event = parsedObject(data);
  if (event === undefined) return NOTHING;
  if (type === "error") return { fault: readStreamError(event) };
  if (type === "message_start")
    return isObject(event["message"]) ? { ...modelAndUsage(event["message"]), opens: true } : NOTHING;
  const delta: JsonValue | undefined = event["delta"];
  return {
    ...modelAndUsage({ usage: event["usage"] }),
    ...(isObject(delta) && isString(delta["stop_reason"]) ? { finish: delta["stop_reason"] } : {}),
  };
};

const modelAndUsage = (message: JsonObject): Glance => ({
  ...(isString(message["model"]) ? { model: message["model"] } : {}),
  ...(isObject(message["usage"]) ? { usage: readUsage(message["usage"]) } : {}),
});
