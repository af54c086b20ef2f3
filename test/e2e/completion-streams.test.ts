/** Streamed text completions of providers that have a stream of their own, through the gateway. */
import { describe, expect, test } from "bun:test";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import type { JsonObject } from "../../src/schema/json.ts";
import { within } from "../support/wait.ts";
import { collect, failureOf, KEY, startPair } from "./setup.ts";

const pair = startPair();

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);
const message = (kind: "event" | "exception", name: string, payload: JsonObject): Uint8Array =>
  codec.encode({
    headers: {
      [`:${kind}-type`]: { type: "string", value: name },
      ":message-type": { type: "string", value: kind },
    },
    body: Buffer.from(JSON.stringify(payload)),
  });
const chunk = (payload: JsonObject): Uint8Array =>
  message("event", "chunk", { bytes: Buffer.from(JSON.stringify(payload)).toString("base64") });
const frame = (payload: JsonObject | string): string =>
  `data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}\n\n`;

interface Route {
  readonly provider: string;
  readonly model: string;
  readonly path: string;
  readonly sent: JsonObject;
  readonly contentType: string;
  /** Two words, and what ends them. */
  readonly words: readonly (string | Uint8Array)[];
  readonly end: readonly (string | Uint8Array)[];
  readonly error: string | Uint8Array;
  readonly status: number;
  readonly usage: JsonObject | undefined;
  readonly credentials: JsonObject;
}

const COUNTS = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

const ROUTES: readonly Route[] = [
  {
    provider: "bedrock",
    model: "meta.llama3-8b-instruct-v1:0",
    path: "/model/meta.llama3-8b-instruct-v1%3A0/invoke-with-response-stream",
    sent: { prompt: "The tide" },
    contentType: "application/vnd.amazon.eventstream",
    words: [
      chunk({ generation: " turns", prompt_token_count: 3, stop_reason: null }),
      chunk({ generation: " now", prompt_token_count: null, stop_reason: null }),
    ],
    end: [
      chunk({
        generation: "",
        stop_reason: "stop",
        "amazon-bedrock-invocationMetrics": { inputTokenCount: 3, outputTokenCount: 2 },
      }),
    ],
    error: message("exception", "throttlingException", { message: "Too many tokens" }),
    status: 429,
    usage: COUNTS,
    credentials: { aws_access_key_id: "AKIATEST", aws_secret_access_key: "s", aws_region: "eu-west-1" },
  },
  {
    provider: "workers-ai",
    model: "@cf/meta/llama-3.1-8b-instruct",
    path: "/run/@cf/meta/llama-3.1-8b-instruct",
    sent: { prompt: "The tide", stream: true },
    contentType: "text/event-stream",
    words: [frame({ response: " turns" }), frame({ response: " now" })],
    end: [frame({ response: "", usage: COUNTS }), frame("[DONE]")],
    error: frame({ success: false, errors: [{ code: 429, message: "Too many tokens" }] }),
    status: 429,
    usage: COUNTS,
    credentials: { api_key: KEY, workers_ai_account_id: "a" },
  },
  {
    provider: "triton",
    model: "ensemble",
    path: "/generate_stream",
    sent: { text_input: "The tide", max_tokens: 100, stream: true },
    contentType: "text/event-stream; charset=utf-8",
    words: [frame({ text_output: " turns" }), frame({ text_output: " now" })],
    end: [],
    error: frame({ error: "Too many tokens" }),
    status: 502,
    usage: undefined,
    credentials: {},
  },
];

const streams = (route: Route, chunks: readonly (string | Uint8Array)[], ending?: "fin" | "held"): void =>
  pair.upstream.enqueue({
    kind: "raw",
    chunks,
    headers: { "content-type": route.contentType },
    ...(ending === undefined ? {} : { ending }),
  });

