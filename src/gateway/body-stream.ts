/** Hands a body on unread. An upstream that is cut ends the client's connection visibly, not cleanly. */
import type { Bytes } from "../lib/bytes.ts";
import type { Outcome } from "../schema/outcome.ts";
import type { Call } from "./call.ts";
import type { Reply } from "./reply-head.ts";

type Replied = Extract<Outcome<Reply>, { kind: "answered" | "refused" }>;

export const bodyStream = (
  call: Call,
  outcome: Replied,
  body: ReadableStream<Bytes>,
): ReadableStream<Bytes> => {
  const reader = body.getReader();
  const { reply } = outcome;
  const { streamIdleMs } = call.surroundings.limits;
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const silence = setTimeout(() => reply.abort(), streamIdleMs);
        try {
          const { done, value } = await reader.read();
          if (!done) {
            controller.enqueue(value);
            return;
          }
          call.recorder.settle(reply.status, outcome.kind);
          controller.close();
        } catch (error) {
          call.recorder.error = {
            code: "stream_interrupted",
            message: "the upstream's answer was cut short",
          };
          call.recorder.settle(reply.status, "interrupted");
          controller.error(error);
        } finally {
          clearTimeout(silence);
        }
      },
      cancel() {
        call.recorder.settle(499, "cancelled");
        reply.abort();
      },
    },
    { highWaterMark: 0 },
  );
};
