/** Anthropic's own client through the gateway, to an Anthropic-shaped and to an OpenAI-shaped upstream. */
import { describe, expect, test } from "bun:test";
import type Anthropic from "@anthropic-ai/sdk";
import { SIGNATURE, TOKENS } from "../support/model.ts";
import { ask, collect, KEY, type Provider, startPair } from "./setup.ts";

const pair = startPair();

const PROVIDERS = ["anthropic", "openai"] as const satisfies readonly Provider[];

const WEATHER: Anthropic.Tool = {
  name: "get_weather",
  description: "The weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

/** One red pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFAAH/q842iQAAAABJRU5ErkJggg==";

const inputsOf = (message: Anthropic.Message): unknown[] =>
  message.content.filter((block) => block.type === "tool_use").map((block) => block.input);

/** The user's turn with the results of every tool that the message calls. */
const resultsOf = (message: Anthropic.Message): Anthropic.MessageParam => ({
  role: "user",
  content: message.content
    .filter((block) => block.type === "tool_use")
    .map((block, index) => ({
      type: "tool_result",
      tool_use_id: block.id,
      content: `${20 + index} degrees`,
    })),
});

const USAGE = Object.freeze({
  input_tokens: TOKENS.input - TOKENS.cacheRead,
  cache_read_input_tokens: TOKENS.cacheRead,
  output_tokens: TOKENS.output,
});

describe.each(PROVIDERS)("Anthropic's client to %s", (provider) => {
  test("gets a whole message with usage", async () => {
    const message = await pair.anthropic(provider).messages.create(ask("echo"));
    expect(message).toMatchObject({
      type: "message",
      role: "assistant",
      model: "echo",
      stop_reason: "end_turn",
      stop_sequence: null,
      content: [{ type: "text", text: "Hello big world" }],
      usage: USAGE,
    });
  });

  test("sends its key in the provider's own header", async () => {
    await pair.anthropic(provider).messages.create(ask("echo"));
    const { headers } = await pair.upstream.next();
    if (provider === "anthropic") expect(headers["x-api-key"]).toBe(KEY);
    else expect(headers["authorization"]).toBe(`Bearer ${KEY}`);
  });

  test("accumulates a streamed message", async () => {
    const message = await pair.anthropic(provider).messages.stream(ask("echo")).finalMessage();
    expect(message).toMatchObject({
      stop_reason: "end_turn",
      content: [{ type: "text", text: "Hello big world" }],
      usage: USAGE,
    });
  });

  test("gets its events in the vendor's order", async () => {
    const stream = await pair.anthropic(provider).messages.create({ ...ask("echo"), stream: true });
    const types = (await collect(stream)).map(({ type }) => type);
    const runs = types.filter((type, index) => type !== types[index - 1]);
    expect(runs).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
  });

  test("finishes a loop of two parallel tools", async () => {
    const { messages } = pair.anthropic(provider);
    const first = { ...ask("tools"), tools: [WEATHER] };
    const calls = await messages.create(first);
    expect(calls.stop_reason).toBe("tool_use");
    expect(inputsOf(calls)).toEqual([{ city: "Paris" }, { city: "London" }]);
    const turns: Anthropic.MessageParam[] = [
      ...first.messages,
      { role: "assistant", content: calls.content },
      resultsOf(calls),
    ];
    const last = await messages.create({ ...first, messages: turns });
    expect(last.content).toMatchObject([{ type: "text", text: "The tools said 20 degrees and 21 degrees." }]);
  });

  test("accumulates streamed tool calls", async () => {
    const stream = pair.anthropic(provider).messages.stream({ ...ask("tools"), tools: [WEATHER] });
    const message = await stream.finalMessage();
    expect(message.stop_reason).toBe("tool_use");
    expect(inputsOf(message)).toEqual([{ city: "Paris" }, { city: "London" }]);
  });

  test("gets thinking before text, whole and streamed", async () => {
    const { messages } = pair.anthropic(provider);
    const request = { ...ask("think"), thinking: { type: "enabled", budget_tokens: 1024 } } as const;
    const expected = [
      {
        type: "thinking",
        thinking: "First I read it.",
        // Only Anthropic signs; the field is there all the same.
        signature: provider === "anthropic" ? SIGNATURE : "unsigned:",
      },
      { type: "text", text: "Hello big world" },
    ];
    expect((await messages.create(request)).content).toMatchObject(expected);
    expect((await messages.stream(request).finalMessage()).content).toMatchObject(expected);
  });

  test("shows an image", async () => {
    const image = {
      type: "image",
      source: { type: "base64", media_type: "image/png", data: PNG },
    } as const;
    await pair.anthropic(provider).messages.create({
      ...ask("echo"),
      messages: [{ role: "user", content: [image, { type: "text", text: "What is this?" }] }],
    });
    const { json } = await pair.upstream.next();
    const seen =
      provider === "anthropic"
        ? image
        : { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } };
    expect(json).toMatchObject({
      messages: [{ role: "user", content: [seen, { type: "text", text: "What is this?" }] }],
    });
  });

  test("speaks with a system prompt", async () => {
    await pair.anthropic(provider).messages.create({ ...ask("echo"), system: "Be brief." });
    const { json } = await pair.upstream.next();
    expect(json).toMatchObject(
      provider === "anthropic"
        ? { system: "Be brief." }
        : { messages: [{ role: "system", content: "Be brief." }, { role: "user" }] },
    );
  });
});
