/** Models as their vendors list them, read by OpenAI's and Anthropic's clients. */
import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import type { JsonValue } from "../../src/schema/json.ts";
import { collect, type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

const headersOf = (provider: string): Headers => ({
  "x-portkey-provider": provider,
  "x-portkey-custom-host": `${pair.upstream.url}/base`,
});

const answer = (value: JsonValue): void =>
  pair.upstream.enqueue({
    kind: "raw",
    headers: { "content-type": "application/json" },
    chunks: [JSON.stringify(value)],
  });

const openaiModels = async (provider: string): Promise<unknown> => {
  const client = new OpenAI({
    apiKey: KEY,
    baseURL: `${pair.gateway.url}/v1`,
    defaultHeaders: headersOf(provider),
    maxRetries: 0,
  });
  return collect(await client.models.list());
};

const listed = async (provider: string, more: Headers = {}): Promise<unknown> => {
  const response = await fetch(`${pair.gateway.url}/v1/models`, {
    headers: { authorization: `Bearer ${KEY}`, ...headersOf(provider), ...more },
  });
  return response.json();
};

const ANTHROPIC: Headers = { "anthropic-version": "2023-06-01" };

describe("Together's list, which has no object around it (docs.together.ai/reference/models)", () => {
  const MODEL = {
    id: "openai/gpt-oss-20b",
    object: "model",
    created: 1754339000,
    type: "chat",
    display_name: "OpenAI GPT-OSS 20B",
    organization: "OpenAI",
    context_length: 131072,
  };

  test("is found by OpenAI's clients, each model with all that was said of it", async () => {
    answer([MODEL]);
    expect(await openaiModels("together-ai")).toEqual([{ owned_by: "OpenAI", ...MODEL }]);
    expect((await pair.upstream.next()).url).toBe("/base/v1/models");
  });

  test("is read by Anthropic's", async () => {
    answer([MODEL]);
    expect(await listed("together-ai", ANTHROPIC)).toMatchObject({
      data: [{ id: MODEL.id, display_name: MODEL.display_name, max_input_tokens: 131072 }],
      has_more: false,
    });
  });

  test("of one model goes on as it came", async () => {
    const text = `{"id": "m",  "object":"model", "n": 1.0}`;
    pair.upstream.enqueue({ kind: "raw", headers: { "content-type": "application/json" }, chunks: [text] });
    const response = await fetch(`${pair.gateway.url}/v1/models/m`, {
      headers: { authorization: `Bearer ${KEY}`, ...headersOf("together-ai") },
    });
    expect(await response.text()).toBe(text);
  });
});

describe("GitHub's catalog (docs.github.com/en/rest/models/catalog)", () => {
  const MODEL = {
    id: "openai/gpt-4.1",
    name: "OpenAI GPT-4.1",
    publisher: "OpenAI",
    limits: { max_input_tokens: 1048576, max_output_tokens: 32768 },
  };

  test("is a list for OpenAI's clients", async () => {
    answer([MODEL]);
    expect(await openaiModels("github")).toEqual([
      { object: "model", created: 0, owned_by: "OpenAI", ...MODEL },
    ]);
    expect((await pair.upstream.next()).url).toBe("/base/models");
  });

  test("tells Anthropic's clients the limits", async () => {
    answer([MODEL]);
    expect(await listed("github", ANTHROPIC)).toMatchObject({
      data: [{ id: MODEL.id, display_name: MODEL.name, max_input_tokens: 1048576, max_tokens: 32768 }],
    });
  });
});

describe("Cloudflare's search (developers.cloudflare.com/workers-ai/models)", () => {
  const FOUND = {
    success: true,
    errors: [],
    messages: [],
    result: [
      {
        id: "f9f2250b-1048-4a52-9910-d0bf976616a1",
        name: "@cf/openai/gpt-oss-120b",
        task: { name: "Text Generation" },
        created_at: "2025-08-05 10:27:29.131",
        properties: [{ property_id: "context_window", value: "128000" }],
      },
    ],
  };

  test("names models as calls do", async () => {
    answer(FOUND);
    expect(await openaiModels("workers-ai")).toMatchObject([
      { id: "@cf/openai/gpt-oss-120b", object: "model", owned_by: "cloudflare" },
    ]);
    expect((await pair.upstream.next()).url).toBe("/base/models/search?per_page=1000");
  });

  test("tells Anthropic's clients the window", async () => {
    answer(FOUND);
    expect(await listed("workers-ai", ANTHROPIC)).toMatchObject({
      data: [{ id: "@cf/openai/gpt-oss-120b", max_input_tokens: 128000 }],
    });
  });
});
