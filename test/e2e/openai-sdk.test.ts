/** OpenAI's own client through the gateway, to an OpenAI-shaped and to an Anthropic-shaped upstream. */
import { describe, expect, test } from "bun:test";
import type OpenAI from "openai";
import { isObject } from "../../src/schema/json.ts";
import { SIGNATURE, textOf, TOKENS } from "../support/model.ts";
import { ask, collect, KEY, type Provider, startPair } from "./setup.ts";

const pair = startPair();

const PROVIDERS = ["openai", "anthropic"] as const satisfies readonly Provider[];

const WEATHER: OpenAI.ChatCompletionTool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

type Messages = OpenAI.ChatCompletionMessageParam[];

const callsOf = (reply: OpenAI.ChatCompletion): OpenAI.ChatCompletionMessageFunctionToolCall[] =>
  (reply.choices[0]?.message.tool_calls ?? []).filter((call) => call.type === "function");

const citiesOf = (reply: OpenAI.ChatCompletion): unknown[] =>
  callsOf(reply).map((call): unknown => JSON.parse(call.function.arguments));

/** The conversation after both tools have answered. */
const answered = (messages: Messages, reply: OpenAI.ChatCompletion): Messages => [
  ...messages,
  ...(reply.choices[0] ? [reply.choices[0].message] : []),
  ...callsOf(reply).map(
    (call, index) => ({ role: "tool", tool_call_id: call.id, content: `${20 + index} degrees` }) as const,
  ),
];

describe.each(PROVIDERS)("OpenAI's client to %s", (provider) => {
  test("gets a whole reply with usage", async () => {
    const reply = await pair.openai(provider).chat.completions.create(ask("echo"));
    expect(reply).toMatchObject({ object: "chat.completion", model: "echo" });
    expect(reply.choices).toMatchObject([
      { index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello big world" } },
    ]);
    expect(reply.usage).toMatchObject({
      prompt_tokens: TOKENS.input,
      completion_tokens: TOKENS.output,
      total_tokens: TOKENS.input + TOKENS.output,
      prompt_tokens_details: { cached_tokens: TOKENS.cacheRead },
    });
  });

  test("sends its key in the provider's own header and nothing of the gateway's", async () => {
    await pair.openai(provider).chat.completions.create(ask("echo"));
    const { headers } = await pair.upstream.next();
    if (provider === "openai") expect(headers["authorization"]).toBe(`Bearer ${KEY}`);
    else expect(headers).toMatchObject({ "x-api-key": KEY, "anthropic-version": "2023-06-01" });
    expect(Object.keys(headers).filter((name) => name.startsWith("x-portkey-"))).toEqual([]);
  });

  test("gets a stream whose pieces make the answer", async () => {
    const stream = await pair.openai(provider).chat.completions.create({ ...ask("echo"), stream: true });
    const chunks = await collect(stream);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("Hello big world");
    expect(chunks.findLast((chunk) => chunk.choices.length > 0)?.choices[0]?.finish_reason).toBe("stop");
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.filter((chunk) => chunk.usage)).toEqual([]);
  });

  test("gets a usage chunk last when it asks for usage", async () => {
    const chunks = await collect(
      await pair.openai(provider).chat.completions.create({
        ...ask("echo"),
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    const last = chunks.at(-1);
    expect(last?.choices).toEqual([]);
    expect(last?.usage).toMatchObject({ prompt_tokens: TOKENS.input, completion_tokens: TOKENS.output });
  });

  test("finishes a loop of two parallel tools", async () => {
    const { completions } = pair.openai(provider).chat;
    const first = { ...ask("tools"), tools: [WEATHER] };
    const reply = await completions.create(first);
    expect(reply.choices[0]?.finish_reason).toBe("tool_calls");
    expect(reply.choices[0]?.message.content).toBeNull();
    expect(citiesOf(reply)).toEqual([{ city: "Paris" }, { city: "London" }]);
    const last = await completions.create({ ...first, messages: answered(first.messages, reply) });
    expect(last.choices[0]?.message.content).toBe("The tools said 20 degrees and 21 degrees.");
  });

  test("accumulates streamed tool calls", async () => {
    const stream = pair.openai(provider).chat.completions.stream({ ...ask("tools"), tools: [WEATHER] });
    const reply = await stream.finalChatCompletion();
    expect(reply.choices[0]?.finish_reason).toBe("tool_calls");
    expect(citiesOf(reply)).toEqual([{ city: "Paris" }, { city: "London" }]);
  });

  test("gets structured output", async () => {
    const schema = {
      type: "object",
      properties: { city: { type: "string" }, degrees: { type: "integer" } },
      required: ["city", "degrees"],
      additionalProperties: false,
    };
    const reply = await pair.openai(provider).chat.completions.create({
      ...ask("json"),
      response_format: { type: "json_schema", json_schema: { name: "weather", strict: true, schema } },
    });
    expect(JSON.parse(reply.choices[0]?.message.content ?? "")).toEqual({ city: "Paris", degrees: 21 });
  });

  test("gets thinking when compliance is off", async () => {
    const client = pair.openai(provider, { "x-portkey-strict-open-ai-compliance": "false" });
    const thinking = { type: "enabled", budget_tokens: 1024 };
    const request = { ...ask("think"), thinking };
    const reply = await client.chat.completions.create(request);
    expect(reply.choices[0]?.message).toMatchObject({
      content: "Hello big world",
      reasoning_content: "First I read it.",
    });
    const { json } = await pair.upstream.next();
    expect(json).toMatchObject({ thinking });
  });

  test("streams thinking when compliance is off", async () => {
    const client = pair.openai(provider, { "x-portkey-strict-open-ai-compliance": "false" });
    const chunks = await collect(await client.chat.completions.create({ ...ask("think"), stream: true }));
    const deltas = chunks.flatMap((chunk) => chunk.choices.map(({ delta }): unknown => delta));
    const thought = deltas.map((delta) => (isObject(delta) ? textOf(delta["reasoning_content"]) : ""));
    expect(thought.join("")).toBe("First I read it.");
  });

  test("reads a reply that the upstream compressed", async () => {
    pair.upstream.enqueue({ kind: "gzip" });
    const reply = await pair.openai(provider).chat.completions.create(ask("echo"));
    expect(reply.choices[0]?.message.content).toBe("Hello big world");
  });
});

test("signed thinking comes as content blocks when compliance is off", async () => {
  const client = pair.openai("anthropic", { "x-portkey-strict-open-ai-compliance": "false" });
  const reply = await client.chat.completions.create(ask("think"));
  expect(reply.choices[0]?.message).toMatchObject({
    content_blocks: [
      { type: "thinking", thinking: "First I read it.", signature: SIGNATURE },
      { type: "text", text: "Hello big world" },
    ],
  });
});

test("a translated reply keeps to OpenAI's fields by default", async () => {
  const reply = await pair.openai("anthropic").chat.completions.create(ask("think"));
  expect(reply.choices[0]?.message).not.toHaveProperty("content_blocks");
  expect(reply.choices[0]?.message).not.toHaveProperty("reasoning_content");
});

test("models are listed", async () => {
  const models = await pair.openai("openai").models.list();
  expect(models.data.map(({ id }) => id)).toContain("echo");
});
