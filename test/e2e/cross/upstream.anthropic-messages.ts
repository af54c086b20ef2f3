/** Upstreams of Anthropic's Messages API: `Message` and `RawMessageStreamEvent` of the Anthropic SDK 1.12. */
import type { JsonObject } from "../../../src/schema/json.ts";
import {
  BREST,
  type Call,
  CORK,
  type Ending,
  GO_ON,
  pieces,
  PNG,
  type Said,
  REDACTED,
  SCHEMA,
  SIGNATURE,
  STOP,
  SYSTEM,
  TOKENS,
  TOOL,
} from "./facts.ts";
import { textOf } from "../../support/model.ts";
import { type CrossUpstream, namedSse } from "./upstream.ts";

const ENDINGS: Readonly<Record<Ending, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  calls: "tool_use",
  refused: "refusal",
};

const START_USAGE: JsonObject = {
  input_tokens: TOKENS.input - TOKENS.cached, // counted apart
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: TOKENS.cached,
  output_tokens: 1,
};

const USAGE: JsonObject = {
  ...START_USAGE,
  output_tokens: TOKENS.output,
  output_tokens_details: { thinking_tokens: TOKENS.thinking },
};

const callOf = ({ id, name, arguments: input }: Call): JsonObject => ({ type: "tool_use", id, name, input });

const HIDDEN: JsonObject = { type: "redacted_thinking", data: REDACTED };

const blocksOf = ({ thinking, texts = [], calls = [] }: Said): readonly JsonObject[] => [
  ...(thinking === undefined ? [] : [{ type: "thinking", thinking, signature: SIGNATURE }, HIDDEN]),
  ...texts.map((text) => ({ type: "text", text, citations: null })),
  ...calls.map(callOf),
];

const messageOf = (model: string, rest: JsonObject): JsonObject => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model,
  stop_sequence: null,
  ...rest,
});

const ASKED_TOOLS = [{ name: TOOL.name, description: TOOL.description, input_schema: TOOL.parameters }];
const IMAGE: JsonObject = { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } };

export const messagesUpstream: CrossUpstream = {
  id: "anthropic-messages",
  streamType: "text/event-stream",
  endings: ENDINGS,
  countsThinking: true,
  target: () => ({ provider: "anthropic", model: "claude-haiku-4-5" }),
  reply: (said, model) =>
    messageOf(model, { content: blocksOf(said), stop_reason: ENDINGS[said.ending], usage: USAGE }),
  frames: (said, model) => [...framesOf(said, model)],
  refusal: (message) => ({ body: { type: "error", error: { type: "rate_limit_error", message } } }),
  failure: (message) => frame("error", { error: { type: "api_error", message } }),
  asked: (client) => ({
    text: [
      {
        system: [{ type: "text", text: SYSTEM }],
        messages: [
          { role: "user", content: "Hello" },
          { role: "assistant" },
          {
            role: "user",
            content: [
              { type: "text", text: "How high" },
              { type: "text", text: " is the tide?" },
            ],
          },
        ],
        ...(client === "openai-responses" ? {} : { stop_sequences: [STOP] }),
        ...(client === "anthropic-messages" ? { system: SYSTEM } : {}), // its own bytes
      },
    ],
    tools: [
      { messages: [{ role: "user", content: "The tides of Brest and Cork?" }], tools: ASKED_TOOLS },
      {
        messages: [
          { role: "user" },
          { role: "assistant", content: [callOf(BREST), callOf(CORK)] },
          {
            role: "user",
            content: [
              { type: "tool_result", tool_use_id: CORK.id, content: "3.1 m" },
              {
                type: "tool_result",
                tool_use_id: BREST.id,
                content: [{ type: "text", text: "4.2 m" }, IMAGE],
              },
              { type: "text", text: GO_ON },
            ],
          },
        ],
        tools: ASKED_TOOLS,
      },
    ],
    thinking: [
      { thinking: { type: "enabled", budget_tokens: 1024 } },
      {
        thinking: { type: "enabled", budget_tokens: 1024 },
        messages: [
          { role: "user" },
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: "First the port.", signature: SIGNATURE },
              HIDDEN,
              callOf(BREST),
            ],
          },
          {
            role: "user",
            content: [
              { type: "tool_result", tool_use_id: BREST.id, content: "4.2 m" },
              { type: "text", text: GO_ON },
            ],
          },
        ],
      },
    ],
    image: [{ messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, IMAGE] }] }],
    refused: [{ messages: [{ role: "user", content: "Sink a ship." }] }],
    structured: [{ output_config: { format: { type: "json_schema", schema: SCHEMA } } }],
  }),
};

const frame = (type: string, fields: JsonObject): string => namedSse(type, { type, ...fields });

function* framesOf(said: Said, model: string): Generator<string> {
  yield frame("message_start", {
    message: messageOf(model, { content: [], stop_reason: null, usage: START_USAGE }),
  });
  for (const [index, block] of blocksOf(said).entries()) {
    const { start, deltas } = opened(block);
    yield frame("content_block_start", { index, content_block: start });
    for (const delta of deltas) yield frame("content_block_delta", { index, delta });
    yield frame("content_block_stop", { index });
  }
  yield frame("message_delta", {
    delta: { stop_reason: ENDINGS[said.ending], stop_sequence: null },
    usage: USAGE,
  });
  yield frame("message_stop", {});
}

interface Opened {
  readonly start: JsonObject;
  readonly deltas: readonly JsonObject[];
}

const opened = (block: JsonObject): Opened => {
  switch (block["type"]) {
    case "thinking":
      return {
        start: { type: "thinking", thinking: "", signature: "" },
        deltas: [
          ...pieces(textOf(block["thinking"])).map((thinking) => ({ type: "thinking_delta", thinking })),
          { type: "signature_delta", signature: SIGNATURE },
        ],
      };
    case "redacted_thinking":
      return { start: block, deltas: [] };
    case "tool_use":
      return {
        start: { ...block, input: {} },
        deltas: ["", ...pieces(JSON.stringify(block["input"]))].map((piece) => ({
          type: "input_json_delta",
          partial_json: piece,
        })),
      };
    default:
      return { start: { ...block, text: "" }, deltas: [{ type: "text_delta", text: textOf(block["text"]) }] };
  }
};
