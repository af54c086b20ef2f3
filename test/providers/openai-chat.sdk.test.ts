/** The vendor's own client reads what the dialect writes. */
import { expect, test } from "bun:test";
import OpenAI, { OpenAIError } from "openai";
import { runAll } from "../../src/lib/reducer.ts";
import { unfold } from "../../src/providers/chat-events.ts";
import type { ReplyOptions } from "../../src/providers/dialect.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import type { ChatEvent, ChatReply } from "../../src/schema/chat.ts";

const OPTIONS: ReplyOptions = { provider: "anthropic", strict: true, includeUsage: true, now: 1_790_000_000 };
const REPLY: ChatReply = {
  id: "msg_1",
  model: "claude",
  choices: [
    {
      index: 0,
      blocks: [
        { kind: "reasoning", text: "hm", signature: "S" },
        { kind: "text", text: "Hi ⚓" },
        { kind: "tool-call", id: "1", name: "f", arguments: '{"a":1}' },
        { kind: "tool-call", id: "2", name: "g", arguments: "" },
      ],
      finish: "tool-calls",
      raw: "tool_use",
    },
  ],
  usage: { input: 10, output: 5, cacheRead: 4 },
};
const REQUEST = { model: "claude", messages: [{ role: "user", content: "Hello" }] } as const;

/** A client whose every call is answered with `body`. */
const clientOf = (body: string, contentType: string): OpenAI =>
  new OpenAI({
    apiKey: "none",
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(body, { headers: { "content-type": contentType } })),
  });

const streamOf = (events: readonly ChatEvent[]): string =>
  runAll(openaiChat.writeStream(OPTIONS), events).join("");

const CALLS = [
  { id: "1", function: { name: "f", arguments: '{"a":1}' } },
  { id: "2", function: { name: "g", arguments: "{}" } },
];

test("a reply", async () => {
  const { body } = openaiChat.writeReply(REPLY, OPTIONS);
  const client = clientOf(JSON.stringify(body), "application/json");
  const completion = await client.chat.completions.create({ ...REQUEST, messages: [...REQUEST.messages] });
  expect(completion.choices[0]?.message).toMatchObject({ content: "Hi ⚓", tool_calls: CALLS });
  expect(completion.usage?.prompt_tokens_details?.cached_tokens).toBe(4);
});

test("a stream", async () => {
  const client = clientOf(streamOf(unfold(REPLY)), "text/event-stream");
  const stream = client.chat.completions.stream({ ...REQUEST, messages: [...REQUEST.messages] });
  const completion = await stream.finalChatCompletion();
  expect(completion.choices[0]).toMatchObject({
    finish_reason: "tool_calls",
    message: { content: "Hi ⚓", tool_calls: CALLS },
  });
  expect(completion.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 });
});

test("an error in a stream is thrown", async () => {
  const fault = { status: 502, message: "cut", type: null, param: null, code: null };
  const events: readonly ChatEvent[] = [...unfold(REPLY).slice(0, 6), { type: "error", fault }];
  const client = clientOf(streamOf(events), "text/event-stream");
  const stream = client.chat.completions.stream({ ...REQUEST, messages: [...REQUEST.messages] });
  const failure = await stream.finalChatCompletion().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(OpenAIError);
  expect(String(failure)).toContain("cut");
});
