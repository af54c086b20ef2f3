/** Conversations of the Responses API that the gateway keeps: OpenAI's client, from outside. */
import { afterAll, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import type { JsonObject } from "../../src/schema/json.ts";
import { startGateway } from "../support/gateway.ts";
import { SIGNATURE } from "../support/model.ts";
import { STEP_MS } from "../support/wait.ts";
import { collect, failureOf, type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

const folder = mkdtempSync(join(tmpdir(), "turnpike-state-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface As {
  readonly key?: string;
  readonly url?: string;
  readonly headers?: Headers;
}

const clientOf = (provider: string, { key = KEY, url = pair.gateway.url, headers }: As = {}): OpenAI =>
  new OpenAI({
    apiKey: key,
    baseURL: `${url}/v1`,
    defaultHeaders: pair.headers("openai", { "x-portkey-provider": provider, ...headers }),
    maxRetries: 0,
    timeout: STEP_MS,
  });

const ask = (input: string, model = "echo") => ({ model, input });

const WEATHER: OpenAI.Responses.FunctionTool = {
  type: "function",
  name: "get_weather",
  description: "The weather of a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  strict: false,
};

/** What came of every call in a response. */
const resultsOf = (response: OpenAI.Responses.Response) =>
  response.output
    .filter((item) => item.type === "function_call")
    .map(({ call_id }, at) => ({
      type: "function_call_output" as const,
      call_id,
      output: `${20 + at} degrees`,
    }));

const messagesSent = async (): Promise<unknown> => {
  const { json } = await pair.upstream.next();
  return (json as JsonObject)["messages"]; // the upstream was sent a chat
};

/** One provider of each chat dialect; neither has the Responses API. */
describe.each(["anthropic", "groq"])("a response of %s", (provider) => {
  test("is kept, and is retrieved as it was answered", async () => {
    const { responses } = clientOf(provider);
    const { _request_id: _, ...created } = await responses.create({
      ...ask("Hello big world"),
      metadata: { a: "b" },
    });
    expect(created).toMatchObject({ store: true, previous_response_id: null });
    expect(created.id).toMatch(/^resp_tp[0-9a-f]{40}$/);
    expect(await responses.retrieve(created.id)).toEqual(created);
    expect(pair.upstream.requests).toHaveLength(1);
  });

  test("is kept as it was streamed", async () => {
    const { responses } = clientOf(provider);
    const events = await collect(await responses.create({ ...ask("Hello big world"), stream: true }));
    const last = events.at(-1);
    if (last?.type !== "response.completed") throw new Error("The stream did not complete");
    expect(events.map((event) => event.sequence_number)).toEqual([...events.keys()]);
    expect(await responses.retrieve(last.response.id)).toMatchObject(last.response);
    expect(last.response).toMatchObject({ store: true, status: "completed" });
  });

  test("is gone when it is deleted", async () => {
    const { responses } = clientOf(provider);
    const { id } = await responses.create(ask("Hi"));
    await responses.delete(id);
    const error = await failureOf(responses.retrieve(id));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ type: "invalid_request_error" });
    expect(String(error)).toContain(`Response with id '${id}' not found.`);
    expect(await failureOf(responses.delete(id))).toBeInstanceOf(OpenAI.NotFoundError);
  });

  test.each([false, true])(
    "is gone on from, over three calls with a tool, streamed: %p",
    async (streamed) => {
      const { responses } = clientOf(provider);
      const create = (body: OpenAI.Responses.ResponseCreateParamsNonStreaming) =>
        streamed ? responses.stream({ ...body, stream: true }).finalResponse() : responses.create(body);
      const first = await create({ ...ask("Go", "tools"), tools: [WEATHER], instructions: "Be brief." });
      const second = await create({
        model: "tools",
        tools: [WEATHER],
        previous_response_id: first.id,
        input: resultsOf(first),
      });
      expect(second).toMatchObject({
        previous_response_id: first.id,
        output_text: "The tools said 20 degrees and 21 degrees.",
      });
      const third = await create({ ...ask("And now?"), previous_response_id: second.id });
      expect(third).toMatchObject({ previous_response_id: second.id, output_text: "And now?" });

      expect(JSON.stringify((await pair.upstream.next()).json)).toContain("Be brief.");
      expect(JSON.stringify((await pair.upstream.next()).json)).not.toContain("Be brief."); // said once
      const sent = JSON.stringify(await messagesSent());
      const order = ["Go", "Paris", "London", "20 degrees", "21 degrees", "The tools said", "And now?"];
      const places = order.map((words) => sent.indexOf(words));
      expect(places).not.toContain(-1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    },
  );

  test("lists what it was made from, in pages", async () => {
    const { responses } = clientOf(provider);
    const first = await responses.create({
      model: "echo",
      input: [
        { role: "developer", content: "Be brief." },
        { role: "user", content: "One" },
      ],
    });
    const second = await responses.create({ ...ask("Two"), previous_response_id: first.id });
    const listed = await collect(responses.inputItems.list(second.id, { order: "asc", limit: 2 }));
    const message = (role: string, type: string, text: string) => ({
      type: "message",
      status: "completed",
      role,
      content: [{ type, text }],
    });
    expect(listed).toMatchObject([
      message("developer", "input_text", "Be brief."),
      message("user", "input_text", "One"),
      message("assistant", "output_text", "One"),
      message("user", "input_text", "Two"),
    ]);
    const ids = listed.map((item) => item.id);
    expect(new Set(ids).size).toBe(4);
    const page = await responses.inputItems.list(second.id, { limit: 3 }).asResponse();
    expect(await page.json()).toMatchObject({
      object: "list",
      data: [{ id: ids[3] }, { id: ids[2] }, { id: ids[1] }],
      first_id: ids[3],
      last_id: ids[1],
      has_more: true,
    });
  });

  test("is kept and gone on from when it was cut short", async () => {
    const openai = {
      id: "chatcmpl-1",
      object: "chat.completion",
      model: "m",
      choices: [{ index: 0, message: { role: "assistant", content: "One, tw" }, finish_reason: "length" }],
    };
    const anthropic = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "m",
      content: [{ type: "text", text: "One, tw" }],
      stop_reason: "max_tokens",
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    const reply = provider === "anthropic" ? anthropic : openai;
    pair.upstream.enqueue({ kind: "raw", chunks: [JSON.stringify(reply)] });
    const { responses } = clientOf(provider);
    const { id } = await responses.create(ask("Count"));
    expect(await responses.retrieve(id)).toMatchObject({ status: "incomplete", output_text: "One, tw" });
    await responses.create({ ...ask("Go on"), previous_response_id: id });
    await pair.upstream.next();
    expect(JSON.stringify(await messagesSent())).toContain("One, tw");
  });

  test("is not kept when it is not to be", async () => {
    const { responses } = clientOf(provider);
    const created = await responses.create({ ...ask("Hi"), store: false });
    expect(created).toMatchObject({ store: false });
    expect(await failureOf(responses.retrieve(created.id))).toBeInstanceOf(OpenAI.NotFoundError);
    const error = await failureOf(responses.create({ ...ask("Hi"), previous_response_id: created.id }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ code: "previous_response_not_found", param: "previous_response_id" });
  });

  test("is not kept when its stream fails, and does not say that it was", async () => {
    pair.upstream.enqueue({ kind: "error-after", events: 4 });
    const headers = {
      ...pair.headers("openai"),
      "x-portkey-provider": provider,
      authorization: `Bearer ${KEY}`,
    };
    const text = await (await pair.post("/v1/responses", { ...ask("Hi you"), stream: true }, headers)).text();
    const failed = /^data: (\{"type":"response.failed".*\})$/m.exec(text)?.[1] ?? "";
    const { response } = JSON.parse(failed) as { response: { id: string; store: boolean } }; // our own frame
    expect(response.store).toBe(false);
    expect(await failureOf(clientOf(provider).responses.retrieve(response.id))).toBeInstanceOf(
      OpenAI.NotFoundError,
    );
  });

  test("is found by the items that refer to it", async () => {
    const { responses } = clientOf(provider);
    const said = await responses.create(ask("Remember me"));
    const input = said.output.map(({ id }) => ({ type: "item_reference" as const, id: id ?? "" }));
    await responses.create({ model: "echo", input: [...input, { role: "user", content: "Go on" }] });
    await pair.upstream.next();
    const sent = JSON.stringify(await messagesSent());
    expect(sent).toContain("Remember me");
    expect(sent).not.toContain("item_reference");
  });
});

test("references that mean more than a request may hold are refused", async () => {
  const { responses } = clientOf("anthropic");
  const { output } = await responses.create(ask("x".repeat(1024 * 1024)));
  const reference = { type: "item_reference" as const, id: output[0]?.id ?? "" };
  const input = Array.from({ length: 100 }, () => reference);
  expect(await failureOf(responses.create({ model: "echo", input }))).toMatchObject({
    status: 413,
    code: "request_too_large",
  });
});

describe("another caller", () => {
  test("finds nothing of the first one's", async () => {
    const { id } = await clientOf("anthropic").responses.create(ask("My secret"));
    const { responses } = clientOf("anthropic", { key: "sk-another" });
    for (const asked of [
      () => responses.retrieve(id),
      () => responses.delete(id),
      () => responses.inputItems.list(id),
      () => responses.cancel(id),
    ])
      expect(await failureOf(asked())).toBeInstanceOf(OpenAI.NotFoundError);
    const error = await failureOf(responses.create({ ...ask("Hi"), previous_response_id: id }));
    expect(error).toMatchObject({ status: 400, code: "previous_response_not_found" });
    const reference = { type: "item_reference" as const, id: `msg_${id.slice("resp_".length)}_0` };
    expect(await failureOf(responses.create({ model: "echo", input: [reference] }))).toMatchObject({
      status: 400,
    });
    expect(await clientOf("anthropic").responses.retrieve(id)).toMatchObject({ id });
  });

  test("is the same one when the same key comes in another header", async () => {
    const { id } = await clientOf("anthropic").responses.create(ask("Hi"));
    const url = `${pair.gateway.url}/v1/responses/${id}`;
    expect((await fetch(url, { headers: { "x-api-key": KEY } })).status).toBe(200);
    expect((await fetch(url)).status).toBe(404);
  });
});

test("a key in the request's config tells callers apart, too", async () => {
  const headers = (key: string): Headers => ({
    "x-portkey-config": JSON.stringify({
      strategy: { mode: "fallback" },
      targets: [pair.target("anthropic", { api_key: key })],
    }),
  });
  const created = await pair.post("/v1/responses", ask("Hi"), headers("sk-a"));
  const { id } = (await created.json()) as { id: string }; // the test fails without one
  const url = `${pair.gateway.url}/v1/responses/${id}`;
  expect((await fetch(url, { headers: headers("sk-a") })).status).toBe(200);
  expect((await fetch(url, { headers: headers("sk-b") })).status).toBe(404);
  expect((await fetch(url)).status).toBe(404);
});

describe("what only the provider could have made comes back to it", () => {
  const call = { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Paris" } };
  const thinking = { type: "thinking", thinking: "Which city?", signature: SIGNATURE };
  const redacted = { type: "redacted_thinking", data: "c2VjcmV0" };

  test("thinking before a call, to Anthropic", async () => {
    const reply = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude",
      content: [thinking, redacted, call],
      stop_reason: "tool_use",
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    pair.upstream.enqueue({ kind: "raw", chunks: [JSON.stringify(reply)] });
    const { responses } = clientOf("anthropic");
    const first = await responses.create({ ...ask("Go", "claude-sonnet-4-5"), tools: [WEATHER] });
    await responses.create({
      model: "tools",
      tools: [WEATHER],
      previous_response_id: first.id,
      input: resultsOf(first),
    });
    await pair.upstream.next();
    expect(await messagesSent()).toMatchObject([
      { role: "user" },
      { role: "assistant", content: [thinking, redacted, call] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1" }] },
    ]);
  });

  test("the signature of a call, to Gemini", async () => {
    const part = {
      functionCall: { name: "get_weather", args: { city: "Paris" } },
      thoughtSignature: "c2lnbmF0dXJl",
    };
    const reply = {
      candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP" }],
      modelVersion: "gemini-3-pro",
      responseId: "r1",
    };
    pair.upstream.enqueue(
      { kind: "raw", chunks: [JSON.stringify(reply)] },
      { kind: "raw", chunks: [JSON.stringify(reply)] },
    );
    const { responses } = clientOf("google");
    const first = await responses.create({ ...ask("Go", "gemini-3-pro-preview"), tools: [WEATHER] });
    await responses.create({
      model: "gemini-3-pro-preview",
      tools: [WEATHER],
      previous_response_id: first.id,
      input: resultsOf(first),
    });
    await pair.upstream.next();
    const { json } = await pair.upstream.next();
    expect(json).toMatchObject({
      contents: [
        { role: "user" },
        { role: "model", parts: [{ ...part, functionCall: { name: "get_weather" } }] },
        { role: "user", parts: [{ functionResponse: { name: "get_weather" } }] },
      ],
    });
  });
});

test("a stream that ends only with its upstream is kept, too", async () => {
  const chunk = (text: string, more: JsonObject = {}): string =>
    `data: ${JSON.stringify({ candidates: [{ content: { role: "model", parts: [{ text }] }, ...more }] })}\n\n`;
  const chunks = [chunk("Hello "), chunk("you", { finishReason: "STOP" })];
  pair.upstream.enqueue({ kind: "raw", chunks, headers: { "content-type": "text/event-stream" } });
  const { responses } = clientOf("google");
  const said = await responses.stream(ask("Hi", "gemini-3-pro-preview")).finalResponse();
  expect(said).toMatchObject({ store: true, output_text: "Hello you" });
  expect(await responses.retrieve(said.id)).toMatchObject({ output_text: "Hello you" });
});

const NATIVE_ID = `resp_${"0a".repeat(24)}`;
const NATIVE_REPLY = `{"id":"${NATIVE_ID}","object":"response","status":"completed","model":"gpt-5.1","error":null,"output":[],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}`;

describe("with a provider that has the API itself", () => {
  const fallback = (codes: readonly number[] | undefined, ...targets: readonly JsonObject[]): Headers => ({
    "x-portkey-config": JSON.stringify({ strategy: { mode: "fallback", on_status_codes: codes }, targets }),
    authorization: `Bearer ${KEY}`,
  });

  test("a conversation that is kept here goes on there, without what it could not know", async () => {
    const { responses } = clientOf("anthropic");
    const first = await responses.create({ ...ask("Hello", "think"), reasoning: { effort: "low" } });
    await pair.upstream.next();
    pair.upstream.enqueue({ kind: "raw", chunks: [NATIVE_REPLY] });
    const response = await pair.post(
      "/v1/responses",
      `{ "model":"gpt-5.1", "previous_response_id":"${first.id}", "input":"Go on", "tomorrow": 1.0 }`,
      { ...pair.headers("openai"), authorization: `Bearer ${KEY}` },
    );
    expect(await response.text()).toBe(NATIVE_REPLY);
    expect(response.headers.get("x-turnpike-not-carried")).toContain("(reasoning)");
    const { url, body, json } = await pair.upstream.next();
    expect(url).toBe("/v1/responses");
    expect(body).toContain('"tomorrow": 1.0');
    expect(json).not.toHaveProperty("previous_response_id");
    expect((json as JsonObject)["input"]).toEqual([
      {
        type: "message",
        status: "completed",
        role: "user",
        content: [{ type: "input_text", text: "Hello" }],
      },
      {
        type: "message",
        status: "completed",
        role: "assistant",
        content: [{ type: "output_text", text: "Hello", annotations: [], logprobs: [] }],
      },
      { type: "message", role: "user", content: "Go on" },
    ]);
  });

  test("a conversation that the client keeps goes on there, too, without what is ours in it", async () => {
    const said = await clientOf("anthropic").responses.create({ ...ask("Hi", "think"), store: false });
    await pair.upstream.next();
    pair.upstream.enqueue({ kind: "raw", chunks: [NATIVE_REPLY] });
    const input = [
      ...(said.output as OpenAI.Responses.ResponseInput),
      { role: "user" as const, content: "On" },
    ];
    await clientOf("openai").responses.create({ model: "gpt-5.1", input });
    const { json } = await pair.upstream.next();
    const [message, ...others] = (json as { input: JsonObject[] }).input; // what was sent
    expect(message).toMatchObject({ type: "message", role: "assistant" });
    expect(message).not.toHaveProperty("id");
    expect(others).toEqual([{ role: "user", content: "On" }]);
  });

  test.each([[undefined], [[429]]])(
    "its own conversations go on there alone, falling back on %j",
    async (codes) => {
      pair.upstream.enqueue({ kind: "raw", chunks: [NATIVE_REPLY] });
      const body = { ...ask("Go on"), previous_response_id: NATIVE_ID };
      const headers = fallback(codes, pair.target("anthropic"), pair.target("openai"));
      const response = await pair.post("/v1/responses", body, headers);
      expect(await response.text()).toBe(NATIVE_REPLY);
      const { url, json } = await pair.upstream.next();
      expect([url, json]).toEqual(["/v1/responses", body]);
      expect(pair.upstream.requests).toHaveLength(1);
      const record = await pair.gateway.nextRecord(
        ({ attempts }) => Array.isArray(attempts) && attempts.length === 2,
      );
      expect(record["attempts"]).toMatchObject([
        {
          provider: "anthropic",
          outcome: "failed",
          reason: `Previous response with id '${NATIVE_ID}' not found.`,
        },
        { provider: "openai", outcome: "answered" },
      ]);
    },
  );

  test("its own conversations are found by a load balance that could have gone elsewhere", async () => {
    const targets = [pair.target("anthropic", { weight: 1e6 }), pair.target("openai", { weight: 1 })];
    const config = JSON.stringify({ strategy: { mode: "loadbalance" }, targets });
    const headers = { "x-portkey-config": config, authorization: `Bearer ${KEY}` };
    pair.upstream.enqueue({ kind: "raw", chunks: [NATIVE_REPLY] }, { kind: "raw", chunks: [NATIVE_REPLY] });
    const body = { ...ask("Go on"), previous_response_id: NATIVE_ID };
    const created = await pair.post("/v1/responses", body, headers);
    expect(await created.text()).toBe(NATIVE_REPLY);
    const retrieved = await fetch(`${pair.gateway.url}/v1/responses/${NATIVE_ID}`, { headers });
    expect(await retrieved.text()).toBe(NATIVE_REPLY);
    expect(pair.upstream.requests.map(({ url }) => url)).toEqual([
      "/v1/responses",
      `/v1/responses/${NATIVE_ID}`,
    ]);
  });

  test("what is kept there is asked for there", async () => {
    await clientOf("openai").responses.delete(NATIVE_ID);
    const { method, url } = await pair.upstream.next();
    expect([method, url]).toEqual(["DELETE", `/v1/responses/${NATIVE_ID}`]);
  });

  test("input tokens are counted there, and refused elsewhere", async () => {
    const send = (provider: string): Promise<Response> =>
      pair.post("/v1/responses/input_tokens", ask("Hi"), {
        ...pair.headers("openai", { "x-portkey-provider": provider }),
        authorization: `Bearer ${KEY}`,
      });
    expect((await send("openai")).status).toBe(200);
    expect(await pair.upstream.next()).toMatchObject({ url: "/v1/responses/input_tokens", json: ask("Hi") });
    const refused = await send("anthropic");
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: "unsupported_endpoint" } });
  });
});

describe("a compaction", () => {
  const SUMMARY = "Paris has 20 degrees.";
  const replyOf = (text: string, finish = "stop"): string =>
    JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: finish }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });

  test("of a conversation that is kept is a summary by its model, which the next call goes on from", async () => {
    const { responses } = clientOf("groq");
    const first = await responses.create({ ...ask("Go", "tools"), tools: [WEATHER] });
    const second = await responses.create({
      model: "tools",
      tools: [WEATHER],
      previous_response_id: first.id,
      input: resultsOf(first),
    });
    pair.upstream.enqueue({ kind: "raw", chunks: [replyOf(SUMMARY)] });
    const compacted = await responses.compact({
      model: "echo",
      previous_response_id: second.id,
      instructions: "Speak French.",
    });
    expect(compacted).toMatchObject({
      object: "response.compaction",
      output: [
        { type: "message", role: "user", content: [{ type: "input_text", text: "Go" }] },
        { type: "compaction" },
      ],
      usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
    });
    await pair.upstream.next();
    await pair.upstream.next();
    const asked = await pair.upstream.next();
    expect(asked.url).toBe("/v1/chat/completions");
    expect(asked.json).not.toHaveProperty("tools");
    for (const told of [
      "Speak French.",
      "Go",
      "get_weather",
      "Paris",
      "21 degrees",
      "The tools said 20 degrees",
    ])
      expect(asked.body).toContain(told);

    const input = [
      ...(compacted.output as OpenAI.Responses.ResponseInput),
      { role: "user" as const, content: "On" },
    ];
    expect((await responses.create({ model: "echo", input })).output_text).toBe("On");
    const sent = await messagesSent();
    expect(sent).toMatchObject([
      { role: "user", content: "Go" },
      { role: "user" },
      { role: "user", content: "On" },
    ]);
    expect(JSON.stringify(sent)).toContain(SUMMARY);
    expect(JSON.stringify(sent)).not.toContain("21 degrees");
  });

  test("is the provider's own where it has one, of everything that was said", async () => {
    const first = await clientOf("anthropic").responses.create(ask("Remember me"));
    await pair.upstream.next();
    pair.upstream.enqueue({ kind: "raw", chunks: ['{"object":"response.compaction"}'] });
    const body = { model: "gpt-5.1", previous_response_id: first.id };
    const compacted = await clientOf("openai").responses.compact(body);
    expect(compacted.object).toBe("response.compaction");
    const { url, json } = await pair.upstream.next();
    expect(url).toBe("/v1/responses/compact");
    expect(json).toMatchObject({ model: "gpt-5.1", input: [{ role: "user" }, { role: "assistant" }] });
    expect(json).not.toHaveProperty("previous_response_id");
  });

  test("goes to its provider byte for byte where nothing of it is kept here", async () => {
    const body = `{ "model":"gpt-5.1", "input":"Hi","tomorrow": 1.0 }`;
    const headers = { ...pair.headers("openai"), authorization: `Bearer ${KEY}` };
    await pair.post("/v1/responses/compact", body, headers);
    expect((await pair.upstream.next()).body).toBe(body);
  });

  test.each([
    ["an empty summary", replyOf("")],
    ["one that was cut short", replyOf("Paris has", "length")],
  ])("is refused for %s", async (_, reply) => {
    pair.upstream.enqueue({ kind: "raw", chunks: [reply] });
    const error = await failureOf(clientOf("groq").responses.compact({ model: "echo", input: "Hi" }));
    expect(error).toMatchObject({ status: 502, code: "upstream_malformed" });
  });

  test.each<[string, JsonObject]>([
    ["input", {}],
    ["previous_response_id", { previous_response_id: NATIVE_ID, input: "Hi" }],
    ["stream", { input: "Hi", stream: true }],
  ])("needs a sound %s", async (param, body) => {
    const headers = {
      ...pair.headers("openai"),
      "x-portkey-provider": "groq",
      authorization: `Bearer ${KEY}`,
    };
    const response = await pair.post("/v1/responses/compact", { model: "echo", ...body }, headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
    expect(pair.upstream.requests).toHaveLength(0);
  });

  test("takes the upstream's refusal as its own", async () => {
    pair.upstream.enqueue({ kind: "status", status: 429 });
    const error = await failureOf(clientOf("groq").responses.compact({ model: "echo", input: "Hi" }));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
  });
});

