/** Canonical events written as a stream of the Responses API. */
import type { Reducer } from "../lib/reducer.ts";
import type { ChatEvent } from "../schema/chat.ts";
import type { ReplyOptions } from "./dialect.ts";
import { ResponseWriter } from "./openai-responses.output-write.ts";

export const streamWriter = (options: ReplyOptions): Reducer<ResponseWriter, ChatEvent, string> => ({
  start: () => new ResponseWriter(options),
  step: (writer, event) => [writer, writer.write(event)],
  end: () => [],
});
