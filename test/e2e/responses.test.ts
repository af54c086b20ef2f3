/** OpenAI's client of the Responses API through the gateway: to upstreams of both chat dialects, and to its own. */
import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import type { ResponseInput, ResponseOutputItem } from "openai/resources/responses/responses";
import type { JsonObject } from "../../src/schema/json.ts";
import { SIGNATURE, TOKENS } from "../support/model.ts";
import { collect, failureOf, type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

/** A provider of each chat dialect; the second does not speak the Responses API itself. */
const PROVIDERS = ["anthropic", "groq"] as const;
type Name = (typeof PROVIDERS)[number];

const clientOf = (name: Name | "openai", more: Headers = {}): OpenAI =>
  pair.openai(name === "anthropic" ? "anthropic" : "openai", { "x-portkey-provider": name, ...more });

const ask = (model: string) => ({ model, input: "Hello big world" });

const WEATHER: OpenAI.Responses.FunctionTool = {
  type: "function",
  name: "get_weather",
  description: "The weather of a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  strict: false,
};

const USAGE = {
  input_tokens: TOKENS.input,
  input_tokens_details: { cached_tokens: TOKENS.cacheRead },
  output_tokens: TOKENS.output,
  total_tokens: TOKENS.input + TOKENS.output,
};

/** What was said, and what came of every call in it. */
const turnOf = (output: readonly ResponseOutputItem[]): ResponseInput => {
  const calls = output.filter((item) => item.type === "function_call");
  const results = calls.map(({ call_id }, at) => ({
    type: "function_call_output" as const,
    call_id,
    output: `${20 + at} degrees`,
  }));
  return [...(output as ResponseInput), ...results]; // a client gives output items back as they came
};

describe.each(PROVIDERS)("a client of responses to %s", (name) => {
  test("gets a whole response with usage", async () => {
    const response = await clientOf(name).responses.create({ ...ask("echo"), instructions: "Be brief." });
    expect(response).toMatchObject({
      object: "response",
      status: "completed",
      model: "echo",
      instructions: "Be brief.",
      output_text: "Hello big world",
      usage: USAGE,
      store: true,
      error: null,
    });
    expect(response.id).toStartWith("resp_");
  });

  test("accumulates a streamed response", async () => {
    const stream = clientOf(name).responses.stream(ask("echo"));
    const response = await stream.finalResponse();
    expect(response).toMatchObject({ status: "completed", output_text: "Hello big world", usage: USAGE });
  });

  test("gets its events in the vendor's order, numbered", async () => {
    const stream = await clientOf(name).responses.create({ ...ask("echo"), stream: true });
    const events = await collect(stream);
    expect(events.map((event) => event.sequence_number)).toEqual([...events.keys()]);
    const types = events.map(({ type }) => type);
    expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
  });

  test.each([false, true])("finishes a loop of two parallel tools, streamed: %p", async (streamed) => {
    const { responses } = clientOf(name);
    const first = { ...ask("tools"), tools: [WEATHER], input: [{ role: "user" as const, content: "Go" }] };
    const calls = streamed ? await responses.stream(first).finalResponse() : await responses.create(first);
    expect(calls.output).toMatchObject([
      { type: "function_call", name: "get_weather", arguments: '{"city":"Paris"}', status: "completed" },
      { type: "function_call", name: "get_weather", arguments: '{"city":"London"}', status: "completed" },
    ]);
    const last = await responses.create({ ...first, input: [...first.input, ...turnOf(calls.output)] });
    expect(last.output_text).toBe("The tools said 20 degrees and 21 degrees.");
  });

  test("gets reasoning before text, whole and streamed", async () => {
    const request = { ...ask("think"), reasoning: { effort: "low", summary: "auto" } } as const;
    const expected = [
      { type: "reasoning", summary: [{ type: "summary_text", text: "First I read it." }] },
      { type: "message", content: [{ type: "output_text", text: "Hello big world" }] },
    ];
    const { responses } = clientOf(name);
    expect((await responses.create(request)).output).toMatchObject(expected);
    expect((await responses.stream(request).finalResponse()).output).toMatchObject(expected);
  });

  test("parses structured text", async () => {
    const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
    const format = { type: "json_schema", name: "place", schema, strict: true } as const;
    const response = await clientOf(name).responses.create({ ...ask("json"), text: { format } });
    expect(JSON.parse(response.output_text)).toEqual({ city: "Paris" });
    expect(response.text).toMatchObject({ format });
  });

  test("is told that a response that it goes on from is not known", async () => {
    const asked = clientOf(name).responses.create({ ...ask("echo"), previous_response_id: "resp_1" });
    const error = await failureOf(asked);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ param: "previous_response_id", code: "previous_response_not_found" });
    expect(String(error)).toContain("Previous response with id 'resp_1' not found.");
    expect(pair.upstream.requests).toHaveLength(0);
  });

  test("is told what was asked in the place of what it asked", async () => {
    const target = pair.target(name === "anthropic" ? "anthropic" : "openai", {
      provider: name,
      override_params: { temperature: 0.5, tools: [{ type: "custom", name: "get_weather" }] },
    });
    const headers = { "x-portkey-config": JSON.stringify(target) };
    const response = await pair.post("/v1/responses", ask("tools"), headers);
    expect(await response.json()).toMatchObject({
      temperature: 0.5,
      output: [{ type: "custom_tool_call" }, { type: "custom_tool_call" }],
    });
  });

  test("gets the upstream's refusal in its own shape", async () => {
    pair.upstream.enqueue({ kind: "status", status: 429 });
    const error = await failureOf(clientOf(name).responses.create(ask("echo")));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(String(error)).toContain(`${name} error:`);
  });

  test("sees an error inside of a stream, after which nothing is completed", async () => {
    pair.upstream.enqueue({ kind: "error-after", events: 4 });
    const error = await failureOf(clientOf(name).responses.stream(ask("echo")).finalResponse());
    expect(error).toBeInstanceOf(OpenAI.APIError);
  });

  test("sees a stream that was cut as an error", async () => {
    pair.upstream.enqueue({ kind: "cut", afterEvents: 4, how: "fin", held: true });
    const headers = { "x-portkey-provider": name, authorization: `Bearer ${KEY}` };
    const response = await pair.post(
      "/v1/responses",
      { ...ask("echo"), stream: true },
      pair.headers("openai", headers),
    );
    pair.upstream.release();
    const text = await response.text();
    expect(text).toContain('event: error\ndata: {"type":"error"');
    expect(text).toContain('"code":"stream_interrupted"');
    expect(text).not.toContain("response.completed");
  });

  test("names what could not be carried", async () => {
    const { response } = await clientOf(name)
      .responses.create({
        ...ask("echo"),
        background: true,
        tools: [{ type: "file_search", vector_store_ids: ["v"] }],
      })
      .withResponse();
    const notes = response.headers.get("x-turnpike-not-carried")?.split(", ");
    expect(notes).toEqual(expect.arrayContaining(["background", "tools.0 (file_search)"]));
  });
});

