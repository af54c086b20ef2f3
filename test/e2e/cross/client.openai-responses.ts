/** Clients of OpenAI's Responses API, by OpenAI's own SDK. */
import OpenAI from "openai";
import type {
  Response,
  ResponseCreateParamsNonStreaming,
  ResponseInput,
} from "openai/resources/responses/responses";
import type { JsonValue } from "../../../src/schema/json.ts";
import { STEP_MS } from "../../support/wait.ts";
import type { Answer, Client, Line } from "./client.ts";
import {
  type AskedScene,
  type Facts,
  GO_ON,
  MAX_TOKENS,
  PNG_URI,
  resultsOf,
  SCHEMA,
  SYSTEM,
  TOOL,
} from "./facts.ts";

type Params = Omit<ResponseCreateParamsNonStreaming, "model" | "input" | "stream"> & {
  readonly input: ResponseInput;
};

const TOOLS: OpenAI.Responses.FunctionTool[] = [{ type: "function", ...TOOL, strict: false }];

const REQUESTS: Readonly<Record<AskedScene, Params>> = {
  text: {
    instructions: SYSTEM,
    input: [
      { role: "user", content: "Hello" },
      { role: "assistant", content: "Hi." },
      {
        role: "user",
        content: [
          { type: "input_text", text: "How high" },
          { type: "input_text", text: " is the tide?" },
        ],
      },
    ],
    max_output_tokens: MAX_TOKENS,
  },
  tools: {
    input: [{ role: "user", content: "The tides of Brest and Cork?" }],
    max_output_tokens: MAX_TOKENS,
    tools: TOOLS,
  },
  thinking: {
    input: [{ role: "user", content: "The tide of Brest?" }],
    max_output_tokens: MAX_TOKENS,
    tools: TOOLS,
    reasoning: { effort: "low", summary: "auto" },
    include: ["reasoning.encrypted_content"],
  },
  image: {
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: "What is this?" },
          { type: "input_image", image_url: PNG_URI, detail: "auto" },
        ],
      },
    ],
    max_output_tokens: MAX_TOKENS,
  },
  refused: {
    input: [{ role: "user", content: "Sink a ship." }],
    max_output_tokens: MAX_TOKENS,
  },
  structured: {
    input: [{ role: "user", content: "The tide of Brest?" }],
    max_output_tokens: MAX_TOKENS,
    text: { format: { type: "json_schema", name: "tide", schema: SCHEMA, strict: true } },
  },
};

export const responsesClient: Client = {
  id: "openai-responses",
  endings: { stop: "completed", length: "max_output_tokens", calls: "completed", refused: "content_filter" },
  endMarks: ["response.completed", "response.incomplete"],
  errorFrame: 'event: error\ndata: {"type":"error"',
  refusal: (message) => ({ error: { message } }),
  lacks: ["stop"],
  ask: (line, scene, streamed) => turn(line, REQUESTS[scene], streamed),
};

const turn = async (line: Line, params: Params, streamed: boolean): Promise<Answer> => {
  const { responses } = new OpenAI({
    apiKey: line.key,
    baseURL: `${line.url}/v1`,
    defaultHeaders: line.headers,
    fetch: line.fetch,
    maxRetries: 0,
    timeout: STEP_MS,
  });
  const body = { model: line.model, store: false, ...params };
  const reply = streamed ? await responses.stream(body).finalResponse() : await responses.create(body);
  return {
    facts: factsFrom(reply),
    goOn: (next = line) => turn(next, { ...params, input: goneOn(params.input, reply) }, streamed),
  };
};

const factsFrom = ({
  output,
  output_text: text,
  status,
  incomplete_details: why,
  usage,
}: Response): Facts => ({
  text,
  thinking: output
    .flatMap((item) => (item.type === "reasoning" ? item.summary.map((part) => part.text) : []))
    .join(""),
  calls: callsOf(output).map(({ call_id: id, name, arguments: json }) => ({
    id,
    name,
    arguments: JSON.parse(json) as JsonValue, // what JSON.parse gives is JSON
  })),
  ending: why?.reason ?? status ?? "",
  usage: {
    input: usage?.input_tokens ?? 0,
    cached: usage?.input_tokens_details.cached_tokens ?? 0,
    output: usage?.output_tokens ?? 0,
    thinking: usage?.output_tokens_details.reasoning_tokens ?? 0,
  },
});

const callsOf = (output: Response["output"]): OpenAI.Responses.ResponseFunctionToolCall[] =>
  output.filter((item) => item.type === "function_call");

const goneOn = (input: ResponseInput, { output }: Response): ResponseInput => {
  const results = resultsOf(callsOf(output).map(({ call_id: id }) => id)).map(({ id, text, hasImage }) => ({
    type: "function_call_output" as const,
    call_id: id,
    output: hasImage
      ? [
          { type: "input_text" as const, text },
          { type: "input_image" as const, image_url: PNG_URI },
        ]
      : text,
  }));
  const said = output as ResponseInput; // a client gives output items back as they came
  return [...input, ...said, ...results, { role: "user", content: GO_ON }];
};
