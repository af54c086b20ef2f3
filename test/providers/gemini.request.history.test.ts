/** How Gemini's request writer tells a history: turns, calls and what they gave. */
import { describe, expect, test } from "bun:test";
import { gemini } from "../../src/providers/gemini.ts";
import type { Chat, Message } from "../../src/schema/chat.ts";

const write = (chat: Partial<Chat>) =>
  gemini.writeRequest(
    { model: "gemini-2.5-flash", messages: [], stream: false, includeUsage: false, ...chat },
    { provider: "google", option: () => undefined },
  );

const text = (role: Message["role"], said: string): Message => ({
  role,
  blocks: [{ kind: "text", text: said }],
});

describe("the history", () => {
  const call = (id: string, name: string) => ({ kind: "tool-call", id, name, arguments: "{}" }) as const;
  const result = (callId: string, text: string): Message => ({
    role: "tool",
    blocks: [{ kind: "tool-result", callId, content: [{ kind: "text", text }] }],
  });

  test("names a result's function by the last call of its id", () => {
    const messages: Message[] = [
      { role: "assistant", blocks: [call("call_1", "old")] },
      result("call_1", "a"),
      { role: "assistant", blocks: [call("call_1", "new")] },
      result("call_1", "b"),
    ];
    const { body } = write({ messages });
    expect(JSON.stringify(body["contents"])).toContain('"name":"new","response":{"output":"b"}');
    expect(JSON.stringify(body["contents"])).toContain('"name":"old","response":{"output":"a"}');
  });

  test("keeps broken arguments out, and says so", () => {
    const messages: Message[] = [{ role: "assistant", blocks: [{ ...call("c", "f"), arguments: "{oops" }] }];
    const { body, notes } = write({ messages: [text("user", "Go"), ...messages] });
    expect(notes).toEqual(["messages.1.content.0 (arguments)"]);
    expect(body["contents"]).toMatchObject([
      { role: "user" },
      { role: "model", parts: [{ functionCall: { name: "f", args: {} } }] },
    ]);
  });

  // github.com/google-gemini/gemini-cli/issues/11814
  test("opens with a user's turn where a call would", () => {
    const messages = [{ role: "assistant", blocks: [call("c", "f")] } as const, result("c", "1")];
    const { body, notes } = write({ messages });
    expect(body["contents"]).toMatchObject([
      { role: "user", parts: [{ text: "Continue" }] },
      { role: "model" },
      { role: "user", parts: [{ functionResponse: { name: "f" } }] },
    ]);
    expect(notes).toEqual(["messages.0 (a user's turn is put before it)"]);
  });

  test("says a custom tool's input as an argument", () => {
    const custom = { ...call("c", "f"), arguments: "free text", custom: true } as const;
    const { body } = write({ messages: [{ role: "assistant", blocks: [custom] }] });
    expect(JSON.stringify(body["contents"])).toContain('"args":{"input":"free text"}');
  });

  test("leaves turns without parts out", () => {
    const messages: Message[] = [
      { role: "assistant", blocks: [{ kind: "redacted", data: "x" }] },
      { role: "user", blocks: [{ kind: "text", text: "Hi" }] },
    ];
    const { body, notes } = write({ messages });
    expect(body["contents"]).toEqual([{ role: "user", parts: [{ text: "Hi" }] }]);
    expect(notes).toEqual(["messages.0.content.0 (reasoning)"]);
  });

  test("shows older models a result's image beside it", () => {
    const image = { kind: "image", source: { kind: "data", mediaType: "image/png", data: "aGk=" } } as const;
    const messages: Message[] = [
      { role: "assistant", blocks: [call("c", "f")] },
      { role: "tool", blocks: [{ kind: "tool-result", callId: "c", content: [image] }] },
    ];
    const { body } = write({ messages });
    expect((body["contents"] as { parts: object[] }[]).at(-1)?.parts).toEqual([
      { functionResponse: { name: "f", response: { output: "" } } },
      { inlineData: { mimeType: "image/png", data: "aGk=" } },
    ]);
  });
});