test("a signature comes back to the provider that gave it", async () => {
  const { responses } = clientOf("anthropic");
  const request = { ...ask("think"), reasoning: { effort: "low" } } as const;
  const said = await responses.stream(request).finalResponse();
  await pair.upstream.next();
  await responses.create({
    ...request,
    input: [{ role: "user", content: "Hi" }, ...turnOf(said.output), { role: "user", content: "Go on" }],
  });
  expect((await pair.upstream.next()).json).toMatchObject({
    messages: [
      { role: "user" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "First I read it.", signature: SIGNATURE },
          { type: "text", text: "Hello big world" },
        ],
      },
      { role: "user" },
    ],
  });
});

/** Odd spacing, large numbers and fields of tomorrow. */
const ODD_REQUEST = `{ "model":"gpt-5.1", "previous_response_id":"resp_0","store" : true,
  "input":[{"type":"item_reference","id":"msg_1"}], "tomorrow": 12345678901234567890, "temperature":1.0}`;
const ODD_REPLY = `{"id":"resp_1", "object":"response","status":"completed","model":"gpt-5.1","error":null,
  "output":[ {"type":"of_tomorrow","n":1.0} ],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}\n`;

const frame = (type: string, rest: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
const CREATED = frame("response.created", { response: { id: "resp_1", status: "in_progress", output: [] } });
const COMPLETED = `event: response.completed\ndata: {"type":"response.completed","response":${ODD_REPLY.trim().replaceAll("\n", " ")}}\n\n`;
const SSE = { "content-type": "text/event-stream" };

describe("a provider that speaks the API itself", () => {
  const post = (body: JsonObject | string, more: Headers = {}): Promise<Response> =>
    pair.post("/v1/responses", body, pair.headers("openai", { authorization: `Bearer ${KEY}`, ...more }));

  test("gets the client's bytes, and the client its", async () => {
    pair.upstream.enqueue({ kind: "raw", chunks: [ODD_REPLY] });
    const response = await post(ODD_REQUEST);
    expect(await response.text()).toBe(ODD_REPLY);
    const { method, url, headers, body } = await pair.upstream.next();
    expect([method, url, headers["authorization"]]).toEqual(["POST", "/v1/responses", `Bearer ${KEY}`]);
    expect(body).toBe(ODD_REQUEST);
  });

  test("streams byte for byte", async () => {
    const chunks = [
      CREATED,
      frame("response.output_item.added", { item: {} }),
      ": a comment\r\n\r\n",
      COMPLETED,
    ];
    pair.upstream.enqueue({ kind: "raw", chunks, headers: SSE });
    const response = await post({ ...ask("gpt-5.1"), stream: true });
    expect(await response.text()).toBe(chunks.join(""));
  });

  test("that breaks off ends in an error", async () => {
    const chunks = [CREATED, frame("response.output_text.delta", { delta: "Hel" })];
    pair.upstream.enqueue({ kind: "raw", chunks, headers: SSE });
    const text = await (await post({ ...ask("gpt-5.1"), stream: true })).text();
    expect(text).toStartWith(chunks.join(""));
    expect(text).toContain('event: error\ndata: {"type":"error"');
  });

  test("is followed by the next target when its response fails before it began", async () => {
    const failed = frame("response.failed", {
      response: { status: "failed", error: { code: "rate_limit_exceeded", message: "Slow down" } },
    });
    pair.upstream.enqueue({ kind: "raw", chunks: [CREATED, failed], headers: SSE });
    const config = {
      strategy: { mode: "fallback" },
      targets: [pair.target("openai"), pair.target("anthropic", { override_params: { model: "echo" } })],
    };
    const headers = { "x-portkey-config": JSON.stringify(config) };
    const response = await pair.post("/v1/responses", { ...ask("gpt-5.1"), stream: true }, headers);
    const text = await response.text();
    expect(text).not.toContain("Slow down");
    expect(text).toContain('"type":"response.completed"');
    expect(pair.upstream.requests.map(({ url }) => url)).toEqual(["/v1/responses", "/v1/messages"]);
  });

  test.each([
    ["GET", "/v1/responses/resp_1?include=reasoning.encrypted_content"],
    ["DELETE", "/v1/responses/resp_1"],
    ["POST", "/v1/responses/resp_1/cancel"],
    ["GET", "/v1/responses/resp_1/input_items"],
  ])("gets %s %s as it is", async (method, path) => {
    const headers = pair.headers("openai", { authorization: `Bearer ${KEY}` });
    await fetch(`${pair.gateway.url}${path}`, { method, headers });
    expect(await pair.upstream.next()).toMatchObject({ method, url: path });
  });
});

describe("the option openai_api", () => {
  const RESPONSES = { "x-portkey-openai-api": "responses" };
  const OUTPUT = [
    {
      type: "message",
      id: "msg_1",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: "Hello", annotations: [] }],
    },
  ];
  const ANSWER = JSON.stringify({
    id: "resp_1",
    object: "response",
    status: "completed",
    model: "gpt-5-pro",
    output: OUTPUT,
    usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
  });

  test("asks for a chat of OpenAI's clients by the Responses API", async () => {
    pair.upstream.enqueue({ kind: "raw", chunks: [ANSWER] });
    const completion = await pair
      .openai("openai", RESPONSES)
      .chat.completions.create({ model: "gpt-5-pro", messages: [{ role: "user", content: "Hi" }] });
    expect(completion.choices[0]?.message.content).toBe("Hello");
    expect(completion.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 2 });
    const { url, json } = await pair.upstream.next();
    expect(url).toBe("/v1/responses");
    expect(json).toMatchObject({ model: "gpt-5-pro", store: false, input: [{ role: "user" }] });
  });

  test("asks for a stream of Anthropic's clients by it, said in a config", async () => {
    const chunks = [
      CREATED,
      frame("response.output_item.added", { output_index: 0, item: { ...OUTPUT[0], content: [] } }),
      frame("response.output_text.delta", { output_index: 0, content_index: 0, delta: "Hello" }),
      `event: response.completed\ndata: {"type":"response.completed","response":${ANSWER}}\n\n`,
    ];
    pair.upstream.enqueue({ kind: "raw", chunks, headers: SSE });
    const config = pair.target("openai", { openai_api: "responses" });
    const body = { model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: "Hi" }] };
    const response = await pair.post("/v1/messages", body, {
      "x-portkey-config": JSON.stringify(config),
      authorization: `Bearer ${KEY}`,
    });
    const text = await response.text();
    expect(text).toContain('"text_delta","text":"Hello"');
    expect(text).toContain("event: message_stop");
    expect((await pair.upstream.next()).url).toBe("/v1/responses");
  });

  test("asks for a response by a chat, too", async () => {
    const { output_text } = await clientOf("openai", { "x-portkey-openai-api": "chat" }).responses.create(
      ask("echo"),
    );
    expect(output_text).toBe("Hello big world");
    expect((await pair.upstream.next()).url).toBe("/v1/chat/completions");
  });

  test.each<[string, Headers, string]>([
    ["of another word", { "x-portkey-openai-api": "completions" }, "must be chat or responses"],
    ["of what the provider has not", { ...RESPONSES, "x-portkey-provider": "groq" }, "no Responses API"],
  ])("%s is a 400 that says so", async (_what, more, says) => {
    const body = { model: "m", messages: [{ role: "user", content: "Hi" }] };
    const headers = { authorization: `Bearer ${KEY}`, ...more };
    const response = await pair.post("/v1/chat/completions", body, pair.headers("openai", headers));
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(says)]);
  });
});
