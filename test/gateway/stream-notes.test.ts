import { describe, expect, test } from "bun:test";
import { noting } from "../../src/gateway/stream-notes.ts";
import { runAll } from "../../src/lib/reducer.ts";
import { unfold } from "../../src/providers/chat-events.ts";
import type { ReplyOptions } from "../../src/providers/dialect.ts";
import { clientDialect } from "../../src/providers/dialects.ts";
import type { Block, ClientDialectId } from "../../src/schema/chat.ts";
import { fakeWorld } from "../support/world.ts";
import { recorderOf } from "./fakes.ts";

const OPTIONS: ReplyOptions = { provider: "p", strict: true, includeUsage: false, now: 1 };

const streamed = (client: ClientDialectId, blocks: readonly Block[], isCut = false) => {
  const recorder = recorderOf(fakeWorld());
  const events = unfold({ id: "1", model: "m", choices: [{ index: 0, blocks, finish: "stop" }] });
  const said = isCut ? events.slice(0, -1) : events;
  const text = runAll(noting(clientDialect(client), OPTIONS, recorder), said).join("");
  return { text, notes: recorder.notes };
};

const TEXT: Block = { kind: "text", text: "Hi" };
const THOUGHT: Block = { kind: "reasoning", text: "Hm", signature: "c2ln" };
const SIGNED: Block = { kind: "tool-call", id: "1", name: "f", arguments: "{}", signature: "c2ln" };
const CITED: Block = { ...TEXT, citations: [{ sources: [] }] };

describe("a stream", () => {
  test.each<[ClientDialectId, string, readonly Block[], string]>([
    ["openai-chat", "reasoning", [THOUGHT, TEXT], "data: [DONE]"],
    ["openai-chat", "tool_calls (signature)", [SIGNED], "data: [DONE]"],
    ["openai-chat", "citations", [CITED], "data: [DONE]"],
    ["anthropic-messages", "content.1 (signature)", [TEXT, SIGNED], "event: message_delta"],
    ["openai-responses", "output.0.citations", [CITED], "event: response."],
  ])("of %s names %s before its end", (client, note, blocks, last) => {
    const { text, notes } = streamed(client, blocks);
    const comment = `: x-turnpike-not-carried: ${note}\n\n`;
    expect(text).toContain(comment);
    expect(text.slice(text.indexOf(comment) + comment.length)).toStartWith(last);
    expect(notes).toEqual([note]);
  });

  test("that carries everything has no comment", () => {
    const { text, notes } = streamed("anthropic-messages", [THOUGHT, TEXT]);
    expect(text).not.toContain("not-carried");
    expect(notes).toEqual([]);
  });

  test("of thinking that carries a call's signature has no comment either", () => {
    const thought: Block = { ...THOUGHT, signature: "gemini:c2ln" };
    expect(streamed("anthropic-messages", [thought, SIGNED]).notes).toEqual([]);
  });

  test("of Gemini tells it to the record alone: its clients take a comment for an answer", () => {
    const odd: Block = { kind: "opaque", dialect: "cohere", value: { type: "odd" } };
    const { text, notes } = streamed("gemini", [TEXT, odd]);
    expect(notes).toEqual(["content (odd)"]);
    expect(text).not.toMatch(/^:/m);
  });

  test("that is cut tells nothing of an answer that there is not", () => {
    expect(streamed("openai-chat", [THOUGHT], true).text).not.toContain("not-carried");
  });
});
