/** Vendors' own SDKs with the gateway for their endpoint: Bedrock's, Cohere's, Groq's and Mistral's. */
import { describe, expect, test } from "bun:test";
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  ThrottlingException,
} from "@aws-sdk/client-bedrock-runtime";
import { GoogleGenAI } from "@google/genai";
import { Mistral } from "@mistralai/mistralai";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { Cohere, CohereClientV2 } from "cohere-ai";
import Groq from "groq-sdk";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { AWS_STREAM, framed, KEYS } from "./cross/aws.ts";
import { failureOf, type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

const host = (base = "/base"): Headers => ({ "x-portkey-custom-host": `${pair.upstream.url}${base}` });

const answers = (value: JsonValue, status = 200, headers: Headers = {}): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    headers: { "content-type": "application/json", ...headers },
    chunks: [JSON.stringify(value)],
  });

const streams = (...frames: readonly string[]): void =>
  pair.upstream.enqueue({
    kind: "raw",
    headers: { "content-type": "text/event-stream" },
    chunks: frames,
  });

const event = (value: JsonObject): string => `data: ${JSON.stringify(value)}\n\n`;

describe("Bedrock's client", () => {
  const MODEL = "amazon.nova-lite-v1:0";
  const ASKED = { modelId: MODEL, messages: [{ role: "user" as const, content: [{ text: "Hi" }] }] };
  const COUNTS = { inputTokens: 20, outputTokens: 9, totalTokens: 29 };

  /** It signs with keys of its own, which the gateway does not take for the provider's. */
  const bedrock = (): BedrockRuntimeClient => {
    const client = new BedrockRuntimeClient({
      endpoint: pair.gateway.url,
      region: "us-east-1",
      credentials: { accessKeyId: "AKIAOTHER", secretAccessKey: "other" },
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler(), // its own speaks HTTP/2 alone, which the gateway does not
    });
    client.middlewareStack.add(
      (next) => (args) => {
        // An HTTP request, which this step's types do not say.
        Object.assign((args.request as { headers: object }).headers, KEYS, host());
        return next(args);
      },
      { step: "build" },
    );
    return client;
  };

  test("converses", async () => {
    answers({
      output: { message: { role: "assistant", content: [{ text: "Hello" }] } },
      stopReason: "end_turn",
      usage: COUNTS,
      metrics: { latencyMs: 5 },
    });
    const reply = await bedrock().send(new ConverseCommand(ASKED));
    expect(reply.output?.message?.content).toEqual([{ text: "Hello" }]);
    expect(reply.usage).toMatchObject(COUNTS);
    const sent = await pair.upstream.next();
    expect(sent.url).toBe(`/base/model/${encodeURIComponent(MODEL)}/converse`);
    expect(sent.json).toEqual({ messages: [{ role: "user", content: [{ text: "Hi" }] }] });
    expect(sent.headers["authorization"]).toContain("Credential=AKIATEST/");
  });

  test("reads a stream", async () => {
    pair.upstream.enqueue({
      kind: "raw",
      headers: { "content-type": AWS_STREAM },
      chunks: [
        framed("event", "messageStart", { role: "assistant" }),
        framed("event", "contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Hello" } }),
        framed("event", "contentBlockStop", { contentBlockIndex: 0 }),
        framed("event", "messageStop", { stopReason: "end_turn" }),
        framed("event", "metadata", { usage: COUNTS, metrics: { latencyMs: 5 } }),
      ],
    });
    const { stream } = await bedrock().send(new ConverseStreamCommand(ASKED));
    const events = await Array.fromAsync(stream ?? []);
    expect(events.map((one) => Object.keys(one)[0])).toEqual([
      "messageStart",
      "contentBlockDelta",
      "contentBlockStop",
      "messageStop",
      "metadata",
    ]);
    expect(events[1]?.contentBlockDelta?.delta).toEqual({ text: "Hello" });
    expect(events[4]?.metadata?.usage).toMatchObject(COUNTS);
  });

  test("invokes a model", async () => {
    answers({ embedding: [1, 2], inputTextTokenCount: 3 });
    const body = JSON.stringify({ inputText: "Hi" });
    const reply = await bedrock().send(
      new InvokeModelCommand({ modelId: "amazon.titan-embed-text-v2:0", body }),
    );
    expect(JSON.parse(reply.body.transformToString())).toEqual({ embedding: [1, 2], inputTextTokenCount: 3 });
    expect((await pair.upstream.next()).body).toBe(body);
  });

  test("gets the vendor's refusal as its own exception", async () => {
    answers({ message: "Too many tokens" }, 429, {
      "x-amzn-errortype": "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/",
    });
    const failure = await failureOf(bedrock().send(new ConverseCommand(ASKED)));
    expect(failure).toBeInstanceOf(ThrottlingException);
    expect(failure).toMatchObject({ message: "Too many tokens" });
  });
});

