/** Streams of Converse read into canonical events (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html). */
import type { Reducer, Stage } from "../lib/reducer.ts";
import { seal } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { ChatEvent } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString, parsedObject } from "../schema/json.ts";
import { isFailure, readStreamError } from "./bedrock-converse.errors.ts";
import { ConverseReader } from "./bedrock-converse.events.ts";
import { readUsage } from "./bedrock-converse.usage.ts";
import type { Glance } from "./dialect.ts";

export const readStream = (): Stage<SseEvent, ChatEvent> => seal(reader);

/** What a frame tells before it is translated; the start of a message says nothing yet. */
export const glance = (frame: SseEvent): Glance => {
  switch (frame.event) {
    case "contentBlockStart":
    case "contentBlockDelta":
      return CONTENT;
    case "messageStop": {
      const stopReason = parsedObject(frame.data)?.["stopReason"];
      return isString(stopReason) ? { finish: stopReason } : NOTHING;
    }
    case "metadata": {
      const event = parsedObject(frame.data);
      return isObject(event?.["usage"]) ? { usage: readUsage(event["usage"], event["metrics"]) } : NOTHING;
    }
    default:
      return isFailure(frame.event ?? "") ? { fault: readStreamError(frame) } : NOTHING;
  }
};

const CONTENT: Glance = Object.freeze({ content: true });
const NOTHING: Glance = Object.freeze({});

interface State {
  readonly reader: ConverseReader;
  over: boolean;
}

const NONE: readonly ChatEvent[] = [];

const reader: Reducer<State, SseEvent, ChatEvent> = {
  start: () => ({ reader: new ConverseReader(), over: false }),
  step: (state, frame) => [state, state.over ? NONE : read(state, frame)],
  end: (state) => (state.over ? NONE : closed(state)),
};

const read = (state: State, frame: SseEvent): readonly ChatEvent[] => {
  const name = frame.event ?? "";
  if (isFailure(name)) return failed(state, frame);
  const event = parsedObject(frame.data);
  if (event === undefined) {
    return failed(state, { event: "error", data: JSON.stringify({ message: "A stream event is not JSON" }) });
  }
  step(state, name, event);
  return state.reader.take();
};

const step = (state: State, name: string, event: JsonObject): void => {
  const { reader: converse } = state;
  switch (name) {
    case "messageStart":
      return converse.start();
    case "contentBlockStart":
      return converse.blockStart(event["contentBlockIndex"], event["start"]);
    case "contentBlockDelta":
      return converse.blockDelta(event["contentBlockIndex"], event["delta"]);
    case "contentBlockStop":
      return converse.blockStop(event["contentBlockIndex"]);
    case "messageStop":
      return converse.finish(event["stopReason"], event["additionalModelResponseFields"]);
    case "metadata":
      converse.usage(event["usage"], event["metrics"]);
      state.over = converse.isFinished;
      return converse.end();
    default:
      return; // what later versions add
  }
};

const failed = (state: State, frame: SseEvent): readonly ChatEvent[] => {
  state.over = true;
  return [{ type: "error", fault: readStreamError(frame) }];
};

/** The counts come last; an answer is complete without them too. */
const closed = ({ reader: converse }: State): readonly ChatEvent[] => {
  converse.end();
  return converse.take();
};