const leaf = ({ provider, credentials }: Route): JsonObject => ({
  provider,
  custom_host: pair.upstream.url,
  ...credentials,
});
/** The client's own default host is another one. */
const home = (): Record<string, string> => ({ "x-portkey-custom-host": pair.upstream.url });
const heading = (config: JsonObject): Record<string, string> => ({
  "x-portkey-config": JSON.stringify(config),
});
const asked = ({ model }: Route, more: JsonObject = {}): JsonObject => ({
  model,
  prompt: "The tide",
  stream: true,
  ...more,
});
const open = (route: Route, config = leaf(route)): Promise<Response> =>
  pair.post("/v1/completions", asked(route), heading(config));

describe.each(ROUTES.map((route) => [route.provider, route] as const))(
  "a stream of %s",
  (_provider, route) => {
    test("is read by OpenAI's client, with its counts", async () => {
      streams(route, [...route.words, ...route.end]);
      const client = pair.openai("openai", { ...heading(leaf(route)), ...home() });
      const { model } = route;
      const chunks = await collect(
        await client.completions.create({
          model,
          prompt: "The tide",
          stream: true,
          stream_options: { include_usage: true },
        }),
      );
      const choices = chunks.flatMap((each) => each.choices);
      expect(choices.map(({ text }) => text).join("")).toBe(" turns now");
      expect(choices.map(({ finish_reason }) => finish_reason).filter(Boolean)).toEqual(["stop"]);
      expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
      expect(chunks.find(({ usage }) => usage != null)?.usage as unknown).toEqual(route.usage);
      const arrived = await pair.upstream.next();
      expect(arrived.url).toBe(route.path);
      expect(arrived.json).toEqual(route.sent);
    });

    test("comes without counts that nobody asked for, and ends as OpenAI's", async () => {
      streams(route, [...route.words, ...route.end]);
      const response = await open(route);
      expect(response.headers.get("content-type")).toBe("text/event-stream");
      const text = await response.text();
      expect(text).not.toContain('"usage"');
      expect(text).toEndWith("data: [DONE]\n\n");
    });

    test("comes through piece by piece", async () => {
      streams(route, route.words.slice(0, 1), "held");
      const reader = (await open(route)).body?.getReader();
      const first = await within(reader?.read() ?? Promise.reject(), "the first word", 1000);
      expect(new TextDecoder().decode(first.value)).toContain(" turns");
      await reader?.cancel();
    });

    test("ends upstream too when the client leaves", async () => {
      streams(route, route.words, "held");
      const response = await open(route);
      const request = await pair.upstream.next();
      await response.body?.cancel();
      await within(request.closedEarly, "the upstream's connection to close", 1000);
    });

    test("that is cut ends in an error and never looks complete", async () => {
      streams(route, route.words, "fin");
      const text = await (await open(route)).text();
      expect(text).toContain(" now");
      expect(text.trimEnd().split("\n\n").at(-1)).toContain('"error"');
      expect(text).not.toContain("[DONE]");
    });

    test("that breaks off says why, and never looks complete", async () => {
      streams(route, [...route.words, route.error, ...route.end]);
      const text = await (await open(route)).text();
      expect(text.trimEnd().split("\n\n").at(-1)).toContain("Too many tokens");
      expect(text).not.toContain("[DONE]");
    });

    test("that begins with an error is a refusal, and another target answers", async () => {
      streams(route, [route.error]);
      const refused = await open(route);
      expect(refused.status).toBe(route.status);
      expect(await refused.json()).toMatchObject({
        error: { message: `${route.provider} error: Too many tokens` },
      });

      streams(route, [route.error]);
      streams(route, [...route.words, ...route.end]);
      const config = { strategy: { mode: "fallback" }, targets: [leaf(route), leaf(route)] };
      expect(await (await open(route, config)).text()).toContain(" turns");
      expect(pair.upstream.requests).toHaveLength(3);
    });

    test("that ends before its first word is no answer", async () => {
      streams(route, []);
      expect((await open(route)).status).toBe(502);
    });

    test("that was broken off raises in OpenAI's client", async () => {
      streams(route, [...route.words, route.error]);
      const client = pair.openai("openai", { ...heading(leaf(route)), ...home() });
      const stream = await client.completions.create({ model: route.model, prompt: "a", stream: true });
      expect(await failureOf(collect(stream))).toHaveProperty("message");
    });
  },
);
