/** Where a request is carried to, and how each of these upstreams answers it. */
import type { JsonObject } from "../../../src/schema/json.ts";
import { isObject } from "../../../src/schema/json.ts";
import { expect } from "bun:test";
import { type Headers, KEY, type Pair } from "../setup.ts";

export type Upstream = "openai" | "anthropic" | "google" | "bedrock" | "cohere";

/** What becomes of something that a client says. */
export interface Case {
  /** The fields that say it. */
  readonly body: JsonObject;
  /** What arrives at the upstreams that have a word for it. */
  readonly arrives?: Readonly<Partial<Record<Upstream, JsonObject>>>;
  /** How it is noted at all others; its own name unless this is given. */
  readonly note?: string;
  /** The same for those that put it another way. */
  readonly notes?: Readonly<Partial<Record<Upstream, string>>>;
  /** Why it need not be noted: without it the answer is the same. */
  readonly harmless?: string;
}

/** Sends a case to an upstream, and sees it arrive or be noted. */
export const carry = async (
  pair: Pair,
  path: string,
  upstream: Upstream,
  name: string,
  { body, arrives, note = name, notes, harmless }: Case,
): Promise<void> => {
  const { model, headers, reply } = UPSTREAMS[upstream];
  pair.upstream.enqueue({
    kind: "raw",
    headers: { "content-type": "application/json" },
    chunks: [JSON.stringify(reply)],
  });
  const response = await pair.post(
    path,
    { ...body, model },
    {
      "x-portkey-provider": upstream,
      "x-portkey-custom-host": pair.upstream.url,
      ...headers,
    },
  );
  const answer = await response.text();
  if (response.status !== 200) throw new Error(`${upstream} was not asked: ${answer}`);
  const { json } = await pair.upstream.next();
  const arrival = arrives?.[upstream];
  const named = (response.headers.get("x-turnpike-not-carried") ?? "").split(", ");
  if (arrival !== undefined) expect(isObject(json) ? json : {}).toMatchObject(arrival);
  else if (harmless === undefined)
    expect(named).toContainEqual(expect.stringMatching(noteOf(notes?.[upstream] ?? note)));
};

/** The name itself, or the name with what is meant of it behind it. */
const noteOf = (name: string): RegExp =>
  new RegExp(`^${name.replaceAll(/[.()[\]]/g, String.raw`\$&`)}(?:$|[ .])`);

interface Asked {
  readonly model: string;
  readonly headers: Headers;
  readonly reply: JsonObject;
}

const BEARER: Headers = { authorization: `Bearer ${KEY}` };

/** The shapes of the vendors' API references, as far as they must be there. */
const UPSTREAMS: Readonly<Record<Upstream, Asked>> = Object.freeze({
  openai: {
    model: "gpt-5",
    headers: BEARER,
    reply: {
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "gpt-5",
      choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    },
  },
  anthropic: {
    model: "claude-opus-4-6",
    headers: BEARER,
    reply: {
      id: "m",
      type: "message",
      role: "assistant",
      model: "claude-opus-4-6",
      content: [{ type: "text", text: "Hi", citations: null }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  },
  google: {
    model: "gemini-3-pro",
    headers: BEARER,
    reply: {
      candidates: [{ content: { role: "model", parts: [{ text: "Hi" }] }, finishReason: "STOP", index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
      modelVersion: "gemini-3-pro",
      responseId: "r",
    },
  },
  bedrock: {
    model: "amazon.nova-pro-v1:0",
    headers: { ...BEARER, "x-portkey-aws-region": "eu-west-1" },
    reply: {
      output: { message: { role: "assistant", content: [{ text: "Hi" }] } },
      stopReason: "end_turn",
      usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
      metrics: { latencyMs: 1 },
    },
  },
  cohere: {
    model: "command-a-03-2025",
    headers: BEARER,
    reply: {
      id: "c",
      finish_reason: "COMPLETE",
      message: { role: "assistant", content: [{ type: "text", text: "Hi" }] },
      usage: { tokens: { input_tokens: 1, output_tokens: 1 } },
    },
  },
});
