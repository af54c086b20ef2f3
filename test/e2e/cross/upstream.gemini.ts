/**
 * Upstreams of Gemini's API: `GenerateContentResponse` of the Google Gen AI SDK 3.1. Its first function call of a
 * turn is signed, as Gemini 3 does (ai.google.dev/gemini-api/docs/thought-signatures).
 */
import type { ClientDialectId } from "../../../src/schema/chat.ts";
import type { JsonObject } from "../../../src/schema/json.ts";
import {
  BREST,
  type Call,
  CORK,
  type Ending,
  GO_ON,
  PNG,
  type Said,
  SCHEMA,
  SIGNATURE,
  STOP,
  SYSTEM,
  TOKENS,
  TOOL,
} from "./facts.ts";
import { type CrossUpstream, sse } from "./upstream.ts";

const ENDINGS: Readonly<Record<Ending, string>> = {
  stop: "STOP",
  length: "MAX_TOKENS",
  calls: "STOP",
  refused: "SAFETY",
};

const USAGE: JsonObject = {
  promptTokenCount: TOKENS.input,
  cachedContentTokenCount: TOKENS.cached,
  candidatesTokenCount: TOKENS.output - TOKENS.thinking, // thoughts are counted apart
  thoughtsTokenCount: TOKENS.thinking,
  totalTokenCount: TOKENS.input + TOKENS.output,
};

const callOf = ({ id, name, arguments: args }: Call): JsonObject => ({ functionCall: { id, name, args } });

const partsOf = ({ thinking, texts = [], calls = [] }: Said): readonly JsonObject[] => [
  ...(thinking === undefined ? [] : [{ text: thinking, thought: true }]),
  ...texts.map((text) => ({ text })),
  ...calls.map((call, at) => ({ ...callOf(call), ...(at === 0 ? { thoughtSignature: SIGNATURE } : {}) })),
];

const chunkOf = (model: string, parts: readonly JsonObject[], ending?: Ending): JsonObject => ({
  candidates: [
    {
      content: { parts, role: "model" },
      ...(ending === undefined ? {} : { finishReason: ENDINGS[ending] }),
      index: 0,
    },
  ],
  usageMetadata:
    ending === undefined ? { promptTokenCount: TOKENS.input, totalTokenCount: TOKENS.input } : USAGE,
  modelVersion: model,
  responseId: "r1",
});

const ASKED_TOOLS = [
  {
    functionDeclarations: [
      { name: TOOL.name, description: TOOL.description, parametersJsonSchema: TOOL.parameters },
    ],
  },
];
const IMAGE: JsonObject = { inlineData: { mimeType: "image/png", data: PNG } };

/** Where a client has no field for it, the call says that its signature is missing. */
const signatureFrom = (client: ClientDialectId): string =>
  client === "openai-responses" ? SIGNATURE : "skip_thought_signature_validator";

const resultOf = ({ id, name }: Call, output: string): JsonObject => ({
  functionResponse: { id, name, response: { output } },
});

export const geminiUpstream: CrossUpstream = {
  id: "gemini",
  streamType: "text/event-stream",
  endings: { ...ENDINGS, calls: "tool_calls" }, // its word for calls is that of any other answer
  countsThinking: true,
  target: () => ({ provider: "google", model: "gemini-3-pro-preview" }),
  reply: (said, model) => chunkOf(model, partsOf(said), said.ending),
  frames: (said, model) => [
    ...partsOf(said).map((part) => sse(chunkOf(model, [part]))),
    sse(chunkOf(model, [{ text: "" }], said.ending)),
  ],
  refusal: (message) => ({ body: { error: { code: 429, message, status: "RESOURCE_EXHAUSTED" } } }),
  failure: (message) => sse({ error: { code: 500, message, status: "INTERNAL" } }),
  asked: (client) => ({
    text: [
      {
        systemInstruction: { parts: [{ text: SYSTEM }] },
        contents: [
          { role: "user", parts: [{ text: "Hello" }] },
          { role: "model", parts: [{ text: "Hi." }] },
          { role: "user", parts: [{ text: "How high" }, { text: " is the tide?" }] },
        ],
        ...(client === "openai-responses" ? {} : { generationConfig: { stopSequences: [STOP] } }),
      },
    ],
    tools: [
      { contents: [{ role: "user", parts: [{ text: "The tides of Brest and Cork?" }] }], tools: ASKED_TOOLS },
      {
        contents: [
          { role: "user" },
          {
            role: "model",
            parts: [{ ...callOf(BREST), thoughtSignature: signatureFrom(client) }, callOf(CORK)],
          },
          {
            role: "user", // in the order of the calls
            parts: [
              {
                functionResponse: {
                  id: BREST.id,
                  name: BREST.name,
                  response: { output: "4.2 m" },
                  parts: [IMAGE],
                },
              },
              resultOf(CORK, "3.1 m"),
            ],
          },
          { role: "user", parts: [{ text: GO_ON }] },
        ],
        tools: ASKED_TOOLS,
      },
    ],
    thinking: [
      { generationConfig: { thinkingConfig: { includeThoughts: true, thinkingLevel: "LOW" } } },
      {
        contents: [
          { role: "user" },
          {
            role: "model",
            parts: [
              { text: "First the port.", thought: true },
              { ...callOf(BREST), thoughtSignature: SIGNATURE },
            ],
          },
          { role: "user", parts: [resultOf(BREST, "4.2 m")] },
          { role: "user", parts: [{ text: GO_ON }] },
        ],
      },
    ],
    image: [{ contents: [{ role: "user", parts: [{ text: "What is this?" }, IMAGE] }] }],
    refused: [{ contents: [{ role: "user", parts: [{ text: "Sink a ship." }] }] }],
    structured: [{ generationConfig: { responseMimeType: "application/json", responseJsonSchema: SCHEMA } }],
  }),
};
