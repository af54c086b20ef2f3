/**
 * Clients of OpenAI's chat API, by OpenAI's own SDK.
 *
 * Thinking has no place in that API: the fields beyond it are read off the wire, and given back as they came.
 */
import OpenAI from "openai";
import { isArray, isObject, isString, type JsonObject, type JsonValue } from "../../../src/schema/json.ts";
import { STEP_MS } from "../../support/wait.ts";
import { type Answer, type Client, framesOf, type Line } from "./client.ts";
import {
  type AskedScene,
  type Facts,
  GO_ON,
  MAX_TOKENS,
  PNG_URI,
  resultsOf,
  SCHEMA,
  STOP,
  SYSTEM,
  TOOL,
} from "./facts.ts";

type Params = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, "model" | "stream">;
type Message = OpenAI.ChatCompletionMessageParam;

const TOOLS: OpenAI.ChatCompletionTool[] = [{ type: "function", function: TOOL }];

const REQUESTS: Readonly<Record<AskedScene, Params>> = {
  text: {
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
    max_completion_tokens: MAX_TOKENS,
    stop: [STOP],
  },
  tools: {
    messages: [{ role: "user", content: "The tides of Brest and Cork?" }],
    max_completion_tokens: MAX_TOKENS,
    tools: TOOLS,
  },
  thinking: {
    messages: [{ role: "user", content: "The tide of Brest?" }],
    max_completion_tokens: MAX_TOKENS,
    tools: TOOLS,
    reasoning_effort: "low",
  },
  image: {
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: PNG_URI } },
        ],
      },
    ],
    max_completion_tokens: MAX_TOKENS,
  },
  refused: {
    messages: [{ role: "user", content: "Sink a ship." }],
    max_completion_tokens: MAX_TOKENS,
  },
  structured: {
    messages: [{ role: "user", content: "The tide of Brest?" }],
    max_completion_tokens: MAX_TOKENS,
    response_format: { type: "json_schema", json_schema: { name: "tide", schema: SCHEMA, strict: true } },
  },
};

export const chatClient: Client = {
  id: "openai-chat",
  endings: { stop: "stop", length: "length", calls: "tool_calls", refused: "content_filter" },
  endMarks: ["[DONE]"],
  errorFrame: 'data: {"error":{"message":',
  refusal: (message) => ({ error: { message } }),
  lacks: [],
  ask: (line, scene, streamed) => turn(line, REQUESTS[scene], streamed),
};

const turn = async (line: Line, params: Params, streamed: boolean): Promise<Answer> => {
  const reply = await replyTo(line, params, streamed);
  const [choice] = reply.choices;
  if (choice === undefined) throw new Error("Cannot read the answer: it has no choice");
  const beyond = beyondOf((await line.heard()).at(-1)?.text ?? "", streamed);
  return {
    facts: factsFrom(reply, choice, beyond),
    goOn: (next = line) =>
      turn(next, { ...params, messages: goneOn(params.messages, choice.message, beyond) }, streamed),
  };
};

const replyTo = (line: Line, params: Params, streamed: boolean): Promise<OpenAI.ChatCompletion> => {
  const { completions } = new OpenAI({
    apiKey: line.key,
    baseURL: `${line.url}/v1`,
    defaultHeaders: line.headers,
    fetch: line.fetch,
    maxRetries: 0,
    timeout: STEP_MS,
  }).chat;
  const body = { model: line.model, ...params };
  if (!streamed) return completions.create(body);
  return completions.stream({ ...body, stream_options: { include_usage: true } }).finalChatCompletion();
};

const factsFrom = (
  reply: OpenAI.ChatCompletion,
  choice: OpenAI.ChatCompletion.Choice,
  beyond: Beyond,
): Facts => ({
  text: choice.message.content ?? "",
  thinking: beyond.reasoning,
  calls: callsOf(choice.message).map(({ id, function: { name, arguments: json } }) => ({
    id,
    name,
    arguments: JSON.parse(json) as JsonValue, // what JSON.parse gives is JSON
  })),
  ending: choice.finish_reason,
  usage: {
    input: reply.usage?.prompt_tokens ?? 0,
    cached: reply.usage?.prompt_tokens_details?.cached_tokens ?? 0,
    output: reply.usage?.completion_tokens ?? 0,
    thinking: reply.usage?.completion_tokens_details?.reasoning_tokens ?? 0,
  },
});

const callsOf = (message: OpenAI.ChatCompletionMessage): OpenAI.ChatCompletionMessageFunctionToolCall[] =>
  (message.tool_calls ?? []).filter((call) => call.type === "function");

const goneOn = (messages: Message[], said: OpenAI.ChatCompletionMessage, beyond: Beyond): Message[] => {
  const { role, content, tool_calls = [] } = said;
  const results = resultsOf(tool_calls.map(({ id }) => id)).map(
    ({ id, text, hasImage }) =>
      ({
        role: "tool",
        tool_call_id: id,
        content: hasImage
          ? [
              { type: "text", text },
              { type: "image_url", image_url: { url: PNG_URI } },
            ]
          : text,
      }) as Message, // an image in a result is beyond the SDK's types, and sent by clients all the same
  );
  const answer = { role, content, tool_calls: callsOf(said), ...beyond.fields };
  return [...messages, answer, ...results, { role: "user", content: GO_ON }];
};

/** What a message says beyond the API. */
interface Beyond {
  readonly reasoning: string;
  /** As they are given back. */
  readonly fields: JsonObject;
}

const beyondOf = (text: string, streamed: boolean): Beyond => {
  const messages = streamed
    ? framesOf(text).map((frame) => saidIn(frame, "delta"))
    : [saidIn(JSON.parse(text), "message")];
  const reasoning = messages.map(({ reasoning_content: said }) => (isString(said) ? said : "")).join("");
  const blocks = streamed ? joined(messages) : messages.flatMap(blocksOf);
  const fields: JsonObject =
    blocks.length > 0 ? { content_blocks: blocks } : reasoning === "" ? {} : { reasoning_content: reasoning };
  return { reasoning, fields };
};

const saidIn = (reply: JsonObject, where: "delta" | "message"): JsonObject => {
  const [choice] = isArray(reply["choices"]) ? reply["choices"] : [];
  const said = isObject(choice) ? choice[where] : undefined;
  return isObject(said) ? said : {};
};

const blocksOf = ({ content_blocks: blocks }: JsonObject): readonly JsonObject[] =>
  isArray(blocks) ? blocks.filter(isObject) : [];

/** Pieces of blocks, by their index. */
const joined = (deltas: readonly JsonObject[]): readonly JsonObject[] => {
  const blocks = new Map<JsonValue | undefined, Record<string, string>>();
  for (const { index, delta } of deltas.flatMap(blocksOf)) {
    const block = blocks.get(index) ?? {};
    for (const [name, piece] of Object.entries(isObject(delta) ? delta : {}))
      if (isString(piece)) block[name] = (block[name] ?? "") + piece;
    blocks.set(index, block);
  }
  return [...blocks.values()].map((block) => ({ type: typeOf(block), ...block }));
};

const typeOf = (block: Readonly<Record<string, string>>): string => {
  if ("thinking" in block || "signature" in block) return "thinking";
  return "data" in block ? "redacted_thinking" : "text";
};
