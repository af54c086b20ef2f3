/** What Claude Code sends to every model, and how those take it that it was not made for. */
import { describe, expect, test } from "bun:test";
import { spliceJson } from "../../src/lib/json-splice.ts";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import { createCatalog } from "../../src/providers/catalog.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import { quirkEdits } from "../../src/providers/quirks.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const USER = { role: "user", content: "Hello" };
/** github.com/anthropics/claude-code/issues/77698 */
const SYSTEM = { role: "system", content: "The skills are these." };
const asked = (model: string, more: JsonObject = {}): JsonObject => ({
  model,
  max_tokens: 10,
  messages: [USER, SYSTEM],
  ...more,
});

const translated = (body: JsonObject) =>
  openaiChat.writeRequest(anthropicMessages.readRequest(body), { provider: "test", option: () => undefined });

describe("a system's turn amid the conversation", () => {
  const { quirks } = createCatalog().find("anthropic") ?? {};
  const sent = (model: string) => {
    const body = asked(model);
    const { edits, notes } = quirkEdits(quirks, body);
    return { sent: JSON.parse(spliceJson(JSON.stringify(body), edits)), notes };
  };

  test.each([
    "claude-3-5-haiku-latest",
    "claude-sonnet-4-20250514",
    "claude-haiku-4-5",
    "us.anthropic.claude-sonnet-4-6",
    "claude-opus-4-7",
    "claude-4-sonnet",
  ])("is the user's for %s", (model) => {
    expect(sent(model)).toEqual({
      sent: asked(model, { messages: [USER, { ...SYSTEM, role: "user" }] }),
      notes: ["messages.1.role (user)"],
    });
  });

  test.each(["claude-opus-4-8", "claude-opus-5", "claude-haiku-5-5", "claude-fable-5", "kimi-k3"])(
    "stays for %s",
    (model) => expect(sent(model)).toEqual({ sent: asked(model), notes: [] }),
  );

  test("is the user's where a template takes the system's words at the beginning alone", () => {
    const { body, notes } = translated(asked("Qwen/Qwen3.6-27B", { system: "Be kind" }));
    expect(body["messages"]).toMatchObject([
      { role: "system" },
      { role: "user", content: [{ text: USER.content }, { text: SYSTEM.content }] },
    ]);
    expect(notes).toEqual(["messages.2.role (user)"]);
    expect(translated(asked("gpt-5.1")).body["messages"]).toEqual([USER, SYSTEM]);
  });
});

const BILLING = "x-anthropic-billing-header: cc_version=2.1.117.48f; cc_entrypoint=cli; cch=71fea;";

test.each([
  [
    "a block",
    [
      { type: "text", text: BILLING },
      { type: "text", text: "You are kind" },
    ],
  ],
  ["a line", `${BILLING}\nYou are kind`],
])(
  "%s of the system's for Anthropic's bills, which changes with every request, reaches no other vendor",
  (_, system) => {
    const { body, notes } = translated(asked("gpt-5.1", { system, messages: [USER] }));
    expect(body["messages"]).toEqual([{ role: "system", content: "You are kind" }, USER]);
    expect(notes).toEqual([]);
  },
);

/** github.com/LeenHawk/gproxy/issues/239 */
test("a tool that a search found is told by its name", () => {
  const found = { type: "tool_reference", tool_name: "ExitPlanMode" };
  const call = { type: "tool_use", id: "toolu_1", name: "ToolSearch", input: {} };
  const result = { type: "tool_result", tool_use_id: "toolu_1", content: [found] };
  const messages = [USER, { role: "assistant", content: [call] }, { role: "user", content: [result] }];
  const { body, notes } = translated(asked("gpt-5.1", { messages }));
  expect(body).toMatchObject({ messages: [{}, {}, { role: "tool", content: "Found: ExitPlanMode" }] });
  expect(notes).toEqual([]);
});
