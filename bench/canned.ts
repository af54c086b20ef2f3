/** What the upstream of the bench answers: shaped as the vendors write it, always the same, a kilobyte or a hundred events. */
import type { JsonObject } from "../src/schema/json.ts";

/** Events that carry text; the few around them are as the dialect asks. */
export const EVENTS = 100;

const SENTENCE = "A gateway stands between the applications of a company and the models that they call. ";
const WORD = " gateway";
const CREATED = 1_790_000_000;

const openaiUsage = { prompt_tokens: 24, completion_tokens: EVENTS, total_tokens: 24 + EVENTS };

/** https://platform.openai.com/docs/api-reference/chat/object */
export const OPENAI_JSON = JSON.stringify({
  id: "chatcmpl-0123456789",
  object: "chat.completion",
  created: CREATED,
  model: "bench",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: SENTENCE.repeat(8), refusal: null },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: openaiUsage,
  service_tier: "default",
});

/** https://docs.anthropic.com/en/api/messages */
export const ANTHROPIC_JSON = JSON.stringify({
  id: "msg_0123456789",
  type: "message",
  role: "assistant",
  model: "bench",
  content: [{ type: "text", text: SENTENCE.repeat(8) }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 24, output_tokens: EVENTS },
});

const chunk = (delta: JsonObject, finish: string | null = null): string => {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  const body = {
    id: "chatcmpl-0123456789",
    object: "chat.completion.chunk",
    created: CREATED,
    model: "bench",
  };
  return `data: ${JSON.stringify({ ...body, choices })}\n\n`;
};

/** https://platform.openai.com/docs/api-reference/chat-streaming */
export const OPENAI_EVENTS: readonly string[] = Object.freeze([
  chunk({ role: "assistant", content: "" }),
  ...Array.from({ length: EVENTS }, () => chunk({ content: WORD })),
  chunk({}, "stop"),
  "data: [DONE]\n\n",
]);

const named = (type: string, rest: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;

const opened = {
  id: "msg_0123456789",
  type: "message",
  role: "assistant",
  model: "bench",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 24, output_tokens: 1 },
};

const text = named("content_block_delta", { index: 0, delta: { type: "text_delta", text: WORD } });

/** https://docs.anthropic.com/en/api/messages-streaming */
export const ANTHROPIC_EVENTS: readonly string[] = Object.freeze([
  named("message_start", { message: opened }),
  named("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
  ...Array.from({ length: EVENTS }, () => text),
  named("content_block_stop", { index: 0 }),
  named("message_delta", {
    delta: { stop_reason: "end_turn", stop_sequence: null },
    usage: { output_tokens: EVENTS },
  }),
  named("message_stop", {}),
]);