describe("Cohere's client", () => {
  const ASKED = { model: "command-a-03-2025", messages: [{ role: "user" as const, content: "Hi" }] };
  const cohere = (): CohereClientV2 =>
    new CohereClientV2({ token: KEY, environment: pair.gateway.url, headers: { ...host() }, maxRetries: 0 });

  test("chats", async () => {
    answers({
      id: "c1",
      finish_reason: "COMPLETE",
      message: { role: "assistant", content: [{ type: "text", text: "Hello" }] },
      usage: { tokens: { input_tokens: 30, output_tokens: 2 } },
    });
    const reply = await cohere().chat(ASKED);
    expect(reply.message.content).toEqual([{ type: "text", text: "Hello" }]);
    expect(reply.usage?.tokens).toEqual({ inputTokens: 30, outputTokens: 2 });
    const sent = await pair.upstream.next();
    expect(sent.url).toBe("/base/v2/chat");
    expect(sent.headers["authorization"]).toBe(`Bearer ${KEY}`);
  });

  test("reads a stream", async () => {
    streams(
      event({ type: "message-start", id: "c1", delta: { message: { role: "assistant" } } }),
      event({ type: "content-delta", index: 0, delta: { message: { content: { text: "Hello" } } } }),
      event({ type: "message-end", id: "c1", delta: { finish_reason: "COMPLETE" } }),
    );
    const events = await Array.fromAsync(await cohere().chatStream(ASKED));
    expect(events.map(({ type }) => type)).toEqual(["message-start", "content-delta", "message-end"]);
  });

  test("embeds, and ranks", async () => {
    answers({ id: "e1", embeddings: { float: [[1, 2]] }, texts: ["Hi"] });
    const { embeddings } = await cohere().embed({
      model: "embed-v4.0",
      inputType: "search_query",
      embeddingTypes: ["float"],
      texts: ["Hi"],
    });
    expect(embeddings.float).toEqual([[1, 2]]);
    answers({ id: "r1", results: [{ index: 1, relevance_score: 0.9 }] });
    const { results } = await cohere().rerank({ model: "rerank-v3.5", query: "q", documents: ["a", "b"] });
    expect(results).toEqual([{ index: 1, relevanceScore: 0.9 }]);
    expect(pair.upstream.requests.map(({ url }) => url)).toEqual(["/base/v2/embed", "/base/v2/rerank"]);
  });

  test("gets the vendor's refusal as its own error", async () => {
    answers({ message: "slow down" }, 429);
    const failure = await failureOf(cohere().chat(ASKED));
    expect(failure).toBeInstanceOf(Cohere.TooManyRequestsError);
    expect(failure).toMatchObject({ body: { message: "slow down" } });
  });
});

describe("Google's client in its Vertex mode", () => {
  test("is served in express mode, with a key alone", async () => {
    const client = new GoogleGenAI({
      vertexai: true,
      apiKey: "AIzaSyTestKey",
      httpOptions: { baseUrl: pair.gateway.url, headers: { ...host() } },
    });
    const said = { content: { role: "model", parts: [{ text: "Hello" }] }, finishReason: "STOP" };
    answers({ candidates: [said], modelVersion: "gemini-2.5-flash" });
    const reply = await client.models.generateContent({ model: "gemini-2.5-flash", contents: "Hi" });
    expect(reply.text).toBe("Hello");
    answers({ totalTokens: 3 });
    const counted = await client.models.countTokens({ model: "gemini-2.5-flash", contents: "Hi" });
    expect(counted.totalTokens).toBe(3);
    expect(pair.upstream.requests.map(({ url }) => url)).toEqual([
      "/base/v1/publishers/google/models/gemini-2.5-flash:generateContent",
      "/base/v1/publishers/google/models/gemini-2.5-flash:countTokens",
    ]);
    expect(pair.upstream.requests[0]?.headers["x-goog-api-key"]).toBe("AIzaSyTestKey");
  });
});

const CHAT: JsonObject = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};

describe("Groq's client", () => {
  const groq = (): Groq =>
    new Groq({ apiKey: KEY, baseURL: pair.gateway.url, defaultHeaders: { ...host("/v1") }, maxRetries: 0 });

  test("asks Groq where nobody is named", async () => {
    answers(CHAT);
    const { data, response } = await groq()
      .chat.completions.create({
        model: "llama-3.3-70b-versatile",
        messages: [{ role: "user", content: "Hi" }],
      })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe("Hello");
    expect(response.headers.get("x-portkey-provider")).toBe("groq");
    expect((await pair.upstream.next()).url).toBe("/v1/chat/completions");
  });

  test("gets our refusal as its own error", async () => {
    const asked = groq().chat.completions.create(
      { model: "m", messages: [] },
      { headers: { "x-portkey-provider": "nobody" } },
    );
    expect(await failureOf(asked)).toBeInstanceOf(Groq.BadRequestError);
  });
});

describe("Mistral's client", () => {
  const mistral = (): Mistral => new Mistral({ apiKey: KEY, serverURL: pair.gateway.url });
  const sent = (): { headers: Record<string, string> } => ({
    headers: { "x-portkey-provider": "mistral-ai", ...host("/v1") },
  });
  const ASKED = { model: "mistral-small", messages: [{ role: "user" as const, content: "Hi" }] };

  test("chats", async () => {
    answers(CHAT);
    const reply = await mistral().chat.complete(ASKED, sent());
    expect(reply.choices[0]?.message?.content).toBe("Hello");
    expect(reply.usage.promptTokens).toBe(3);
    expect((await pair.upstream.next()).headers["authorization"]).toBe(`Bearer ${KEY}`);
  });

  test("reads a stream", async () => {
    const chunk = (delta: JsonObject, finish: string | null): string =>
      event({
        id: "1",
        object: "chat.completion.chunk",
        created: 1,
        model: "m",
        choices: [{ index: 0, delta, finish_reason: finish }],
      });
    streams(
      chunk({ role: "assistant", content: "Hel" }, null),
      chunk({ content: "lo" }, "stop"),
      "data: [DONE]\n\n",
    );
    const events = await Array.fromAsync(await mistral().chat.stream(ASKED, sent()));
    expect(events.map(({ data }) => data.choices[0]?.delta.content)).toEqual(["Hel", "lo"]);
  });

  test("completes in the middle", async () => {
    answers(CHAT);
    const reply = await mistral().fim.complete(
      { model: "codestral-latest", prompt: "a", suffix: "b" },
      sent(),
    );
    expect(reply.choices[0]?.message?.content).toBe("Hello");
    expect((await pair.upstream.next()).url).toBe("/v1/fim/completions");
  });
});