describe("what is not kept", () => {
  test.each([{}, { "x-portkey-provider": "anthropic" }, { "x-portkey-provider": "groq" }])(
    "is not found with %j",
    async (headers) => {
      const url = `${pair.gateway.url}/v1/responses/resp_0`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${KEY}`, ...headers } });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        error: { message: "Response with id 'resp_0' not found.", type: "invalid_request_error" },
      });
      expect(pair.upstream.requests).toHaveLength(0);
    },
  );

  test("conversations are refused, by name", async () => {
    const asked = clientOf("anthropic").responses.create({ ...ask("Hi"), conversation: "conv_1" });
    expect(await failureOf(asked)).toMatchObject({ status: 400, param: "conversation" });
  });
});

describe("a response that is complete", () => {
  const created = () => clientOf("groq").responses.create({ ...ask("Hi"), background: true });

  test("was not made in the background, and says so", async () => {
    const { data, response } = await clientOf("groq")
      .responses.create({ ...ask("Hi"), background: true })
      .withResponse();
    expect(data).toMatchObject({ background: false, status: "completed" });
    expect(response.headers.get("x-turnpike-not-carried")).toContain("background");
  });

  test("cannot be cancelled", async () => {
    const { id } = await created();
    const error = await failureOf(clientOf("groq").responses.cancel(id));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(String(error)).toContain("Cannot cancel a synchronous response");
  });

  test("cannot be streamed once more", async () => {
    const { id } = await created();
    const asked = clientOf("groq").responses.retrieve(id, { stream: true });
    expect(await failureOf(asked)).toMatchObject({ status: 400, param: "stream" });
  });

  test.each([
    ["limit", "limit=0"],
    ["limit", "limit=101"],
    ["limit", "limit=x"],
    ["order", "order=up"],
    ["after", "after=msg_1"],
  ])("is not listed by a bad %s: %s", async (param, query) => {
    const { id } = await created();
    const url = `${pair.gateway.url}/v1/responses/${id}/input_items?${query}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${KEY}` } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
  });
});

describe("a data directory", () => {
  const start = (data: string) => startGateway({ data });

  test("keeps responses from one gateway to the next", async () => {
    const directory = join(folder, "kept");
    const first = await start(directory);
    const created = await clientOf("anthropic", { url: first.url }).responses.create(ask("Remember me"));
    await pair.upstream.next();
    await first.stop();
    const second = await start(directory);
    const { responses } = clientOf("anthropic", { url: second.url });
    expect(await responses.retrieve(created.id)).toMatchObject({
      id: created.id,
      output_text: "Remember me",
    });
    await responses.create({ ...ask("Go on"), previous_response_id: created.id });
    expect(await messagesSent()).toMatchObject([{ role: "user" }, { role: "assistant" }, { role: "user" }]);
    await second.stop();
  });

  test("holds no key of a caller's", async () => {
    const directory = join(folder, "keyless");
    const gateway = await start(directory);
    await clientOf("anthropic", { url: gateway.url }).responses.create(ask("Hi"));
    await gateway.stop();
    const database = new Database(join(directory, "turnpike.db"));
    expect(JSON.stringify(database.query("SELECT * FROM responses").all())).not.toContain(KEY);
    database.close();
  });

  test("is not touched by calls that keep nothing", async () => {
    const directory = join(folder, "untouched");
    const gateway = await start(directory);
    const { responses, chat } = clientOf("anthropic", { url: gateway.url });
    await responses.create({ ...ask("Hi"), store: false });
    await chat.completions.create({ model: "echo", messages: [{ role: "user", content: "Hi" }] });
    await gateway.stop();
    expect(readdirSync(folder)).not.toContain("untouched");
  });

  test("that cannot be written is told of, and answers are given and kept in memory", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const gateway = await start(join(file, "below"));
    const { responses } = clientOf("anthropic", { url: gateway.url });
    const { id } = await responses.create(ask("Hi"));
    expect(await responses.retrieve(id)).toMatchObject({ id, store: true });
    await responses.create(ask("Hi"));
    expect(await gateway.nextRecord(({ event }) => event === "kept_in_memory")).toMatchObject({
      level: "warn",
    });
    expect(gateway.records.filter(({ event }) => event === "kept_in_memory")).toHaveLength(1);
    await gateway.stop();
  });

  test("that fails does not hold up answers, which do not say that they were kept", async () => {
    const directory = join(folder, "locked");
    const gateway = await start(directory);
    const { responses } = clientOf("anthropic", { url: gateway.url });
    const before = await responses.create(ask("Before"));
    const other = new Database(join(directory, "turnpike.db"));
    other.run("BEGIN IMMEDIATE");
    const { data, response } = await responses.create(ask("Hi")).withResponse();
    expect(data).toMatchObject({ output_text: "Hi", store: false });
    expect(response.headers.get("x-turnpike-not-carried")).toContain("store (database is locked)");
    const streamed = await responses.stream(ask("Hi")).finalResponse();
    expect(streamed).toMatchObject({ output_text: "Hi", store: false });
    expect(await gateway.nextRecord(({ event }) => event === "not_kept")).toMatchObject({ level: "warn" });
    const record = await gateway.nextRecord(({ stream }) => stream === true);
    expect(record["notes"]).toContain("store (database is locked)");
    expect(await failureOf(responses.delete(before.id))).toMatchObject({
      status: 503,
      code: "storage_unavailable",
    });
    expect(await failureOf(responses.retrieve(data.id))).toBeInstanceOf(OpenAI.NotFoundError);
    expect(await responses.retrieve(before.id)).toMatchObject({ id: before.id });
    other.run("ROLLBACK");
    other.close();
    expect(await responses.create(ask("After"))).toMatchObject({ store: true });
    await gateway.stop();
  });

  test("holds no more than it may, and for no longer", async () => {
    const settings = join(folder, "settings.json");
    const storage = { path: join(folder, "bounded"), max_bytes: 4000, retention_days: 1 };
    writeFileSync(settings, JSON.stringify({ storage }));
    const gateway = await startGateway({ args: ["--settings", settings], data: "settings" });
    const { responses } = clientOf("anthropic", { url: gateway.url });
    const first = await responses.create(ask("a".repeat(500)));
    for (let more = 0; more < 3; more++) await responses.create(ask("b".repeat(500)));
    expect(await failureOf(responses.retrieve(first.id))).toBeInstanceOf(OpenAI.NotFoundError);
    expect(await responses.create(ask("c".repeat(5000)))).toMatchObject({ store: false });
    await gateway.stop();
  });
});
