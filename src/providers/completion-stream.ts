/** A whole text completion as the stream that a client asked for, from servers that have no stream of OpenAI's shape. */
import { dataFrame } from "../lib/sse.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";

/** One chunk with all of the text, the counts where they were asked for, and the end. */
export const completionFrames = (completion: JsonObject, request: JsonObject): string => {
  const { usage, ...chunk } = completion;
  const { stream_options: options } = request;
  const counts =
    isObject(options) && options["include_usage"] === true && usage !== undefined
      ? [{ ...chunk, choices: [], usage }]
      : [];
  return [chunk, ...counts].map((each) => dataFrame(JSON.stringify(each))).join("") + dataFrame("[DONE]");
};
