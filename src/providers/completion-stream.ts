/** Text completions as the stream that a client asked for. */
import type { Reducer, Stage } from "../lib/reducer.ts";
import { seal } from "../lib/reducer.ts";
import { dataFrame } from "../lib/sse.ts";
import type { ChatEvent, Usage } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import type { ReplyOptions } from "./dialect.ts";
import { writeStreamError } from "./openai-chat.errors.ts";
import { DONE } from "./openai-chat.stream-read.ts";
import { writeFinish } from "./openai-chat.words.ts";

/**
 * A whole completion, of vendors that have no stream: one chunk with all of the text, the counts where they were
 * asked for, and the end.
 */
export const completionFrames = (completion: JsonObject, request: JsonObject): string => {
  const { usage, ...chunk } = completion;
  const { stream_options: options } = request;
  const counts =
    isObject(options) && options["include_usage"] === true && usage !== undefined
      ? [{ ...chunk, choices: [], usage }]
      : [];
  return [chunk, ...counts].map((each) => dataFrame(JSON.stringify(each))).join("") + dataFrame(DONE);
};

/** The events of an answer that is text alone, as OpenAI's chunks (`Completion` of its SDK) in whole frames. */
export const completionWriter = (options: ReplyOptions): Stage<ChatEvent, string> => seal(writer(options));

interface Writing {
  /** What is the same in all chunks. */
  readonly head: JsonObject;
  readonly usage: Usage | undefined;
}

const NOTHING: readonly string[] = [];

const writer = (options: ReplyOptions): Reducer<Writing, ChatEvent, string> => ({
  start: () => ({ head: {}, usage: undefined }),
  step(state, event) {
    switch (event.type) {
      case "start": {
        const { id, model, created = options.now } = event;
        const head = { id, object: "text_completion", created, model, provider: options.provider };
        return [{ ...state, head }, NOTHING];
      }
      case "block-delta":
        if (event.delta.kind !== "text") return [state, NOTHING];
        return [state, [chunk(state, options, event.choice, event.delta.text, null)]];
      case "finish":
        return [state, [chunk(state, options, event.choice, "", writeFinish(event.finish, undefined, true))]];
      case "usage":
        return [{ ...state, usage: event.usage }, NOTHING];
      case "end":
        return [state, [...counts(state, options), dataFrame(DONE)]];
      case "error":
        return [state, [writeStreamError(event.fault)]];
      default:
        return [state, NOTHING];
    }
  },
  end: () => NOTHING,
});

const chunk = (
  { head }: Writing,
  { includeUsage }: ReplyOptions,
  index: number,
  text: string,
  finish_reason: string | null,
): string => {
  const choices = [{ index, text, logprobs: null, finish_reason }];
  // null in all chunks but the last
  return dataFrame(JSON.stringify({ ...head, choices, ...(includeUsage ? { usage: null } : {}) }));
};

const counts = ({ head, usage }: Writing, { includeUsage }: ReplyOptions): readonly string[] =>
  includeUsage && usage !== undefined
    ? [dataFrame(JSON.stringify({ ...head, choices: [], usage: writeCounts(usage) }))]
    : NOTHING;

/** As the provider says them where it says them in OpenAI's words. */
const writeCounts = ({ input, output, native }: Usage): JsonObject =>
  native?.dialect === "openai-chat"
    ? native.fields
    : { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
