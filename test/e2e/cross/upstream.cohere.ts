/** Upstreams of Cohere's chat API: `V2ChatResponse` and `V2ChatStreamResponse` of Cohere's SDK 8.1. */
import type { JsonObject } from "../../../src/schema/json.ts";
import {
  type AskedScene,
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
import { type CrossUpstream, namedSse } from "./upstream.ts";

const ENDINGS: Readonly<Record<Ending, string>> = {
  stop: "COMPLETE",
  length: "MAX_TOKENS",
  calls: "TOOL_CALL",
  refused: "COMPLETE",
};

const USAGE: JsonObject = {
  billed_units: { input_tokens: TOKENS.input, output_tokens: TOKENS.output },
  tokens: { input_tokens: TOKENS.input, output_tokens: TOKENS.output },
  cached_tokens: TOKENS.cached,
};

const callOf = ({ id, name, arguments: args }: Call): JsonObject => ({
  id,
  type: "function",
  function: { name, arguments: JSON.stringify(args) },
});

const contentOf = ({ thinking, texts = [] }: Said): readonly JsonObject[] => [
  ...(thinking === undefined ? [] : [{ type: "thinking", thinking }]),
  ...texts.map((text) => ({ type: "text", text })),
];

const MODELS: Readonly<Partial<Record<AskedScene, string>>> = {
  thinking: "command-a-reasoning-08-2025",
  image: "command-a-vision-07-2025",
};

const ASKED_TOOLS = [{ type: "function", function: TOOL }];
const IMAGE: JsonObject = { type: "image_url", image_url: { url: PNG_URI } };

export const cohereUpstream: CrossUpstream = {
  id: "cohere",
  streamType: "text/event-stream",
  endings: ENDINGS,
  countsThinking: false,
  lacks: ["refused"], // `ChatFinishReason` has no word for it
  target: (scene) => ({ provider: "cohere", model: MODELS[scene] ?? "command-a-03-2025" }),
  reply: (said) => ({
    id: "c1",
    message: {
      role: "assistant",
      content: contentOf(said),
      ...(said.calls === undefined ? {} : { tool_calls: said.calls.map(callOf) }),
    },
    finish_reason: ENDINGS[said.ending],
    usage: USAGE,
  }),
  frames: (said) => [...framesOf(said)],
  refusal: (message) => ({ body: { id: "c1", message } }),
  failure: (message) =>
    frame("message-end", { delta: { error: message, finish_reason: "ERROR", usage: USAGE } }),
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
        ...(client === "openai-responses" ? {} : { stop_sequences: [STOP] }),
      },
    ],
    tools: [
      { messages: [{ role: "user", content: "The tides of Brest and Cork?" }], tools: ASKED_TOOLS },
      {
        messages: [
          { role: "user" },
          { role: "assistant", tool_calls: [callOf(BREST), callOf(CORK)] },
          { role: "tool", tool_call_id: CORK.id, content: "3.1 m" },
          { role: "tool", tool_call_id: BREST.id, content: "4.2 m" },
          { role: "user", content: [IMAGE] }, // a tool's message holds only texts and documents
          { role: "user", content: GO_ON },
        ],
        tools: ASKED_TOOLS,
      },
    ],
    thinking: [
      { thinking: { type: "enabled" } },
      {
        messages: [
          { role: "user" },
          { role: "assistant", tool_plan: "First the port.", tool_calls: [callOf(BREST)] },
          { role: "tool", tool_call_id: BREST.id, content: "4.2 m" },
          { role: "user", content: GO_ON },
        ],
      },
    ],
    image: [{ messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, IMAGE] }] }],
    refused: [{ messages: [{ role: "user", content: "Sink a ship." }] }],
    structured: [{ response_format: { type: "json_object", json_schema: SCHEMA } }],
  }),
};

const frame = (type: string, fields: JsonObject): string => namedSse(type, { type, ...fields });

function* framesOf(said: Said): Generator<string> {
  const start = { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] };
  yield frame("message-start", { id: "c1", delta: { message: start } });
  for (const [index, { type, ...content }] of contentOf(said).entries()) {
    const empty = Object.fromEntries(Object.keys(content).map((name) => [name, ""]));
    yield frame("content-start", { index, delta: { message: { content: { type, ...empty } } } });
    yield frame("content-delta", { index, delta: { message: { content } } });
    yield frame("content-end", { index });
  }
  for (const [index, call] of (said.calls ?? []).entries()) {
    const { id, name } = call;
    const tool_calls = { id, type: "function", function: { name, arguments: "" } };
    yield frame("tool-call-start", { index, delta: { message: { tool_calls } } });
    for (const piece of pieces(JSON.stringify(call.arguments)))
      yield frame("tool-call-delta", {
        index,
        delta: { message: { tool_calls: { function: { arguments: piece } } } },
      });
    yield frame("tool-call-end", { index });
  }
  yield frame("message-end", { delta: { finish_reason: ENDINGS[said.ending], usage: USAGE } });
}
