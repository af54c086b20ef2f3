/** Clients of Anthropic's Messages API, by Anthropic's own SDK. */
import Anthropic from "@anthropic-ai/sdk";
import type { JsonValue } from "../../../src/schema/json.ts";
import { STEP_MS } from "../../support/wait.ts";
import type { Answer, Client, Line } from "./client.ts";
import {
  type AskedScene,
  type Facts,
  GO_ON,
  MAX_TOKENS,
  PNG,
  resultsOf,
  SCHEMA,
  STOP,
  SYSTEM,
  TOOL,
} from "./facts.ts";

type Params = Omit<Anthropic.MessageCreateParamsNonStreaming, "model">;

const IMAGE: Anthropic.ImageBlockParam = {
  type: "image",
  source: { type: "base64", media_type: "image/png", data: PNG },
};

const TOOLS: Anthropic.Tool[] = [
  {
    name: TOOL.name,
    description: TOOL.description,
    input_schema: { ...TOOL.parameters, required: [...TOOL.parameters.required] },
  },
];

const REQUESTS: Readonly<Record<AskedScene, Params>> = {
  text: {
    system: SYSTEM,
    messages: [
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
    max_tokens: MAX_TOKENS,
    stop_sequences: [STOP],
  },
  tools: {
    messages: [{ role: "user", content: "The tides of Brest and Cork?" }],
    max_tokens: MAX_TOKENS,
    tools: TOOLS,
  },
  thinking: {
    messages: [{ role: "user", content: "The tide of Brest?" }],
    max_tokens: MAX_TOKENS,
    tools: TOOLS,
    thinking: { type: "enabled", budget_tokens: 1024 },
  },
  image: {
    messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, IMAGE] }],
    max_tokens: MAX_TOKENS,
  },
  refused: {
    messages: [{ role: "user", content: "Sink a ship." }],
    max_tokens: MAX_TOKENS,
  },
  structured: {
    messages: [{ role: "user", content: "The tide of Brest?" }],
    max_tokens: MAX_TOKENS,
    output_config: { format: { type: "json_schema", schema: SCHEMA } },
  },
};

export const messagesClient: Client = {
  id: "anthropic-messages",
  endings: { stop: "end_turn", length: "max_tokens", calls: "tool_use", refused: "refusal" },
  endMarks: ["message_stop"],
  errorFrame: 'event: error\ndata: {"type":"error","error":{',
  refusal: (message) => ({ type: "error", error: { type: "rate_limit_error", message } }),
  lacks: [],
  ask: (line, scene, streamed) => turn(line, REQUESTS[scene], streamed),
};

const turn = async (line: Line, params: Params, streamed: boolean): Promise<Answer> => {
  const { messages } = new Anthropic({
    apiKey: line.key,
    authToken: null,
    baseURL: line.url,
    defaultHeaders: line.headers,
    fetch: line.fetch,
    maxRetries: 0,
    timeout: STEP_MS,
  });
  const body = { model: line.model, ...params };
  const reply = streamed ? await messages.stream(body).finalMessage() : await messages.create(body);
  return {
    facts: factsFrom(reply),
    goOn: (next = line) => turn(next, { ...params, messages: goneOn(params.messages, reply) }, streamed),
  };
};

const factsFrom = ({ content, stop_reason: ending, usage }: Anthropic.Message): Facts => ({
  text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
  thinking: content.map((block) => (block.type === "thinking" ? block.thinking : "")).join(""),
  calls: callsOf(content).map(({ id, name, input }) => ({
    id,
    name,
    arguments: input as JsonValue, // parsed from JSON by the SDK
  })),
  ending: ending ?? "",
  usage: {
    input:
      usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    cached: usage.cache_read_input_tokens ?? 0,
    output: usage.output_tokens,
    thinking: usage.output_tokens_details?.thinking_tokens ?? 0,
  },
});

const callsOf = (content: readonly Anthropic.ContentBlock[]): Anthropic.ToolUseBlock[] =>
  content.filter((block) => block.type === "tool_use");

const goneOn = (
  messages: Anthropic.MessageParam[],
  { content }: Anthropic.Message,
): Anthropic.MessageParam[] => {
  const results = resultsOf(callsOf(content).map(({ id }) => id)).map(
    ({ id, text, hasImage }): Anthropic.ToolResultBlockParam => ({
      type: "tool_result",
      tool_use_id: id,
      content: hasImage ? [{ type: "text", text }, IMAGE] : text,
    }),
  );
  return [
    ...messages,
    { role: "assistant", content },
    { role: "user", content: [...results, { type: "text", text: GO_ON }] },
  ];
};
