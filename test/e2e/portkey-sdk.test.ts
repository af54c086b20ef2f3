/** Portkey's own client, and OpenAI's client with Portkey's headers, through the gateway. */
import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { createHeaders, Portkey } from "portkey-ai";
import { ask, collect, failureOf, KEY, startPair } from "./setup.ts";

const pair = startPair();

/** The type of the client's own config option. */
type PortkeyConfig = Record<string, unknown>;

const portkey = (config: PortkeyConfig): Portkey =>
  new Portkey({ apiKey: "pk-unused", baseURL: `${pair.gateway.url}/v1`, config });

/** Without a `max_tokens`, which this client's types want as it is. */
const hello = () => ({ ...ask("echo") });

describe("Portkey's client", () => {
  test("retries as its config says", async () => {
    pair.upstream.enqueue({ kind: "status", status: 429 });
    const client = portkey({
      ...pair.target("openai"),
      retry: { attempts: 2, use_retry_after_header: true },
    });
    const reply = await client.chat.completions.create(hello());
    expect(reply.choices[0]?.message?.content).toBe("Hello big world");
    expect(reply.getHeaders()).toMatchObject({ "retry-attempt-count": "1" });
  });

  test("falls back as its config says", async () => {
    pair.upstream.enqueue({ kind: "status", status: 500 });
    const client = portkey({
      strategy: { mode: "fallback" },
      targets: [pair.target("openai"), pair.target("anthropic")],
    });
    const reply = await client.chat.completions.create(hello());
    expect(reply.choices[0]?.message?.content).toBe("Hello big world");
    expect(reply.getHeaders()).toMatchObject({
      "last-used-option-index": "config.targets[1]",
      provider: "anthropic",
    });
  });

  test("streams", async () => {
    const stream = await portkey(pair.target("openai")).chat.completions.create({ ...hello(), stream: true });
    const chunks = await collect(stream);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? "").join("");
    expect(text).toBe("Hello big world");
  });

  test("reaches a provider by its options alone", async () => {
    const client = new Portkey({
      baseURL: `${pair.gateway.url}/v1`,
      apiKey: "pk-unused",
      provider: "anthropic",
      Authorization: `Bearer ${KEY}`,
      customHost: `${pair.upstream.url}/v1`,
      traceID: "trace-7",
      metadata: { _user: "somebody" },
    });
    const reply = await client.chat.completions.create(hello());
    expect(reply.getHeaders()).toMatchObject({ "trace-id": "trace-7" });
    expect((await pair.upstream.next()).headers["x-api-key"]).toBe(KEY);
  });

  test("is told what is wrong with its config", async () => {
    const failure = await failureOf(
      portkey({ strategy: { mode: "sideways" }, targets: [] }).chat.completions.create(hello()),
    );
    expect(failure).toMatchObject({ status: 400, message: expect.stringContaining("Invalid config passed") });
  });
});

describe("OpenAI's client with Portkey's headers", () => {
  const client = (options: PortkeyConfig): OpenAI =>
    new OpenAI({
      apiKey: KEY,
      baseURL: `${pair.gateway.url}/v1`,
      defaultHeaders: createHeaders({ customHost: `${pair.upstream.url}/v1`, ...options }),
      maxRetries: 0,
    });

  test("retries as its config says", async () => {
    pair.upstream.enqueue({ kind: "status", status: 429 }, { kind: "status", status: 429 });
    const config = { retry: { attempts: 5, use_retry_after_header: true } };
    const { data, response } = await client({ provider: "openai", config })
      .chat.completions.create(ask("echo"))
      .withResponse();
    expect(data.choices[0]?.message.content).toBe("Hello big world");
    expect(response.headers.get("x-portkey-retry-attempt-count")).toBe("2");
  });

  test("sends the client's own key to the provider that the header names", async () => {
    await client({ provider: "openai" }).chat.completions.create(ask("echo"));
    expect((await pair.upstream.next()).headers["authorization"]).toBe(`Bearer ${KEY}`);
  });
});
