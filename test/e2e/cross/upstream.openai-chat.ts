/**
 * Upstreams of OpenAI's chat API: `ChatCompletion` and `ChatCompletionChunk` of the OpenAI SDK 7.57; thinking as
 * DeepSeek spells it, which wants it back (api-docs.deepseek.com/guides/thinking_mode).
 */
import type { JsonObject } from "../../../src/schema/json.ts";
import {
  BREST,
  type Call,
  CORK,
  type Ending,
  GO_ON,
  pieces,
  PNG_URI,
  type Said,
  SCHEMA,
  STOP,
  SYSTEM,
  TOKENS,
  TOOL,
} from "./facts.ts";
import { type CrossUpstream, sse } from "./upstream.ts";

const ENDINGS: Readonly<Record<Ending, string>> = {
  stop: "stop",
  length: "length",
  calls: "tool_calls",
  refused: "content_filter",
};

const USAGE: JsonObject = {
  prompt_tokens: TOKENS.input,
  completion_tokens: TOKENS.output,
  total_tokens: TOKENS.input + TOKENS.output,
  prompt_tokens_details: { cached_tokens: TOKENS.cached },
  completion_tokens_details: { reasoning_tokens: TOKENS.thinking },
};

const callOf = ({ id, name, arguments: args }: Call): JsonObject => ({
  id,
  type: "function",
  function: { name, arguments: JSON.stringify(args) },
});

const ASKED_TOOLS = [{ type: "function", function: TOOL }];

export const chatUpstream: CrossUpstream = {
  id: "openai-chat",
  streamType: "text/event-stream",
  endings: ENDINGS,
  countsThinking: true,
  target: (scene) =>
    scene === "thinking"
      ? { provider: "deepseek", model: "deepseek-reasoner" }
      : { provider: "openrouter", model: "openai/gpt-oss-120b" },
  reply: ({ thinking, texts, calls, ending }, model) => ({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1790000000,
    model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: texts === undefined ? null : texts.join(""),
          refusal: null,
          ...(thinking === undefined ? {} : { reasoning_content: thinking }),
          ...(calls === undefined ? {} : { tool_calls: calls.map(callOf) }),
        },
        logprobs: null,
        finish_reason: ENDINGS[ending],
      },
    ],
    usage: USAGE,
  }),
  frames: (said, model) => [...framesOf(said, model)],
  refusal: (message) => ({
    body: { error: { message, type: "requests", param: null, code: "rate_limit_exceeded" } },
  }),
  failure: (message) => sse({ error: { message, type: "server_error", param: null, code: null } }),
  asked: (client) => ({
    text: [
      {
        messages: [
          { role: "system", content: SYSTEM },
          { role: "user", content: "Hello" },
          { role: "assistant", content: "Hi." },
          {
            role: "user",
            content: [
              { type: "text", text: "How high" },
              { type: "text", text: " is the tide?" },
            ],
          },
        ],
        ...(client === "openai-responses" ? {} : { stop: [STOP] }),
      },
    ],
    tools: [
      { messages: [{ role: "user", content: "The tides of Brest and Cork?" }], tools: ASKED_TOOLS },
      {
        messages: [
          { role: "user" },
          { role: "assistant", content: null, tool_calls: [callOf(BREST), callOf(CORK)] },
          { role: "tool", tool_call_id: CORK.id, content: "3.1 m" },
          ...(client === "openai-chat"
            ? [{ role: "tool", tool_call_id: BREST.id, content: [{ type: "text", text: "4.2 m" }, IMAGE] }]
            : [
                { role: "tool", tool_call_id: BREST.id, content: "4.2 m" },
                { role: "user", content: [IMAGE] }, // tool messages hold only text
              ]),
          { role: "user", content: GO_ON },
        ],
        tools: ASKED_TOOLS,
      },
    ],
    thinking: [
      { messages: [{ role: "user" }], tools: ASKED_TOOLS },
      {
        messages: [
          { role: "user" },
          { role: "assistant", reasoning_content: "First the port.", tool_calls: [callOf(BREST)] },
          { role: "tool", tool_call_id: BREST.id, content: "4.2 m" },
          { role: "user", content: GO_ON },
        ],
      },
    ],
    image: [{ messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, IMAGE] }] }],
    refused: [{ messages: [{ role: "user", content: "Sink a ship." }] }],
    structured: [{ response_format: { type: "json_schema", json_schema: { schema: SCHEMA } } }],
  }),
};

const IMAGE: JsonObject = { type: "image_url", image_url: { url: PNG_URI } };

function* framesOf({ thinking, texts = [], calls = [], ending }: Said, model: string): Generator<string> {
  const chunk = (delta: JsonObject, finish: string | null = null): string =>
    sse({
      ...head(model),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      usage: null,
    });
  yield chunk({ role: "assistant", content: texts.length > 0 ? "" : null });
  for (const piece of pieces(thinking ?? "")) yield chunk({ reasoning_content: piece });
  for (const text of texts) yield chunk({ content: text });
  for (const [index, call] of calls.entries()) {
    const { id, name } = call;
    yield chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] });
    for (const piece of pieces(JSON.stringify(call.arguments)))
      yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  yield chunk({}, ENDINGS[ending]);
  yield sse({ ...head(model), choices: [], usage: USAGE });
  yield "data: [DONE]\n\n";
}

const head = (model: string): JsonObject => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1790000000,
  model,
});
