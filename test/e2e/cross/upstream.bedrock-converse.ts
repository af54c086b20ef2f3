/**
 * Upstreams of Bedrock's Converse: `ConverseResponse` and `ConverseStreamOutput` of AWS's SDK 3.1163, framed by
 * its own codec. The model is an application's profile, whose name does not tell whose model it is.
 */
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
import { AWS_STREAM, framed, KEYS } from "./aws.ts";
import type { CrossUpstream } from "./upstream.ts";

const ENDINGS: Readonly<Record<Ending, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  calls: "tool_use",
  refused: "guardrail_intervened",
};

const USAGE: JsonObject = {
  inputTokens: TOKENS.input - TOKENS.cached, // counted apart
  outputTokens: TOKENS.output,
  totalTokens: TOKENS.input + TOKENS.output,
  cacheReadInputTokens: TOKENS.cached,
  cacheWriteInputTokens: 0,
};

const callOf = ({ id, name, arguments: input }: Call): JsonObject => ({
  toolUse: { toolUseId: id, name, input },
});

const blocksOf = ({ thinking, texts = [], calls = [] }: Said): readonly JsonObject[] => [
  ...(thinking === undefined ? [] : [thought(thinking), HIDDEN]),
  ...texts.map((text) => ({ text })),
  ...calls.map(callOf),
];

const thought = (text: string): JsonObject => ({
  reasoningContent: { reasoningText: { text, signature: SIGNATURE } },
});

const HIDDEN: JsonObject = { reasoningContent: { redactedContent: REDACTED } };

const ASKED_TOOLS = {
  tools: [
    { toolSpec: { name: TOOL.name, description: TOOL.description, inputSchema: { json: TOOL.parameters } } },
  ],
};
const IMAGE: JsonObject = { image: { format: "png", source: { bytes: PNG } } };

export const converseUpstream: CrossUpstream = {
  id: "bedrock-converse",
  streamType: AWS_STREAM,
  endings: ENDINGS,
  countsThinking: false,
  target: () => ({
    provider: "bedrock",
    model: "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/tides",
    headers: KEYS,
  }),
  reply: (said) => ({
    output: { message: { role: "assistant", content: blocksOf(said) } },
    stopReason: ENDINGS[said.ending],
    usage: USAGE,
    metrics: { latencyMs: 5 },
  }),
  frames: (said) => [...framesOf(said)],
  refusal: (message) => ({
    body: { message },
    headers: { "x-amzn-errortype": "ThrottlingException:http://internal.amazon.com/coral/" },
  }),
  failure: (message) => framed("exception", "modelStreamErrorException", { message }),
  asked: (client) => ({
    text: [
      {
        system: [{ text: SYSTEM }],
        messages: [
          { role: "user", content: [{ text: "Hello" }] },
          { role: "assistant", content: [{ text: "Hi." }] },
          { role: "user", content: [{ text: "How high" }, { text: " is the tide?" }] },
        ],
        ...(client === "openai-responses" ? {} : { inferenceConfig: { stopSequences: [STOP] } }),
      },
    ],
    tools: [
      {
        messages: [{ role: "user", content: [{ text: "The tides of Brest and Cork?" }] }],
        toolConfig: ASKED_TOOLS,
      },
      {
        messages: [
          { role: "user" },
          { role: "assistant", content: [callOf(BREST), callOf(CORK)] },
          {
            role: "user",
            content: [
              { toolResult: { toolUseId: CORK.id, content: [{ text: "3.1 m" }] } },
              { toolResult: { toolUseId: BREST.id, content: [{ text: "4.2 m" }, IMAGE] } },
              { text: GO_ON },
            ],
          },
        ],
        toolConfig: ASKED_TOOLS,
      },
    ],
    thinking: [
      { messages: [{ role: "user" }] },
      {
        messages: [
          { role: "user" },
          { role: "assistant", content: [thought("First the port."), HIDDEN, callOf(BREST)] },
          {
            role: "user",
            content: [{ toolResult: { toolUseId: BREST.id, content: [{ text: "4.2 m" }] } }, { text: GO_ON }],
          },
        ],
      },
    ],
    image: [{ messages: [{ role: "user", content: [{ text: "What is this?" }, IMAGE] }] }],
    refused: [{ messages: [{ role: "user", content: [{ text: "Sink a ship." }] }] }],
    structured: [
      {
        outputConfig: {
          textFormat: { type: "json_schema", structure: { jsonSchema: { schema: JSON.stringify(SCHEMA) } } },
        },
      },
    ],
  }),
};

const event = (name: string, payload: JsonObject): Uint8Array => framed("event", name, payload);

/** Only a tool's block is announced; text and thinking open with their first delta. */
function* framesOf(said: Said): Generator<Uint8Array> {
  yield event("messageStart", { role: "assistant" });
  let contentBlockIndex = 0;
  for (const { start, deltas } of opened(said)) {
    if (start !== undefined) yield event("contentBlockStart", { contentBlockIndex, start });
    for (const delta of deltas) yield event("contentBlockDelta", { contentBlockIndex, delta });
    yield event("contentBlockStop", { contentBlockIndex: contentBlockIndex++ });
  }
  yield event("messageStop", { stopReason: ENDINGS[said.ending] });
  yield event("metadata", { usage: USAGE, metrics: { latencyMs: 5 } });
}

interface Opened {
  readonly start?: JsonObject;
  readonly deltas: readonly JsonObject[];
}

const opened = ({ thinking, texts = [], calls = [] }: Said): readonly Opened[] => [
  ...(thinking === undefined ? [] : [{ deltas: [...thoughts(thinking)] }, { deltas: [HIDDEN] }]),
  ...texts.map((text) => ({ deltas: [{ text }] })),
  ...calls.map(({ id, name, arguments: input }) => ({
    start: { toolUse: { toolUseId: id, name } },
    deltas: pieces(JSON.stringify(input)).map((piece) => ({ toolUse: { input: piece } })),
  })),
];

/** Streams spell it flat, replies one level deeper. */
function* thoughts(thinking: string): Generator<JsonObject> {
  for (const text of pieces(thinking)) yield { reasoningContent: { text } };
  yield { reasoningContent: { signature: SIGNATURE } };
}
