/** Hands a body on unread. An upstream that is cut ends the client's connection visibly, not cleanly. */
import type { Bytes } from "../lib/bytes.ts";
import type { Sink } from "../lib/direct-stream.ts";
import { directStream } from "../lib/direct-stream.ts";
import type { Outcome } from "../schema/outcome.ts";
import type { Call } from "./call.ts";
import type { BodyTap } from "./native-tap.ts";
import type { Reply } from "./reply-head.ts";

type Replied = Extract<Outcome<Reply>, { kind: "answered" | "refused" }>;

export const bodyStream = (
  call: Call,
  outcome: Replied,
  body: ReadableStream<Bytes>,
  tap: BodyTap,
): ReadableStream<Bytes> => {
  const reader = body.getReader();
  const { reply } = outcome;
  const { streamIdleMs } = call.surroundings.limits;
  const read = async () => {
    const silence = setTimeout(() => reply.abort(), streamIdleMs);
    try {
      return await reader.read();
    } finally {
      clearTimeout(silence);
    }
  };
  const run = async (sink: Sink): Promise<void> => {
    try {
      for (let next = await read(); !next.done; next = await read()) {
        tap.take(next.value);
        await sink.write(next.value);
      }
      tap.end();
      // An error that came behind the status is an end, and not an answer.
      call.recorder.settle(reply.status, call.recorder.error === null ? outcome.kind : "interrupted");
    } catch (error) {
      call.recorder.error = { code: "stream_interrupted", message: "the upstream's answer was cut short" };
      call.recorder.settle(reply.status, "interrupted");
      throw error;
    }
  };
  return directStream(run, () => {
    call.recorder.settle(499, "cancelled");
    reply.abort();
  });
};
