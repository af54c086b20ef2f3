/**
 * The tables of the case folders again, over HTTP: every finish word and every error of a vendor, as its API
 * would send it, answered whole and streamed; and each stream once more, cut behind every frame.
 */
import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import type { ClientDialectId, DialectId } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import {
  hasBase,
  piecesOf,
  type Said,
  type Variant,
  type Variants,
  variantFolders,
  wholeOf,
} from "../support/case-variants.ts";
import {
  countsOf,
  END_MARKS,
  streamedCountsOf,
  streamedErrorOf,
  streamedWordOf,
  wordOf,
} from "../support/client-words.ts";
import type { Script } from "../support/upstream.ts";
import { type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

interface Target {
  readonly model: string;
  readonly headers?: Headers;
}

const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

/** A model of the provider in each folder's `case.json`. */
const TARGETS: Readonly<Partial<Record<DialectId, Target>>> = {
  "anthropic-messages": { model: "claude-haiku-4-5" },
  "openai-chat": { model: "gpt-4o" },
  "openai-responses": { model: "gpt-5.1", headers: { "x-portkey-openai-api": "responses" } },
  gemini: { model: "gemini-2.5-flash" },
  cohere: { model: "command-a-03-2025" },
  "bedrock-converse": {
    model: "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/tides",
    headers: {
      "x-portkey-aws-access-key-id": "AKIATEST",
      "x-portkey-aws-secret-access-key": "secret",
      "x-portkey-aws-region": "eu-west-1",
    },
  },
  oracle: {
    model: "meta.llama-3.3-70b-instruct",
    headers: {
      "x-portkey-oracle-compartment-id": "ocid1.compartment.oc1..c",
      "x-portkey-oracle-tenancy": "ocid1.tenancy.oc1..t",
      "x-portkey-oracle-user": "ocid1.user.oc1..u",
      "x-portkey-oracle-fingerprint": "20:3b",
      "x-portkey-oracle-private-key": privateKey
        .export({ type: "pkcs8", format: "pem" })
        .replaceAll("\n", ""),
    },
  },
};

interface Question {
  readonly path: string;
  readonly body: JsonObject;
}

const MESSAGES = [{ role: "user", content: "How high is the tide?" }];

const QUESTIONS: Readonly<Record<ClientDialectId, (model: string, stream: boolean) => Question>> = {
  "openai-chat": (model, stream) => ({
    path: "/v1/chat/completions",
    body: {
      model,
      messages: MESSAGES,
      ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    },
  }),
  "anthropic-messages": (model, stream) => ({
    path: "/v1/messages",
    body: { model, stream, max_tokens: 64, messages: MESSAGES },
  }),
  "openai-responses": (model, stream) => ({
    path: "/v1/responses",
    body: { model, stream, store: false, input: "How high is the tide?" },
  }),
  gemini: (model, stream) => ({
    path: `/v1beta/models/${encodeURIComponent(model)}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: { contents: [{ role: "user", parts: [{ text: "How high is the tide?" }] }] },
  }),
};

interface Call {
  readonly client: ClientDialectId;
  readonly table: Variants;
  readonly target: Target;
}

const ask = async ({ client, table, target }: Call, stream: boolean, answer: Script): Promise<Response> => {
  pair.upstream.enqueue(answer);
  const { path, body } = QUESTIONS[client](target.model, stream);
  return pair.post(path, body, {
    authorization: `Bearer ${KEY}`,
    "x-portkey-provider": table.folder.provider,
    "x-portkey-custom-host": pair.upstream.url,
    ...target.headers,
  });
};

const whole = (body: unknown, { status, headers = {} }: Variant): Script => ({
  kind: "raw",
  ...(status === undefined ? {} : { status }),
  chunks: [typeof body === "string" ? body : JSON.stringify(body)],
  headers: { "content-type": typeof body === "string" ? "text/html" : "application/json", ...headers },
});

const streamed = ({ folder }: Variants, pieces: readonly Uint8Array[]): Script => ({
  kind: "raw",
  chunks: [...pieces],
  headers: {
    "content-type":
      folder.framing === "aws-eventstream" ? "application/vnd.amazon.eventstream" : "text/event-stream",
  },
});

const expectRefused = async (call: Call, variant: Variant, response: Response): Promise<void> => {
  const body: unknown = await response.json();
  expect(response.status).toBe(variant.becomes ?? variant.status ?? 0);
  expect(body).toEqual(variant.refused?.[call.client]);
};

/** A stream that fails, or is cut, has begun well and ends with an error, and with nothing behind it. */
const expectBroken = async ({ client }: Call, response: Response, error?: JsonObject): Promise<void> => {
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(streamedErrorOf(text)).toEqual(error ?? expect.objectContaining({ error: expect.anything() }));
  for (const mark of END_MARKS[client]) expect(text).not.toContain(mark);
};

const testWhole = (call: Call, variant: Variant): void =>
  test(`${variant.name}, whole`, async () => {
    const { client, table } = call;
    const response = await ask(call, false, whole(wholeOf(table.path, variant), variant));
    if (variant.refused !== undefined) return expectRefused(call, variant, response);
    const reply: JsonObject = await response.json();
    if (table.folder.about === "usage")
      expect(countsOf(client, reply)).toEqual(goldenOf(call, variant.counted));
    else expect(wordOf(client, reply)).toBe(goldenOf(call, variant.told));
  });

const testStreamed = (call: Call, variant: Variant): void =>
  test(`${variant.name}, streamed`, async () => {
    const { table, client } = call;
    const pieces = piecesOf(table.path, variant, table.folder.framing);
    const response = await ask(call, true, streamed(table, pieces));
    if (variant.broken !== undefined) return expectBroken(call, response, variant.broken[client]);
    const text = await response.text();
    if (table.folder.about === "usage")
      expect(streamedCountsOf(client, text)).toEqual(goldenOf(call, variant.counted));
    else expect(streamedWordOf(client, text)).toBe(goldenOf(call, variant.told));
    expect(END_MARKS[client].some((mark) => text.includes(mark))).toBe(true);
  });

const goldenOf = <T>({ client }: Call, said: Said<T> | undefined): T => {
  const golden = said?.[client];
  if (golden === undefined) throw new Error(`Cannot compare the answer: nothing is said of ${client}`);
  return golden;
};

const testRefusal = (call: Call, variant: Variant): void =>
  test.each([false, true])(`${variant.name}, asked for a stream: %p`, async (stream) => {
    const response = await ask(call, stream, whole(variant.body, variant));
    await expectRefused(call, variant, response);
  });

/** Where the stream has said nothing yet there is still a status to tell it with. */
const testCuts = (call: Call, from: string): void =>
  test("a stream that is cut behind any frame", async () => {
    const { table } = call;
    const pieces = piecesOf(table.path, { name: "cut", from }, table.folder.framing);
    for (let length = 1; length <= pieces.length; length++) {
      const response = await ask(call, true, streamed(table, pieces.slice(0, length)));
      if (response.status === 200) await expectBroken(call, response);
      else expect(await refusalOf(response)).toEqual({ status: 502, error: expect.anything() });
    }
  });

const refusalOf = async (response: Response): Promise<unknown> => {
  const { error }: JsonObject = await response.json();
  return { status: response.status, error };
};

for (const table of variantFolders()) {
  const target = TARGETS[table.dialect];
  for (const client of target === undefined ? [] : table.folder.clients)
    describe(`${client} to ${table.path.split("/").slice(-2).join("/")}`, () => {
      const call: Call = { client, table, target: target ?? { model: "" } };
      for (const variant of table.list) {
        if (variant.status !== undefined) testRefusal(call, variant);
        if (hasBase(table.path, variant, "json")) testWhole(call, variant);
        if (hasBase(table.path, variant, "sse")) testStreamed(call, variant);
      }
      if (hasBase(table.path, { from: "begun" }, "sse")) testCuts(call, "begun");
    });
}
