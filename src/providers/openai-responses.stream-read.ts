/** Streams of the Responses API, read into canonical events. */
import type { Reducer } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { ChatEvent, Fault } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString, parsedObject } from "../schema/json.ts";
import { readEventError, readResponseError } from "./openai-responses.errors.ts";
import { OutputReader } from "./openai-responses.output-read.ts";

/** Mutated by the steps: a stream has one reader. */
interface Reading {
  readonly output: OutputReader;
  /** After the end, or an error, nothing more is read. */
  isOver: boolean;
}

export const streamReader: Reducer<Reading, SseEvent, ChatEvent> = {
  start: () => ({ output: new OutputReader(), isOver: false }),
  step: (state, frame) => [state, state.isOver || frame.data === "" ? NOTHING : readFrame(state, frame)],
  end: () => NOTHING,
};

const NOTHING: readonly ChatEvent[] = [];
const NO_FIELDS: JsonObject = Object.freeze({});

const readFrame = (state: Reading, frame: SseEvent): readonly ChatEvent[] => {
  if (frame.data === "[DONE]") return NOTHING; // of compatible servers: the response has ended before
  const event = parsedObject(frame.data);
  if (event === undefined) return failed(state, readEventError({ message: "A stream event is not JSON" }));
  const type = isString(event["type"]) ? event["type"] : frame.event;
  if (type === "error") return failed(state, readEventError(event));
  if (type === "response.failed") return failed(state, readResponseError(objectOf(event["response"])));
  read(state, type, event);
  return state.output.take();
};

const read = (state: Reading, type: string | undefined, event: JsonObject): void => {
  const { output } = state;
  const index = place(event["output_index"]);
  switch (type) {
    case "response.created":
    case "response.in_progress":
      return output.start(objectOf(event["response"]));
    case "response.output_item.added":
      return output.added(index, objectOf(event["item"]));
    case "response.output_text.delta":
      return output.said(
        index,
        place(event["content_index"]),
        "text",
        text(event["delta"]),
        event["logprobs"],
      );
    case "response.refusal.delta":
      return output.said(index, place(event["content_index"]), "refusal", text(event["delta"]), undefined);
    case "response.output_text.annotation.added":
      return output.cited(index, place(event["content_index"]), event["annotation"] ?? null);
    case "response.content_part.done":
      return output.partDone(index, place(event["content_index"]), objectOf(event["part"]));
    case "response.reasoning_summary_text.delta":
      return output.thought(index, "summary", place(event["summary_index"]), text(event["delta"]));
    case "response.reasoning_text.delta":
      return output.thought(index, "content", place(event["content_index"]), text(event["delta"]));
    case "response.function_call_arguments.delta":
    case "response.custom_tool_call_input.delta":
      return output.argued(index, text(event["delta"]));
    case "response.output_item.done":
      return output.done(index, objectOf(event["item"]));
    case "response.completed":
    case "response.incomplete":
      state.isOver = true;
      return output.end(objectOf(event["response"]));
    default:
      return undefined; // steps of hosted tools, and what later versions add
  }
};

const failed = (state: Reading, fault: Fault): readonly ChatEvent[] => {
  state.isOver = true;
  return [{ type: "error", fault }];
};

const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : NO_FIELDS);
const place = (value: JsonValue | undefined): number => (isNumber(value) ? value : 0);
const text = (value: JsonValue | undefined): string => (isString(value) ? value : "");
