/**
 * What a streamed answer held that its client's dialect has no word for: known only as it is said, when the
 * headers have gone, and so told in a comment before the end.
 */
import type { Stage } from "../lib/reducer.ts";
import { fold } from "../providers/chat-events.ts";
import type { ClientDialect, ReplyOptions } from "../providers/dialect.ts";
import type { ChatEvent } from "../schema/chat.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import { listed, NOT_CARRIED } from "./response-headers.ts";

/** The client's writer, whose notes on the same answer as a whole are told. */
export const noting = (
  client: ClientDialect,
  options: ReplyOptions,
  recorder: Recorder,
): Stage<ChatEvent, string> => {
  const writer = client.writeStream(options);
  const kept: ChatEvent[] = [];
  return {
    push(event) {
      if (event.type !== "end") {
        if (matters(event)) kept.push(event);
        return writer.push(event);
      }
      const { notes } = client.writeReply(fold([...kept, event]), options);
      recorder.note(...notes);
      const frames = writer.push(event);
      if (notes.length === 0 || client.pause !== undefined) return frames; // whose clients read no comments
      return [`: ${NOT_CARRIED}: ${listed(notes)}\n\n`, ...frames];
    },
    close: () => writer.close(),
  };
};

/** Words are carried by every dialect: what is kept of an answer is small. */
const matters = (event: ChatEvent): boolean => {
  switch (event.type) {
    case "start":
    case "block-start":
    case "finish":
      return true;
    case "block-delta":
      return event.delta.kind === "signature" || event.delta.kind === "citation";
    default:
      return false;
  }
};
