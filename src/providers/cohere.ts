/** The dialect of Cohere's chat API, version 2 (docs.cohere.com/reference/chat). */
import type { Reducer } from "../lib/reducer.ts";
import { seal } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { ChatEvent, ChatReply } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import { fold } from "./chat-events.ts";
import { endFault, EventReader, eventsOf, faultOf, readUsage } from "./cohere.events.ts";
import { writeRequest } from "./cohere.request.ts";
import type { Glance, UpstreamDialect } from "./dialect.ts";
import { readError } from "./openai-chat.errors.ts";
import { parsedFrame } from "./parsed-frame.ts";

const readReply = (body: JsonObject): ChatReply => {
  if (!isObject(body["message"])) throw new MalformedReply("The reply has no message", body);
  const reader = new EventReader();
  return fold([...eventsOf(body)].flatMap((event) => reader.read(event)));
};

const reader: Reducer<EventReader, SseEvent, ChatEvent> = {
  start: () => new EventReader(),
  step: (state, { data }) => [state, isIdle(data) ? NONE : state.read(parsedFrame(data))],
  end: () => NONE,
};

const NONE: readonly ChatEvent[] = [];
const isIdle = (data: string): boolean => data === "" || data === "[DONE]";

const glance = ({ data }: SseEvent): Glance => {
  if (isIdle(data)) return NOTHING;
  const type = TYPE.exec(data)?.[1];
  if (type !== undefined && CONTENT.test(type)) return { content: true };
  if (type !== undefined && type !== "message-end") return NOTHING;
  const event = parsedFrame(data);
  if (event["type"] === undefined) return { fault: faultOf(event) };
  return event["type"] === "message-end" && isObject(event["delta"]) ? glanceEnd(event["delta"]) : NOTHING;
};

const NOTHING: Glance = Object.freeze({});
/** An event's own type is the first one in it, save where an id or an index stands before. */
const TYPE = /"type"\s*:\s*"([a-z]+(?:-[a-z]+)+)"/;
const CONTENT = /^(content|tool-plan|tool-call)-(start|delta)$/;

const glanceEnd = (delta: JsonObject): Glance => {
  const fault = endFault(delta);
  return fault === undefined ? { ...counted(delta), end: true } : { fault };
};

const counted = ({ usage, finish_reason }: JsonObject): Glance => {
  const counts = readUsage(usage);
  return {
    ...(counts === undefined ? {} : { usage: counts }),
    ...(isString(finish_reason) ? { finish: finish_reason } : {}),
  };
};

const glanceReply = (body: JsonObject): Glance => {
  if (isString(body["message"])) return { fault: readError(500, body) };
  const fault = endFault(body);
  return fault === undefined ? counted(body) : { fault };
};

export const cohere: UpstreamDialect = Object.freeze<UpstreamDialect>({
  id: "cohere",
  writeRequest,
  readReply,
  readStream: () => seal(reader),
  readError,
  glance,
  glanceReply,
});
