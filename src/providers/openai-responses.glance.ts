/** What passing frames and whole replies of the Responses API say, without translating them. */
import type { Marks } from "../lib/sse-frames.ts";
import { marksOf } from "../lib/sse-frames.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString, parsedObject } from "../schema/json.ts";
import type { Glance } from "./dialect.ts";
import { errorIn, readEventError } from "./openai-responses.errors.ts";
import { readEnding, readUsage } from "./openai-responses.words.ts";

/**
 * That a response was created says nothing yet: the failure of a call, too, comes behind it. Its first
 * item does.
 */
export const glance = (frame: SseEvent): Glance => {
  const type = frame.event ?? typeOf(frame.data);
  switch (type) {
    case "response.completed":
    case "response.incomplete":
    case "response.failed":
    case "error":
      return told(type, frame.data);
    default:
      return type.endsWith(".delta") || type === "response.output_item.added" ? CONTENT : NOTHING;
  }
};

export const glanceReply = (body: JsonObject): Glance => {
  const fault = errorIn(body);
  return fault === undefined ? stated(body) : { fault };
};

/** Text inside of JSON strings has its quotes escaped, so generated text holds no mark. */
export const MARKS: Marks = marksOf(
  '"response.completed"',
  '"response.incomplete"',
  '"response.failed"',
  '"type":"error"',
  '"type": "error"',
  "event: error",
);

const CONTENT: Glance = Object.freeze({ content: true });
const NOTHING: Glance = Object.freeze({});

const told = (type: string, data: string): Glance => {
  const event = parsedObject(data);
  if (event === undefined) return NOTHING;
  if (type === "error") return { fault: readEventError(event) };
  const { response } = event;
  if (!isObject(response)) return NOTHING;
  const fault = type === "response.failed" ? errorIn({ ...response, status: "failed" }) : undefined;
  return fault === undefined ? { ...stated(response), end: true } : { fault };
};

const stated = (response: JsonObject): Glance => {
  const { model, usage, status, output } = response;
  const isOver = status === "completed" || status === "incomplete";
  const ending = isOver ? readEnding(response, hasCalls(output)) : undefined;
  return {
    ...(isString(model) ? { model } : {}),
    ...(isObject(usage) ? { usage: readUsage(usage) } : {}),
    ...(ending === undefined ? {} : { finish: ending.raw ?? ending.finish }),
  };
};

const hasCalls = (output: unknown): boolean =>
  Array.isArray(output) && output.some((item: unknown) => isObject(item) && CALLS.has(item["type"]));

const CALLS = new Set<unknown>(["function_call", "custom_tool_call"]);

/** Some servers leave the event's name to the data. */
const typeOf = (data: string): string => {
  const type = parsedObject(data)?.["type"];
  return isString(type) ? type : "";
};
