/** Lines of JSON, as the first version of Cohere's API streams. */
import type { Bytes } from "../lib/bytes.ts";
import type { Stage } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import { EventTooLarge, MAX_EVENT_BYTES } from "../lib/sse.ts";
import { parsedObject } from "../schema/json.ts";

/** Bytes to frames, for any cut of the bytes. The last line is one without its end too, when it is whole. */
export const decodeNdjson = (): Stage<Bytes, SseEvent> => {
  const decoder = new TextDecoder();
  let rest = "";
  return {
    push(bytes) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MAX_EVENT_BYTES) throw new EventTooLarge();
      return lines.flatMap(frameOf);
    },
    close: () => (parsedObject(rest) === undefined ? [] : frameOf(rest)),
  };
};

const frameOf = (line: string): readonly SseEvent[] => {
  const data = line.trim();
  return data === "" ? [] : [{ data }];
};
